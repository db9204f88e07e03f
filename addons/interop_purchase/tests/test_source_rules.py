import json
from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged

from ..lib.differences import BACKORDER_DATE, BACKORDERED, PROMISED, UNIT_PRICE
from .common import PurchaseCase

PRICE = {"unit_price": {"amount": 5.2, "currency": "USD"}}  # instead of 5.00
LATE = {"promised_date": "2027-03-13"}  # instead of the tenth


@tagged("post_install", "-at_install")
class TestSourceRules(PurchaseCase):
    """What rules of the source of truth make of an acknowledgement that differs."""

    def rule(self, path, **values):
        return self.env["interop.source.rule"].create(
            {
                "document_type_id": self.in_flow.document_type_id.id,
                "path": path,
                "company_id": False,
                **values,
            }
        )

    def answered(self, *fields, number=1, order=None, **head):
        """An order of which one line is answered with `fields`."""
        order = order or self.order()
        line = {"line_number": number, "status": "changed"}
        for each in fields:
            line |= each
        self.apply(self.answer(order, line, status="partial", **head))
        return order

    def decided(self, order):
        """The decisions in the newest entry of the audit trail about that order."""
        self.env.cr.execute(
            "SELECT details FROM interop_audit_entry WHERE act = 'source_rule.decide' "
            "AND res_model = 'purchase.order' AND res_id = %s ORDER BY id DESC LIMIT 1",
            [order.id],
        )
        row = self.env.cr.fetchone()
        return json.loads(row[0])["decisions"] if row else []

    # -- tolerated ------------------------------------------------------------

    def test_a_difference_within_its_tolerance_is_noted_and_asks_nobody(self):
        rule = self.rule(UNIT_PRICE, tolerance_percent=4)
        order = self.answered(PRICE)
        self.assertFalse(self.exceptions(order))
        self.assertEqual(order._interop_line(1).price_unit, 5.0)
        self.assertEqual(order.interop_state, "acknowledged")
        body = order.message_ids[0].body
        self.assertIn("Unit price: the difference is tolerated (4 %)", body)
        self.assertIn(rule.display_name, body)
        self.assertNotIn("5.2", body)

    def test_one_step_beyond_the_tolerance_is_asked(self):
        self.rule(UNIT_PRICE, tolerance_percent=3.99)
        order = self.answered(PRICE)
        self.assertEqual(len(self.exceptions(order)), 1)
        self.assertIn("1 to decide", order.message_ids[0].body)

    def test_an_amount_is_tolerated_in_the_order_s_currency_only(self):
        rule = self.rule(UNIT_PRICE, tolerance_amount=0.2, currency_id=self.env.ref("base.USD").id)
        self.assertFalse(self.exceptions(self.answered(PRICE)))
        rule.currency_id = self.env.ref("base.EUR")
        [exception] = self.exceptions(self.answered(PRICE))
        self.assertIn("tolerance is in another currency", exception.why_asked)

    def test_a_tolerated_amount_follows_the_currency_s_smallest_step(self):
        self.rule(UNIT_PRICE, tolerance_amount=0.01, currency_id=self.env.ref("base.USD").id)
        for amount, asked in ((0.26, 0), (0.2601, 1), (0.24, 0)):
            with self.subTest(amount=amount):
                given = {"unit_price": {"amount": amount, "currency": "USD"}}
                order = self.answered(given, number=2)
                self.assertEqual(len(self.exceptions(order)), asked)

    def test_days_are_tolerated_per_partner_and_company(self):
        self.rule(PROMISED, tolerance_days=2)
        self.rule(PROMISED, tolerance_days=3, partner_id=self.supplier.id)
        self.assertFalse(self.exceptions(self.answered(LATE)))
        self.rule(PROMISED, partner_id=self.supplier.id, company_id=self.company.id)
        self.assertEqual(len(self.exceptions(self.answered(LATE))), 1)

    def test_a_rule_of_another_company_or_partner_says_nothing(self):
        other = self.env["res.company"].create({"name": "Southfield Test Clinic"})
        stranger = self.env["res.partner"].create({"name": "Another Test Supplier"})
        self.rule(PROMISED, tolerance_days=9, company_id=other.id)
        self.rule(PROMISED, tolerance_days=9, partner_id=stranger.id)
        [exception] = self.exceptions(self.answered(LATE))
        self.assertEqual(
            exception.why_asked,
            "Promised date: they differ and no rule says whose value counts.",
        )

    # -- keep and notify ------------------------------------------------------

    def test_keeping_ours_tells_the_buyer_and_asks_nobody(self):
        self.rule(UNIT_PRICE, truth="odoo", on_difference="keep")
        order = self.order()
        sent = self.message(self.out_flow, "out", "sent", order)
        self.answered(PRICE, order=order)
        self.assertFalse(self.exceptions(order))
        self.assertEqual(order._interop_line(1).price_unit, 5.0)
        self.assertEqual(sent.state, "done", "the order is answered")
        note = order.message_ids[0]
        self.assertIn("our value stays, the supplier has to be told", note.body)
        self.assertIn(self.buyer.partner_id, note.notified_partner_ids)

    def test_a_tolerated_difference_notifies_nobody(self):
        self.rule(UNIT_PRICE, tolerance_percent=50)
        self.assertFalse(self.answered(PRICE).message_ids[0].notified_partner_ids)

    # -- apply ----------------------------------------------------------------

    def test_a_date_that_the_partner_holds_is_written(self):
        rule = self.rule(PROMISED, truth="partner", on_difference="apply")
        order = self.answered(LATE)
        self.assertFalse(self.exceptions(order))
        self.assertEqual(order._interop_line(1)._interop_requested_date(), date(2027, 3, 13))
        self.assertIn("the order now says what the supplier confirmed", order.message_ids[0].body)
        self.assertEqual(
            self.decided(order),
            [{"line": 1, "path": PROMISED, "outcome": "apply", "rule": rule.id, "tolerance": {}}],
        )

    def test_each_field_goes_its_own_way(self):
        self.rule(PROMISED, truth="partner", on_difference="apply")
        self.rule(UNIT_PRICE, truth="odoo", on_difference="ask")
        order = self.answered(LATE, PRICE)
        line = order._interop_line(1)
        self.assertEqual(line._interop_requested_date(), date(2027, 3, 13))
        self.assertEqual(line.price_unit, 5.0)
        [exception] = self.exceptions(order)
        self.assertIn("another price", exception.name)
        self.assertIn("the rule leaves it to a person", exception.why_asked)

    def test_a_price_that_a_rule_takes_is_written(self):
        self.rule(UNIT_PRICE, truth="partner", on_difference="apply")
        self.assertEqual(self.answered(PRICE)._interop_line(1).price_unit, 5.2)

    def test_a_back_order_that_a_rule_takes_stands_on_the_line(self):
        for path in (BACKORDERED, BACKORDER_DATE):
            self.rule(path, truth="partner", on_difference="apply")
        later = {"status": "backordered", "backorder_date": "2027-04-01"}
        order = self.answered(later)
        self.assertFalse(self.exceptions(order))
        line = order._interop_line(1)
        self.assertEqual(line._interop_requested_date(), date(2027, 4, 1))
        self.assertEqual((line.product_qty, line.interop_backordered_qty), (100, 100))
        self.assertIn("the supplier's answer stands, noted on the line", order.message_ids[0].body)

    def test_the_same_answer_again_writes_nothing_again(self):
        self.rule(PROMISED, truth="partner", on_difference="apply")
        order = self.order()
        body = self.answer(
            order, {"line_number": 1, "status": "accepted", **LATE}, status="partial"
        )
        self.apply(body)
        order._interop_line(1).date_planned = "2027-05-01 12:00:00"
        self.apply(body)
        self.assertEqual(order._interop_line(1)._interop_requested_date(), date(2027, 5, 1))

    def hindered(self, prepare, why):
        """Nothing is written, and somebody is asked and told why."""
        self.rule(UNIT_PRICE, truth="partner", on_difference="apply")
        order = self.order()
        prepare(order)
        self.answered(PRICE, order=order)
        self.assertEqual(order._interop_line(1).price_unit, 5.0)
        [exception] = self.exceptions(order)
        self.assertIn(why, exception.why_asked)
        self.assertNotIn("5.2", exception.why_asked)
        self.assertEqual([each["outcome"] for each in self.decided(order)], ["ask"])
        self.assertNotIn("now says what the supplier", order.message_ids[0].body)
        return exception

    def test_a_rule_never_writes_into_a_locked_order(self):
        self.hindered(lambda order: order.button_lock(), "is locked")

    def test_a_rule_never_writes_into_a_line_of_which_goods_have_come(self):
        self.hindered(
            lambda order: order._interop_line(1).write({"qty_received": 1}), "have come already"
        )

    def test_a_rule_never_writes_into_a_billed_line(self):
        self.hindered(
            lambda order: order._interop_line(1).write({"qty_invoiced": 1}), "have come already"
        )

    def test_what_odoo_does_not_take_over_is_asked_and_leaves_nothing_half_written(self):
        lines = type(self.env["purchase.order.line"])
        write = lines.write

        def stubborn(records, values):
            return write(
                records, {**values, "price_unit": 5.1} if "price_unit" in values else values
            )

        with patch.object(lines, "write", stubborn):
            self.hindered(lambda order: None, "Odoo did not take over")

    def test_what_odoo_refuses_is_asked_without_odoo_s_own_words(self):
        lines = type(self.env["purchase.order.line"])
        write = lines.write

        words = "5.2 is too much for Invented Person"

        def refusing(records, values):
            if "price_unit" in values:
                raise ValidationError(words)
            return write(records, values)

        with patch.object(lines, "write", refusing):
            exception = self.hindered(lambda order: None, "Odoo refused to write it")
        self.assertNotIn("Invented", exception.why_asked)

    def test_a_price_with_taxes_in_it_is_asked(self):
        self.taxes.price_include_override = "tax_included"
        self.rule(UNIT_PRICE, truth="partner", on_difference="apply")
        order = self.answered(PRICE)
        [exception] = self.exceptions(order)
        self.assertIn("includes taxes", exception.why_asked)

    # -- what was asked before ------------------------------------------------

    def test_a_rule_settles_what_an_earlier_answer_asked(self):
        order = self.answered(PRICE)
        [exception] = self.exceptions(order)
        self.rule(UNIT_PRICE, tolerance_percent=5)
        self.answered(PRICE, order=order, acknowledged_at="2027-03-02T08:00:00Z")
        self.assertEqual((exception.state, exception.resolution), ("resolved", "superseded"))
        self.assertIn("A rule of the source of truth", exception.resolution_note)

    def test_a_line_without_rules_says_why_it_is_always_asked(self):
        order = self.answered({"status": "rejected"})
        [exception] = self.exceptions(order)
        self.assertIn("no rule decides them", exception.why_asked)
        self.assertEqual(self.decided(order), [])

    # -- cost and rights ------------------------------------------------------

    def test_the_rules_are_read_once_for_all_lines_and_not_at_all_without_differences(self):
        self.rule(UNIT_PRICE, tolerance_percent=50)
        rules = type(self.env["interop.source.rule"])
        order = self.order()
        lines = [{"line_number": n, "status": "changed", **PRICE} for n in (1, 2, 3)]
        with patch.object(rules, "_in_force", autospec=True, side_effect=rules._in_force) as read:
            self.apply(self.answer(order))
            self.assertEqual(read.call_count, 0)
            self.apply(self.answer(order, *lines))
            self.assertEqual(read.call_count, 1)

    def test_many_decisions_are_counted_and_not_all_listed(self):
        self.rule(PROMISED, tolerance_days=9)
        order = self.order()
        module = "odoo.addons.interop_purchase.models"
        with patch(f"{module}.handler_purchase_order_acknowledgement_sources.TOLD", 2):
            self.apply(
                self.answer(
                    order,
                    *({"line_number": n, "status": "accepted", **LATE} for n in (1, 2, 3)),
                )
            )
        self.assertIn("and 1 more", order.message_ids[0].body)
        self.assertEqual(len(self.decided(order)), 2)

    def test_the_name_of_a_rule_is_text_in_the_chatter(self):
        self.supplier.name = "<b>Meridian</b>"
        self.rule(UNIT_PRICE, tolerance_percent=50, partner_id=self.supplier.id)
        self.assertIn("&lt;b&gt;Meridian", self.answered(PRICE).message_ids[0].body)

    def test_a_reviewer_reads_why_it_is_asked(self):
        reviewer = new_test_user(
            self.env,
            login="test_source_reviewer",
            groups="base.group_user,interop_base.group_finance_reviewer",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        exception = self.exceptions(self.answered(PRICE)).with_user(reviewer)
        self.assertIn("no rule says", exception.why_asked)
