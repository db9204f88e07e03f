import json
import time

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_connector.lib.tokens import (
    GRANTS,
    ClientRefused,
    PreviousCredentials,
    TokenOrder,
)
from odoo.addons.interop_connector.lib.transport import Auth, Endpoint, Outgoing, TransportError

from ..lib.http import HttpTransport
from ..lib.oauth2 import request_token
from .token_server import TokenServer

CANARY = "told-in-confidence"


class OAuth2Case(BaseCase):
    def setUp(self):
        super().setUp()
        self.server = TokenServer()
        self.addCleanup(self.server.stop)
        self.transport = HttpTransport()

    def ask(self, **more):
        order = {
            "token_url": self.server.url,
            "client_id": "us",
            "client_secret": "client-secret",
            "environment": "test",
            "seconds": 5.0,
            **more,
        }
        return request_token(TokenOrder(**order), self.transport)

    def refused(self, answer=None, **more):
        self.server.answer = answer
        with self.assertRaises(TransportError) as caught:
            self.ask(**more)
        error = caught.exception
        self.assertIsNone(error.__cause__)
        self.assertIsNone(error.__context__)
        self.assertIsNone(error.reply, "what the token server says is kept nowhere")
        self.assertNotIn(CANARY, str(error))
        self.assertNotIn("client-secret", str(error))
        return error


class TestRequest(OAuth2Case):
    def test_a_grant_is_asked_for_as_the_standard_says(self):
        grant = self.ask(scope="orders.write", audience="https://api.example")
        self.assertEqual((grant.token, grant.lifetime), ("token-1", 3600.0))
        self.assertEqual(
            self.server.requests,
            [
                {
                    "grant_type": "client_credentials",
                    "scope": "orders.write",
                    "audience": "https://api.example",
                }
            ],
        )
        self.assertNotIn("token-1", repr(grant))
        self.assertIs(GRANTS.get("oauth2"), request_token)

    def test_the_client_can_show_itself_in_the_form(self):
        self.ask(token_auth="post")
        self.assertEqual(self.server.requests[0]["client_secret"], "client-secret")

    def test_odd_characters_in_id_and_secret_arrive(self):
        self.server.clients = {"cli:ent é": {"p%ss w:rd+/="}}
        for how in ("basic", "post"):
            grant = self.ask(client_id="cli:ent é", client_secret="p%ss w:rd+/=", token_auth=how)
            self.assertTrue(grant.token)

    def test_a_refused_client_is_told_by_the_servers_own_word_only(self):
        error = self.refused(client_secret="wrong")
        self.assertIsInstance(error, ClientRefused)
        self.assertEqual(error.failure_class, "partner")
        self.assertIn("does not accept the client ID and secret", error.sentence)
        error = self.refused((400, b'{"error": "invalid_scope"}'))
        self.assertIn("scope", error.sentence)
        error = self.refused((400, json.dumps({"error": CANARY}).encode()))
        self.assertIn("answered 400", error.sentence)

    def test_faults_that_pass_are_tried_again(self):
        for answer, kind in (
            ((500, CANARY.encode()), "transient"),
            ((503, CANARY.encode()), "transient"),
            ((429, CANARY.encode()), "throttled"),
        ):
            self.assertEqual(self.refused(answer).failure_class, kind)
        self.server.delay = 2.0
        late = self.refused(None, seconds=0.4)
        self.assertEqual(late.failure_class, "transient", "the message itself has not left")
        self.assertIn("was not sent", late.sentence)
        self.server.stop()
        self.assertEqual(self.refused().failure_class, "transient")

    def test_an_answer_that_is_no_grant_is_refused(self):
        for body in (
            CANARY.encode(),
            b"[]",
            b"{}",
            b'{"access_token": "x"}',
            b'{"access_token": "", "token_type": "Bearer"}',
            b'{"access_token": 7, "token_type": "Bearer"}',
            b'{"access_token": "a b", "token_type": "Bearer"}',
            b'{"access_token": "a\\r\\nX-Other: b", "token_type": "Bearer"}',
            b'{"access_token": "x", "token_type": "mac"}',
            b'{"access_token": "x", "token_type": "Bearer", "expires_in": 0}',
            b'{"access_token": "x", "token_type": "Bearer", "expires_in": true}',
            b'{"access_token": "x", "token_type": "Bearer", "expires_in": "soon"}',
            b'{"access_token": "x", "token_type": "Bearer", "expires_in": NaN}',
            b"[" * 50_000,
            b'{"access_token": "' + b"x" * 100_000 + b'", "token_type": "Bearer"}',
        ):
            with self.subTest(body=body[:60]):
                self.assertEqual(self.refused((200, body)).failure_class, "partner")

    @given(body=st.binary(max_size=60))
    def test_any_answer_is_a_grant_or_a_refusal(self, body):
        self.server.answer = (200, body)
        try:
            self.ask()
        except TransportError as error:
            self.assertTrue(error.sentence)

    def test_a_server_that_names_no_lifetime_is_asked_again_soon(self):
        self.server.answer = (200, b'{"access_token": "x", "token_type": "bearer"}')
        self.assertEqual(self.ask().lifetime, 300.0)
        self.server.answer = (
            200,
            b'{"access_token": "x", "token_type": "bearer", "expires_in": "60"}',
        )
        self.assertEqual(self.ask().lifetime, 60.0)


