from odoo.tests import BaseCase

from odoo.addons.interop_document.lib.fields import SchemaError, walk_fields
from odoo.addons.interop_document.lib.sources import TRUTHS
from odoo.addons.interop_document.lib.truths import (
    compared,
    register_compared,
    truths,
    value_kinds,
)

from .common import SCHEMAS


def schema(**root):
    return {
        "properties": {
            "number": {"type": "string"},
            "currency": {"type": "string"},
            "total": {"type": "number"},
            "count": {"type": "integer"},
            "lines": {
                "x-source-of-truth": "odoo",
                "items": {
                    "properties": {
                        "day": {"$ref": "#/$defs/day", "x-source-of-truth": "partner"},
                        "at": {"type": "string", "format": "date-time"},
                        "due": {"$ref": "#/$defs/day"},
                        "quantity": {"type": "number"},
                        "price": {"$ref": "#/$defs/price"},
                    },
                },
            },
        },
        "$defs": {
            "day": {"type": "string", "format": "date"},
            "price": {
                "x-source-of-truth": "shared",
                "properties": {
                    "amount": {"type": "number"},
                    "currency": {"type": "string", "x-source-of-truth": "odoo"},
                },
            },
        },
        **root,
    }


class TestTruths(BaseCase):
    def test_a_field_inherits_from_its_group_and_the_group_from_the_root(self):
        found = truths(schema(**{"x-source-of-truth": "partner"}))
        self.assertEqual(
            {path: found[path] for path in ("number", "lines[]", "lines[].due", "lines[].day")},
            {
                "number": "partner",
                "lines[]": "odoo",
                "lines[].due": "odoo",
                "lines[].day": "partner",
            },
        )

    def test_what_a_definition_says_holds_where_it_is_referred_to(self):
        found = truths(schema())
        self.assertEqual(found["lines[].price.amount"], "shared")
        self.assertEqual(found["lines[].price.currency"], "odoo")

    def test_a_type_that_says_nothing_is_shared(self):
        self.assertEqual(truths(schema())["number"], "shared")

    def test_every_field_has_a_truth(self):
        paths = [field.path for field in walk_fields(schema())]
        self.assertEqual(list(truths(schema())), paths)

    def test_an_unknown_word_is_refused_with_its_place(self):
        with self.assertRaisesRegex(SchemaError, "The document: x-source-of-truth must be one of"):
            truths(schema(**{"x-source-of-truth": "supplier"}))
        wrong = schema()
        wrong["properties"]["number"]["x-source-of-truth"] = ["odoo"]
        with self.assertRaisesRegex(SchemaError, "number: x-source-of-truth"):
            truths(wrong)

    def test_a_number_beside_a_currency_is_money(self):
        self.assertEqual(
            value_kinds(walk_fields(schema())),
            {
                "number": "other",
                "currency": "other",
                "total": "money",
                "count": "number",
                "lines[].day": "date",
                "lines[].at": "other",
                "lines[].due": "date",
                "lines[].quantity": "number",
                "lines[].price.amount": "money",
                "lines[].price.currency": "other",
            },
        )

    def test_what_handlers_compare_is_kept_by_document(self):
        register_compared("TruthTest", "a")
        register_compared("TruthTest", "b")
        self.assertEqual(compared("TruthTest"), {"a", "b"})
        self.assertEqual(compared("TruthTest other"), frozenset())

    def test_the_shipped_types_say_who_knows_what(self):
        for code, shipped in SCHEMAS.items():
            with self.subTest(code):
                self.assertTrue(truths(shipped))
        found = truths(SCHEMAS["PurchaseOrderAcknowledgement"])
        held = {who: {path for path in found if found[path] == who} for who in TRUTHS}
        self.assertLessEqual({"order_number", "lines[].line_number"}, held["odoo"])
        self.assertLessEqual({"lines[].item.gtin", "lines[].uom.code"}, held["odoo"])
        self.assertLessEqual({"lines[].promised_date", "lines[].backorder_date"}, held["partner"])
        self.assertLessEqual({"supplier_reference", "lines[].status"}, held["partner"])
        self.assertLessEqual(
            {"lines[].unit_price.amount", "lines[].quantity_accepted"}, held["shared"]
        )
