import http.client
import json
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from functools import partial

from odoo.tests import tagged

from ..lib.behaviours import BEHAVIOURS, GARBAGE
from .common import BEARER, CALLBACK_KEY, ORDER, SIGNING_KEY, PartnerCase, signature, until


@tagged("at_install")
class TestTakingOrders(PartnerCase):
    def test_an_order_is_received_journalled_and_kept_byte_by_byte(self):
        partner = self.start()
        raw = json.dumps(ORDER, indent=3).encode()
        status, _headers, answer = self.post(partner, body=raw)
        self.assertEqual(status, 202)
        self.assertEqual(json.loads(answer)["order"], "P00042")
        [line] = self.journalled()
        self.assertEqual((line["key"], line["status"], line["bytes"]), ("key-1", 202, len(raw)))
        self.assertEqual(partner.received("key-1"), raw)

    def test_the_same_key_again_is_the_same_answer_and_one_acknowledgement(self):
        receiver = self.receiver()
        partner = self.start(receiver=receiver)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: self.post(partner)[::2], range(8)))
        repeated = self.post(partner)[::2]
        self.assertLessEqual({status for status, _body in answers}, {202, 409})
        self.assertIn(repeated, answers)
        until(lambda: receiver.calls)
        time.sleep(0.2)
        self.assertEqual(len(receiver.calls), 1)
        self.assertTrue(self.journalled()[-1]["replayed"])

    def test_a_sender_that_lost_its_books_is_told_which_keys_are_known(self):
        partner = self.start()
        self.post(partner, key="key-1")
        self.post(partner, "/orders/error_400", key="key-2")
        asked = {"keys": ["key-1", "key-2", "key-3"]}
        status, _headers, answer = self.post(partner, "/nmc/reconcile", body=asked, key="q-1")
        self.assertEqual((status, json.loads(answer)), (200, {"known": ["key-1"]}))
        for body in ({}, {"keys": "key-1"}, {"keys": [1]}, b"{"):
            self.assertEqual(self.post(partner, "/reconcile", body=body, key="q-2")[0], 422)
        self.assertEqual(self.post(partner, "/reconcile", body=asked, key=None)[0], 400)

    def test_the_same_key_with_another_body_is_refused(self):
        partner = self.start()
        self.post(partner)
        self.assertEqual(self.post(partner, body=ORDER | {"revision": 2})[0], 422)

    def test_what_is_no_order_is_refused(self):
        partner = self.start()
        for body in (b"{", b"[]", {"number": "P1"}, {"number": "P1", "lines": [{}]}):
            with self.subTest(body=body):
                self.assertIn(self.post(partner, body=body)[0], (400, 422))
        self.assertEqual(self.post(partner, key=None)[0], 400)
        self.assertEqual(self.post(partner, "/somewhere")[0], 404)
        self.assertEqual(self.post(partner, "/orders/unheard_of")[0], 404)

    def test_a_body_that_is_too_large_is_refused_before_it_is_read(self):
        partner = self.start()
        with self.connection(partner) as connection:
            connection.putrequest("POST", "/orders")
            connection.putheader("Content-Length", str(1 << 40))
            connection.endheaders()
            self.assertEqual(connection.getresponse().status, 413)

    def test_half_a_request_is_no_request(self):
        partner = self.start()
        with self.connection(partner) as connection:
            connection.putrequest("POST", "/orders")
            connection.putheader("Idempotency-Key", "key-1")
            connection.putheader("Content-Length", "1000")
            connection.endheaders(b'{"number": ')
        self.assertEqual(self.post(partner, key="key-2")[0], 202)
        self.assertEqual([line["key"] for line in self.journalled()], ["key-2"])

    def test_the_script_can_be_changed_while_it_runs(self):
        partner = self.start()
        with self.connection(partner) as connection:
            connection.request("PUT", "/behaviour", b'{"behaviour": "error_500", "times": 0}')
            self.assertEqual(connection.getresponse().status, 200)
        self.assertEqual(self.post(partner)[0], 500)
        with self.connection(partner) as connection:
            connection.request("PUT", "/behaviour", b'{"behaviour": "unheard_of"}')
            self.assertEqual(connection.getresponse().status, 422)

    def test_the_journal_can_be_asked_for_one_key(self):
        partner = self.start()
        self.post(partner, key="one")
        self.post(partner, key="two")
        with self.connection(partner) as connection:
            connection.request("GET", "/journal?key=two")
            [line] = json.loads(connection.getresponse().read())["lines"]
            self.assertEqual(line["key"], "two")
            connection.request("GET", "/health")
            self.assertEqual(json.loads(connection.getresponse().read())["status"], "ok")


