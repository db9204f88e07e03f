from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.interop_document.lib import sources
from odoo.addons.interop_document.lib.sources import APPLY, ASK, KEEP, Rule, Scoped, Tolerance
from odoo.addons.interop_document.tests.common import schema_of

from ..lib.answer import Ordered, OrderedLine
from ..lib.comparison import compare
from ..lib.differences import (
    ACCEPTED,
    BACKORDER_DATE,
    BACKORDERED,
    COMPARED,
    PROMISED,
    UNIT_PRICE,
)
from ..lib.settling import ALWAYS_ASKED, AT_ODDS, settle, told

LINE = OrderedLine(
    number=1,
    quantity=Decimal(100),
    unit_price=Decimal("5.00"),
    requested_date=date(2027, 3, 10),
    unit_code="C62",
    unit_name="Units",
    item={"gtin": "6291041500213"},
)
ORDER = Ordered(currency="EUR", rounding=Decimal("0.01"), lines=(LINE,))


def rules(**by_path):
    """Rules in force; `apply` and `keep` are short for rules without tolerance."""
    paths = {"price": UNIT_PRICE, "accepted": ACCEPTED, "backordered": BACKORDERED}
    paths |= {"promised": PROMISED, "later": BACKORDER_DATE}
    return {
        paths[name]: Scoped(
            place,
            paths[name],
            rule if isinstance(rule, Rule) else Rule(sources.PARTNER, rule),
        )
        for place, (name, rule) in enumerate(by_path.items(), start=1)
    }


def tolerating(on_difference=ASK, **limits):
    return Rule(sources.SHARED, on_difference, Tolerance(**limits))


def settled(line, **by_path):
    """What comes of the line's differences, by their kind."""
    answer = {"status": "partial", "lines": [{"line_number": 1, "status": "changed", **line}]}
    found = compare(ORDER, answer).differences
    return {each.kind: settle(each, rules(**by_path)) for each in found}


def price(amount, currency="EUR"):
    return {"unit_price": {"amount": amount, "currency": currency}}


