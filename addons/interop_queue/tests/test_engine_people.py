from odoo.addons.interop_document.lib.canonical import canonical_json

from .common import WIRE, EngineCase, fail


class TestEnginePeople(EngineCase):
    """What people do, on real rows and beside lanes that work."""

    def act(self, key, name, *args, meanwhile=None):
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", key)])
            if meanwhile:
                meanwhile()
            return getattr(message, name)(*args)

    def claim_and_settle_meanwhile(self):
        with self.transaction() as lane:
            lane.cr.execute(
                "UPDATE interop_connector_runtime SET last_success_at = now() "
                "WHERE connector_id = %s",
                [self.world["connector"]],
            )

    def test_dead_letters_of_a_busy_connector_can_be_redriven_and_cancelled(self):
        WIRE.script = lambda body, tries: fail("partner") if tries == 1 else None
        again, never = self.enqueue("A1"), self.enqueue("A2")
        self.drain(1)
        busy = self.claim_and_settle_meanwhile
        self.act(again, "action_redrive", meanwhile=busy)
        self.act(never, "action_cancel", "Ordered by phone", meanwhile=busy)
        self.drain(1)
        self.assertEqual(self.states([again, never]), ["done", "cancelled"])

    def test_one_that_is_parked_while_the_one_before_is_cancelled_is_not_forgotten(self):
        WIRE.script = lambda body, tries: fail("partner") if body["number"] == "B1" else None
        dead = self.enqueue("B1", chain="b")
        self.drain(1)

        def emit_and_park():
            self.late = self.enqueue("B2", chain="b")
            self.assertEqual(self.claim(), [], "it is parked behind the dead letter")

        self.act(dead, "action_cancel", "Ordered by phone", meanwhile=emit_and_park)
        self.assertEqual(self.look(self.late, "state", "parked"), ("ready", False))

    def test_the_age_of_a_redriven_message_counts_from_its_redrive(self):
        WIRE.script = lambda body, tries: fail("transient")
        key = self.enqueue("C1")
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_message SET created_at = created_at - interval '30 days' "
                "WHERE uuid = %s",
                [key],
            )
        self.drain(1)
        self.assertEqual(self.look(key, "state"), "dead", "too old to be tried again")
        self.act(key, "action_redrive")
        self.drain(1)
        self.assertEqual(self.look(key, "state", "attempts"), ("waiting", 1))

    def test_a_redrive_of_many_keeps_the_order_of_their_chain(self):
        WIRE.script = lambda body, tries: fail("partner") if tries == 1 else None
        keys = [self.enqueue(f"D{number}", chain="d") for number in range(3)]
        for _each in keys:
            self.drain(1)
            with self.transaction() as env:
                dead = env["interop.message"].search([("uuid", "in", keys), ("state", "=", "dead")])
                self.assertEqual(len(dead), 1, "a dead letter holds those behind it")
                dead.action_redrive()
            self.drain(1)
        self.assertEqual(self.states(keys), ["done"] * 3)
        arrived = [body["number"] for _key, body in WIRE.seen]
        self.assertEqual(arrived, ["D0", "D0", "D1", "D1", "D2", "D2"])

    def test_the_partner_sees_a_resent_message_as_a_new_one_with_the_same_document(self):
        old = self.enqueue("E1", quantity=4)
        self.drain(1)
        with self.transaction() as env:
            new = env["interop.message"].search([("uuid", "=", old)]).action_resend("Lost there")
            new_key = new.uuid
        self.drain(1)
        self.assertEqual(self.states([old, new_key]), ["done", "done"])
        (first, one), (second, other) = WIRE.seen
        self.assertEqual([first, second], [old, new_key])
        self.assertEqual(canonical_json(one), canonical_json(other))

    def test_a_resent_dead_letter_frees_its_chain_and_goes_to_its_end(self):
        WIRE.script = lambda body, tries: (
            fail("partner") if body["number"] == "F1" and len(WIRE.seen) == 1 else None
        )
        dead, behind = self.enqueue("F1", chain="f"), self.enqueue("F2", chain="f")
        self.drain(1)
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", dead)])
            new_key = message.action_resend("Its key is blocked there").uuid
        self.drain(1)
        self.drain(1)
        self.assertEqual(self.states([dead, behind, new_key]), ["cancelled", "done", "done"])
        self.assertEqual(WIRE.numbers, ["F1", "F2", "F1"])
