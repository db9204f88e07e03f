from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_document.tests.strategies import PROFILE, SCALARS
from odoo.addons.interop_policy.lib.context import Context
from odoo.addons.interop_policy.lib.generalise import GROUPINGS, RESTRICTED_ZIP3, bounds_of

TODAY = Context(today=date(2026, 11, 25))


def shown(code, value, bounds=(), context=TODAY):
    return GROUPINGS[code].show(value, context, bounds)


class TestGeneralise(BaseCase):
    def test_groups_are_what_they_say(self):
        for code, value, group in (
            ("month", "2026-03-02", "2026-03"),
            ("month", "2026-03-02T09:30:00Z", "2026-03"),
            ("month", "2026-03", "***"),
            ("month", "2026-13-02", "***"),
            ("month", "2026-02-30", "***"),
            ("month", "20260302", "***"),
            ("month", "2026-W10-1", "***"),
            ("month", "2026-03-02 is the birthday of Maria Keller", "2026-03"),
            ("month", "2026-03-022", "***"),
            ("month", "Maria Keller", "***"),
            ("month", "", "***"),
            ("month", None, "***"),
            ("month", 20260302, "***"),
            ("year", "1961-05-04", "1961"),
            ("year", "1961-05", "1961"),
            ("year", "1961-13", "***"),
            ("year", "1961", "***"),
            ("age", 0, "0-4"),
            ("age", 44, "40-44"),
            ("age", "89", "85-89"),
            ("age", 90, "90+"),
            ("age", "107", "90+"),
            ("age", -1, "***"),
            ("age", 44.0, "***"),
            ("age", "44 years", "***"),
            ("age", True, "***"),
            ("age", "1961-05-04", "1961"),
            ("age", "1937-01-01", "1937"),
            ("age", "1936-12-31", "90+"),
            ("age", "2026-11-26", "***"),
            ("zip3", "10115", "101"),
            ("zip3", "10115-1234", "101"),
            ("zip3", "101151234", "101"),
            ("zip3", "01360", "013"),
            ("zip3", 1360, "013"),
            ("zip3", "82301", "000"),
            ("zip3", 3601, "000"),
            ("zip3", "1011", "***"),
            ("zip3", "SW1A 1AA", "***"),
            ("zip3", "１０１１５", "***"),
            ("zip3", None, "***"),
        ):
            with self.subTest(f"{code} of {value!r}"):
                self.assertEqual(shown(code, value), group)

    def test_bands_follow_their_bounds(self):
        bounds = bounds_of("100, 1000.5,20000")
        for value, band in (
            (99.99, "under 100"),
            (-5, "under 100"),
            (100, "100 to under 1000.5"),
            (1000.4, "100 to under 1000.5"),
            ("1000.5", "1000.5 to under 20000"),
            (20000, "20000 and over"),
            (10**300, "20000 and over"),
            (float("inf"), "***"),
            (float("nan"), "***"),
            (True, "***"),
            ("about 100", "***"),
        ):
            with self.subTest(value):
                self.assertEqual(shown("band", value, bounds), band)

    def test_bounds_that_cannot_be_meant_are_refused(self):
        for text in (
            None,
            "",
            "100,",
            "a",
            "100, 100",
            "2, 1",
            "1e3",
            ",".join(map(str, range(60))),
        ):
            with self.subTest(text), self.assertRaises(ValueError):
                bounds_of(text)

    def test_birth_date_is_hidden_when_the_day_is_not_known(self):
        self.assertEqual(shown("age", "1961-05-04", context=Context()), "***")

    def test_restricted_areas_are_the_seventeen_of_the_guidance(self):
        self.assertEqual(len(RESTRICTED_ZIP3), 17)
        for area in RESTRICTED_ZIP3:
            self.assertEqual(shown("zip3", f"{area}99"), "000")

    @PROFILE
    @given(st.dates(date(1000, 1, 1), date(2026, 11, 25)))
    def test_all_days_of_a_group_are_shown_alike(self, day):
        first = day.replace(day=1)
        self.assertEqual(shown("month", str(day)), shown("month", str(first)))
        first = first.replace(month=1)
        self.assertEqual(shown("year", str(day)), shown("year", str(first)))
        self.assertEqual(shown("age", str(day)), shown("age", str(first)))

    @PROFILE
    @given(st.integers(0, 200))
    def test_nobody_above_89_can_be_told_from_another(self, age):
        born = f"{2026 - age}-06-15"
        self.assertEqual(shown("age", age) == "90+", age > 89)
        self.assertEqual(shown("age", born) == "90+", age > 89)

    @PROFILE
    @given(st.sampled_from(sorted(GROUPINGS)), SCALARS | st.floats() | st.integers())
    def test_every_value_gets_a_group_or_is_hidden(self, code, value):
        group = shown(code, value, (0.0, 10.0))
        self.assertIs(type(group), str)

    @PROFILE
    @given(st.sampled_from(["month", "year", "zip3"]), st.text() | st.dates().map(str))
    def test_group_of_a_text_never_contains_the_text(self, code, text):
        self.assertEqual(text in shown(code, text), text == "")
