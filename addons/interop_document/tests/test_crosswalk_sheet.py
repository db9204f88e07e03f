import csv
import io
import zipfile
from datetime import date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from odoo.tests.common import BaseCase

from ..lib import crosswalk_columns
from ..lib.crosswalk import Entry, Rules, conflicts
from ..lib.crosswalk_columns import COLUMNS, SheetError, SheetRow
from ..lib.crosswalk_import import CHANGED, ENDED, NEW, REFUSED, UNCHANGED, plan_import
from ..lib.crosswalk_sheet import read_sheet, write_csv, write_xlsx

letters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
live = st.sampled_from(["=1+1", "+49", "-5", "@SUM(A1)", "'=x", "''-1", "'plain", "007", "_x0041_"])
texts = st.text(letters, max_size=20) | live
days = st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1))


@st.composite
def rows(draw):
    start, end = draw(days), draw(days)
    if start and end and end < start:
        start, end = end, start
    return SheetRow(
        ours=draw(texts.filter(str.strip)),
        theirs=draw(texts.filter(str.strip)),
        ours_label=draw(texts).strip(),
        theirs_label=draw(texts).strip(),
        company=draw(texts).strip(),
        start=start,
        end=end,
        preferred=draw(st.booleans()),
        note=draw(texts).strip(),
    )


