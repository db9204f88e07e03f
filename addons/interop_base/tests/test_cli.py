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

    def test_period_keys_are_made_ahead_without_a_database(self):
        self.odoo("interop_keys", "init", "--keyring", str(self.keyring))
        made = self.odoo(
            "interop_keys", "extend", "--months", "2", "--class", "long", "--keyring", self.keyring
        )
        self.assertEqual((made.returncode, made.stdout), (0, "Made 3 period key(s).\n"))
        self.assertEqual(len(load(self.keyring).periods), 3)

    def test_what_looks_into_the_database_asks_for_it(self):
        for words in (["rotate"], ["rewrap"], ["retire", "k1"], ["destroy", "standard", "2026-01"]):
            answer = self.odoo("interop_keys", *words)
            self.assertEqual(answer.returncode, 2)
            self.assertIn("-d DATABASE", answer.stderr)

    def test_keyring_of_a_database_is_told_from_another(self):
        own = self.odoo("interop_keys", "status", "-d", get_db_name())
        self.assertEqual(own.returncode, 0, own.stderr)
        self.assertIn("k1 (current)", own.stdout)
        refused = self.odoo("interop_keys", "retire", "k1", "-d", get_db_name())
        self.assertEqual(refused.returncode, 1)
        self.assertIn("k1 is current", refused.stderr)
        self.odoo("interop_keys", "init", "--keyring", str(self.keyring))
        words = ["rotate", "-d", get_db_name(), "--keyring", str(self.keyring)]
        other = self.odoo("interop_keys", *words)
        self.assertEqual(other.returncode, 1)
        self.assertIn("not the one of this database", other.stderr)
        self.assertEqual(load(self.keyring).key_ids, ["k1"])

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
