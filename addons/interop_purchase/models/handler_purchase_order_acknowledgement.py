from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from odoo import fields, models
from odoo.exceptions import LockError
from odoo.fields import Domain

from odoo.addons.interop_base.lib.failures import BusinessError, DataError, TransientError
from odoo.addons.interop_document.lib.canonical import canonical_json, digest
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_document.lib.sources import ASK
from odoo.addons.interop_queue.lib.handlers import HANDLERS, HandlerSpec

from ..lib.amounts import exact
from ..lib.answer import (
    CURRENCY,
    DELIVERY,
    KINDS,
    PRICE,
    PRODUCT,
    QUANTITY,
    REJECTED,
    UNIT,
    Comparison,
    Difference,
    Ordered,
    OrderedLine,
)
from ..lib.comparison import compare, problems
from ..lib.settling import Settled

HANDLERS.register(
    "purchase_order_acknowledgement",
    HandlerSpec(
        code="purchase_order_acknowledgement",
        label="Purchase order acknowledgement",
        model="interop.handler.purchase_order_acknowledgement",
        document_type="PurchaseOrderAcknowledgement",
        direction="in",
    ),
)

# Who decides what: money is for finance, goods and dates are for purchasing.
AREAS = {PRICE: "finance", CURRENCY: "finance"}
FINISHED = ("done",)


