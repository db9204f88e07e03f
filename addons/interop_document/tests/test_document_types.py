"""The shipped document types as such: complete, consistent, their examples true."""

import re

from odoo.tests import BaseCase

from odoo.addons.interop_document.lib.fields import walk_fields
from odoo.addons.interop_document.lib.schema import compile_schema
from odoo.addons.interop_document.lib.sensitivity import Sensitivity, sensitivities

from .common import SCHEMAS


def objects(node):
    if isinstance(node, dict):
        if "properties" in node and node.get("type") == "object":
            yield node
        for inner in node.values():
            yield from objects(inner)


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

    def test_shared_blocks_are_the_same_in_every_type(self):
        order, answer = (schema["$defs"] for schema in SCHEMAS.values())
        for name in set(order) & set(answer) - {"line"}:
            with self.subTest(name):
                self.assertEqual(order[name], answer[name])

    def test_what_is_about_people_is_personal(self):
        found = sensitivities(SCHEMAS["PurchaseOrder"])
        for path, sensitivity in found.items():
            with self.subTest(path):
                self.assertEqual("contact" in path, sensitivity is Sensitivity.personal)
