from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_document.lib.crosswalk import (
    DEFAULT,
    PASS,
    Crosswalk,
    Entry,
    Rules,
    Unknown,
    conflicts,
    rules_of,
)
from odoo.addons.interop_document.lib.lookup import IN, OUT

from .strategies import PROFILE

DAY = date(2026, 3, 1)
UNITS = Rules("units")

days = st.none() | st.integers(-5, 5).map(lambda number: DAY + timedelta(days=number))
codes = st.sampled_from(["A", "a", "B", " b ", "C", "ß", "SS"])
entries = st.builds(
    Entry,
    ours=codes,
    theirs=codes,
    company=st.sampled_from([0, 1, 2]),
    start=days,
    end=days,
    preferred=st.booleans(),
)
rules = st.builds(Rules, st.just("units"), ignore_case=st.booleans(), ignore_spaces=st.booleans())


def crosswalk(*entries, rules=UNITS, company=1):
    return Crosswalk(rules, entries, company)


class TestCrosswalk(BaseCase):
    def test_a_code_is_translated_both_ways(self):
        units = crosswalk(Entry("EA", "PCE"))
        self.assertEqual(units.translate("EA", OUT, DAY), "PCE")
        self.assertEqual(units.translate("PCE", IN, DAY), "EA")
        self.assertIsNone(units.translate("PCE", OUT, DAY))

    def test_unknown_codes_follow_the_rule_of_their_way(self):
        units = crosswalk(rules=Rules("units", out=Unknown(DEFAULT, "ZZ"), back=Unknown(PASS)))
        self.assertEqual(units.translate("EA", OUT, DAY), "ZZ")
        self.assertEqual(units.translate("EA", IN, DAY), "EA")
        unfinished = crosswalk(rules=Rules("units", out=Unknown(DEFAULT)))
        self.assertIsNone(unfinished.translate("EA", OUT, DAY))

    def test_an_unknown_rule_is_an_error(self):
        with self.assertRaisesRegex(DataError, "known are fail, pass, default"):
            Unknown("guess")

    def test_both_dates_belong_to_the_period(self):
        units = crosswalk(
            Entry("EA", "OLD", end=DAY), Entry("EA", "NEW", start=DAY + timedelta(days=1))
        )
        self.assertEqual(units.translate("EA", OUT, DAY), "OLD")
        self.assertEqual(units.translate("EA", OUT, DAY + timedelta(days=1)), "NEW")

    def test_the_company_s_own_entry_wins_and_others_are_not_seen(self):
        listed = (Entry("EA", "ALL", preferred=True), Entry("EA", "OWN", company=1))
        self.assertEqual(crosswalk(*listed).translate("EA", OUT, DAY), "OWN")
        self.assertEqual(crosswalk(*listed, company=2).translate("EA", OUT, DAY), "ALL")

    def test_a_company_s_ended_entry_hides_nothing(self):
        ended = Entry("EA", "OWN", company=1, end=DAY - timedelta(days=1))
        self.assertEqual(crosswalk(Entry("EA", "ALL"), ended).translate("EA", OUT, DAY), "ALL")

    def test_of_several_the_preferred_one_is_the_way_back(self):
        units = crosswalk(Entry("EA", "PCE"), Entry("UNIT", "PCE", preferred=True))
        self.assertEqual(units.translate("EA", OUT, DAY), "PCE")
        self.assertEqual(units.translate("PCE", IN, DAY), "UNIT")

    def test_several_without_a_preferred_one_are_an_error_that_shows_no_code(self):
        units = crosswalk(Entry("EA", "PCE"), Entry("UNIT", "PCE"))
        with self.assertRaises(DataError) as caught:
            units.translate("PCE", IN, DAY)
        self.assertIn("Mark the one to use as preferred", caught.exception.sentence)
        for code in ("PCE", "EA", "UNIT"):
            self.assertNotIn(code, caught.exception.sentence)

    def test_case_and_spaces_count_as_the_rules_say(self):
        entry = Entry("Each  one", "PCE")
        self.assertEqual(crosswalk(entry).translate(" Each one ", OUT, DAY), "PCE")
        self.assertIsNone(crosswalk(entry).translate("each one", OUT, DAY))
        folding = Rules("units", ignore_case=True, ignore_spaces=False)
        self.assertEqual(crosswalk(entry, rules=folding).translate("EACH  ONE", OUT, DAY), "PCE")
        self.assertIsNone(crosswalk(entry, rules=folding).translate("EACH ONE", OUT, DAY))

    def test_codes_stay_out_of_representations(self):
        self.assertNotIn("PCE", repr(Entry("EA", "PCE")))

    @PROFILE
    @given(st.builds(Rules, st.text(max_size=5), ignore_case=st.booleans()))
    def test_rules_come_back_from_their_snapshot(self, some):
        self.assertEqual(rules_of(some.snapshot()), some)

    @PROFILE
    @given(rules, st.text())
    def test_folding_twice_changes_nothing(self, some, code):
        self.assertEqual(some.fold(some.fold(code)), some.fold(code))

    @PROFILE
    @given(rules, st.lists(entries, max_size=8))
    def test_preferred_entries_lead_back_to_where_they_came_from(self, some, drawn):
        kept = []
        for entry in drawn:
            if entry.company == 0 and not list(conflicts(some, [*kept, entry])):
                kept.append(entry)
        compiled = Crosswalk(some, kept, 1)
        for entry in kept:
            if entry.preferred and entry.holds_on(DAY):
                self.assertEqual(compiled.translate(entry.ours, OUT, DAY), entry.theirs)
                self.assertEqual(compiled.translate(entry.theirs, IN, DAY), entry.ours)

    @PROFILE
    @given(rules, st.lists(entries, max_size=8), codes, st.sampled_from([OUT, IN]), days)
    def test_an_answer_is_that_of_an_entry_that_holds(self, some, drawn, code, way, day):
        day = day or DAY
        sides = {
            (e.ours, e.theirs) if way == OUT else (e.theirs, e.ours)
            for e in drawn
            if e.company in (0, 1) and e.holds_on(day)
        }
        fitting = {answer for asked, answer in sides if some.fold(asked) == some.fold(code)}
        try:
            answer = Crosswalk(some, drawn, 1).translate(code, way, day)
        except DataError:
            self.assertGreater(len(fitting), 1)
        else:
            self.assertIn(answer, fitting or {None})

    @PROFILE
    @given(entries, entries)
    def test_entries_meet_exactly_if_a_day_is_in_both(self, one, other):
        near = [DAY + timedelta(days=number) for number in range(-7, 8)]
        valid = [e for e in (one, other) if not (e.start and e.end and e.start > e.end)]
        if len(valid) == 2:
            both = any(one.holds_on(day) and other.holds_on(day) for day in near)
            self.assertEqual(one.meets(other), both)
