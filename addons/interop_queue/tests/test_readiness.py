"""What the readiness check is made of, without a database."""

import doctest

from odoo.tests import BaseCase

from odoo.addons.interop_document.lib.fields import walk_fields
from odoo.addons.interop_document.lib.mapping.rows import Row

from ..lib import readiness
from ..lib.readiness import CHECKS, MISSING, READY, WARNING, Finding, progress, worst

SCHEMA = {
    "type": "object",
    "required": ["number", "buyer", "lines"],
    "properties": {
        "number": {"type": "string"},
        "note": {"type": "string"},
        "buyer": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string"}, "gln": {"type": "string"}},
        },
        "contact": {
            "type": "object",
            "required": ["email"],
            "properties": {"email": {"type": "string"}},
        },
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["sku"],
                "properties": {"sku": {"type": "string"}, "memo": {"type": "string"}},
            },
        },
    },
}
FIELDS = walk_fields(SCHEMA)
REQUIRED = ["number", "buyer.name", "lines[].sku"]


class TestReadiness(BaseCase):
    def test_the_examples_in_the_text_hold(self):
        self.assertEqual(doctest.testmod(readiness).failed, 0)

    def test_a_check_counts_once_and_by_its_worst_finding(self):
        findings = [
            Finding("a", READY, "x"),
            Finding("b", READY, "x"),
            Finding("b", WARNING, "y"),
            Finding("c", WARNING, "x"),
            Finding("c", MISSING, "y"),
        ]
        self.assertEqual(progress(findings), (1, 3))
        self.assertEqual(worst(findings), MISSING)
        self.assertEqual(worst(findings[:3]), WARNING)

    def test_a_status_that_nobody_knows_is_refused(self):
        with self.assertRaises(ValueError):
            Finding("a", "fine", "x")

    def test_checks_come_in_the_order_in_which_people_go_through_them(self):
        places = [each.position for each in readiness.in_order()]
        self.assertEqual(places, sorted(places))
        self.assertEqual(len(places), len(CHECKS))
        self.assertIn("samples", CHECKS)

    def test_a_field_is_demanded_if_it_and_all_around_it_are(self):
        self.assertEqual(readiness.required_paths(FIELDS), REQUIRED)

    def test_rows_that_fill_no_field_of_the_document_type_are_told(self):
        rows = [Row("number", "n"), Row("lines[]", each="l"), Row("lines[].code", "c")]
        self.assertEqual(readiness.strange_targets(rows, FIELDS), ["lines[].code"])

    def test_a_row_fills_what_is_below_its_target_but_an_opened_list_fills_nothing(self):
        rows = [Row("buyer", "b"), Row("lines[]", each="l")]
        self.assertEqual(readiness.unfilled(rows, REQUIRED), ["number", "lines[].sku"])
        rows = [Row("number", "n"), Row("buyer.name", "b"), Row("lines", "l")]
        self.assertEqual(readiness.unfilled(rows, REQUIRED), [])
