import os
import subprocess
import sys
import tempfile
from pathlib import Path

from odoo.tests import BaseCase, get_db_name
from odoo.tools import config

from ..lib.keyring import Keyring


class TestCli(BaseCase):
    """The commands as an administrator calls them, in a process of their own."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.keyring = Path(folder.name) / "keyring.json"

    def odoo(self, command, *args, **env):
        addons_path = ",".join(config["addons_path"])
        return subprocess.run(
            [sys.executable, "-m", "odoo", f"--addons-path={addons_path}", command]
            + (["-c", config["config"]] if config["config"] else [])
            + list(args),
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def test_keyring_is_made_once_and_shown_without_keys(self):
        made = self.odoo("interop_keys", "init", "--keyring", str(self.keyring))
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual(Keyring.load(self.keyring).current, "k1")
        again = self.odoo("interop_keys", "init", INTEROP_KEYRING=str(self.keyring))
        self.assertEqual(again.returncode, 1)
        self.assertIn("left as it is", again.stderr)
        status = self.odoo("interop_keys", "status", INTEROP_KEYRING=str(self.keyring))
        self.assertEqual(status.returncode, 0, status.stderr)
        self.assertIn("k1 (current)", status.stdout)

    def test_arming_asks_for_a_reason(self):
        answer = self.odoo("interop_arm", "-d", get_db_name())
        self.assertEqual(answer.returncode, 2)
        self.assertIn("say why", answer.stderr)

    def test_status_of_a_database_is_told(self):
        answer = self.odoo(
            "interop_arm", "-d", get_db_name(), "--status", INTEROP_ENVIRONMENT="nonsense"
        )
        self.assertEqual(answer.returncode, 1, answer.stderr)
        self.assertIn("is not one of", answer.stdout)
