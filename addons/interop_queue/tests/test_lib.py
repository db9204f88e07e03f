import doctest
import json
import threading
import time

from odoo.tests.common import BaseCase

from odoo.addons.interop_base.lib.failures import InternalError, InteropError
from odoo.addons.interop_connector.lib.transport import Endpoint, Outgoing, Reply

from ..lib import glances, plan, retry, statements, totals, work
from ..lib.exchange import ExchangePool
from ..lib.retry import Exponential, Never, Retry


class TestRetry(BaseCase):
    def test_the_examples_in_the_text_hold(self):
        for module in (glances, retry, statements, totals):
            self.assertEqual(doctest.testmod(module).failed, 0)

    def test_pauses_grow_to_the_cap_and_never_beyond(self):
        strategy = Exponential(jitter=0, max_attempts=100)
        pauses = [strategy.delay(Retry("transient", n)) for n in range(1, 40)]
        self.assertEqual(pauses, sorted(pauses))
        self.assertEqual(pauses[-1], 6 * 3600)

    def test_only_temporary_failures_are_tried_again(self):
        for kind in ("partner", "data", "policy", "business", "uncertain", "internal"):
            self.assertIsNone(Exponential().delay(Retry(kind, 1)), kind)
        self.assertIsNone(Never().delay(Retry("transient", 1)))

    def test_a_throttle_is_never_shorter_than_asked(self):
        for asked in (1, 30, 5000):
            for _try in range(50):
                pause = Exponential().delay(Retry("throttled", 0, retry_after=asked))
                self.assertGreaterEqual(pause, asked)

    def test_a_message_that_is_too_old_is_given_up(self):
        old = Retry("transient", 1, age=4 * 24 * 3600)
        self.assertIsNone(Exponential().delay(old))


class _Wire:
    code = "wire"

    def __init__(self, pause):
        self.pause, self.running, self.most, self.lock = pause, 0, 0, threading.Lock()

    def send(self, endpoint, outgoing):
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        time.sleep(self.pause)
        with self.lock:
            self.running -= 1
        if outgoing.key == "bad":
            raise RuntimeError("canary value")
        return Reply(200, b"")


class TestExchangePool(BaseCase):
    def prepared(self, wire, key):
        message = work.Claimed(*([None] * 22))
        endpoint = Endpoint("default", "https://partner.example/")
        return work.Prepared([message], wire, endpoint, Outgoing(key, b""), Never())

    def test_it_runs_as_many_at_once_as_it_has_slots_and_returns_all(self):
        wire = _Wire(0.02)
        done = []
        with ExchangePool(4) as pool:
            pool.submit([self.prepared(wire, str(n)) for n in range(4)])
            self.assertEqual(pool.free, 0)
            while pool.busy:
                done += pool.finished(1)
        self.assertEqual(len(done), 4)
        self.assertEqual(wire.most, 4)

    def test_nothing_but_an_outcome_comes_out_and_it_quotes_nothing(self):
        with ExchangePool(1) as pool:
            pool.submit([self.prepared(_Wire(0), "bad")])
            [ended] = pool.finished(5)
        self.assertIsInstance(ended.error, InternalError)
        self.assertNotIn("canary", ended.error.sentence)
        self.assertNotIn("canary", repr(ended))


class TestPlan(BaseCase):
    def test_a_version_of_another_format_is_refused_with_a_sentence(self):
        with self.assertRaises(InteropError) as caught:
            plan.compile_plan("d", json.dumps({"format": 99}))
        self.assertIn("publish the flow anew", caught.exception.sentence)
