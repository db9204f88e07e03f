import json
from unittest.mock import patch

from odoo.tests import new_test_user

from odoo.addons.interop_connector.lib.transport import Reply

from .common import WIRE, EngineCase, fail


class TestEngineBatch(EngineCase):
    """Several documents in one payload: one exchange, one key, a verdict for each document."""

    def setUp(self):
        super().setUp()
        self.publish(3)
        self.addCleanup(self.publish, 1)

    def publish(self, size):
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.write({"batch_size": size, "order_by": "none" if size > 1 else "record"})
            flow.action_publish()
            env.flush_all()
            env.cr.precommit.run()

    def sent(self):
        """The numbers in each payload that left."""
        payloads = [body if isinstance(body, list) else [body] for _key, body in WIRE.seen]
        return [[body["number"] for body in payload] for payload in payloads]

    def enqueued(self, count):
        return self.enqueue_many([{"number": str(n)} for n in range(count)], [None] * count)

    def test_documents_travel_together_up_to_the_size_of_a_payload(self):
        keys = self.enqueued(7)
        self.drain()
        self.assertEqual(sorted(map(len, self.sent())), [1, 3, 3])
        self.assertEqual(self.states(keys), ["done"] * 7)

    def test_the_key_is_the_payloads_own_and_the_attempt_is_noted_once(self):
        keys = self.enqueued(3)
        self.drain()
        [(key, _bodies)] = WIRE.seen
        self.assertNotIn(key, keys)
        with self.transaction() as env:
            messages = env["interop.message"].search([("uuid", "in", keys)])
            [interchange] = messages.interchange_id
            self.assertEqual(interchange.idempotency_key, key)
            self.assertEqual(interchange.document_count, 3)
            self.assertEqual(len(interchange.attempt_ids), 1)
            self.assertEqual(sorted(messages.mapped("position")), [0, 1, 2])
            self.assertEqual(interchange.state, "delivered")

    def test_the_attempt_is_seen_by_whoever_sees_the_payload(self):
        keys = self.enqueued(3)
        self.drain()
        with self.transaction() as env:
            interchange = env["interop.message"].search([("uuid", "in", keys)]).interchange_id
            seen = {}
            for name, areas in (("inside", [self.world["area"]]), ("outside", [])):
                person = new_test_user(
                    env, f"{name}-{self.tag}", groups="interop_base.group_operator"
                )
                person.interop_area_ids = [(6, 0, areas)]
                attempts = env["interop.attempt"].with_user(person)
                seen[name] = attempts.search_count([("interchange_id", "=", interchange.id)])
        self.assertEqual(seen, {"inside": 1, "outside": 0})

    def test_a_further_try_sends_the_same_payload_with_the_same_key(self):
        WIRE.script = lambda body, tries: fail("transient") if len(WIRE.seen) == 1 else None
        keys = self.enqueued(3)
        self.drain(1)
        self.assertEqual(self.states(keys), ["waiting"] * 3)
        # What came later does not slip into a payload that was seen already.
        later = self.enqueue("later")
        self.make_due()
        self.drain(2)
        again = [bodies for key, bodies in WIRE.seen if key == WIRE.seen[0][0]]
        self.assertEqual(len(again), 2)
        self.assertEqual(again[0], again[1])
        self.assertEqual(self.states([*keys, later]), ["done"] * 4)

    def test_what_is_left_of_a_payload_travels_afresh_when_a_person_took_one_out(self):
        WIRE.script = lambda body, tries: fail("transient") if len(WIRE.seen) == 1 else None
        keys = self.enqueued(3)
        self.drain(1)
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "=", keys[1])]).action_cancel("not wanted")
        self.make_due()
        self.drain(2)
        self.assertEqual(self.states(keys), ["done", "cancelled", "done"])
        (first, _all), (second, rest) = WIRE.seen
        self.assertNotEqual(first, second)
        self.assertEqual([body["number"] for body in rest], ["0", "2"])

    def test_the_partner_may_refuse_a_single_document(self):
        keys = self.enqueued(3)
        answer = {"documents": [{"position": 2, "status": "rejected", "reason": "Canary"}]}
        with self.answering(answer):
            self.drain()
        self.assertEqual(self.states(keys), ["done", "dead", "done"])
        kind, failure = self.look(keys[1], "failure_class", "failure")
        self.assertEqual(kind, "partner")
        self.assertNotIn("Canary", failure)
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", keys[0])])
            self.assertEqual(message.interchange_id.state, "mixed")
            self.assertEqual(message.interchange_id.attempt_ids.outcome, "ok")

    def test_a_document_that_cannot_be_shown_does_not_hold_up_the_payload(self):
        bodies = [{"number": "a"}, {"number": "b", "quantity": -1}, {"number": "c"}]
        keys = self.enqueue_many(bodies, [None] * 3)
        self.drain()
        self.assertEqual(self.states(keys), ["done", "dead", "done"])
        self.assertEqual(len(WIRE.seen), 1)

    def test_in_flight_counts_messages_and_ends_at_none(self):
        self.enqueued(7)
        self.drain()
        with self.transaction() as env:
            runtime = env["interop.connector.runtime"].search(
                [("connector_id", "=", self.world["connector"])]
            )
            self.assertEqual(runtime.in_flight, 0)

    def answering(self, document):
        send = type(WIRE).send

        def answer(wire, endpoint, outgoing):
            send(wire, endpoint, outgoing)
            return Reply(200, json.dumps(document).encode())

        return patch.object(type(WIRE), "send", answer)
