from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import LockError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.interop_base.lib.failures import BusinessError, DataError, TransientError

from .common import PurchaseCase

PRICE = {"unit_price": {"amount": 5.2, "currency": "USD"}}


@tagged("post_install", "-at_install")
class TestHandlerPurchaseOrderAcknowledgement(PurchaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reviewer = new_test_user(
            cls.env,
            login="test_purchase_reviewer",
            groups="base.group_user,interop_base.group_finance_reviewer",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def reviewed(self, exception):
        return (
            exception.with_user(self.reviewer)
            .sudo(False)
            .with_context(allowed_company_ids=self.company.ids)
        )

    # -- noting ---------------------------------------------------------------

    def test_an_answer_is_noted_beside_the_order_and_changes_nothing_ordered(self):
        order = self.order()
        before = [(x.product_qty, x.price_unit, x.date_planned) for x in order.interop_line_ids]
        self.apply(
            self.answer(
                order,
                {"line_number": 1, "status": "accepted", "promised_date": "2027-03-09"},
                {
                    "line_number": 2,
                    "status": "backordered",
                    "quantity_accepted": 150,
                    "quantity_backordered": 50,
                    "backorder_date": "2027-04-01",
                },
                {
                    "line_number": 3,
                    "status": "changed",
                    "unit_price": {"amount": 130, "currency": "USD"},
                },
                status="partial",
            )
        )
        one, two, three = (order._interop_line(number) for number in (1, 2, 3))
        self.assertEqual((one.interop_status, one.interop_accepted_qty), ("accepted", 100))
        self.assertEqual(one.interop_promised_date, date(2027, 3, 9))
        self.assertEqual((two.interop_accepted_qty, two.interop_backordered_qty), (150, 50))
        self.assertEqual(two.interop_backorder_date, date(2027, 4, 1))
        self.assertEqual(three.interop_status, "changed")
        self.assertEqual(
            [(x.product_qty, x.price_unit, x.date_planned) for x in order.interop_line_ids], before
        )
        self.assertEqual(order.interop_supplier_reference, "SO-4711")
        self.assertTrue(order.interop_acknowledged_at and order.acknowledged)
        self.assertEqual(order.interop_state, "differences")

    def test_a_price_is_for_finance_and_goods_are_for_purchasing(self):
        order = self.order()
        self.apply(
            self.answer(
                order,
                {"line_number": 1, "status": "changed", **PRICE},
                {"line_number": 2, "status": "backordered"},
                {"line_number": 3, "status": "rejected", "reason": "discontinued"},
            )
        )
        told = {
            exception.name: (exception.area_id.code, exception.amount, exception.partner_id)
            for exception in self.exceptions(order)
        }
        self.assertEqual(
            told,
            {
                f"{order.name}, line 1: the supplier confirms another price": (
                    "finance",
                    20.0,
                    self.supplier,
                ),
                f"{order.name}, line 2: the supplier delivers later than asked for": (
                    "purchasing",
                    45.0,
                    self.supplier,
                ),
                f"{order.name}, line 3: the supplier rejects the line": (
                    "purchasing",
                    482.0,
                    self.supplier,
                ),
            },
        )

    def test_the_chatter_gets_references_and_no_values(self):
        order = self.order()
        message = self.apply(self.answer(order, {"line_number": 1, "status": "changed", **PRICE}))
        body = order.message_ids[0].body
        self.assertIn(message.uuid, body)
        self.assertNotIn("5.2", body)
        self.assertNotIn("SO-4711", body)

    def test_the_order_that_was_sent_is_answered(self):
        order = self.order()
        sent = self.message(self.out_flow, "out", "sent", order)
        answer = self.apply(self.answer(order))
        self.assertEqual(sent.state, "done")
        self.assertEqual(answer.answers_id, sent)

    # -- the same again, and later --------------------------------------------

    def test_the_same_answer_twice_changes_nothing(self):
        order = self.order()
        body = self.answer(order, {"line_number": 1, "status": "changed", **PRICE})
        self.apply(body)
        self.reviewed(self.exceptions(order)).action_keep_ours()
        posted, at = len(order.message_ids), order.interop_acknowledged_at
        self.apply(body)
        self.assertEqual(len(self.exceptions(order)), 1)
        self.assertEqual(len(order.message_ids), posted)
        self.assertEqual(order.interop_acknowledged_at, at)

    def test_a_later_answer_that_agrees_closes_the_difference(self):
        order = self.order()
        self.apply(self.answer(order, {"line_number": 1, "status": "changed", **PRICE}))
        self.apply(self.answer(order, acknowledged_at="2027-03-02T08:00:00Z"))
        self.assertEqual(self.exceptions(order).mapped("resolution"), ["superseded"])
        self.assertEqual(order.interop_state, "acknowledged")

    def test_a_later_answer_that_still_differs_brings_the_same_exception_up_to_date(self):
        order = self.order()
        self.apply(self.answer(order, {"line_number": 1, "status": "changed", **PRICE}))
        self.apply(
            self.answer(
                order,
                {
                    "line_number": 1,
                    "status": "changed",
                    "unit_price": {"amount": 5.1, "currency": "USD"},
                },
            )
        )
        [exception] = self.exceptions(order)
        self.assertEqual(exception.amount, 10.0)

    # -- bad input ------------------------------------------------------------

    def test_an_unknown_order_number_is_told_without_other_data(self):
        order = self.order()
        with self.assertRaises(BusinessError) as caught:
            self.apply(self.answer(order, order_number="P99999-SECRET"))
        self.assertIn("was not found in company Northfield Test Clinic", caught.exception.sentence)
        self.assertNotIn("SECRET", caught.exception.sentence)

    def test_a_supplier_cannot_answer_the_order_of_another(self):
        other = self.env["res.partner"].create({"name": "Another Test Supplier"})
        order = self.order(partner_id=other.id)
        with self.assertRaisesRegex(BusinessError, "was not found"):
            self.apply(self.answer(order))
        self.assertFalse(order.interop_acknowledged_at)

    def test_a_contact_of_the_supplier_counts_as_the_supplier(self):
        branch = self.env["res.partner"].create(
            {"name": "Order desk", "parent_id": self.supplier.id}
        )
        order = self.order(partner_id=branch.id)
        self.apply(self.answer(order))
        self.assertTrue(order.interop_acknowledged_at)

    def test_a_network_answers_only_orders_that_left_through_it(self):
        self.system.partner_id = False
        order = self.order()
        with self.assertRaisesRegex(BusinessError, "was not found"):
            self.apply(self.answer(order))
        self.message(self.out_flow, "out", "sent", order)
        self.apply(self.answer(order))
        self.assertTrue(order.interop_acknowledged_at)

    def test_the_order_of_another_company_is_not_found(self):
        order = self.order()
        other = self.env["res.company"].create({"name": "Southfield Test Clinic"})
        message = self.message(self.in_flow, "in", company_id=other.id)
        with self.assertRaisesRegex(BusinessError, "was not found in company Southfield"):
            self.apply(self.answer(order), message)

    def test_an_order_that_was_cancelled_takes_no_answer(self):
        order = self.order()
        order.button_cancel()
        with self.assertRaisesRegex(BusinessError, "not a confirmed order any more"):
            self.apply(self.answer(order))

    def test_an_unknown_line_applies_nothing_of_the_answer(self):
        order = self.order()
        with self.assertRaises(DataError) as caught:
            self.apply(
                self.answer(
                    order,
                    {"line_number": 1, "status": "accepted"},
                    {"line_number": 77, "status": "accepted"},
                )
            )
        self.assertIn("lines 2, line_number", caught.exception.sentence)
        self.assertFalse(order._interop_line(1).interop_status)

    def test_another_item_is_a_difference_and_leaves_the_line_alone(self):
        order = self.order()
        self.apply(
            self.answer(
                order,
                {
                    "line_number": 1,
                    "status": "accepted",
                    "item": {"name": "Vinyl gloves", "gtin": "4006381333931"},
                },
            )
        )
        [exception] = self.exceptions(order)
        self.assertIn("another item than the one ordered", exception.name)
        self.assertFalse(order._interop_line(1).interop_status)
        self.assertFalse(self.reviewed(exception).may_accept_theirs)

    def test_an_answer_to_an_earlier_revision_is_not_applied(self):
        order = self.order()
        early = self.answer(order)
        order.button_cancel()
        order.button_draft()
        order.button_confirm()
        with self.assertRaisesRegex(BusinessError, "earlier revision"):
            self.apply(early)
        with self.assertRaises(DataError):
            self.apply(self.answer(order, order_revision=9))

    def test_an_order_that_somebody_is_changing_is_tried_again_later(self):
        order = self.order()
        with (
            patch.object(
                type(order), "lock_for_update", side_effect=LockError("locked"), create=True
            ),
            self.assertRaises(TransientError),
        ):
            self.apply(self.answer(order))

    # -- deciding -------------------------------------------------------------

    def decided(self, line, decision, **order_values):
        order = self.order(**order_values)
        self.apply(self.answer(order, line))
        [exception] = self.exceptions(order)
        getattr(self.reviewed(exception), f"action_{decision}")()
        order.invalidate_recordset()
        return order, exception

    def test_accepting_a_price_writes_it_and_nothing_else(self):
        order, exception = self.decided(
            {"line_number": 1, "status": "changed", **PRICE}, "accept_theirs"
        )
        line = order._interop_line(1)
        self.assertEqual((line.price_unit, line.product_qty), (5.2, 100))
        self.assertEqual(line.price_subtotal, 520.0)
        self.assertEqual(exception.state, "resolved")
        self.assertIn(self.reviewer.name, order.message_ids[0].body)
        self.assertEqual(order.message_ids[0].author_id, self.reviewer.partner_id)

    def test_an_accepted_price_stays_when_the_quantity_changes_later(self):
        order, _exception = self.decided(
            {"line_number": 1, "status": "changed", **PRICE}, "accept_theirs"
        )
        order._interop_line(1).product_qty = 120
        self.assertEqual(order._interop_line(1).price_unit, 5.2)

    def test_keeping_our_price_leaves_the_order_and_records_it(self):
        order, exception = self.decided(
            {"line_number": 1, "status": "changed", **PRICE}, "keep_ours"
        )
        self.assertEqual(order._interop_line(1).price_unit, 5.0)
        self.assertEqual(exception.resolution, "keep_ours")
        self.assertIn("stays as it is", order.message_ids[0].body)

    def test_accepting_a_date_moves_the_expected_arrival(self):
        order, _exception = self.decided(
            {"line_number": 1, "status": "accepted", "promised_date": "2027-03-20"},
            "accept_theirs",
        )
        line = order._interop_line(1)
        self.assertEqual(line._interop_requested_date(), date(2027, 3, 20))

    def test_accepting_a_rejected_line_orders_none_of_it(self):
        order, _exception = self.decided({"line_number": 3, "status": "rejected"}, "accept_theirs")
        self.assertEqual(order._interop_line(3).product_qty, 0)

    def test_accepting_fewer_orders_fewer(self):
        order, _exception = self.decided(
            {"line_number": 1, "status": "changed", "quantity_accepted": 80}, "accept_theirs"
        )
        self.assertEqual(order._interop_line(1).product_qty, 80)

    def refused(self, prepare, line, why):
        order = self.order()
        self.apply(self.answer(order, line))
        [exception] = self.exceptions(order)
        prepare(order)
        with self.assertRaisesRegex(UserError, why):
            self.reviewed(exception).action_accept_theirs()

    def test_a_locked_order_is_not_changed(self):
        self.refused(
            lambda order: order.button_lock(),
            {"line_number": 1, "status": "changed", **PRICE},
            "is locked",
        )

    def test_a_cancelled_order_is_not_changed(self):
        self.refused(
            lambda order: order.button_cancel(),
            {"line_number": 1, "status": "changed", **PRICE},
            "not a confirmed order any more",
        )

    def test_an_answer_to_an_earlier_revision_cannot_be_accepted(self):
        def confirm_again(order):
            order.button_cancel()
            order.button_draft()
            order.button_confirm()

        self.refused(
            confirm_again,
            {"line_number": 1, "status": "changed", **PRICE},
            "confirmed anew after this answer",
        )

    def test_fewer_than_received_cannot_be_accepted(self):
        self.refused(
            lambda order: order._interop_line(3).write({"qty_received": 2}),
            {"line_number": 3, "status": "rejected"},
            "received or billed already",
        )

    def test_a_price_that_odoo_does_not_take_over_is_a_failure(self):
        order = self.order()
        self.apply(self.answer(order, {"line_number": 1, "status": "changed", **PRICE}))
        [exception] = self.exceptions(order)
        lines = type(order.order_line)
        write = lines.write

        def stubborn(records, values):
            return write(
                records, {**values, "price_unit": 5.0} if "price_unit" in values else values
            )

        with (
            patch.object(lines, "write", stubborn),
            self.assertRaisesRegex(UserError, "Odoo did not take over"),
        ):
            self.reviewed(exception).action_accept_theirs()

    def test_the_reviewer_needs_no_purchasing_rights(self):
        self.assertFalse(self.reviewer.has_group("purchase.group_purchase_user"))
        order, _exception = self.decided(
            {"line_number": 1, "status": "changed", **PRICE}, "accept_theirs"
        )
        self.assertEqual(order._interop_line(1).price_unit, 5.2)
