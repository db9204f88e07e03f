import random
import threading
import time
from collections import defaultdict

from ..engine import maintenance
from .common import WIRE, EngineCase, fail


class TestEngineChain(EngineCase):
    def test_messages_of_a_chain_leave_one_after_the_other(self):
        keys = self.enqueue_many([{"number": str(n)} for n in range(5)], ["PO1"] * 5)
        WIRE.script = lambda body, tries: time.sleep(0.01)
        self.drain()
        self.assertEqual(WIRE.numbers, ["0", "1", "2", "3", "4"])
        self.assertEqual(WIRE.most, 1)
        self.assertEqual(self.states(keys), ["done"] * 5)

    def test_a_failing_head_holds_its_own_chain_and_no_other(self):
        WIRE.script = lambda body, tries: fail("partner") if body["number"] == "a1" else None
        bodies = [{"number": n} for n in ("a1", "a2", "b1", "b2")]
        keys = self.enqueue_many(bodies, ["a", "a", "b", "b"])
        self.drain(2)
        self.assertEqual(self.states(keys), ["dead", "waiting", "done", "done"])
        self.assertTrue(self.look(keys[1], "parked"))
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "=", keys[0])]).action_cancel("not wanted")
        self.drain(2)
        self.assertEqual(self.states(keys), ["cancelled", "done", "done", "done"])

    def test_a_redriven_head_goes_before_those_that_wait_behind_it(self):
        WIRE.script = lambda body, tries: (
            fail("partner") if body["number"] == "1" and tries == 1 else None
        )
        keys = self.enqueue_many([{"number": str(n)} for n in (1, 2, 3)], ["c"] * 3)
        self.drain(2)
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "=", keys[0])]).action_redrive()
        self.drain(2)
        self.assertEqual(WIRE.numbers, ["1", "1", "2", "3"])

    def test_a_later_message_does_not_overtake_one_that_waits_for_its_retry(self):
        WIRE.script = lambda body, tries: (
            fail("transient") if body["number"] == "1" and tries == 1 else None
        )
        keys = self.enqueue_many([{"number": "1"}, {"number": "2"}], ["d", "d"])
        self.drain(1)
        self.assertEqual(self.states(keys), ["waiting", "waiting"])
        self.make_due()
        self.drain(2)
        self.assertEqual(WIRE.numbers, ["1", "1", "2"])

    def test_lanes_at_work_together_never_run_two_of_a_chain_and_keep_its_order(self):
        chains = 12
        running = defaultdict(int)
        overlaps = []
        lock = threading.Lock()

        def script(body, tries):
            chain = body["number"].split("-")[0]
            with lock:
                running[chain] += 1
                overlaps.append(running[chain])
            time.sleep(random.uniform(0, 0.004))
            with lock:
                running[chain] -= 1

        WIRE.script = script
        bodies, names = [], []
        for n in range(120):
            bodies.append({"number": f"{n % chains}-{n // chains:02}"})
            names.append(f"chain {n % chains}")
        keys = self.enqueue_many(bodies, names)
        lanes = [threading.Thread(target=self.drain) for _lane in range(3)]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
        self.drain()
        self.assertEqual(set(self.states(keys)), {"done"})
        self.assertEqual(len(WIRE.seen), 120)
        self.assertEqual(max(overlaps), 1)
        for chain in range(chains):
            mine = [number for number in WIRE.numbers if number.startswith(f"{chain}-")]
            self.assertEqual(mine, sorted(mine))

    def test_a_parked_head_that_a_dying_worker_forgot_is_let_go(self):
        keys = self.enqueue_many([{"number": "1"}], ["e"])
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_message SET state = 'waiting', parked = TRUE WHERE uuid = %s", keys
            )
        self.drain(1)
        self.assertEqual(self.states(keys), ["waiting"])
        self.assertEqual(maintenance.release_forgotten(self.registry), 1)
        self.drain(1)
        self.assertEqual(self.states(keys), ["done"])
