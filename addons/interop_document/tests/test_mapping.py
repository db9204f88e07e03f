"""Rows put values where they say; what does not fit is told by row and kind; the way back."""

import copy
import json

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests.common import BaseCase, tagged

from ..lib.lookup import NO_LOOKUP, UnmappedCodes
from ..lib.mapping.compiled import MappingError, RowMapper, compile_mapping
from ..lib.mapping.expression import ExpressionError, compile_expression
from ..lib.mapping.inverse import invert
from ..lib.mapping.paths import PathError, parse_target, write_target
from ..lib.mapping.rows import Row, row_of

ORDER = {
    "number": "P00042",
    "ordered_at": "2026-03-02T08:15:00Z",
    "currency": "USD",
    "notes": None,
    "supplier": {"name": "Meridian", "gln": "9522000000015"},
    "lines": [
        {"line_number": 1, "item": {"gtin": "9523000000043"}, "quantity": 3, "uom": "EA",
         "price": 1.005, "lots": [{"number": "A1"}, {"number": "A2"}]},
        {"line_number": 2, "item": {"gtin": "9523000000050"}, "quantity": 2.5, "uom": "BX"},
    ],
}  # fmt: skip
ROWS = (
    Row("Head.OrderNo", "number", required=True),
    Row("Head.Date", "ordered_at", converter="write_date", arguments={"pattern": "DD.MM.YYYY"}),
    Row("Head.Seller", "supplier.name", converter="upper"),
    Row("Head.Kind", constant="220"),
    Row("Head.Remark", "notes", default="-"),
    Row("Pos[]", each="lines"),
    Row("Pos[].Nr", "line_number"),
    Row("Pos[].Ean", "item.gtin"),
    Row("Pos[].Qty", "quantity", converter="number_text", arguments={"places": 1, "point": ","}),
    Row("Pos[].Unit", "uom", crosswalk="units"),
    Row("Pos[].Cur", "/currency"),
    Row("Pos[].Big", constant=True, when="quantity > `2.7`"),
    Row("Pos[].Lot[]", each="lots"),
    Row("Pos[].Lot[].No", "number"),
    Row("Pos[].Lot[].Of", "^.line_number"),
    Row("Pos[].Lot[].Order", "^^.number"),
    Row("Count", "length(lines)"),
)
UNITS = {("out", "EA"): "STK", ("out", "BX"): "KRT", ("in", "STK"): "EA", ("in", "KRT"): "BX"}


def lookup(crosswalk, code, way="out", on=None):
    return UNITS.get((way, code)) if crosswalk == "units" else None


def mapped(*rows, body=None, way="out", codes=lookup):
    return RowMapper(rows, way)(ORDER if body is None else body, codes)


