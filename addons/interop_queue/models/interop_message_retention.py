from odoo import api, fields, models
from odoo.fields import Domain

from ..lib.statements import statement

HELD_BACK = [("hold", "Legal hold"), ("decision", "A decision is open")]


class InteropMessageRetention(models.AbstractModel):
    """What becomes of a message's content when its time is over."""

    _name = "interop.message.retention"
    _description = "Message: Retention"

    purged_at = fields.Datetime(
        string="Content purged",
        readonly=True,
        help="When its content was destroyed for good: documents, payloads, replies. Digests, "
        "sizes and times stay as evidence.",
    )
    held_back = fields.Selection(
        HELD_BACK,
        string="Kept because of",
        readonly=True,
        help="Why its content was not purged when its time was over. It is looked at again every "
        "day, and when a legal hold is lifted.",
    )
    held_back_at = fields.Datetime(
        string="Held back at", readonly=True, help="When it was last found to be held back."
    )
    hold_ids = fields.Many2many(
        "interop.legal.hold",
        compute="_compute_hold_ids",
        string="Legal holds",
        groups="interop_base.group_manager",
        help="The legal holds in force that keep its content.",
    )
    on_hold = fields.Boolean(
        string="Under legal hold",
        compute="_compute_on_hold",
        search="_search_on_hold",
        help="A legal hold in force keeps its content: it is not purged.",
    )

    # Purging walks one flow's ended messages by age and stops at the first that is young enough:
    # what was purged, is held back or is on its way is in neither index.
    _purgeable = models.Index(
        "(flow_id, (COALESCE(done_at, answer_due_at))) WHERE purged_at IS NULL "
        "AND held_back IS NULL AND state IN ('done', 'cancelled', 'sent')"
    )
    _held_back = models.Index("(held_back_at) WHERE held_back IS NOT NULL AND purged_at IS NULL")

    def _compute_on_hold(self) -> None:
        holds = self._holds()
        for message in self:
            message.on_hold = message.id in holds

    def _compute_hold_ids(self) -> None:
        """Apart from the above: one who may not see the holds may see that there is one."""
        holds, every = self._holds(), self.env["interop.legal.hold"]
        visible = every.browse({each for some in holds.values() for each in some})
        visible = visible._filtered_access("read")
        for message in self:
            message.hold_ids = every.browse(holds.get(message.id, ())) & visible

    def _holds(self) -> dict[int, list[int]]:
        """The legal holds in force by message id; messages without one are left out."""
        self.env.flush_all()
        self.env.cr.execute(statement("purge_holds"), {"ids": self.ids or [0]})
        found: dict[int, list[int]] = {}
        for message_id, hold_id in self.env.cr.fetchall():
            found.setdefault(message_id, []).append(hold_id)
        return found

    @api.model
    def _search_on_hold(self, operator, value):
        if operator != "in":
            return NotImplemented
        holds = self.env["interop.legal.hold"].sudo().search([("state", "=", "active")])
        held = Domain.OR([hold._message_domain() for hold in holds])
        wanted = Domain.FALSE
        if True in value:
            wanted |= held
        if False in value:
            wanted |= ~held
        return wanted
