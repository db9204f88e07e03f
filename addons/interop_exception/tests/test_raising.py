from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..lib.facts import Fact
from ..lib.summary import Summary
from .common import ExceptionCase


@tagged("post_install", "-at_install")
class TestRaising(ExceptionCase):
    # -- dead letters ---------------------------------------------------------

    def test_a_dead_message_becomes_an_exception_that_names_document_and_failure(self):
        exception = self.dead_letter()
        self.assertEqual(exception.name, "P00042: lines 3, quantity: is missing.")
        self.assertEqual((exception.kind, exception.failure_class), ("dead_letter", "data"))
        self.assertEqual(exception.state, "open")
        self.assertEqual(exception.area_id, self.purchasing)
        self.assertEqual(exception.company_id, self.company)
        self.assertEqual(exception.partner_id, self.partner)
        self.assertAlmostEqual(
            exception.due_at, fields.Datetime.now() + timedelta(hours=8), delta=timedelta(minutes=1)
        )

    def test_a_message_that_a_policy_stopped_is_a_violation(self):
        self.assertEqual(self.dead_letter(failure_class="policy").kind, "violation")

    def test_being_told_twice_makes_one_exception(self):
        message = self.message()
        for _again in range(2):
            self.env["interop.outcome"]._on_settled(message._outcomes())
        self.assertEqual(len(message.exception_ids), 1)

    def test_a_thousand_dead_messages_cost_as_many_queries_as_ten(self):
        def cost(number):
            messages = self.env["interop.message"].concat(
                *(self.message() for _each in range(number))
            )
            outcomes = messages._outcomes()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.exceptions._raise_dead(outcomes)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        cost(2)
        self.assertLessEqual(cost(100), cost(10) + 8)

    def test_the_document_tells_its_reference_partner_and_money(self):
        usd = self.env.ref("base.USD")
        summary = Summary("P00042", self.partner.id, 520.0, usd.id)
        with patch.object(
            type(self.record),
            "_interop_summary",
            lambda records: {record.id: summary for record in records},
            create=True,
        ):
            exception = self.dead_letter(res_model="res.partner", res_id=self.record.id)
        self.assertEqual(exception.document_ref, "P00042")
        self.assertEqual((exception.amount, exception.currency_id), (520.0, usd))
        self.assertEqual(exception.res_id, self.record.id)

    def test_the_owner_of_the_flow_is_asked_first_if_that_person_may_see_it(self):
        for owner, expected in ((self.operator, self.operator), (self.reviewer, False)):
            with self.subTest(owner=owner.login):
                self.flow.owner_id = owner
                exception = self.dead_letter()
                self.assertEqual(exception.owner_id, expected or self.env["res.users"])
                self.assertEqual(exception.state, "in_progress" if expected else "open")

    def test_a_message_redriven_elsewhere_closes_its_exception(self):
        exception = self.dead_letter()
        self.seen_by(self.operator, exception.message_id).action_redrive("mended the product")
        self.assertEqual((exception.state, exception.resolution), ("resolved", "settled"))
        self.assertFalse(exception.resolved_by_id)

    def test_a_message_cancelled_elsewhere_closes_its_exception(self):
        exception = self.dead_letter()
        self.seen_by(self.operator, exception.message_id).action_cancel("sent by mail instead")
        self.assertEqual(exception.state, "resolved")

    def test_a_message_that_dies_again_asks_again(self):
        first = self.dead_letter()
        message = first.message_id
        self.seen_by(self.operator, message).action_redrive("try")
        message.state = "dead"
        self.env["interop.outcome"]._on_settled(message._outcomes())
        self.assertEqual(sorted(message.exception_ids.mapped("state")), ["open", "resolved"])

    # -- the sweep ------------------------------------------------------------

    def test_the_sweep_raises_what_a_failed_hook_missed(self):
        message = self.message()
        self.env["interop.outcome"]._sweep()
        self.assertEqual(message.exception_ids.kind, "dead_letter")
        self.env["interop.outcome"]._sweep()
        self.assertEqual(len(message.exception_ids), 1)

    def test_the_sweep_raises_an_answer_that_is_late_once_and_closes_it_when_it_comes(self):
        late = self.message("sent", answer_due_at=fields.Datetime.now() - timedelta(hours=1))
        in_time = self.message("sent", answer_due_at=fields.Datetime.now() + timedelta(hours=1))
        self.env["interop.outcome"]._sweep()
        self.assertEqual(late.exception_ids.kind, "overdue")
        self.assertFalse(in_time.exception_ids)
        late.state = "done"
        self.env["interop.outcome"]._sweep()
        self.assertEqual(late.exception_ids.state, "resolved")

    def test_an_overdue_answer_that_a_person_closed_does_not_come_back(self):
        late = self.message("sent", answer_due_at=fields.Datetime.now() - timedelta(hours=1))
        self.env["interop.outcome"]._sweep()
        self.seen_by(self.viewer, late.exception_ids)._decide("close", "confirmed by phone")
        self.env["interop.outcome"]._sweep()
        self.assertEqual(late.exception_ids.mapped("state"), ["resolved"])

    # -- differences ----------------------------------------------------------

    def test_a_difference_stands_in_the_area_that_decides_it(self):
        exception = self.difference(area="finance")
        self.assertEqual(exception.area_id, self.finance)
        self.assertEqual((exception.amount, exception.currency_id.name), (20.0, "USD"))
        self.assertEqual(exception.fact_ids.mapped("theirs"), ["5.2 USD"])
        self.assertEqual(exception.res_id, self.record.id)

    def test_the_same_subject_again_brings_the_open_exception_up_to_date(self):
        first = self.difference()
        again = self.difference(
            amount=30.0,
            facts=[Fact("Unit price", "lines[].unit_price.amount", "5 USD", "5.3 USD", "+0.3 USD")],
        )
        self.assertEqual(first, again)
        self.assertEqual(first.amount, 30.0)
        self.assertEqual(first.fact_ids.mapped("theirs"), ["5.3 USD"])

    def test_a_later_answer_that_agrees_settles_the_difference(self):
        price, date = self.difference(), self.difference(subject="line:3:delivery")
        self.exceptions._settle_subjects(self.record, ["line:3:price"])
        self.assertEqual((price.state, price.resolution), ("resolved", "superseded"))
        self.assertEqual(date.state, "open")

    def test_values_above_a_reviewers_clearance_are_not_even_stored(self):
        with patch.object(type(self.exceptions), "_sensitivities", lambda _self, _message: {}):
            exception = self.difference(data={"price": "5.2"})
        fact = exception.fact_ids
        self.assertTrue(fact.hidden)
        self.assertEqual((fact.ours, fact.theirs), ("not shown", "not shown"))
        self.env.flush_all()
        self.cr.execute("SELECT decision_data FROM interop_exception WHERE id = %s", [exception.id])
        self.assertEqual(self.cr.fetchone(), (None,))
        self.assertFalse(self.seen_by(self.reviewer, exception).may_accept_theirs)
        self.assertTrue(self.seen_by(self.reviewer, exception).may_keep_ours)

    def test_a_service_user_without_rights_may_raise_a_difference(self):
        nobody = self._person("service", "base.group_user")
        exceptions = self.exceptions.with_user(nobody)
        raised = exceptions._raise_difference(
            self.message("done").with_user(nobody),
            self.record.with_user(nobody),
            sentence="P00042: differs",
            facts=[],
            area_code="purchasing",
            subject="line:1:date",
            handler="interop.exception.handler",
            decisions=("keep_ours",),
        )
        self.assertTrue(raised)
