import doctest
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..lib import amounts, identifiers, storage


@tagged("post_install", "-at_install")
class TestAmounts(BaseCase):
    def test_the_examples_in_the_docstrings_hold(self):
        for module in (amounts, identifiers, storage):
            self.assertEqual(doctest.testmod(module).failed, 0, module.__name__)

    def test_numbers_leave_without_float_noise(self):
        self.assertEqual(amounts.as_json(0.1 + 0.2), 0.3)
        self.assertEqual(amounts.as_json(1 / 3), 0.333333)
        self.assertIsInstance(amounts.as_json(12.0), int)

    def test_money_rounds_half_up_as_the_currency_does(self):
        for amount, rounding, expected in (
            ("10.025", "0.01", "10.03"),
            ("10.024", "0.01", "10.02"),
            ("-10.025", "0.01", "-10.03"),
            ("10.024", "0.05", "10.00"),
            ("10.5", "1", "11"),
            ("10.0004", "0.001", "10.000"),
        ):
            with self.subTest(amount=amount, rounding=rounding):
                self.assertEqual(
                    amounts.round_money(Decimal(amount), Decimal(rounding)), Decimal(expected)
                )

    def test_pruning_keeps_zero_and_false(self):
        self.assertEqual(
            amounts.prune({"a": 0, "b": False, "c": None, "d": "", "e": [{}, {"f": 1}]}),
            {"a": 0, "b": False, "e": [{"f": 1}]},
        )
