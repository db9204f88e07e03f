import unittest
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from ..lib.traffic.windows import Once, Weekly, closures, moment, next_closure

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC")]
    + [ZoneInfo(name) for name in ("Australia/Lord_Howe", "Pacific/Auckland", "America/St_Johns")]
)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31)).map(
    lambda naive: naive.replace(tzinfo=UTC, microsecond=0)
)
WEEKLY = st.builds(
    Weekly,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    begin=st.integers(0, 1439),
    end=st.integers(0, 1440),
)
ALL = frozenset(range(7))


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


class TestWindows(unittest.TestCase):
    def test_a_window_is_meant_in_the_time_zone_of_the_partner(self):
        nightly = Weekly(ALL, 22 * 60, 23 * 60)
        span = next_closure([nightly], BERLIN, utc(2026, 1, 15, 12))
        self.assertEqual((span.begin, span.end), (utc(2026, 1, 15, 21), utc(2026, 1, 15, 22)))
        span = next_closure([nightly], BERLIN, utc(2026, 7, 15, 12))
        self.assertEqual((span.begin, span.end), (utc(2026, 7, 15, 20), utc(2026, 7, 15, 21)))

    def test_a_window_may_cross_midnight(self):
        # Monday 23:00 to Tuesday 01:00; it is Tuesday, half past midnight.
        span = next_closure([Weekly(frozenset({0}), 1380, 60)], UTC, utc(2026, 11, 24, 0, 30))
        self.assertEqual((span.begin, span.end), (utc(2026, 11, 23, 23), utc(2026, 11, 24, 1)))

    def test_an_hour_that_the_clocks_skip_begins_when_they_jump(self):
        # 29 March 2026: from 02:00 to 03:00 at 01:00 UTC.
        jump = utc(2026, 3, 29, 1)
        self.assertEqual(moment(datetime(2026, 3, 29, 2, 30), BERLIN), jump)
        span = next_closure([Weekly(ALL, 150, 240)], BERLIN, utc(2026, 3, 29, 0))
        self.assertEqual((span.begin, span.end), (jump, utc(2026, 3, 29, 2)))

    def test_an_hour_that_there_is_twice_is_closed_both_times(self):
        # 25 October 2026: 02:00 to 03:00 comes at 00:00 and at 01:00 UTC.
        span = next_closure([Weekly(ALL, 120, 150)], BERLIN, utc(2026, 10, 24, 23))
        self.assertEqual((span.begin, span.end), (utc(2026, 10, 25, 0), utc(2026, 10, 25, 1, 30)))

    def test_windows_that_touch_are_one(self):
        early, late = Weekly(ALL, 60, 120), Weekly(ALL, 120, 180)
        once = Once(utc(2026, 5, 1, 2, 30), utc(2026, 5, 1, 5))
        span = next_closure([late, once, early], UTC, utc(2026, 5, 1, 0, 30))
        self.assertEqual((span.begin, span.end), (utc(2026, 5, 1, 1), utc(2026, 5, 1, 5)))

    def test_what_is_over_does_not_come_back(self):
        once = Once(utc(2026, 5, 1), utc(2026, 5, 2))
        self.assertIsNone(next_closure([once], UTC, utc(2026, 5, 2)))
        self.assertIsNone(next_closure([], UTC, utc(2026, 5, 2)))

    @settings(max_examples=150)
    @given(WEEKLY, ZONES, MOMENTS, st.integers(0, 6 * 1440))
    def test_it_is_closed_exactly_while_the_clocks_on_the_wall_say_so(
        self, window, zone, now, minutes
    ):
        looked = now + timedelta(minutes=minutes)
        before, after = looked - timedelta(hours=4), looked + timedelta(hours=4)
        around = {t.astimezone(zone).utcoffset() for t in (before, looked, after)}
        if len(around) > 1:
            return  # next to a change of clocks: the examples above
        wall = looked.astimezone(zone)
        minute = wall.hour * 60 + wall.minute + wall.second / 60
        yesterday = (wall - timedelta(days=1)).weekday()
        if window.end > window.begin:
            closed = wall.weekday() in window.days and window.begin <= minute < window.end
        else:
            closed = (wall.weekday() in window.days and minute >= window.begin) or (
                yesterday in window.days and minute < window.end
            )
        spans = closures([window], zone, now)
        self.assertEqual(any(s.begin <= looked < s.end for s in spans), closed)

    @settings(max_examples=100)
    @given(st.lists(WEEKLY, min_size=1, max_size=4), ZONES, MOMENTS)
    def test_closures_are_in_order_apart_and_not_over(self, windows, zone, now):
        spans = closures(windows, zone, now)
        for one, other in zip(spans, spans[1:], strict=False):
            self.assertLess(one.end, other.begin)
        for span in spans:
            self.assertLess(span.begin, span.end)
            self.assertGreater(span.end, now)

    @given(ZONES, st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31)))
    def test_the_clocks_show_the_time_at_its_moment_or_jump_over_it(self, zone, wall):
        wall = wall.replace(microsecond=0)
        first, last = moment(wall, zone), moment(wall, zone, last=True)
        self.assertLessEqual(first, last)
        shown = first.astimezone(zone).replace(tzinfo=None)
        if shown != wall:
            just_before = (first - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None)
            self.assertLess(just_before, wall)
            self.assertGreater(shown, wall)
