import doctest

from odoo.tests import BaseCase, tagged

from odoo.addons.interop_document.lib.sensitivity import Sensitivity

from ..lib import decisions, facts, kinds
from ..lib.facts import Fact, show


@tagged("post_install", "-at_install")
class TestLib(BaseCase):
    def test_the_examples_in_the_docstrings_hold(self):
        for module in (decisions, facts, kinds):
            self.assertEqual(doctest.testmod(module).failed, 0, module.__name__)

    def test_a_reviewer_sees_facts_up_to_confidential_only(self):
        fact = Fact("Contact", "contact.phone", "ours", "theirs", "difference")
        for sensitivity in Sensitivity:
            with self.subTest(sensitivity=sensitivity.name):
                [shown] = show([fact], {"contact.phone": sensitivity})
                self.assertEqual(shown.hidden, sensitivity > Sensitivity.confidential)
                self.assertEqual(bool(shown.ours), not shown.hidden)

    def test_a_field_that_nobody_classified_is_not_shown(self):
        [shown] = show([Fact("New", "unheard.of", "1", "2", "1")], {})
        self.assertEqual((shown.hidden, shown.ours, shown.theirs), (True, "", ""))

    def test_decisions_that_move_messages_need_an_operator(self):
        for code, operator_only in (
            ("accept_theirs", False),
            ("keep_ours", False),
            ("close", False),
            ("redrive", True),
            ("cancel", True),
        ):
            with self.subTest(code=code):
                for operator in (False, True):
                    allowed = decisions.available(
                        (code,), is_open=True, operator=operator, sees_theirs=True
                    )
                    self.assertEqual(bool(allowed), operator or not operator_only)
