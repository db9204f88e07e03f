from odoo.addons.interop_connector.lib.transport import Auth, TransportError

from .partner import Partner
from .test_http_transport import HttpTransportCase

STEPS = ["Address", "Name", "TCP", "Authentication", "Echo"]


class TestProbe(HttpTransportCase):
    def probe(self, path, **more):
        return self.transport.probe(self.endpoint(path, **more))

    def names(self, health):
        return [(step.name, step.ok) for step in health.steps]

    def test_every_step_of_a_good_way_is_told(self):
        health = self.probe("ok")
        self.assertTrue(health.ok)
        self.assertEqual([step.name for step in health.steps], STEPS)
        self.assertIn("127.0.0.1", health.steps[1].detail)
        self.assertIn("200", health.steps[-1].detail)

    def test_a_probe_sends_no_document(self):
        self.probe("ok", auth=Auth("bearer", "tok"))
        [(method, _path, headers, body)] = self.partner.seen
        self.assertEqual((method, body), ("HEAD", b""))
        self.assertEqual(headers["Authorization"], "Bearer tok")
        self.assertNotIn("Idempotency-Key", headers)

    def test_a_partner_that_knows_no_head_is_there_all_the_same(self):
        self.assertTrue(self.probe("status/405").ok)

    def test_refused_credentials_and_a_missing_echo_are_told_apart(self):
        for path, step, word in (
            ("status/401", "Authentication", "credentials"),
            ("status/403", "Authentication", "credentials"),
            ("status/404", "Echo", "does not know this address"),
            ("status/500", "Echo", "problem"),
            ("redirect", "Echo", "redirect"),
        ):
            with self.subTest(path=path):
                health = self.probe(path)
                self.assertEqual(self.names(health)[-1], (step, False))
                self.assertIn(word, health.steps[-1].detail)
                self.assertTrue(health.steps[-1].advice)

    def test_the_echo_knocks_where_the_partner_wants_it(self):
        health = self.probe("orders", probe_url=self.partner.url("ok"), probe_method="GET")
        self.assertTrue(health.ok)
        [(method, path, _headers, body)] = self.partner.seen
        self.assertEqual((method, path, body), ("GET", "/ok", b""))

    def test_a_refused_token_is_a_matter_of_authentication(self):
        class Refusing:
            def present(self, seconds):
                raise TransportError("No access token could be got.", kind="partner")

            def refused(self, shown, seconds):
                return None

        health = self.probe("ok", auth=Auth("oauth2", "", credentials=Refusing()))
        self.assertEqual(self.names(health)[-1], ("Authentication", False))
        self.assertEqual(self.partner.seen, [])

    def test_the_first_failed_step_ends_the_probe(self):
        self.assertEqual(
            self.names(self.probe("", url="http://partner.invalid/")),
            [("Address", True), ("Name", False)],
        )
        self.assertEqual(self.names(self.probe("", url="ftp://x/")), [("Address", False)])

    def test_a_certificate_that_is_not_trusted_is_told_at_the_tls_step(self):
        partner = Partner(tls=True)
        self.addCleanup(partner.stop)
        health = self.probe("", url=partner.url("ok"))
        self.assertEqual(self.names(health)[-1], ("TLS", False))
        self.assertIn("self-signed", health.steps[-1].detail)
        self.assertIn("valid until", health.steps[-1].detail)
        self.assertEqual(partner.seen, [])
