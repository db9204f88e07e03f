import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user

from ..lib.keyring import KeyringError, month_of
from ..lib.keyring_contents import Contents, Key, encoded
from ..lib.keyring_store import FolderStore, file_name, store_at
from ..lib.settings import ServerSettings
from ..models import interop_keyring
from .common import InteropCase


class KeyringCase(InteropCase):
    """Each test begins and ends with the keyring of its class."""

    def setUp(self):
        super().setUp()
        self.keyrings = self.env["interop.keyring"]
        self.path = Path(self.keyring_path)
        self.text = self.path.read_text()
        self.addCleanup(self.put, self.text)
        self.month = month_of(datetime.now(UTC))
        self.now = f"standard/{self.month}"

    def put(self, text):
        """As somebody does who copies a keyring to this server."""
        fresh = self.path.with_suffix(".copied")
        fresh.write_text(text)
        fresh.chmod(0o600)
        fresh.replace(self.path)

    def changed(self, change):
        contents = Contents.from_text(self.path.read_text())
        change(contents)
        self.put(contents.to_text())

    def registered(self):
        self.env.invalidate_all()
        return {key.key_id: key for key in self.env["interop.keyring.key"].search([])}


class TestInteropKeyring(KeyringCase):
    def test_keyring_is_read_once_and_again_when_its_file_changes(self):
        first = self.keyrings._get()
        self.assertIs(self.keyrings._get(), first)
        os.unlink(self.keyring_path)
        with self.assertRaises(KeyringError):
            self.keyrings._get()
        self.put(self.text)
        self.assertIsNot(self.keyrings._get(), first)

    def test_what_is_known_costs_no_query(self):
        self.keyrings._get()
        with self.assertQueryCount(0):
            self.keyrings._get_for([self.now])

    def test_missing_configuration_is_told_with_what_to_do(self):
        self.addCleanup(setattr, type(self), "server", self.server)
        type(self).server = ServerSettings("test", None)
        with self.assertRaisesRegex(KeyringError, "INTEROP_KEYRING"):
            self.keyrings._get()
        ready, sentence = self.keyrings._status()
        self.assertFalse(ready)
        self.assertIn("No keyring is configured", sentence)

    def test_status_shows_no_key(self):
        ready, sentence = self.keyrings._status()
        self.assertTrue(ready)
        self.assertEqual(sentence, "Ready: 1 key(s), current k1.")

    def test_file_that_others_can_read_is_pointed_out(self):
        os.chmod(self.keyring_path, 0o644)
        ready, sentence = self.keyrings._status()
        self.assertTrue(ready)
        self.assertIn("can be read by other users", sentence)

    # -- what the database knows ---------------------------------------------------------------

    def test_keys_are_registered_by_name_and_never_as_such(self):
        self.keyrings._verify()
        keys = self.registered()
        self.assertEqual(set(keys), {"k1", self.now, "digest_root"})
        self.assertEqual(keys["k1"].kind, "version")
        self.assertEqual(keys[self.now].kind, "period")
        self.assertEqual((keys["k1"].state, keys[self.now].state), ("current", "held"))
        self.assertTrue(keys["k1"].made_on)
        self.env.cr.execute("SELECT k::text FROM interop_keyring_key k")
        text = str(self.env.cr.fetchall())
        contents = Contents.from_text(self.text)
        for key in (contents.versions["k1"], contents.periods[self.now]):
            self.assertNotIn(key.secret.hex(), text)

    def test_another_key_under_a_known_name_stops_before_anything_is_sealed(self):
        self.keyrings._verify()
        self.changed(lambda contents: contents.versions.update(k1=Key.fresh()))
        for _each_time in range(2):
            with self.assertRaisesRegex(KeyringError, "another key under the name k1 "):
                self.keyrings._get()
        self.assertEqual(self.registered()["k1"].state, "other")
        self.assertEqual(self.keyrings._status()[0], False)
        self.put(self.text)
        self.assertTrue(self.keyrings._status()[0])

    def test_who_asks_again_and_again_notices_a_change_on_either_side(self):
        self.keyrings._verify()
        with patch.object(interop_keyring, "compare", side_effect=AssertionError):
            self.keyrings._verify_again()
        self.changed(lambda contents: contents.add_period("standard/2020-01"))
        self.keyrings._verify_again()
        self.assertIn("standard/2020-01", self.registered())
        self.env.cr.execute("UPDATE interop_keyring_key SET fingerprint = '0' WHERE key_id = 'k1'")
        for _each_time in range(2):
            with self.assertRaisesRegex(KeyringError, "another key under the name k1 "):
                self.keyrings._verify_again()

    def test_keyring_that_lacks_a_registered_key_stops_and_registers_nothing(self):
        self.keyrings._verify()
        self.changed(
            lambda contents: (contents.periods.clear(), contents.add_period("standard/2020-01"))
        )
        with self.assertRaisesRegex(KeyringError, f"lacks {self.now},.*Copy the newest keyring"):
            self.keyrings._get()
        self.assertNotIn("standard/2020-01", self.registered())
        self.assertEqual(self.registered()[self.now].state, "missing")

    def test_another_root_of_digests_is_another_keyring(self):
        self.keyrings._verify()
        self.changed(lambda contents: setattr(contents, "digest_root", os.urandom(32)))
        with self.assertRaisesRegex(KeyringError, "not the one of this database"):
            self.keyrings._get()

    def test_what_the_keyring_says_was_destroyed_is_not_missed_by_a_restored_database(self):
        self.changed(lambda contents: contents.add_period("standard/2020-01"))
        self.keyrings._verify()
        self.changed(lambda contents: contents.destroy("standard/2020-01"))
        self.keyrings._verify()
        self.assertEqual(self.registered()["standard/2020-01"].state, "destroyed")
        self.assertTrue(self.registered()["standard/2020-01"].destroyed_at)

    def test_neutralized_copy_may_get_a_keyring_of_its_own(self):
        self.keyrings._verify()
        neutralize = Path(__file__).parents[1] / "data" / "neutralize.sql"
        self.env.cr.execute(neutralize.read_text())
        self.put(Contents.fresh().to_text())
        self.keyrings._verify()
        self.assertEqual(set(self.registered()), {"k1", "digest_root"})

    def test_managers_see_keys_and_nobody_changes_them(self):
        self.keyrings._verify()
        keys = self.env["interop.keyring.key"]
        manager = new_test_user(self.env, "key-manager", "interop_base.group_manager")
        user = new_test_user(self.env, "key-user", "interop_base.group_user")
        seen = keys.with_user(manager).search_read([])
        self.assertEqual(len(seen), 3)
        self.assertNotIn("fingerprint", seen[0])
        with self.assertRaises(AccessError):
            keys.with_user(user).search([])
        with self.assertRaises(AccessError):
            keys.with_user(manager).search([]).write({"key_id": "k9"})
        with self.assertRaises(AccessError):
            keys.with_user(manager).search([]).unlink()

    def test_form_of_the_installation_shows_versions_and_periods(self):
        self.changed(
            lambda contents: contents.versions.update(
                k1=Key(contents.versions["k1"].secret, "2020-01-31T12:00:00Z")
            )
        )
        form = Form(self.instance.with_user(self.env.ref("base.user_admin")))
        self.assertEqual(form.keyring_current, "k1")
        self.assertGreater(form.keyring_age_days, 2000)
        self.assertEqual(form.keyring_period_count, 1)


