from odoo.addons.interop_connector.lib.transport import Auth

from .partner import Partner
from .test_http_transport import HttpTransportCase


class TestProbe(HttpTransportCase):
    def probe(self, path, **more):
        return self.transport.probe(self.endpoint(path, **more))

    def names(self, health):
        return [(step.name, step.ok) for step in health.steps]

    def test_every_step_of_a_good_way_is_told(self):
        health = self.probe("ok")
        self.assertTrue(health.ok)
        self.assertEqual([step.name for step in health.steps], ["Address", "Name", "TCP", "HTTP"])

    def test_a_probe_sends_no_document(self):
        self.probe("ok", auth=Auth("bearer", "tok"))
        [(method, _path, headers, body)] = self.partner.seen
        self.assertEqual((method, body), ("HEAD", b""))
        self.assertEqual(headers["Authorization"], "Bearer tok")
        self.assertNotIn("Idempotency-Key", headers)

    def test_a_partner_that_knows_no_head_is_there_all_the_same(self):
        self.assertTrue(self.probe("status/405").ok)

    def test_refused_credentials_and_trouble_are_told_at_the_last_step(self):
        for path, word in (("status/401", "credentials"), ("status/500", "problem")):
            with self.subTest(path=path):
                health = self.probe(path)
                self.assertEqual(self.names(health)[-1], ("HTTP", False))
                self.assertIn(word, health.steps[-1].detail)

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
        self.assertEqual(partner.seen, [])
