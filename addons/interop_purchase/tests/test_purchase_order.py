from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import PurchaseCase

INSERT = "odoo.addons.interop_queue.models.interop_queue.InteropQueue._insert"
EMIT = "odoo.addons.interop_queue.models.interop_queue.InteropQueue._emit"
LOGGER = "odoo.addons.interop_queue.models.interop_queue"


@tagged("post_install", "-at_install")
class TestPurchaseOrder(PurchaseCase):
    # -- emitting -------------------------------------------------------------

    def test_confirming_tells_the_queue_once(self):
        order = self.order(confirm=False)
        with patch(EMIT, autospec=True) as emit:
            order.button_confirm()
            order.button_approve()
        self.assertEqual(
            [call.args[1:] for call in emit.call_args_list], [("purchase.order.approved", order)]
        )

    def test_an_order_that_still_needs_approval_does_not_leave(self):
        self.company.write({"po_double_validation": "two_step", "po_double_validation_amount": 1.0})
        order = self.order(confirm=False).with_user(self.buyer)
        with patch(EMIT, autospec=True) as emit:
            order.button_confirm()
            self.assertEqual(order.state, "to approve")
            emit.assert_not_called()
            order.sudo().with_user(self.env.ref("base.user_root")).button_approve()
            emit.assert_called_once()
        self.assertEqual(order.interop_revision, 0)

    def test_an_order_without_goods_does_not_leave(self):
        order = self.order(confirm=False, order_line=[self._layout("line_note", "Nothing", 1)])
        with patch(EMIT, autospec=True) as emit:
            order.button_confirm()
        self.assertEqual(order.state, "purchase")
        emit.assert_not_called()

    def test_a_queue_that_fails_does_not_fail_the_buyer_and_leaves_evidence(self):
        def broken(queue, event, records, delay):
            queue.env.cr.execute("SELECT 1/0")

        order = self.order(confirm=False)
        with (
            patch(INSERT, broken),
            mute_logger("odoo.sql_db"),
            self.assertLogs(LOGGER, "ERROR") as logs,
        ):
            order.button_confirm()
        self.assertEqual(order.state, "purchase")
        self.assertEqual(order.interop_state, "not_sent")
        self.assertIn("DivisionByZero", logs.output[0])
        noted = self.env["interop.audit.entry"].search(
            [("act", "=", "event.not_queued"), ("res_id", "=", order.id)]
        )
        self.assertEqual(noted.outcome, "failed")

    def test_what_odoo_runs_again_is_let_through(self):
        order = self.order(confirm=False)
        with (
            patch(INSERT, side_effect=SerializationFailure()),
            self.assertRaises(SerializationFailure),
        ):
            order.button_confirm()

    def publish(self):
        """Put the outbound flow in force, with a policy that sends the order's number only."""
        self.out_flow.policy_id = self.env["interop.policy"].create(
            {
                "name": "Test policy",
                "document_type_id": self.out_flow.document_type_id.id,
                "company_id": self.company.id,
                "area_id": self.out_flow.area_id.id,
                "rule_ids": [Command.create({"path": "number", "action": "send"})],
            }
        )
        self.env["interop.endpoint"].create(
            {
                "connector_id": self.connector.id,
                "name": "Orders",
                "url": "http://127.0.0.1:9/orders",
                "method": "POST",
            }
        )
        self.out_flow.action_publish()

    def sent(self, order):
        return self.env["interop.message"].search(
            [("res_model", "=", "purchase.order"), ("res_id", "=", order.id)]
        )

    def test_a_confirmed_order_leaves_through_the_live_flow_of_its_supplier(self):
        self.publish()
        message = self.sent(self.order())
        self.assertEqual((message.flow_id, message.direction), (self.out_flow, "out"))
        self.assertEqual(message.partner_id, self.supplier)

    def test_an_order_confirmed_before_its_flow_was_live_can_be_sent_once(self):
        order = self.order()
        self.assertEqual(order.interop_state, "not_sent")
        with self.assertRaisesRegex(UserError, "No live flow"):
            order.action_interop_send()
        self.publish()
        order.with_user(self.buyer).action_interop_send()
        self.assertEqual(len(self.sent(order)), 1)
        order.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "not been sent"):
            order.action_interop_send()

    def test_an_order_never_leaves_for_another_supplier(self):
        self.publish()
        other = self.env["res.partner"].create({"name": "Another Test Supplier"})
        self.assertFalse(self.sent(self.order(partner_id=other.id)))
        self.system.partner_id = False
        self.assertTrue(self.sent(self.order(partner_id=other.id)), "a network serves them all")

    def test_a_confirmation_that_is_rolled_back_leaves_no_message(self):
        self.publish()
        order = self.order(confirm=False)

        class Undo(Exception):
            pass

        with self.assertRaises(Undo), self.cr.savepoint():
            order.button_confirm()
            self.assertTrue(self.sent(order))
            raise Undo
        self.assertFalse(self.sent(order))

    # -- numbers --------------------------------------------------------------

    def test_lines_are_numbered_from_one_without_sections_and_notes(self):
        order = self.order()
        numbers = {line.product_id: line.interop_line_number for line in order.interop_line_ids}
        self.assertEqual(numbers, {self.gloves: 1, self.syringes: 2, self.reagent: 3})

    def test_the_number_of_a_deleted_line_is_never_given_again(self):
        order = self.order()
        order.button_cancel()
        order.button_draft()
        order._interop_line(3).unlink()
        order.order_line = [self._line(self.syringes, 1, 1, "2027-03-10 12:00:00", 9)]
        order.button_confirm()
        self.assertEqual(sorted(order.interop_line_ids.mapped("interop_line_number")), [1, 2, 4])

    def test_moving_lines_about_does_not_change_their_numbers(self):
        order = self.order()
        order._interop_line(1).sequence = 99
        order.button_cancel()
        order.button_draft()
        order.button_confirm()
        self.assertEqual(order._interop_line(1).product_id, self.gloves)

    def test_a_line_added_to_a_confirmed_order_gets_the_next_number(self):
        order = self.order()
        order.order_line = [self._line(self.syringes, 1, 1, "2027-03-10 12:00:00", 9)]
        self.assertEqual(order._interop_line(4).product_id, self.syringes)

    def test_confirming_again_is_a_new_revision_that_waits_for_its_own_answer(self):
        order = self.order()
        self.apply(self.answer(order))
        self.assertEqual(order.interop_state, "acknowledged")
        order.button_cancel()
        order.button_draft()
        order.button_confirm()
        self.assertEqual(order.interop_revision, 1)
        self.assertFalse(order.interop_acknowledged_at)
        self.assertFalse(any(order.interop_line_ids.mapped("interop_status")))

    def test_a_copy_starts_afresh(self):
        order = self.order()
        self.apply(self.answer(order))
        copy = order.copy()
        self.assertFalse(copy.interop_last_line_number or copy.interop_supplier_reference)
        self.assertFalse(any(copy.order_line.mapped("interop_line_number")))
        self.assertFalse(any(copy.order_line.mapped("interop_status")))

    # -- what people see ------------------------------------------------------

    def test_the_badge_follows_the_message(self):
        order = self.order()
        self.assertEqual(order.interop_state, "not_sent")
        message = self.message(self.out_flow, "out", "ready", order)
        for state, shown in (
            ("waiting", "queued"),
            ("ready", "queued"),
            ("running", "queued"),
            ("sent", "sent"),
            ("done", "sent"),
            ("dead", "failed"),
            ("cancelled", "not_sent"),
        ):
            with self.subTest(state=state):
                message.state = state
                order.invalidate_recordset(["interop_state"])
                self.assertEqual(order.interop_state, shown)

    def test_the_badge_costs_the_same_for_one_order_and_for_many(self):
        orders = self.env["purchase.order"].concat(*(self.order() for _each in range(10)))
        for order in orders:
            self.message(self.out_flow, "out", "sent", order)

        def cost(batch):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            batch.mapped("interop_state")
            return self.cr.sql_log_count - before

        self.assertLessEqual(cost(orders), cost(orders[:1]) + 1)

    def test_a_buyer_without_integration_rights_sees_the_badge_and_not_the_messages(self):
        order = self.order()
        self.message(self.out_flow, "out", "sent", order)
        mine = order.with_user(self.buyer)
        self.assertEqual(mine.interop_state, "sent")
        with Form(mine) as form:
            self.assertEqual(form.interop_state, "sent")
            self.assertNotIn("interop_message_count", form._view["fields"])

    def test_the_button_gathers_messages_out_and_in(self):
        order = self.order()
        self.message(self.out_flow, "out", "sent", order)
        self.apply(self.answer(order))
        self.assertEqual(order.interop_message_count, 2)
        action = order.action_view_interop_messages()
        found = self.env["interop.message"].search(action["domain"])
        self.assertEqual(sorted(found.mapped("direction")), ["in", "out"])

    def test_orders_that_wait_for_a_decision_can_be_filtered(self):
        quiet, waiting = self.order(), self.order()
        self.apply(
            self.answer(
                waiting,
                {
                    "line_number": 1,
                    "status": "changed",
                    "unit_price": {"amount": 9, "currency": "USD"},
                },
            )
        )
        both = [("id", "in", (quiet + waiting).ids)]
        orders = self.env["purchase.order"]
        self.assertEqual(orders.search([*both, ("interop_needs_decision", "=", True)]), waiting)
        self.assertEqual(orders.search([*both, ("interop_needs_decision", "=", False)]), quiet)

    # -- master data ----------------------------------------------------------

    def test_a_device_identifier_with_a_wrong_check_digit_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "check digit"):
            self.reagent.interop_udi_di = "06291041500214"

    def test_each_company_has_its_own_account_number_at_a_supplier(self):
        other = self.env["res.company"].create({"name": "Southfield Test Clinic"})
        self.assertEqual(self.supplier.interop_account_number, "ACC-77")
        self.assertFalse(self.supplier.with_company(other).interop_account_number)

    def test_the_suppliers_own_item_code_is_found_for_a_variant_before_its_template(self):
        self.env["product.supplierinfo"].create(
            {
                "partner_id": self.supplier.id,
                "product_tmpl_id": self.gloves.product_tmpl_id.id,
                "product_id": self.gloves.id,
                "product_code": "MER-VARIANT",
            }
        )
        order = self.order()
        self.assertEqual(order._interop_line(1)._interop_seller().product_code, "MER-VARIANT")

    def test_every_field_explains_itself(self):
        for model in (
            "purchase.order",
            "purchase.order.line",
            "product.template",
            "res.partner",
            "uom.uom",
        ):
            for name, field in self.env[model]._fields.items():
                if name.startswith("interop_"):
                    self.assertTrue(field.help, f"{model}.{name}")

    def test_an_advance_payment_line_does_not_travel(self):
        order = self.order(confirm=False)
        order.order_line = [
            Command.create(
                {
                    "name": "Down payment",
                    "is_downpayment": True,
                    "product_qty": 0,
                    "price_unit": 10,
                    "sequence": 50,
                    "date_planned": "2027-03-10 12:00:00",
                }
            )
        ]
        order.button_confirm()
        self.assertEqual(len(order.interop_line_ids), 3)
