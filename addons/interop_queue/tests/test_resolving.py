import doctest

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests.common import BaseCase

from ..lib import resolving
from ..lib.resolving import candidates, resolved

TOKENS = st.sampled_from(["tok_abcdefghijklmnop", "tok_77777777", "9876543210", 9876543210])
BODIES = st.recursive(
    TOKENS | st.text(max_size=20) | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
)


class TestResolving(BaseCase):
    def test_examples(self):
        self.assertEqual(doctest.testmod(resolving).failed, 0)

    @given(BODIES)
    def test_whatever_is_replaced_was_a_candidate(self, body):
        values = dict.fromkeys(candidates(body), "a value")
        self.assertEqual(candidates(resolved(body, values)) & values.keys(), set())
        self.assertEqual(resolved(body, {}), body)

    def test_a_token_within_a_text_is_found_and_what_is_unknown_stays(self):
        body = {"note": "See tok_abcdefghij and tok_zzzzzzzz.", "ids": [1234567890, "12345"]}
        values = {"tok_abcdefghij": "Ann Example", "1234567890": 4711}
        self.assertEqual(
            resolved(body, values),
            {"note": "See Ann Example and tok_zzzzzzzz.", "ids": [4711, "12345"]},
        )
