from pathlib import Path

from odoo.addons.interop_audit.tests.common import AuditCase
from odoo.addons.interop_base.lib.failures import InteropError

from ..models import interop_vault_access_token

CANARY = "canary-token-4711"


class TestInteropVaultAccessToken(AuditCase):
    def setUp(self):
        super().setUp()
        self.tokens = self.env["interop.vault.access.token"]
        self.secret = self.client("Payer")

    def client(self, name):
        return self.env["interop.vault.secret"].create(
            {
                "name": name,
                "kind": "oauth2",
                "token_url": "https://idp.example/token",
                "client_id": "us",
                "value": "client-secret",
            }
        )

    def grant(self, secret=None, generation=1, lifetime=3600.0):
        secret = secret or self.secret
        lease = self.tokens._lease(secret, generation - 1, 20)
        return self.tokens._store(secret, lease, generation, CANARY, lifetime)

    def later(self, seconds):
        """As if so much time had passed."""
        self.env.cr.execute(
            "UPDATE interop_vault_access_token"
            " SET granted_at = granted_at - %(s)s * interval '1 s',"
            " refresh_at = refresh_at - %(s)s * interval '1 s',"
            " expires_at = expires_at - %(s)s * interval '1 s',"
            " leased_until = leased_until - %(s)s * interval '1 s'",
            {"s": seconds},
        )

    def test_a_token_is_held_until_it_ends_and_is_to_be_replaced_before(self):
        self.assertIsNone(self.tokens._held(self.secret))
        self.assertTrue(self.grant(lifetime=1000.0))
        held = self.tokens._held(self.secret)
        self.assertEqual((held.value, held.generation), (CANARY, 1))
        self.assertNotIn(CANARY, repr(held))
        self.assertEqual(self.entries("secret.token").details, '{"seconds":1000}')
        self.assertTrue(790 < held.refresh_in <= 800, held.refresh_in)
        self.later(900)
        held = self.tokens._held(self.secret)
        self.assertLess(held.refresh_in, 0)
        self.assertTrue(0 < held.expires_in <= 100)
        self.later(100)
        self.assertIsNone(self.tokens._held(self.secret))

    def test_only_one_has_the_lease_and_not_for_ever(self):
        first = self.tokens._lease(self.secret, 0, 20)
        self.assertTrue(first)
        self.assertIsNone(self.tokens._lease(self.secret, 0, 20))
        self.later(21)
        second = self.tokens._lease(self.secret, 0, 20)
        self.assertTrue(second)
        self.assertFalse(self.tokens._store(self.secret, first, 1, CANARY, 60), "too late")
        self.tokens._release(self.secret, first)
        self.assertIsNone(self.tokens._lease(self.secret, 0, 20), "not the first one's to give")
        self.assertTrue(self.tokens._store(self.secret, second, 1, CANARY, 60))

    def test_who_wants_to_replace_what_was_replaced_already_need_not_ask(self):
        self.grant()
        self.grant(generation=2)
        self.assertIsNone(self.tokens._lease(self.secret, 1, 20))
        self.assertTrue(self.tokens._lease(self.secret, 2, 20))

    def test_a_refused_token_is_dropped_once_and_not_while_it_is_fresh(self):
        self.grant()
        self.assertFalse(self.tokens._refused(self.secret, 1))
        self.later(interop_vault_access_token.FRESH_SECONDS + 1)
        self.assertFalse(self.tokens._refused(self.secret, 7), "another one")
        self.assertTrue(self.tokens._refused(self.secret, 1))
        self.assertFalse(self.tokens._refused(self.secret, 1))
        self.assertIsNone(self.tokens._held(self.secret))

    def test_a_changed_secret_has_no_token_and_whoever_asks_for_the_old_one_keeps_none(self):
        for change in (
            lambda: self.secret.write({"scope": "other"}),
            lambda: self.secret.write({"audience": "other"}),
            lambda: self.secret.write({"value": "another-secret"}),
            lambda: self.secret.write(
                {"source": "environment", "reference": "INTEROP_SECRET_PAYER"}
            ),
        ):
            self.grant()
            lease = self.tokens._lease(self.secret, 1, 20)
            change()
            self.assertIsNone(self.tokens._held(self.secret))
            self.assertFalse(self.tokens._store(self.secret, lease, 2, CANARY, 60))

    def test_a_token_is_sealed_for_its_secret(self):
        other = self.client("Other payer")
        self.grant()
        self.env.cr.execute("SELECT t::text FROM interop_vault_access_token t")
        text = str(self.env.cr.fetchall())
        self.assertNotIn(CANARY, text)
        self.assertNotIn(CANARY.encode().hex(), text)
        self.env.cr.execute("UPDATE interop_vault_access_token SET secret_id = %s", [other.id])
        with self.assertRaises(InteropError):
            self.tokens._held(other)

    def test_a_neutralized_copy_and_a_deleted_secret_have_none(self):
        self.grant()
        script = Path(__file__).parents[1] / "data" / "neutralize.sql"
        self.env.cr.execute(script.read_text())
        self.assertIsNone(self.tokens._held(self.secret))
        self.grant()
        self.secret.unlink()
        self.env.cr.execute("SELECT count(*) FROM interop_vault_access_token")
        self.assertEqual(self.env.cr.fetchone(), (0,))