@tagged("at_install")
class TestAuthentication(PartnerCase):
    def setUp(self):
        super().setUp()
        self.partner = self.start(bearer=BEARER, signing_secrets=(SIGNING_KEY,))
        self.raw = json.dumps(ORDER).encode()

    def headers(self, **changes):
        now = int(time.time())
        headers = {
            "Authorization": f"Bearer {BEARER}",
            "webhook-id": "key-1",
            "webhook-timestamp": str(now),
            "webhook-signature": signature(SIGNING_KEY, "key-1", now, self.raw),
        }
        return headers | {name.replace("_", "-"): value for name, value in changes.items()}

    def test_a_signed_order_with_the_token_is_taken(self):
        self.assertEqual(self.post(self.partner, headers=self.headers())[0], 202)

    def test_anything_else_is_refused_and_journalled(self):
        old = int(time.time()) - 3600
        wrong = {
            "token": self.headers(Authorization="Bearer other"),
            "no token": self.headers(Authorization=""),
            "signature": self.headers(webhook_signature="v1,AAAA"),
            "no signature": {"Authorization": f"Bearer {BEARER}"},
            "stale": self.headers(
                webhook_timestamp=str(old),
                webhook_signature=signature(SIGNING_KEY, "key-1", old, self.raw),
            ),
        }
        for what, headers in wrong.items():
            with self.subTest(what):
                self.assertEqual(self.post(self.partner, headers=headers)[0], 401)
        other_bytes = self.raw.replace(b"P00042", b"P00043")
        self.assertEqual(self.post(self.partner, body=other_bytes, headers=self.headers())[0], 401)
        self.assertEqual(self.post(self.partner, key="key-2", headers=self.headers())[0], 401)
        self.assertEqual({line["status"] for line in self.journalled()}, {401})


