"""What the comparison of two versions says holds for documents."""

import copy

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_document.lib.compatibility import Effect, Verdict, compare
from odoo.addons.interop_document.lib.schema import compile_schema

from .common import SCHEMAS, schema_of
from .strategies import PROFILE

TEXT = {"title": "Name", "type": "string", "maxLength": 10, "x-sensitivity": "internal"}
COUNT = {"title": "Count", "type": "integer", "minimum": 0, "maximum": 9, "x-sensitivity": "public"}


def group(properties, required=(), **rest):
    made = {"type": "object", "properties": properties, "additionalProperties": False, **rest}
    return {**made, "required": list(required)} if required else made


def listed(entry, **rest):
    return {"title": "Lines", "type": "array", "items": entry, "x-sensitivity": "internal", **rest}


# (old field, new field, verdict, what is said about the field)
CHANGES = (
    ({"maxLength": 10}, {"maxLength": 12}, "backward", "name: must have at most 10 characters in"),
    ({"maxLength": 10}, {"maxLength": 8}, "forward", "name: must have at most 8 characters now"),
    ({"enum": ["a"]}, {"enum": ["a", "b"]}, "backward", "name: b is new, the old version refuses"),
    ({"enum": ["a", "b"]}, {"enum": ["a"]}, "forward", "name: b is not allowed any more"),
    ({"enum": ["a"]}, {"enum": ["b"]}, "breaking", "name: a is not allowed any more"),
    ({"enum": ["a"]}, {"maxLength": 3}, "backward", "name: must be one of a in the old version"),
    ({"type": "integer"}, {"type": "number"}, "backward", "a number now, the old version takes"),
    (
        {"type": "number"},
        {"type": "integer"},
        "forward",
        "must be a whole number now, a number was",
    ),
    ({"type": "string"}, {"type": "number"}, "breaking", "must be a number now, text was allowed"),
    ({"pattern": "^a$"}, {"pattern": "^[a]$"}, "breaking", "written as the document type"),
    ({"pattern": "^a$"}, {}, "backward", "written as the document type prescribes in the old"),
    ({"format": "gln"}, {"format": "gtin"}, "breaking", "must be a GTIN"),
    ({"minimum": 1}, {"exclusiveMinimum": 0}, "backward", "must be at least 1 in the old"),
    ({"exclusiveMinimum": 1}, {"minimum": 1}, "backward", "must be greater than 1 in the old"),
    ({"multipleOf": 4}, {"multipleOf": 2}, "backward", "must be a multiple of 4 in the old"),
    ({"multipleOf": 4}, {"multipleOf": 3}, "breaking", "must be a multiple of 3 now"),
    ({"const": "a"}, {"enum": ["a", "b"]}, "backward", "name: b is new"),
    ({"const": 1}, {"const": True}, "breaking", "name: 1 is not allowed any more"),
    ({"type": "boolean"}, {"enum": [True, False]}, "both", None),
    ({"not": {"const": "a"}}, {}, "backward", "the rule not differs"),
    ({"not": {"const": "a"}}, {"not": {"const": "b"}}, "breaking", "the rule not differs"),
    ({"x-strange": 1}, {"x-strange": 2}, "breaking", "the rule x-strange differs"),
    ({"x-strange": 1}, {}, "breaking", "the rule x-strange differs"),
    ({"title": "Name"}, {"title": "Name", "description": "Now told."}, "both", None),
    ({"x-sensitivity": "personal"}, {"x-sensitivity": "internal"}, "breaking", "may leave"),
    ({"x-sensitivity": "internal"}, {"x-sensitivity": "personal"}, "both", "not cleared for it"),
    ({"x-sensitivity": "internal"}, {"x-sensitivity": "secret"}, "both", "not cleared for it"),
    ({"x-source-of-truth": "odoo"}, {}, "both", "the source of truth was odoo and is shared"),
    ({}, {"x-sensitivity": "public"}, "breaking", "was secret and is public"),
)
# (old document, new document, verdict, what is said)
SHAPES = (
    (group({"a": TEXT}), group({"a": TEXT, "b": COUNT}), "backward", "count: is a new field"),
    (group({"a": TEXT, "b": COUNT}), group({"a": TEXT}), "forward", "count: is not a field any"),
    (group({"a": TEXT}), group({"a": TEXT}, ["a"]), "forward", "name: is required and was not"),
    (group({"a": TEXT}, ["a"]), group({"a": TEXT}), "backward", "name: may be missing and was"),
    (
        group({"a": TEXT}),
        group({"a": TEXT}, additionalProperties=True),
        "backward",
        "the document: takes further fields now",
    ),
    (
        # A field that was no field may have held anything.
        group({"a": TEXT}, additionalProperties=True),
        group({"a": TEXT, "b": COUNT}, additionalProperties=True),
        "forward",
        "count: must be a whole number now",
    ),
    (
        group({"a": listed(group({"b": COUNT}, title="Line"))}),
        group({"a": listed(group({"b": COUNT}, ["b"], title="Line"))}),
        "forward",
        "each line, count: is required and was not before",
    ),
    (
        group({"a": listed(group({"b": COUNT}))}),
        group({"a": listed(group({"b": COUNT}), **{"x-unique-by": "b"})}),
        "forward",
        "lines: b must differ from entry to entry now",
    ),
    (
        group({"a": listed(TEXT)}),
        group({"a": listed(TEXT, uniqueItems=True)}),
        "forward",
        "lines: must not have the same entry twice now",
    ),
    (
        group({"a": listed(TEXT, maxItems=1)}),
        group({"a": listed(TEXT, maxItems=1, uniqueItems=True)}),
        "both",
        None,
    ),
    (
        group({"a": TEXT}, minProperties=1),
        group({"a": TEXT}, ["a"]),
        "forward",
        "name: is required and was not before",
    ),
    (
        group({"a": TEXT, "b": COUNT}, patternProperties={"^c": {}}),
        group({"a": TEXT}, patternProperties={"^c": {}}),
        "breaking",
        "the rule patternProperties differs",
    ),
    (
        group({"a": TEXT}, **{"if": {"required": ["a"]}, "then": {"minProperties": 1}}),
        group({"a": TEXT}, **{"if": {"required": ["a"]}, "then": {"minProperties": 2}}),
        "breaking",
        "the rule then differs",
    ),
    ({"$ref": "#/$defs/a", "$defs": {"a": group({"a": TEXT})}}, group({"a": TEXT}), "both", None),
    (
        {"$ref": "#/$defs/a", "$defs": {"a": group({"a": TEXT})}, "maxProperties": 0},
        group({"a": TEXT}),
        "breaking",
        "the rule allOf differs",
    ),
    (group({"a": TEXT}), {"$dynamicRef": "#a"}, "breaking", "cannot be compared"),
)


