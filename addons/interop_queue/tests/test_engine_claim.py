from unittest.mock import patch

import psycopg2

from ..engine import lane as lane_module
from ..engine import maintenance, outbound
from ..engine.claim import SUSPECT, Floors, Wanted, claim, claim_suspect
from ..engine.giving_back import expire, give_back
from ..engine.lane import Lane
from ..engine.settle import settle
from ..engine.worker import Settings, Worker
from ..lib.exchange import ExchangePool
from ..lib.work import Verdict
from .common import WIRE, EngineCase


class ClaimCase(EngineCase):
    def in_flight(self):
        with self.transaction() as env:
            runtime = env["interop.connector.runtime"]
            return runtime.search([("connector_id", "=", self.world["connector"])]).in_flight

    def change(self, keys, **values):
        with self.transaction() as env:
            for name, value in values.items():
                env.cr.execute(
                    f"UPDATE interop_message SET {name} = %s WHERE uuid = ANY (%s)", [value, keys]
                )

    def lose(self, messages):
        """Their worker died: the reaper takes them back."""
        expire(self.registry, messages)
        maintenance.reap(self.registry)


class TestWhatIsClaimed(ClaimCase):
    def test_a_specialised_lane_takes_nothing_of_other_connectors(self):
        key = self.enqueue("s1")
        self.assertEqual(self.claim(connectors=(self.world["connector"] + 1000,)), [])
        [claimed] = self.claim(connectors=(self.world["connector"],))
        self.assertEqual(claimed.uuid, key)

    def test_a_lane_takes_no_more_bytes_than_its_budget_but_always_one_message(self):
        keys = [self.enqueue(f"b{n}") for n in range(3)]
        self.change(keys, size=1000)
        self.assertEqual(len(self.claim(bytes=10)), 1)
        self.assertEqual(len(self.claim(bytes=1500)), 1)
        self.assertEqual(len(self.claim(bytes=5000)), 1)

    def test_one_connector_never_has_more_of_a_lane_than_its_cap(self):
        self.enqueue_many([{"number": str(n)} for n in range(6)], [None] * 6)
        connector = self.world["connector"]
        self.assertEqual(len(self.claim(slots=6, cap=3, in_hand={connector: 1})), 2)
        self.assertEqual(self.claim(slots=4, cap=3, in_hand={connector: 3}), [])

    def test_followers_of_a_long_chain_do_not_stand_in_the_way_of_others(self):
        self.enqueue_many([{"number": str(n)} for n in range(200)], ["long"] * 200)
        other = self.enqueue("other", chain="short")
        taken = self.claim(slots=2)
        self.assertIn(other, [message.uuid for message in taken])
        self.assertEqual(len(taken), 2)

    def test_the_floor_is_a_hint_and_a_full_look_finds_what_lies_below(self):
        first = self.enqueue("below")
        self.enqueue("above")
        with self.transaction() as env:
            above = max(env["interop.message"].search([]).ids)
        floors = Floors({self.world["connector"]: (100, above)}, in_use=True)
        floors.looked_fully_at = float("inf")  # no full look is due
        wanted = Wanted("out", "test", 5, 60.0)
        [taken] = claim(self.registry, "lane", wanted, floors)
        self.assertNotEqual(taken.uuid, first)
        floors.looked_fully_at = 0.0
        [taken] = claim(self.registry, "lane", wanted, floors)
        self.assertEqual(taken.uuid, first)


class TestInFlight(ClaimCase):
    def test_the_number_in_flight_follows_every_way_of_a_message(self):
        self.enqueue_many([{"number": str(n)} for n in range(4)], [None] * 4)
        one, two, three, four = self.claim(slots=4)
        self.assertEqual(self.in_flight(), 4)
        settle(self.registry, [Verdict(one, "done")], "lane")
        self.assertEqual(self.in_flight(), 3)
        give_back(self.registry, [two])
        self.assertEqual(self.in_flight(), 2)
        self.lose([three, four])
        self.assertEqual(self.in_flight(), 0)

    def test_a_number_that_other_hands_made_wrong_is_mended(self):
        self.enqueue("m1")
        self.claim()
        with self.transaction() as env:
            env.cr.execute("UPDATE interop_connector_runtime SET in_flight = 77")
        with self.assertLogs("odoo.addons.interop_queue.engine.maintenance", "WARNING"):
            maintenance.recount(self.registry)
        self.assertEqual(self.in_flight(), 1)


