"""Converters are total or raise the documented error, and come back where they say so."""

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests.common import BaseCase, tagged

from ..lib.mapping.functions import CONVERTERS, ConvertError, kind_of

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.text(max_size=12)
    | st.sampled_from(["2026-03-02", "2026-03-02T08:00:00Z", "0001-01-01T00:00:00+14:00", "1e99"])
    | st.text("0123456789-+.,", max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
ARGUMENTS = {
    str: st.sampled_from(["DD.MM.YYYY", "YYYYMMDDhhmm", "YY", "x%Y", ",", ".", "", "kg", "lb",
                          "gtin", "npi", "Europe/Berlin", "../etc", "half_up", "Y", "N"]),
    int: st.integers(-3, 2000),
    float: st.floats(allow_nan=True) | st.integers(),
    bool: st.booleans(),
}  # fmt: skip


@tagged("interop_lib")
class TestConverters(BaseCase):
    def call(self, code, value, **arguments):
        return CONVERTERS.get(code).bind(arguments)(value)

    @given(st.data())
    def test_every_converter_converts_or_says_what_it_wants(self, data):
        for code, converter in CONVERTERS:
            value = data.draw(ANYTHING)
            chosen = {
                each.name: data.draw(ARGUMENTS.get(each.kind, st.just({"EA": "STK"})))
                for each in converter.parameters
            }
            try:
                converter.bind(chosen)(value)
            except ConvertError as problem:
                told = str(problem)
                self.assertTrue(told, code)
                if type(value) is str and len(value) > 8 and value not in chosen.values():
                    self.assertNotIn(value, told, code)

    def test_every_converter_says_what_it_does(self):
        self.assertGreater(len(CONVERTERS), 25)
        for code, converter in CONVERTERS:
            self.assertGreater(len(converter.description), 15, code)
            self.assertTrue(converter.label, code)

    def test_each_does_what_it_says(self):
        for code, value, arguments, wanted in (
            ("ascii", "Zoë Straße Ł", {}, "Zoe Strasse ?"),
            ("cut", "abcdef", {"length": 3}, "abc"),
            ("pad", 42, {"length": 5, "fill": "0", "left": True}, "00042"),
            ("join", ["a", None, "", 3], {"separator": "-"}, "a-3"),
            ("part", "Ann van Example", {"number": -1}, "Example"),
            ("part", "Ann", {"number": 2}, None),
            ("first", [None, "", "x"], {}, "x"),
            ("table", "EA", {"codes": {"EA": "STK"}}, "STK"),
            ("table", "??", {"codes": {"EA": "STK"}, "other": "ZZ"}, "ZZ"),
            ("words", True, {"yes": "J"}, "J"),
            ("round", 1.005, {"places": 2}, 1.01),
            ("round", 2.5, {"places": 0, "rounding": "half_even"}, 2),
            ("number_text", 1234567.5, {"point": ",", "thousands": "."}, "1.234.567,50"),
            ("text_number", "1.234,50", {"point": ",", "thousands": "."}, 1234.5),
            ("sum", [0.1, 0.2, None], {}, 0.3),
            ("product", [0.35, 100], {}, 35),
            ("quotient", [35, 100], {}, 0.35),
            ("unit", 2, {"source": "dozen", "target": "each"}, 24),
            ("unit", 1, {"source": "lb", "target": "kg"}, 0.45359237),
            ("write_date", "2026-03-02", {"pattern": "YYYYMMDD"}, "20260302"),
            ("read_date", "31.12.99", {"pattern": "DD.MM.YY"}, "1999-12-31"),
            ("write_time", "2026-07-01T22:30:00Z",
             {"pattern": "DD.MM.YYYY hh:mm", "zone": "Europe/Berlin"}, "02.07.2026 00:30"),
            ("read_time", "202601311530", {"pattern": "YYYYMMDDhhmm", "zone": "America/New_York"},
             "2026-01-31T20:30:00Z"),
            ("unix_time", 0, {}, "1970-01-01T00:00:00Z"),
            ("with_check_digit", "952300000004", {}, "9523000000043"),
            ("checked", "1234567893", {"kind": "npi"}, "1234567893"),
            ("gtin14", "9523000000043", {}, "09523000000043"),
            ("gtin_short", "09523000000043", {}, "9523000000043"),
        ):  # fmt: skip
            with self.subTest(code):
                self.assertEqual(self.call(code, value, **arguments), wanted)

    def test_what_cannot_be_is_refused(self):
        for code, value, arguments in (
            ("checked", "9523000000044", {"kind": "gtin"}),
            ("read_date", "31.02.2026", {"pattern": "DD.MM.YYYY"}),
            ("write_date", "2026-03-02", {"pattern": "%s"}),
            ("write_time", "2026-03-02T08:00:00", {"pattern": "YYYY"}),
            ("write_time", "2026-03-02T08:00:00Z", {"pattern": "YYYY", "zone": "/etc/passwd"}),
            ("quotient", [1, 0], {}),
            ("unit", 1, {"source": "kg", "target": "ml"}),
            ("table", "x", {"codes": {}}),
            ("times", 10**14, {"factor": 1000}),
        ):
            with self.subTest(code), self.assertRaises(ConvertError):
                self.call(code, value, **arguments)

    @given(st.decimals(-(10**9), 10**9, places=4), st.sampled_from([",", "."]))
    def test_numbers_come_back_from_texts(self, value, point):
        thousands = "." if point == "," else ","
        given = {"point": point, "thousands": thousands}
        written = self.call("number_text", float(value), places=4, **given)
        self.assertEqual(self.call("text_number", written, **given), float(value))

    @given(st.datetimes().filter(lambda moment: 1 < moment.year < 9999))
    def test_days_and_times_come_back(self, moment):
        day = moment.date().isoformat()
        for pattern in ("DD.MM.YYYY", "YYYYMMDD", "MM/DD/YYYY"):
            written = self.call("write_date", day, pattern=pattern)
            self.assertEqual(self.call("read_date", written, pattern=pattern), day)
        iso = moment.replace(microsecond=0).isoformat() + "Z"
        written = self.call("write_time", iso, pattern="YYYY-MM-DDThh:mm:ss")
        self.assertEqual(self.call("read_time", written, pattern="YYYY-MM-DDThh:mm:ss"), iso)

    def test_what_has_a_way_back_names_one_that_fits(self):
        examples = {
            "write_date": {"pattern": "YYYYMMDD"}, "read_date": {"pattern": "YYYYMMDD"},
            "write_time": {"pattern": "YYYYMMDD"}, "read_time": {"pattern": "YYYYMMDD"},
            "times": {"factor": 2}, "divide": {"factor": 2}, "table": {"codes": {"a": "b"}},
            "unit": {"source": "kg", "target": "g"}, "number_text": {"places": 3},
        }  # fmt: skip
        for code, converter in CONVERTERS:
            if converter.inverse:
                back = converter.inverse(examples.get(code, {}))
                self.assertIsNotNone(back, code)
                CONVERTERS.get(back[0]).bind(back[1])

    def test_kinds_tell_no_value(self):
        self.assertEqual(kind_of({"name": "Ann"}), "group")
        self.assertEqual(kind_of(""), "empty text")