class HandlerPurchaseOrderAcknowledgement(models.AbstractModel):
    """Notes a supplier's answer on the order, and puts what differs before a person.

    Runs as the flow's service user. It writes what the supplier said beside what we ordered; what
    we ordered itself changes only when a person accepts a difference (`_decide`) or a rule of the
    source of truth takes it (`_settle`).
    """

    _name = "interop.handler.purchase_order_acknowledgement"
    _description = "Acknowledgements from Suppliers"
    _inherit = [
        "interop.readiness.purchase_order_acknowledgement",
        "interop.handler.purchase_order_acknowledgement.sources",
    ]

    # -- applying -------------------------------------------------------------

    def _apply(self, document: Document, message: models.Model) -> models.Model:
        body = document.body
        order = self._find_order(body, message)
        self._lock(order)
        if self._applied_before(document, message):
            return order
        self._check_revision(order, body)
        ordered = self._ordered(order)
        found = problems(ordered, body)
        if found:
            raise DataError(
                f"The acknowledgement does not fit the order: {'; '.join(found)}.", problems=found
            )
        comparison = compare(ordered, body)
        self._note_lines(order, comparison)
        self._note_order(order, body)
        settled = self._settle(order, document, comparison)
        self._record_decisions(order, message, settled)
        self._raise_differences(order, message, body, comparison, settled)
        self._answer_order(order, message)
        self._tell(order, message, comparison, settled)
        return order

    def _business_key(self, document: Document) -> str:
        """Order, revision, and what the answer says: the same answer again has the same key."""
        body = document.body
        content = digest(canonical_json(body))[:12]
        return f"{body['order_number']}/{body.get('order_revision', '-')} #{content}"

    def _find_order(self, body: dict[str, Any], message: models.Model) -> models.Model:
        """The order of this company that went to this very supplier.

        The sentence is the same whether the order exists for somebody else or not at all: one
        supplier must not find out about another's orders.
        """
        message = message.sudo()
        wanted = Domain("name", "=", body["order_number"])
        if message.company_id:
            wanted &= Domain("company_id", "=", message.company_id.id)
        orders = self.env["purchase.order"].search(wanted)
        supplier = message.connector_id.system_id.partner_id
        if supplier:
            orders = orders._interop_same_supplier(supplier)
        else:
            # A network that serves many suppliers: the order must have left through it.
            orders = orders.filtered(lambda order: self._sent_through(order, message))
        if len(orders) != 1:
            company = (message.company_id or self.env.company).name
            raise BusinessError(
                f"The order number in the acknowledgement was not found in company {company} among "
                f"the orders to this partner. Ask the partner which order it means, then run the "
                f"message again or cancel it."
            )
        if orders.state != "purchase":
            raise BusinessError(
                f"Order {orders.name} is not a confirmed order any more, so the acknowledgement "
                f"was not applied."
            )
        return orders

    def _sent_through(self, order: models.Model, message: models.Model) -> bool:
        return bool(
            self.env["interop.message"]
            .sudo()
            .search_count(
                [
                    ("res_model", "=", order._name),
                    ("res_id", "=", order.id),
                    ("direction", "=", "out"),
                    ("connector_id", "=", message.connector_id.id),
                ],
                limit=1,
            )
        )

    def _lock(self, order: models.Model) -> None:
        """Two answers about one order are applied one after the other."""
        try:
            order.sudo().lock_for_update(allow_referencing=True)
        except LockError:
            raise TransientError(
                f"Order {order.name} is being changed by somebody else right now."
            ) from None

    def _applied_before(self, document: Document, message: models.Model) -> bool:
        return bool(
            self.env["interop.message"]
            .sudo()
            .search_count(
                [
                    ("id", "!=", message.id),
                    ("flow_id", "=", message.sudo().flow_id.id),
                    ("direction", "=", "in"),
                    ("state", "in", FINISHED),
                    ("business_key", "=", self._business_key(document)),
                ],
                limit=1,
            )
        )

    def _check_revision(self, order: models.Model, body: dict[str, Any]) -> None:
        answered = body.get("order_revision")
        if answered is None or answered == order.interop_revision:
            return
        if answered > order.interop_revision:
            raise DataError(
                f"order_revision: order {order.name} has no such revision yet.",
                problems=["order_revision: unknown revision"],
            )
        raise BusinessError(
            f"The acknowledgement answers an earlier revision of order {order.name}. It was not "
            f"applied; the partner has still to answer the order as it stands now."
        )

    def _ordered(self, order: models.Model) -> Ordered:
        lines = order.order_line._interop_travels().filtered("interop_line_number")
        return Ordered(
            currency=order.currency_id.name,
            rounding=Decimal(str(order.currency_id.rounding)),
            lines=tuple(
                OrderedLine(
                    number=line.interop_line_number,
                    quantity=exact(line.product_qty),
                    unit_price=exact(line._interop_unit_price()),
                    discount=exact(line.discount),
                    requested_date=line._interop_requested_date(),
                    unit_code=line.product_uom_id.interop_unece_code or "",
                    unit_name=line.product_uom_id.name or "",
                    item={key: value for key, value in line._interop_item().items() if value},
                )
                for line in lines
            ),
        )

    def _note_lines(self, order: models.Model, comparison: Comparison) -> None:
        for noted in comparison.noted:
            order._interop_line(noted.number).write(
                {
                    "interop_status": noted.status,
                    "interop_accepted_qty": float(noted.accepted),
                    "interop_backordered_qty": float(noted.backordered),
                    "interop_promised_date": noted.promised_date,
                    "interop_backorder_date": noted.backorder_date,
                }
            )

    def _note_order(self, order: models.Model, body: dict[str, Any]) -> None:
        order.write(
            {
                "acknowledged": True,
                "interop_acknowledged_at": fields.Datetime.now(),
                "interop_supplier_reference": body.get("supplier_reference")
                or order.interop_supplier_reference,
            }
        )

    def _answer_order(self, order: models.Model, message: models.Model) -> None:
        Message = self.env["interop.message"].sudo()
        original = Message._find_sent(order._name, order.id, "PurchaseOrder")
        if original:
            message.sudo()._answer(original)

    # -- differences ----------------------------------------------------------

    def _raise_differences(
        self,
        order: models.Model,
        message: models.Model,
        body: dict[str, Any],
        comparison: Comparison,
        settled: Sequence[Settled],
    ) -> None:
        """Ask about what no rule has settled, and take back what is not in question any more."""
        Exceptions = self.env["interop.exception"]
        answered = {line["line_number"] for line in body["lines"]}
        answered |= {noted.number for noted in comparison.noted}
        subjects = {
            self._subject(each.difference.number, each.difference.kind): each for each in settled
        }
        possible = {self._subject(number, kind) for number in answered for kind in KINDS}
        Exceptions._settle_subjects(order, sorted(possible - set(subjects)))
        Exceptions._settle_subjects(
            order,
            sorted(subject for subject, each in subjects.items() if each.outcome != ASK),
            self.env._("A rule of the source of truth decided about a later answer."),
        )
        for each in settled:
            if each.outcome != ASK:
                continue
            difference = each.difference
            Exceptions._raise_difference(
                message,
                order,
                sentence=self._sentence(order, difference),
                facts=difference.facts,
                amount=float(difference.stake),
                currency=order.currency_id,
                area_code=AREAS.get(difference.kind, "purchasing"),
                subject=self._subject(difference.number, difference.kind),
                handler=self._name,
                decisions=self._decisions(difference),
                data=self._data(order, difference),
                why=each.why,
            )

    def _subject(self, number: int, kind: str) -> str:
        return f"line:{number}:{kind}"

    def _decisions(self, difference: Difference) -> tuple[str, ...]:
        if difference.acceptable:
            return ("accept_theirs", "keep_ours")
        return ("keep_ours",)

    def _sentence(self, order: models.Model, difference: Difference) -> str:
        """What differs, by order, line and kind; the values stand in the comparison only."""
        what = {
            PRICE: self.env._("the supplier confirms another price"),
            CURRENCY: self.env._("the supplier confirms a price in another currency"),
            DELIVERY: self.env._("the supplier delivers later than asked for"),
            QUANTITY: self.env._("the supplier confirms another quantity"),
            REJECTED: self.env._("the supplier rejects the line"),
            PRODUCT: self.env._("the supplier confirms another item than the one ordered"),
            UNIT: self.env._("the supplier answers in another unit of measure"),
        }[difference.kind]
        return self.env._(
            "%(order)s, line %(line)s: %(what)s",
            order=order.name,
            line=difference.number,
            what=what,
        )

    def _data(self, order: models.Model, difference: Difference) -> dict[str, Any]:
        return {
            "kind": difference.kind,
            "line": difference.number,
            "revision": order.interop_revision,
            "price": None if difference.price is None else str(difference.price),
            "planned": difference.planned.isoformat() if difference.planned else None,
            "quantity": None if difference.quantity is None else str(difference.quantity),
        }