@tagged("interop_lib")
class TestMapping(BaseCase):
    def problem(self, *rows, body=None):
        with self.assertRaises(MappingError) as raised:
            mapped(*rows, body=body)
        return raised.exception.sentence

    def test_an_order_takes_the_partners_shape(self):
        before = copy.deepcopy(ORDER)
        self.assertEqual(
            mapped(*ROWS),
            {
                "Head": {"OrderNo": "P00042", "Date": "02.03.2026", "Seller": "MERIDIAN",
                         "Kind": "220", "Remark": "-"},
                "Pos": [
                    {"Nr": 1, "Ean": "9523000000043", "Qty": "3,0", "Unit": "STK", "Cur": "USD",
                     "Big": True, "Lot": [{"No": "A1", "Of": 1, "Order": "P00042"},
                                          {"No": "A2", "Of": 1, "Order": "P00042"}]},
                    {"Nr": 2, "Ean": "9523000000050", "Qty": "2,5", "Unit": "KRT", "Cur": "USD"},
                ],
                "Count": 2,
            },
        )  # fmt: skip
        self.assertEqual(ORDER, before, "the document is not changed")

    def test_what_is_missing_or_null_puts_nothing_and_empty_values_stay(self):
        body = {"a": None, "c": "", "d": [], "e": False}
        rows = [Row(name.upper(), name) for name in "abcde"]
        self.assertEqual(mapped(*rows, body=body), {"C": "", "D": [], "E": False})

    def test_problems_name_row_target_and_kind_and_no_value(self):
        told = self.problem(Row("A.B", "secret", converter="sum"), body={"secret": "Ann Example"})
        self.assertEqual(told, "Row 1 (A.B): a list is needed, and there is text.")
        told = self.problem(Row("A", "gone", required=True))
        self.assertEqual(told, "Row 1 (A): is required, and there is nothing.")
        told = self.problem(Row("L[]", each="number"), Row("L[].X", constant="x"))
        self.assertEqual(told, "Row 1 (L[]): a list is needed, and there is text.")

    def test_all_problems_of_a_document_are_told_together(self):
        with self.assertRaises(MappingError) as raised:
            mapped(*(Row(f"T{n}", "gone", required=True) for n in range(30)))
        self.assertEqual(len(raised.exception.problems), 20)
        self.assertIn("(and 19 more)", raised.exception.sentence)

    def test_codes_that_are_not_mapped_are_told_all_at_once_and_apart_from_the_sentence(self):
        body = {"lines": [{"uom": "XX1"}, {"uom": "EA"}, {"uom": "YY2"}]}
        rows = (Row("P[]", each="lines"), Row("P[].U", "uom", crosswalk="units"))
        with self.assertRaises(UnmappedCodes) as raised:
            mapped(*rows, body=body)
        self.assertEqual([each.code for each in raised.exception.missing], ["XX1", "YY2"])
        self.assertIn("P[].U (units)", raised.exception.sentence)
        self.assertNotIn("XX1", raised.exception.sentence)

    def test_rows_that_cannot_work_are_refused_with_their_number(self):
        for wrong, words in (
            (Row("", "a"), "Row 1 (): a target path has"),
            (Row("A..B", "a"), "cannot be read"),
            (Row("A", "a[?"), "cannot be read"),
            (Row("A", "a", constant=1), "not both"),
            (Row("A"), "needs a source"),
            (Row("A[]", "a"), "for each"),
            (Row("A[].B", "a"), "no row above opens"),
            (Row("A", "a", converter="eval"), "no such converter"),
            (Row("A", "a", converter="cut"), "cut needs length"),
            (Row("A", "a", converter="cut", arguments={"length": "x"}), "must be a whole number"),
            (Row("A", "a", converter="upper", arguments={"by": 1}), "no argument by"),
            (Row("A", "^.a"), "nothing around"),
            (Row("A", "to_string(@)"), "no function to_string"),
        ):
            with self.subTest(row=wrong):
                self.assertIn(words, self.problem(wrong))
        self.assertIn("Row 2 (A): another row", self.problem(Row("A", "a"), Row("A", "b")))
        self.assertIn("Row 2 (A.B): another row", self.problem(Row("A", "a"), Row("A.B", "b")))
        self.assertIn("more than 500 rows", self.problem(*(Row(f"A{n}", "a") for n in range(501))))

    def test_a_published_mapping_is_what_its_rows_say(self):
        snapshot = {"code": "rows", "direction": "out", "rows": [row.as_json() for row in ROWS]}
        read = json.loads(json.dumps(snapshot))
        self.assertEqual([row_of(given) for given in read["rows"]], list(ROWS))
        self.assertEqual(compile_mapping(read)(ORDER, lookup), mapped(*ROWS))

    def test_without_crosswalks_at_hand_a_code_is_an_error_and_not_passed_on(self):
        with self.assertRaises(Exception) as raised:
            mapped(Row("A", "currency", crosswalk="units"), codes=NO_LOOKUP)
        self.assertIn("not at hand", str(raised.exception))

    # -- the way back --------------------------------------------------------------------------

    def test_the_way_back_returns_what_it_says_it_keeps(self):
        back = invert(ROWS)
        self.assertEqual(
            set(back.kept),
            {"number", "ordered_at", "supplier.name", "lines[].line_number",
             "lines[].item.gtin", "lines[].quantity", "lines[].uom", "lines[].lots[].number"}
            - {"supplier.name"},
        )  # fmt: skip
        lost = {each.target: each.reason for each in back.lost}
        self.assertIn("constant", lost["Head.Kind"])
        self.assertIn("no way back", lost["Head.Seller"])
        self.assertIn("condition", lost["Pos[].Big"])
        returned = RowMapper(back.rows, "in")(mapped(*ROWS), lookup)
        self.assertEqual(returned["number"], ORDER["number"])
        for line, original in zip(returned["lines"], ORDER["lines"], strict=True):
            for name in ("line_number", "quantity", "uom"):
                self.assertEqual(line[name], original[name])
            self.assertEqual(line["item"], original["item"])

    @given(st.data())
    def test_plain_rows_come_back_as_they_were(self, data):
        names = st.text("abcXYZ-é$", min_size=1, max_size=4)
        targets = data.draw(st.lists(names, min_size=1, max_size=6, unique=True))
        sources = [f"f{number}" for number in range(len(targets))]
        values = st.none() | st.text(max_size=5) | st.integers() | st.lists(st.booleans())
        body = {source: data.draw(values) for source in sources}
        rows = [Row(f'"{target}"', source) for target, source in zip(targets, sources, strict=True)]
        back = invert(rows)
        self.assertEqual(back.lost, ())
        returned = RowMapper(back.rows, "in")(RowMapper(rows, "out")(body, lookup), lookup)
        self.assertEqual(returned, {name: v for name, v in body.items() if v is not None})

    @given(st.dictionaries(st.sampled_from("abc"), st.text("hidden", min_size=6, max_size=9)))
    def test_what_is_not_in_the_document_appears_in_no_result(self, extra):
        """The pipeline maps what the policy left: a mapping has nothing else to take from."""
        rows = [*ROWS, Row("All", "@"), Row("Some", "[a, b, c]"), Row("Rest", "/supplier")]
        shown = json.dumps(mapped(*rows))
        for value in extra.values():
            self.assertNotIn(value, shown)

    # -- paths and expressions -----------------------------------------------------------------

    @given(
        st.lists(st.tuples(st.text(min_size=1, max_size=8), st.booleans()), min_size=1, max_size=6)
    )
    def test_a_target_is_written_as_it_is_read(self, steps):
        steps = tuple((name.replace('"', "'"), many) for name, many in steps)
        self.assertEqual(parse_target(write_target(steps)), steps)

    @given(st.text('a.[]" x', max_size=12))
    def test_any_text_is_a_target_or_a_clear_error(self, text):
        try:
            steps = parse_target(text)
        except PathError as problem:
            self.assertTrue(problem.sentence)
        else:
            self.assertTrue(steps)

    @given(st.text("ab.[]*?@|&`'\"(){},:0123-<>=! \\", max_size=40))
    def test_any_text_is_an_expression_or_a_clear_error(self, text):
        try:
            compile_expression(text)(ORDER)
        except ExpressionError as problem:
            self.assertTrue(problem.sentence)

    def test_what_would_fill_the_memory_is_refused(self):
        double = " | ".join(["[@, @][]"] * 60)
        nested = " | ".join(["[@, @]"] * 60)
        for hostile in (
            f"lines | {double}",
            nested,
            f"lines[].uom | {double} | join('x', @)",
            "[" * 900,
            "a" * 1001,
        ):
            with self.subTest(hostile[:30]), self.assertRaises(ExpressionError):
                compile_expression(hostile)(ORDER)
