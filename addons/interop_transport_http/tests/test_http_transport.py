import os
import socket
import time
from unittest.mock import patch

from odoo.tests import BaseCase

from odoo.addons.interop_connector.lib.transport import (
    TRANSPORTS,
    Auth,
    Endpoint,
    Outgoing,
    TransportError,
)

from ..lib import http as transport_module
from ..lib import wire
from ..lib.http import HttpTransport
from ..lib.webhook import StandardWebhook
from .partner import Partner

KEY = "0f0e0d0c-0b0a-4908-8706-050403020100"

# Seconds: far beyond every deadline set below, and well before the partner would have finished. A
# busy machine may be late; only a deadline that does not hold is this late.
LATE = 8


class HttpTransportCase(BaseCase):
    def setUp(self):
        super().setUp()
        self.partner = Partner()
        self.addCleanup(self.partner.stop)
        self.transport = HttpTransport()

    def endpoint(self, path, **more):
        facts = {"timeout_connect": 0.5, "timeout_total": 1.0, "environment": "test", **more}
        return Endpoint(code="c/default", url=facts.pop("url", self.partner.url(path)), **facts)

    def outgoing(self, payload=b'{"n":1}'):
        return Outgoing(key=KEY, payload=payload, content_type="application/json")

    def send(self, path, **more):
        return self.transport.send(self.endpoint(path, **more), self.outgoing())

    def refused(self, path, **more):
        with self.assertRaises(TransportError) as caught:
            self.send(path, **more)
        # The errors of the HTTP library hold the request with its secrets: none may come along.
        self.assertIsNone(caught.exception.__cause__)
        self.assertIsNone(caught.exception.__context__)
        return caught.exception


class TestDelivery(HttpTransportCase):
    def test_an_accepted_delivery_gives_the_answer_back(self):
        reply = self.send("ok")
        self.assertTrue(reply.accepted)
        self.assertEqual(reply.status, 200)
        self.assertEqual(reply.body, b'{"ok": true}')
        self.assertEqual(reply.headers["content-type"], "application/json")
        self.assertFalse(reply.truncated)

    def test_body_type_and_key_arrive_unchanged(self):
        payload = '{"name":"Grüße"}'.encode()
        self.transport.send(self.endpoint("ok"), self.outgoing(payload))
        [(method, _path, headers, body)] = self.partner.seen
        self.assertEqual(method, "POST")
        self.assertEqual(body, payload)
        self.assertEqual(headers["Content-Type"], "application/json")
        self.assertEqual(headers["Idempotency-Key"], KEY)
        self.assertNotIn("Transfer-Encoding", headers)

    def test_credentials_of_each_kind_are_sent_as_the_partner_expects_them(self):
        for auth, name, value in (
            (Auth("bearer", "tok"), "Authorization", "Bearer tok"),
            (Auth("basic", "ann:pass"), "Authorization", "Basic YW5uOnBhc3M="),
            (Auth("api_key", "k1", "X-Key"), "X-Key", "k1"),
        ):
            with self.subTest(kind=auth.kind):
                self.send("ok", auth=auth)
                self.assertEqual(self.partner.seen[-1][2][name], value)

    def test_a_signed_delivery_verifies_at_the_partner(self):
        secret = b"s" * 32
        self.send("ok", signing_key=secret)
        _method, _path, headers, body = self.partner.seen[-1]
        webhook = StandardWebhook([secret])
        self.assertEqual(webhook.verify(headers, body, time.time()), KEY)

    def test_the_connection_is_kept_for_the_next_delivery(self):
        with patch.object(wire, "connect", wraps=wire.connect) as connect:
            for _ in range(3):
                self.send("ok")
            self.assertEqual(connect.call_count, 1)

    def test_an_idle_connection_is_not_trusted(self):
        with (
            patch.object(wire, "connect", wraps=wire.connect) as connect,
            patch.object(transport_module, "MAX_IDLE", -1),
        ):
            self.send("ok")
            self.send("ok")
            self.assertEqual(connect.call_count, 2)

    def test_a_connection_closed_meanwhile_is_replaced_before_anything_is_sent(self):
        self.send("once")
        time.sleep(0.1)
        self.assertTrue(self.send("ok").accepted)

    def test_cookies_are_not_kept(self):
        self.send("cookie")
        self.send("ok")
        self.assertNotIn("Cookie", self.partner.seen[-1][2])

    def test_the_environment_has_no_say(self):
        # A proxy that is not there: with it the request would fail.
        proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy"), "http://127.0.0.1:9")
        with patch.dict(os.environ, {**proxies, "no_proxy": "", "NETRC": "/nonexistent"}):
            self.assertTrue(self.send("ok").accepted)

    def test_the_transport_is_registered(self):
        self.assertIn("http", TRANSPORTS)
        self.assertEqual(list(TRANSPORTS.get("http").fetch(self.endpoint("ok"))), [])


