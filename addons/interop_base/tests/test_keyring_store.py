import base64
import json
import multiprocessing
import os
import stat
import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo.tests import BaseCase

from ..lib import keyring_store
from ..lib.keyring import KeyringError
from ..lib.keyring_contents import Contents
from ..lib.keyring_store import create, load, store_at

MARCH = "standard/2026-03"


def add_period(path, period, together):
    """As each of many processes does that begin a month together."""
    together.wait(30)
    with store_at(path).changing() as contents:
        contents.add_period(period)


class StoreCase(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.path = self.folder / "keyring.json"


class TestKeyringFile(StoreCase):
    def test_created_file_is_for_its_owner_only_and_loads(self):
        made = create(self.path)
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o600)
        key_id, wrapped = made.wrap(b"d" * 32, b"here")
        self.assertEqual(load(self.path).unwrap(key_id, wrapped, b"here"), b"d" * 32)

    def test_existing_file_is_never_overwritten(self):
        create(self.path)
        before = self.path.read_bytes()
        with self.assertRaisesRegex(KeyringError, "left as it is"):
            create(self.path)
        self.assertEqual(self.path.read_bytes(), before)

    def test_missing_file_is_told_with_what_to_do(self):
        with self.assertRaisesRegex(KeyringError, "interop_keys init"):
            load(self.path)

    def test_folder_that_does_not_exist_is_told(self):
        with self.assertRaisesRegex(KeyringError, "cannot be written"):
            create(self.path / "nowhere" / "keyring.json")

    def test_unreadable_file_is_told(self):
        self.path.write_bytes(b"\xff\xfe")
        with self.assertRaisesRegex(KeyringError, "cannot be read"):
            load(self.path)

    def test_damaged_file_is_told_without_its_content(self):
        good = {"format": 1, "current": "k1", "digest_root": _key(), "keys": {}}
        held = {"k1": {"secret": _key()}}
        canary = base64.b64encode(b"canary").decode()
        for damaged in (
            "",
            "not json",
            "[]",
            "{}",
            json.dumps({**good, "keys": {"k1": {"secret": "***" + canary}}}),
            json.dumps({**good, "keys": {"k1": {"secret": canary}}}),
            json.dumps({**good, "keys": {"k2": {"secret": _key()}}}),
            json.dumps({**good, "keys": {**held, canary: {"secret": _key()}}}),
            json.dumps({**good, "keys": held, "periods": {MARCH: {"secret": canary}}}),
            json.dumps({**good, "keys": held, "periods": {canary: {"secret": _key()}}}),
            json.dumps({**good, "keys": held, "format": 3}),
        ):
            self.path.write_text(damaged)
            with self.assertRaises(KeyringError) as caught:
                load(self.path)
            self.assertNotIn(canary, str(caught.exception))

    def test_format_1_works_and_becomes_format_2_when_it_is_written(self):
        held = {"k1": {"created": "2026-01-31T12:00:00Z", "secret": _key()}}
        old = {"format": 1, "current": "k1", "digest_root": _key(), "keys": held}
        self.path.write_text(json.dumps(old))
        before = load(self.path)
        key_id, wrapped = before.wrap(b"d" * 32, b"here")
        with store_at(self.path).changing() as contents:
            contents.add_period(MARCH)
        data = json.loads(self.path.read_text())
        self.assertEqual((data["format"], data["keys"]), (2, held))
        after = load(self.path)
        self.assertEqual(after.periods, [MARCH])
        self.assertEqual(after.unwrap(key_id, wrapped, b"here"), b"d" * 32)
        self.assertEqual(after.mac("content", b"a"), before.mac("content", b"a"))

    def test_what_does_not_end_well_is_not_written(self):
        create(self.path)
        before = self.path.read_bytes()
        with self.assertRaises(ZeroDivisionError), store_at(self.path).changing() as contents:
            contents.add_version()
            raise ZeroDivisionError
        with self.assertRaises(KeyringError), store_at(self.path).changing() as contents:
            contents.current = "k9"
        with patch.object(keyring_store.os, "replace", side_effect=OSError(28, "No space")):
            with self.assertRaisesRegex(KeyringError, "No space"):
                with store_at(self.path).changing() as contents:
                    contents.add_version()
        self.assertEqual(self.path.read_bytes(), before)
        left = {each.name for each in self.folder.iterdir()}
        self.assertEqual(left, {"keyring.json", "keyring.json.lock"}, "no half file with keys")

    def test_written_file_is_for_its_owner_only(self):
        create(self.path)
        os.chmod(self.path, 0o644)
        with store_at(self.path).changing() as contents:
            contents.add_version()
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o600)
        self.assertFalse(store_at(self.path).exposed())

    def test_what_changes_nothing_writes_nothing(self):
        create(self.path)
        before = store_at(self.path).signature()
        with store_at(self.path).changing():
            pass
        self.assertEqual(store_at(self.path).signature(), before)

    def test_processes_that_write_at_once_lose_nothing_of_each_other(self):
        create(self.path)
        periods = [f"standard/2026-{month:02d}" for month in range(1, 9)]
        fork = multiprocessing.get_context("fork")
        together = fork.Barrier(len(periods))
        writers = [
            fork.Process(target=add_period, args=(self.path, period, together))
            for period in periods
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(60)
        self.assertEqual({writer.exitcode for writer in writers}, {0})
        self.assertEqual(load(self.path).periods, periods)

    def test_versions_are_numbered_on_and_retired_ones_never_come_again(self):
        contents = Contents.fresh()
        self.assertEqual(contents.add_version(), "k2")
        contents.current = "k2"
        contents.destroy("k1")
        self.assertEqual(contents.add_version(), "k3")
        contents.destroy("k3")
        self.assertEqual(contents.add_version(), "k4")
        self.assertEqual(contents.keyring().key_ids, ["k2", "k4"])

    def test_destroyed_period_is_never_made_again(self):
        contents = Contents.fresh()
        contents.add_period(MARCH)
        contents.destroy(MARCH)
        with self.assertRaisesRegex(KeyringError, "was destroyed"):
            contents.add_period(MARCH)
        self.assertIn(MARCH, Contents.from_text(contents.to_text()).destroyed)

    def test_text_form_shows_no_key(self):
        contents = Contents.fresh()
        shown = repr(contents)
        for secret in (contents.digest_root, contents.versions["k1"].secret):
            self.assertNotIn(repr(secret), shown)


class TestKeyringFolder(StoreCase):
    def setUp(self):
        super().setUp()
        self.file = create(self.path)
        contents = Contents.from_text(self.path.read_text())
        contents.add_version()
        contents.add_period(MARCH)
        self.same = contents.keyring()
        self.mount = self.folder / "mount"
        self.mount.mkdir()
        data = json.loads(contents.to_text())
        self.put("current", "k1\n")
        self.put("digest_root", data["digest_root"])
        for name, key in data["keys"].items():
            self.put(name, key["secret"] + "\n")
        self.put("period.standard.2026-03", data["periods"][MARCH]["secret"])

    def put(self, name, text):
        (self.mount / name).write_text(text)

    def test_folder_holds_the_same_keys_as_a_file(self):
        ring = load(self.mount)
        self.assertEqual(ring.fingerprints(), self.same.fingerprints())
        self.assertEqual((ring.current, ring.periods), ("k1", [MARCH]))

    def test_hidden_and_unknown_files_are_left_alone(self):
        (self.mount / "..data").mkdir()
        self.put("README", "Ask the operators.")
        self.assertEqual(load(self.mount).key_ids, ["k1", "k2"])

    def test_destroyed_keys_are_named_in_a_file(self):
        self.put("destroyed", "standard/2025-01\nk0\n")
        self.assertIn("standard/2025-01", load(self.mount).destroyed)

    def test_signature_changes_with_a_file_behind_a_link(self):
        (self.folder / "one").write_text("k1")
        (self.folder / "two").write_text("k2")
        (self.mount / "current").unlink()
        (self.mount / "current").symlink_to(self.folder / "one")
        store = store_at(self.mount)
        before = store.signature()
        self.assertEqual(store.signature(), before)
        (self.mount / "current").unlink()
        (self.mount / "current").symlink_to(self.folder / "two")
        self.assertNotEqual(store.signature(), before)
        self.assertEqual(load(self.mount).current, "k2")

    def test_folder_is_never_written(self):
        store = store_at(self.mount)
        self.assertFalse(store.writable)
        with self.assertRaisesRegex(KeyringError, "does not write"), store.changing():
            self.fail("there is nothing to change")

    def test_what_is_missing_or_damaged_is_told_without_its_content(self):
        for name, text, told in (
            ("k1", "Y2FuYXJ5", "wrong length"),
            ("k1", "canary!", "damaged"),
            ("period.standard", "Y2FuYXJ5", "wrong length"),
            ("period.standard", _key(), "under a name that is none"),
            ("current", "k7", "does not hold"),
        ):
            kept = (self.mount / name).read_text() if (self.mount / name).exists() else None
            self.put(name, text)
            with self.subTest(name), self.assertRaisesRegex(KeyringError, told) as caught:
                load(self.mount)
            self.assertNotIn("canary", str(caught.exception))
            (self.mount / name).unlink() if kept is None else self.put(name, kept)
        (self.mount / "digest_root").unlink()
        with self.assertRaisesRegex(KeyringError, "no file `digest_root`"):
            load(self.mount)


def _key():
    return base64.b64encode(b"k" * 32).decode()
