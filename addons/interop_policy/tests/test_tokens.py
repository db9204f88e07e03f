import re

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.tests.strategies import PROFILE, SCALARS
from odoo.addons.interop_policy.lib.context import Context
from odoo.addons.interop_policy.lib.tokens import (
    SHAPES,
    keyed_hash,
    length_of,
    scope_key,
    tokenise,
)

from .strategies import context

LETTERS, DIGITS = SHAPES["letters"], SHAPES["digits"]


def key(partner="system/1", purpose="supply"):
    return scope_key("token", context(partner, purpose))


class TestTokens(BaseCase):
    def test_tokens_look_as_they_should(self):
        token = tokenise("MRN 00471", key(), LETTERS, 0)
        self.assertRegex(token, r"^tok_[a-z2-7]{24}$")
        for length in (10, 16, 18):
            self.assertRegex(tokenise("471", key(), DIGITS, length), rf"^[1-9]\d{{{length - 1}}}$")
        self.assertRegex(keyed_hash("MRN 00471", key()), r"^[0-9a-f]{64}$")

    def test_number_stays_a_number_where_digits_are_wanted(self):
        token = tokenise(471, key(), DIGITS, 12)
        self.assertIs(type(token), int)
        self.assertEqual(str(token), tokenise("471", key(), DIGITS, 12))
        self.assertIs(type(tokenise(True, key(), DIGITS, 12)), str)

    def test_same_value_partner_and_purpose_give_the_same_token(self):
        for make in (
            lambda scope: tokenise("MRN 00471", scope, LETTERS, 0),
            lambda scope: tokenise("MRN 00471", scope, DIGITS, 16),
            lambda scope: keyed_hash("MRN 00471", scope),
        ):
            scopes = [("A", "supply"), ("B", "supply"), ("A", "analytics"), ("A", "")]
            made = {make(key(*scope)) for scope in scopes}
            self.assertEqual(len(made), len(scopes))
            self.assertEqual(make(key("A", "supply")), make(key("A", "supply")))

    def test_digest_and_token_of_a_value_have_nothing_in_common(self):
        asked = []
        spy = Context(
            lambda label, data: asked.append((label, data)) or bytes(32), "A", 1, "supply"
        )
        for kind in ("token", "hash"):
            scope_key(kind, spy)
        self.assertEqual(asked, [("token/supply", b"A"), ("hash/supply", b"A")])

    def test_without_a_key_there_is_no_token(self):
        with self.assertRaises(PolicyError):
            scope_key("token", Context())

    def test_lengths_that_cannot_be_meant_are_refused(self):
        self.assertEqual([length_of(text) for text in (None, "", "10", "18")], [16, 16, 10, 18])
        for text in ("9", "19", "x", "-12", "1e1", "１２"):
            with self.subTest(text), self.assertRaises(ValueError):
                length_of(text)

    @PROFILE
    @given(SCALARS | st.text("0123456789abcdefgtok_*#.", max_size=20), st.integers(10, 18))
    def test_token_never_contains_the_original(self, value, length):
        text = value if isinstance(value, str) else repr(value)
        for shown in (
            tokenise(value, key(), LETTERS, length),
            tokenise(value, key(), DIGITS, length),
            keyed_hash(value, key()),
        ):
            self.assertEqual(text in str(shown), text == "")

    @PROFILE
    @given(st.text(min_size=1), st.text(min_size=1))
    def test_two_partners_never_share_a_token(self, value, partner):
        one, other = key(partner), key(f"{partner}x")
        for shape in (LETTERS, DIGITS):
            token = tokenise(value, one, shape, 16)
            # What is hidden wholly tells neither of them anything.
            if not re.fullmatch(r"[*#]+", str(token)):
                self.assertNotEqual(token, tokenise(value, other, shape, 16))

    @PROFILE
    @given(st.characters(categories=("Cs",)))
    def test_half_a_character_gets_a_token_too(self, value):
        self.assertTrue(tokenise(value, key(), LETTERS, 0).startswith("tok_"))
