from datetime import UTC, datetime, timedelta
from decimal import Decimal
from unittest import TestCase
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as some

from ..lib.departures import Departures, parse_times
from ..lib.totals import ControlTotals, unusable

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")


class TestDepartures(TestCase):
    """When batches leave, on days on which the clocks change too."""

    def local(self, moment, zone="Europe/Berlin"):
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).isoformat()

    def test_a_batch_leaves_at_the_same_time_of_day_before_and_after_the_clocks_change(self):
        daily = Departures(parse_times("09:00"), zone="Europe/Berlin")
        moment, seen = datetime(2026, 10, 23, 12, 0), []
        for _day in range(4):
            moment = daily.next_after(moment)
            seen.append(self.local(moment)[:16])
        self.assertEqual(seen, [f"2026-10-{day}T09:00" for day in (24, 25, 26, 27)])

    def test_a_time_that_the_clocks_skip_is_taken_an_hour_later(self):
        daily = Departures(parse_times("02:30"), zone="Europe/Berlin")
        departure = daily.next_after(datetime(2026, 3, 28, 12, 0))
        self.assertEqual(self.local(departure)[:16], "2026-03-29T03:30")

    def test_a_time_that_the_clocks_show_twice_is_taken_once(self):
        daily = Departures(parse_times("02:30"), zone="Europe/Berlin")
        first = daily.next_after(datetime(2026, 10, 24, 12, 0))
        self.assertEqual(self.local(first), "2026-10-25T02:30:00+02:00")
        self.assertEqual(self.local(daily.next_after(first))[:16], "2026-10-26T02:30")

    def test_nothing_leaves_on_other_weekdays(self):
        workdays = Departures(parse_times("09:00"), 30, range(5), "Europe/Berlin")
        friday_night = datetime(2026, 3, 27, 22, 45)
        self.assertEqual(self.local(workdays.next_after(friday_night))[:16], "2026-03-30T00:00")

    def test_without_times_and_interval_a_batch_leaves_by_number_only(self):
        self.assertIsNone(Departures().next_after(datetime(2026, 1, 1)))

    def test_what_is_no_time_of_day_is_refused(self):
        for wrong in ("24:00", "9", "09:60", "noon"):
            with self.assertRaises(ValueError):
                parse_times(wrong)

    @given(
        some.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),
        some.lists(some.times(), max_size=4),
        some.sampled_from([0, 1, 15, 60, 7 * 60, 24 * 60]),
        some.sets(some.integers(0, 6), min_size=1),
        some.sampled_from(ZONES),
    )
    def test_the_next_departure_is_later_fits_and_has_none_before_it(
        self, moment, times, minutes, days, zone
    ):
        times = sorted({each.replace(second=0, microsecond=0, tzinfo=None) for each in times})
        moment = moment.replace(microsecond=0)
        schedule = Departures(times, minutes, sorted(days), zone)
        departure = schedule.next_after(moment)
        if departure is None:
            # An interval of a week's hours may fall beside the only day for long.
            self.assertFalse(times)
            return
        self.assertGreater(departure, moment)
        between = moment + (departure - moment) / 2
        if between < departure:
            self.assertEqual(schedule.next_after(between), departure)
        self.assertGreater(schedule.next_after(departure) or departure + timedelta(1), departure)


NUMBER, TEXT = {"type": "number"}, {"type": "string"}


def fields(**properties):
    return {"type": "object", "properties": properties}


AMOUNT = fields(amount=NUMBER, currency=TEXT)
LINE = fields(net=NUMBER, quantity=NUMBER, uom=fields(name=TEXT, code=TEXT))
ORDER = {
    **fields(net=NUMBER, currency=TEXT, total=AMOUNT, lines={"type": "array", "items": LINE}),
    "x-sensitivity": "internal",
}


class TestTotals(TestCase):
    """Control totals are exact, by currency or unit."""

    def sums(self, bodies, path, schema=None):
        return ControlTotals([path], schema or ORDER).of(bodies).get(path)

    def test_sums_are_exact_and_apart_by_currency(self):
        orders = [
            {"total": {"amount": 0.1, "currency": "EUR"}},
            {"total": {"amount": 0.2, "currency": "EUR"}},
            {"total": {"amount": 5, "currency": "USD"}},
            {},
        ]
        self.assertEqual(self.sums(orders, "total.amount"), {"EUR": "0.3", "USD": "5"})

    def test_numbers_of_lines_are_added_up_in_the_currency_around_them(self):
        order = {"currency": "EUR", "lines": [{"net": 2}, {"net": 3}]}
        self.assertEqual(self.sums([order, order], "lines[].net"), {"EUR": "10"})

    def test_quantities_are_added_up_by_unit_of_measure_and_never_by_currency(self):
        boxes = [{"name": "Box of 100", "code": "BX"}, {"name": "Box of 50", "code": "BX"}]
        lines = [{"quantity": 2, "uom": uom} for uom in [*boxes, {"code": "EA"}, {"code": "EA"}]]
        order = {"currency": "EUR", "lines": lines}
        self.assertEqual(
            self.sums([order, order], "lines[].quantity"),
            {"Box of 100": "4", "Box of 50": "4", "EA": "8"},
        )

    @given(some.lists(some.decimals(-(10**9), 10**9, places=2)))
    def test_the_sum_of_any_amounts_is_what_decimals_say(self, amounts):
        found = self.sums([{"net": float(amount)} for amount in amounts], "net").get("", "0")
        self.assertEqual(Decimal(found), sum(amounts, Decimal()))

    def test_a_unit_that_the_document_type_does_not_know_is_not_told(self):
        lines = [{"quantity": 2, "uom": {"name": "Box", "ward": "3B"}, "currency": "Ruth Example"}]
        order = {"lines": lines, "uom": "Ruth Example"}
        self.assertEqual(self.sums([order], "lines[].quantity"), {"Box": "2"})
        self.assertEqual(self.sums([order], "lines[].net"), {})

    def test_a_number_whose_unit_points_to_a_person_cannot_be_added_up(self):
        personal = {"type": "string", "x-sensitivity": "personal"}
        for unit in (
            {"currency": personal},
            {"lines": {"type": "array", "items": fields(quantity=NUMBER, uom=personal)}},
            {"lines": {"type": "array", "items": fields(quantity=NUMBER, currency=personal)}},
            {
                "lines": {
                    "type": "array",
                    "items": fields(quantity=NUMBER, uom=fields(name=personal, code=TEXT)),
                }
            },
        ):
            schema = {**ORDER, "properties": ORDER["properties"] | unit}
            order = {"currency": "EUR", "lines": [{"quantity": 2, "uom": {"name": "Ruth"}}]}
            self.assertEqual(unusable(["lines[].quantity"], schema), ["lines[].quantity"])
            self.assertIsNone(self.sums([order], "lines[].quantity", schema))

    def test_what_points_to_a_person_is_not_added_up_whoever_asked_for_it(self):
        self.assertEqual(ControlTotals(["net"], fields(net=NUMBER)).of([{"net": 1}]), {})

    def test_only_numbers_that_point_to_nobody_can_be_added_up(self):
        schema = {
            "type": "object",
            "properties": {
                "net": {"type": "number", "x-sensitivity": "confidential"},
                "weight": {"type": "number", "x-sensitivity": "health"},
                "number": {"type": "string", "x-sensitivity": "internal"},
                "unstated": {"type": "number"},
            },
        }
        paths = ["net", "weight", "number", "unstated", "absent"]
        self.assertEqual(unusable(paths, schema), ["weight", "number", "unstated", "absent"])
