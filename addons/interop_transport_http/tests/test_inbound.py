import json
import socket
import time
import uuid
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tests.common import HOST, TEST_CURSOR_COOKIE_NAME
from odoo.tools import mute_logger

from odoo.addons.interop_base.lib.failures import FenceClosed, InternalError
from odoo.addons.interop_connector.lib.intake import (
    Accepted,
    InboundRoute,
    IntakeClosed,
    IntakeConflict,
)

from ..lib.webhook import StandardWebhook

OLD, NEW = b"o" * 32, b"n" * 32
BODY = b'{"order_number": "P00001"}'
LIMIT = 1000


class Intake:
    """Stands in for the queue: routes by code and keeps what it is given."""

    def __init__(self):
        self.routes = {}
        self.kept = {}
        self.failure = None

    def add(self, code, **more):
        facts = {"connector_id": 1, "flow_id": 1, "company_id": 1, "secrets": (NEW, OLD)}
        facts |= {"max_bytes": LIMIT, **more}
        self.routes[code, "acks"] = InboundRoute(connector_code=code, flow_code="acks", **facts)

    def accept(self, env, route, raw, sender_ref, content_type, remote_addr):
        if self.failure:
            raise self.failure
        known = self.kept.get(sender_ref)
        if known and known[0] != raw:
            raise IntakeConflict
        if not known:
            self.kept[sender_ref] = (raw, str(uuid.uuid4()), content_type, remote_addr)
        return Accepted(self.kept[sender_ref][1], bool(known))


class InboundCase(HttpCase):
    def setUp(self):
        super().setUp()
        self.intake = intake = Intake()
        intake.add("gloves")
        intake.add("paused", is_open=False)
        model = type(self.env["interop.intake"])
        fence = type(self.env["interop.fence"])
        self.fence_state = self.env["interop.fence"]._state().__class__(True, "", "test")
        for target, name, replacement in (
            (model, "_route", lambda _self, *codes: intake.routes.get(codes)),
            (model, "_accept", lambda self, *args: intake.accept(self.env, *args)),
            (fence, "_state", lambda _self: self.fence_state),
            (fence, "_require_open", self.require_open),
        ):
            patcher = patch.object(target, name, replacement)
            patcher.start()
            self.addCleanup(patcher.stop)

    @staticmethod
    def require_open(_self, environment, state=None):
        if environment == "production":
            raise FenceClosed

    def signed(self, body=BODY, at=None, secrets=(OLD,), msg_id="msg_1"):
        headers = StandardWebhook(secrets).sign(msg_id, at or time.time(), body)
        return {"Content-Type": "application/json", **headers}

    def deliver(self, body=BODY, headers=None, code="gloves", flow="acks"):
        return self.url_open(
            f"/interop/v1/in/{code}/{flow}",
            data=body,
            headers=self.signed(body) if headers is None else headers,
            method="POST",
        )

    def assert_problem(self, answer, status, code):
        self.assertEqual(answer.status_code, status, answer.text)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        problem = answer.json()
        self.assertEqual(problem["status"], status)
        self.assertEqual(problem["type"], f"urn:interop:problem:{code}")
        self.assertTrue(problem["title"])
        self.assertLessEqual(set(problem), {"type", "title", "status", "detail"})
        return problem


