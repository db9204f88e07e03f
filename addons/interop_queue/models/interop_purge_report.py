import base64
import csv
import io
from typing import Any, Self

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.transaction import run


class InteropPurgeReport(models.Model):
    """What one run of the purge did, for the file: figures only, never content."""

    _name = "interop.purge.report"
    _description = "Purge Report"
    _order = "id desc"
    _rec_name = "started_at"
    _log_access = False

    started_at = fields.Datetime(readonly=True, required=True, help="When the run began.")
    ended_at = fields.Datetime(
        readonly=True,
        help="When the run ended. Empty: it was interrupted; what it had done stands, and the next "
        "run went on from there.",
    )
    message_count = fields.Integer(
        string="Messages", readonly=True, help="Messages whose content was purged."
    )
    payload_count = fields.Integer(
        string="Payloads", readonly=True, help="Payloads on the wire that were purged."
    )
    piece_count = fields.Integer(
        string="Pieces",
        readonly=True,
        help="Sealed pieces that were destroyed: documents in all their generations, payloads, "
        "replies, acknowledgements, diagnoses.",
    )
    byte_count = fields.Float(
        string="Bytes", digits=(20, 0), readonly=True, help="Sealed bytes that were destroyed."
    )
    oldest_at = fields.Datetime(readonly=True, help="When the oldest of these messages had ended.")
    newest_at = fields.Datetime(readonly=True, help="When the newest of these messages had ended.")
    held_count = fields.Integer(
        string="Under legal hold", readonly=True,
        help="Messages past their time whose content a legal hold keeps.",
    )  # fmt: skip
    undecided_count = fields.Integer(
        string="Decision open", readonly=True,
        help="Messages past their time whose content is kept until a person has decided.",
    )  # fmt: skip
    dead_count = fields.Integer(
        string="Dead letters", readonly=True,
        help="Dead letters wait for a person: their content is kept until they are run again or "
        "cancelled.",
    )  # fmt: skip
    dead_oldest_at = fields.Datetime(
        string="Oldest dead letter", readonly=True, help="When the oldest of them was accepted."
    )
    keys_destroyed = fields.Text(
        readonly=True,
        help="Keys of the keyring that were destroyed, as class/month: what was sealed under them "
        "opens in no backup any more.",
    )
    keys_by_hand = fields.Text(
        string="Keys to destroy by hand",
        readonly=True,
        help="Keys that nothing living needs and that this server may not destroy: an "
        "administrator removes them where the keyring is kept.",
    )
    line_ids = fields.One2many(
        "interop.purge.report.line", "report_id", readonly=True, help="The figures by flow."
    )
    csv = fields.Binary(
        string="As a table", compute="_compute_csv", help="The figures by flow as a CSV file."
    )
    csv_name = fields.Char(compute="_compute_csv", help="The file's name.")

    def _compute_csv(self) -> None:
        for report in self:
            out = io.StringIO()
            table = csv.writer(out)
            names = report.line_ids._export_names()
            table.writerow(["report", *names])
            for line in report.line_ids:
                table.writerow([report.started_at, *(line._export_value(name) for name in names)])
            report.csv = base64.b64encode(out.getvalue().encode())
            report.csv_name = f"purge-{report.started_at:%Y-%m-%d-%H%M}.csv"

    # -- written by the run --------------------------------------------------------------------

    @api.model
    def _add(
        self,
        report_id: int | None,
        flow_id: int,
        code: str,
        figures: dict[int | None, dict[str, Any]],
    ) -> int:
        """Add a batch's figures by company; the report comes into being with the first."""
        report = self.browse(report_id) if report_id else self._begin()
        for company_id, mine in figures.items():
            line = report.line_ids.filtered(
                lambda line, company=company_id: (
                    line.flow_id.id == flow_id and (line.company_id.id or None) == company
                )
            )
            if not line:
                line = line.create(
                    {
                        "report_id": report.id,
                        "flow_id": flow_id,
                        "company_id": company_id,
                        "retention_class": code,
                    }
                )
            for each in (line, report):
                each._count(mine)
        return report.id

    @api.model
    def _begin(self) -> Self:
        return self.create({"started_at": fields.Datetime.now()})

    @api.model
    def _finish(self, report_id: int | None, destroyed: list[str], by_hand: list[str]) -> None:
        """Close the report; without one, only what is news about keys makes one."""
        told = "\n".join(by_hand) or False
        report = self.browse(report_id)
        if not report:
            last = self.search([], limit=1)
            if not destroyed and (not told or told == last.keys_by_hand):
                return
            report = self._begin()
        kept = {row["reason"]: row["messages"] for row in run(self.env.cr, "purge_kept")}
        [dead] = run(self.env.cr, "purge_dead")
        report.write(
            {
                "ended_at": fields.Datetime.now(),
                "held_count": kept.get("hold", 0),
                "undecided_count": kept.get("decision", 0),
                "dead_count": dead["messages"],
                "dead_oldest_at": dead["oldest"],
                "keys_destroyed": "\n".join(destroyed) or False,
                "keys_by_hand": told,
            }
        )
        self.env["interop.audit"]._record(
            "content.purge.run",
            record=report,
            details={
                "messages": report.message_count,
                "payloads": report.payload_count,
                "pieces": report.piece_count,
                "held": report.held_count,
                "keys_destroyed": destroyed,
                "keys_by_hand": by_hand,
            },
        )

    def _count(self, mine: dict[str, Any]) -> None:
        self.ensure_one()
        times = [*mine["ended"], *filter(None, (self.oldest_at, self.newest_at))]
        self.write(
            {
                "message_count": self.message_count + mine["messages"],
                "payload_count": self.payload_count + mine["payloads"],
                "piece_count": self.piece_count + mine["pieces"],
                "byte_count": self.byte_count + mine["bytes"],
                "oldest_at": min(times, default=False),
                "newest_at": max(times, default=False),
            }
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self) -> None:
        raise UserError(self.env._("Purge reports are evidence and are never deleted."))