class TestRefusals(HttpTransportCase):
    def test_each_status_has_its_class(self):
        expected = {
            400: "partner",
            401: "partner",
            404: "partner",
            408: "transient",
            409: "partner",
            410: "partner",
            422: "partner",
            425: "transient",
            429: "throttled",
            500: "transient",
            502: "transient",
            503: "transient",
            304: "partner",
        }
        for status, kind in expected.items():
            with self.subTest(status=status):
                failure = self.refused(f"status/{status}")
                self.assertEqual(failure.failure_class, kind)
                self.assertEqual(failure.status, status)
                self.assertTrue(failure.sent)
                self.assertNotIn("because", failure.sentence)

    def test_the_text_of_a_refusal_is_kept_as_evidence(self):
        self.assertEqual(self.refused("status/422").reply.body, b"because")

    def test_a_partner_may_ask_for_a_pause_in_seconds(self):
        self.partner.extra_headers = [("Retry-After", "17")]
        for status in (429, 503):
            with self.subTest(status=status):
                failure = self.refused(f"status/{status}")
                self.assertEqual((failure.failure_class, failure.retry_after), ("throttled", 17.0))

    def test_a_partner_may_ask_for_a_pause_until_a_date(self):
        self.partner.extra_headers = [("Retry-After", "Fri, 31 Dec 2100 23:59:59 GMT")]
        # More than a day is not believed.
        self.assertEqual(self.refused("status/429").retry_after, 24 * 3600.0)

    def test_redirects_are_not_followed(self):
        failure = self.refused("redirect")
        self.assertEqual(failure.failure_class, "partner")
        self.assertIn("not followed", failure.sentence)
        self.assertEqual(len(self.partner.seen), 1)

    def test_a_refusal_counts_even_if_its_text_does_not_end(self):
        failure = self.refused("dripbody/422")
        self.assertEqual(failure.failure_class, "partner")


