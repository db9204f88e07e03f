"""The last look in the running engine: what it finds stops the message or leaves masked."""

import json

from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.interop_connector.lib.transport import TransportError

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

    def test_manager_lets_a_held_message_out_masked_once_and_says_why(self):
        self.publish(guard="hold")
        key = self.enqueue(f"for {SSN}")
        self.drain()
        with self.transaction() as env:
            held = env["interop.message"].search([("uuid", "=", key)])
            with self.assertRaises(UserError):
                held.action_redrive_masked(" ")
            wizard = env["interop.message.redrive"].create(
                {"message_ids": held.ids, "masked": True, "reason": "The supplier waits for it."}
            )
            self.assertTrue(wizard.may_mask)
            wizard.action_redrive()
        self.drain()
        self.assertEqual(WIRE.numbers, ["for [SSN]"])
        self.assertEqual(self.look(key, "state"), "done")
        with self.transaction() as env:
            told = json.loads(self.entry(env, key, "message.let_out_masked").details)
            self.assertEqual(told["reason"], "The supplier waits for it.")
            sent = json.loads(self.entry(env, key, "message.sent").details)
            self.assertEqual(sent["masked"], ["number: ssn"])

    def test_running_it_again_forgets_that_it_was_let_out(self):
        self.publish(guard="hold")
        WIRE.script = self.refuse
        key = self.enqueue(f"for {SSN}")
        self.drain()
        with self.transaction() as env:
            held = env["interop.message"].search([("uuid", "=", key)])
            held.action_redrive_masked("The supplier waits for it.")
        self.drain()
        self.assertEqual(self.look(key, "failure_class"), "partner")
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "=", key)]).action_redrive()
        self.drain()
        self.assertEqual(self.look(key, "failure_class"), "policy")
        self.assertEqual(len(WIRE.numbers), 1)

    def test_only_a_manager_lets_it_out_and_only_what_a_policy_held(self):
        self.publish(guard="hold")
        held, refused = self.enqueue(f"for {SSN}"), self.enqueue("R1")
        WIRE.script = self.refuse
        self.drain()
        with self.transaction() as env:
            operator = env["res.users"].create(
                {
                    "name": "Operator",
                    "login": f"guard-{self.tag}",
                    "group_ids": [(6, 0, env.ref("interop_base.group_operator").ids)],
                    "interop_area_ids": [(6, 0, env["interop.area"].search([]).ids)],
                }
            )
            message = env["interop.message"].search([("uuid", "=", held)])
            with self.assertRaises(AccessError):
                message.with_user(operator).action_redrive_masked("I want to.")
            wizard = env["interop.message.redrive"].with_user(operator)
            self.assertFalse(wizard.create({"message_ids": message.ids}).may_mask)
            with self.assertRaises(UserError):
                env["interop.message"].search([("uuid", "=", refused)]).action_redrive_masked("x")
            env.cr.rollback()

    def refuse(self, _body, _tries):
        raise TransportError("The partner refuses on purpose.", kind="partner")

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
