import json
from typing import Self

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..engine.batches import audit_row
from ..engine.settle import tell
from ..engine.wake import wake_after_commit
from ..lib.batching import Batching
from ..lib.statements import statement

OPEN = ("composing", "awaiting_release", "leaving")


class InteropBatch(models.Model):
    """Documents that were gathered and leave together: one payload, with totals to check it by.

    Cut by the lanes (`engine/batches.py`). People release it or dissolve it, and leave evidence.
    """

    _name = "interop.batch"
    _description = "Batch"
    _order = "id desc"
    _log_access = False

    name = fields.Char(string="Number", required=True, readonly=True, help="What people call it.")
    uuid = fields.Char(
        required=True, readonly=True, help="Its own identity. The partner sees its payload's key."
    )
    flow_id = fields.Many2one(
        "interop.flow", required=True, readonly=True, ondelete="restrict", index=True,
        help="The flow whose documents it gathers.",
    )  # fmt: skip
    connector_id = fields.Many2one(
        "interop.connector", required=True, readonly=True, ondelete="restrict",
        help="The way to the partner.",
    )  # fmt: skip
    company_id = fields.Many2one("res.company", readonly=True, help="The company it concerns.")
    area_id = fields.Many2one(
        "interop.area", required=True, readonly=True,
        help="The business area. It decides who sees the batch.",
    )  # fmt: skip
    state = fields.Selection(
        [
            ("composing", "Being made"),
            ("awaiting_release", "Awaits release"),
            ("leaving", "On its way"),
            ("delivered", "Delivered"),
            ("partly", "Partly delivered"),
            ("failed", "Failed"),
            ("cancelled", "Dissolved"),
        ],
        required=True, readonly=True,
        help="Being made: composed and sealed by the next free lane. Awaits release: sealed, until "
        "a person has looked at its totals. Partly: some documents are dead letters or were taken "
        "out. Dissolved: its documents were gathered again for a later batch.",
    )  # fmt: skip
    member_count = fields.Integer(
        string="Cut with", readonly=True, help="How many documents it was cut with."
    )
    document_count = fields.Integer(
        string="Documents", readonly=True,
        help="How many documents its payload holds. Fewer than it was cut with: some could not be "
        "made and are dead letters.",
    )  # fmt: skip
    delivered_count = fields.Integer(
        string="Delivered", readonly=True, help="How many of them the partner took."
    )
    size = fields.Integer(readonly=True, aggregator=None, help="Bytes of its payload.")
    totals = fields.Char(readonly=True, help="Control totals, by path and currency or unit.")
    totals_told = fields.Text(
        string="Control totals", compute="_compute_totals_told",
        help="Sums over all documents in the payload, computed from what was sealed. In brackets: "
        "the currency or the unit of measure of what was added up.",
    )  # fmt: skip
    digest = fields.Char(
        readonly=True, help="Keyed digest of the payload: what leaves is what was released."
    )
    interchange_id = fields.Many2one(
        "interop.interchange", string="Payload", readonly=True, ondelete="restrict",
        index="btree_not_null", help="The payload that it was composed to.",
    )  # fmt: skip
    message_ids = fields.One2many(
        "interop.message", "batch_id", string="Messages", readonly=True,
        help="The messages that travel in it.",
    )  # fmt: skip
    needs_release = fields.Boolean(
        string="A person releases it", readonly=True, help="As published when it was cut."
    )
    release_hours = fields.Integer(readonly=True, help="As published when it was cut.")
    release_due_at = fields.Datetime(
        string="Release due", readonly=True, help="When it becomes an exception."
    )
    cut_at = fields.Datetime(string="Cut at", readonly=True, help="When it was cut.")
    released_at = fields.Datetime(
        string="Released at", readonly=True, help="When a person released it."
    )
    released_by_id = fields.Many2one(
        "res.users", string="Released by", readonly=True, help="Who released it."
    )
    reason = fields.Char(readonly=True, help="What the person who decided about it said.")
    ended_at = fields.Datetime(string="Ended", readonly=True, help="When it came to its end.")

    _uuid_unique = models.UniqueIndex("(uuid)")
    _last_cut = models.Index("(flow_id, company_id, cut_at)")
    _open = models.Index("(id) WHERE state IN ('composing', 'awaiting_release', 'leaving')")

    @api.depends("totals", "document_count", "flow_id")
    def _compute_totals_told(self) -> None:
        for batch in self:
            lines = [self.env._("Documents: %s", f"{batch.document_count:,}")]
            for path, sums in json.loads(batch.totals or "{}").items():
                told = "; ".join(
                    f"{_grouped(value)} ({currency})" if currency else _grouped(value)
                    for currency, value in sums.items()
                )
                lines.append(f"{path}: {told or '0'}")
            batch.totals_told = "\n".join(lines)

    # -- acts ----------------------------------------------------------------------------------

    def action_ask_release(self) -> dict:
        """Open the dialog that shows the totals and asks whether it may leave."""
        return self._ask("release", self.env._("Release batch"))

    def action_ask_return(self) -> dict:
        """Open the dialog that asks why it is to be dissolved."""
        return self._ask("return", self.env._("Dissolve batch"))

    def _ask(self, act: str, title: str) -> dict:
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "interop.batch.decision",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_batch_id": self.id, "default_act": act},
        }

    def action_release(self, digest: str, reason: str | None = None) -> bool:
        """Let it leave, exactly as it was sealed. Operators.

        `digest`: that of the payload whose totals the person has seen.

        :raises UserError: it does not await release, or is another payload meanwhile
        """
        self.ensure_one()
        self._require_operator()
        batch = self.sudo()
        if batch.state != "awaiting_release":
            raise UserError(self.env._("%s does not await a release.", batch.name))
        if not digest or digest != batch.digest:
            raise UserError(
                self.env._("%s was composed anew meanwhile. Look at its totals again.", batch.name)
            )
        cr = self.env.cr
        self.env.flush_all()
        cr.execute(statement("release_batch"), {"id": batch.id})
        if len(cr.fetchall()) != batch.document_count:
            raise UserError(
                self.env._(
                    "Documents were taken out of %s since it was sealed: its totals are not what "
                    "would leave. Dissolve it; they are gathered again.",
                    batch.name,
                )
            )
        batch.invalidate_recordset()
        batch.write(
            {
                "state": "leaving",
                "released_at": fields.Datetime.now(),
                "released_by_id": self.env.uid,
                "reason": (reason or "").strip() or False,
            }
        )
        batch._note("batch.released", {"reason": reason or "", "documents": batch.document_count})
        wake_after_commit(self.env)
        return True

    def action_return(self, reason: str) -> int:
        """Dissolve it: its documents are gathered again, in order, for a new payload and key.

        What the partner has or may have stays in it. Operators; asks for a reason. Returns how many
        were gathered again.

        :raises UserError: no reason, one of them is on its way just now, or none can be gathered
        """
        self.ensure_one()
        self._require_operator()
        reason = (reason or "").strip()
        if len(reason) < 5:
            raise UserError(self.env._("Say in a few words why: it is kept with the batch."))
        batch = self.sudo()
        if any(message.state == "running" for message in batch.message_ids):
            raise UserError(self.env._("%s is on its way just now.", batch.name))
        cr = self.env.cr
        self.env.flush_all()
        cr.execute(statement("batch_return"), {"id": batch.id})
        ids = [row[0] for row in cr.fetchall()]
        returned = len(ids)
        if not returned:
            raise UserError(
                self.env._(
                    "Nothing of %s can be gathered again: the partner has its documents, or may "
                    "have them. Ask the partner; run them again under their key, or send single "
                    "ones anew.",
                    batch.name,
                )
            )
        if batch.interchange_id:
            cr.execute(statement("forget_payload"), {"id": batch.interchange_id.id})
        self.env.invalidate_all()
        batch.write({"released_at": False, "reason": reason})
        batch._note("batch.returned", {"reason": reason, "documents": returned})
        self._note_members(batch)
        tell(self.sudo().env, self.env["interop.message"].sudo().browse(ids)._outcomes())
        wake_after_commit(self.env)
        return returned

    def action_view_payload(self) -> dict:
        """Open the payload."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "interop.interchange",
            "res_id": self.interchange_id.id,
            "views": [(False, "form")],
        }

    def _require_operator(self) -> None:
        self.check_access("read")
        if not self.env.user.has_group("interop_base.group_operator") and not self.env.su:
            raise AccessError(self.env._("Only Interop operators may decide about batches."))

    # -- for the engine ------------------------------------------------------------------------

    @api.model
    def _make(self, flow: models.Model, row: dict, batching: Batching, members: int) -> Self:
        """A batch that is being cut: `row` says where and when."""
        _version_id, plan = self.env["interop.flow.version"]._plan_of(flow.id)
        self.env.cr.execute("SELECT gen_random_uuid()::text, timezone('utc', clock_timestamp())")
        uuid, now = self.env.cr.fetchone()
        return self.create(
            {
                "name": self.env["ir.sequence"].next_by_code("interop.batch") or uuid[:8],
                "uuid": uuid,
                "flow_id": flow.id,
                "connector_id": row["connector_id"],
                "company_id": row["company_id"],
                "area_id": plan.flow["area"],
                "state": "composing" if batching.needs_release else "leaving",
                "member_count": members,
                "needs_release": batching.needs_release,
                "release_hours": plan.flow.get("batch_release_hours") or 4,
                "cut_at": now,
            }
        )

    @api.model
    def _note_members(self, batches: Self) -> None:
        """Tell `batches` by their members what has become of them."""
        if batches:
            self.env.flush_all()
            self.env.cr.execute(statement("note_batches"), {"ids": batches.ids})
            batches.invalidate_recordset()

    def _note(self, act: str, details: dict | None = None) -> None:
        self.env["interop.audit"]._record_many([audit_row(batch, act, details) for batch in self])

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self) -> None:
        raise UserError(self.env._("Batches are evidence and are never deleted."))


def _grouped(value: str) -> str:
    """A sum as people read it; its digits are kept.

    >>> _grouped("1234567.80")
    '1,234,567.80'
    """
    whole, dot, rest = value.partition(".")
    return f"{int(whole):,}" + dot + rest if whole not in ("", "-", "-0") else value
