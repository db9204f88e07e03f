from datetime import UTC, date, datetime
from typing import Any, Self

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.interop_exception.lib.summary import Summary
from odoo.addons.interop_queue.lib.handlers import register_event

APPROVED = "purchase.order.approved"
register_event(APPROVED, "Purchase order confirmed")
# Nothing emits it: it is for flows that are asked directly about an order before it is confirmed.
register_event("purchase.availability.asked", "Availability asked before ordering")

OPEN_EXCEPTION = ("open", "in_progress")


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    interop_contract_number = fields.Char(
        string="Contract Number",
        help="Number of the contract with the supplier under which this is ordered. The supplier "
        "prices by it.",
    )
    interop_revision = fields.Integer(
        string="Revision",
        readonly=True,
        copy=False,
        help="0 for the order as first confirmed, one more each time it is confirmed again. "
        "Partners tell by it which of two messages about the same order is the newer one.",
    )
    interop_last_line_number = fields.Integer(
        readonly=True,
        copy=False,
        help="The highest line number this order has ever given out.",
    )
    interop_supplier_reference = fields.Char(
        string="Supplier's Order",
        readonly=True,
        copy=False,
        help="The number under which the supplier keeps this order, from its acknowledgement.",
    )
    interop_acknowledged_at = fields.Datetime(
        string="Acknowledged on",
        readonly=True,
        copy=False,
        help="When the supplier acknowledged the order as it stands now.",
    )
    interop_line_ids = fields.One2many(
        "purchase.order.line",
        "order_id",
        string="Answered Lines",
        domain=[("interop_line_number", ">", 0)],
        readonly=True,
        copy=False,
        help="The lines that the supplier knows, with what it said about each.",
    )
    interop_message_count = fields.Integer(
        string="Integration Messages",
        compute="_compute_interop_message_count",
        groups="interop_base.group_user",
        help="Messages about this order, out and in.",
    )
    interop_state = fields.Selection(
        [
            ("not_sent", "Not sent"),
            ("queued", "Queued"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("acknowledged", "Acknowledged"),
            ("differences", "Differences"),
        ],
        string="Integration",
        compute="_compute_interop_state",
        compute_sudo=True,
        help="Where this order stands with the supplier: waiting to leave, sent, acknowledged, "
        "acknowledged with differences that a person has to decide, or failed to leave.",
    )
    interop_needs_decision = fields.Boolean(
        string="Integration: to decide",
        compute="_compute_interop_state",
        search="_search_interop_needs_decision",
        compute_sudo=True,
        help="A person has to decide something: a difference, or a message that failed.",
    )

    # -- confirming -----------------------------------------------------------

    def button_approve(self, force: bool = False) -> Any:
        before = self.filtered(lambda order: order.state != "purchase")
        result = super().button_approve(force=force)
        # Approval may be refused for some (double validation): only what is really ordered leaves.
        approved = before.filtered(lambda order: order.state == "purchase")
        approved._interop_begin_revision()
        # An order of sections and notes alone gives a supplier nothing to answer.
        if goods := approved.filtered("interop_last_line_number"):
            self.env["interop.queue"]._emit(APPROVED, goods)
        return result

    def action_interop_send(self) -> None:
        """Send a confirmed order that has not left: it was confirmed before its flow was live."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "purchase" or self.interop_state != "not_sent":
            raise UserError(
                self.env._("Only a confirmed order that has not been sent yet can be sent.")
            )
        # Two clicks at once: the second meets a changed row, and Odoo runs it again on a new look.
        self.env.cr.execute(
            "UPDATE purchase_order SET write_date = write_date WHERE id = %s", [self.id]
        )
        self._interop_number_lines()
        if not self.env["interop.queue"]._emit(APPROVED, self):
            raise UserError(
                self.env._(
                    "No live flow takes orders to %s. Ask an Interop manager to publish one.",
                    self.partner_id.display_name,
                )
            )

    def _interop_begin_revision(self) -> None:
        again = self.filtered("interop_last_line_number")
        for order in again:
            order.interop_revision += 1
        if again:
            again.write({"interop_acknowledged_at": False})
            again.order_line.write(
                {
                    "interop_status": False,
                    "interop_accepted_qty": 0,
                    "interop_backordered_qty": 0,
                    "interop_promised_date": False,
                    "interop_backorder_date": False,
                }
            )
        self._interop_number_lines()

    def _interop_number_lines(self) -> None:
        for order in self:
            last = order.interop_last_line_number
            for line in order.order_line._interop_travels():
                if not line.interop_line_number:
                    last += 1
                    line.interop_line_number = last
            if last != order.interop_last_line_number:
                order.interop_last_line_number = last

    def _interop_line_numbers(self) -> dict[int, int]:
        """Each line's number, or the one that it will get: a draft can be asked about."""
        self.ensure_one()
        last, numbers = self.interop_last_line_number, {}
        for line in self.order_line._interop_travels():
            number = line.interop_line_number
            if not number:
                number = last = last + 1
            numbers[line.id] = number
        return numbers

    # -- what documents and exceptions ask ------------------------------------

    def _interop_summary(self) -> dict[int, Summary]:
        return {
            order.id: Summary(
                reference=order.name,
                partner_id=order.partner_id.id,
                amount=order.amount_total,
                currency_id=order.currency_id.id,
            )
            for order in self
        }

    def _interop_day(self, moment: datetime | bool) -> date | None:
        """The calendar day of `moment` where the order's buyer sits."""
        if not moment:
            return None
        return moment.replace(tzinfo=UTC).astimezone(self.get_order_timezone()).date()

    def _interop_ship_to(self) -> models.Model:
        """Where the goods go. With stock installed that is the warehouse of the receipt."""
        self.ensure_one()
        if self.dest_address_id:
            return self.dest_address_id
        if "picking_type_id" in self._fields:
            warehouse = self.picking_type_id.warehouse_id
            if warehouse.partner_id:
                return warehouse.partner_id
        return self.company_id.partner_id

    # -- what people see ------------------------------------------------------

    def _compute_interop_message_count(self) -> None:
        counts = dict(
            self.env["interop.message"]._read_group(
                [("res_model", "=", self._name), ("res_id", "in", self.ids)],
                ["res_id"],
                ["__count"],
            )
        )
        for order in self:
            order.interop_message_count = counts.get(order.id, 0)

    @api.depends("interop_acknowledged_at")
    def _compute_interop_state(self) -> None:
        """Two grouped queries and one read for any number of orders."""
        about = [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        open_kinds: dict[int, set[str]] = {}
        for order_id, kind in self.env["interop.exception"]._read_group(
            [*about, ("state", "in", OPEN_EXCEPTION)], ["res_id", "kind"]
        ):
            open_kinds.setdefault(order_id, set()).add(kind)
        newest = dict(
            self.env["interop.message"]._read_group(
                [*about, ("direction", "=", "out"), ("state", "!=", "cancelled")],
                ["res_id"],
                ["id:max"],
            )
        )
        states = {
            message.res_id: message.state
            for message in self.env["interop.message"].browse(newest.values())
        }
        for order in self:
            kinds = open_kinds.get(order.id, set())
            order.interop_needs_decision = bool(kinds)
            order.interop_state = order._interop_state_from(kinds, states.get(order.id))

    def _interop_state_from(self, open_kinds: set[str], sent: str | None) -> str:
        if "difference" in open_kinds:
            return "differences"
        if sent == "dead" or open_kinds & {"dead_letter", "violation"}:
            return "failed"
        if self.interop_acknowledged_at:
            return "acknowledged"
        if sent in ("sent", "done"):
            return "sent"
        return "queued" if sent else "not_sent"

    def _search_interop_needs_decision(self, operator: str, value: Any) -> Domain:
        if operator != "in":
            return NotImplemented
        waiting = (
            self.env["interop.exception"]
            .sudo()
            ._search([("res_model", "=", self._name), ("state", "in", OPEN_EXCEPTION)])
        )
        found = Domain("id", "in", waiting.subselect("res_id"))
        wanted = Domain.FALSE
        if True in value:
            wanted |= found
        if False in value:
            wanted |= ~found
        return wanted

    def action_view_interop_messages(self) -> dict[str, Any]:
        """Open the messages about this order, out and in."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_queue.interop_message_action"
        )
        return {
            **action,
            "name": self.env._("Messages of %s", self.name),
            "domain": [("res_model", "=", self._name), ("res_id", "=", self.id)],
            "context": {},
        }

    def action_view_interop_exceptions(self) -> dict[str, Any]:
        """Open what people have to decide about this order."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_exception.interop_exception_action"
        )
        return {
            **action,
            "name": self.env._("Exceptions of %s", self.name),
            "domain": [("res_model", "=", self._name), ("res_id", "=", self.id)],
            "context": {"search_default_open": 1},
        }

    def _interop_line(self, number: int) -> models.Model:
        """The line with that number; empty if the order has none."""
        return self.order_line.filtered(lambda line: line.interop_line_number == number)[:1]

    def _interop_same_supplier(self, partner: models.Model) -> Self:
        """Those of these orders that went to `partner` (or to a contact of the same firm)."""
        firm = partner.commercial_partner_id
        return self.filtered(lambda order: order.partner_id.commercial_partner_id == firm)
