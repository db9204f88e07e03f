import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user

from odoo.addons.interop_audit.tests.common import AuditCase
from odoo.addons.interop_base.lib.failures import InteropError

from ..models import interop_vault_secret_expiry as expiry
from .keys import certificate, new_key, pem

CANARY = "canary-4711"


class SecretCase(AuditCase):
    def setUp(self):
        super().setUp()
        self.manager = new_test_user(self.env, "kinds-manager", "interop_base.group_manager")
        self.secrets = self.env["interop.vault.secret"].with_user(self.manager)


class TestKindsInUse(SecretCase):
    def test_a_certificate_fills_in_whose_it_is_and_when_it_ends(self):
        key = new_key()
        secret = self.secrets.create(
            {
                "name": "Clearing house",
                "kind": "mtls",
                "value_certificate": certificate(key, end=20),
                "value_private_key": pem(key, CANARY),
                "value_passphrase": CANARY,
            }
        )
        self.assertEqual(secret.subject, "interop.hospital.example")
        self.assertEqual(secret.expires_on, fields.Date.today() + timedelta(days=20))
        self.assertEqual(secret.expiry, "soon")
        self.assertIn("BEGIN PRIVATE KEY", secret._reveal("send"))
        self.env.invalidate_all()
        self.assertNotIn("PRIVATE", str(secret.read()) + str(secret.copy_data()))

    def test_what_a_value_was_entered_for_cannot_be_changed_without_it(self):
        secret = self.secrets.create(
            {
                "name": "Orders",
                "kind": "oauth2",
                "token_url": "https://idp.example/token",
                "client_id": "us",
                "value": CANARY,
            }
        )
        for vals in (
            {"token_url": "https://elsewhere.example/token"},
            {"client_id": "them"},
            {"kind": "bearer"},
            {"token_auth": "post"},
        ):
            with self.assertRaisesRegex(ValidationError, "enter the value again"):
                secret.write(vals)
        self.assertIn("idp.example", secret._reveal("send"))
        secret.write({"token_url": "https://elsewhere.example/token", "value": "another"})
        self.assertIn("elsewhere", secret._reveal("send"))
        self.assertNotIn(CANARY, secret._reveal("send"))
        # A column that was changed behind our back changes nothing.
        self.env.cr.execute("UPDATE interop_vault_secret SET token_url = 'https://thief.example'")
        self.env.invalidate_all()
        self.assertNotIn("thief", secret._reveal("send"))

    def test_what_the_vault_notes_nobody_else_does(self):
        secret = self.secrets.create({"name": "x", "value": CANARY})
        for vals in ({"use_count": 0}, {"fingerprint": "x"}, {"previous_valid_until": False}):
            with self.assertRaises(AccessError):
                secret.write(vals)
            with self.assertRaises(AccessError):
                self.secrets.create({"name": "y", **vals})


class TestReferring(SecretCase):
    def setUp(self):
        super().setUp()
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.file = Path(folder, "token")
        self.file.write_text(CANARY)
        fence = self.env["interop.fence"]
        settings = replace(fence._server_settings(), secrets_dir=folder)
        self.enterContext(patch.object(type(fence), "_server_settings", lambda _fence: settings))
        self.secret = self.secrets.create(
            {"name": "Mounted", "kind": "bearer", "source": "file", "reference": "token"}
        )

    def test_a_file_is_read_each_time_it_is_used(self):
        self.assertTrue(self.secret.has_value)
        self.assertEqual(self.secret._reveal("send"), CANARY)
        self.file.write_text("another")
        self.assertEqual(self.secret._reveal("send"), "another")
        self.assertEqual(self.secret._reveal_valid("verify"), ["another"])

    def test_what_is_missing_or_no_such_secret_is_told_and_tried_again(self):
        self.file.write_text(f"{CANARY}\n{CANARY}")
        for name in ("token", "missing"):
            self.secret.reference = name
            with self.assertRaises(InteropError) as caught:
                self.secret._reveal("send")
            self.assertEqual(caught.exception.failure_class, "transient")
            self.assertNotIn(CANARY, caught.exception.sentence)
        self.assertFalse(self.secret.has_value)
        self.assertIn("does not exist", self.secret.source_problem)

    def test_names_outside_what_the_server_allows_are_refused(self):
        for vals in (
            {"reference": "../token"},
            {"reference": False},
            {"source": "environment", "reference": "PGPASSWORD"},
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.secret.write(vals)

    def test_what_was_sealed_is_deleted_when_it_is_kept_elsewhere(self):
        secret = self.secrets.create({"name": "Moved", "value": CANARY})
        secret.write({"source": "file", "reference": "token"})
        self.assertEqual(
            self.entries("secret.reference")[-1].details, '{"name":"token","source":"file"}'
        )
        secret.write({"source": "sealed"})
        self.assertFalse(secret.has_value)
        with self.assertRaisesRegex(InteropError, "has no value"):
            secret._reveal("send")
        with self.assertRaises(ValidationError):
            self.secret.value = "typed where it does not belong"


class TestWarnings(SecretCase):
    def setUp(self):
        super().setUp()
        self.secret = self.secrets.create({"name": "Order API", "value": CANARY})

    def ends_in(self, days):
        self.secret.expires_on = fields.Date.today() + timedelta(days=days)

    def told(self):
        self.env["interop.vault.secret"]._cron_daily()
        return self.secret.activity_ids

    def pass_days(self, days):
        """As if so many days had gone by: the end comes nearer, and nobody wrote it."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE interop_vault_secret SET expires_on = expires_on - %s", [days])
        self.env.invalidate_all()

    def test_the_responsible_person_is_told_once_per_threshold(self):
        self.ends_in(31)
        self.assertFalse(self.told())
        seen = []
        for _day in range(33):
            self.pass_days(1)
            activity = self.told()
            self.assertEqual(len(activity), 1, "the one before is replaced")
            self.assertEqual(activity.user_id, self.manager)
            if activity.id not in seen:
                seen.append(activity.id)
        self.assertEqual(len(seen), len(expiry.WARNINGS))
        self.assertIn("has ended", activity.summary)
        self.assertNotIn(CANARY, str(activity.read()))

    def test_a_new_end_takes_the_warning_back(self):
        self.ends_in(5)
        self.assertTrue(self.told())
        self.ends_in(300)
        self.assertFalse(self.told())
        self.ends_in(5)
        self.assertEqual(len(self.told()), 1)

    def test_without_a_responsible_manager_another_one_is_told(self):
        self.ends_in(5)
        self.secret.user_id = new_test_user(self.env, "kinds-user", "interop_base.group_user")
        [activity] = self.told()
        group = self.env.ref("interop_base.group_manager")
        self.assertIn(group, activity.user_id.all_group_ids)