@tagged("at_install")
class TestBehaviours(PartnerCase):
    def test_500_fails_each_key_as_often_as_told_then_works(self):
        partner = self.start()
        path = "/orders/error_500?times=2"
        self.assertEqual([self.post(partner, path)[0] for _ in range(3)], [500, 500, 202])
        self.assertEqual(self.post(partner, path, key="key-2")[0], 500)

    def test_429_tells_when_to_come_back(self):
        partner = self.start()
        path = "/orders/throttle_429?times=1&retry_after=7"
        status, headers, _body = self.post(partner, path)
        self.assertEqual((status, headers["Retry-After"]), (429, "7"))
        self.assertEqual(self.post(partner, path)[0], 202)

    def test_a_redirect_points_elsewhere(self):
        status, headers, _body = self.post(self.start(), "/orders/redirect")
        self.assertEqual((status, headers["Location"]), (307, "/orders/accept"))

    def test_silence_reads_the_order_and_never_answers(self):
        receiver = self.receiver()
        partner = self.start(receiver=receiver)
        with self.assertRaises((TimeoutError, http.client.RemoteDisconnected)):
            self.post(partner, "/orders/silence", timeout=0.3)
        [line] = self.journalled()
        self.assertEqual((line["key"], line["status"]), ("key-1", 0))
        self.assertFalse(receiver.calls)

    def test_garbage_is_what_it_answers_and_what_it_acknowledges(self):
        receiver = self.receiver()
        partner = self.start(receiver=receiver)
        self.assertEqual(self.post(partner, "/orders/garbage")[::2], (200, GARBAGE))
        until(lambda: receiver.calls)
        self.assertEqual(receiver.calls[0][1], GARBAGE)

    def test_429_may_name_the_hour_instead_of_the_seconds(self):
        _status, headers, _body = self.post(self.start(), "/orders/throttle_date?retry_after=7")
        then = parsedate_to_datetime(headers["Retry-After"]).timestamp()
        self.assertAlmostEqual(then - time.time(), 7, delta=5)

    def test_an_answer_that_breaks_on_its_way_leaves_one_order_and_the_next_one_is_whole(self):
        partner = self.start()
        for behaviour in ("late_answer", "cut_answer", "reset", "trickle", "noise"):
            with self.subTest(behaviour):
                path = f"/orders/{behaviour}"
                with self.assertRaises((OSError, http.client.HTTPException)):
                    self.post(partner, path, key=behaviour, timeout=0.3)
                until(partial(partner.journal.lines, behaviour))
                self.assertEqual(self.post(partner, path, key=behaviour)[0], 202)
                taken = [line["replayed"] for line in partner.journal.lines(behaviour)]
                self.assertEqual(taken, [False, True])

    def test_a_huge_answer_comes_for_as_long_as_somebody_reads(self):
        with self.connection(self.start()) as connection:
            headers = {"Idempotency-Key": "key-1"}
            connection.request("POST", "/orders/huge_answer", json.dumps(ORDER), headers)
            answer = connection.getresponse()
            self.assertEqual(int(answer.headers["Content-Length"]), 1024**3)
            self.assertEqual(len(answer.read(1024**2)), 1024**2)

    def test_a_bomb_is_small_until_it_is_unpacked(self):
        _status, headers, body = self.post(self.start(), "/orders/gzip_bomb")
        self.assertEqual(headers["Content-Encoding"], "gzip")
        self.assertLess(len(body), 4 * 1024**2)
        unpacked = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self.assertEqual(len(unpacked.decompress(body, 16 * 1024**2)), 16 * 1024**2)

    def test_the_journal_tells_which_order_came_when(self):
        partner = self.start()
        self.post(partner, "/orders/accept?think=0.2")
        [line] = self.journalled()
        self.assertEqual((line["number"], line["revision"]), ("P00042", ORDER["revision"]))
        self.assertGreaterEqual(line["ended"] - line["began"], 0.2)

    def test_every_behaviour_has_a_label(self):
        for code, label in BEHAVIOURS.selection():
            self.assertNotEqual(code, label)


@tagged("at_install")
class TestCallbacks(PartnerCase):
    def test_an_acknowledgement_is_signed_over_its_bytes(self):
        receiver = self.receiver()
        self.post(self.start(receiver=receiver))
        headers, body = until(lambda: receiver.calls)[0]
        headers = {name.lower(): value for name, value in headers.items()}
        expected = signature(
            CALLBACK_KEY, headers["webhook-id"], headers["webhook-timestamp"], body
        )
        self.assertEqual(headers["webhook-signature"], expected)
        self.assertLess(abs(time.time() - int(headers["webhook-timestamp"])), 5)
        self.assertEqual(json.loads(body)["order_number"], "P00042")

    def test_the_account_in_the_address_chooses_the_callback(self):
        receiver = self.receiver()
        partner = self.start(receiver=receiver, callback=receiver.url + "/{account}/answers")
        self.post(partner, "/nd/orders")
        until(lambda: receiver.calls)
        self.assertEqual(receiver.paths, ["/in/nd/answers"])

    def test_a_failing_callback_is_tried_again_with_the_same_id(self):
        receiver = self.receiver(503)
        self.post(self.start(receiver=receiver))
        until(lambda: len(receiver.calls) == 2)
        first, second = (
            {k.lower(): v for k, v in headers.items()} for headers, _ in receiver.calls
        )
        self.assertEqual(first["webhook-id"], second["webhook-id"])
        until(lambda: [line["status"] for line in self.journalled("callback")] == [503, 202])

    def test_a_refused_callback_is_not_tried_again(self):
        receiver = self.receiver(401)
        self.post(self.start(receiver=receiver))
        until(lambda: self.journalled("callback"))
        time.sleep(0.7)
        self.assertEqual(len(receiver.calls), 1)

    def test_duplicate_sends_the_same_delivery_twice(self):
        receiver = self.receiver()
        self.post(self.start(receiver=receiver), "/orders/duplicate")
        until(lambda: len(receiver.calls) == 2)
        (_, one), (_, two) = receiver.calls
        self.assertEqual(one, two)
