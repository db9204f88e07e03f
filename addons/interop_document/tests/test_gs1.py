import doctest

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_document.lib import gs1

from .strategies import PROFILE

DIGITS = st.text("0123456789", min_size=1, max_size=20)


class TestGs1(BaseCase):
    def test_examples_in_the_documentation_are_true(self):
        self.assertEqual(doctest.testmod(gs1).failed, 0)

    def test_known_numbers(self):
        for number, is_gtin, is_gln in (
            ("6291041500213", True, True),
            ("6291041500214", False, False),
            ("73513537", True, False),
            ("036000291452", True, False),
            ("00036000291452", True, False),
            ("", False, False),
            ("629104150021", False, False),
            ("629104150021X", False, False),
            ("\u0666291041500213", False, False),
            ("6291041500213\n", False, False),
        ):
            with self.subTest(number):
                self.assertEqual(gs1.is_gtin(number), is_gtin)
                self.assertEqual(gs1.is_gln(number), is_gln)

    def test_udi_of_other_issuers_is_let_through(self):
        self.assertTrue(gs1.is_udi_di("+H123PARTNO1234567890120"))
        self.assertTrue(gs1.is_udi_di("06291041500213"))
        self.assertFalse(gs1.is_udi_di("06291041500214"))

    @PROFILE
    @given(DIGITS, st.integers(0, 20), st.integers(1, 9))
    def test_one_wrong_digit_is_always_found(self, digits, place, shift):
        place %= len(digits)
        wrong = str((int(digits[place]) + shift) % 10)
        changed = digits[:place] + wrong + digits[place + 1 :]
        self.assertNotEqual(gs1.check_digit(changed), gs1.check_digit(digits))