def texts():
    return st.fixed_dictionaries(
        {"type": st.just("string")},
        optional={
            "minLength": st.integers(0, 3),
            "maxLength": st.integers(0, 5),
            "pattern": st.sampled_from(("^a", "b$")),
            "enum": st.lists(st.sampled_from(("", "a", "ab", "abc")), min_size=1, unique=True),
        },
    )


def numbers():
    limits = st.integers(-3, 3) | st.sampled_from((-0.5, 0.5))
    return st.fixed_dictionaries(
        {"type": st.sampled_from(("number", "integer"))},
        optional={
            "minimum": limits,
            "maximum": limits,
            "exclusiveMinimum": limits,
            "exclusiveMaximum": limits,
            "multipleOf": st.sampled_from((1, 2, 3, 4, 0.5)),
        },
    )


def schemas(depth=2):
    """Any schema of the kinds that document types are made of, and of some that they are not."""
    others = st.sampled_from(
        (
            {},
            {"not": {}},
            {"type": "boolean"},
            {"const": 1},
            {"const": True},
            {"enum": [1, "a", None]},
            {"type": ["string", "null"]},
            {"type": ["integer", "string"], "minimum": 1},
            {"not": {"const": 1}},
            {"anyOf": [{"type": "string"}, {"minimum": 1}]},
        )
    )
    if not depth:
        return texts() | numbers() | others
    inner = schemas(depth - 1)
    return texts() | numbers() | others | arrays(inner) | groups(inner)


def arrays(inner, knit=True):
    return st.fixed_dictionaries(
        {"type": st.just("array")},
        optional={
            "items": inner,
            "minItems": st.integers(0, 2),
            "maxItems": st.integers(0, 3),
            "uniqueItems": st.booleans(),
            "contains": st.sampled_from(({"const": 1}, {"type": "string"})),
        }
        | ({"prefixItems": st.lists(inner, min_size=1, max_size=2)} if knit else {}),
    )


def groups(inner, knit=True):
    names = st.sampled_from(("a", "b", "c"))
    return st.fixed_dictionaries(
        {"type": st.just("object")},
        optional={
            "properties": st.dictionaries(names, inner, max_size=3),
            "required": st.lists(names, unique=True, max_size=2),
            "additionalProperties": st.sampled_from((True, False)) | inner,
            "minProperties": st.integers(0, 2),
            "maxProperties": st.integers(0, 3),
            "dependentRequired": st.just({"a": ["b"]}),
            "if": st.just({"required": ["a"]}),
            "then": st.just({"required": ["b"]}) | st.just({"maxProperties": 1}),
        }
        | (
            {"patternProperties": st.dictionaries(st.just("^[ab]"), inner, min_size=1)}
            if knit
            else {}
        ),
    )


def values(depth=3):
    """Values that the schemas above tell apart."""
    plain = st.sampled_from(
        (None, True, False, 0, 1, 2, 3, 4, -1, -3, 0.5, -0.5, 1.5, "", "a", "ab", "abc", "b")
    )
    if not depth:
        return plain
    inner = values(depth - 1)
    names = st.sampled_from(("a", "b", "c", "d"))
    return plain | st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4)


