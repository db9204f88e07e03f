import unittest

from hypothesis import given
from hypothesis import strategies as st

from ..lib.forecast import EMPTY, FARTHEST, GONE, GROWS, HELD, SLOW, STILL, forecast
from ..lib.priorities import LOW, NORMAL, URGENT, told

COUNTS = st.integers(0, 10**6)


class TestForecast(unittest.TestCase):
    def test_what_is_said_of_a_backlog(self):
        for given_, kind in (
            ((0, 5, 5, 60), EMPTY),
            ((10, 0, 10, 60), GONE),
            ((10, 10, 5, 60), GROWS),
            ((10, 5, 5, 60), SLOW),
            ((10, 5, 0, 60), STILL),
            ((10, 0, 0, 60), STILL),
            ((10**6, 0, 1, 3600), SLOW),
        ):
            self.assertEqual(forecast(*given_).kind, kind, given_)
        self.assertEqual(forecast(10, 0, 10, 60, held=True).kind, HELD)

    def test_ten_a_minute_take_three_minutes_for_thirty(self):
        self.assertEqual(forecast(30, 0, 10, 60).seconds, 180)
        self.assertEqual(forecast(30, 10, 20, 60).seconds, 180)

    def test_what_makes_no_sense_is_refused(self):
        for given_ in ((-1, 0, 0, 60), (1, -1, 0, 60), (1, 0, -1, 60), (1, 0, 0, 0)):
            with self.assertRaises(ValueError):
                forecast(*given_)

    @given(COUNTS, COUNTS, COUNTS, st.floats(1, 3600), st.booleans())
    def test_a_time_is_told_exactly_if_the_backlog_shrinks(self, backlog, came, gone, span, held):
        found = forecast(backlog, came, gone, span, held)
        self.assertEqual(found.seconds is not None, found.kind == GONE)
        if found.kind == GONE:
            self.assertGreater(gone, came)
            self.assertTrue(0 < found.seconds <= FARTHEST)
            self.assertFalse(held)
        if backlog and not held and gone < came and gone:
            self.assertEqual(found.kind, GROWS)

    @given(COUNTS, st.integers(1, 10**4), st.integers(1, 10**4))
    def test_a_longer_backlog_never_ends_sooner(self, backlog, more, gone):
        short, long = forecast(backlog + 1, 0, gone, 60), forecast(backlog + 1 + more, 0, gone, 60)
        if short.seconds is not None and long.seconds is not None:
            self.assertLess(short.seconds, long.seconds)


class TestPriorities(unittest.TestCase):
    def test_every_number_has_a_name(self):
        for number, name in (
            (URGENT, "Urgent"), (1, "Urgent"), (11, "Normal"), (NORMAL, "Normal"), (999, "Normal"),
            (LOW, "Low"), (5000, "Low"),
        ):  # fmt: skip
            self.assertEqual(told(number), name)
