from typing import Any

from odoo import api, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..lib.states import OPEN_STATES

# All that a person may write directly. Everything else changes through a decision, or not at all.
EDITABLE = frozenset({"owner_id", "due_at"})


class InteropExceptionAssigning(models.AbstractModel):
    """Who works on an exception, and that nobody edits what happened."""

    _name = "interop.exception.assigning"
    _description = "Assigning of Exceptions"

    def write(self, vals: dict[str, Any]) -> bool:
        if not self.env.su and not EDITABLE.issuperset(vals):
            raise AccessError(
                self.env._("An exception is changed by deciding it, not by editing it.")
            )
        if "owner_id" not in vals:
            return super().write(vals)
        if not self.env.su and any(state not in OPEN_STATES for state in self.mapped("state")):
            raise UserError(self.env._("What is decided already needs no other owner."))
        result = super().write(vals)
        self._after_assignment()
        return result

    def _after_assignment(self) -> None:
        for exception in self.sudo().filtered(lambda item: item.state in OPEN_STATES):
            exception.state = "in_progress" if exception.owner_id else "open"
            if exception.owner_id:
                exception.message_subscribe(partner_ids=exception.owner_id.partner_id.ids)
            self.env["interop.audit"]._record(
                "exception.assigned",
                record=exception,
                subject=exception.message_uuid or None,
                details={"owner": exception.owner_id.id or None},
            )

    @api.constrains("owner_id")
    def _check_owner(self) -> None:
        for exception in self.filtered("owner_id"):
            owner = exception.owner_id
            seen_by_owner = exception.with_user(owner).with_context(
                allowed_company_ids=owner.company_ids.ids
            )
            if not seen_by_owner.sudo(False).has_access("read"):
                raise ValidationError(
                    self.env._(
                        "%(owner)s may not see this exception: it belongs to the area %(area)s "
                        "of %(company)s.",
                        owner=owner.name,
                        area=exception.area_id.name,
                        company=exception.company_id.name or self.env._("all companies"),
                    )
                )

    def action_take(self) -> None:
        """Make the current user the owner of these exceptions."""
        taken = self.filtered(lambda item: item.owner_id and item.owner_id != self.env.user)
        if taken:
            raise UserError(
                self.env._(
                    "%(owner)s works on this already. Ask, or change the owner by hand.",
                    owner=taken[0].owner_id.name,
                )
            )
        self.owner_id = self.env.user

    def action_release(self) -> None:
        """Give these exceptions back to whoever takes them."""
        self.owner_id = False
