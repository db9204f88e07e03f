from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..lib.keyring import KeyDestroyed, Keyring, KeyringError, period_of

MARCH = "standard/2026-03"


def keyring(**secrets):
    secrets = secrets or {"k1": b"1" * 32}
    return Keyring(secrets, current=max(secrets), digest_root=b"0" * 32)


def with_periods(periods, secret=b"1" * 32, **more):
    return Keyring({"k1": secret}, "k1", b"0" * 32, periods=periods, **more)


class TestKeyring(BaseCase):
    @given(data=st.binary(max_size=64), aad=st.binary(max_size=64))
    def test_wrapped_key_unwraps_to_itself(self, data, aad):
        ring = keyring()
        key_id, wrapped = ring.wrap(data, aad)
        self.assertEqual(ring.unwrap(key_id, wrapped, aad), data)

    @given(data=st.binary(min_size=16, max_size=64), position=st.integers(min_value=0))
    def test_changed_wrapped_key_is_refused(self, data, position):
        ring = keyring()
        key_id, wrapped = ring.wrap(data, b"here")
        changed = bytearray(wrapped)
        changed[position % len(changed)] ^= 1
        with self.assertRaises(KeyringError):
            ring.unwrap(key_id, bytes(changed), b"here")

    def test_key_wrapped_elsewhere_is_refused(self):
        ring = keyring()
        key_id, wrapped = ring.wrap(b"d" * 32, b"here")
        with self.assertRaises(KeyringError):
            ring.unwrap(key_id, wrapped, b"there")

    def test_truncated_wrapped_key_is_refused(self):
        ring = keyring()
        key_id, wrapped = ring.wrap(b"d" * 32, b"here")
        for length in (0, 5, 12, len(wrapped) - 1):
            with self.assertRaises(KeyringError):
                ring.unwrap(key_id, wrapped[:length], b"here")

    def test_old_version_still_unwraps_and_new_one_wraps(self):
        old = keyring(k1=b"1" * 32)
        key_id, wrapped = old.wrap(b"d" * 32, b"here")
        both = keyring(k1=b"1" * 32, k2=b"2" * 32)
        self.assertEqual(both.unwrap(key_id, wrapped, b"here"), b"d" * 32)
        self.assertEqual(both.wrap(b"d" * 32, b"here")[0], "k2")

    def test_missing_version_is_told(self):
        key_id, wrapped = keyring(k9=b"9" * 32).wrap(b"d" * 32, b"here")
        with self.assertRaisesRegex(KeyringError, "does not hold the key"):
            keyring().unwrap(key_id, wrapped, b"here")

    def test_mac_depends_on_purpose_and_root_but_not_on_rotation(self):
        one, two = keyring(k1=b"1" * 32), keyring(k1=b"1" * 32, k2=b"2" * 32)
        other = Keyring({"k1": b"1" * 32}, "k1", digest_root=b"x" * 32)
        self.assertEqual(one.mac("content", b"a"), two.mac("content", b"a"))
        self.assertNotEqual(one.mac("content", b"a"), one.mac("token", b"a"))
        self.assertNotEqual(one.mac("content", b"a"), other.mac("content", b"a"))
        self.assertEqual(len(one.mac("content", b"a")), 64)

    # -- periods -------------------------------------------------------------------------------

    @given(data=st.binary(max_size=64), aad=st.binary(max_size=64))
    def test_key_wrapped_in_a_period_unwraps_by_both_keys_and_by_neither_alone(self, data, aad):
        ring = with_periods({MARCH: b"m" * 32})
        key_id, wrapped = ring.wrap(data, aad, MARCH)
        self.assertEqual(key_id, f"k1/{MARCH}")
        self.assertEqual(ring.unwrap(key_id, wrapped, aad), data)
        for other in (
            with_periods({MARCH: b"x" * 32}),
            with_periods({MARCH: b"m" * 32}, secret=b"x" * 32),
            with_periods({}),
        ):
            with self.assertRaises(KeyringError):
                other.unwrap(key_id, wrapped, aad)
        with self.assertRaises(KeyringError):
            ring.unwrap("k1", wrapped, aad)

    def test_equal_keys_of_two_periods_wrap_differently(self):
        april = MARCH.replace("03", "04")
        ring = with_periods({MARCH: b"m" * 32, april: b"m" * 32})
        key_id, wrapped = ring.wrap(b"d" * 32, b"here", MARCH)
        with self.assertRaises(KeyringError):
            ring.unwrap(f"k1/{april}", wrapped, b"here")

    def test_missing_period_is_told_with_what_to_do(self):
        with self.assertRaisesRegex(KeyringError, "standard/2026-03.*interop_keys extend"):
            with_periods({}).wrap(b"d" * 32, b"here", MARCH)

    def test_destroyed_period_is_told_as_such(self):
        key_id, wrapped = with_periods({MARCH: b"m" * 32}).wrap(b"d" * 32, b"here", MARCH)
        gone = with_periods({}, destroyed={MARCH: "2026-05-01T00:00:00Z"})
        with self.assertRaises(KeyDestroyed):
            gone.unwrap(key_id, wrapped, b"here")

    def test_no_period_has_a_name_that_could_be_another_ones(self):
        for retention_class, month in (
            ("a/b", "2026-01"),
            ("", "2026-01"),
            ("standard", "2026-1"),
            ("standard", "2026-00"),
            ("standard\n", "2026-01"),
        ):
            with self.assertRaisesRegex(KeyringError, "YYYY-MM"):
                period_of(retention_class, month)

    def test_fingerprints_tell_keys_apart_and_depend_on_the_name(self):
        one = with_periods({MARCH: b"m" * 32}).fingerprints()
        two = with_periods({MARCH: b"x" * 32}).fingerprints()
        self.assertEqual(set(one), {"k1", MARCH, "digest_root"})
        self.assertEqual(one["k1"], two["k1"])
        self.assertNotEqual(one[MARCH], two[MARCH])
        same = keyring(k1=b"1" * 32, k2=b"1" * 32).fingerprints()
        self.assertNotEqual(same["k1"], same["k2"])
        self.assertNotIn((b"1" * 32).hex(), str(same))

    def test_text_form_shows_no_key(self):
        self.assertEqual(repr(keyring()), "<Keyring of 1 keys, current k1>")
