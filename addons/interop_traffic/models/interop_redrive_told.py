from odoo import api, fields, models

from odoo.addons.interop_queue.engine.transaction import run
from odoo.addons.interop_queue.lib.spans import span

from ..lib.pacing import seconds_for


class InteropRedriveTold(models.AbstractModel):
    """What a campaign tells: how far it is, what became of its messages, and how long it takes."""

    _name = "interop.redrive.told"
    _description = "Redrive at Scale: Told"

    member_count = fields.Integer(
        string="Dead letters chosen", compute="_compute_counts", help="How many it is about."
    )
    pending_count = fields.Integer(
        string="Still to run", compute="_compute_counts", help="How many have not had their turn."
    )
    redriven_count = fields.Integer(
        string="Run again", compute="_compute_counts", help="How many were run again."
    )
    skipped_count = fields.Integer(
        string="Skipped", compute="_compute_counts",
        help="No dead letters any more when it was their turn, purged, or out of the reach of the "
        "person who started it.",
    )  # fmt: skip
    succeeded_count = fields.Integer(
        string="Arrived", compute="_compute_counts", help="Run again, and sent or done since."
    )
    open_count = fields.Integer(
        string="On their way", compute="_compute_counts", help="Run again, and not ended yet."
    )
    died_count = fields.Integer(
        string="Dead again", compute="_compute_counts", help="Run again, and dead letters anew."
    )
    progress = fields.Float(compute="_compute_counts", help="How many have had their turn.")
    forecast = fields.Text(
        compute="_compute_forecast", help="How many, of which flows, and how long it takes."
    )
    ends_at = fields.Datetime(
        string="Expected end", compute="_compute_forecast", help="At the present pace."
    )

    def _compute_counts(self) -> None:
        for redrive in self:
            outcomes, results = (
                redrive._counts("redrive_counts"),
                redrive._counts("redrive_results"),
            )
            total = sum(outcomes.values())
            redrive.member_count = total
            redrive.pending_count = outcomes.get("pending", 0)
            redrive.redriven_count = outcomes.get("redriven", 0)
            redrive.skipped_count = total - redrive.pending_count - redrive.redriven_count
            redrive.succeeded_count = results.get("succeeded", 0)
            redrive.died_count = results.get("dead", 0)
            redrive.open_count = results.get("open", 0) + results.get("behind", 0)
            redrive.progress = 100.0 * (total - redrive.pending_count) / total if total else 0.0

    def _counts(self, name: str) -> dict[str, int]:
        number = self._origin.id
        if not number:
            return {}
        self.env.flush_all()
        rows = run(self.env.cr, name, redrive_id=number)
        return {row.get("outcome") or row["result"]: row["found"] for row in rows}

    @api.depends("state", "domain", "source", "per_minute")
    def _compute_forecast(self) -> None:
        for redrive in self:
            redrive.forecast = redrive.ends_at = False
            if redrive.state in ("draft", "running", "paused"):
                redrive.forecast, seconds = redrive._told_forecast()
                if redrive.state == "running":
                    redrive.ends_at = fields.Datetime.add(self.env.cr.now(), seconds=seconds)

    def _told_forecast(self) -> tuple[str, float]:
        ids = self._chosen() if self.state == "draft" else self._pending()
        rows = run(self.env.cr, "redrive_forecast", ids=ids) if ids and self.per_minute else []
        if not rows:
            return self.env._("No dead letter is left to run again."), 0.0
        flows = self.env["interop.flow"].browse(row["flow_id"] for row in rows)
        names = dict(zip(flows.ids, flows.sudo().mapped("name"), strict=True))
        counts: dict[int, int] = {}
        for row in rows:
            counts[row["connector_id"]] = counts.get(row["connector_id"], 0) + row["found"]
        rated = run(self.env.cr, "redrive_recent_rate", connectors=list(counts))
        rates = {row["connector_id"]: float(row["per_minute"]) for row in rated}
        seconds, slowest = seconds_for(counts, rates, self.per_minute)
        behind = sum(row["behind"] for row in rows)
        lines = [
            self.env._(
                "%(count)s dead letters: about %(time)s at this pace",
                count=f"{sum(counts.values()):,}",
                time=span(seconds),
            )
        ]
        if slowest:
            connector = self.env["interop.connector"].sudo().browse(slowest).name
            lines.append(self.env._("%s is slower than that just now", connector))
        lines += [
            self.env._("%(flow)s: %(count)s", flow=names[row["flow_id"]], count=f"{row['found']:,}")
            for row in rows[:8]
        ]
        if len(rows) > 8:
            lines.append(self.env._("and %s further flows", len(rows) - 8))
        if behind:
            lines.append(self.env._("%s messages wait behind them and follow", f"{behind:,}"))
        return "\n".join(lines), seconds
