import base64

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_connector.lib.keys import webhook_key

from ..lib.webhook import SignatureRefused, StandardWebhook

OLD, NEW = b"o" * 32, b"n" * 32
NOW = 1_700_000_000.0


class TestStandardWebhook(BaseCase):
    def headers(self, body=b"{}", at=NOW, secrets=(OLD,), msg_id="msg_1"):
        return StandardWebhook(secrets).sign(msg_id, at, body)

    def refused(self, headers, body=b"{}", secrets=(OLD,), now=NOW):
        with self.assertRaises(SignatureRefused) as caught:
            StandardWebhook(secrets).verify(headers, body, now)
        return caught.exception.reason

    def test_the_published_example_verifies(self):
        # The example of the Standard Webhooks reference libraries.
        secret = webhook_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        headers = {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        }
        body = b'{"test": 2432232314}'
        self.assertEqual(
            StandardWebhook([secret]).verify(headers, body, 1614265330),
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
        )
        self.assertEqual(
            StandardWebhook([secret]).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330.9, body),
            headers,
        )

    @given(st.binary(max_size=200), st.binary(min_size=24, max_size=64))
    @settings(max_examples=50, deadline=None)
    def test_what_is_signed_verifies(self, body, secret):
        webhook = StandardWebhook([secret])
        self.assertEqual(webhook.verify(webhook.sign("id", NOW, body), body, NOW), "id")

    def test_any_change_is_noticed(self):
        good = self.headers()
        self.assertEqual(self.refused(good, b"{ }"), "mismatch")
        self.assertEqual(self.refused({**good, "webhook-id": "msg_2"}), "mismatch")
        self.assertEqual(self.refused({**good, "webhook-timestamp": str(int(NOW) + 1)}), "mismatch")
        self.assertEqual(self.refused(good, secrets=(NEW,)), "mismatch")

    def test_a_missing_header_is_noticed(self):
        for name in self.headers():
            headers = self.headers()
            del headers[name]
            with self.subTest(missing=name):
                self.assertEqual(self.refused(headers), "missing")

    def test_header_names_may_be_written_anyhow(self):
        headers = {name.title(): value for name, value in self.headers().items()}
        self.assertEqual(StandardWebhook([OLD]).verify(headers, b"{}", NOW), "msg_1")

    def test_old_and_future_deliveries_are_refused_at_the_bounds(self):
        webhook = StandardWebhook([OLD])
        for age, reason in ((300, None), (301, "stale"), (-300, None), (-301, "future")):
            with self.subTest(age=age):
                headers = self.headers(at=NOW - age)
                if reason:
                    self.assertEqual(self.refused(headers), reason)
                else:
                    self.assertEqual(webhook.verify(headers, b"{}", NOW), "msg_1")

    def test_only_a_sender_with_the_key_is_told_about_its_clock(self):
        self.assertEqual(self.refused(self.headers(at=NOW - 9999, secrets=(NEW,))), "mismatch")

    def test_both_keys_count_while_one_replaces_the_other(self):
        both = StandardWebhook([NEW, OLD])
        for secrets in ((OLD,), (NEW,), (OLD, NEW)):
            with self.subTest(signed_with=len(secrets)):
                headers = self.headers(secrets=secrets)
                self.assertEqual(both.verify(headers, b"{}", NOW), "msg_1")

    def test_one_fitting_signature_among_several_is_enough(self):
        headers = self.headers()
        other = "v1," + base64.b64encode(b"x" * 32).decode()
        headers["webhook-signature"] = f"v1a,zzz {other} {headers['webhook-signature']} v2,?"
        self.assertEqual(StandardWebhook([OLD]).verify(headers, b"{}", NOW), "msg_1")

    def test_odd_headers_are_refused_and_never_crash(self):
        good = self.headers()
        for name, value in (
            ("webhook-id", ""),
            ("webhook-id", "a.b"),
            ("webhook-id", "x" * 256),
            ("webhook-id", "grüße"),
            ("webhook-id", "line\nbreak"),
            ("webhook-timestamp", ""),
            ("webhook-timestamp", "-1"),
            ("webhook-timestamp", "1e9"),
            ("webhook-timestamp", "١٧٠٠٠٠٠٠٠٠"),
            ("webhook-timestamp", "9" * 400),
            ("webhook-signature", ""),
            ("webhook-signature", "v1"),
            ("webhook-signature", "v1,é"),
            ("webhook-signature", "v1,not base64!"),
            ("webhook-signature", "v1a,AAAA"),
            ("webhook-signature", " ".join(["v1,AAAA"] * 17)),
        ):
            with self.subTest(header=name, value=value[:20]):
                self.assertEqual(self.refused({**good, name: value}), "malformed")

    def test_without_a_secret_nothing_verifies_and_nothing_is_signed(self):
        self.assertEqual(self.refused(self.headers(), secrets=()), "mismatch")
        with self.assertRaises(ValueError):
            StandardWebhook([]).sign("id", NOW, b"")

    @given(st.text(max_size=40), st.text(max_size=20), st.text(max_size=60))
    @settings(max_examples=100, deadline=None)
    def test_arbitrary_headers_are_refused(self, msg_id, timestamp, signature):
        headers = {
            "webhook-id": msg_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature,
        }
        self.assertIn(self.refused(headers), ("malformed", "mismatch"))
