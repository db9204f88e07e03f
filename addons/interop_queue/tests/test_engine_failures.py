from datetime import timedelta

from odoo import fields

from ..engine import maintenance
from ..engine.settle import settle
from ..engine.transaction import read_committed, run
from ..lib.work import Verdict
from .common import WIRE, EngineCase, fail


class TestEngineFailures(EngineCase):
    def test_a_temporary_failure_is_tried_again_later_with_the_same_key_and_bytes(self):
        WIRE.script = lambda body, tries: fail("transient", status=500) if tries == 1 else None
        key = self.enqueue("A1")
        self.drain(1)
        state, failure_class, run_at = self.look(key, "state", "failure_class", "run_at")
        self.assertEqual((state, failure_class), ("waiting", "transient"))
        self.assertGreater(run_at, fields.Datetime.now())
        self.make_due()
        self.drain(1)
        self.assertEqual(self.look(key, "state", "attempts"), ("done", 2))
        self.assertEqual([seen for seen, _body in WIRE.seen], [key, key])

    def test_a_throttle_waits_as_long_as_asked_and_uses_up_no_attempt(self):
        WIRE.script = lambda body, tries: fail("throttled", status=429, retry_after=600)
        key = self.enqueue("B1")
        self.drain(1)
        state, attempts, run_at = self.look(key, "state", "attempts", "run_at")
        self.assertEqual((state, attempts), ("waiting", 0))
        self.assertGreaterEqual(run_at, fields.Datetime.now() + timedelta(seconds=590))

    def test_a_refusal_by_the_partner_is_a_dead_letter_at_once(self):
        WIRE.script = lambda body, tries: fail("partner", status=422)
        key = self.enqueue("C1")
        self.drain(1)
        self.assertEqual(
            self.look(key, "state", "failure_class", "attempts"), ("dead", "partner", 1)
        )

    def test_attempts_used_up_end_in_a_dead_letter(self):
        WIRE.script = lambda body, tries: fail("transient")
        key = self.enqueue("D1")
        with self.transaction() as env:
            env.cr.execute("UPDATE interop_message SET attempts = 11 WHERE uuid = %s", [key])
        self.drain(1)
        self.assertEqual(self.look(key, "state", "attempts"), ("dead", 12))
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "=", key)]).action_redrive()
        self.drain(1)
        self.assertEqual(self.look(key, "state", "attempts"), ("waiting", 1))

    def test_an_unknown_outcome_is_left_to_a_person_unless_the_endpoint_is_idempotent(self):
        WIRE.script = lambda body, tries: fail("uncertain", sent=True)
        key = self.enqueue("E1")
        self.drain(1)
        self.assertEqual(self.look(key, "state", "failure_class"), ("dead", "uncertain"))
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.connector_id.endpoint_ids.idempotent = True
            flow.action_publish()
        key = self.enqueue("E2")
        self.drain(1)
        self.assertEqual(self.look(key, "state", "failure_class"), ("waiting", "uncertain"))
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.connector_id.endpoint_ids.idempotent = False
            flow.action_publish()

    def test_an_invalid_document_never_leaves_and_names_the_place(self):
        key = self.enqueue("F1", quantity=-4711)
        self.drain(1)
        state, failure = self.look(key, "state", "failure")
        self.assertEqual(state, "dead")
        self.assertIn("Quantity", failure.capitalize())
        self.assertNotIn("4711", failure)
        self.assertFalse(WIRE.seen)

    def test_a_redriven_dead_letter_keeps_its_key(self):
        WIRE.script = lambda body, tries: fail("partner", status=400) if tries == 1 else None
        key = self.enqueue("G1")
        self.drain(1)
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "=", key)]).action_redrive()
        self.drain(1)
        self.assertEqual(self.look(key, "state"), "done")
        self.assertEqual({seen for seen, _body in WIRE.seen}, {key})

    def test_a_fault_of_a_transport_is_internal_and_stops_nobody_else(self):
        def script(body, tries):
            if body["number"] == "bug":
                raise ZeroDivisionError("secret detail")

        WIRE.script = script
        bug, fine = self.enqueue("bug"), self.enqueue("H2")
        self.drain(2)
        state, failure_class, failure = self.look(bug, "state", "failure_class", "failure")
        self.assertEqual((state, failure_class), ("dead", "internal"))
        self.assertNotIn("secret detail", failure)
        self.assertEqual(self.look(fine, "state"), "done")

    def test_a_settle_with_an_old_lease_changes_nothing(self):
        key = self.enqueue("I1")
        [old] = self.claim("zombie", lease=-1)
        self.assertEqual(maintenance.reap(self.registry), 1)
        [new] = self.claim("living")
        self.assertEqual(settle(self.registry, [Verdict(old, "done")], "zombie"), [])
        self.assertEqual(self.look(key, "state", "lane"), ("running", "living"))
        self.assertEqual(len(settle(self.registry, [Verdict(new, "done")], "living")), 1)
        self.assertEqual(self.look(key, "state"), "done")

    def test_an_old_outcome_beside_the_present_one_is_not_counted(self):
        """A worker keeps outcomes while the database is away; meanwhile it claimed again."""
        key = self.enqueue("I2")
        [old] = self.claim("worker", lease=-1)
        maintenance.reap(self.registry)
        [new] = self.claim("worker")
        both = [Verdict(old, "dead", failure_class="internal"), Verdict(new, "done")]
        self.assertEqual(len(settle(self.registry, both, "worker")), 1)
        self.assertEqual(self.look(key, "state"), "done")
        with self.transaction() as env:
            told = env["interop.audit.entry"].search([("subject", "=", key)])
            self.assertNotIn("message.dead", told.mapped("act"))

    def test_a_message_that_kills_its_worker_is_set_aside_after_some_claims(self):
        key = self.enqueue("J1")
        for _death in range(maintenance.MAX_LOSSES):
            self.assertEqual(len(self.claim("victim", lease=-1)), 1)
            maintenance.reap(self.registry)
        self.assertEqual(
            self.look(key, "state", "failure_class", "attempts"), ("dead", "internal", 0)
        )

    def test_a_message_that_was_answered_and_then_lost_its_worker_is_done(self):
        key, behind = self.enqueue("J2", "c-J"), self.enqueue("J3", "c-J")
        self.claim("victim", lease=-1)
        with read_committed(self.registry) as cr:
            run(cr, "answer", id=self.look(key, "id"))
        self.assertEqual(maintenance.reap(self.registry), 1)
        self.assertEqual(self.look(key, "state", "losses", "failure"), ("done", 1, False))
        maintenance.release_forgotten(self.registry)
        self.assertEqual(self.look(behind, "state"), "ready")

    def test_cancelling_asks_for_a_reason_and_is_evidence(self):
        from odoo.exceptions import UserError

        key = self.enqueue("K1")
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", key)])
            with self.assertRaises(UserError):
                message.action_cancel(" ")
            message.action_cancel("Ordered by phone")
        self.drain(1)
        self.assertEqual(self.look(key, "state"), "cancelled")
        self.assertFalse(WIRE.seen)
        with self.transaction() as env:
            env.cr.execute(
                "SELECT details FROM interop_audit_entry WHERE act = 'message.cancelled' "
                "AND subject = %s::uuid",
                [key],
            )
            self.assertIn("Ordered by phone", env.cr.fetchone()[0])
