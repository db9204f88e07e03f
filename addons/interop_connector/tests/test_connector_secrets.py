import contextlib
import tempfile
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.interop_base.lib.failures import InternalError, InteropError
from odoo.addons.interop_vault.models import interop_vault_secret_uses as counting
from odoo.addons.interop_vault.tests.keys import certificate, new_key, pem

from ..lib.keys import new_webhook_key, webhook_key
from ..lib.tokens import GRANTS
from .common import ConnectorCase


@tagged("post_install", "-at_install")
class TestConnectorSecrets(ConnectorCase):
    def rotate(self, secret, value, hours=24):
        self.env["interop.vault.secret.rotate"].create(
            {"secret_id": secret.id, "value": value, "overlap_hours": hours}
        ).action_rotate()

    def resolve(self):
        snapshot = self.connector._technical_snapshot()
        return self.env["interop.connector"]._resolve_endpoint(snapshot)

    def test_a_rotated_signing_key_of_the_partner_is_accepted_in_both_values(self):
        old, new = new_webhook_key(), new_webhook_key()
        self.connector.inbound_secret_id = self._secret("Theirs", "hmac", old)
        self.rotate(self.connector.inbound_secret_id, new)
        keys = self.connector._inbound_keys()
        self.assertEqual(keys, (webhook_key(new), webhook_key(old)))
        self.connector.inbound_old_secret_id = self.inbound
        self.assertEqual(len(self.connector._inbound_keys()), 3, "the older way works beside it")
        self.connector.inbound_secret_id.action_end_overlap()
        self.assertEqual(len(self.connector._inbound_keys()), 2)

    def test_what_we_send_is_signed_with_both_while_our_key_is_rotated(self):
        self.connector.signing_secret_id = self._secret("Ours", "hmac", new_webhook_key())
        self.assertIsNone(self.resolve().previous_signing_key)
        self.rotate(self.connector.signing_secret_id, new_webhook_key())
        endpoint = self.resolve()
        self.assertNotEqual(endpoint.signing_key, endpoint.previous_signing_key)
        self.assertEqual(len(endpoint.previous_signing_key), 32)

    def test_a_rotated_token_is_shown_at_once_and_the_one_before_only_when_refused(self):
        self.connector.auth_secret_id = self._secret("Token", "bearer", "hush-old")
        self.assertIsNone(self.resolve().auth.credentials)
        self.rotate(self.connector.auth_secret_id, "hush-new")
        endpoint = self.resolve()
        self.assertNotIn("hush", repr(endpoint) + repr(endpoint.auth.credentials))
        credentials = endpoint.auth.credentials
        self.assertEqual(credentials.present(1), "hush-new")
        self.env.flush_all()
        with self.own_cursor():
            self.assertEqual(credentials.refused("hush-new", 1), "hush-old")
            self.assertIsNone(credentials.refused("hush-old", 1))
        secret = self.connector.auth_secret_id
        secret.invalidate_recordset()
        self.assertEqual(secret.previous_use_count, 1)
        self.assertIn("secret.fallback", [act for act, *_rest in self.acts(secret)])

    @contextlib.contextmanager
    def own_cursor(self):
        """What is written down on a cursor of its own is written on this test's."""

        @contextlib.contextmanager
        def cursor(_registry):
            yield self.env.cr

        counting._uses.clear()
        with patch.object(type(self.env.registry), "cursor", cursor):
            yield

    def test_a_secret_of_another_kind_than_was_published_is_not_opened(self):
        secret = self._secret("Token", "bearer", "hush-token")
        self.connector.auth_secret_id = secret
        snapshot = self.connector._technical_snapshot()
        secret.write({"kind": "api_key", "value": "hush-other"})
        with self.assertRaisesRegex(InternalError, "another kind"):
            self.env["interop.connector"]._resolve_endpoint(snapshot)

    def test_each_place_takes_only_its_kinds(self):
        key = new_key()
        mtls = self.env["interop.vault.secret"].create(
            {
                "name": "Certificate",
                "kind": "mtls",
                "company_id": False,
                "value_certificate": certificate(key),
                "value_private_key": pem(key),
            }
        )
        for field, wrong in (
            ("auth_secret_id", mtls),
            ("auth_secret_id", self.signing),
            ("certificate_secret_id", self.bearer),
            ("signing_secret_id", self.bearer),
            ("inbound_secret_id", mtls),
        ):
            with self.assertRaisesRegex(ValidationError, "not for this"), self.env.cr.savepoint():
                self.connector[field] = wrong
        before = self.connector._technical_snapshot()
        self.assertNotIn("certificate", before, "nothing published before looks changed")
        self.connector.certificate_secret_id = mtls
        self.assertIn("BEGIN PRIVATE KEY", self.resolve().certificate.pem)
        self.assertNotIn("PRIVATE", str(self.connector._technical_snapshot()))

    def test_authorities_are_certificates_and_travel_with_what_is_published(self):
        with self.assertRaisesRegex(ValidationError, "as PEM"), self.env.cr.savepoint():
            self.connector.authorities = "words"
        own = certificate(new_key(), ca=True)
        self.connector.authorities = own
        self.assertEqual(self.resolve().authorities, own.strip())

    def test_what_a_secret_refers_to_is_read_when_it_is_used(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        fence = type(self.env["interop.fence"])
        settings = replace(self.env["interop.fence"]._server_settings(), secrets_dir=folder)
        self.patch(fence, "_server_settings", lambda _fence: settings)
        secret = self.env["interop.vault.secret"].create(
            {
                "name": "Mounted",
                "kind": "bearer",
                "source": "file",
                "reference": "token",
                "company_id": False,
            }
        )
        self.connector.auth_secret_id = secret
        with self.assertRaises(InteropError) as caught:
            self.resolve()
        self.assertEqual(caught.exception.failure_class, "transient")
        with self.assertRaisesRegex(UserError, "does not exist"):
            self.connector.action_activate()
        Path(folder, "token").write_text("hush-mounted\n")
        self.assertEqual(self.resolve().auth.secret, "hush-mounted")

    def test_tokens_are_asked_for_later_and_not_while_an_endpoint_is_made(self):
        secret = self.env["interop.vault.secret"].create(
            {
                "name": "Token server",
                "kind": "oauth2",
                "token_url": "https://idp.example/token",
                "client_id": "us",
                "value": "hush-client",
                "company_id": False,
            }
        )
        self.connector.auth_secret_id = secret
        if "oauth2" not in GRANTS:
            with self.assertRaisesRegex(InternalError, "Interop HTTP"):
                self.resolve()
            return
        auth = self.resolve().auth
        self.assertEqual((auth.kind, auth.secret), ("bearer", ""))
        self.assertEqual(secret.use_count, 0)