NUMBERS = st.sampled_from((0, 1, 2, 3, 4, 6, -1, -2, -3, 0.5, -0.5, 1.5, 2.0))
TEXTS = st.sampled_from(("", "a", "ab", "abc", "b", "bb", "aaaa", "abcdef"))
FAMILIES = (
    (texts(), TEXTS),
    (numbers(), NUMBERS),
    (arrays(numbers(), knit=False), st.lists(NUMBERS, max_size=4)),
    (
        groups(texts() | numbers(), knit=False),
        st.dictionaries(st.sampled_from(("a", "b", "c", "d")), NUMBERS | TEXTS, max_size=4),
    ),
)


@st.composite
def mutated(draw, schema):
    """`schema` with one keyword somewhere in it changed, left out or added."""
    schema = copy.deepcopy(schema)
    places = list(_parts(schema))
    if not places:
        return draw(schemas())
    node = draw(st.sampled_from(places))
    other = draw(schemas(1).filter(lambda made: isinstance(made, dict) and made))
    match draw(st.sampled_from(("drop", "take", "loosen", "replace"))):
        case "drop" if node:
            del node[draw(st.sampled_from(sorted(node)))]
        case "loosen":
            for keyword, step in (("minimum", -1), ("maximum", 1), ("maxLength", 1)):
                if keyword in node:
                    node[keyword] += step
        case "replace":
            node.clear()
            node.update(other)
        case _:
            key = draw(st.sampled_from(sorted(other)))
            node[key] = other[key]
    return schema


def _parts(node):
    if isinstance(node, dict):
        yield node
        for keyword in ("items", "additionalProperties"):
            yield from _parts(node.get(keyword))
        for inner in node.get("properties", {}).values():
            yield from _parts(inner)


@st.composite
def neighbours(draw):
    """Two schemas of one kind, the second with some keywords of a third, and values for both."""
    family, bodies = draw(st.sampled_from(FAMILIES))
    old, other = draw(family), draw(family)
    keywords = sorted(key for key in old.keys() | other.keys() if old.get(key) != other.get(key))
    taken = draw(st.sets(st.sampled_from(keywords), min_size=1, max_size=2)) if keywords else ()
    new = {key: rule for key, rule in old.items() if key not in taken}
    new |= {key: rule for key, rule in other.items() if key in taken}
    pair = ({"properties": {"a": each}} for each in (old, new))
    return *pair, st.fixed_dictionaries({"a": bodies})


@st.composite
def versions(draw):
    """Two versions of a schema that are not far from each other, and documents for both."""
    old = draw(groups(schemas(1)))
    return old, draw(mutated(old) | mutated(old).flatmap(mutated)), values()


class TestCompatibility(BaseCase):
    def test_each_change_of_a_field_is_told_and_judged(self):
        for old, new, verdict, told in CHANGES:
            with self.subTest(old=old, new=new):
                before, after = (
                    {"properties": {"name": {"title": "Name", **field}}} for field in (old, new)
                )
                self._check(before, after, verdict, told)

    def test_each_change_of_shape_is_told_and_judged(self):
        for old, new, verdict, told in SHAPES:
            with self.subTest(told=told):
                self._check(old, new, verdict, told)

    def _check(self, old, new, verdict, told):
        found = compare(old, new)
        sentences = [change.sentence for change in found.changes]
        self.assertEqual(found.verdict, verdict, sentences)
        if told is None:
            self.assertEqual(sentences, [])
        else:
            self.assertTrue(any(told in sentence for sentence in sentences), sentences)

    def test_a_version_is_compatible_with_itself(self):
        for code, schema in SCHEMAS.items():
            with self.subTest(code):
                self.assertEqual(compare(schema, schema_of(code)).changes, ())

    def test_what_is_said_of_a_new_field_of_a_shipped_type(self):
        new = schema_of("PurchaseOrder")
        new["$defs"]["line"]["properties"]["urgent"] = {
            "title": "Urgent",
            "type": "boolean",
            "x-sensitivity": "internal",
        }
        found = compare(SCHEMAS["PurchaseOrder"], new)
        self.assertIs(found.verdict, Verdict.backward)
        self.assertEqual(
            [(change.path, change.effect, change.sentence) for change in found.changes],
            [
                (
                    "lines[].urgent",
                    Effect.forward,
                    "each line, urgent: is a new field, which the old version refuses",
                ),
                (
                    "lines[].urgent",
                    Effect.note,
                    "lines[].urgent: is a new field (Urgent, internal)",
                ),
            ],
        )

    @PROFILE
    @given(st.data())
    def test_what_is_called_compatible_accepts_every_document(self, data):
        old, new, bodies = data.draw(versions() | neighbours())
        self._holds(old, new, data.draw(st.lists(bodies, min_size=20, max_size=20)))

    @settings(PROFILE, max_examples=400)
    @given(st.data())
    def test_what_is_said_of_each_rule_holds_for_values_near_it(self, data):
        old, new, bodies = data.draw(neighbours())
        self._holds(old, new, data.draw(st.lists(bodies, min_size=10, max_size=10)))

    def _holds(self, old, new, documents):
        found = compare(old, new)
        before, after = compile_schema(old), compile_schema(new)
        for document in documents:
            if found.backward and before.is_valid(document):
                self.assertEqual(after.problems(document), [])
            if found.forward and after.is_valid(document):
                self.assertEqual(before.problems(document), [])
