"""The thread beside a lane in which outcomes are written."""

import threading
from unittest.mock import patch

import psycopg2

from odoo.tests.common import BaseCase

from ..engine import lane as lane_module
from ..engine.lane import Lane
from ..engine.settler import Settler
from ..engine.transaction import is_lost
from ..lib.exchange import ExchangePool
from .common import WIRE, EngineCase


class TestSettler(EngineCase):
    def setUp(self):
        super().setUp()
        self.settler = Settler()
        self.addCleanup(self.settler.close)

    def lane(self):
        lane = Lane(self.registry, "beside", slots=8)
        self.assertTrue(lane.open())
        lane.settler = self.settler
        return lane

    def settled(self, lane, pool, count, turns=200):
        """Turn until so many are handled; whether they were."""
        for _turn in range(turns):
            lane.turn(pool)
            if lane.report.handled >= count and not lane.unsettled:
                return True
            lane.collect(pool, worked=False, patience=0.05)
        return False

    def test_everything_is_settled_and_successors_follow(self):
        keys = [self.enqueue(f"S{number}", chain=f"c{number % 3}") for number in range(12)]
        with ExchangePool(8) as pool:
            self.assertTrue(self.settled(self.lane(), pool, 12))
        self.assertEqual(set(self.states(keys)), {"done"})
        for chain in range(3):
            mine = [number for number in WIRE.numbers if int(number[1:]) % 3 == chain]
            self.assertEqual(mine, sorted(mine, key=lambda number: int(number[1:])))

    def test_the_next_round_is_prepared_while_one_is_written(self):
        release, begun = threading.Event(), threading.Event()
        settle = lane_module.settle

        def slow(registry, verdicts, name):
            if verdicts:
                begun.set()
                self.assertTrue(release.wait(20))
            return settle(registry, verdicts, name)

        first = self.enqueue("S1")
        with ExchangePool(8) as pool, patch.object(lane_module, "settle", slow):
            lane = self.lane()
            while not begun.is_set():
                lane.work(pool)
                lane.collect(pool, worked=False, patience=0.05)
            self.assertEqual(lane.being_settled, 1)
            second = self.enqueue("S2")
            while WIRE.numbers != ["S1", "S2"]:
                if not pool.busy:
                    pool.submit(lane._prepare(self.claim(name_of(lane), slots=1)))
            self.assertEqual(self.look(first, "state"), "running", "nothing is written yet")
            release.set()
            self.assertTrue(self.settled(lane, pool, 2))
        self.assertEqual(self.states([first, second]), ["done", "done"])

    def test_what_could_not_be_written_is_kept_and_written_later(self):
        key = self.enqueue("S1")
        lost = psycopg2.OperationalError("gone")
        with ExchangePool(8) as pool:
            lane = self.lane()
            lane.work(pool)
            with patch.object(lane_module, "settle", side_effect=lost):
                with self.assertRaises(psycopg2.OperationalError):
                    for _turn in range(100):
                        lane.collect(pool, worked=False, patience=0.05)
            self.assertEqual(lane.unsettled, 1)
            self.assertEqual(self.look(key, "state"), "running")
            self.assertTrue(self.settled(lane, pool, 1))
        self.assertEqual(self.look(key, "state"), "done")
        self.assertEqual(WIRE.numbers, ["S1"], "sent once")


def name_of(lane):
    return lane.name


class TestLost(BaseCase):
    def test_a_connection_that_died_is_told_from_what_a_statement_did_wrong(self):
        for lost in (
            psycopg2.OperationalError("gone"),
            psycopg2.InterfaceError("closed"),
            psycopg2.DatabaseError("server closed the connection unexpectedly"),
        ):
            self.assertTrue(is_lost(lost), type(lost))
        for other in (psycopg2.DataError("bad"), psycopg2.errors.SerializationFailure("again")):
            self.assertFalse(is_lost(other), type(other))
