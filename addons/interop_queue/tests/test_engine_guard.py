"""The last look in the running engine: what it finds stops the message or leaves masked."""

import json

from odoo.exceptions import ValidationError

from .common import WIRE, EngineCase

SSN = "123-45-6789"


class TestEngineGuard(EngineCase):
    def publish(self, **values):
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.write(values)
            flow.action_publish()
            env.cr.precommit.run()

    def entry(self, env, key, act):
        return env["interop.audit.entry"].search([("act", "=", act), ("subject", "=", key)])

    def test_found_text_holds_the_message_as_a_policy_failure_without_the_value(self):
        self.publish(guard="hold")
        held, fine = self.enqueue(f"for {SSN}"), self.enqueue("H2")
        self.drain()
        state, kind, failure = self.look(held, "state", "failure_class", "failure")
        self.assertEqual((state, kind), ("dead", "policy"))
        self.assertIn("number (US Social Security number)", failure)
        self.assertNotIn(SSN, failure)
        self.assertEqual(self.look(fine, "state"), "done")
        self.assertEqual(WIRE.numbers, ["H2"])

    def test_masked_text_leaves_and_the_evidence_tells_kind_and_path(self):
        self.publish(guard="mask")
        masked, fine = self.enqueue(f"for {SSN}"), self.enqueue("M2")
        self.drain()
        self.assertCountEqual(WIRE.numbers, ["for [SSN]", "M2"])
        with self.transaction() as env:
            details = json.loads(self.entry(env, masked, "message.sent").details)
            self.assertEqual(details["masked"], ["number: ssn"])
            self.assertEqual(details["masked_count"], 1)
            self.assertNotIn("masked", self.entry(env, fine, "message.sent").details)

    def test_patterns_are_in_force_when_the_flow_is_published(self):
        with self.transaction() as env:
            env["interop.policy.pattern"].create(
                {
                    "name": f"Test {self.tag}",
                    "template": "QX-#####",
                    "sample": "QX-12345",
                    "company_id": self.world["company"],
                }
            )
        self.publish(guard="mask")
        self.enqueue("for QX-54321")
        self.drain()
        self.assertEqual(WIRE.numbers, ["for [MRN]"])

    def test_off_is_refused_below_health_and_without_a_reason(self):
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            with self.assertRaises(ValidationError), env.cr.savepoint():
                flow.write({"guard": "off", "guard_reason": "We trust them."})
            flow.invalidate_recordset()
            flow.connector_id.clearance = "health"
            with self.assertRaises(ValidationError), env.cr.savepoint():
                flow.write({"guard": "off", "guard_reason": " "})
            flow.invalidate_recordset()
            flow.write({"guard": "off", "guard_reason": "Our own laboratory."})
            self.assertEqual(flow._guard_snapshot()["mode"], "off")
            env.cr.rollback()
