from odoo.tests import BaseCase

from odoo.addons.interop_document.lib.business_keys import business_keys
from odoo.addons.interop_document.lib.fields import SchemaError, walk_fields
from odoo.addons.interop_document.lib.tree import field_tree
from odoo.addons.interop_document.lib.truths import truths

from .common import SCHEMAS

# (rules of a field, what is said of its limits)
LIMITS = (
    ({"type": "string", "maxLength": 40, "minLength": 1}, "up to 40 characters"),
    ({"type": "string", "pattern": "^a$", "maxLength": 1, "x-expects": "an a"}, "an a"),
    ({"type": "number", "minimum": -3, "maximum": 5}, "-3 to 5"),
    ({"type": "number", "minimum": 0, "maximum": 10**12}, "0 or more"),
    ({"type": "number", "minimum": -(10**12), "maximum": 10**12}, ""),
    ({"type": "integer", "exclusiveMinimum": 0, "maximum": 9}, "more than 0, up to 9"),
    ({"type": "array", "items": {"type": "string"}, "maxItems": 3}, "up to 3 entries"),
    ({"type": "boolean"}, ""),
)


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

    def test_limits_are_told_in_words(self):
        for rules, told in LIMITS:
            with self.subTest(rules=rules):
                [field] = walk_fields({"properties": {"a": rules}})
                self.assertEqual(field.limits, told)

    def test_units_are_told_as_people_write_them(self):
        for unit, told in (("CEL", "°C"), ("DAY", "days"), ("XYZ", "XYZ"), ("", "")):
            [field] = walk_fields({"properties": {"a": {"type": "number", "x-unit": unit}}})
            self.assertEqual(field.unit_word, told)

    def test_each_row_of_the_tree_names_the_group_around_it(self):
        for code, schema in SCHEMAS.items():
            groups = {""}
            for row in field_tree(walk_fields(schema), truths(schema), business_keys(schema)):
                with self.subTest(f"{code}: {row['path']}"):
                    self.assertIn(row["parent"], groups)
                    self.assertEqual(row["parent"], row["path"].rpartition(".")[0])
                    self.assertEqual(bool(row["label"]), row["leaf"])
                    self.assertEqual(bool(row["truth"]), row["leaf"])
                if not row["leaf"]:
                    groups.add(row["path"])
