from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_document.tests.strategies import PROFILE, SCALARS
from odoo.addons.interop_policy.lib.mask import HIDDEN, MASKS

PATTERNS = st.sampled_from(list(MASKS.values()))


class TestMask(BaseCase):
    def test_masks_show_what_they_say(self):
        for code, value, shown in (
            ("full", "Maria Keller", "***"),
            ("full", "", "***"),
            ("full", "*", "###"),
            ("full", None, "***"),
            ("last4", "DE89370400440532013000", "***3000"),
            ("last4", "12345678", "***5678"),
            ("last4", "1234567", "***"),
            ("last4", 1234567890, "***7890"),
            ("initials", "Maria Keller", "M. K."),
            ("initials", "maria  de la Keller", "M. D. L. K."),
            ("initials", "Dr. Maria J. Keller 4711", "D. M. J. K."),
            ("initials", "A B C", "***"),
            ("initials", "4711", "***"),
            ("initials", "Łucja Ćwik", "Ł. Ć."),
            ("initials", "", "***"),
            ("domain", "maria.keller@northfield.example", "***@northfield.example"),
            ("domain", "maria@localhost", "***"),
            ("domain", "maria@keller@northfield.example", "***"),
            ("domain", "Maria <maria@northfield.example>", "***"),
            ("domain", "@northfield.example", "***"),
            ("domain", 4711, "***"),
        ):
            with self.subTest(f"{code} of {value!r}"):
                self.assertEqual(MASKS[code](value), shown)

    @PROFILE
    @given(PATTERNS, st.text(min_size=1) | st.from_regex(r"[\w.]+@[\w.]+", fullmatch=True))
    def test_masked_text_never_contains_the_original(self, mask, text):
        self.assertNotIn(text, mask(text))

    @PROFILE
    @given(PATTERNS, st.text("*#.@a ", min_size=1, max_size=12))
    def test_originals_that_look_like_a_mask_are_hidden_too(self, mask, text):
        self.assertNotIn(text, mask(text))

    @PROFILE
    @given(PATTERNS, SCALARS | st.floats() | st.integers())
    def test_every_mask_answers_any_value_with_a_text(self, mask, value):
        shown = mask(value)
        self.assertIs(type(shown), str)
        self.assertTrue(shown)

    @PROFILE
    @given(st.text(max_size=7))
    def test_short_numbers_are_hidden_wholly(self, text):
        self.assertIn(MASKS["last4"](text), (HIDDEN, "###"))
