import base64
import json
import os
import stat
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..lib.keyring import Keyring, KeyringError


def keyring(**secrets):
    secrets = secrets or {"k1": b"1" * 32}
    return Keyring(secrets, current=max(secrets), digest_root=b"0" * 32)


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

    def test_text_form_shows_no_key(self):
        self.assertEqual(repr(keyring()), "<Keyring of 1 keys, current k1>")


class TestKeyringFile(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "keyring.json"

    def test_created_file_is_for_its_owner_only_and_loads(self):
        made = Keyring.create(self.path)
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o600)
        key_id, wrapped = made.wrap(b"d" * 32, b"here")
        self.assertEqual(Keyring.load(self.path).unwrap(key_id, wrapped, b"here"), b"d" * 32)

    def test_existing_file_is_never_overwritten(self):
        Keyring.create(self.path)
        before = self.path.read_bytes()
        with self.assertRaisesRegex(KeyringError, "left as it is"):
            Keyring.create(self.path)
        self.assertEqual(self.path.read_bytes(), before)

    def test_missing_file_is_told_with_what_to_do(self):
        with self.assertRaisesRegex(KeyringError, "interop_keys init"):
            Keyring.load(self.path)

    def test_folder_that_does_not_exist_is_told(self):
        with self.assertRaisesRegex(KeyringError, "cannot be written"):
            Keyring.create(self.path / "nowhere" / "keyring.json")

    def test_unreadable_file_is_told(self):
        os.mkdir(self.path)
        with self.assertRaisesRegex(KeyringError, "cannot be read"):
            Keyring.load(self.path)

    def test_damaged_file_is_told_without_its_content(self):
        good = {"format": 1, "current": "k1", "digest_root": _key(), "keys": {}}
        canary = base64.b64encode(b"canary").decode()
        for damaged in (
            "",
            "not json",
            "[]",
            "{}",
            json.dumps({**good, "keys": {"k1": {"secret": "***" + canary}}}),
            json.dumps({**good, "keys": {"k1": {"secret": canary}}}),
            json.dumps({**good, "keys": {"k2": {"secret": _key()}}}),
            json.dumps({**good, "format": 2}),
        ):
            self.path.write_text(damaged)
            with self.assertRaises(KeyringError) as caught:
                Keyring.load(self.path)
            self.assertNotIn(canary, str(caught.exception))


def _key():
    return base64.b64encode(b"k" * 32).decode()
