from odoo.exceptions import AccessError, UserError

from ..lib.control_numbers import NumberRule, NumbersUsedUp
from .common import ConnectorCase


class TestControlNumberSetting(ConnectorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.counters = cls.env["interop.control.number"]

    def set_next(self, number, user=None, **values):
        wizard = self.env["interop.control.number.setting"].with_user(user or self.manager)
        made = wizard.create(
            {"connector_id": self.connector.id, "number": number, "reason": "agreed"} | values
        )
        made.action_set()
        return self.counters.search([("connector_id", "=", self.connector.id)])

    def test_the_next_number_is_set_with_a_reason_and_leaves_evidence(self):
        counter = self.set_next(500)
        self.assertEqual((counter.next_number, counter.next_text), (500, "000000500"))
        self.assertEqual((counter.set_by_id, counter.set_reason), (self.manager, "agreed"))
        self.env.cr.execute(
            "SELECT details FROM interop_audit_entry WHERE act = 'control_number.set' "
            "ORDER BY id DESC LIMIT 1"
        )
        [(details,)] = self.env.cr.fetchall()
        self.assertIn("agreed", str(details))
        self.assertIn("500", str(details))

    def test_downward_needs_a_second_confirmation(self):
        self.set_next(500)
        with self.assertRaisesRegex(UserError, "given already"):
            self.set_next(100)
        self.assertEqual(self.set_next(100, lower_confirmed=True).next_number, 100)

    def test_a_number_outside_the_range_and_a_missing_reason_are_refused(self):
        for number, reason, said in (
            (10**9, "agreed", "between"),
            (0, "agreed", "between"),
            (5, " ", "Say why"),
        ):
            with self.subTest(number), self.assertRaisesRegex(UserError, said):
                self.set_next(number, reason=reason)

    def test_who_is_no_manager_may_not(self):
        with self.assertRaises(AccessError):
            self.set_next(500, user=self.operator)
        counter = self.set_next(500)
        with self.assertRaises(AccessError):
            counter.with_user(self.manager).next_number = 1

    def test_the_dialog_tells_what_stands_and_that_it_goes_back(self):
        self.set_next(500)
        wizard = self.env["interop.control.number.setting"].new(
            {"connector_id": self.connector.id, "number": 7, "kind": "interchange"}
        )
        self.assertEqual((wizard.current, wizard.is_lower), (500, True))
        self.assertEqual(wizard.limits, "1 – 999999999")

    def test_numbers_of_fourteen_digits_fit(self):
        rule = NumberRule(lowest=1, highest=99_999_999_999_999, width=14)
        counters, connector = self.counters, self.connector.id
        self.assertEqual(counters._take(connector, "out", "group", rule, 1), 1)
        self.env.cr.execute(
            "UPDATE interop_control_number SET next_number = highest WHERE connector_id = %s",
            [connector],
        )
        self.assertEqual(counters._take(connector, "out", "group", rule, 2), 99_999_999_999_999)
        self.assertEqual(counters._take(connector, "out", "group", rule, 1), 2)

    def test_numbers_that_do_not_begin_again_end(self):
        rule = NumberRule(lowest=1, highest=3, wraps=False)
        take = self.counters._take
        self.assertEqual(take(self.connector.id, "out", "group", rule, 3), 1)
        with self.assertRaises(NumbersUsedUp):
            take(self.connector.id, "out", "group", rule, 1)
        [counter] = self.counters.search([("connector_id", "=", self.connector.id)])
        self.assertEqual(counter.next_text, "used up")
