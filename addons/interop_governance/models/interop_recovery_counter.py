from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from odoo.addons.interop_connector.big_integer import BigInteger


class InteropRecoveryCounter(models.Model):
    """A counter of control numbers after a restore: numbers may have been used since the backup."""

    _name = "interop.recovery.counter"
    _description = "Control Numbers in a Recovery"
    _order = "id"
    _rec_name = "kind"
    _log_access = False

    recovery_id = fields.Many2one(
        "interop.recovery", required=True, readonly=True, ondelete="cascade", index=True,
        help="The recovery it belongs to.",
    )  # fmt: skip
    counter_id = fields.Many2one(
        "interop.control.number", required=True, readonly=True, ondelete="cascade",
        help="The counter.",
    )  # fmt: skip
    connector_id = fields.Many2one(
        related="counter_id.connector_id", help="The connector whose payloads are numbered."
    )
    direction = fields.Selection(related="counter_id.direction", help="Whose payloads.")
    kind = fields.Selection(related="counter_id.kind", help="What has a number.")
    gapless = fields.Boolean(
        related="counter_id.gapless",
        help="The partner misses none: tell it which numbers are left out.",
    )
    next_number = BigInteger(
        string="Next in the backup", readonly=True, aggregator=None,
        help="What the next payload would take. It may have been used since the backup.",
    )  # fmt: skip
    proposed = BigInteger(
        readonly=True, aggregator=None,
        help="Ahead of what may have been used: twice what left in as long a time before the "
        "backup, and what was on its way.",
    )  # fmt: skip
    chosen = BigInteger(
        string="Go on with", required=True, aggregator=None,
        help="The number that the next payload takes once the installation is armed. Ask the "
        "partner for the last one it has seen if it must be exact.",
    )  # fmt: skip

    @api.constrains("chosen")
    def _check_chosen(self) -> None:
        for line in self:
            counter = line.counter_id.sudo()
            if not line.next_number <= line.chosen <= counter.highest:
                raise ValidationError(
                    self.env._(
                        "The number to go on with must lie between %(next)s and %(highest)s.",
                        next=line.next_number,
                        highest=counter.highest,
                    )
                )

    def write(self, vals: dict[str, Any]) -> bool:
        if not self.env.su:
            self.recovery_id._check_may_decide()
            if set(vals) - {"chosen"}:
                raise AccessError(self.env._("Only the number to go on with is chosen here."))
        return super().write(vals)

    def _apply(self) -> None:
        """Jump ahead. Each leaves an entry of its own in the trail."""
        for line in self:
            if line.chosen > line.counter_id.next_number:
                line.counter_id._set_next(line.chosen, self.env._("After a restore"))
