from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import ExceptionCase


@tagged("post_install", "-at_install")
class TestInteropException(ExceptionCase):
    def test_taking_it_makes_me_the_owner_and_starts_the_work(self):
        exception = self.dead_letter()
        self.seen_by(self.viewer, exception).action_take()
        self.assertEqual((exception.owner_id, exception.state), (self.viewer, "in_progress"))

    def test_what_a_colleague_works_on_is_not_taken_away_by_accident(self):
        exception = self.dead_letter()
        self.seen_by(self.viewer, exception).action_take()
        with self.assertRaisesRegex(UserError, "works on this already"):
            self.seen_by(self.operator, exception).action_take()

    def test_handing_it_to_a_colleague_is_evidence(self):
        exception = self.dead_letter()
        self.seen_by(self.viewer, exception).owner_id = self.operator
        self.assertEqual(exception.owner_id, self.operator)
        self.assertIn(self.operator.partner_id, exception.message_partner_ids)
        self.env.flush_all()
        self.cr.execute(
            "SELECT count(*) FROM interop_audit_entry "
            "WHERE act = 'exception.assigned' AND res_id = %s",
            [exception.id],
        )
        self.assertEqual(self.cr.fetchone(), (1,))

    def test_giving_it_back_leaves_it_open_for_others(self):
        exception = self.seen_by(self.viewer, self.dead_letter())
        exception.action_take()
        exception.action_release()
        self.assertEqual((exception.state, bool(exception.owner_id)), ("open", False))

    def test_it_is_not_handed_to_somebody_who_may_not_see_it(self):
        exception = self.dead_letter()
        clinician = self._person("clinician", "interop_base.group_operator", self.clinical)
        with self.assertRaisesRegex(ValidationError, "may not see this exception"):
            self.seen_by(self.viewer, exception).owner_id = clinician

    def test_what_is_decided_gets_no_other_owner(self):
        exception = self.seen_by(self.reviewer, self.difference())
        exception.action_keep_ours()
        with self.assertRaisesRegex(UserError, "decided already"):
            exception.owner_id = self.reviewer

    def test_overdue_means_open_and_past_its_time(self):
        late, done = self.difference(), self.difference(subject="line:9:price")
        (late + done).due_at = fields.Datetime.now() - timedelta(hours=1)
        self.seen_by(self.reviewer, done).action_keep_ours()
        in_time = self.difference(subject="line:8:price")
        mine = self.exceptions.browse((late + done + in_time).ids)
        overdue = self.exceptions.search([("is_overdue", "=", True), ("id", "in", mine.ids)])
        rest = self.exceptions.search([("is_overdue", "=", False), ("id", "in", mine.ids)])
        self.assertEqual(overdue, late)
        self.assertEqual(rest, done + in_time)
        self.assertEqual(mine.mapped("is_overdue"), [True, False, False])

    def test_the_document_opens_for_those_who_may_read_it(self):
        exception = self.difference()
        self.assertTrue(self.seen_by(self.reviewer, exception).may_open_document)
        action = self.seen_by(self.reviewer, exception).action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), ("res.partner", self.record.id))
        self.record.company_id = self.other_company
        exception.invalidate_recordset()
        self.assertFalse(self.seen_by(self.reviewer, exception).may_open_document)

    def test_the_form_says_what_each_open_decision_does(self):
        exception = self.seen_by(self.reviewer, self.difference())
        self.assertIn("Accept theirs: Writes the partner's value", exception.decision_help)
        exception.action_keep_ours()
        self.assertFalse(exception.decision_help)

    def test_the_form_says_who_decides_what_i_may_not(self):
        exception = self.seen_by(self.reviewer, self.dead_letter())
        self.assertIn("is for operators", exception.decision_help)

    def test_columns_stand_in_the_order_of_the_work(self):
        exception = self.dead_letter()
        self.seen_by(self.viewer, exception).action_take()
        groups = self.exceptions.with_context(read_group_expand=True).formatted_read_group(
            [("id", "=", exception.id)], ["state"], ["__count"]
        )
        self.assertEqual([group["state"] for group in groups], ["open", "in_progress"])
