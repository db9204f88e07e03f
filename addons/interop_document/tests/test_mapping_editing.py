"""What an editor asks about rows: what they take, what is proposed, and hostile input."""

import json

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests.common import BaseCase, tagged

from odoo.addons.interop_base.lib.failures import DataError

from ..lib.lookup import NO_LOOKUP
from ..lib.mapping.compiled import RowMapper
from ..lib.mapping.editing import rows_of, try_rows
from ..lib.mapping.outline import MAX_LINES, MAX_SHOWN, outline_of, places_of
from ..lib.mapping.proposing import Place, ProposalError, add_row, set_source, suggest, usual_target
from ..lib.mapping.rows import Row
from ..lib.mapping.showing import Shown, lines_shown, places_shown
from ..lib.mapping.uses import uses_of
from .common import order_of
from .strategies import JSON, PROFILE, TEXT

NAMES = st.sampled_from(["a", "b", "Order-No", "x.y", "with space", "c1"])


@st.composite
def bodies(draw, depth=3):
    """A document of groups, lists of groups and texts, with a text in each leaf."""
    found = {}
    for name in draw(st.lists(NAMES, min_size=1, max_size=3, unique=True)):
        kind = draw(st.sampled_from(["text", "group", "list"])) if depth else "text"
        if kind == "text":
            found[name] = draw(st.text("abc", min_size=1, max_size=3))
        elif kind == "group":
            found[name] = draw(bodies(depth=depth - 1))
        else:
            entry = draw(bodies(depth=depth - 1))
            found[name] = [entry] * draw(st.integers(1, 3))
    return found


def leaves(body):
    return [line for line in places_of(body).lines if line.path and line.kind == "text"]


@tagged("interop_lib")
class TestUses(BaseCase):
    @staticmethod
    def taken(*rows):
        return set().union(*uses_of(rows).taken.values())

    def test_paths_expressions_and_conditions_are_seen_from_where_the_row_stands(self):
        self.assertEqual(
            self.taken(
                Row("A", "join(' ', [zip, ship_to.city])", when="total > `3`"),
                Row("P[]", each="lines"),
                Row("P[].G", "item.gtin"),
                Row("P[].C", "/currency"),
                Row("P[].N", "^.number"),
                Row("P[].L[]", each="lots"),
                Row("P[].L[].Q", "qty"),
            ),
            {
                "zip", "ship_to.city", "total", "lines[].item.gtin", "currency", "number",
                "lines[].lots[].qty",
            },
        )  # fmt: skip

    def test_filters_projections_and_pipes_are_gone_through(self):
        self.assertEqual(
            self.taken(
                Row("A", "lines[?kind == 'x'].amount | [0]"),
                Row("B", "max_by(lots, &expiry).number"),
                Row("C", "parties[0].name"),
            ),
            {"lines[].kind", "lines[].amount", "lots", "parties[].name"},
        )

    @given(JSON, st.lists(TEXT, min_size=1, max_size=4))
    @PROFILE
    def test_any_text_may_stand_in_a_row(self, _body, texts):
        uses_of([Row(text, text, each=text, when=text) for text in texts])


