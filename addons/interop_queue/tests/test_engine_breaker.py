import threading
from datetime import datetime, timedelta

from ..engine import gates
from ..engine.lane import Lane
from ..engine.settle import settle
from ..engine.transaction import read_committed
from ..lib.work import Verdict
from .common import WIRE, fail
from .gates_common import GateCase


class TestEngineBreaker(GateCase):
    def setUp(self):
        super().setUp()
        self.act(self.secondary, "action_isolate", "only the primary is tested")

    def test_failures_in_a_row_open_it_and_nothing_more_leaves(self):
        WIRE.script = lambda body, tries: fail("transient")
        self.connector(max_in_flight=1)
        keys = [self.enqueue(f"A{number}") for number in range(6)]
        self.drain(2)
        self.assertEqual(len(WIRE.seen), 3)
        self.assertEqual(self.breaker(self.primary), "open")
        self.assertEqual(self.claimable(), 0)
        self.assertEqual(self.claim(), [])
        untouched = [self.look(key, "state", "attempts", "claims") for key in keys[3:]]
        self.assertEqual(untouched, [("ready", 0, 0)] * 3)

    def test_what_was_claimed_before_it_opened_is_given_back_and_burns_no_attempt(self):
        keys = [self.enqueue(f"B{number}") for number in range(4)]
        claimed = self.claim(slots=4)
        self.act(self.primary, "action_isolate", "while they are in hand")
        lane = Lane(self.registry, "gates")
        self.assertEqual(lane._prepare(claimed), [])
        self.assertEqual(
            [self.look(key, "state", "attempts", "claims") for key in keys], [("ready", 0, 0)] * 4
        )
        with read_committed(self.registry) as cr:
            cr.execute(
                "SELECT in_flight FROM interop_connector_runtime WHERE connector_id = %s",
                [self.world["connector"]],
            )
            self.assertEqual(cr.fetchone(), (0,))

    def test_a_refusal_or_a_throttle_says_nothing_against_an_endpoint(self):
        kinds = ["partner", "throttled", "data", "partner", "throttled"]
        WIRE.script = lambda body, tries: fail(kinds[int(body["number"][1:])])
        for number in range(5):
            self.enqueue(f"C{number}")
        self.drain(2)
        self.assertEqual(self.breaker(self.primary), "closed")

    def test_one_message_tries_and_its_success_lets_all_through(self):
        WIRE.script = lambda body, tries: fail("transient")
        for number in range(3):
            self.enqueue(f"D{number}")
        self.drain(1)
        WIRE.reset()
        keys = [self.enqueue(f"E{number}") for number in range(5)]
        self.time_comes(self.primary)
        [probe] = self.claim()
        self.assertEqual(probe.probe, self.primary)
        self.assertEqual(self.breaker(self.primary), "half_open")
        self.assertEqual(self.claim(), [], "a second probe")
        verdict = Verdict(probe, "done", exchanged=True, endpoint_id=self.primary)
        settle(self.registry, [verdict], "lane")
        self.assertEqual(self.breaker(self.primary), "closed")
        self.drain(2)
        self.assertEqual(self.states(keys), ["done"] * 5)
        self.assertEqual(
            self.acts()[-3:], ["breaker.opened", "breaker.half_open", "breaker.closed"]
        )

    def test_a_probe_that_fails_doubles_the_pause(self):
        WIRE.script = lambda body, tries: fail("transient")
        for number in range(4):
            self.enqueue(f"F{number}")
        self.drain(1)
        self.time_comes(self.primary)
        self.make_due()
        self.drain(2)
        with self.transaction() as env:
            runtime = env["interop.endpoint"].browse(self.primary).runtime_ids
            self.assertEqual((runtime.state, runtime.opened), ("open", 2))
            pause = runtime.open_until - runtime.changed_at
        self.assertGreater(pause, timedelta(seconds=55))

    def test_a_probe_whose_worker_dies_frees_its_place_with_its_lease(self):
        self.act(self.primary, "action_isolate", "to be tried")
        self.act(self.primary, "action_try_one")
        self.enqueue("G1")
        self.enqueue("G2")
        [lost] = self.claim(lease=-1)
        [next_one] = self.claim()
        self.assertEqual((lost.probe, next_one.probe), (self.primary, self.primary))
        late = Verdict(lost, "done", exchanged=True, endpoint_id=self.primary)
        settle(self.registry, [late], "dead")
        self.assertEqual(self.breaker(self.primary), "half_open", "the late one decides nothing")

    def test_a_probe_that_could_not_be_made_gives_its_place_to_another(self):
        self.act(self.primary, "action_isolate", "to be tried")
        self.act(self.primary, "action_try_one")
        bad, good = self.enqueue("H1", quantity=-1), self.enqueue("H2")
        self.drain(2)
        self.assertEqual(self.states([bad, good]), ["dead", "done"])
        self.assertEqual(self.breaker(self.primary), "closed")

    def test_many_lanes_at_once_let_one_message_try(self):
        self.act(self.primary, "action_isolate", "to be tried")
        for number in range(20):
            self.enqueue(f"I{number}")
        self.act(self.primary, "action_try_one")
        found, barrier = [], threading.Barrier(4)

        def look():
            barrier.wait()
            found.extend(self.claim())

        threads = [threading.Thread(target=look) for _number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(found), 1)

    def test_while_all_goes_well_nothing_is_written(self):
        def row():
            with read_committed(self.registry) as cr:
                cr.execute(
                    "SELECT xmin::text FROM interop_endpoint_runtime WHERE endpoint_id = %s",
                    [self.primary],
                )
                return cr.fetchone()

        before = row()
        for number in range(5):
            self.enqueue(f"J{number}")
        self.drain(1)
        self.assertEqual(len(WIRE.seen), 5)
        self.assertEqual(row(), before)

    def test_a_lane_behind_a_breaker_comes_back_when_it_may_try(self):
        self.act(self.primary, "action_isolate", "to be tried")
        self.enqueue("K1")
        self.assertIsNone(gates.seconds_to_gate(self.registry))
        self.act(self.primary, "action_try_one")
        with read_committed(self.registry) as cr:
            cr.execute(
                "UPDATE interop_endpoint_runtime SET open_until = timezone('utc', now()) + "
                "interval '40 s' WHERE endpoint_id = %s",
                [self.primary],
            )
        seconds = gates.seconds_to_gate(self.registry)
        self.assertTrue(30 < seconds <= 40, seconds)