class TestCrosswalkSheet(BaseCase):
    @given(st.lists(rows(), max_size=8), st.sampled_from([write_csv, write_xlsx]))
    @settings(max_examples=150, deadline=None)
    def test_what_is_written_is_read_back(self, given_rows, write):
        found, refused = read_sheet(write(given_rows))
        self.assertEqual((found, refused), (given_rows, []))

    @given(st.lists(rows(), min_size=1, max_size=5))
    @settings(deadline=None)
    def test_no_cell_of_a_csv_file_is_alive(self, given_rows):
        text = write_csv(given_rows).decode("utf-8-sig")
        for cells in csv.reader(io.StringIO(text, newline="")):
            for cell in cells:
                self.assertNotIn(cell[:1], ("=", "+", "-", "@", "\t", "\r", "\n"))

    @given(st.lists(rows(), min_size=1, max_size=5))
    @settings(deadline=None)
    def test_every_cell_of_a_workbook_is_a_text(self, given_rows):
        sheet = load_workbook(io.BytesIO(write_xlsx(given_rows))).active
        kinds = {cell.data_type for line in sheet for cell in line if cell.value is not None}
        self.assertEqual(kinds, {"s"})

    @given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda data: b"PK\x03\x04" + data))
    @settings(deadline=None)
    def test_any_bytes_are_rows_or_a_sentence(self, data):
        try:
            read_sheet(data)
        except SheetError as error:
            self.assertTrue(error.sentence.endswith("."))

    def csv(self, *lines, encoding="utf-8"):
        return read_sheet("\n".join(lines).encode(encoding))

    def workbook(self, *lines):
        book = Workbook()
        for line in lines:
            book.active.append(line)
        data = io.BytesIO()
        book.save(data)
        return data.getvalue()

    def test_columns_may_stand_in_any_order_and_case_with_any_usual_delimiter(self):
        for delimiter in ",;\t":
            line = delimiter.join
            found, _refused = self.csv(line(["their code", "OUR  CODE"]), line(["PCE", "EA"]))
            self.assertEqual(found, [SheetRow("EA", "PCE")])
            self.assertEqual(found[0].number, 2)

    def test_a_wrong_encoding_is_told_with_its_line(self):
        with self.assertRaisesRegex(SheetError, "Line 2 .* not in UTF-8"):
            self.csv("Our code,Their code", "Stück,PCE", encoding="latin-1")

    def test_unicode_text_of_excel_is_read(self):
        found, _refused = self.csv("Our code\tTheir code", "Stück\tPCE", encoding="utf-16")
        self.assertEqual(found[0].ours, "Stück")

    def test_files_that_are_no_sheet_are_told(self):
        for data, sentence in (
            (b"", "is empty"),
            (b"\xd0\xcf\x11\xe0rest", "old or encrypted"),
            (b"Our code,Other\n", "heading of column 2"),
            (b"Our code,our CODE\n", "two columns Our code"),
            (b"Our code,Note\n", "no column Their code"),
            (b'Our code,Their code\n"a,b\n', "quotation marks"),
            (b"Our code,Their code\n\x00", "no CSV file"),
            (b"PKnonsense", "damaged"),
            (b"x" * (crosswalk_columns.MAX_BYTES + 1), "larger than 5 MB"),
        ):
            with self.subTest(sentence), self.assertRaisesRegex(SheetError, sentence):
                read_sheet(data)

    def test_rows_that_cannot_be_used_are_told_with_their_number(self):
        found, refused = self.csv(
            "Our code,Their code,Valid from,Valid until,Preferred",
            "EA,PCE,,,",
            "EA,,,,",
            "EA,PCE,31.03.2026,,",
            "EA,PCE,2026-03-02,2026-03-01,",
            "EA,PCE,,,maybe",
            f"{'x' * 501},PCE,,,",
            "",
            "BX,CT,2026-03-01,2026-03-02,yes",
        )
        self.assertEqual([row.number for row in found], [2, 9])
        self.assertEqual(
            [(each.number, each.sentence) for each in refused],
            [
                (3, "Their code is missing."),
                (4, "Valid from is no day. Write it as 2026-03-31."),
                (5, "The last day is before the first."),
                (6, "Preferred is “yes” or empty."),
                (7, "Our code is longer than 500 characters."),
            ],
        )

    def test_what_a_spreadsheet_program_makes_of_codes_is_dealt_with(self):
        day = datetime(2026, 3, 1)
        data = self.workbook(
            ["Our code", "Their code", "Valid from", "Preferred"],
            [12, 1.5, day, True],
            [7.0, "x", None, None],
            [day, "x", None, None],
            ["=1+1", "x", None, None],
        )
        found, refused = read_sheet(data)
        self.assertEqual(
            found, [SheetRow("12", "1.5", start=day.date(), preferred=True), SheetRow("7", "x")]
        )
        self.assertIn("was made a date", refused[0].sentence)
        self.assertIn("holds a formula", refused[1].sentence)

    def test_too_many_rows_are_refused(self):
        line = "EA,PCE\n" * (crosswalk_columns.MAX_ROWS + 1)
        with self.assertRaisesRegex(SheetError, "more than 20000 rows"):
            self.csv("Our code,Their code", line)

    def test_a_workbook_with_entities_or_too_much_in_it_is_not_opened(self):
        for name, content, sentence in (
            ("xl/x.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>', "no spreadsheet needs"),
            ("xl/x.xml", "<!DOCTYPE a><a/>".encode("utf-16"), "no spreadsheet needs"),
            ("xl/big", b"0" * (crosswalk_columns.MAX_UNPACKED + 1), "too large when unpacked"),
        ):
            data = io.BytesIO(self.workbook(["Our code", "Their code"]))
            with zipfile.ZipFile(data, "a", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(name, content)
            with self.subTest(sentence), self.assertRaisesRegex(SheetError, sentence):
                read_sheet(data.getvalue())

    def test_a_row_does_not_show_its_codes_in_a_traceback(self):
        self.assertNotIn("EA", repr(SheetRow("EA", "PCE", note="EA")))
        self.assertEqual(len(COLUMNS), 9)


TODAY = date(2026, 3, 10)
EVER = date(2026, 3, 9)


def planned(sheet, known=(), end_missing=False, refused=(), rules=None):
    numbered = [
        SheetRow(**{name: getattr(row, name) for name in row.__slots__} | {"number": place})
        for place, row in enumerate(sheet, 2)
    ]
    ids = dict(enumerate(known, 1))
    return plan_import(
        numbered, refused, ids, rules or Rules("test"), {"Mine": 7}, TODAY, end_missing
    )


def told(found):
    return [(change.kind, change.number, change.entry) for change in found.changes]


class TestCrosswalkImport(BaseCase):
    def test_new_changed_ended_and_unchanged_are_told_apart(self):
        known = [
            SheetRow("A", "1"),
            SheetRow("B", "2"),
            SheetRow("C", "3"),
            SheetRow("D", "4", start=date(2026, 1, 1)),
        ]
        found = planned(
            [
                SheetRow("A", "1"),
                SheetRow("B", "2", note="x"),
                SheetRow("C", "3", end=date(2026, 5, 1)),
                SheetRow("D", "4", start=date(2026, 2, 1)),
                SheetRow("E", "5", company="Mine"),
            ],
            known,
        )
        self.assertEqual(
            told(found),
            [(NEW, 6, 0), (CHANGED, 3, 2), (CHANGED, 5, 4), (ENDED, 4, 3), (UNCHANGED, 2, 1)],
        )
        self.assertEqual(found.changes[1].sentence, "Other: note.")

    def test_a_corrected_code_of_theirs_is_a_change_and_not_a_second_code(self):
        known = [SheetRow("A", "1"), SheetRow("B", "2"), SheetRow("B", "3")]
        found = planned([SheetRow("A", "9"), SheetRow("B", "4")], known)
        self.assertEqual(told(found), [(NEW, 3, 0), (CHANGED, 2, 1)])
        self.assertEqual(found.changes[1].sentence, "Other: their code.")

    def test_several_codes_for_one_are_told_unless_one_is_preferred(self):
        sheet = [SheetRow("A", "1"), SheetRow("B", "1")]
        found = planned(sheet)
        warned = ["There are several for their code: prefer one."] * 2
        self.assertEqual([change.sentence for change in found.changes], warned)
        found = planned([SheetRow("A", "1"), SheetRow("B", "1", preferred=True)])
        self.assertEqual([change.sentence for change in found.changes], [""] * 2)
        found = planned([SheetRow("B", "1", company="Mine"), SheetRow("A", "1")])
        self.assertEqual([change.sentence for change in found.changes], [""] * 2)

    def test_what_is_not_in_the_sheet_stays_unless_it_is_to_end(self):
        known = [
            SheetRow("A", "1"),
            SheetRow("B", "2", start=date(2027, 1, 1)),
            SheetRow("C", "3", end=date(2026, 1, 1)),
        ]
        self.assertEqual(told(planned([], known)), [])
        found = planned([], known, end_missing=True)
        self.assertEqual(told(found), [(ENDED, 0, 1), (ENDED, 0, 2)])
        self.assertEqual([change.row and change.row.end for change in found.changes], [EVER, None])

    def test_the_same_codes_twice_are_refused_as_the_rules_see_them(self):
        sheet = [SheetRow("ea", "PCE"), SheetRow("EA", " pce ")]
        found = planned(sheet, rules=Rules("test", ignore_case=True))
        self.assertEqual(told(found), [(REFUSED, 3, 0), (NEW, 2, 0)])
        self.assertEqual(
            found.refused[0].sentence, "Row 2 has the same codes. Take one of them away."
        )

    def test_overlaps_among_rows_and_with_what_stays_are_refused(self):
        found = planned(
            [SheetRow("A", "1", preferred=True), SheetRow("B", "1", preferred=True)],
        )
        self.assertIn("same days as row 2", found.refused[0].sentence)
        stays = [SheetRow("A", "1", preferred=True)]
        found = planned([SheetRow("B", "1", preferred=True)], stays)
        self.assertIn("an entry that stays", found.refused[0].sentence)
        begins = SheetRow("B", "1", preferred=True, start=TODAY)
        self.assertEqual(planned([begins], stays, end_missing=True).refused, ())

    def test_an_unknown_company_is_refused(self):
        found = planned([SheetRow("A", "1", company="Theirs")])
        self.assertIn("no such company", found.refused[0].sentence)

    @given(st.lists(rows(), max_size=12), st.lists(rows(), max_size=12), st.booleans())
    @settings(deadline=None)
    def test_a_plan_without_refusals_leaves_no_conflict_and_planning_it_again_no_change(
        self, sheet, known, end_missing
    ):
        sheet = [SheetRow(r.ours, r.theirs, start=r.start, end=r.end) for r in sheet]
        known = planned([SheetRow(r.ours, r.theirs, start=r.start, end=r.end) for r in known])
        known = [change.row for change in known.changes if change.row]
        found = planned(sheet, known, end_missing)
        if found.refused:
            return
        after = dict(enumerate(known, 1))
        for change in found.changes:
            after.pop(change.entry, None)
        kept = [*after.values(), *(change.row for change in found.changes if change.row)]
        again = planned(sheet, kept, end_missing)
        self.assertLessEqual({change.kind for change in again.changes}, {UNCHANGED})
        entries = [Entry(row.ours, row.theirs, 0, row.start, row.end) for row in kept]
        self.assertEqual(list(conflicts(Rules("test"), entries)), [])
