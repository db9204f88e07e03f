import json

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests.common import BaseCase

from ..lib.shape import Shapes, digest_of, read_shape, shape_of

SCHEMA = {
    "type": "object",
    "properties": {
        "number": {"type": "string"},
        "buyer": {"type": "object", "properties": {"name": {"type": "string"}}},
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "gtin": {"type": "string"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
        "notes": {"type": "array", "items": {"type": "string"}},
        "extra": {"type": "object", "additionalProperties": True},
    },
}
PATHS = {"number", "buyer.name", "lines[].gtin", "lines[].tags[]", "notes[]", "extra"}
STRANGERS = {"*", "buyer.*", "lines[].*"}
NAMES = st.sampled_from(["number", "buyer", "lines", "gtin", "tags", "notes", "extra", "Canary"])
VALUES = st.recursive(
    st.one_of(st.none(), st.text(max_size=3), st.integers()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=20,
)


def paths(shape):
    return [path for path, _action in read_shape(shape.text)[1]]


class TestShape(BaseCase):
    def setUp(self):
        super().setUp()
        self.shapes = Shapes("Note 1.0", SCHEMA)

    def came(self, **body):
        return paths(self.shapes.came(body))

    def test_places_in_lists_are_told_as_one(self):
        self.assertEqual(
            self.came(number="1", lines=[{"gtin": "a"}, {"tags": ["x", "y"]}], notes=["n"]),
            ["lines[].gtin", "lines[].tags[]", "notes[]", "number"],
        )

    def test_a_name_that_the_document_type_does_not_know_is_not_repeated(self):
        found = self.came(Canary="x", buyer={"Canary": 1, "name": "n"}, extra={"Canary": 2})
        self.assertEqual(found, ["*", "buyer.*", "buyer.name", "extra"])

    def test_the_same_fields_are_one_shape_whatever_is_in_them(self):
        one = self.shapes.came({"number": "1", "lines": [{"gtin": "a"}]})
        other = self.shapes.came({"lines": [{"gtin": "b"}] * 5, "number": "Canary"})
        self.assertEqual(one, other)
        self.assertNotEqual(one, self.shapes.came({"number": "1"}))
        self.assertNotEqual(
            one, Shapes("Note 2.0", SCHEMA).came({"number": "1", "lines": [{"gtin": "a"}]})
        )

    def test_what_leaves_is_told_with_what_was_done_and_what_does_not_leave_is_not(self):
        shape = self.shapes.left(
            (("number", "send"), ("buyer.name", "mask"), ("notes[]", "drop"), ("?", "no_rule"))
        )
        self.assertEqual(
            read_shape(shape.text),
            ("Note 1.0", (("buyer.name", "mask"), ("number", "send"))),
        )

    def test_the_digest_is_that_of_the_text(self):
        shape = shape_of("Note 1.0", [("b", "send"), ("a", "mask"), ("b", "send")])
        self.assertEqual(shape.digest, digest_of(shape.text))
        self.assertEqual(json.loads(shape.text)["fields"], [["a", "mask"], ["b", "send"]])

    def test_a_text_that_is_no_shape_is_refused(self):
        for text in ("[]", "{}", '{"document":"x"}', "no"):
            with self.assertRaises(ValueError):
                read_shape(text)

    @given(st.dictionaries(NAMES, VALUES, max_size=6))
    def test_nothing_but_names_of_the_document_type_is_ever_told(self, body):
        self.assertLessEqual(set(paths(Shapes("N 1", SCHEMA).came(body))), PATHS | STRANGERS)

    @given(
        st.text(min_size=1, max_size=5),
        st.sets(st.tuples(st.text(max_size=4), st.text(max_size=4)), max_size=5),
    )
    def test_different_shapes_have_different_texts_and_read_back(self, document, fields):
        read = read_shape(shape_of(document, fields).text)
        self.assertEqual((read[0], set(read[1])), (document, fields))