class TestEngineFailover(GateCase):
    def test_messages_take_the_next_endpoint_and_the_primary_again_when_it_works(self):
        def script(body, tries):
            if self.went[-1] == "partner":
                fail("transient")

        WIRE.script = script
        self.connector(max_in_flight=1)
        keys = [
            self.enqueue(f"A{number}", chain=f"gate-{self.tag}-{number}") for number in range(6)
        ]
        self.drain(2)
        self.assertEqual(self.went, ["partner"] * 3 + ["second"] * 3)
        WIRE.script = lambda body, tries: None
        self.make_due()
        self.time_comes(self.primary)
        self.drain(2)
        self.assertEqual(self.states(keys), ["done"] * 6)
        self.assertEqual(self.breaker(self.primary), "closed")
        self.went.clear()
        self.enqueue("B")
        self.drain(1)
        self.assertEqual(self.went, ["partner"])

    def test_a_payload_goes_to_the_secondary_with_the_same_bytes_and_key(self):
        seen = []

        def noted(wire, endpoint, outgoing):
            seen.append((endpoint.url, outgoing.key, outgoing.payload))
            if "partner" in endpoint.url:
                fail("transient")

        type(WIRE).send = noted
        key = self.enqueue("C1")
        self.drain(1)
        with self.transaction() as env:
            env["interop.connector"].browse(self.world["connector"]).action_fail_over("it is down")
        self.make_due()
        self.drain(1)
        (first, *one), (second, *other) = seen
        self.assertEqual(one, other)
        self.assertEqual(one[0], key)
        self.assertNotEqual(first, second)
        with self.transaction() as env:
            env["interop.connector"].browse(self.world["connector"]).action_return()

    def test_an_address_that_is_gone_is_disabled_and_its_message_takes_the_next(self):
        def script(body, tries):
            if self.went[-1] == "partner":
                fail("partner", status=410)

        WIRE.script = script
        key = self.enqueue("D1")
        self.drain(1)
        self.assertEqual(self.breaker(self.primary), "disabled")
        self.assertEqual(self.look(key, "state", "attempts"), ("waiting", 0))
        self.drain(1)
        self.assertEqual(self.look(key, "state", "attempts"), ("done", 1))
        self.assertEqual(self.went, ["partner", "second"])
        self.assertIn("breaker.disabled", self.acts())

    def test_without_another_address_messages_of_one_that_is_gone_wait(self):
        self.act(self.secondary, "action_isolate", "only the primary is tested")
        WIRE.script = lambda body, tries: fail("partner", status=410)
        key = self.enqueue("E1")
        self.drain(1)
        self.drain(1)
        self.assertEqual(len(WIRE.seen), 1)
        self.assertIn(self.look(key, "state"), ("waiting", "ready"))
        WIRE.script = lambda body, tries: None
        self.act(self.primary, "action_close_breaker")
        self.drain(1)
        self.drain(1)
        self.assertEqual(self.look(key, "state"), "done")

    def test_a_version_that_knows_no_usable_endpoint_waits_and_does_not_spin(self):
        """The secondary is new and not published; the primary is out of use."""
        with self.transaction() as env:
            third = env["interop.endpoint"].create(
                {
                    "connector_id": self.world["connector"],
                    "name": "Third",
                    "url": "https://third.example/",
                    "sequence": 30,
                }
            )
            third_id = third.id
        self.act(self.primary, "action_isolate", "for a while")
        self.act(self.secondary, "action_isolate", "for a while")
        key = self.enqueue("F1")
        self.drain(1)
        self.assertEqual(self.look(key, "state", "attempts", "claims"), ("waiting", 0, 0))
        self.assertGreater(self.look(key, "run_at"), datetime.now() + timedelta(seconds=30))
        with self.transaction() as env:
            env["interop.endpoint"].browse(third_id).unlink()