class TestTrouble(HttpTransportCase):
    def assert_uncertain(self, failure):
        self.assertEqual(failure.failure_class, "uncertain")
        self.assertTrue(failure.sent)

    def assert_not_sent(self, failure):
        self.assertEqual(failure.failure_class, "transient")
        self.assertFalse(failure.sent)
        self.assertIn("Nothing was sent", failure.sentence)

    def test_the_total_time_holds_whatever_the_partner_does(self):
        for path in ("drip", "dripbody", "continue", "silent"):
            with self.subTest(path=path):
                started = time.monotonic()
                self.assert_uncertain(self.refused(path, timeout_total=0.6))
                self.assertLess(time.monotonic() - started, LATE)

    def test_a_partner_that_stops_reading_does_not_hold_us(self):
        deaf = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(deaf.close)
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        started = time.monotonic()
        with self.assertRaises(TransportError) as caught:
            self.transport.send(
                self.endpoint("", url=url, timeout_total=0.6), self.outgoing(b"x" * 20_000_000)
            )
        self.assert_uncertain(caught.exception)
        self.assertLess(time.monotonic() - started, LATE)

    def test_a_connection_lost_after_the_request_left_is_uncertain(self):
        for path in ("closed", "short"):
            with self.subTest(path=path):
                self.assert_uncertain(self.refused(path))

    def test_an_answer_that_is_no_http_is_uncertain(self):
        self.assert_uncertain(self.refused("garbage"))

    def test_a_huge_answer_is_cut_and_not_read(self):
        for path in ("huge", "endless"):
            with self.subTest(path=path):
                reply = self.send(path, max_response_bytes=1000)
                self.assertTrue(reply.accepted)
                self.assertTrue(reply.truncated)
                self.assertEqual(len(reply.body), 1000)
        self.assertLess(self.partner.written, 50_000_000)

    def test_an_answer_of_exactly_the_limit_is_whole(self):
        reply = self.send("ok", max_response_bytes=12)
        self.assertFalse(reply.truncated)
        self.assertEqual(len(reply.body), 12)

    def test_a_compressed_answer_is_never_unpacked(self):
        self.assertTrue(self.send("bomb").body.startswith(b"\x1f\x8b"))
        self.assertEqual(self.partner.seen[-1][2]["Accept-Encoding"], "identity")

    def test_the_next_delivery_works_after_a_cut_answer(self):
        self.send("huge", max_response_bytes=10)
        self.assertTrue(self.send("ok").accepted)

    def test_a_refused_connection_is_tried_again_later(self):
        closed = socket.create_server(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        closed.close()
        self.assert_not_sent(self.refused("", url=f"http://127.0.0.1:{port}/"))

    def test_a_partner_that_does_not_take_the_connection_is_given_up_in_time(self):
        # A full backlog: further connections get no answer.
        full = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.addCleanup(full.close)
        address = full.getsockname()
        for _ in range(3):
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex(address)
            self.addCleanup(waiting.close)
        started = time.monotonic()
        self.assert_not_sent(
            self.refused("", url=f"http://127.0.0.1:{address[1]}/", timeout_connect=0.3)
        )
        self.assertLess(time.monotonic() - started, LATE)

    def test_an_unknown_name_is_told(self):
        failure = self.refused("", url="http://partner.invalid/")
        self.assertEqual(failure.failure_class, "transient")
        self.assertIn("partner.invalid was not found", failure.sentence)

    def test_a_slow_name_service_does_not_hold_us(self):
        def sleepy(*args):
            time.sleep(12)

        with patch.object(wire.socket, "getaddrinfo", sleepy):
            started = time.monotonic()
            self.refused("", url="http://slow.example/", timeout_connect=0.3)
            self.assertLess(time.monotonic() - started, LATE)


class TestTLS(HttpTransportCase):
    def setUp(self):
        super().setUp()
        self.partner = Partner(tls=True)
        self.addCleanup(self.partner.stop)

    def test_a_certificate_nobody_vouches_for_is_refused_before_anything_is_sent(self):
        failure = self.refused("ok")
        self.assertFalse(failure.sent)
        self.assertIn("certificate is not trusted", failure.sentence)
        self.assertEqual(self.partner.seen, [])

    def test_the_check_can_only_be_left_out_where_nothing_is_real(self):
        self.assertTrue(self.send("ok", verify_tls=False).accepted)
        failure = self.refused("ok", verify_tls=False, environment="production")
        self.assertIn("certificate is not trusted", failure.sentence)

    def test_the_total_time_holds_over_tls(self):
        started = time.monotonic()
        self.refused("drip", verify_tls=False, timeout_total=0.6)
        self.assertLess(time.monotonic() - started, LATE)

    def test_a_handshake_that_never_ends_is_given_up(self):
        mute = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(mute.close)
        started = time.monotonic()
        failure = self.refused(
            "", url=f"https://127.0.0.1:{mute.getsockname()[1]}/", timeout_connect=0.3
        )
        self.assertFalse(failure.sent)
        self.assertLess(time.monotonic() - started, LATE)


class TestAddresses(HttpTransportCase):
    def test_addresses_that_cannot_be_a_partner_are_refused(self):
        for url in (
            "ftp://partner.example/",
            "file:///etc/passwd",
            "gopher://partner.example/",
            "//partner.example/",
            "http://",
            "http://user:pass@partner.example/",
            "http://user@partner.example/",
            "http://partner.example\\@other.example/",
            "http://partner.example/#x",
            "http://partner.example/a b",
            "http://partner.example/\r\nX: y",
            "http://partner.example:99999/",
            "http://[::1/",
        ):
            with self.subTest(url=url):
                with self.assertRaises(ValueError):
                    self.transport.check_url(url)
                self.assertEqual(self.refused("", url=url).failure_class, "policy")

    def test_plain_addresses_are_fine(self):
        for url in ("https://partner.example/orders?v=1", "http://10.1.2.3:8080/", "http://[::1]/"):
            with self.subTest(url=url):
                self.transport.check_url(url)

    def test_the_machines_own_services_are_not_reached(self):
        for url in (
            "http://169.254.169.254/latest/",
            "http://0.0.0.0/",
            "http://[::ffff:169.254.169.254]/",
            "http://[fe80::1]/",
            "http://224.0.0.1/",
        ):
            with self.subTest(url=url):
                self.assertEqual(self.refused("", url=url).failure_class, "policy")

    def test_a_name_that_leads_there_is_not_followed_either(self):
        answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 80))]
        with patch.object(wire.socket, "getaddrinfo", return_value=answer):
            failure = self.refused("", url="http://innocent.example/")
        self.assertEqual(failure.failure_class, "policy")

    def test_a_secret_that_would_break_a_header_is_refused_without_showing_it(self):
        for secret in ("line\r\nX-Evil: 1", "grüße", "tab\there", "trailing "):
            with self.subTest(secret=secret):
                failure = self.refused("ok", auth=Auth("bearer", secret))
                self.assertEqual(failure.failure_class, "internal")
                self.assertNotIn(secret, str(failure))
        self.assertEqual(self.partner.seen, [])

    def test_secrets_are_not_in_the_text_form_of_an_endpoint(self):
        endpoint = self.endpoint(
            "ok", auth=Auth("bearer", "hush-token"), signing_key=b"hush-signing"
        )
        self.assertNotIn("hush", repr(endpoint) + repr(endpoint.auth))
