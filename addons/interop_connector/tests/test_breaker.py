import doctest
import unittest

from hypothesis import given
from hypothesis import strategies as st

from ..lib.traffic import breaker
from ..lib.traffic.breaker import CLOSED, HALF_OPEN, OPEN, Breaker, Thresholds

THRESHOLDS = st.builds(
    Thresholds,
    failures=st.integers(0, 10),
    rate=st.integers(0, 100),
    window=st.integers(1, 30),
    wait=st.floats(1, 600),
    wait_most=st.floats(1, 3600),
)


def after(calls, thresholds):
    state = Breaker()
    for failed in calls:
        state = state.after_call(failed, thresholds)
    return state


class TestBreaker(unittest.TestCase):
    def test_so_many_failures_in_a_row_open_it_and_one_less_does_not(self):
        thresholds = Thresholds(failures=3, rate=0)
        self.assertEqual(after([True, True, False, True, True], thresholds).state, CLOSED)
        self.assertEqual(after([True, True, False, True, True, True], thresholds).state, OPEN)

    def test_a_share_of_failures_opens_it_once_there_were_enough_calls(self):
        thresholds = Thresholds(failures=0, rate=50, window=4)
        self.assertEqual(after([True, True, True], thresholds).state, CLOSED)
        self.assertEqual(after([False, True, False, True], thresholds).state, OPEN)
        self.assertEqual(after([False, False, False, True], thresholds).state, CLOSED)

    def test_with_both_thresholds_off_it_never_opens(self):
        self.assertEqual(after([True] * 500, Thresholds(failures=0, rate=0)).state, CLOSED)

    def test_a_probe_that_fails_opens_it_again_for_longer_and_one_that_works_forgets_all(self):
        thresholds = Thresholds(failures=1)
        opened = after([True], thresholds)
        trying = Breaker(HALF_OPEN, opened.failures, opened.calls, opened.opened)
        again = trying.after_probe(failed=True)
        self.assertEqual((again.state, again.opened), (OPEN, 2))
        self.assertGreater(thresholds.pause(again.opened), thresholds.pause(opened.opened))
        self.assertEqual(trying.after_probe(failed=False), Breaker())

    def test_what_comes_back_late_says_nothing(self):
        for state in (Breaker(OPEN, opened=1), Breaker(HALF_OPEN, opened=1)):
            self.assertEqual(state.after_call(True, Thresholds()), state)
            self.assertEqual(state.after_call(False, Thresholds()), state)
        self.assertEqual(Breaker().after_probe(True), Breaker())

    @given(st.lists(st.booleans(), max_size=80), THRESHOLDS)
    def test_it_is_open_exactly_if_a_threshold_was_reached(self, calls, thresholds):
        reached = False
        for count in range(1, len(calls) + 1):
            seen = calls[:count]
            row = 0
            while row < count and seen[-1 - row]:
                row += 1
            last = seen[-thresholds.window :]
            share = (
                thresholds.rate > 0
                and len(last) == thresholds.window
                and sum(last) * 100 >= thresholds.rate * len(last)
            )
            reached |= seen[-1] and (0 < thresholds.failures <= row or share)
        self.assertEqual(after(calls, thresholds).state == OPEN, reached)

    @given(st.integers(1, 10_000), THRESHOLDS)
    def test_pauses_grow_up_to_the_longest(self, opened, thresholds):
        first, one, more = (thresholds.pause(n) for n in (1, opened, opened + 1))
        self.assertEqual(first, thresholds.wait)
        self.assertLessEqual(one, more)
        self.assertLessEqual(more, max(thresholds.wait, thresholds.wait_most))


def load_tests(loader, tests, pattern):
    tests.addTests(doctest.DocTestSuite(breaker))
    return tests
