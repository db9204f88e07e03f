"""Policies in the running engine: stops become dead letters, tokens come from the keyring."""

import json

from .common import WIRE
from .inbound_common import InboundCase

CANARY = "Canary Person"


class TestEnginePolicy(InboundCase):
    def rule_for_patients(self, **values):
        """Publish both flows with this rule for the patient, among others."""
        with self.transaction() as env:
            flows = env["interop.flow"].browse((self.world["out"], self.world["in"]))
            flows[1].policy_id = policy = flows[0].policy_id
            policy.rule_ids.filtered(lambda rule: rule.path == "patient").unlink()
            policy.rule_ids = [(0, 0, {"path": "patient", **values})]
            country = env.ref("base.us")
            flows.company_id.interop_health_region_ids = country
            flows.connector_id.region_id = country
            flows.action_publish()
            env.cr.precommit.run()

    def kept(self, key):
        with self.transaction() as env:
            return env["interop.vault"]._has(key, "document")

    def test_outbound_message_with_a_refused_field_is_dead_and_nothing_leaves(self):
        self.rule_for_patients(action="refuse")
        stopped, fine = self.enqueue("P1", patient=CANARY), self.enqueue("P2")
        self.drain()
        state, kind, failure = self.look(stopped, "state", "failure_class", "failure")
        self.assertEqual((state, kind), ("dead", "policy"))
        self.assertIn("patient must not be in the document", failure)
        self.assertNotIn(CANARY, failure)
        self.assertEqual(self.look(fine, "state"), "done")
        self.assertEqual(WIRE.numbers, ["P2"])

    def test_token_leaves_in_place_of_the_value_the_same_each_time(self):
        self.rule_for_patients(action="tokenise")
        for number in ("T1", "T2"):
            self.enqueue(number, patient=CANARY)
        self.drain()
        tokens = {body["patient"] for _key, body in WIRE.seen}
        self.assertEqual(len(WIRE.seen), 2)
        self.assertEqual(len(tokens), 1)
        self.assertRegex(tokens.pop(), r"^tok_[a-z2-7]{24}$")

    def test_inbound_message_with_a_refused_field_is_dead_and_not_kept_as_a_document(self):
        self.rule_for_patients(action="refuse")
        key = self.accept({"number": f"R-{self.tag}", "patient": CANARY})
        with self.handled():
            self.assertEqual(self.drain().states, {"dead": 1})
        kind, failure = self.look(key, "failure_class", "failure")
        self.assertEqual(kind, "policy")
        self.assertIn("patient must not be in the document", failure)
        self.assertNotIn(CANARY, failure)
        self.assertFalse(self.kept(key))

    def test_inbound_message_without_a_required_field_is_dead(self):
        self.rule_for_patients(action="require")
        key = self.accept({"number": f"Q-{self.tag}"})
        with self.handled():
            self.assertEqual(self.drain().states, {"dead": 1})
        self.assertIn("patient is required", self.look(key, "failure"))

    def test_one_refused_document_of_a_payload_does_not_stop_the_others(self):
        self.rule_for_patients(action="refuse")
        key = self.accept([{"number": "a"}, {"number": "b", "patient": CANARY}, {"number": "c"}])
        with self.handled():
            self.assertEqual(self.drain().states, {"done": 2, "dead": 1})
        self.assertEqual(self.look(key, "state"), "done")

    def give_token(self, **rule):
        """A token that left for the patient, and what the vault has of it."""
        self.rule_for_patients(action="tokenise", reversible=True, **rule)
        self.enqueue("G1", patient=CANARY)
        self.drain()
        [(_key, body)] = WIRE.seen
        return body["patient"]

    def keep_policy_and_resolve(self, allowed=True, **values):
        """Inbound, the patient is taken in as it comes, and tokens may be turned back."""
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["in"])
            policy = flow.policy_id.copy()
            policy.rule_ids.filtered(lambda rule: rule.path == "patient").unlink()
            policy.rule_ids = [(0, 0, {"path": "patient", "action": "send"})]
            flow.write(
                {"resolves_tokens": allowed, "policy_id": policy.id, "purpose": False} | values
            )
            flow.action_publish()
            env.cr.precommit.run()

    def document(self, key):
        with self.transaction() as env:
            return json.loads(env["interop.vault"]._open(key, "document"))

    def test_token_that_comes_back_is_the_value_again_for_an_entitled_flow(self):
        token = self.give_token()
        self.keep_policy_and_resolve()
        key = self.accept({"number": f"B-{self.tag}", "patient": token})
        with self.handled():
            self.drain()
        self.assertEqual(self.document(key)["patient"], CANARY)
        with self.transaction() as env:
            entry = env["interop.audit.entry"].search(
                [("act", "=", "message.applied"), ("subject", "=", key)]
            )
            self.assertEqual(json.loads(entry.details)["tokens_resolved"], 1)
            self.assertNotIn(CANARY, str(entry.read()))

    def test_token_stays_a_token_for_a_flow_that_is_not_entitled(self):
        token = self.give_token()
        self.keep_policy_and_resolve(False)
        key = self.accept({"number": f"S-{self.tag}", "patient": token})
        with self.handled():
            self.drain()
        self.assertEqual(self.document(key)["patient"], token)

    def test_token_of_another_purpose_is_not_turned_back(self):
        token = self.give_token()
        self.keep_policy_and_resolve(purpose="payment")
        key = self.accept({"number": f"O-{self.tag}", "patient": token})
        with self.handled():
            self.drain()
        self.assertEqual(self.document(key)["patient"], token)

    def test_forgotten_token_stays_a_token(self):
        token = self.give_token()
        self.keep_policy_and_resolve()
        with self.transaction() as env:
            tokens = env["interop.vault.tokens"]
            self.assertEqual(tokens._about([CANARY.upper()])["count"], 1)
            self.assertEqual(tokens._forget([CANARY.upper()], "asked for it"), 1)
        key = self.accept({"number": f"F-{self.tag}", "patient": token})
        with self.handled():
            self.drain()
        self.assertEqual(self.document(key)["patient"], token)
