import json
from unittest.mock import patch

from odoo.exceptions import UserError

from odoo.addons.interop_connector.lib.transport import Reply
from odoo.addons.interop_queue.tests.common import WIRE

from .recovery_common import RecoveryCase


class TestRecoveryOverHttp(RecoveryCase):
    """A partner that tells by itself which keys it has."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["interop.endpoint"].create(
            {
                "connector_id": cls.connector.id,
                "name": "Which have you got?",
                "purpose": "reconcile",
                "url": "https://partner.example/reconcile",
            }
        )

    def setUp(self):
        super().setUp()
        self.asked = []
        self.said = lambda keys: json.dumps({"known": keys[:2]}).encode()

        def send(_wire, endpoint, outgoing):
            self.asked.append((endpoint.url, json.loads(outgoing.payload)["keys"]))
            return Reply(200, self.said(self.asked[-1][1]))

        self.startPatcher(patch.object(type(WIRE), "send", send))

    def test_the_partner_is_asked_and_believed(self):
        recovery = self.ask()
        line = self.line(recovery)
        self.assertEqual(line.proposal, "ask")
        self.assertTrue(line.can_be_asked)
        recovery.action_accept_proposals()
        self.approve(recovery)
        line.action_ask_partner()
        [(url, keys)] = self.asked
        self.assertEqual(
            (url, sorted(keys)), ("https://partner.example/reconcile", sorted(self.keys))
        )
        states = dict(zip(self.keys, self.states(), strict=True))
        self.assertEqual([states[key] for key in keys[:2]], ["done"] * 2)
        self.assertEqual([states[key] for key in keys[2:]], ["ready"] * 4)
        [taken] = [d for act, d in self.acts() if act == "recovery.answer_taken"]
        self.assertEqual((taken["how"], taken["known"], taken["missing"]), ("http", 2, 4))

    def test_nobody_is_asked_before_the_approval(self):
        recovery = self.ask()
        with self.assertRaisesRegex(UserError, "fence is closed"):
            self.line(recovery).action_ask_partner()
        self.assertEqual(self.asked, [])

    def test_keys_that_nobody_asked_about_are_not_believed(self):
        self.said = lambda keys: b'{"known": ["strange"]}'
        recovery = self.ask()
        recovery.action_accept_proposals()
        self.approve(recovery)
        self.line(recovery).action_ask_partner()
        self.assertFalse(recovery.lost)
        self.assertEqual(self.states(), ["ready"] * 6)

    def test_an_answer_that_is_none_changes_nothing(self):
        recovery = self.ask()
        recovery.action_accept_proposals()
        self.approve(recovery)
        self.said = lambda keys: b"<html>Welcome</html>"
        with self.assertRaisesRegex(UserError, "not what a partner says"):
            self.line(recovery).action_ask_partner()
        self.assertEqual(self.states(), ["dead"] * 6)
