import json
from typing import Any

from odoo import fields, models
from odoo.tools import float_compare

from odoo.addons.interop_base.lib.failures import BusinessError

from ..lib.amounts import DIGITS


class HandlerPurchaseOrderAcknowledgement(models.AbstractModel):
    """Carries out what people decide about differences between an order and its answer."""

    _inherit = "interop.handler.purchase_order_acknowledgement"

    def _decide(self, exception: models.Model, code: str) -> str:
        """Carry out what a person decided about a difference, and say what was done.

        The right to decide comes with the exception; the order is changed with the rights of the
        flow's service user, and the evidence names the person.
        """
        exception = exception.sudo()
        data = json.loads(exception.decision_data or "{}")
        actor = exception.flow_id.service_user_id or self.env.user
        order = (
            self.env["purchase.order"]
            .with_user(actor)
            .with_context(allowed_company_ids=exception.company_id.ids)
            .browse(exception.res_id)
        )
        if not order.exists():
            raise BusinessError("The order does not exist any more.")
        self._lock(order)
        line = order._interop_line(data.get("line", 0))
        if code == "accept_theirs":
            self._accept(order, line, data)
            effect = self.env._(
                "Order %(order)s, line %(line)s now says what the supplier confirmed.",
                order=order.name,
                line=data["line"],
            )
        else:
            effect = self.env._(
                "Order %(order)s, line %(line)s stays as it is; the supplier has to be told.",
                order=order.name,
                line=data.get("line", ""),
            )
        order.message_post(
            body=self.env._(
                "%(effect)s Decided by %(person)s.", effect=effect, person=self.env.user.name
            ),
            author_id=self.env.user.partner_id.id,
            subtype_xmlid="mail.mt_note",
        )
        return effect

    def _accept(self, order: models.Model, line: models.Model, data: dict[str, Any]) -> None:
        """Write what the supplier said, then look whether it really stands there."""
        if order.state != "purchase":
            raise BusinessError(f"Order {order.name} is not a confirmed order any more.")
        if not line or order.interop_revision != data["revision"]:
            raise BusinessError(
                f"Order {order.name} was confirmed anew after this answer; decide on the newer "
                f"answer."
            )
        if order.locked:
            raise BusinessError(f"Order {order.name} is locked. Unlock it, then decide again.")
        if data["price"] is not None:
            self._accept_price(line, float(data["price"]))
        if data["planned"] is not None:
            self._accept_date(line, fields.Date.to_date(data["planned"]))
        if data["quantity"] is not None:
            self._accept_quantity(line, float(data["quantity"]))

    def _accept_price(self, line: models.Model, price: float) -> None:
        if line.qty_invoiced:
            raise BusinessError(
                "The line is billed already, so its price cannot change on the order. Settle it on "
                "the vendor bill, then keep ours."
            )
        if line._interop_price_includes_tax():
            raise BusinessError(
                "This line's price includes taxes and the supplier's does not. Change the price on "
                "the order by hand, then keep ours."
            )
        self._write_and_verify(line, "price_unit", price, digits=DIGITS)

    def _accept_date(self, line: models.Model, day: Any) -> None:
        self._write_and_verify(line, "date_planned", line._convert_to_middle_of_day(day))

    def _accept_quantity(self, line: models.Model, quantity: float) -> None:
        taken = max(line.qty_received, line.qty_invoiced)
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        if float_compare(quantity, taken, precision_digits=digits) < 0:
            raise BusinessError(
                "More than this quantity is received or billed already. Settle that first."
            )
        self._write_and_verify(line, "product_qty", quantity, digits=digits)

    def _write_and_verify(
        self, line: models.Model, field: str, value: Any, digits: int | None = None
    ) -> None:
        """Odoo may answer a write with something else (rounding, an override, a recompute)."""
        line.write({field: value})
        line.order_id.flush_recordset()
        line.flush_recordset()
        line.invalidate_recordset([field])
        stands = line[field]
        same = (
            stands == value
            if digits is None
            else float_compare(stands, value, precision_digits=digits) == 0
        )
        if not same:
            raise BusinessError(
                f"Odoo did not take over the supplier's value for "
                f"{line._fields[field].string.lower()} on order {line.order_id.name}. Nothing was "
                f"changed; look at the order."
            )
