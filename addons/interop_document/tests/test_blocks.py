"""Blocks: described once, bound into each type when it is loaded."""

import json
import tempfile
from pathlib import Path

from odoo.tests import BaseCase

from odoo.addons.interop_document.lib.blocks import SHIPPED, bind, bind_text, load_blocks
from odoo.addons.interop_document.lib.canonical import canonical_json, digest
from odoo.addons.interop_document.lib.fields import SchemaError, resolve, walk_fields

from .common import SCHEMAS

# What the two types accepted, and the paths and sensitivities they had, before they were put
# together of blocks: digests of `rules` and of the fields, taken then.
BEFORE = {
    "PurchaseOrder": (
        "371eac44c59933662c59fb7599d5fd34f7ab8f746348c4466575d41950388c35",
        "6b624a941a24b31addf9efd974915727be8923fc5c9bcfe9e5423834b9815277",
    ),
    "PurchaseOrderAcknowledgement": (
        "4ea7c8f386eee884e4f5d326ae7c1e6b21b5a1c8d88755dea10c4e2747ec1989",
        "f56ec72f93526fc42b7ecac990ff6bd7604ad5b6719b2cf6d25a892fcb6818e1",
    ),
}
_NOTES = {"$schema", "$id", "$defs", "title", "description", "examples", "x-unit", "x-code-list"}
_NOTES |= {"x-source-of-truth", "x-business-key"}


def rules(root, node):
    """All that decides what a schema accepts, in place of every reference what it refers to."""
    node = {key: inner for key, inner in resolve(root, node).items() if key not in _NOTES}
    for key in ("items", "if", "then"):
        if key in node:
            node[key] = rules(root, node[key])
    if "properties" in node:
        members = node["properties"].items()
        node["properties"] = {name: rules(root, inner) for name, inner in members}
    return node


def digests(schema):
    fields = [[f.path, f.sensitivity.name, f.type, f.required] for f in walk_fields(schema)]
    return digest(canonical_json(rules(schema, schema))), digest(canonical_json({"all": fields}))


def block(name, version="1.0", **rest):
    return {"$id": f"urn:interop:block:{name}:{version}", "type": "object", **rest}


def blocks(*listed):
    return {each["$id"]: each for each in listed}


def of(**properties):
    return {
        "properties": {
            name: {"$ref": f"urn:interop:block:{which}"} for name, which in properties.items()
        }
    }


class TestBlocks(BaseCase):
    def test_types_that_were_moved_to_blocks_accept_what_they_accepted(self):
        for code, before in BEFORE.items():
            with self.subTest(code):
                self.assertEqual(digests(SCHEMAS[code]), before)

    def test_every_shipped_block_is_used_and_bound_types_refer_to_themselves_only(self):
        used = set()
        for code, schema in SCHEMAS.items():
            used |= set(schema["$defs"])
            with self.subTest(code):
                self.assertNotIn("urn:interop:block:", json.dumps(schema))
        names = {path.stem.partition("-")[0] for path in SHIPPED.glob("*.json")}
        self.assertLessEqual(names, used)

    def test_blocks_of_blocks_are_bound_too(self):
        currency = block("currency")
        money = block("money", **of(currency="currency:1.0"))
        self.assertEqual(
            bind(of(price="money:1.0"), blocks(money, currency)),
            {
                "properties": {"price": {"$ref": "#/$defs/money"}},
                "$defs": {
                    "currency": {"type": "object"},
                    "money": {
                        "type": "object",
                        "properties": {"currency": {"$ref": "#/$defs/currency"}},
                    },
                },
            },
        )

    def test_a_text_in_an_example_is_not_taken_for_a_reference(self):
        schema = {"examples": [{"$ref": "urn:interop:block:nothing:1.0"}]}
        self.assertEqual(bind(schema, {}), schema)

    def test_what_cannot_be_bound_is_told(self):
        one, two = block("lot"), block("lot", "2.0")
        for schema, reason in (
            (of(a="nothing:1.0"), "no block urn:interop:block:nothing:1.0"),
            (of(a="lot"), "no block urn:interop:block:lot"),
            (of(a="lot:1.0", b="lot:2.0"), "two versions of the block lot"),
            ({**of(a="lot:1.0"), "$defs": {"lot": {}}}, r"\$defs/lot has the name of a block"),
        ):
            with self.subTest(reason), self.assertRaisesRegex(SchemaError, reason):
                bind(schema, blocks(one, two))

    def test_a_block_that_contains_itself_has_no_fields(self):
        whole = bind(of(a="lot:1.0"), blocks(block("lot", **of(inner="lot:1.0"))))
        with self.assertRaisesRegex(SchemaError, "contains itself"):
            walk_fields(whole)

    def test_text_without_references_is_left_as_it_is(self):
        for text in ('{"title":"A"}', "{", '["urn:interop:block:"', '["urn:interop:block:"]'):
            with self.subTest(text):
                self.assertEqual(bind_text(text, {}), text)

    def test_files_of_blocks_are_checked(self):
        for name, content, reason in (
            ("lot-1.0.json", "{", "cannot be read"),
            ("lot-1.0.json", json.dumps(block("lot", "2.0")), "must have the"),
            ("lot-1.0.json", json.dumps({**block("lot"), "$defs": {}}), "not hold any"),
        ):
            with self.subTest(reason), tempfile.TemporaryDirectory() as folder:
                (Path(folder) / name).write_text(content, encoding="utf-8")
                with self.assertRaisesRegex(SchemaError, reason):
                    load_blocks(Path(folder))
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "lot-1.0.json").write_text(json.dumps(block("lot")), encoding="utf-8")
            self.assertEqual(list(load_blocks(Path(folder))), ["urn:interop:block:lot:1.0"])
            with tempfile.TemporaryDirectory() as other:
                target = Path(other) / "lot-1.0.json"
                target.write_text(json.dumps(block("lot")), encoding="utf-8")
                with self.assertRaisesRegex(SchemaError, "two blocks"):
                    load_blocks(Path(folder), Path(other))