class TestPeriods(KeyringCase):
    def test_missing_period_is_made_and_registered_when_it_is_asked_for(self):
        keyring = self.keyrings._get_for([self.now, f"long/{self.month}"])
        self.assertTrue(keyring.holds(f"long/{self.month}"))
        self.assertEqual(store_at(self.path).contents().keyring().periods, keyring.periods)
        self.assertIn(f"long/{self.month}", self.registered())

    def test_period_that_another_host_made_is_not_made_a_second_time(self):
        self.keyrings._get_for([f"long/{self.month}"])
        self.put(self.text)  # the keyring of a host that had made its own, say
        with self.assertRaisesRegex(KeyringError, "lacks long/"):
            self.keyrings._get_for([f"long/{self.month}"])
        # And if the other host makes it at that very moment, after this one has looked:
        self.patch(type(self.keyrings), "_verify", lambda *args: None)
        with self.assertRaisesRegex(KeyringError, "Another host made the key of long/"):
            self.keyrings._get_for([f"long/{self.month}"])
        self.assertEqual(self.path.read_text(), self.text)

    def test_missing_period_of_a_keyring_that_cannot_be_written_is_told_with_what_to_do(self):
        self.patch(type(self.keyrings._store()), "writable", False)
        with self.assertRaisesRegex(KeyringError, f"period.long.{self.month}.*mounted secrets"):
            self.keyrings._get_for([f"long/{self.month}"])

    def test_periods_are_made_ahead(self):
        made = self.keyrings._extend(3)
        self.assertEqual(len(made), 3)
        self.assertEqual(self.keyrings._periods(), [self.now, *made])
        self.assertEqual(self.keyrings._extend(3), [])
        self.assertEqual(self.keyrings._extend(0, ["long"]), [f"long/{self.month}"])


class TestMountedFolder(KeyringCase):
    """The same keys, as files of a folder that the database has been used with."""

    def setUp(self):
        super().setUp()
        self.keyrings._verify()
        self.contents = Contents.from_text(self.text)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.mount = Path(folder.name)
        keys = {**self.contents.versions}
        for period, key in self.contents.periods.items():
            keys[file_name(period)] = key
        for name, key in keys.items():
            self.mounted(name, encoded(key.secret))
        self.mounted("digest_root", encoded(self.contents.digest_root))
        self.mounted("current", "k1")
        self.addCleanup(setattr, type(self), "server", self.server)
        type(self).server = ServerSettings("test", str(self.mount))

    def mounted(self, name, text):
        (self.mount / name).write_text(text)
        (self.mount / name).chmod(0o400)

    def test_folder_is_the_same_keyring_as_the_file(self):
        self.assertEqual(self.keyrings._get_for([self.now]).periods, [self.now])
        self.assertEqual(self.keyrings._status(), (True, "Ready: 1 key(s), current k1."))

    def test_change_of_the_folder_is_found_within_a_moment(self):
        before = self.keyrings._get()
        (self.mount / "current").unlink()
        self.mounted("k2", encoded(os.urandom(32)))
        self.mounted("current", "k2")
        with patch.object(FolderStore, "look_every", 0.0):
            self.assertEqual(self.keyrings._get().current, "k2")
            self.assertIsNot(self.keyrings._get(), before)
        self.assertEqual(self.registered()["k2"].state, "current")

    def test_acts_say_what_to_do_instead_of_writing(self):
        for act, told in (
            (lambda: self.keyrings._get_for([f"long/{self.month}"]), "period.long."),
            (lambda: self.keyrings._extend(1), "cannot be written here"),
            (lambda: self.keyrings._rotate(), "mounted secrets"),
        ):
            with self.assertRaisesRegex(KeyringError, told):
                act()
        self.assertEqual(set(self.registered()), {"k1", self.now, "digest_root"})
