import csv
import io
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.interop_audit.lib.evidence import seal as seals
from odoo.addons.interop_audit.lib.evidence.levels import Levels

from ..lib.archive import add
from ..lib.sampling import choose, population_digest, seed_of
from ..papers.sample_paper import sample_paper

#: More bundles than this are not put into one archive while somebody waits for it.
MOST = 200
RUN_SECONDS = 30.0

#: A cell that a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class InteropEvidenceSample(models.Model):
    """A random sample for an audit: one evidence bundle for each message drawn.

    Drawn from a seed that neither the auditor nor whoever runs the installation knows alone (see
    `lib/sampling.py`), so nobody can have picked, and anybody can draw it again.
    """

    _name = "interop.evidence.sample"
    _description = "Random Audit Sample"
    _order = "id desc"

    name = fields.Char(
        required=True, help="What the sample is for, for example “Orders, first quarter”."
    )
    reason = fields.Text(required=True, help="Why it is drawn. It stands in every bundle.")
    date_from = fields.Date(
        string="From", required=True, help="First day (UTC) on which the messages were accepted."
    )
    date_to = fields.Date(
        string="To", required=True, help="Last day (UTC) on which the messages were accepted."
    )
    document_type_ids = fields.Many2many(
        "interop.document.type", string="Document types", help="None chosen: of all types."
    )
    flow_ids = fields.Many2many("interop.flow", string="Flows", help="None chosen: of all flows.")
    connector_ids = fields.Many2many(
        "interop.connector", string="Connectors", help="None chosen: of all connectors."
    )
    number = fields.Integer(
        string="How many", required=True, default=25, aggregator=None,
        help="How many messages are drawn; all of them if there are fewer.",
    )  # fmt: skip
    seed_given = fields.Char(
        string="Auditor's words", required=True,
        help="Anything you like, best something nobody could guess. Together with the newest seal "
        "it decides which messages are drawn.",
    )  # fmt: skip
    seal = fields.Integer(
        readonly=True, aggregator=None, copy=False,
        help="The newest seal when the sample was drawn. Its digest is the other half of the seed.",
    )  # fmt: skip
    seed = fields.Char(
        readonly=True, copy=False, help="SHA-256 of the seal's digest and the auditor's words."
    )
    population = fields.Integer(
        string="Drawn from", readonly=True, aggregator=None, copy=False,
        help="How many messages there were that you may see and that fit.",
    )  # fmt: skip
    population_digest = fields.Char(
        readonly=True, copy=False,
        help="SHA-256 over their ids: shows that a second drawing was from the same messages.",
    )  # fmt: skip
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Being made"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        string="Status", required=True, readonly=True, default="draft", copy=False,
        help="Being made: in the background, a few bundles at a time. What is made stays when it "
        "is cancelled.",
    )  # fmt: skip
    drawn_by_id = fields.Many2one(
        "res.users", string="Drawn by", readonly=True, copy=False, ondelete="restrict",
        help="With this person's companies and business areas it was drawn and is made.",
    )  # fmt: skip
    drawn_company_ids = fields.Many2many(
        "res.company", string="Companies", readonly=True, copy=False,
        help="The companies it was drawn in.",
    )  # fmt: skip
    drawn_at = fields.Datetime(readonly=True, copy=False, help="When it was drawn.")
    line_ids = fields.One2many(
        "interop.evidence.sample.line", "sample_id", string="Drawn", readonly=True,
        help="The messages that were drawn, in the order of the draw.",
    )  # fmt: skip
    made_count = fields.Integer(
        string="Made", compute="_compute_progress", help="How many bundles are made."
    )
    progress = fields.Float(compute="_compute_progress", help="How many of the bundles are made.")

    @api.depends("line_ids.bundle_id", "line_ids.problem")
    def _compute_progress(self) -> None:
        for sample in self:
            sample.made_count = len(sample.line_ids.filtered("bundle_id"))
            ready = len(sample.line_ids.filtered(lambda line: line.bundle_id or line.problem))
            sample.progress = 100.0 * ready / len(sample.line_ids) if sample.line_ids else 0.0

    @api.constrains("number", "date_from", "date_to")
    def _check_sizes(self) -> None:
        for sample in self:
            if not 1 <= sample.number <= MOST:
                raise ValidationError(self.env._("Draw between 1 and %s messages.", MOST))
            if sample.date_from > sample.date_to:
                raise ValidationError(self.env._("The period ends before it begins."))

    # -- drawing -------------------------------------------------------------------------------

    def action_draw(self) -> None:
        """Draw the sample now, and make its bundles in the background."""
        self.ensure_one()
        self.env["interop.evidence.bundle"]._require_auditor()
        self.check_access("write")
        if self.state != "draft":
            raise UserError(self.env._("This sample was drawn already. Make another one."))
        number, digest = self._newest_seal()
        candidates = self._candidates()
        if not candidates:
            raise UserError(self.env._("There is no message in it that you may see."))
        seed = seed_of(self.seed_given, digest)
        chosen = choose(seed, candidates, self.number)
        told = population_digest(candidates)
        self._store(
            {
                "state": "running",
                "seal": number,
                "seed": seed,
                "population": len(candidates),
                "population_digest": told,
                "drawn_by_id": self.env.uid,
                "drawn_company_ids": [fields.Command.set(self.env.companies.ids)],
                "drawn_at": fields.Datetime.now(),
            }
        )
        self.env["interop.evidence.sample.line"].sudo().create(
            [
                {"sample_id": self.id, "position": at, "message_id": candidates[each]}
                for at, each in enumerate(chosen, 1)
            ]
        )
        self.env["interop.audit"]._record(
            "evidence.sample",
            record=self,
            details={
                "reason": self.reason,
                "seal": number,
                "seed": seed,
                "population": len(candidates),
                "population_digest": told,
                "number": len(chosen),
            },
        )
        self.env.ref("interop_governance.cron_evidence_samples")._trigger()

    def _newest_seal(self) -> tuple[int, str]:
        """Number and digest of the newest seal."""
        newest = self.env["interop.audit.seal"].sudo().search([], limit=1)
        if not newest:
            raise UserError(self.env._("The audit trail has no seal yet. Try again in a minute."))
        return newest.number, seals.digest(newest.statement).hex()

    def _candidates(self) -> dict[str, int]:
        """UUID and id of every message that fits and that the present user may see."""
        domain = Domain("created_at", ">=", self.date_from) & Domain(
            "created_at", "<", fields.Date.add(self.date_to, days=1)
        )
        for name, chosen in (("flow_id", self.flow_ids), ("connector_id", self.connector_ids)):
            if chosen:
                domain &= Domain(name, "in", chosen.ids)
        if kinds := self.document_type_ids.sudo():
            domain &= Domain(
                "document_type", "in", [f"{each.code} {each.version}" for each in kinds]
            )
        seen = self.env["interop.evidence.facts"]._seen()
        query = self.env["interop.message"].sudo()._search(domain & seen)
        uuid, number = SQL.identifier(query.table, "uuid"), SQL.identifier(query.table, "id")
        self.env.cr.execute(query.select(uuid, number))
        return dict(self.env.cr.fetchall())

    # -- making --------------------------------------------------------------------------------

    @api.model
    def _cron_make(self) -> None:
        """Make what is to be made, a bundle at a time; what one run leaves the next one does."""
        cron = self.env["ir.cron"]
        lines = self.env["interop.evidence.sample.line"].search(
            Domain("sample_id.state", "=", "running")
            & Domain("bundle_id", "=", False)
            & Domain("problem", "=", False),
            order="sample_id, position",
        )
        if lines:
            # Before this transaction writes: what it writes holds the seals back.
            self.env["interop.audit.sealer"]._seal()
        cron._commit_progress(remaining=len(lines))
        log: Levels | None = None
        for line in lines:
            if line.sample_id.state != "running":  # cancelled meanwhile
                continue
            log = line._make_bundle(log)
            line.sample_id._finish()
            if not cron._commit_progress(1):
                break
            line.sample_id.invalidate_recordset(["state"])
        for sample in self.search([("state", "=", "running")]):
            sample._finish()

    def _finish(self) -> None:
        if all(line.bundle_id or line.problem for line in self.line_ids):
            self._store({"state": "done"})

    def action_cancel(self) -> None:
        """Stop making bundles. Those that are made stay."""
        self.ensure_one()
        self.env["interop.evidence.bundle"]._require_auditor()
        self.check_access("write")
        if self.state != "running":
            raise UserError(self.env._("Nothing is being made for this sample."))
        self._store({"state": "cancelled"})
        self.env["interop.audit"]._record(
            "evidence.sample.cancelled", record=self, details={"made": self.made_count}
        )

    # -- giving out ----------------------------------------------------------------------------

    def action_download(self) -> dict[str, Any]:
        """All bundles of the sample with an index, in one archive."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/interop/evidence/sample/{self.id}",
            "target": "download",
        }

    def _write_archive(self, out: IO[bytes]) -> None:
        """A folder for each bundle, the index as CSV and PDF. Raises InternalError as `_bytes`."""
        log: Levels | None = None
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            rows = [*self._index()]
            add(archive, "index.csv", _csv(rows))
            add(archive, "index.pdf", sample_paper(self._told(), rows))
            for line in self.line_ids.filtered("bundle_id"):
                bundle = line.bundle_id
                if log is None or log.size != bundle.head - 1:
                    log = self.env["interop.audit.bundling"].sudo()._log_before(bundle.head)
                for name, data in bundle._archive(log).items():
                    add(archive, f"{line.position:03}-{bundle.uuid[:8]}/{name}", data)

    def _index(self) -> Iterator[dict[str, str]]:
        for line in self.line_ids:
            message, bundle = line.sudo().message_id, line.bundle_id
            yield {
                "position": str(line.position),
                "message": message.uuid,
                "document": message.document_type or "",
                "number": message.business_key or "",
                "flow": message.flow_id.name,
                "state": message.state,
                "entries": str(bundle.entry_count) if bundle else "",
                "seal": str(bundle.head) if bundle else "",
                "sha256": bundle.digest or "",
                "problem": line.problem or "",
            }

    def _told(self) -> dict[str, str]:
        return {
            "name": self.name,
            "reason": self.reason,
            "period": f"{self.date_from} to {self.date_to}",
            "drawn": f"{self.drawn_by_id.name}, {self.drawn_at} UTC",
            "population": str(self.population),
            "population_digest": self.population_digest or "",
            "seed_given": self.seed_given,
            "seal": str(self.seal),
            "seed": self.seed or "",
        }

    # -- guards --------------------------------------------------------------------------------

    def write(self, vals: dict[str, Any]):
        fixed = vals.keys() & {
            "state", "seal", "seed", "population", "population_digest", "drawn_by_id",
            "drawn_company_ids", "drawn_at", "line_ids",
        }  # fmt: skip
        if fixed:
            raise AccessError(self.env._("Use the buttons, which leave evidence."))
        if any(sample.state != "draft" for sample in self):
            raise UserError(self.env._("The sample is drawn: it is evidence and stays as it is."))
        return super().write(vals)

    def _store(self, vals: dict[str, Any]) -> bool:
        """What the buttons change, past the guard above."""
        return super(InteropEvidenceSample, self.sudo()).write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts_only(self) -> None:
        if any(sample.state != "draft" for sample in self):
            raise UserError(self.env._("The sample is drawn: it is evidence and is kept."))


def _csv(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(
            {name: f"'{cell}" if cell.startswith(FORMULA) else cell for name, cell in row.items()}
            for row in rows
        )
    return out.getvalue().encode("utf-8-sig")
