import unittest

from hypothesis import given
from hypothesis import strategies as st

from ..lib.quota import TRUST_SECONDS, AddressBound, Limits, Tokens, take

RATES = st.integers(1, 10_000)
DELIVERIES = st.lists(st.tuples(st.floats(0, 120), st.integers(0, 10**6)), max_size=80)


class TestTake(unittest.TestCase):
    def test_without_limits_everything_comes_in_and_nothing_is_counted(self):
        taken = take(Limits(), Tokens(), 0, 10**9)
        self.assertEqual((taken.wait, taken.tokens), (None, Tokens()))
        self.assertFalse(Limits(backlog=5, max_bytes=5, networks="10.0.0.0/8").counts)

    def test_a_burst_comes_in_and_the_next_one_waits_for_its_token(self):
        limits, tokens = Limits(rate=60, burst=3), Tokens()
        for _ in range(3):
            taken = take(limits, tokens, 0, 1)
            self.assertIsNone(taken.wait)
            tokens = taken.tokens
        refused = take(limits, tokens, 0, 1)
        self.assertEqual((refused.wait, refused.reason), (1.0, "rate"))
        self.assertIsNone(take(limits, refused.tokens, 1.0, 1).wait)

    def test_without_a_burst_it_is_what_ten_seconds_bring(self):
        self.assertEqual(Limits(rate=60).most_at_once, 10)
        self.assertEqual(Limits(rate=1).most_at_once, 1)

    def test_a_payload_larger_than_a_minute_comes_in_when_it_is_quiet_and_is_made_up_for(self):
        limits = Limits(bytes_rate=600)
        first = take(limits, Tokens(), 0, 1200)
        self.assertIsNone(first.wait)
        second = take(limits, first.tokens, 0, 10)
        self.assertEqual((second.wait, second.reason), (61.0, "bytes"))
        self.assertIsNone(take(limits, second.tokens, 61, 10).wait)

    def test_a_clock_that_goes_back_fills_nothing(self):
        limits = Limits(rate=60, burst=1)
        empty = take(limits, Tokens(), 0, 1).tokens
        self.assertEqual(take(limits, empty, -3600, 1).wait, 1.0)

    def test_a_limit_that_is_lowered_counts_at_once(self):
        taken = take(Limits(rate=60, burst=2), Tokens(deliveries=1000.0), 0, 1)
        self.assertEqual(taken.tokens.deliveries, 1.0)

    @given(RATES, st.integers(0, 500), DELIVERIES)
    def test_never_more_comes_in_than_the_burst_and_the_rate_allow(self, rate, burst, deliveries):
        limits, tokens = Limits(rate=rate, burst=burst), Tokens()
        took, clock = 0, 0.0
        for elapsed, size in deliveries:
            clock += elapsed
            taken = take(limits, tokens, elapsed, size)
            tokens, took = taken.tokens, took + (taken.wait is None)
        self.assertLessEqual(took, limits.most_at_once + clock * rate / 60 + 1e-6)

    @given(RATES, DELIVERIES)
    def test_bytes_over_time_stay_within_a_minute_one_payload_and_the_rate(self, rate, deliveries):
        limits, tokens = Limits(bytes_rate=rate), Tokens()
        took, clock, largest = 0, 0.0, 0
        for elapsed, size in deliveries:
            clock += elapsed
            largest = max(largest, size)
            taken = take(limits, tokens, elapsed, size)
            tokens, took = taken.tokens, took + (size if taken.wait is None else 0)
        self.assertLessEqual(took, rate + largest + clock * rate / 60 + 1e-3)

    @given(RATES, st.integers(0, 50), st.integers(0, 10_000), DELIVERIES)
    def test_whoever_waits_as_long_as_asked_comes_in(self, rate, burst, bytes_rate, deliveries):
        limits, tokens = Limits(rate=rate, burst=burst, bytes_rate=bytes_rate), Tokens()
        for elapsed, size in deliveries:
            taken = take(limits, tokens, elapsed, size)
            tokens = taken.tokens
            if taken.wait is not None:
                self.assertGreater(taken.wait, 0)
                again = take(limits, tokens, taken.wait + 1e-6 * (1 + taken.wait), size)
                self.assertIsNone(again.wait)

    @given(RATES, st.integers(0, 10**6))
    def test_what_is_refused_takes_nothing(self, rate, size):
        limits = Limits(rate=rate, bytes_rate=rate)
        before = Tokens(0.0, 10.0)
        taken = take(limits, before, 0, size)
        self.assertEqual(taken.tokens, Tokens(0.0, min(10.0, float(rate))))
        self.assertIsNotNone(taken.wait)


class TestAddressBound(unittest.TestCase):
    def test_an_address_that_cannot_sign_is_not_listened_to_for_a_while(self):
        bound = AddressBound()
        for _ in range(60):
            self.assertIsNone(bound.wait(1, "192.0.2.1", 60, 0.0))
            bound.note(1, "192.0.2.1", 60, 0.0)
        self.assertAlmostEqual(bound.wait(1, "192.0.2.1", 60, 0.0), 1.0)
        self.assertIsNone(bound.wait(1, "192.0.2.1", 60, 1.0))
        self.assertIsNone(bound.wait(1, "192.0.2.2", 60, 0.0), "another address")
        self.assertIsNone(bound.wait(2, "192.0.2.1", 60, 0.0), "another connector")
        self.assertIsNone(bound.wait(1, "192.0.2.1", 0, 0.0), "no limit")

    def test_the_partner_behind_the_same_address_is_listened_to(self):
        bound = AddressBound()
        bound.trust(1, "a", 0.0)
        for _ in range(500):
            bound.note(1, "a", 60, 1.0)
        self.assertIsNone(bound.wait(1, "a", 60, 1.0))
        for _ in range(60):
            bound.note(1, "a", 60, TRUST_SECONDS)
        self.assertIsNotNone(bound.wait(1, "a", 60, TRUST_SECONDS), "no longer")

    def test_it_remembers_no_more_addresses_than_it_has_room_for(self):
        bound = AddressBound(most=10)
        for number in range(1000):
            bound.note(1, str(number), 60, 0.0)
            bound.trust(1, str(number), 0.0)
        self.assertEqual((len(bound._buckets), len(bound._trusted)), (10, 10))
