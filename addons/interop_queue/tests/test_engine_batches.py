import json
import threading
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError

from ..engine import batches
from ..engine.transaction import read_committed
from .batch_common import BatchCase
from .common import WIRE, fail


class TestEngineBatches(BatchCase):
    """Documents gather and leave as one payload, by number, by schedule or when asked."""

    def test_what_is_gathered_does_not_leave_before_its_departure(self):
        keys = self.gather(3)
        self.drain()
        self.assertEqual(self.states(keys), ["waiting"] * 3)
        self.assertEqual(WIRE.seen, [])

    def test_a_full_batch_leaves_at_once_and_the_rest_goes_on_gathering(self):
        keys = self.gather(7)
        self.drain()
        self.assertEqual(self.sent(), [["0", "1", "2", "3", "4"]])
        self.assertEqual(self.states(keys), ["done"] * 5 + ["waiting"] * 2)
        self.assertEqual(self.batches("state", "document_count"), [("delivered", 5)])

    def test_what_is_gathered_leaves_when_a_person_asks_for_it(self):
        keys = self.gather(2)
        self.cut_now()
        self.drain()
        self.assertEqual(self.states(keys), ["done"] * 2)
        later = self.gather(1)
        self.drain()
        self.assertEqual(self.states(later), ["waiting"])

    def test_what_was_gathered_before_a_departure_leaves_with_it(self):
        self.publish(batch_minutes=1440)
        keys = self.gather(2)
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_message SET created_at = created_at - interval '25 hours' "
                "WHERE uuid = ANY (%s)",
                [keys],
            )
        self.drain()
        self.assertEqual(self.states(keys), ["done"] * 2)

    def test_totals_are_exact_and_kept_with_the_batch(self):
        self.gather(5)
        self.drain()
        [(totals, told)] = self.batches("totals", "totals_told")
        self.assertEqual(json.loads(totals), {"quantity": {"": "15"}})
        self.assertIn("quantity: 15", told)

    def test_one_of_a_chain_goes_with_each_batch(self):
        keys = self.gather(4, ["a", "a", "a", "b"])
        self.cut_now()
        self.drain()
        self.assertEqual(self.states(keys), ["done", "waiting", "waiting", "done"])
        self.cut_now()
        self.drain()
        self.cut_now()
        self.drain()
        self.assertEqual(self.sent(), [["0", "3"], ["1"], ["2"]])

    def test_a_bad_document_goes_dead_alone(self):
        keys = self.gather(4)
        [bad] = self.gather(1, quantity=-1)
        self.drain()
        self.assertEqual(self.states([*keys, bad]), ["done"] * 4 + ["dead"])
        self.assertEqual(
            self.batches("state", "member_count", "document_count", "delivered_count"),
            [("partly", 5, 4, 4)],
        )

    def test_what_could_not_be_made_goes_with_a_later_batch_when_it_is_run_again(self):
        self.gather(4)
        [bad] = self.gather(1, quantity=-1)
        self.drain()
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "=", bad)]).action_redrive()
        self.assertEqual(self.look(bad, "state", "held"), ("waiting", "batch"))
        self.assertFalse(self.look(bad, "batch_id"))
        self.assertEqual(self.batches("state"), [("partly",)])

    def test_the_partner_may_refuse_a_single_document_of_it(self):
        keys = self.gather(5)
        answer = {"documents": [{"position": 2, "status": "rejected", "reason": "Canary"}]}
        with self.answering(answer):
            self.drain()
        self.assertEqual(self.states(keys).count("dead"), 1)
        self.assertEqual(self.batches("state", "delivered_count"), [("partly", 4)])

    def test_a_further_try_sends_the_same_payload_under_the_same_key(self):
        WIRE.script = lambda body, tries: fail("transient") if len(WIRE.seen) == 1 else None
        keys = self.gather(5)
        self.drain(1)
        self.assertEqual(self.states(keys), ["waiting"] * 5)
        self.assertEqual(self.batches("state"), [("leaving",)])
        more = self.gather(2)
        self.cut_now()
        self.make_due()
        self.drain(2)
        first = WIRE.seen[0][0]
        self.assertEqual(len([key for key, _body in WIRE.seen if key == first]), 2)
        self.assertEqual(self.states(keys + more), ["done"] * 7)

    def test_an_uncertain_batch_run_again_keeps_its_payload_and_its_key(self):
        WIRE.script = lambda body, tries: fail("uncertain") if tries == 1 else None
        keys = self.gather(5)
        self.drain()
        self.assertEqual(self.states(keys), ["dead"] * 5)
        with self.assertRaises(UserError):
            self.act("action_return", "to be sent anew")
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "in", keys)]).action_redrive()
        self.drain()
        self.assertEqual(self.states(keys), ["done"] * 5)
        (first, said), (second, again) = WIRE.seen
        self.assertEqual((first, said), (second, again))

    def test_a_part_of_an_uncertain_batch_is_not_sent_under_another_key(self):
        WIRE.script = lambda body, tries: fail("uncertain") if tries == 1 else None
        keys = self.gather(5)
        self.drain()
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "in", keys[:2])]).action_redrive()
        self.drain()
        self.assertEqual(self.states(keys), ["dead"] * 5)
        self.assertEqual(len(WIRE.seen), 1)

    def test_a_failed_batch_can_be_cut_anew(self):
        WIRE.script = lambda body, tries: fail("partner") if len(WIRE.seen) == 1 else None
        keys = self.gather(5)
        self.drain()
        self.assertEqual(self.batches("state"), [("failed",)])
        self.assertEqual(self.act("action_return", "the address was wrong"), 5)
        self.drain()
        self.assertEqual(self.states(keys), ["done"] * 5)
        (first, said), (second, again) = WIRE.seen
        self.assertNotEqual(first, second)
        self.assertEqual(said, again)
        self.assertEqual(self.batches("state"), [("cancelled",), ("delivered",)])

    def test_two_processes_at_once_never_cut_twice(self):
        keys = self.gather(40)
        with self.transaction() as env:
            flows = env["interop.flow"]._batching()
        barrier = threading.Barrier(4)

        def cut():
            barrier.wait()
            batches.depart(self.registry, "test", flows)

        threads = [threading.Thread(target=cut) for _number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.batches("member_count"), [(5,)] * 8)
        self.drain()
        self.assertEqual(self.states(keys), ["done"] * 40)
        self.assertEqual(
            sorted(n for sent in self.sent() for n in sent), sorted(map(str, range(40)))
        )

    def test_what_is_gathered_leaves_by_itself_when_the_flow_gathers_no_more(self):
        keys = self.gather(2)
        self.publish(mode="realtime", batch_size=1)
        with read_committed(self.registry) as cr, self.transaction() as env:
            batches.ungather(cr, env["interop.flow"]._batching())
        self.drain()
        self.assertEqual(self.states(keys), ["done"] * 2)
        self.publish(mode="batch", batch_size=5)