@tagged("interop_lib")
class TestProposing(BaseCase):
    @given(bodies())
    @PROFILE
    def test_every_leaf_can_be_taken_to_its_own_name_and_arrives_there(self, body):
        rows = []
        for line in leaves(body):
            rows = list(add_row(rows, line.path, usual_target(rows, line.path)).rows)
        made = RowMapper(rows, "out")(body, NO_LOOKUP)
        self.assertEqual(made, body)
        used = set().union(*uses_of(rows).taken.values())
        self.assertEqual(used, {line.path for line in leaves(body)})

    def test_a_list_within_a_list_is_opened_from_the_outside_in(self):
        rows = add_row([], "lines[].lots[].expiry", "Pos[].Lot[].Exp").rows
        self.assertEqual(
            [(row.target, row.each or row.source) for row in rows],
            [("Pos[]", "lines"), ("Pos[].Lot[]", "lots"), ("Pos[].Lot[].Exp", "expiry")],
        )

    def test_what_is_around_a_list_is_reached_from_within_it(self):
        rows = add_row([], "lines[].qty", "Pos[].Qty").rows
        rows = add_row(rows, "currency", "Pos[].Cur").rows
        self.assertEqual(rows[-1], Row("Pos[].Cur", "/currency"))
        rows = add_row(rows, "lines[].lots[].no", "Pos[].Lot[].No").rows
        rows = add_row(rows, "lines[].no", "Pos[].Lot[].Line").rows
        self.assertEqual(rows[-1], Row("Pos[].Lot[].Line", "^.no"))

    def test_a_list_taken_as_a_list_opens_it(self):
        self.assertEqual(
            add_row([], "lines[]", "Pos", opens=True).rows, (Row("Pos[]", each="lines"),)
        )
        self.assertEqual(add_row([], "notes[]", "Texts").rows, (Row("Texts", "notes"),))

    def test_a_row_keeps_what_else_it_says_when_its_source_changes(self):
        row = Row("P[].A", "old", converter="upper", required=True)
        rows = set_source([Row("P[]", each="lines"), row], 1, "lines[].new").rows
        self.assertEqual(rows[1], Row("P[].A", "new", converter="upper", required=True))

    def test_what_cannot_be_done_says_what_to_do_instead(self):
        for call, words in (
            (lambda: add_row([], "number", "Pos[].No"), "Choose first which list"),
            (lambda: add_row([Row("A", "x")], "number", "A"), "onto that row"),
            (lambda: set_source([Row("P[]", each="x")], 0, "number"), "list of groups"),
        ):
            with self.assertRaisesRegex(ProposalError, words):
                call()

    def test_names_are_compared_as_people_abbreviate_them(self):
        pairs = suggest(
            [],
            [Place(f"Pos[].{name}") for name in ("Qty", "EAN", "Foo")] + [Place("Hdr.OrderNo")],
            [
                Place("number", "Order number"),
                Place("lines[].quantity", "Quantity"),
                Place("lines[].item.gtin", "GTIN"),
            ],
        )
        self.assertEqual(
            dict(pairs),
            {
                "Pos[].Qty": "lines[].quantity",
                "Pos[].EAN": "lines[].item.gtin",
                "Hdr.OrderNo": "number",
            },
        )

    def test_a_target_that_is_filled_is_not_suggested(self):
        self.assertEqual(suggest([Row("qty", "x")], [Place("qty")], [Place("qty")]), [])


@tagged("interop_lib")
class TestBounds(BaseCase):
    def test_long_lists_and_values_are_cut_for_reading(self):
        body = {"a": [{"b": "x" * 500}] * 5_000}
        outline = outline_of(body)
        self.assertEqual((len(outline.lines), outline.more), (MAX_LINES, True))
        self.assertLessEqual(max(len(line.value) for line in outline.lines), MAX_SHOWN + 1)
        self.assertEqual([line.path for line in places_of(body).lines], ["a[]", "a[].b"])

    @given(st.dictionaries(TEXT, JSON, max_size=5))
    @PROFILE
    def test_any_document_has_an_outline_whose_paths_can_be_taken(self, body):
        for line in places_of(body).lines:
            if line.path and line.kind != "group":
                add_row([], line.path, usual_target([], line.path, line.opens), line.opens)
        shown = Shown((), (), "in", {})
        json.dumps([places_shown(shown, body), lines_shown(shown, body, (), ())])

    @given(
        st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    name: JSON | TEXT
                    for name in (
                        "target", "source", "each", "constant", "converter", "arguments",
                        "crosswalk_id", "default", "required", "when",
                    )
                },
            ),
            max_size=4,
        )
        | JSON,
        st.dictionaries(TEXT, JSON, max_size=3),
    )  # fmt: skip
    @PROFILE
    def test_any_rows_are_tried_or_refused_in_a_sentence(self, rows, body):
        try:
            listed = rows_of(rows, {})
        except DataError as problem:
            self.assertTrue(problem.sentence)
            return
        tried = try_rows(listed, "out", body, NO_LOOKUP)
        for problem in tried.problems:
            self.assertTrue(0 <= problem.row <= len(listed))
            self.assertTrue(problem.reason)

    def test_expressions_that_ask_for_too_much_end_with_a_sentence_in_their_row(self):
        body = order_of(40)
        for source in (
            "[" * 2_000,
            "[lines, lines, lines, lines][][].[@, @, @, @][].[@, @, @, @][].[@, @, @][].[@, @, @]",
            "join('x', lines[].item.name)" + " | " * 400,
            "a" + ".a" * 5_000,
        ):
            tried = try_rows([Row("A", source), Row("B", "number")], "out", body, NO_LOOKUP)
            self.assertEqual([each.row for each in tried.problems], [1])
            self.assertEqual(tried.made, {"B": body["number"]})

    def test_a_secret_of_the_sample_is_in_no_problem(self):
        body = {"secret": "Mrs. Abernathy", "n": ["Mrs. Abernathy"]}
        tried = try_rows(
            [
                Row("A", "secret", converter="number"),
                Row("B", "n", converter="write_date", arguments={"pattern": "YYYY"}),
                Row("C", "sum(n)"),
            ],
            "out",
            body,
            NO_LOOKUP,
        )
        self.assertEqual(len(tried.problems), 3)
        self.assertNotIn("Abernathy", str([each.sentence for each in tried.problems]))