class Changing:
    """Credentials in memory, which note what they are asked."""

    def __init__(self, *values):
        self.values = list(values)
        self.refusals = []

    def present(self, seconds):
        return self.values[0]

    def refused(self, shown, seconds):
        self.refusals.append((shown, seconds))
        return self.values[1] if len(self.values) > 1 else None


class TestWhatIsShown(OAuth2Case):
    def endpoint(self, credentials, total=5.0):
        return Endpoint(
            code="c",
            url=f"{self.server.base}/orders",
            environment="test",
            timeout_total=total,
            auth=Auth("bearer", "", credentials=credentials),
        )

    def send(self, credentials):
        outgoing = Outgoing(key="k", payload=b"{}")
        return self.transport.send(self.endpoint(credentials), outgoing)

    def test_a_401_is_followed_by_one_try_with_what_else_there_is(self):
        self.server.valid = {"old"}
        changing = Changing("new", "old")
        self.assertTrue(self.send(changing).accepted)
        self.assertEqual(self.server.orders, ["new", "old"])
        [(shown, seconds)] = changing.refusals
        self.assertEqual(shown, "new")
        self.assertLessEqual(seconds, 5.0, "within the same exchange")

    def test_there_is_never_a_third_try(self):
        changing = Changing("new", "old")
        with self.assertRaises(TransportError) as caught:
            self.send(changing)
        self.assertEqual(caught.exception.status, 401)
        self.assertEqual(self.server.orders, ["new", "old"])

    def test_without_anything_else_the_refusal_stands(self):
        with self.assertRaises(TransportError) as caught:
            self.send(Changing("new"))
        self.assertEqual(caught.exception.failure_class, "partner")
        self.assertEqual(self.server.orders, ["new"])

    def test_what_comes_too_late_is_not_sent(self):
        self.server.valid = {"new"}
        self.send(Changing("new"))
        late = Changing("new")
        late.present = lambda seconds: time.sleep(0.2) or "new"
        endpoint = self.endpoint(late, total=0.1)
        with self.assertRaises(TransportError) as caught:
            self.transport.send(endpoint, Outgoing(key="k", payload=b"{}"))
        self.assertEqual(caught.exception.failure_class, "transient", "not uncertain")
        self.assertEqual(len(self.server.orders), 1)

    def test_an_accepted_value_is_the_only_one_shown(self):
        self.server.valid = {"new", "old"}
        noted = []
        credentials = PreviousCredentials("new", "old", lambda: noted.append(1))
        self.send(credentials)
        self.assertEqual((self.server.orders, noted), (["new"], []))
        self.server.valid = {"old"}
        self.send(credentials)
        self.assertEqual((self.server.orders[1:], noted), (["new", "old"], [1]))