class TestEngineBatchRelease(BatchCase):
    """A sealed batch leaves only when a person has released it, and exactly as it was sealed."""

    settings = {"batch_release": True}

    def awaited(self):
        keys = self.gather(5)
        self.drain()
        self.assertEqual(self.batches("state"), [("awaiting_release",)])
        self.assertEqual(self.states(keys), ["waiting"] * 5)
        self.assertEqual(WIRE.seen, [])
        return keys

    def test_nothing_leaves_before_its_release(self):
        self.awaited()
        self.make_due()
        self.drain()
        self.assertEqual(WIRE.seen, [])
        [(due, totals, digest)] = self.batches("release_due_at", "totals", "digest")
        self.assertGreater(due, fields.Datetime.now() + timedelta(hours=3))
        self.assertEqual(json.loads(totals), {"quantity": {"": "15"}})
        self.assertTrue(digest)

    def test_what_leaves_is_what_was_released(self):
        keys = self.awaited()
        [(digest,)] = self.batches("digest")
        self.act("action_release", digest, "checked")
        self.drain()
        self.assertEqual(self.states(keys), ["done"] * 5)
        [(state, sealed, payload)] = self.batches("state", "digest", "interchange_id")
        self.assertEqual((state, sealed), ("delivered", digest))
        with self.transaction() as env:
            interchange = env["interop.interchange"].browse(payload.id)
            self.assertEqual((interchange.digest, interchange.state), (digest, "delivered"))
            self.assertEqual(interchange.idempotency_key, WIRE.seen[0][0])

    def test_a_release_of_another_payload_is_refused(self):
        self.awaited()
        with self.assertRaises(UserError):
            self.act("action_release", "something else", "checked")

    def test_a_batch_from_which_a_document_was_taken_is_not_released(self):
        keys = self.awaited()
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "=", keys[0])]).action_cancel("not wanted")
        [(digest,)] = self.batches("digest")
        with self.assertRaises(UserError):
            self.act("action_release", digest, "checked")

    def test_a_document_taken_out_after_the_release_brings_it_back_to_the_person(self):
        keys = self.awaited()
        [(digest,)] = self.batches("digest")
        self.act("action_release", digest, "checked")
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "=", keys[0])]).action_cancel("not wanted")
        self.drain()
        self.assertEqual(WIRE.seen, [])
        [(state, totals, released)] = self.batches("state", "totals", "released_at")
        self.assertEqual((state, released), ("awaiting_release", False))
        self.assertEqual(json.loads(totals), {"quantity": {"": "14"}})

    def test_a_batch_sent_back_is_gathered_again_and_leaves_under_a_new_key(self):
        keys = self.awaited()
        self.act("action_return", "the sum is wrong")
        self.assertEqual(self.batches("state"), [("cancelled",)])
        self.drain()
        self.assertEqual(self.batches("state"), [("cancelled",), ("awaiting_release",)])
        [_first, (digest,)] = self.batches("digest")
        self.act("action_release", digest)
        self.drain()
        self.assertEqual(self.states(keys), ["done"] * 5)
        self.assertEqual(self.sent(), [["0", "1", "2", "3", "4"]])
