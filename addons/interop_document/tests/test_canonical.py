import json

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_document.lib.canonical import canonical_json, digest
from odoo.addons.interop_document.lib.plain import NotPlain, require_plain

from .strategies import JSON, PROFILE

CANARY = "Keller-4711"


def nested(depth):
    value = CANARY
    for _level in range(depth):
        value = [value]
    return value


class TestCanonical(BaseCase):
    @PROFILE
    @given(JSON)
    def test_reading_and_writing_again_changes_nothing(self, value):
        data = canonical_json(value)
        self.assertEqual(json.loads(data), value)
        self.assertEqual(canonical_json(json.loads(data)), data)

    @PROFILE
    @given(st.dictionaries(st.text(st.characters(exclude_categories=("Cs", "Cc"))), JSON))
    def test_order_of_members_does_not_matter(self, value):
        self.assertEqual(canonical_json(dict(reversed(value.items()))), canonical_json(value))

    def test_text_is_compact_sorted_utf8(self):
        self.assertEqual(
            canonical_json({"b": [1, 1.5, None], "a": "Grün"}),
            '{"a":"Grün","b":[1,1.5,null]}'.encode(),
        )

    def test_what_is_not_json_is_refused_without_its_value(self):
        for value in (
            float("nan"),
            float("inf"),
            -float("inf"),
            2**63,
            b"Keller-4711",
            {CANARY},
            (CANARY,),
            object(),
            f"{CANARY}\x00",
            f"{CANARY}\ud800",
            {f"{CANARY} name": object()},
            {4711: CANARY},
            {None: CANARY},
            nested(80),
            nested(50_000),
        ):
            with self.subTest(type(value).__name__):
                with self.assertRaises(DataError) as caught:
                    canonical_json({"lines": [value]})
                error = caught.exception
                self.assertNotIn("Keller", str(error))
                self.assertIsNone(error.__cause__)
                self.assertIsNone(error.__context__)

    def test_refusal_says_where(self):
        with self.assertRaisesRegex(NotPlain, r"^lines\[1\]\.quantity: must be a finite number$"):
            require_plain({"lines": [{}, {"quantity": float("nan")}]})

    def test_too_many_values_are_refused(self):
        with self.assertRaisesRegex(NotPlain, "too many values"):
            require_plain([0] * 100_001)

    def test_digest_is_sha256(self):
        self.assertEqual(
            digest(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
