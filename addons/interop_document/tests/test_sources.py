from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_document.lib import sources
from odoo.addons.interop_document.lib.sources import Rule, Scoped, Tolerance, decide, in_force

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
        self.assertEqual(self._with(ours, theirs, "USD", **limits), sources.ASK)
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

    @given(NUMBERS, NUMBERS, RULES, st.sampled_from(["EUR", "USD", None]))
    def test_beyond_a_tolerance_in_another_currency_a_person_decides(self, ours, theirs, rule, of):
        tolerance = Tolerance(Decimal(100), "CHF", rule.tolerance.percent)
        rule = Rule(rule.truth, rule.on_difference, tolerance)
        outcome = decide("price", ours, theirs, rule, of).outcome
        self.assertEqual(outcome, sources.EQUAL if ours == theirs else sources.ASK)

    @given(NUMBERS, NUMBERS, TOLERANCES)
    def test_a_wider_tolerance_never_tolerates_less(self, ours, theirs, tolerance):
        def tolerated(limits):
            rule = Rule(sources.SHARED, sources.ASK, limits)
            return decide("quantity", ours, theirs, rule).outcome == sources.WITHIN_TOLERANCE

        def wider(limit):
            return None if limit is None else limit * 2

        wide = Tolerance(wider(tolerance.amount), None, wider(tolerance.percent), tolerance.days)
        if tolerated(tolerance):
            self.assertTrue(tolerated(wide))

    @given(VALUES, VALUES, RULES)
    def test_nothing_but_a_rule_that_says_so_applies(self, ours, theirs, rule):
        if decide("price", ours, theirs, rule).outcome == sources.APPLY:
            self.assertEqual(rule.on_difference, sources.APPLY)
            self.assertNotEqual(rule.truth, sources.ODOO)

    def test_percent_can_be_of_something_else_than_our_value(self):
        rule = Rule(tolerance=Tolerance(percent=Decimal(5)))
        for late, outcome in ((5, sources.WITHIN_TOLERANCE), (6, sources.ASK)):
            decision = decide("late", Decimal(0), Decimal(late), rule, base=Decimal(100))
            self.assertEqual(decision.outcome, outcome)

    def test_a_tolerance_is_told_by_the_limits_it_has(self):
        self.assertEqual(Tolerance().facts(), {})
        given_limits = Tolerance(Decimal("0.05"), "EUR", Decimal("2"), 3)
        self.assertEqual(
            given_limits.facts(),
            {"amount": "0.05", "currency": "EUR", "percent": "2", "days": 3},
        )


SCOPES = st.builds(
    Scoped,
    key=st.integers(1, 1000),
    path=st.sampled_from(["price", "date"]),
    rule=RULES,
    company=st.integers(0, 2),
    partner=st.integers(0, 2),
)


class TestInForce(BaseCase):
    ROWS = (
        Scoped(1, "price", Rule()),
        Scoped(2, "price", Rule(), company=1),
        Scoped(3, "price", Rule(), partner=7),
        Scoped(4, "price", Rule(), company=1, partner=7),
    )

    def _key(self, rules, company, partner):
        held = in_force(rules, company, partner).get("price")
        return held and held.key

    def test_the_most_specific_rule_wins(self):
        for company, partner, key in ((1, 7, 4), (2, 7, 3), (1, 8, 2), (2, 8, 1)):
            with self.subTest(company=company, partner=partner):
                self.assertEqual(self._key(self.ROWS, company, partner), key)

    def test_what_is_missing_falls_back_to_the_next(self):
        self.assertEqual(self._key(self.ROWS[:3], 1, 7), 3)
        self.assertEqual(self._key(self.ROWS[:2], 1, 7), 2)
        self.assertEqual(self._key(self.ROWS[1:2], 2, 7), None)

    def test_of_two_equal_rules_neither_holds(self):
        twice = [*self.ROWS, Scoped(5, "price", Rule(), company=1, partner=7)]
        self.assertIsNone(self._key(twice, 1, 7))
        self.assertEqual(self._key(twice, 2, 7), 3)

    @given(st.lists(SCOPES, max_size=8), st.randoms(use_true_random=False))
    def test_the_order_of_the_rules_decides_nothing(self, rules, random):
        mixed = list(rules)
        random.shuffle(mixed)
        self.assertEqual(in_force(rules, 1, 1), in_force(mixed, 1, 1))

    @given(st.lists(SCOPES, max_size=8))
    def test_another_company_s_or_partner_s_rule_never_holds(self, rules):
        for rule in in_force(rules, 1, 1).values():
            self.assertIn(rule.company, (0, 1))
            self.assertIn(rule.partner, (0, 1))
