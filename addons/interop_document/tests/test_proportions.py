"""Packs and pieces: what leaves as pieces comes back as the packs that were ordered."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests.common import BaseCase, tagged

from ..lib.mapping.functions import CONVERTERS, ConvertError

GERMAN = {"point": ",", "thousands": "."}
PIECES = {"EA": 1, "DZN": 12, "BX": 100}


@tagged("interop_lib")
class TestProportions(BaseCase):
    def call(self, code, value, **arguments):
        return CONVERTERS.get(code).bind(arguments)(value)

    def test_each_does_what_it_says(self):
        for code, value, arguments, wanted in (
            ("factor_text", [5, "DZN"], {"factors": PIECES, "places": 3, **GERMAN}, "60,000"),
            ("factor_text", [20, "BX"], {"factors": PIECES, "places": 0, **GERMAN}, "2.000"),
            ("factor_text", [0.065, "EA"], {"factors": {"EA": 100}, "point": ","}, "6,50"),
            ("factor_text", [None, "EA"], {"factors": PIECES}, None),
            ("factor_text", [0, "EA"], {"factors": PIECES, "places": 9}, "0.000000000"),
            ("proportion", ["60,000", "12"], GERMAN, 5),
            ("proportion", ["1.650,00", "100", "1"], GERMAN, 16.5),
            ("proportion", ["6,50", "3", "12"], GERMAN, 26),
            ("proportion", [None, "12"], GERMAN, None),
            ("proportion", [1, 3], {"places": 2}, 0.33),
            ("proportion", [10, 3, 3], {}, 10),
        ):
            with self.subTest(code=code, value=value):
                self.assertEqual(self.call(code, value, **arguments), wanted)

    def test_what_does_not_fit_is_told_without_the_value(self):
        for code, value, arguments, word in (
            ("factor_text", [5, "XYZ"], {"factors": PIECES}, "no such code"),
            ("factor_text", [5, "EA"], {"factors": {"EA": "one"}}, "no number beside it"),
            ("factor_text", ["x", "EA"], {"factors": PIECES}, "a number is needed"),
            ("factor_text", 5, {"factors": PIECES}, "a list is needed"),
            ("proportion", [1], {}, "two or three"),
            ("proportion", [1, 0], {}, "zero"),
            ("proportion", ["6.50", "1"], {"point": ","}, "a number is needed"),
            ("proportion", [1, None], {}, "a number as text is needed"),
        ):
            with self.subTest(code=code, value=value):
                with self.assertRaises(ConvertError) as caught:
                    self.call(code, value, **arguments)
                self.assertIn(word, str(caught.exception))
                self.assertNotIn("XYZ", str(caught.exception))

    @given(
        st.decimals(0, 99_999, places=3).map(float),
        st.sampled_from(sorted(PIECES)),
    )
    def test_pieces_come_back_as_packs(self, quantity, unit):
        there = self.call("factor_text", [quantity, unit], factors=PIECES, places=3, **GERMAN)
        back = self.call("proportion", [there, PIECES[unit]], **GERMAN)
        self.assertEqual(back, quantity)

    @given(st.decimals(0, 99_999, places=4), st.sampled_from([1, 10, 12, 100, 1000]))
    def test_a_price_for_many_comes_back_as_the_price_of_one(self, price, per):
        given_price = [float(price), "EA"]
        there = self.call("factor_text", given_price, factors={"EA": per}, places=4, **GERMAN)
        back = self.call("proportion", [there, per, 1], **GERMAN)
        self.assertEqual(Decimal(str(back)), Decimal(str(float(price))))