class TestLosses(ClaimCase):
    def test_a_message_that_lost_its_worker_twice_is_run_alone(self):
        suspect, innocent = self.enqueue("suspect"), self.enqueue("innocent")
        self.change([suspect], losses=SUSPECT)
        wanted = Wanted("out", "test", 5, 60.0)
        taken = claim(self.registry, "lane", wanted)
        self.assertEqual([message.uuid for message in taken], [innocent])
        taken = claim_suspect(self.registry, "lane", wanted)
        self.assertEqual([message.uuid for message in taken], [suspect])

    def test_a_lane_that_goes_on_brings_suspects_to_their_end_too(self):
        keys = [self.enqueue(f"l{n}") for n in range(4)]
        self.change(keys[:2], losses=SUSPECT)
        self.drain()
        self.assertEqual(self.states(keys), ["done"] * 4)

    def test_what_a_dead_worker_had_prepared_leaves_as_it_was(self):
        key = self.enqueue("p1")
        claimed = self.claim()
        [prepared], _verdicts = outbound.prepare(self.registry, claimed)
        self.lose(claimed)
        self.drain()
        [(sent_key, _body)] = WIRE.seen
        self.assertEqual(sent_key, key)
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", key)])
            self.assertEqual(message.interchange_id.id, prepared.interchange_id)
            self.assertEqual((message.losses, message.attempts, message.claims), (1, 1, 2))

    def test_a_lane_that_found_nothing_spares_its_claims_until_something_is_ready(self):
        with self.transaction() as env:  # what tests of other flows have left
            env.cr.execute("UPDATE interop_message SET state = 'cancelled' WHERE state = 'ready'")
        lane = Lane(self.registry, "quiet", slots=2)
        self.assertTrue(lane.open())
        with (
            ExchangePool(2) as pool,
            patch.object(lane_module, "claim", wraps=lane_module.claim) as claims,
        ):
            self.assertEqual(lane.work(pool), 0)
            self.assertFalse(lane.is_quiet)
            claims.reset_mock()
            lane._staged_at = -lane_module.STAGE_EVERY  # a second later
            self.assertEqual(lane.work(pool), 0)
            self.assertTrue(lane.is_quiet)
            # Woken at once: what is due by time was not looked at, so it looks again soon.
            self.assertEqual(lane.work(pool), 0)
            self.assertFalse(lane.is_quiet)
            claims.assert_not_called()
            key = self.enqueue("q1")
            self.assertEqual(lane.work(pool), 1)
            self.assertFalse(lane.is_quiet)
            while pool.busy:
                lane.collect(pool, worked=False)
        self.assertEqual(self.look(key, "state"), "done")

    def test_outcomes_that_could_not_be_written_are_written_later(self):
        key = self.enqueue("o1")
        lane = Lane(self.registry, "patient", slots=2)
        self.assertTrue(lane.open())
        with ExchangePool(2) as pool:
            self.assertEqual(lane.work(pool), 1)
            with patch.object(lane_module, "settle", side_effect=psycopg2.OperationalError):
                with self.assertRaises(psycopg2.OperationalError):
                    while not lane.unsettled:
                        lane.collect(pool, worked=False)
            self.assertEqual(self.look(key, "state"), "running")
            lane.collect(pool, worked=False)
        self.assertEqual(self.look(key, "state"), "done")
        self.assertEqual(len(WIRE.seen), 1)


class TestWorker(ClaimCase):
    def worker(self):
        worker = Worker(Settings(self.registry.db_name, "tested", slots=4))
        self.addCleanup(worker._finish)
        return worker

    def turns(self, worker, number=6):
        for _turn in range(number):
            worker._looked_at = 0.0  # look around in each turn
            worker._turn()

    def mark(self, state):
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE ir_module_module SET state = %s WHERE name = 'interop_queue'", [state]
            )

    def test_a_worker_pauses_while_modules_change_and_goes_on_afterwards(self):
        self.mark("to upgrade")
        self.addCleanup(self.mark, "installed")
        worker = self.worker()
        key = self.enqueue("w1")
        self.turns(worker, 2)
        self.assertEqual(self.look(key, "state"), "ready")
        self.mark("installed")
        self.turns(worker)
        self.assertEqual(self.look(key, "state"), "done")

    def test_a_worker_follows_a_registry_that_changes(self):
        worker = self.worker()
        self.turns(worker, 1)
        with self.transaction() as env:
            env.registry.registry_invalidated = True
        key = self.enqueue("w2")
        self.turns(worker)
        self.assertEqual(self.look(key, "state"), "done")

    def test_a_worker_shows_in_the_list_of_lanes_and_has_ended_when_it_ended(self):
        worker = self.worker()
        self.turns(worker, 1)
        with self.transaction() as env:
            lane = env["interop.lane"].search([("name", "=", "tested")])
            self.assertEqual((lane.kind, lane.slots, bool(lane.pid)), ("dedicated", 4, True))
        worker._finish()
        with self.transaction() as env:
            lane = env["interop.lane"].search([("name", "=", "tested")])
            self.assertGreaterEqual(lane.last_ended_at, lane.last_started_at)
