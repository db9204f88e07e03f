import os

from ..lib.keyring import Keyring, KeyringError
from ..lib.settings import ServerSettings
from .common import InteropCase


class TestInteropKeyring(InteropCase):
    def test_keyring_is_read_once_and_again_when_its_file_changes(self):
        model = self.env["interop.keyring"]
        first = model._get()
        self.assertIs(model._get(), first)
        os.unlink(self.keyring_path)
        with self.assertRaises(KeyringError):
            model._get()
        Keyring.create(self.keyring_path)
        self.assertIsNot(model._get(), first)

    def test_missing_configuration_is_told_with_what_to_do(self):
        self.addCleanup(setattr, type(self), "server", self.server)
        type(self).server = ServerSettings("test", None)
        with self.assertRaisesRegex(KeyringError, "INTEROP_KEYRING"):
            self.env["interop.keyring"]._get()
        ready, sentence = self.env["interop.keyring"]._status()
        self.assertFalse(ready)
        self.assertIn("No keyring is configured", sentence)

    def test_status_shows_no_key(self):
        ready, sentence = self.env["interop.keyring"]._status()
        self.assertTrue(ready)
        self.assertEqual(sentence, "Ready: 1 key(s), current k1.")

    def test_file_that_others_can_read_is_pointed_out(self):
        os.chmod(self.keyring_path, 0o644)
        ready, sentence = self.env["interop.keyring"]._status()
        self.assertTrue(ready)
        self.assertIn("can be read by other users", sentence)
