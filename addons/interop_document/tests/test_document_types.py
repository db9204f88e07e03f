"""The shipped document types as such: complete, consistent, their examples true."""

import re

from odoo.tests import BaseCase

from odoo.addons.interop_document.lib.fields import resolve, walk_fields
from odoo.addons.interop_document.lib.schema import compile_schema
from odoo.addons.interop_document.lib.sensitivity import Sensitivity, sensitivities

from .common import SCHEMAS


def objects(node):
    if isinstance(node, dict):
        if "properties" in node and node.get("type") == "object":
            yield node
        for inner in node.values():
            yield from objects(inner)


# Numbers that count nothing that has a unit.
COUNTED = (
    "entries",
    "epoch",
    "line_number",
    "package_count",
    "revision",
    "seal",
    "ship_notice_line",
)


def nodes(schema, path="#"):
    """Every object in a schema with the way to it, but not in its examples."""
    if isinstance(schema, dict):
        yield path, schema
        for key, inner in schema.items():
            if key != "examples":
                yield from nodes(inner, f"{path}/{key}")


def places(value, path=""):
    """The paths of a document's leaves, as they stand in a field list."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from places(inner, f"{path}[]")
    else:
        yield path


class TestDocumentTypes(BaseCase):
    def test_examples_are_valid(self):
        for code, schema in SCHEMAS.items():
            with self.subTest(code):
                validator = compile_schema(schema)
                self.assertTrue(schema["examples"])
                for example in schema["examples"]:
                    self.assertEqual(validator.problems(example), [])

    def test_every_field_is_described_and_classified(self):
        for code, schema in SCHEMAS.items():
            for field in walk_fields(schema):
                with self.subTest(f"{code}: {field.path}"):
                    self.assertNotEqual(field.title, field.name)
                    self.assertRegex(field.description, r"\.$")
                    self.assertRegex(field.name, re.compile("^[a-z][a-z0-9_]*$"))
                    if field.is_leaf:
                        self.assertTrue(field.stated)
                        self.assertTrue(field.example)

    def test_every_group_refuses_unknown_fields(self):
        for code, schema in SCHEMAS.items():
            for node in objects({key: part for key, part in schema.items() if key != "examples"}):
                with self.subTest(f"{code}: {node.get('title')}"):
                    self.assertIs(node["additionalProperties"], False)
                    self.assertLessEqual(set(node.get("required", ())), set(node["properties"]))

    def test_every_text_and_number_is_bounded(self):
        def leaves(node):
            if isinstance(node, dict):
                if isinstance(node.get("type"), str):
                    yield node
                for key, inner in node.items():
                    if key != "examples":
                        yield from leaves(inner)

        for code, schema in SCHEMAS.items():
            for node in leaves(schema):
                with self.subTest(f"{code}: {node.get('title')}"):
                    match node["type"]:
                        case "string":
                            self.assertTrue("maxLength" in node or "enum" in node)
                        case "number" | "integer":
                            self.assertIn("maximum", node)
                            self.assertTrue({"minimum", "exclusiveMinimum"} & set(node))
                        case "array":
                            self.assertIn("maxItems", node)

    def test_every_entry_of_a_list_has_a_name_in_the_singular(self):
        def lists(node):
            if isinstance(node, dict):
                if node.get("type") == "array":
                    yield node
                for key, inner in node.items():
                    if key != "examples":
                        yield from lists(inner)

        for code, schema in SCHEMAS.items():
            for node in lists(schema):
                with self.subTest(f"{code}: {node['title']}"):
                    entry = resolve(schema, node["items"])
                    self.assertTrue(entry.get("title"))
                    self.assertNotEqual(entry["title"], node["title"])

    def test_every_number_tells_its_unit(self):
        for code, schema in SCHEMAS.items():
            for field in walk_fields(schema):
                if field.is_leaf and field.type.endswith(("number", "integer")):
                    with self.subTest(f"{code}: {field.path}"):
                        told = field.unit or "unit" in field.description
                        self.assertTrue(told or field.name.endswith(COUNTED))

    def test_every_code_tells_its_list(self):
        for code, schema in SCHEMAS.items():
            for path, node in nodes(schema):
                if re.search(r"\bcode\b|\bcategory\b", node.get("x-expects", "")):
                    with self.subTest(f"{code}: {path}"):
                        self.assertTrue(node.get("x-code-list"))

    def test_the_example_shows_nearly_every_field(self):
        """A field that an example leaves out is one that another entry beside it does not need."""
        for code, schema in SCHEMAS.items():
            shown = {place for example in schema["examples"] for place in places(example)}
            leaves = {field.path for field in walk_fields(schema) if field.is_leaf}
            with self.subTest(code):
                top = {path.partition(".")[0] for path in leaves}
                self.assertEqual(top - {place.partition(".")[0] for place in shown}, set())
                self.assertLessEqual(shown, leaves)

    def test_what_is_about_people_is_personal(self):
        for code, schema in SCHEMAS.items():
            for path, sensitivity in sensitivities(schema).items():
                with self.subTest(f"{code}: {path}"):
                    of_person = "contact" in path.split(".")[:-1]
                    self.assertEqual(of_person, sensitivity is Sensitivity.personal)

    def test_whole_account_numbers_leave_for_nobody_and_licences_are_confidential(self):
        paid = sensitivities(SCHEMAS["Invoice"])
        for name in ("account_number", "mandate"):
            self.assertIs(paid[f"payment.{name}"], Sensitivity.secret)
        licences = {
            sensitivity
            for path, sensitivity in sensitivities(SCHEMAS["Partner"]).items()
            if path.startswith("licences[]")
        }
        self.assertEqual(licences, {Sensitivity.confidential})
