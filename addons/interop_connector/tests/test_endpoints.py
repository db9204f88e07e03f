from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.failures import InternalError
from odoo.addons.interop_vault.tests.keys import certificate, new_key, pem

from ..lib.authorities import authorities_problem
from ..lib.endpoints import build_endpoint
from ..lib.keys import new_webhook_key, webhook_key
from ..lib.tokens import PreviousCredentials
from ..lib.transport import Health, HealthStep, TransportError

FACTS = {
    "code": "gloves",
    "environment": "test",
    "auth": {"kind": "api_key", "secret": "u1", "header": "X-Key"},
    "signing": None,
    "endpoints": [
        {
            "name": "Orders",
            "purpose": "default",
            "url": "https://partner.example",
            "method": "POST",
            "timeout_connect": 5,
            "timeout_total": 30,
            "idempotent": True,
            "max_response_bytes": 1024,
        }
    ],
}


class Vault:
    def __init__(self, *values, changing=None):
        self.values = values
        self.changing = changing
        self.asked = []

    def reveal(self, uuid, kind):
        self.asked.append((uuid, kind))
        return self.values

    def credentials(self, uuid, kind, environment):
        return self.changing


class TestBuildEndpoint(BaseCase):
    def test_only_the_secrets_that_are_named_are_asked_for(self):
        vault = Vault("hush")
        endpoint = build_endpoint(FACTS, "default", vault)
        self.assertEqual(vault.asked, [("u1", "api_key")])
        self.assertEqual(endpoint.auth.header, "X-Key")
        self.assertIsNone(endpoint.signing_key)
        self.assertEqual((endpoint.timeout_total, endpoint.idempotent), (30.0, True))

    def test_a_signing_key_that_is_none_stops_without_showing_it(self):
        facts = {**FACTS, "auth": None, "signing": {"secret": "u2"}}
        with self.assertRaises(InternalError) as caught:
            build_endpoint(facts, "default", Vault("hush"))
        self.assertNotIn("hush", str(caught.exception))
        self.assertIsNone(caught.exception.__context__)

    def test_while_a_signing_key_is_changed_there_are_two(self):
        facts = {**FACTS, "auth": None, "signing": {"secret": "u2"}}
        new, old = new_webhook_key(), new_webhook_key()
        endpoint = build_endpoint(facts, "default", Vault(new, old))
        self.assertEqual(endpoint.signing_key, webhook_key(new))
        self.assertEqual(endpoint.previous_signing_key, webhook_key(old))

    def test_tokens_are_shown_as_bearer_and_asked_for_later(self):
        changing = PreviousCredentials("new", "old", list)
        facts = {**FACTS, "auth": {"kind": "oauth2", "secret": "u1", "header": "Authorization"}}
        vault = Vault("client secret", changing=changing)
        endpoint = build_endpoint(facts, "default", vault)
        self.assertEqual((endpoint.auth.kind, endpoint.auth.secret), ("bearer", ""))
        self.assertIs(endpoint.auth.credentials, changing)
        self.assertEqual(vault.asked, [], "the client secret stays where it is")

    def test_a_key_is_never_shown_as_a_token(self):
        for kind in ("mtls", "ssh", "hmac"):
            facts = {**FACTS, "auth": {"kind": kind, "secret": "u1", "header": "Authorization"}}
            vault = Vault("hush")
            with self.assertRaises(InternalError):
                build_endpoint(facts, "default", vault)
            self.assertEqual(vault.asked, [])

    def test_a_certificate_and_authorities_come_along(self):
        facts = {**FACTS, "auth": None, "certificate": {"secret": "u3"}, "authorities": "PEM"}
        endpoint = build_endpoint(facts, "default", Vault("hush"))
        self.assertEqual((endpoint.certificate.pem, endpoint.authorities), ("hush", "PEM"))
        self.assertNotIn("hush", repr(endpoint) + repr(endpoint.certificate))


class TestAuthorities(BaseCase):
    def test_only_certificates_are_taken(self):
        key = new_key()
        self.assertIsNone(authorities_problem(""))
        self.assertIsNone(authorities_problem(certificate(key, ca=True) * 2))
        self.assertIn("as PEM", authorities_problem("words"))
        self.assertIn("private key", authorities_problem(certificate(key) + pem(key)))
        self.assertIn("longer", authorities_problem(certificate(key) * 500))


class TestContracts(BaseCase):
    def test_a_probe_without_steps_is_not_well(self):
        self.assertFalse(Health(()).ok)
        self.assertFalse(Health((HealthStep("a", True), HealthStep("b", False))).ok)
        self.assertTrue(Health((HealthStep("a", True),)).ok)

    def test_a_transport_error_tells_its_class(self):
        error = TransportError("No answer.", kind="uncertain", sent=True, status=200)
        self.assertEqual((error.failure_class, error.sentence), ("uncertain", "No answer."))
