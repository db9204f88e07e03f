from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..lib.statements import statement

SCOPE = (
    "connector_ids", "flow_ids", "company_ids", "message_ids", "business_key", "res_model",
    "res_id", "date_from", "date_to",
)  # fmt: skip


class InteropLegalHold(models.Model):
    """Content that must be kept although its time is over: a lawsuit, an audit, an investigation.

    What a hold in force covers is not purged, and no key is destroyed that it needs. Everything
    that the scope names must fit a message; a list fits if one of it does. The scope is fixed once
    the hold is placed: who needs another one places another hold.
    """

    _name = "interop.legal.hold"
    _description = "Legal Hold"
    _inherit = ["interop.audit.configured"]
    _order = "id desc"
    _configured_noun = "hold"
    # Placing and lifting are acts of their own.
    _configured_unseen = frozenset(
        {"state", "placed_by_id", "placed_at", "lifted_by_id", "lifted_at"}
    )

    name = fields.Char(
        required=True, help="What the hold is for, as the lawyers call it: a case, a reference."
    )
    reason = fields.Text(
        required=True, help="Why content has to be kept. It is kept in the audit trail."
    )
    state = fields.Selection(
        [("draft", "Draft"), ("active", "In force"), ("lifted", "Lifted")],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        help="Draft: keeps nothing yet. In force: what it covers is not purged. Lifted: the next "
        "purge takes what is past its time.",
    )
    connector_ids = fields.Many2many(
        "interop.connector",
        string="Connectors",
        ondelete="restrict",
        help="Messages by any of these connectors.",
    )
    flow_ids = fields.Many2many(
        "interop.flow", string="Flows", ondelete="restrict", help="Messages of these flows."
    )
    company_ids = fields.Many2many(
        "res.company",
        string="Companies",
        ondelete="restrict",
        help="Messages of these companies, and those that belong to no company.",
    )
    message_ids = fields.Many2many(
        "interop.message",
        string="Messages",
        ondelete="restrict",
        help="These messages and no others.",
    )
    business_key = fields.Char(
        string="Business key", help="Messages with exactly this business key."
    )
    res_model = fields.Char(
        string="Record type", help="Messages about this kind of record (purchase.order, say)."
    )
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", help="Messages about this record only."
    )
    date_from = fields.Datetime(string="From", help="Messages accepted at this moment or later.")
    date_to = fields.Datetime(string="Until", help="Messages accepted before this moment.")
    placed_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, help="Who put the hold in force."
    )
    placed_at = fields.Datetime(readonly=True, copy=False, help="Since when it is in force.")
    lifted_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, help="Who lifted the hold."
    )
    lifted_at = fields.Datetime(readonly=True, copy=False, help="Until when it was in force.")
    lifted_reason = fields.Text(
        string="Why lifted", copy=False, help="Why the content need not be kept any longer."
    )
    message_count = fields.Integer(
        string="Messages covered",
        compute="_compute_message_count",
        help="How many messages it covers now, purged ones included.",
    )

    _in_force = models.Index("(id) WHERE state = 'active'")

    @api.constrains(*SCOPE)
    def _check_scope(self) -> None:
        for hold in self:
            if hold.res_id and not hold.res_model:
                raise ValidationError(self.env._("Name the type of the record too."))

    def _compute_message_count(self) -> None:
        messages = self.env["interop.message"].sudo()
        for hold in self:
            hold.message_count = messages.search_count(hold._message_domain())

    def _message_domain(self) -> Domain:
        """The messages that it covers. Says the same as the statement `purge_holds`."""
        self.ensure_one()
        parts = []
        if self.company_ids:
            parts.append(Domain("company_id", "in", [*self.company_ids.ids, False]))
        for name, lines in (
            ("connector_id", self.connector_ids),
            ("flow_id", self.flow_ids),
            ("id", self.message_ids),
        ):
            if lines:
                parts.append(Domain(name, "in", lines.ids))
        for name in ("business_key", "res_model", "res_id"):
            if self[name]:
                parts.append(Domain(name, "=", self[name]))
        if self.date_from:
            parts.append(Domain("created_at", ">=", self.date_from))
        if self.date_to:
            parts.append(Domain("created_at", "<", self.date_to))
        return Domain.AND(parts) if parts else Domain.FALSE

    # -- acts ----------------------------------------------------------------------------------

    def action_place(self) -> None:
        """Put the hold in force, from this moment on."""
        self._require_manager()
        for hold in self:
            if hold.state != "draft":
                raise UserError(self.env._("The hold “%s” was placed before.", hold.name))
            if not any(hold[name] for name in SCOPE):
                raise UserError(
                    self.env._(
                        "Say what the hold “%s” covers: connectors, flows, companies, a business "
                        "key, a record, a time or chosen messages.",
                        hold.name,
                    )
                )
            hold._move(
                {"state": "active", "placed_by_id": self.env.uid},
                "placed_at",
                "hold.placed",
                hold.reason,
            )

    def action_lift(self) -> None:
        """End the hold: the next purge takes what is past its time."""
        self._require_manager()
        for hold in self:
            if hold.state != "active":
                raise UserError(self.env._("The hold “%s” is not in force.", hold.name))
            if len((hold.lifted_reason or "").strip()) < 5:
                raise UserError(self.env._("Say in a few words why the hold is lifted."))
            hold._move(
                {"state": "lifted", "lifted_by_id": self.env.uid},
                "lifted_at",
                "hold.lifted",
                hold.lifted_reason,
            )
        self.env.flush_all()
        self.env.cr.execute(statement("purge_look_again"), {"reason": "hold"})
        self.env["interop.message"].invalidate_model(["held_back", "held_back_at"])

    def action_view_messages(self) -> dict[str, Any]:
        """Open the messages that the hold covers."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_queue.interop_message_action"
        )
        return action | {"domain": list(self._message_domain()), "context": {}}

    def _move(self, vals: dict[str, Any], at: str, act: str, reason: str) -> None:
        self._store(vals | {at: fields.Datetime.now()})
        self.env["interop.audit"]._record(
            act, record=self, details={"reason": reason.strip(), "scope": self._scope_facts()}
        )

    def _scope_facts(self) -> dict[str, Any]:
        """The scope as ids, keys and dates: what a message's own row says of it."""
        facts: dict[str, Any] = {}
        for name in SCOPE:
            value = self[name]
            if not value:
                continue
            if isinstance(value, models.BaseModel):
                facts[name] = value.ids[:100]
                if len(value) > 100:
                    facts[f"{name}_count"] = len(value)
            elif name.startswith("date"):
                facts[name] = fields.Datetime.to_string(value)
            else:
                facts[name] = value
        return facts

    # -- guards --------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("state", "draft") != "draft" for vals in vals_list):
            raise UserError(self.env._("Make the hold, then place it: that is what is audited."))
        return super().create(vals_list)

    def write(self, vals: dict[str, Any]):
        given = vals.keys()
        if given & {"state", "placed_by_id", "placed_at", "lifted_by_id", "lifted_at"}:
            raise AccessError(self.env._("Use the buttons Place and Lift, which leave evidence."))
        fixed = given & {*SCOPE, "name", "reason"}
        if fixed and any(hold.state != "draft" for hold in self):
            raise UserError(
                self.env._(
                    "What a placed hold covers is fixed. Place another hold, then lift this one."
                )
            )
        if "lifted_reason" in given and any(hold.state == "lifted" for hold in self):
            raise UserError(self.env._("The hold is lifted: its record is evidence."))
        return super().write(vals)

    def _store(self, vals: dict[str, Any]) -> bool:
        """What the buttons change, past the guards above."""
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts_only(self) -> None:
        if any(hold.state != "draft" for hold in self):
            raise UserError(self.env._("A placed hold is evidence and is never deleted. Lift it."))

    def _require_manager(self) -> None:
        if not self.env.user.has_group("interop_base.group_manager") and not self.env.su:
            raise AccessError(self.env._("Only Interop managers may place or lift legal holds."))
