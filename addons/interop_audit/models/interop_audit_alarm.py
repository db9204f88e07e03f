import json
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

#: What the codes are called. What stands after a colon in a code names the place.
LABELS = {
    "seal_lag": "Entries wait too long for a seal",
    "seal_failed": "The trail cannot be sealed",
    "anchor_missing": "An anchor is missing",
    "anchor_differs": "An anchor differs from the database",
    "verification_failed": "The trail does not verify",
    "trigger_disabled": "The trail is not protected",
    "retention_failed": "A month cannot be dropped",
}


class InteropAuditAlarm(models.Model):
    """Something is wrong with the evidence itself, and since when.

    Written by `interop.audit.alarms`.

    An alarm ends when what it tells is over, not when somebody has read it.
    """

    _name = "interop.audit.alarm"
    _description = "Alarm of the Audit Trail"
    _order = "ended desc, since desc, id desc"
    _rec_name = "sentence"
    _log_access = False

    code = fields.Char(
        required=True,
        readonly=True,
        help="Technical name of what is wrong. What stands after a colon names the place.",
    )
    name = fields.Char(
        string="Alarm", compute="_compute_name", help="What is wrong, in a few words."
    )
    sentence = fields.Char(
        string="What happened",
        required=True,
        readonly=True,
        help="What is wrong and what to do, as it was seen last.",
    )
    facts = fields.Text(
        string="Stored facts", readonly=True, help="Figures and names that belong to it."
    )
    facts_shown = fields.Text(
        string="Facts", compute="_compute_facts_shown", help="Figures and names that belong to it."
    )
    since = fields.Datetime(required=True, readonly=True, help="When it was seen first.")
    last_seen = fields.Datetime(required=True, readonly=True, help="When it was seen last.")
    times = fields.Integer(
        string="Seen", readonly=True, aggregator=None, help="How many times it was seen."
    )
    ended = fields.Datetime(readonly=True, help="When it was over. Empty: it is not over.")
    is_open = fields.Boolean(
        string="Open",
        compute="_compute_is_open",
        search="_search_is_open",
        help="What it tells is still so.",
    )

    _one_open = models.UniqueIndex("(code) WHERE ended IS NULL")

    @api.depends("ended")
    def _compute_is_open(self) -> None:
        for alarm in self:
            alarm.is_open = not alarm.ended

    def _search_is_open(self, operator: str, value: Any) -> Domain:
        if operator != "in":
            return NotImplemented
        wanted = Domain.FALSE
        if True in value:
            wanted |= Domain("ended", "=", False)
        if False in value:
            wanted |= Domain("ended", "!=", False)
        return wanted

    @api.depends("code")
    def _compute_name(self) -> None:
        for alarm in self:
            code, _colon, place = (alarm.code or "").partition(":")
            label = LABELS.get(code, code)
            alarm.name = f"{label} ({place})" if place else label

    @api.depends("facts")
    def _compute_facts_shown(self) -> None:
        for alarm in self:
            facts: dict[str, Any] = json.loads(alarm.facts or "{}")
            alarm.facts_shown = "\n".join(f"{key}: {value}" for key, value in facts.items())

    def action_look_again(self) -> dict[str, Any]:
        """Do now what the watch does every five minutes: catch up, and see what is over."""
        if not self.env.user.has_group("interop_base.group_manager"):
            raise AccessError(self.env._("Only Integration Managers may do this."))
        self.env["interop.audit.watch"]._look()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
