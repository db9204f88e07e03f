import itertools
import json
import uuid

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_document.lib.canonical import canonical_json, digest, quick_json
from odoo.addons.interop_document.lib.plain import NotPlain, is_bounded, require_plain

from .strategies import JSON, PROFILE, SCALARS

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

    @PROFILE
    @given(JSON)
    def test_the_quick_text_says_the_same(self, value):
        self.assertEqual(json.loads(quick_json(value)), json.loads(canonical_json(value)))
        self.assertEqual(quick_json(json.loads(quick_json(value))), quick_json(value))

    @PROFILE
    @given(
        st.recursive(SCALARS, lambda inner: st.lists(inner), max_leaves=70), st.integers(240, 260)
    )
    def test_bounds_are_seen_by_the_quick_look_as_by_the_long_one(self, value, depth):
        value = [value, *nested(depth)]
        try:
            require_plain(value)
        except NotPlain:
            self.assertFalse(is_bounded(value))
        else:
            self.assertTrue(is_bounded(value))

    def test_what_the_quick_text_writes_as_its_own_is_no_other_value(self):
        own = uuid.UUID("7b0c5c9e-7d0e-4b7e-9f7e-3f1f0a4d2c11")
        self.assertEqual(quick_json([(1, 2), own]), f'[[1,2],"{own}"]'.encode())
        self.assertEqual(quick_json("\\u0000"), rb'"\\u0000"')
        for value in ((float("nan"),), ("\x00",), [1.0, (2, [float("inf")])]):
            with self.subTest(repr(value)), self.assertRaises(DataError):
                quick_json(value)

    def test_what_is_not_json_is_refused_without_its_value(self):
        for write, value in itertools.product(
            (canonical_json, quick_json),
            (
                float("nan"),
                float("inf"),
                -float("inf"),
                2**64,
                -(2**63) - 1,
                b"Keller-4711",
                {CANARY},
                (CANARY,),
                object(),
                f"{CANARY}\x00",
                f"{CANARY}\ud800",
                {f"{CANARY} name": object()},
                {4711: CANARY},
                {None: CANARY},
                nested(300),
                nested(50_000),
            ),
        ):
            if write is quick_json and type(value) is tuple:
                continue
            with self.subTest(type(value).__name__, write=write.__name__):
                with self.assertRaises(DataError) as caught:
                    write({"lines": [value]})
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
