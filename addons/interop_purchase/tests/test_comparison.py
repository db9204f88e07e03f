from datetime import date
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..lib.answer import Ordered, OrderedLine
from ..lib.comparison import compare, problems

GLOVES = OrderedLine(
    number=1,
    quantity=Decimal(100),
    unit_price=Decimal("5.00"),
    requested_date=date(2026, 3, 10),
    unit_code="C62",
    unit_name="Units",
    item={"gtin": "6291041500213", "supplier_item_code": "GLV-M"},
)
REAGENT = OrderedLine(
    number=3,
    quantity=Decimal(4),
    unit_price=Decimal("120.50"),
    discount=Decimal(10),
    requested_date=date(2026, 3, 10),
)
ORDER = Ordered(currency="USD", rounding=Decimal("0.01"), lines=(GLOVES, REAGENT))


def answer(*lines, **head):
    """An answer that says nothing about the lines it does not name."""
    return {"order_number": "P00001", "status": "partial", "lines": list(lines), **head}


def kinds(comparison):
    return [difference.kind for difference in comparison.differences]


@tagged("post_install", "-at_install")
class TestComparison(BaseCase):
    def test_an_answer_that_agrees_leaves_nothing_to_decide(self):
        comparison = compare(
            ORDER,
            answer(
                {
                    "line_number": 1,
                    "status": "accepted",
                    "quantity_accepted": 100,
                    "unit_price": {"amount": 5.0, "currency": "USD"},
                    "promised_date": "2026-03-10",
                    "uom": {"code": "C62", "name": "each"},
                    "item": {"gtin": "06291041500213"},
                }
            ),
        )
        self.assertEqual(kinds(comparison), [])
        [noted] = comparison.noted
        self.assertEqual((noted.accepted, noted.backordered), (100, 0))
        self.assertEqual(noted.promised_date, date(2026, 3, 10))

    def test_what_a_line_means_when_quantities_are_left_out(self):
        for status, given, accepted, backordered in (
            ("accepted", {}, 100, 0),
            ("backordered", {}, 0, 100),
            ("backordered", {"quantity_accepted": 60}, 60, 40),
            ("backordered", {"quantity_backordered": 30}, 70, 30),
            ("changed", {"quantity_accepted": 80}, 80, 0),
            ("changed", {"quantity_backordered": 20}, 80, 20),
            ("rejected", {"quantity_accepted": 7}, 0, 0),
        ):
            with self.subTest(status=status, given=given):
                comparison = compare(ORDER, answer({"line_number": 1, "status": status, **given}))
                [noted] = comparison.noted
                self.assertEqual((noted.accepted, noted.backordered), (accepted, backordered))

    def test_another_price_is_a_difference_with_the_money_at_stake(self):
        comparison = compare(
            ORDER,
            answer({"line_number": 1, "status": "changed", "unit_price": {"amount": 5.2}}),
        )
        [difference] = comparison.differences
        self.assertEqual(difference.kind, "price")
        self.assertEqual(difference.stake, Decimal("20.00"))
        self.assertEqual(difference.price, Decimal("5.2"))
        unit, line = difference.facts
        self.assertEqual(
            (unit.ours, unit.theirs, unit.difference), ("5.00 USD", "5.20 USD", "+0.20 USD (+4.0%)")
        )
        self.assertEqual(
            (line.ours, line.theirs, line.difference), ("500.00 USD", "520.00 USD", "+20.00 USD")
        )

    def test_a_lower_price_is_a_difference_too_and_the_stake_is_never_negative(self):
        comparison = compare(
            ORDER, answer({"line_number": 1, "status": "changed", "unit_price": {"amount": 4.5}})
        )
        [difference] = comparison.differences
        self.assertEqual(difference.stake, Decimal("50.00"))
        self.assertEqual(difference.facts[0].difference, "-0.50 USD (-10.0%)")

    def test_a_price_differs_only_if_the_line_costs_another_amount(self):
        line = OrderedLine(number=1, quantity=Decimal(1), unit_price=Decimal("0.333333"))
        for quantity, differs in ((1, False), (100, True)):
            with self.subTest(quantity=quantity):
                ordered = Ordered(
                    "USD",
                    Decimal("0.01"),
                    (OrderedLine(1, Decimal(quantity), line.unit_price),),
                )
                comparison = compare(
                    ordered,
                    answer(
                        {"line_number": 1, "status": "accepted", "unit_price": {"amount": 0.33}}
                    ),
                )
                self.assertEqual(bool(comparison.differences), differs)

    def test_the_discount_counts_in_the_stake(self):
        comparison = compare(
            ORDER, answer({"line_number": 3, "status": "changed", "unit_price": {"amount": 130.5}})
        )
        [difference] = comparison.differences
        self.assertEqual(difference.stake, Decimal("36.00"))

    def test_a_price_in_another_currency_cannot_be_accepted(self):
        for said in (
            {"unit_price": {"amount": 5.0, "currency": "EUR"}},
            {"unit_price": {"amount": 5.0}},
        ):
            head = {} if "currency" in said["unit_price"] else {"currency": "EUR"}
            with self.subTest(said=said):
                comparison = compare(
                    ORDER, answer({"line_number": 1, "status": "accepted", **said}, **head)
                )
                [difference] = comparison.differences
                self.assertEqual(difference.kind, "currency")
                self.assertFalse(difference.acceptable)

    def test_a_later_date_is_a_difference_and_an_earlier_one_is_only_noted(self):
        for promised, expected in (("2026-03-17", ["delivery"]), ("2026-03-09", [])):
            with self.subTest(promised=promised):
                comparison = compare(
                    ORDER,
                    answer({"line_number": 1, "status": "accepted", "promised_date": promised}),
                )
                self.assertEqual(kinds(comparison), expected)
                self.assertEqual(comparison.noted[0].promised_date, date.fromisoformat(promised))

    def test_a_late_line_can_be_accepted_with_its_new_date(self):
        comparison = compare(
            ORDER, answer({"line_number": 1, "status": "accepted", "promised_date": "2026-03-17"})
        )
        [difference] = comparison.differences
        self.assertEqual(difference.planned, date(2026, 3, 17))
        self.assertEqual(difference.facts[0].difference, "+7 days")
        self.assertEqual(difference.stake, Decimal("500.00"))

    def test_a_back_order_is_about_the_value_of_what_comes_later(self):
        comparison = compare(
            ORDER,
            answer(
                {
                    "line_number": 1,
                    "status": "backordered",
                    "quantity_accepted": 60,
                    "quantity_backordered": 40,
                    "backorder_date": "2026-04-01",
                }
            ),
        )
        [difference] = comparison.differences
        self.assertEqual(difference.kind, "delivery")
        self.assertEqual(difference.stake, Decimal("200.00"))
        self.assertIsNone(difference.planned, "the first goods still come in time")
        self.assertEqual(
            [fact.label for fact in difference.facts],
            ["Delivered as ordered", "Back-ordered", "Back-order date"],
        )

    def test_a_line_wholly_back_ordered_can_be_accepted_with_the_back_order_date(self):
        for field in ("backorder_date", "promised_date"):
            with self.subTest(field=field):
                comparison = compare(
                    ORDER,
                    answer({"line_number": 1, "status": "backordered", field: "2026-04-01"}),
                )
                self.assertEqual(comparison.differences[0].planned, date(2026, 4, 1))

    def test_fewer_or_more_than_ordered_is_a_difference_in_quantity(self):
        for accepted, stake, sign in ((80, "100.00", "-20"), (120, "100.00", "+20")):
            with self.subTest(accepted=accepted):
                comparison = compare(
                    ORDER,
                    answer({"line_number": 1, "status": "changed", "quantity_accepted": accepted}),
                )
                [difference] = comparison.differences
                self.assertEqual(difference.kind, "quantity")
                self.assertEqual(difference.stake, Decimal(stake))
                self.assertEqual(difference.facts[0].difference, sign)

    def test_a_rejected_line_is_one_difference_whatever_else_it_says(self):
        comparison = compare(
            ORDER,
            answer(
                {
                    "line_number": 1,
                    "status": "rejected",
                    "promised_date": "2027-01-01",
                    "unit_price": {"amount": 9},
                    "reason": "discontinued",
                }
            ),
        )
        [difference] = comparison.differences
        self.assertEqual(difference.kind, "rejected")
        self.assertEqual(difference.quantity, 0)
        self.assertIn("discontinued", [fact.theirs for fact in difference.facts])

    def test_a_rejected_order_rejects_the_lines_it_does_not_name(self):
        comparison = compare(
            ORDER, answer({"line_number": 1, "status": "rejected"}, status="rejected")
        )
        self.assertEqual(kinds(comparison), ["rejected", "rejected"])

    def test_lines_that_a_partial_answer_does_not_name_stay_as_they_are(self):
        comparison = compare(ORDER, answer({"line_number": 3, "status": "accepted"}))
        self.assertEqual([noted.number for noted in comparison.noted], [3])

    def test_lines_that_are_not_named_follow_the_status_of_the_order(self):
        for status, accepted in (("accepted", [100, 4]), ("rejected", [0, 0])):
            with self.subTest(status=status):
                comparison = compare(ORDER, answer(status=status))
                self.assertEqual([noted.accepted for noted in comparison.noted], accepted)
                self.assertEqual({noted.status for noted in comparison.noted}, {status})

    def test_each_one_and_piece_are_the_same_unit(self):
        for code in ("EA", "H87", "PCE"):
            with self.subTest(code=code):
                comparison = compare(
                    ORDER,
                    answer({"line_number": 1, "status": "accepted", "uom": {"code": code}}),
                )
                self.assertEqual(kinds(comparison), [])

    def test_another_item_or_unit_stops_the_line_before_anything_is_noted(self):
        for said, kind in (
            ({"item": {"gtin": "4006381333931"}}, "product"),
            ({"item": {"supplier_item_code": "OTHER"}}, "product"),
            ({"uom": {"code": "BX", "name": "Box"}}, "unit"),
            ({"uom": {"name": "Box"}}, "unit"),
        ):
            with self.subTest(said=said):
                comparison = compare(
                    ORDER, answer({"line_number": 1, "status": "accepted", **said})
                )
                self.assertEqual(kinds(comparison), [kind])
                self.assertEqual(comparison.noted, ())
                self.assertFalse(comparison.differences[0].acceptable)

    def test_the_strongest_shared_key_decides_whether_it_is_the_same_item(self):
        comparison = compare(
            ORDER,
            answer(
                {
                    "line_number": 1,
                    "status": "accepted",
                    "item": {"gtin": "6291041500213", "supplier_item_code": "RENAMED"},
                }
            ),
        )
        self.assertEqual(kinds(comparison), [])

    def test_keys_that_we_do_not_know_contradict_nothing(self):
        comparison = compare(
            ORDER,
            answer({"line_number": 3, "status": "accepted", "item": {"gtin": "4006381333931"}}),
        )
        self.assertEqual(kinds(comparison), [])

    def test_unknown_and_repeated_lines_are_problems_told_without_values(self):
        found = problems(
            ORDER,
            answer(
                {"line_number": 1, "status": "accepted"},
                {"line_number": 7777, "status": "accepted"},
                {"line_number": 1, "status": "accepted"},
            ),
        )
        self.assertEqual(
            found,
            [
                "lines 2, line_number: the order has no line with this number",
                "lines 3, line_number: this line was answered before",
            ],
        )
