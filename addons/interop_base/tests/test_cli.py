import os
import subprocess
import sys
import tempfile
from pathlib import Path

from odoo.tests import BaseCase, get_db_name
from odoo.tools import config

from ..lib.keyring_store import load

#: What a program does that meets a failing statement: Odoo logs it, then the program does.
FAILING = """
import logging
try:
    env.cr.execute(
        "INSERT INTO res_partner_category (parent_path, active) VALUES (%s, true)",
        ["Canary " + "Field" + "mouse"],
    )
except Exception:
    logging.getLogger("odoo.addons.some_module").exception("Nightly job failed")

"""


class TestCli(BaseCase):
    """The commands as an administrator calls them, in a process of their own."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.keyring = Path(folder.name) / "keyring.json"

    def odoo(self, command, *args, stdin=None, **env):
        addons_path = ",".join(config["addons_path"])
        return subprocess.run(
            [sys.executable, "-m", "odoo", f"--addons-path={addons_path}", command]
            + (["-c", config["config"]] if config["config"] else [])
            + list(args),
            env={**os.environ, **env},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def test_keyring_is_made_once_and_shown_without_keys(self):
        made = self.odoo("interop_keys", "init", "--keyring", str(self.keyring))
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual(load(self.keyring).current, "k1")
        again = self.odoo("interop_keys", "init", INTEROP_KEYRING=str(self.keyring))
        self.assertEqual(again.returncode, 1)
        self.assertIn("left as it is", again.stderr)
        status = self.odoo("interop_keys", "status", INTEROP_KEYRING=str(self.keyring))
        self.assertEqual(status.returncode, 0, status.stderr)
        self.assertIn("k1 (current)", status.stdout)

    def test_log_of_a_real_process_holds_no_values(self):
        answer = self.odoo(
            "shell", "-d", get_db_name(), "--no-http", "--log-level=info", stdin=FAILING
        )
        self.assertNotIn("Fieldmouse", answer.stdout + answer.stderr)
        self.assertIn("bad query: INSERT INTO res_partner_category", answer.stderr)
        self.assertIn('ERROR: null value in column "name"', answer.stderr)
        self.assertIn("Nightly job failed", answer.stderr)
        self.assertIn("psycopg2.errors.NotNullViolation", answer.stderr)

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
