from odoo.addons.interop_base.lib.failures import DataError

from .common import EVENT, WIRE, EngineCase, note


class TestEngineOutbound(EngineCase):
    def partner(self, env, ref):
        return env["res.partner"].create({"name": "Test supplier", "ref": ref})

    def test_a_message_exists_exactly_if_the_business_transaction_commits(self):
        with self.registry.cursor() as cr:
            from odoo import SUPERUSER_ID, api

            env = api.Environment(cr, SUPERUSER_ID, {})
            self.assertEqual(env["interop.queue"]._emit(EVENT, self.partner(env, "A1")), 1)
            cr.rollback()
        with self.transaction() as env:
            found = env["interop.message"].search([("flow_id", "=", self.world["out"])])
            self.assertFalse(found)
            env["interop.queue"]._emit(EVENT, self.partner(env, "A2"))
        with self.transaction() as env:
            found = env["interop.message"].search([("flow_id", "=", self.world["out"])])
            self.assertEqual(found.mapped("state"), ["ready"])

    def test_an_emitted_record_is_composed_screened_sent_and_leaves_evidence(self):
        with self.transaction() as env:
            record = self.partner(env, "B1")
            env["interop.queue"]._emit(EVENT, record)
        compose = lambda model, records: [note(record) for record in records]  # noqa: E731
        with self.handler(_compose=compose):
            report = self.drain()
        self.assertEqual(report.states, {"done": 1})
        self.assertEqual(WIRE.numbers, ["B1"])
        with self.transaction() as env:
            message = env["interop.message"].search([("flow_id", "=", self.world["out"])])
            self.assertEqual((message.state, message.attempts, message.claims), ("done", 1, 1))
            self.assertEqual(WIRE.seen[0][0], message.uuid)
            self.assertEqual(message.attempt_ids.mapped("status"), [200])
            self.assertEqual(message.version_id.flow_id.id, self.world["out"])
            vault = env["interop.vault"]
            self.assertEqual(vault._open(message.uuid, "document"), b'{"number":"B1"}')
            self.assertEqual(
                vault._open(message.interchange_id.uuid, "payload"), b'{"number":"B1"}'
            )
            self.assertEqual(vault._open(message.interchange_id.uuid, "reply"), b'{"ok": true}')
            env.cr.execute(
                "SELECT act FROM interop_audit_entry WHERE subject = %s::uuid", [message.uuid]
            )
            self.assertEqual([act for (act,) in env.cr.fetchall()], ["message.sent"])

    def test_a_field_without_a_rule_never_leaves(self):
        self.enqueue("C1", patient="Canary Person")
        self.drain()
        self.assertEqual(WIRE.seen[0][1], {"number": "C1"})

    def test_one_record_that_cannot_be_composed_does_not_stop_the_batch(self):
        def compose(model, records):
            if "bad" in records.mapped("ref"):
                raise DataError("The supplier has no number.")
            return [note(record) for record in records]

        with self.transaction() as env:
            records = self.partner(env, "D1") + self.partner(env, "bad") + self.partner(env, "D3")
            env["interop.queue"]._emit(EVENT, records)
        with self.handler(_compose=compose):
            report = self.drain()
        self.assertEqual(report.states, {"done": 2, "dead": 1})
        self.assertEqual(sorted(WIRE.numbers), ["D1", "D3"])

    def test_a_record_deleted_before_its_turn_becomes_a_dead_letter_with_a_sentence(self):
        with self.transaction() as env:
            record = self.partner(env, "E1")
            env["interop.queue"]._emit(EVENT, record)
        with self.transaction() as env:
            env["res.partner"].browse(record.id).unlink()
        self.drain()
        with self.transaction() as env:
            message = env["interop.message"].search([("flow_id", "=", self.world["out"])])
            self.assertEqual((message.state, message.failure_class), ("dead", "data"))
            self.assertIn("no longer exists", message.failure)

    def test_at_most_as_many_exchanges_at_once_as_the_connector_allows(self):
        import time

        WIRE.script = lambda body, tries: time.sleep(0.02)
        with self.transaction() as env:
            env["interop.connector"].browse(self.world["connector"]).max_in_flight = 3
        self.enqueue_many([{"number": str(n)} for n in range(20)], [None] * 20)
        self.assertEqual(self.drain().states, {"done": 20})
        self.assertEqual(WIRE.most, 3)
        with self.transaction() as env:
            env["interop.connector"].browse(self.world["connector"]).max_in_flight = 8

    def test_nothing_moves_while_the_fence_is_closed(self):
        key = self.enqueue("F1")
        with self.transaction() as env:
            env.cr.execute("UPDATE interop_instance SET environment = 'staging'")
        try:
            report = self.drain()
            self.assertTrue(report.reason)
            self.assertEqual(self.look(key, "state", "claims"), ("ready", 0))
            self.assertFalse(WIRE.seen)
        finally:
            with self.transaction() as env:
                env.cr.execute("UPDATE interop_instance SET environment = 'test'")
        self.drain()
        self.assertEqual(self.look(key, "state"), "done")

    def test_a_paused_connector_keeps_its_messages(self):
        key = self.enqueue("G1")
        with self.transaction() as env:
            env["interop.connector"].browse(self.world["connector"]).action_pause()
        self.drain()
        self.assertEqual(self.look(key, "state"), "ready")
        with self.transaction() as env:
            env["interop.connector"].browse(self.world["connector"]).action_resume()
        self.drain()
        self.assertEqual(self.look(key, "state"), "done")

    def test_what_runs_is_what_was_published_and_not_the_draft(self):
        with self.transaction() as env:
            policy = env["interop.flow"].browse(self.world["out"]).policy_id
            rule = policy.rule_ids.filtered(lambda r: r.path == "quantity")
            rule.action = "drop"
        self.enqueue("H1", quantity=5)
        self.drain()
        self.assertEqual(WIRE.seen[0][1], {"number": "H1", "quantity": 5})
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            self.assertTrue(flow.has_draft_changes)
            flow.action_publish()
            self.assertFalse(flow.has_draft_changes)
        self.enqueue("H2", quantity=5)
        self.drain()
        self.assertEqual(WIRE.seen[1][1], {"number": "H2"})
