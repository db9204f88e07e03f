import stat
import tempfile
from pathlib import Path

from odoo.tests import BaseCase, tagged

from ..lib.secrets import SharedSecrets, key_bytes


@tagged("at_install")
class TestSharedSecrets(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "below" / "secrets.json"

    def test_they_are_made_once_and_for_their_owner_only(self):
        first = SharedSecrets.keep(self.path)
        self.assertEqual(SharedSecrets.keep(self.path), first)
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o600)
        self.assertEqual(len(key_bytes(first.callback)), 32)

    def test_they_do_not_show_in_representations(self):
        made = SharedSecrets.invent()
        self.assertNotIn(made.bearer, repr(made))

    def test_a_spoiled_file_is_refused_and_not_overwritten(self):
        SharedSecrets.keep(self.path)
        self.path.write_text("{}")
        with self.assertRaisesRegex(ValueError, "remove it"):
            SharedSecrets.keep(self.path)
        self.assertEqual(self.path.read_text(), "{}")
