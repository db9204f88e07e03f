from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.base.models.res_users import check_identity
from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_document.lib.sensitivity import Sensitivity

REASONS = [
    ("partner", "The partner asks about it"),
    ("failure", "To find out why it failed"),
    ("difference", "To settle a difference"),
    ("privacy", "Privacy request or audit"),
    ("policy", "To review a policy"),
    ("other", "Another reason"),
]
SENSITIVE = {each.name for each in Sensitivity if each >= Sensitivity.personal}


class InteropContentGate(models.AbstractModel):
    """The one way to see content: a right, a reason, perhaps the password, evidence, and an end.

    What is shown is computed for the answer to one request and stored nowhere: the record keeps
    what was asked for and why. It is computed from what the database says was noted, never from
    what a client claims in an unsaved form.
    """

    _name = "interop.content.gate"
    _description = "Gate to Message Content"

    reason_code = fields.Selection(
        REASONS, string="Reason", help="Why you need to see it. Kept in the audit trail."
    )
    reason = fields.Char(
        string="In your words",
        help="Case, ticket or question. It is kept in the audit trail beside your name for good, "
        "so write nothing of the content itself.",
    )
    read_at = fields.Datetime(
        readonly=True, copy=False, help="When the reading was noted in the audit trail."
    )
    closes_at = fields.Datetime(
        readonly=True, copy=False, help="From then on nothing is shown any more."
    )
    identified = fields.Boolean(
        readonly=True, copy=False, help="The password was asked for before this reading."
    )
    is_open = fields.Boolean(
        compute="_compute_is_open", help="Content may be shown now: it was noted and has not ended."
    )
    seconds_left = fields.Integer(
        compute="_compute_is_open", help="Seconds until what is shown closes by itself."
    )
    asks_identity = fields.Boolean(
        compute="_compute_asks_identity",
        help="The company's settings ask for your password before this is shown.",
    )

    @api.depends("read_at")
    @api.depends_context("uid")
    def _compute_is_open(self) -> None:
        for gate in self:
            opened = gate._opened()
            left = opened.closes_at - fields.Datetime.now() if opened else timedelta()
            gate.is_open, gate.seconds_left = bool(opened), int(left.total_seconds())

    def _compute_asks_identity(self) -> None:
        for gate in self:
            gate.asks_identity = gate._demands_identity()

    def _opened(self) -> "InteropContentGate":
        """The record as it was noted, if that was done, by this user, and has not ended."""
        noted = self._origin
        if not noted or not noted.read_at or noted.create_uid != self.env.user:
            return noted.browse()
        return noted if fields.Datetime.now() < noted.closes_at else noted.browse()

    # -- what was noted stays as it was --------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # Set and not left out: what is left out would be taken from the caller's context.
        noted = dict.fromkeys(self._noted_fields(), False)
        return super().create([vals | noted for vals in vals_list])

    def write(self, vals):
        fixed = vals.keys() - self._free_fields()
        if vals.keys() & self._noted_fields() or (fixed and self.filtered("read_at")):
            raise AccessError(self.env._("Use the button, which leaves evidence. Then begin anew."))
        return super().write(vals)

    def _noted_fields(self) -> set[str]:
        """Fields that only this code writes, together with the evidence."""
        return {"read_at", "closes_at", "identified"}

    def _write_noted(self, vals: dict) -> bool:
        return super().write(vals)

    def _free_fields(self) -> set[str]:
        """Fields that may change while content is shown, because they say nothing about what."""
        return set()

    # -- opening -------------------------------------------------------------------------------

    def action_read(self) -> dict:
        """Check rights and reason, ask for the password where that is set, note it, show."""
        self.ensure_one()
        self._check_allowed()
        self._check_reason()
        return self._read_identified() if self._demands_identity() else self._note()

    @check_identity
    def _read_identified(self) -> dict:
        return self._note(identified=True)

    def _note(self, identified: bool = False) -> dict:
        """Write the reading to the audit trail; from then on the record gives the content."""
        self._check_allowed()
        if self.read_at:
            raise UserError(self.env._("This reading was opened before. Begin a new one."))
        minutes = min(self._companies().mapped("interop_reading_minutes"), default=10)
        now = fields.Datetime.now()
        self._record_reading(
            {
                **self._reading_facts(),
                "reason": self.reason_code or "",
                "words": (self.reason or "").strip(),
                "identity": "checked" if identified else "not asked for",
                "minutes": minutes,
            }
        )
        closes_at = now + timedelta(minutes=minutes)
        self._write_noted({"read_at": now, "closes_at": closes_at, "identified": identified})
        return self._shown_again()

    def _shown_again(self) -> dict:
        return {
            "type": "ir.actions.act_window",
            "name": self._title(),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            # What is shown must not stay in the browser's store.
            "cache": False,
            "context": {"dialog_size": "extra-large"},
        }

    def _check_reason(self) -> None:
        if not self.reason_code:
            raise UserError(self.env._("Choose why you need to read this."))
        if self.reason_code == "other" and len((self.reason or "").strip()) < 5:
            raise UserError(self.env._("Say in a few words why you need to read this."))

    def _demands_identity(self) -> bool:
        """The strictest setting of the companies concerned counts."""
        asked = set(self._companies().mapped("interop_identity_check"))
        return "always" in asked or ("sensitive" in asked and self._is_sensitive())

    def _companies(self) -> models.BaseModel:
        """The company concerned; all of them if it is none in particular."""
        return self._company().sudo() or self.env["res.company"].sudo().search([])

    # -- what the models say -------------------------------------------------------------------

    def _check_allowed(self) -> None:
        """Raise `AccessError` unless this user may see what is asked for. Asked every time."""
        raise NotImplementedError

    def _record_reading(self, facts: dict) -> None:
        """Write `facts` to the audit trail, about the message or record concerned."""
        raise NotImplementedError

    def _reading_facts(self) -> dict:
        """What is read: codes and names of settings, never values."""
        raise NotImplementedError

    def _company(self) -> models.BaseModel:
        raise NotImplementedError

    def _is_sensitive(self) -> bool:
        """Whether the content may be personal or worse. What is not known is."""
        raise NotImplementedError

    def _title(self) -> str:
        raise NotImplementedError

    @api.model
    def _type_is_sensitive(self, document_type: str) -> bool:
        """`document_type` as messages name it: code and version."""
        code, _blank, version = (document_type or "").partition(" ")
        try:
            found = self.env["interop.document.type"].sudo()._get(code, version)
        except InteropError:
            return True
        return found.highest_sensitivity in SENSITIVE

    def _require_right(self, group: str, sentence: str) -> None:
        if not self.env.user.has_group(group):
            raise AccessError(sentence)
