"""The keyring goes away at each point of a message's way, and comes back: nothing is lost."""

import os
import shutil
import tempfile
import threading
import uuid
from pathlib import Path
from unittest.mock import patch

from odoo.tools import mute_logger

from ..engine import lane
from .common import WIRE
from .inbound_common import InboundCase

QUIET = ("odoo.addons.interop_queue.engine.lane",)


class TestEngineKeyring(InboundCase):
    def setUp(self):
        super().setUp()
        with self.transaction() as env:
            configured = Path(env["interop.keyring"]._path())
            env["interop.keyring"]._extend(1)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.keyring = Path(folder.name) / "keyring.json"
        self.away = self.keyring.with_suffix(".away")
        for suffix in ("", ".places"):
            if os.path.exists(f"{configured}{suffix}"):
                shutil.copy(f"{configured}{suffix}", f"{self.keyring}{suffix}")
        patcher = patch.dict(os.environ, INTEROP_KEYRING=str(self.keyring))
        patcher.start()
        self.addCleanup(patcher.stop)

    def take_away(self):
        if self.keyring.exists():
            self.keyring.rename(self.away)

    def put_back(self):
        self.away.rename(self.keyring)

    def run_lane(self, budget=1.0):
        worker = lane.Lane(self.registry, "lane", budget=budget)
        return worker.run()

    @mute_logger(*QUIET)
    def test_a_lane_without_keyring_claims_nothing_and_says_why(self):
        key = self.enqueue("K1")
        self.take_away()
        self.assertIn("keyring file does not exist", self.run_lane().reason)
        self.assertEqual(self.look(key, "state", "claims", "attempts"), ("ready", 0, 0))
        self.put_back()
        self.assertEqual(self.run_lane().reason, "")
        self.assertEqual(self.look(key, "state", "attempts"), ("done", 1))

    @mute_logger(*QUIET)
    def test_a_keyring_that_another_host_outran_stops_the_lane(self):
        key = self.enqueue("K2")
        with self.transaction() as env:
            env.cr.execute(
                "INSERT INTO interop_keyring_key (key_id, kind, fingerprint) "
                "VALUES ('k77', 'version', 'f')"
            )
        try:
            self.assertIn("lacks k77", self.run_lane().reason)
            self.assertEqual(self.look(key, "state", "attempts"), ("ready", 0))
        finally:
            with self.transaction() as env:
                env.cr.execute("DELETE FROM interop_keyring_key WHERE key_id = 'k77'")
        self.run_lane()
        self.assertEqual(self.look(key, "state"), "done")

    @mute_logger(*QUIET)
    def test_what_was_claimed_is_given_back_and_costs_no_attempt(self):
        keys = [self.enqueue(f"K3-{number}") for number in range(3)]
        original = lane.claim

        def claim(*args):
            claimed = original(*args)
            if claimed:
                self.take_away()
            return claimed

        with patch.object(lane, "claim", claim):
            report = self.run_lane()
        self.assertIn("keyring file does not exist", report.reason)
        for key in keys:
            self.assertEqual(self.look(key, "state", "claims", "attempts"), ("ready", 0, 0))
        self.assertEqual(WIRE.seen, [])
        self.put_back()
        self.run_lane()
        self.assertEqual(self.states(keys), ["done"] * 3)

    @mute_logger(*QUIET)
    def test_a_reply_that_cannot_be_sealed_waits_for_the_key_and_is_not_asked_for_again(self):
        def script(body, tries):
            self.take_away()
            timer.start()

        timer = threading.Timer(1.0, self.put_back)
        self.addCleanup(timer.join)
        WIRE.script = script
        key = self.enqueue("K4")
        self.run_lane(budget=8.0)
        self.assertEqual(self.look(key, "state", "attempts"), ("done", 1))
        self.assertEqual(len(WIRE.seen), 1)
        with self.transaction() as env:
            [message] = env["interop.message"].search([("uuid", "=", key)])
            reply = env["interop.vault"]._open(message.interchange_id.uuid, "reply")
        self.assertEqual(reply, b'{"ok": true}')

    @mute_logger(*QUIET)
    def test_an_inbound_message_is_undone_given_back_and_costs_no_attempt(self):
        number = uuid.uuid4().hex
        key = self.accept({"number": number})

        def apply(model, document, message):
            self.take_away()
            return self.apply(model, document, message)

        with self.handler(
            _apply=apply, _business_key=lambda model, document: document.body["number"]
        ):
            report = self.run_lane()
        self.assertIn("keyring file does not exist", report.reason)
        self.assertEqual(self.look(key, "state", "claims", "attempts"), ("ready", 0, 0))
        self.assertEqual(self.partners(number), [0])
        self.put_back()
        with self.handled():
            self.run_lane()
        self.assertEqual(self.look(key, "state", "attempts"), ("done", 1))
        self.assertEqual(self.partners(number), [1])

    def test_content_that_somebody_changed_is_a_dead_letter_and_stops_no_other(self):
        bad, good = self.enqueue("K5"), self.enqueue("K6")
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_vault_content SET wrapped_key = set_byte(wrapped_key, 20, "
                "(get_byte(wrapped_key, 20) + 1) %% 256) WHERE uuid = %s",
                [bad],
            )
        self.assertEqual(self.run_lane().reason, "")
        self.assertEqual(self.states([bad, good]), ["dead", "done"])
