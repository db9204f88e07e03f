import zlib
from dataclasses import replace
from itertools import pairwise
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.keyring import Keyring, KeyringError

from ..lib import sealing
from ..lib.sealing import Place, VaultError, seal, unseal

RING = Keyring({"k1": b"1" * 32}, current="k1", digest_root=b"0" * 32)
HERE = Place("i-1", "0b7e5a44-0000-4000-8000-000000000001", "document", 1)
MARCH, APRIL = "standard/2026-03", "standard/2026-04"
MONTHLY = Keyring({"k1": b"1" * 32}, "k1", b"0" * 32, periods={MARCH: b"3" * 32, APRIL: b"4" * 32})
REFUSED = (VaultError, KeyringError)

places = st.builds(Place, st.text(), st.text(), st.text(), st.integers(0, 9))


class TestSealing(BaseCase):
    @given(data=st.binary(max_size=2000), place=places)
    def test_sealed_content_opens_at_its_place(self, data, place):
        sealed = seal(RING, place, data)
        self.assertEqual(unseal(RING, place, sealed), data)
        self.assertEqual(sealed.size, len(data))

    @given(here=places, there=places)
    def test_content_opens_nowhere_else(self, here, there):
        sealed = seal(RING, here, b"something")
        if here == there:
            self.assertEqual(unseal(RING, there, sealed), b"something")
        else:
            with self.assertRaises(REFUSED):
                unseal(RING, there, sealed)

    @given(one=places, two=places)
    def test_two_places_never_have_the_same_associated_data(self, one, two):
        self.assertEqual(one == two, one.associated_data() == two.associated_data())

    @given(data=st.binary(min_size=1, max_size=200), position=st.integers(min_value=0))
    def test_any_changed_byte_is_refused(self, data, position):
        sealed = seal(RING, HERE, data)
        for part in ("sealed", "wrapped_key"):
            changed = bytearray(getattr(sealed, part))
            changed[position % len(changed)] ^= 1
            with self.assertRaises(REFUSED):
                unseal(RING, HERE, replace(sealed, **{part: bytes(changed)}))

    @given(length=st.integers(min_value=0, max_value=400))
    def test_truncated_content_is_refused(self, length):
        sealed = seal(RING, HERE, bytes(range(256)) * 2)
        for part in ("sealed", "wrapped_key"):
            whole = getattr(sealed, part)
            with self.assertRaises(REFUSED):
                unseal(RING, HERE, replace(sealed, **{part: whole[: min(length, len(whole) - 1)]}))

    def test_swapped_parts_of_two_contents_are_refused(self):
        one, two = seal(RING, HERE, b"one"), seal(RING, HERE, b"two")
        with self.assertRaises(REFUSED):
            unseal(RING, HERE, replace(one, sealed=two.sealed))
        with self.assertRaises(REFUSED):
            unseal(RING, HERE, replace(one, wrapped_key=two.wrapped_key))
        with self.assertRaises(VaultError):
            unseal(RING, HERE, replace(one, digest=two.digest))

    def test_keyring_without_the_key_is_no_fault_of_the_content(self):
        other = Keyring({"k2": b"2" * 32}, current="k2", digest_root=b"0" * 32)
        with self.assertRaises(KeyringError):
            unseal(other, HERE, seal(RING, HERE, b"one"))

    def test_wrapped_key_that_does_not_fit_is_the_fault_of_this_content_alone(self):
        other = Keyring({"k1": b"2" * 32}, current="k1", digest_root=b"0" * 32)
        with self.assertRaises(VaultError) as caught:
            unseal(other, HERE, seal(RING, HERE, b"one"))
        self.assertEqual(caught.exception.reason, "tampered")

    def test_content_of_a_period_opens_while_its_key_exists(self):
        sealed = seal(MONTHLY, HERE, b"one", MARCH)
        self.assertEqual(sealed.key_id, f"k1/{MARCH}")
        self.assertEqual(unseal(MONTHLY, HERE, sealed), b"one")
        gone = Keyring({"k1": b"1" * 32}, "k1", b"0" * 32, destroyed={MARCH: ""})
        with self.assertRaises(VaultError) as caught:
            unseal(gone, HERE, sealed)
        self.assertEqual(caught.exception.reason, "shredded")

    @given(claimed=st.sampled_from(["k1", f"k1/{APRIL}", "k1/short/2026-03"]))
    def test_content_of_a_period_opens_under_no_other_name(self, claimed):
        sealed = seal(MONTHLY, HERE, b"one", MARCH)
        with self.assertRaises(REFUSED):
            unseal(MONTHLY, HERE, replace(sealed, key_id=claimed))

    @given(data=st.data())
    def test_reordered_pieces_are_refused(self, data):
        content = seal(RING, HERE, bytes(range(256)) * 4)
        size = data.draw(st.integers(16, 60))
        pieces = [
            content.sealed[start : start + size] for start in range(0, len(content.sealed), size)
        ]
        order = data.draw(st.permutations(pieces))
        if order == pieces:
            order = pieces[::-1]
        with self.assertRaises(REFUSED):
            unseal(RING, HERE, replace(content, sealed=b""), order)
        with self.assertRaises(REFUSED):
            unseal(RING, HERE, replace(content, sealed=b"".join(order)))

    def test_wrong_size_is_refused_without_inflating_more(self):
        sealed = seal(RING, HERE, b"0" * 1_000_000)
        for size in (0, 10, 999_999, 1_000_001):
            with self.assertRaises(VaultError):
                unseal(RING, HERE, replace(sealed, size=size))

    # -- large content, here in pieces of a few bytes ----------------------------------------------

    def in_pieces(self, size):
        return patch.object(sealing, "PIECE", size)

    @given(data=st.binary(max_size=3000), size=st.integers(min_value=12, max_value=200))
    def test_content_in_pieces_and_at_once_is_the_same(self, data, size):
        at_once = seal(RING, HERE, data)
        with self.in_pieces(size):
            in_pieces = seal(RING, HERE, data)
            self.assertEqual(unseal(RING, HERE, at_once), data)
            self.assertEqual(unseal(RING, HERE, in_pieces), data)
        self.assertEqual(unseal(RING, HERE, in_pieces), data)

    @given(size=st.integers(min_value=1, max_value=100), data=st.data())
    def test_pieces_may_be_cut_anywhere(self, size, data):
        content = seal(RING, HERE, bytes(range(256)) * 3)
        cuts = sorted(data.draw(st.sets(st.integers(0, len(content.sealed)), max_size=size)))
        edges = [0, *cuts, len(content.sealed)]
        pieces = [content.sealed[a:b] for a, b in pairwise(edges)]
        # The first piece holds the nonce: it is never cut.
        while len(pieces) > 1 and len(pieces[0]) < 12:
            pieces[:2] = [pieces[0] + pieces[1]]
        opened = unseal(RING, HERE, replace(content, sealed=b""), pieces)
        self.assertEqual(opened, bytes(range(256)) * 3)

    @given(position=st.integers(min_value=0), size=st.integers(min_value=16, max_value=90))
    def test_any_changed_or_missing_byte_in_pieces_is_refused(self, position, size):
        content = seal(RING, HERE, bytes(range(256)))
        changed = bytearray(content.sealed)
        changed[position % len(changed)] ^= 1
        short = content.sealed[: position % len(content.sealed)]
        with self.in_pieces(size):
            for sealed in (bytes(changed), short, content.sealed + b"0"):
                with self.assertRaises(REFUSED):
                    unseal(RING, HERE, replace(content, sealed=sealed))

    def test_wrong_size_in_pieces_is_refused_without_inflating_more(self):
        content = seal(RING, HERE, b"0" * 1_000_000)
        with self.in_pieces(100):
            for size in (0, 10, 999_999, 1_000_001):
                with self.assertRaises(VaultError):
                    unseal(RING, HERE, replace(content, size=size))

    def test_clear_text_is_not_in_what_is_stored(self):
        data = b"Canary Fieldmouse" * 50
        sealed = seal(RING, HERE, data)
        for stored in (sealed.sealed, sealed.wrapped_key, sealed.digest.encode()):
            self.assertNotIn(b"Canary", stored)
            self.assertNotIn(zlib.compress(data, 1)[:10], stored)

    def test_digest_is_equal_for_equal_content_and_cannot_be_guessed_without_the_keyring(self):
        other = Keyring({"k1": b"1" * 32}, current="k1", digest_root=b"x" * 32)
        one, two = seal(RING, HERE, b"one"), seal(RING, replace(HERE, generation=2), b"one")
        self.assertEqual(one.digest, two.digest)
        self.assertNotEqual(one.sealed, two.sealed)
        self.assertNotEqual(one.digest, seal(other, HERE, b"one").digest)