@tagged("post_install", "-at_install")
class TestSettling(BaseCase):
    def outcome(self, kind, line, **by_path):
        return settled(line, **by_path)[kind].outcome

    def test_without_rules_everything_is_asked(self):
        for line in (
            price(5.2),
            {"quantity_accepted": 90},
            {"promised_date": "2027-03-20"},
            {"status": "backordered", "backorder_date": "2027-03-20"},
            {"status": "rejected"},
            {"item": {"name": "Other", "gtin": "4006381333931"}},
            {"uom": {"code": "BX", "name": "Box"}},
            price(5.2, "USD"),
        ):
            with self.subTest(line=line):
                for each in settled(line).values():
                    self.assertEqual((each.outcome, each.writes), (ASK, frozenset()))
                    self.assertTrue(each.why)

    def test_a_price_within_its_tolerance_asks_nobody(self):
        for amount, outcome in (
            (5.1, sources.WITHIN_TOLERANCE),
            (5.11, ASK),
            (4.9, "within tolerance"),
        ):
            with self.subTest(amount=amount):
                rule = tolerating(percent=Decimal(2))
                self.assertEqual(self.outcome("price", price(amount), price=rule), outcome)

    def test_the_tolerated_amount_counts_per_unit_and_in_its_currency_only(self):
        for currency, outcome in (("EUR", sources.WITHIN_TOLERANCE), ("USD", ASK)):
            rule = tolerating(amount=Decimal("0.05"), currency=currency)
            with self.subTest(currency=currency):
                self.assertEqual(self.outcome("price", price(5.05), price=rule), outcome)

    def test_a_price_in_another_currency_is_asked_whatever_the_rules_say(self):
        each = settled(price(5.0, "USD"), price=APPLY)["currency"]
        self.assertEqual((each.outcome, each.why), (ASK, ALWAYS_ASKED))

    def test_what_no_rule_can_decide_is_asked(self):
        every = {"price": APPLY, "accepted": APPLY, "backordered": APPLY, "promised": APPLY}
        for kind, line in (
            ("rejected", {"status": "rejected"}),
            ("product", {"item": {"name": "Other", "gtin": "4006381333931"}}),
            ("unit", {"uom": {"code": "BX", "name": "Box"}}),
            ("quantity", {"quantity_accepted": 0}),
        ):
            with self.subTest(kind=kind):
                self.assertEqual(self.outcome(kind, line, **every, later=APPLY), ASK)

    def test_a_rule_that_applies_writes_its_own_part_of_the_line(self):
        for kind, line, name, part in (
            ("price", price(6), "price", "price"),
            ("quantity", {"quantity_accepted": 80}, "accepted", "quantity"),
            ("delivery", {"promised_date": "2027-03-20"}, "promised", "planned"),
        ):
            with self.subTest(kind=kind):
                each = settled(line, **{name: APPLY})[kind]
                self.assertEqual((each.outcome, each.writes), (APPLY, {part}))

    def test_every_field_of_a_late_delivery_has_to_be_settled(self):
        late = {
            "status": "backordered",
            "quantity_accepted": 90,
            "quantity_backordered": 10,
            "promised_date": "2027-03-12",
            "backorder_date": "2027-04-01",
        }
        every = {"promised": APPLY, "backordered": APPLY, "later": APPLY}
        for left_out in every:
            some = {name: rule for name, rule in every.items() if name != left_out}
            with self.subTest(left_out=left_out):
                each = settled(late, **some)["delivery"]
                self.assertEqual(each.outcome, ASK)
                self.assertEqual(each.why.count("\n"), 0, "only what is not settled is told")
        each = settled(late, **every)["delivery"]
        self.assertEqual((each.outcome, each.writes), (APPLY, {"planned"}))

    def test_the_back_ordered_share_is_of_what_was_ordered(self):
        late = {
            "status": "backordered",
            "quantity_backordered": 10,
            "backorder_date": "2027-03-12",
        }
        for percent, outcome in ((10, sources.WITHIN_TOLERANCE), (9, ASK)):
            with self.subTest(percent=percent):
                found = self.outcome(
                    "delivery",
                    late,
                    backordered=tolerating(percent=Decimal(percent)),
                    later=tolerating(days=2),
                )
                self.assertEqual(found, outcome)

    def test_goods_that_come_on_no_day_at_all_are_not_taken(self):
        late = {"status": "backordered", "quantity_backordered": 10, "promised_date": "2027-03-10"}
        rule = {"backordered": APPLY, "later": APPLY}
        self.assertEqual(self.outcome("delivery", late, **rule), ASK)
        self.assertEqual(self.outcome("delivery", late, backordered=KEEP, later=KEEP), KEEP)

    def test_a_line_that_comes_later_as_a_whole_takes_the_back_order_date(self):
        late = {"status": "backordered", "backorder_date": "2027-04-01"}
        each = settled(late, backordered=APPLY, later=APPLY)["delivery"]
        self.assertEqual(each.writes, {"planned"})
        self.assertEqual(each.difference.planned, date(2027, 4, 1))
        # A date within its tolerance is not written, whatever holds for the quantity.
        within = tolerating(days=60)
        self.assertEqual(settled(late, backordered=APPLY, later=within)["delivery"].writes, set())

    def test_taking_one_field_and_keeping_another_is_for_a_person(self):
        late = {"status": "backordered", "backorder_date": "2027-04-01"}
        each = settled(late, backordered=KEEP, later=APPLY)["delivery"]
        self.assertEqual((each.outcome, each.why), (ASK, AT_ODDS))

    def test_equal_fields_are_not_told(self):
        late = {"status": "backordered", "quantity_backordered": 5, "backorder_date": "2027-03-10"}
        each = settled(late, backordered=KEEP, later=ASK)["delivery"]
        self.assertEqual(each.outcome, KEEP)
        self.assertEqual([finding.claim.path for finding in told(each)], [BACKORDERED])

    def test_the_worked_example_of_the_documentation_holds(self):
        held = {
            "promised": Rule(sources.PARTNER, APPLY, Tolerance(days=2)),
            "price": Rule(sources.ODOO, ASK, Tolerance(Decimal("0.02"), "EUR")),
            "backordered": Rule(sources.PARTNER, ASK, Tolerance(percent=Decimal(5))),
            "later": Rule(sources.PARTNER, ASK, Tolerance(days=7)),
        }
        in_part = {"status": "backordered", "promised_date": "2027-03-10"}
        for line, outcomes in (
            ({"promised_date": "2027-03-12"}, {"delivery": sources.WITHIN_TOLERANCE}),
            ({"promised_date": "2027-03-17"}, {"delivery": APPLY}),
            (price(5.01), {"price": sources.WITHIN_TOLERANCE}),
            (price(5.40), {"price": ASK}),
            (
                {**in_part, "quantity_backordered": 3, "backorder_date": "2027-03-14"},
                {"delivery": sources.WITHIN_TOLERANCE},
            ),
            (
                {**in_part, "quantity_backordered": 20, "backorder_date": "2027-04-01"},
                {"delivery": ASK},
            ),
        ):
            with self.subTest(line=line):
                found = settled(line, **held)
                self.assertEqual({kind: each.outcome for kind, each in found.items()}, outcomes)

    @given(
        st.fixed_dictionaries(
            {"status": st.sampled_from(["accepted", "changed", "backordered", "rejected"])},
            optional={
                "quantity_accepted": st.integers(0, 200),
                "quantity_backordered": st.integers(0, 200),
                "promised_date": st.dates(date(2027, 3, 1), date(2027, 4, 1)).map(str),
                "backorder_date": st.dates(date(2027, 3, 1), date(2027, 4, 1)).map(str),
                "unit_price": st.decimals(0, 20, places=2).map(
                    lambda amount: {"amount": float(amount), "currency": "EUR"}
                ),
            },
        ),
        st.dictionaries(
            st.sampled_from(["price", "accepted", "backordered", "promised", "later"]),
            st.builds(
                Rule,
                st.sampled_from(sources.TRUTHS),
                st.sampled_from(sources.ON_DIFFERENCE),
                st.builds(Tolerance, percent=st.none() | st.just(Decimal(5)), days=st.just(2)),
            ),
        ),
    )
    def test_what_is_written_is_what_a_rule_for_that_very_field_takes(self, line, by_path):
        for each in settled(line, **by_path).values():
            self.assertIn(each.outcome, (ASK, KEEP, APPLY, sources.WITHIN_TOLERANCE))
            if each.outcome != APPLY:
                self.assertFalse(each.writes)
            for part in each.writes:
                self.assertIsNotNone(getattr(each.difference, part))
                [finding] = [f for f in each.findings if f.claim.writes == part]
                self.assertEqual(finding.scoped.rule.on_difference, APPLY)
                self.assertNotEqual(finding.scoped.rule.truth, sources.ODOO)
                if part == "planned":
                    self.assertEqual(finding.claim.theirs, each.difference.planned)

    @given(st.decimals(0, 20, places=2), st.dates(date(2027, 3, 11), date(2027, 12, 31)))
    def test_a_sentence_holds_no_value(self, amount, day):
        line = {**price(float(amount)), "promised_date": day.isoformat()}
        for each in settled(line).values():
            self.assertNotRegex(each.why, r"\d")

    def test_the_fields_that_are_compared_are_fields_of_the_document(self):
        line = schema_of("PurchaseOrderAcknowledgement")["$defs"]["line"]["properties"]
        for path in COMPARED:
            self.assertIn(path.removeprefix("lines[].").split(".")[0], line)
