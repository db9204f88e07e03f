from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.failures import InternalError

from ..lib.endpoints import build_endpoint
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


class TestBuildEndpoint(BaseCase):
    def test_only_the_secrets_that_are_named_are_asked_for(self):
        asked = []

        def reveal(uuid):
            asked.append(uuid)
            return "hush"

        endpoint = build_endpoint(FACTS, "default", reveal)
        self.assertEqual(asked, ["u1"])
        self.assertEqual(endpoint.auth.header, "X-Key")
        self.assertIsNone(endpoint.signing_key)
        self.assertEqual((endpoint.timeout_total, endpoint.idempotent), (30.0, True))

    def test_a_signing_key_that_is_none_stops_without_showing_it(self):
        facts = {**FACTS, "auth": None, "signing": {"secret": "u2"}}
        with self.assertRaises(InternalError) as caught:
            build_endpoint(facts, "default", lambda uuid: "hush")
        self.assertNotIn("hush", str(caught.exception))
        self.assertIsNone(caught.exception.__context__)


class TestContracts(BaseCase):
    def test_a_probe_without_steps_is_not_well(self):
        self.assertFalse(Health(()).ok)
        self.assertFalse(Health((HealthStep("a", True), HealthStep("b", False))).ok)
        self.assertTrue(Health((HealthStep("a", True),)).ok)

    def test_a_transport_error_tells_its_class(self):
        error = TransportError("No answer.", kind="uncertain", sent=True, status=200)
        self.assertEqual((error.failure_class, error.sentence), ("uncertain", "No answer."))
