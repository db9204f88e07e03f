from unittest.mock import patch

from odoo.exceptions import AccessError, LockError, UserError
from odoo.tests import tagged

from odoo.addons.interop_base.lib.failures import BusinessError

from .common import ExceptionCase

HANDLER = "odoo.addons.interop_exception.models.interop_exception_handler.InteropExceptionHandler"


@tagged("post_install", "-at_install")
class TestDeciding(ExceptionCase):
    def test_a_finance_reviewer_decides_a_price_and_the_handler_carries_it_out(self):
        exception = self.difference()
        with patch(f"{HANDLER}._decide", autospec=True, return_value="Line 3 changed.") as decide:
            self.seen_by(self.reviewer, exception).action_accept_theirs()
        self.assertEqual(decide.call_args.args[2], "accept_theirs")
        self.assertEqual((exception.state, exception.resolution), ("resolved", "accept_theirs"))
        self.assertEqual(exception.resolved_by_id, self.reviewer)
        self.assertEqual(exception.owner_id, self.reviewer)
        self.assertIn("Line 3 changed.", exception.message_ids[0].body)

    def test_deciding_the_same_again_changes_nothing(self):
        exception = self.difference()
        seen = self.seen_by(self.reviewer, exception)
        seen.action_keep_ours()
        decided_at = exception.resolved_at
        with patch(f"{HANDLER}._decide", autospec=True) as decide:
            seen.action_keep_ours()
        decide.assert_not_called()
        self.assertEqual(exception.resolved_at, decided_at)

    def test_whoever_comes_second_is_told_who_was_first(self):
        exception = self.difference(area="purchasing")
        self.seen_by(self.reviewer, exception).action_keep_ours()
        with self.assertRaisesRegex(UserError, "test_exception_reviewer .* was first: Ours kept"):
            self.seen_by(self.viewer, exception).action_accept_theirs()

    def test_an_exception_that_somebody_is_deciding_now_cannot_be_decided(self):
        exception = self.difference()
        with (
            patch.object(
                type(exception), "lock_for_update", side_effect=LockError("locked"), create=True
            ),
            self.assertRaisesRegex(UserError, "Somebody else is deciding this right now"),
        ):
            self.seen_by(self.reviewer, exception).action_keep_ours()

    def test_a_failing_effect_leaves_the_exception_open_and_tells_why(self):
        exception = self.difference()
        with (
            patch(f"{HANDLER}._decide", side_effect=BusinessError("Order P00042 is locked.")),
            self.assertRaisesRegex(UserError, "Order P00042 is locked."),
            self.cr.savepoint(),
        ):
            self.seen_by(self.reviewer, exception).action_accept_theirs()
        exception.invalidate_recordset()
        self.assertEqual(exception.state, "open")

    def test_giving_a_message_up_asks_for_a_reason(self):
        exception = self.seen_by(self.operator, self.dead_letter())
        dialog = exception.action_cancel()
        self.assertEqual(dialog["res_model"], "interop.exception.decision")
        with self.assertRaisesRegex(UserError, "needs a reason"):
            exception._decide("cancel", "  ")
        wizard = (
            self.env["interop.exception.decision"]
            .with_user(self.operator)
            .with_context(**dialog["context"])
            .create({"reason": "The order was given by phone."})
        )
        wizard.action_confirm()
        self.assertEqual(exception.message_id.state, "cancelled")
        self.assertEqual((exception.state, exception.resolution), ("cancelled", "cancel"))
        self.assertEqual(exception.resolution_note, "The order was given by phone.")

    def test_an_operator_runs_a_dead_message_again(self):
        exception = self.seen_by(self.operator, self.dead_letter())
        exception.action_redrive()
        self.assertIn(exception.message_id.state, ("ready", "waiting"))
        self.assertEqual((exception.state, exception.resolution), ("resolved", "redrive"))
        self.assertEqual(exception.resolved_by_id, self.operator)

    def test_only_an_operator_moves_messages(self):
        exception = self.dead_letter()
        for person in (self.viewer, self.reviewer):
            with self.subTest(person=person.login), self.assertRaises(AccessError):
                self.seen_by(person, exception).action_redrive()
        self.assertEqual(exception.message_id.state, "dead")

    def test_a_finance_reviewer_decides_differences_and_nothing_else(self):
        dead = self.seen_by(self.reviewer, self.dead_letter())
        self.assertFalse(
            dead.may_redrive or dead.may_cancel or dead.may_close or dead.may_keep_ours
        )
        with self.assertRaises(AccessError):
            dead._decide("close", "no reason of mine")

    def test_a_decision_that_was_not_offered_cannot_be_taken(self):
        exception = self.difference(decisions=("keep_ours",))
        with self.assertRaises(AccessError):
            self.seen_by(self.reviewer, exception).action_accept_theirs()

    def test_a_decision_whose_module_is_gone_is_refused(self):
        exception = self.difference(handler="interop.handler.gone")
        with self.assertRaisesRegex(UserError, "not installed any more"):
            self.seen_by(self.reviewer, exception).action_accept_theirs()

    def test_every_decision_leaves_evidence(self):
        exception = self.difference()
        self.seen_by(self.reviewer, exception).action_keep_ours()
        self.env.flush_all()
        self.cr.execute(
            "SELECT actor_id, details FROM interop_audit_entry "
            "WHERE act = 'exception.decided' AND res_model = 'interop.exception' AND res_id = %s",
            [exception.id],
        )
        [(actor, details)] = self.cr.fetchall()
        self.assertEqual(actor, self.reviewer.id)
        self.assertIn('"decision":"keep_ours"', details)

    def test_many_are_decided_at_once_or_none(self):
        first, second = self.difference(), self.difference(subject="line:4:price")
        both = self.seen_by(self.reviewer, first + second)
        both.action_keep_ours()
        self.assertEqual((first + second).mapped("state"), ["resolved", "resolved"])
