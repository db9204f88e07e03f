"""What is erased is gone in all copies; what has to be kept is kept, and it is said why."""

import json

from odoo.tests import tagged

from odoo.addons.interop_queue.tests.common import WIRE, fail

from .common import OTHER, PERSON, PrivacyCase


@tagged("post_install", "-at_install")
class TestErasure(PrivacyCase):
    def test_all_copies_go_and_the_person_is_found_no_more(self):
        WIRE.script = lambda body, tries: fail("transient") if tries == 1 else None
        key = self.enqueue("E1", patient=PERSON)
        self.drain()
        self.make_due()
        WIRE.script = lambda body, tries: None
        [other] = self.ended_outbound("E2", patient=OTHER)
        with self.handled():
            received = self.accept({"number": f"E3-{self.tag}", "patient": PERSON})
            self.drain()
        payloads = [self.payload_of(each) for each in (key, received)]
        request = self.ask()
        self.act(request, "action_erase")
        self.assertEqual(self.outcomes(request), {key: "erased", received: "erased"})
        self.assertEqual(self.told(request, "state", "erased_count", "kept_count"), ("done", 2, 0))
        for each in (key, received):
            self.assertEqual(self.opens(each), "shredded")
        for payload in payloads:
            self.assertEqual(self.opens(payload, "payload"), "shredded")
        self.assertEqual(self.found(), set())
        self.assertEqual(self.found(OTHER), {other})
        self.assertEqual(json.loads(self.opens(other))["patient"], OTHER)

    def test_what_is_erased_leaves_evidence_of_each_piece(self):
        [key] = self.ended_outbound("E1", patient=PERSON)
        self.act(self.ask(), "action_erase")
        with self.transaction() as env:
            env.cr.execute(
                "SELECT res_model FROM interop_audit_entry WHERE act = 'content.erased' "
                "AND subject IN (%s::uuid, %s::uuid) ORDER BY res_model",
                [key, self.payload_of(key)],
            )
            self.assertEqual(env.cr.fetchall(), [("interop.interchange",), ("interop.message",)])

    def test_what_must_be_kept_is_kept_and_why(self):
        WIRE.script = lambda body, tries: (
            fail("partner" if body["number"] == "DEAD" else "transient")
            if body["number"] in ("DEAD", "OPEN")
            else None
        )
        keys = {n: self.enqueue(n, patient=PERSON) for n in ("DEAD", "OPEN", "HELD", "FREE")}
        self.drain()
        hold = self.hold(message_ids=[self.look(keys["HELD"], "id")])
        request = self.ask()
        self.act(request, "action_erase")
        wanted = {"DEAD": "dead", "OPEN": "open", "HELD": "hold", "FREE": "erased"}
        self.assertEqual(self.outcomes(request), {keys[n]: code for n, code in wanted.items()})
        self.assertEqual(self.told(request, "state", "kept_count"), ("found", 3))
        self.assertEqual(self.found(), {keys[n] for n in ("DEAD", "OPEN", "HELD")})
        for number in ("DEAD", "OPEN", "HELD"):
            self.assertEqual(json.loads(self.opens(keys[number]))["patient"], PERSON)
        # The reasons go, and the same request erases the rest.
        WIRE.script = lambda body, tries: None
        with self.transaction() as env:
            held = env["interop.legal.hold"].browse(hold)
            held.lifted_reason = "The dispute is settled"
            held.action_lift()
            env["interop.message"].search([("uuid", "=", keys["DEAD"])]).action_cancel("given up")
        self.make_due()
        self.drain()
        self.act(request, "action_erase")
        self.assertEqual(self.told(request, "state", "kept_count"), ("done", 0))
        self.assertEqual(self.found(), set())

    def test_the_law_keeps_what_its_class_says(self):
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.retention_class_id = env.ref("interop_vault.retention_class_long")
            flow.retention_class_id.duty = "45 CFR 164.316(b)(2)(i)"
            flow.action_publish()
        self.addCleanup(self.publish, "standard")
        [key] = self.ended_outbound("E1", patient=PERSON)
        request = self.ask()
        self.act(request, "action_erase")
        self.assertEqual(self.outcomes(request), {key: "duty"})
        with self.transaction() as env:
            line = env["interop.privacy.request"].browse(request).line_ids
            self.assertEqual(line.duty, "45 CFR 164.316(b)(2)(i)")
        self.assertEqual(json.loads(self.opens(key))["patient"], PERSON)

    def test_a_payload_with_others_goes_too_if_those_have_ended(self):
        self.batch(2)
        self.addCleanup(self.batch, 1)
        mine, other = self.enqueue("E1", patient=PERSON), self.enqueue("E2", patient=OTHER)
        self.drain()
        payload = self.payload_of(mine)
        self.assertEqual(payload, self.payload_of(other))
        request = self.ask()
        self.act(request, "action_erase")
        self.assertEqual(self.outcomes(request), {mine: "erased"})
        self.assertEqual(self.opens(payload, "payload"), "shredded")
        self.assertEqual(json.loads(self.opens(other))["patient"], OTHER)

    def test_a_payload_whose_other_is_held_stays_and_that_is_said(self):
        self.batch(2)
        self.addCleanup(self.batch, 1)
        mine, other = self.enqueue("E1", patient=PERSON), self.enqueue("E2", patient=OTHER)
        self.drain()
        self.hold(message_ids=[self.look(other, "id")])
        request = self.ask()
        self.act(request, "action_erase")
        self.assertEqual(self.outcomes(request), {mine: "shared"})
        self.assertEqual(self.opens(mine), "shredded")
        self.assertIn(b"E1", self.opens(self.payload_of(other), "payload"))
        self.assertEqual(self.found(), {mine}, "its payload is there, so it is found")

    def test_one_that_was_purged_before_is_told_as_that(self):
        [key] = self.ended_outbound("E1", patient=PERSON)
        self.age(400)
        self.purge()
        request = self.ask()
        self.assertEqual(self.outcomes(request), {key: "purged"})
        self.act(request, "action_erase")
        self.assertEqual(self.outcomes(request), {key: "purged"})
        self.assertEqual(self.found(), set())

    def test_tokens_of_the_person_are_forgotten(self):
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.policy_id.rule_ids = [
                (0, 0, {"path": "patient", "action": "tokenise", "reversible": True})
            ]
            country = env.ref("base.us")
            flow.company_id.interop_health_region_ids = country
            flow.connector_id.region_id = country
            flow.action_publish()
            env.cr.precommit.run()
        self.ended_outbound("E1", patient=PERSON)
        self.ended_outbound("E2", patient=OTHER)
        request = self.ask()
        self.assertEqual(self.told(request, "token_count"), 1)
        self.act(request, "action_erase")
        self.assertEqual(self.told(request, "token_count", "token_gone_count"), (1, 1))
        with self.transaction() as env:
            tokens = env["interop.vault.tokens"]
            self.assertEqual(tokens._about([PERSON])["count"], 0)
            self.assertEqual(tokens._about([OTHER])["count"], 1)
            tokens._forget([OTHER], "test")
