from odoo.tests import BaseCase

from odoo.addons.interop_document.lib.fields import SchemaError, walk_fields

from .common import SCHEMAS


class TestFields(BaseCase):
    def test_groups_come_before_their_members(self):
        for code, schema in SCHEMAS.items():
            seen = set()
            for field in walk_fields(schema):
                with self.subTest(f"{code}: {field.path}"):
                    parent, _dot, _name = field.path.rpartition(".")
                    self.assertTrue(not parent or parent in seen)
                    self.assertEqual(field.depth, field.path.count("."))
                    seen.add(field.path)

    def test_a_field_is_described_for_people(self):
        [gtin] = [
            field
            for field in walk_fields(SCHEMAS["PurchaseOrder"])
            if field.path == "lines[].item.gtin"
        ]
        self.assertEqual((gtin.title, gtin.kind, gtin.required), ("GTIN", "GTIN", False))
        self.assertIn("Global Trade Item Number", gtin.description)

    def test_schema_that_contains_itself_is_refused(self):
        node = {"type": "object", "properties": {"child": {"$ref": "#/$defs/node"}}}
        with self.assertRaisesRegex(SchemaError, "contains itself"):
            walk_fields({"$defs": {"node": node}, **node})

    def test_circle_of_references_is_refused(self):
        schema = {
            "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}},
            "properties": {"name": {"$ref": "#/$defs/a"}},
        }
        with self.assertRaisesRegex(SchemaError, "refers to itself"):
            walk_fields(schema)

    def test_reference_to_elsewhere_is_refused(self):
        for ref, reason in (
            ("https://example.org/schema.json", "not a reference into this schema"),
            ("#/$defs/missing", "refers to nothing"),
        ):
            with self.subTest(ref), self.assertRaisesRegex(SchemaError, reason):
                walk_fields({"properties": {"name": {"$ref": ref}}})

    def test_names_that_a_path_could_not_carry_are_refused(self):
        for name in ("a.b", "a[]", "*", ""):
            with self.subTest(name), self.assertRaisesRegex(SchemaError, "field name"):
                walk_fields({"properties": {name: {"type": "string"}}})
