from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_document.lib import sources
from odoo.addons.interop_document.lib.sources import Rule, Tolerance, decide

NUMBERS = st.decimals(min_value=-10000, max_value=10000, places=2)
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))
VALUES = st.one_of(NUMBERS, DAYS, st.text(max_size=5), st.booleans(), st.none())
TOLERANCES = st.builds(
    Tolerance,
    amount=st.none() | st.decimals(min_value=0, max_value=100, places=2),
    percent=st.none() | st.decimals(min_value=0, max_value=100, places=1),
    days=st.none() | st.integers(0, 30),
)
RULES = st.builds(
    Rule, st.sampled_from(sources.TRUTHS), st.sampled_from(sources.ON_DIFFERENCE), TOLERANCES
)


class TestSources(BaseCase):
    @given(VALUES, RULES | st.none())
    def test_equal_values_need_no_decision(self, value, rule):
        self.assertEqual(decide("price", value, value, rule).outcome, sources.EQUAL)

    @given(VALUES, VALUES, RULES)
    def test_nothing_is_applied_where_odoo_holds_the_truth(self, ours, theirs, rule):
        rule = Rule(sources.ODOO, rule.on_difference, rule.tolerance)
        self.assertNotEqual(decide("price", ours, theirs, rule).outcome, sources.APPLY)

    @given(VALUES, VALUES)
    def test_without_a_rule_a_person_decides(self, ours, theirs):
        self.assertIn(decide("price", ours, theirs, None).outcome, (sources.EQUAL, sources.ASK))

    @given(VALUES, RULES)
    def test_a_missing_value_never_overwrites_ours(self, ours, rule):
        self.assertNotEqual(decide("price", ours, None, rule).outcome, sources.APPLY)

    def _with(self, ours, theirs, of=None, **limits):
        rule = Rule(sources.PARTNER, sources.APPLY, Tolerance(**limits))
        return decide("price", ours, theirs, rule, of).outcome

    def test_the_amount_counts_in_its_own_currency_only(self):
        ours, theirs = Decimal("10.00"), Decimal("10.05")
        limits = {"amount": Decimal("0.05"), "currency": "EUR"}
        self.assertEqual(self._with(ours, theirs, "EUR", **limits), sources.WITHIN_TOLERANCE)
        self.assertEqual(self._with(ours, theirs, "USD", **limits), sources.APPLY)
        self.assertEqual(self._with(ours, Decimal("10.06"), "EUR", **limits), sources.APPLY)

    def test_of_amount_and_percent_both_must_hold(self):
        limits = {"amount": Decimal(5), "percent": Decimal(1)}
        self.assertEqual(self._with(Decimal(100), Decimal(101), **limits), sources.WITHIN_TOLERANCE)
        self.assertEqual(self._with(Decimal(100), Decimal(102), **limits), sources.APPLY)
        self.assertEqual(self._with(Decimal(1000), Decimal(1006), **limits), sources.APPLY)

    def test_days_count_both_ways(self):
        day = date(2026, 3, 10)
        for off, outcome in ((2, sources.WITHIN_TOLERANCE), (3, sources.APPLY)):
            for sign in (1, -1):
                theirs = day + timedelta(days=off * sign)
                self.assertEqual(self._with(day, theirs, days=2), outcome)

    def test_a_value_of_another_kind_is_for_a_person(self):
        self.assertEqual(self._with(Decimal(1), True), sources.ASK)
        self.assertEqual(self._with(Decimal(1), Decimal("NaN")), sources.ASK)

    def test_the_reason_holds_no_value(self):
        why = decide("price", "Invented Person", "Another Person", Rule()).why
        self.assertNotIn("Person", why)

    def test_a_tolerance_below_zero_is_refused(self):
        with self.assertRaises(ValueError):
            Tolerance(percent=Decimal(-1))
