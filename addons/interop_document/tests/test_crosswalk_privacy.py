import doctest

from odoo.tests.common import BaseCase

from ..lib import crosswalk_suggestions
from ..lib.crosswalk_privacy import LONGEST, careful, harmless_places
from ..lib.crosswalk_suggestions import suggest
from ..lib.fields import walk_fields
from ..lib.lookup import NO_LOOKUP, Unmapped, UnmappedCodes
from ..lib.mapping import expression

TEXT = {"type": "string", "x-sensitivity": "internal"}
FIELDS = walk_fields(
    {
        "properties": {
            "number": TEXT,
            "tags": {"type": "array", "items": TEXT},
            "patient": {
                "x-sensitivity": "health",
                "properties": {"code": {"type": "string"}, "ward": TEXT},
            },
            "lines": {
                "type": "array",
                "items": {
                    "properties": {
                        "uom": {"properties": {"code": TEXT, "name": TEXT}},
                        "who": {"type": "string", "x-sensitivity": "personal"},
                    }
                },
            },
        }
    }
)


def places(*rows, direction="out"):
    given = [{"target": target, **row} for target, row in rows]
    snapshot = {"code": "rows", "direction": direction, "rows": given}
    return sorted(harmless_places(snapshot, FIELDS))


def source(text):
    return {"source": text}


class TestHarmlessPlaces(BaseCase):
    def test_plain_sources_are_judged_by_their_field(self):
        found = places(
            ("A", source("number")),
            ("B", source("patient.code")),
            ("C", source("patient.ward")),
            ("D", source("patient")),
            ("E", source("nowhere")),
            ("F", {"constant": "x"}),
        )
        self.assertEqual(found, ["A", "C", "F"])

    def test_sources_in_lists_are_judged_where_they_are_looked_for(self):
        found = places(
            ("L[]", {"each": "lines"}),
            ("L[].A", source("uom.name")),
            ("L[].B", source("who")),
            ("L[].C", source("^.number")),
            ("L[].D", source("/number")),
            ("L[].E", source("^.patient.code")),
            ("L[].F", source("@")),
            ("T[]", {"each": "tags"}),
            ("T[].A", source("@")),
        )
        self.assertEqual(found, ["L[].A", "L[].C", "L[].D", "T[].A"])

    def test_of_an_expression_every_name_must_be_harmless_wherever_it_stands(self):
        found = places(
            ("A", source("lines[0].uom.name")),  # lines hold a person
            ("B", source("number || tags[0]")),
            ("C", source("values(@)[0]")),
            ("D", source("*.ward")),
            ("E", source("patient.ward || number")),
            ("F", source("unknown || number")),
        )
        self.assertEqual(found, ["B"])

    def test_inbound_the_target_decides(self):
        rows = [("number", source("x")), ("patient.code", source("x")), ("other", source("x"))]
        self.assertEqual(places(*rows, direction="in"), ["number"])

    def test_of_a_mapper_that_is_no_rows_nothing_is_kept(self):
        self.assertEqual(harmless_places({"code": "acme"}, FIELDS), frozenset())

    def test_unknown_codes_are_marked_and_the_sentence_stays(self):
        def mapper(body, lookup):
            given = [("A", "EA"), ("B", "Ines"), ("A", "x" * (LONGEST + 1)), ("A", "a\x00b")]
            missing = [Unmapped("units", "out", code, path) for path, code in given]
            raise UnmappedCodes("Map them.", missing)

        rows = [{"target": "A", "source": "number"}, {"target": "B", "source": "patient.code"}]
        snapshot = {"code": "rows", "direction": "out", "rows": rows}
        with self.assertRaises(UnmappedCodes) as caught:
            careful(mapper, snapshot, FIELDS)({}, NO_LOOKUP)
        self.assertEqual(caught.exception.sentence, "Map them.")
        withheld = [each.withheld for each in caught.exception.missing]
        self.assertEqual(withheld, ["", "personal", "too_long", "too_long"])


class TestSuggestions(BaseCase):
    def test_the_examples_hold(self):
        for module in (crosswalk_suggestions, expression):
            self.assertEqual(doctest.testmod(module).failed, 0)

    def test_codes_that_disagree_suggest_nothing(self):
        self.assertIsNone(suggest("PCE", [("pce", "EA"), ("P-C-E", "UN")]))

    def test_its_own_codes_count_before_others(self):
        self.assertEqual(suggest("PCE", [("pce", "EA")], [("PCE", "UN")]), "EA")
        self.assertEqual(suggest("PCE", [("CT", "BX")], [("PCE", "UN")]), "UN")

    def test_only_long_codes_may_be_misspelt(self):
        self.assertEqual(suggest("CARTTON", [("CARTON", "CT")]), "CT")
        self.assertIsNone(suggest("CA", [("EA", "PCE")]))

    def test_a_code_of_signs_only_suggests_nothing(self):
        self.assertIsNone(suggest("--", [("..", "EA")]))