@tagged("post_install", "-at_install")
class TestAccepted(InboundCase):
    def test_a_signed_delivery_is_taken_in(self):
        answer = self.deliver()
        self.assertEqual(answer.status_code, 202)
        raw, message, content_type, _addr = self.intake.kept["msg_1"]
        self.assertEqual(answer.json(), {"message": message, "status": "accepted"})
        self.assertEqual((raw, content_type), (BODY, "application/json"))
        self.assertNotIn("Set-Cookie", answer.headers)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_a_repeated_delivery_gets_the_equal_answer(self):
        first, second = self.deliver(), self.deliver()
        self.assertEqual((first.status_code, first.text), (second.status_code, second.text))
        self.assertEqual(len(self.intake.kept), 1)

    def test_the_bytes_are_kept_as_they_came(self):
        body = b'{"a":\t"\xc3\xa9"}\r\n\x00'
        self.assertEqual(self.deliver(body).status_code, 202)
        self.assertEqual(self.intake.kept["msg_1"][0], body)

    def test_both_keys_count_while_one_is_being_changed(self):
        for number, secrets in enumerate(((OLD,), (NEW,), (OLD, NEW))):
            headers = self.signed(secrets=secrets, msg_id=f"m{number}")
            self.assertEqual(self.deliver(headers=headers).status_code, 202)

    def test_utf_8_may_be_said(self):
        for text in ("application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'):
            headers = {**self.signed(), "Content-Type": text}
            self.assertEqual(self.deliver(headers=headers).status_code, 202, text)

    def test_a_body_of_exactly_the_limit_is_taken_in(self):
        self.assertEqual(self.deliver(b"x" * LIMIT).status_code, 202)


@tagged("post_install", "-at_install")
class TestLimit(InboundCase):
    """How much is taken in at once: the setting, or the format's own limit if it is lower."""

    def setUp(self):
        super().setUp()
        self.intake.add("large", max_bytes=10**9)

    def limit(self, megabytes):
        self.env["res.config.settings"].create({"interop_inbound_max_mb": megabytes}).execute()

    def test_25_mb_are_taken_in_by_default(self):
        body = b"x" * (25 * 1024 * 1024)
        self.assertEqual(self.deliver(body, code="large").status_code, 202)
        self.assertEqual(self.intake.kept["msg_1"][0], body)

    def test_the_setting_decides_to_the_byte(self):
        self.limit(1)
        megabyte = b"x" * 1024 * 1024
        self.assertEqual(self.deliver(megabyte, code="large").status_code, 202)
        answer = self.deliver(megabyte + b"x", code="large")
        self.assert_problem(answer, 413, "too-large")
        self.assertIn(str(len(megabyte)), answer.json()["detail"])

    def test_a_formats_lower_limit_counts(self):
        self.limit(1)
        self.assert_problem(self.deliver(b"x" * (LIMIT + 1)), 413, "too-large")

    def test_what_is_no_number_is_the_default(self):
        intake = self.env["interop.intake"]
        for value, megabytes in (("", 32), ("abc", 32), ("0", 32), ("-5", 32), ("9" * 8, 1024)):
            self.env["ir.config_parameter"].set_param(
                "interop_transport_http.inbound_max_mb", value
            )
            self.assertEqual(intake._max_bytes(), megabytes * 1024 * 1024, value)

    def test_the_setting_has_bounds(self):
        for megabytes in (0, 1025, -1):
            with self.assertRaises(ValidationError):
                self.limit(megabytes)


@tagged("post_install", "-at_install")
class TestRefused(InboundCase):
    def assert_nothing_kept(self):
        self.assertEqual(self.intake.kept, {})

    def test_whatever_is_wrong_with_a_signature_gets_one_answer(self):
        good = self.signed()
        answers = []
        for change in (
            {"webhook-signature": "v1," + "A" * 43 + "="},
            {"webhook-signature": "nonsense"},
            {"webhook-signature": "v1,\xe9".encode("latin-1")},
            {"webhook-id": "other"},
            {"webhook-id": "gr\xfc\xdfe".encode("latin-1")},
            {"webhook-timestamp": "soon"},
            {"webhook-signature": None},
            {"webhook-id": None},
            {"webhook-timestamp": None},
            self.signed(secrets=(b"x" * 32,)),
            self.signed(secrets=(b"x" * 32,), at=time.time() - 9999),
            self.signed(b"another body"),
        ):
            headers = {k: v for k, v in {**good, **change}.items() if v is not None}
            answer = self.deliver(headers=headers)
            self.assert_problem(answer, 401, "signature")
            self.assertIn("WWW-Authenticate", answer.headers)
            answers.append(answer.text)
        self.assertEqual(len(set(answers)), 1)
        self.assert_nothing_kept()

    def test_a_sender_with_the_key_is_told_about_its_clock(self):
        for seconds in (-400, 400):
            answer = self.deliver(headers=self.signed(at=time.time() + seconds))
            problem = self.assert_problem(answer, 401, "timestamp")
            self.assertIn("outside tolerance", problem["detail"])
        self.assert_nothing_kept()

    def test_nothing_is_parsed_before_the_sender_is_known(self):
        form = b"csrf_token=1&a=2"
        headers = {**self.signed(form), "Content-Type": "application/x-www-form-urlencoded"}
        with patch("werkzeug.formparser.FormDataParser.parse", side_effect=AssertionError):
            self.assert_problem(self.deliver(form, headers=headers), 415, "media-type")
            unsigned = {"Content-Type": "application/json"}
            self.assert_problem(self.deliver(headers=unsigned), 401, "signature")
            self.assertEqual(self.deliver().status_code, 202)

    def test_an_unknown_address_is_not_found_signed_or_not(self):
        for code, flow in (
            ("nobody", "acks"),
            ("gloves", "orders"),
            ("gloves", "a" * 200),
            ("gl%00oves", "acks"),
            ("gl%20oves", "acks"),
            ("..", "acks"),
        ):
            with self.subTest(code=code, flow=flow):
                for headers in (None, {"Content-Type": "text/plain"}):
                    answer = self.deliver(code=code, flow=flow, headers=headers)
                    self.assertEqual(answer.status_code, 404)

    def test_a_paused_address_looks_like_none_to_who_cannot_sign(self):
        bad = (
            {},
            {"Content-Type": "text/plain"},
            {**self.signed(), "Content-Encoding": "gzip"},
            self.signed(secrets=(b"x" * 32,)),
        )
        for headers in bad:
            answers = [self.deliver(code=code, headers=headers) for code in ("paused", "nobody")]
            self.assertEqual(*((a.status_code, a.text, sorted(a.headers)) for a in answers))
            self.assert_problem(answers[0], 404, "not-found")
        big = [self.deliver(b"x" * (LIMIT + 1), code=code) for code in ("paused", "nobody")]
        self.assertEqual(big[0].text, big[1].text)

    def test_a_paused_address_asks_its_partner_to_come_back(self):
        self.intake.failure = IntakeClosed(retry_after=42.5)
        answer = self.deliver(code="paused")
        self.assert_problem(answer, 503, "closed")
        self.assertEqual(answer.headers["Retry-After"], "43")

    def test_an_address_without_a_key_takes_nothing_in(self):
        self.intake.add("keyless", secrets=())
        for secrets in ((OLD,), (b"",)):
            answer = self.deliver(code="keyless", headers=self.signed(secrets=secrets))
            self.assert_problem(answer, 401, "signature")
        self.assert_nothing_kept()

    def test_a_closed_fence_refuses_everybody_alike(self):
        self.fence_state = type(self.fence_state)(False, "It is a copy of Northfield.", None)
        for code in ("gloves", "nobody"):
            answer = self.deliver(code=code)
            self.assert_problem(answer, 503, "closed")
            self.assertNotIn("copy", answer.text)
            self.assertIn("Retry-After", answer.headers)
        self.assert_nothing_kept()

    def test_a_connector_of_another_environment_is_closed(self):
        self.intake.add("live", environment="production")
        self.assert_problem(self.deliver(code="live"), 503, "closed")
        self.assert_nothing_kept()

    def test_other_types_charsets_and_encodings_are_refused(self):
        for change in (
            {"Content-Type": "text/xml"},
            {"Content-Type": "multipart/form-data; boundary=x"},
            {"Content-Type": ""},
            {"Content-Type": "application/json; charset=latin-1"},
            {"Content-Type": "application/json; charset=utf-16"},
            {"Content-Encoding": "gzip"},
        ):
            with self.subTest(**change):
                answer = self.deliver(headers={**self.signed(), **change})
                self.assert_problem(answer, 415, "media-type")
        self.assert_nothing_kept()

    def test_a_known_id_with_another_body_is_a_conflict(self):
        self.deliver()
        self.assert_problem(self.deliver(b'{"other": 1}'), 409, "conflict")

    def test_an_empty_body_is_told_to_a_sender_that_could_sign_it(self):
        # The HTTP client leaves the length of an empty body out.
        headers = {**self.signed(b""), "Content-Length": "0"}
        self.assert_problem(self.deliver(b"", headers=headers), 422, "empty")
        bad = {**headers, "webhook-id": "other"}
        self.assert_problem(self.deliver(b"", headers=bad), 401, "signature")

    @mute_logger("odoo.addons.interop_transport_http.controllers.inbound")
    def test_a_fault_that_will_be_mended_asks_the_partner_to_come_back(self):
        self.intake.failure = InternalError("No keyring is configured.")
        answer = self.deliver()
        self.assert_problem(answer, 503, "closed")
        self.assertNotIn("keyring", answer.text)

    def test_what_is_refused_leaves_nothing_behind(self):
        partner = self.env.user.partner_id

        def write_and_refuse(env, *args):
            env.cr.execute("UPDATE res_partner SET ref = 'left' WHERE id = %s", [partner.id])
            raise self.intake.failure

        self.intake.accept = write_and_refuse
        for failure in (IntakeConflict(), IntakeClosed(), InternalError("x")):
            self.intake.failure = failure
            with mute_logger("odoo.addons.interop_transport_http.controllers.inbound"):
                self.assertIn(self.deliver().status_code, (409, 503))
            self.env.invalidate_all()
            self.assertNotEqual(partner.ref, "left")

    @mute_logger("odoo.http", "odoo.sql_db")
    def test_our_own_fault_says_nothing_about_itself(self):
        self.intake.failure = RuntimeError("hush: a detail of ours")
        answer = self.deliver()
        self.assert_problem(answer, 500, "internal")
        self.assertNotIn("hush", answer.text)


@tagged("post_install", "-at_install")
class TestBounds(InboundCase):
    """Over a raw socket: what happens before, and without, the body."""

    def talk(self, *headers, body=b"", code="gloves"):
        request = "\r\n".join(
            [
                f"POST /interop/v1/in/{code}/acks HTTP/1.1",
                f"Host: {HOST}",
                f"Cookie: {TEST_CURSOR_COOKIE_NAME}={self.http_request_key}",
                "Connection: close",
                *headers,
                "",
                "",
            ]
        )
        with socket.create_connection((HOST, self.http_port()), timeout=5) as sock:
            sock.sendall(request.encode("latin-1") + body)
            answer = b""
            while block := sock.recv(65536):
                answer += block
        head, _, text = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(text)

    def test_a_declared_30_mb_is_refused_without_reading_the_body(self):
        # Not one byte of the body is sent: an answer shows that none was waited for.
        started = time.monotonic()
        with self.allow_requests():
            status, problem = self.talk(
                "Content-Type: application/json", f"Content-Length: {30 * 1024 * 1024}"
            )
        self.assertEqual((status, problem["type"]), (413, "urn:interop:problem:too-large"))
        self.assertLess(time.monotonic() - started, 3)

    def test_a_signature_that_is_none_is_refused_without_reading_the_body(self):
        with self.allow_requests():
            status, _problem = self.talk("Content-Type: application/json", "Content-Length: 900")
        self.assertEqual(status, 401)

    def test_absurd_lengths_are_refused(self):
        with self.allow_requests():
            for length, expected in (("9" * 30, 413), ("-1", 411), ("1e3", 411), ("", 411)):
                status, _ = self.talk("Content-Type: application/json", f"Content-Length: {length}")
                self.assertIn(status, (expected, 411), length)

    def test_a_body_without_length_is_refused(self):
        with self.allow_requests():
            for headers in ((), ("Transfer-Encoding: chunked",)):
                status, problem = self.talk("Content-Type: application/json", *headers)
                self.assertEqual(status, 411)
                self.assertEqual(problem["type"], "urn:interop:problem:length-required")
