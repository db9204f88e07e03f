"""The editor's questions about rows that are not saved, and the one answer that is."""

import json

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests.common import TransactionCase, new_test_user

from .common import example_of, order_of

SAMPLE = {
    "Hdr": {"OrdNo": "4711", "Cur": "EUR", "Tel": "+49 30 1234567"},
    "Pos": [
        {"PosNo": 1, "EAN": "04012345678901", "Qty": 3, "Unit": "STK"},
        {"PosNo": 2, "EAN": "04012345678918", "Qty": 4, "Unit": "KAR", "Remark": "soon"},
    ],
}


class EditorCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kinds = cls.env["interop.document.type"]
        cls.orders = kinds._get("PurchaseOrder", "1.0")
        cls.units = cls.env["interop.crosswalk"].create(
            {"name": "Units", "code": "editor-units", "kind": "units"}
        )
        cls.out, cls.inbound = cls.env["interop.mapping"].create(
            [
                {"name": "To them", "document_type_id": cls.orders.id, "direction": "out"},
                {"name": "From them", "document_type_id": cls.orders.id, "direction": "in"},
            ]
        )

    def lines(self, tried):
        return {line["place"]: line for line in tried["result"]["lines"]}


class TestOpening(EditorCase):
    def test_the_editor_is_opened_with_rows_converters_and_the_example(self):
        opened = self.out.editor_open()
        self.assertEqual(
            json.loads(opened["example"])["number"], example_of("PurchaseOrder")["number"]
        )
        [date] = [each for each in opened["converters"] if each["code"] == "write_date"]
        self.assertEqual(
            date["parameters"],
            [{"name": "pattern", "kind": "str", "default": None, "required": True}],
        )
        self.assertIn("editor-units", [each["code"] for each in opened["crosswalks"]])
        self.assertFalse(self.inbound.editor_open()["example"], "their shape is not ours to know")
        json.dumps(opened)

    def test_only_who_edits_mappings_may_ask(self):
        operator = new_test_user(self.env, "editor-op", groups="interop_base.group_operator")
        theirs = self.out.with_user(operator)
        for ask in (
            theirs.editor_open,
            theirs.action_open_editor,
            lambda: theirs.editor_try([]),
            lambda: theirs.editor_take([], "number"),
            lambda: theirs.editor_suggest([]),
            lambda: theirs.editor_save([], "x"),
        ):
            with self.assertRaises(AccessError):
                ask()


class TestTrying(EditorCase):
    def test_each_row_is_tried_even_if_another_is_wrong(self):
        tried = self.out.editor_try(
            [
                {"target": "No", "source": "number"},
                {"target": "Bad", "source": "a[?"},
                {"target": "", "source": "currency"},
                {"target": "Pos[]", "each": "lines"},
                {"target": "Pos[].Qty", "source": "quantity"},
            ],
            json.dumps(order_of(10)),
        )
        self.assertEqual([each["row"] for each in tried["rows"]], [2, 3])
        lines = self.lines(tried)
        self.assertEqual(lines["Pos"]["value"], "10 entries")
        self.assertEqual(lines["Pos[9].Qty"]["row"], 5)
        self.assertNotIn("Bad", lines)

    def test_nothing_is_written(self):
        before = self.out.editor_open()["stamp"]
        self.out.editor_try([{"target": "A", "source": "number"}], json.dumps(SAMPLE))
        self.assertEqual(self.out.editor_open()["stamp"], before)
        self.assertFalse(self.out.row_ids)

    def test_fields_that_no_row_takes_are_lit(self):
        tried = self.out.editor_try(
            [
                {"target": "No", "source": "number"},
                {"target": "Who", "source": "join(' ', [supplier.name, currency])"},
                {"target": "P[]", "each": "lines"},
                {"target": "P[].G", "source": "item.gtin"},
                {"target": "P[].C", "source": "/ordered_at"},
            ],
            json.dumps(example_of("PurchaseOrder")),
        )
        used = {node["path"] for node in tried["tree"] if node["used"] and node["leaf"]}
        for path in ("number", "supplier.name", "currency", "lines[].item.gtin", "ordered_at"):
            self.assertIn(path, used)
        self.assertNotIn("lines[].quantity", used)

    def test_what_does_not_come_back_is_lit_on_the_result(self):
        tried = self.out.editor_try(
            [
                {"target": "No", "source": "number"},
                {"target": "Kind", "constant": "220"},
            ],
            json.dumps(example_of("PurchaseOrder")),
        )
        lines = self.lines(tried)
        self.assertFalse(lines["No"]["lost"])
        self.assertIn("constant", lines["Kind"]["lost"])

    def test_inbound_the_document_types_rules_are_told_where_they_are_broken(self):
        tried = self.inbound.editor_try(
            [
                {"target": "number", "source": "Hdr.OrdNo"},
                {"target": "lines[]", "each": "Pos"},
                {"target": "lines[].quantity", "source": "Unit"},
            ],
            json.dumps(SAMPLE),
        )
        lines = self.lines(tried)
        [told] = lines["lines[0].quantity"]["problems"]
        self.assertIn("must be a number", told)
        self.assertNotIn("STK", told)
        missing = lines["lines[1]"]["problems"]
        self.assertTrue(any("is missing" in each for each in missing), missing)
        self.assertTrue(any("currency" in each for each in tried["result"]["problems"]))

    def test_missing_codes_are_listed_with_their_crosswalk(self):
        tried = self.inbound.editor_try(
            [
                {"target": "lines[]", "each": "Pos"},
                {
                    "target": "lines[].uom.code",
                    "source": "Unit",
                    "crosswalk_id": self.units.id,
                },
            ],
            json.dumps(SAMPLE),
        )
        self.assertEqual([each["code"] for each in tried["missing"]], ["STK", "KAR"])
        self.assertEqual({each["crosswalk_id"] for each in tried["missing"]}, {self.units.id})
        self.assertEqual({each["row"] for each in tried["missing"]}, {2})

    def test_a_code_in_a_field_of_a_person_is_not_told(self):
        personal = next(
            field.path
            for field in self.orders._validator().fields
            if field.is_leaf and field.sensitivity.name == "personal" and "[]" not in field.path
        )
        tried = self.inbound.editor_try(
            [{"target": personal, "source": "Hdr.Tel", "crosswalk_id": self.units.id}],
            json.dumps(SAMPLE),
        )
        self.assertEqual([each["code"] for each in tried["missing"]], [""])
        self.assertNotIn("1234567", json.dumps([tried["missing"], tried["rows"], tried["whole"]]))

    def test_a_sample_that_is_too_large_is_refused_in_a_sentence(self):
        tried = self.out.editor_try([], '{"a": "' + "x" * 1_000_000 + '"}')
        self.assertIn("larger than 1 MB", tried["problem"])
        self.assertIsNone(tried["result"])
        tried = self.out.editor_try([], '{"a": "' + "ü" * 600_000 + '"}')
        self.assertIn("larger than 1 MB", tried["problem"], "bytes count, not characters")

    def test_a_sample_without_a_name_for_everything_can_still_be_looked_at(self):
        tried = self.inbound.editor_try([], json.dumps({'a"b': 1, "": 2, "Order.No": 3}))
        self.assertEqual([node["path"] for node in tried["tree"]], ["", "", '"Order.No"'])


class TestTaking(EditorCase):
    def test_a_field_inside_a_list_proposes_the_group(self):
        taken = self.inbound.editor_take([], "Pos[].EAN", "lines[].item.gtin")
        self.assertEqual(
            [(row["target"], row["each"], row["source"]) for row in taken["rows"]],
            [("lines[]", "Pos", ""), ("lines[].item.gtin", "", "EAN")],
        )
        self.assertEqual(taken["place"], 1)

    def test_the_target_that_is_offered_stands_in_the_list_that_is_there(self):
        rows = [{"target": "Pos[]", "each": "lines"}]
        self.assertEqual(
            self.out.editor_take(rows, "lines[].item.gtin"), {"target": "Pos[].item.gtin"}
        )

    def test_what_cannot_be_taken_is_told(self):
        told = self.inbound.editor_take([], "Hdr.OrdNo", "lines[].item.gtin")["problem"]
        self.assertIn("Choose first which list", told)
        self.assertIn("gone", self.inbound.editor_take([], "Hdr", row=4)["problem"])

    def test_what_is_not_said_of_a_row_stays(self):
        rows = [{"target": "A", "source": "number", "note": "agreed", "required": True}]
        taken = self.out.editor_take(rows, "currency", row=0)["rows"]
        self.assertEqual(taken[0]["source"], "currency")
        self.assertEqual((taken[0]["note"], taken[0]["required"]), ("agreed", True))

    def test_same_and_similar_names_are_suggested(self):
        pairs = self.inbound.editor_suggest([], json.dumps(SAMPLE))
        found = {each["source"]: each["target"] for each in pairs}
        self.assertEqual(found.get("Pos[].Qty"), "lines[].quantity")
        self.assertEqual(found.get("Pos[].EAN"), "lines[].item.gtin")
        pairs = self.out.editor_suggest([], wanted='{"Head": {"Currency": "EUR"}}')
        self.assertIn({"source": "currency", "target": "Head.Currency"}, pairs)


class TestSaving(EditorCase):
    def test_rows_are_saved_in_their_order_and_come_back_as_they_were(self):
        stamp = self.out.editor_open()["stamp"]
        rows = [
            {"target": "Date", "source": "ordered_at", "converter": "write_date",
             "arguments": {"pattern": "DD.MM.YYYY"}, "note": "as they wrote"},
            {"target": "P[]", "each": "lines", "required": True},
            {"target": "P[].U", "source": "uom.code", "crosswalk_id": self.units.id},
        ]  # fmt: skip
        saved = self.out.editor_save(rows, stamp)
        self.assertEqual([row["target"] for row in saved["rows"]], ["Date", "P[]", "P[].U"])
        self.assertEqual(saved["rows"][0]["arguments"], {"pattern": "DD.MM.YYYY"})
        self.assertEqual(saved["rows"][2]["crosswalk_id"], self.units.id)
        self.assertNotEqual(saved["stamp"], stamp)
        again = self.out.editor_save(saved["rows"], saved["stamp"])
        self.assertEqual(again["stamp"], saved["stamp"])

    def test_targets_may_be_swapped_in_one_save(self):
        stamp = self.out.editor_open()["stamp"]
        rows = [{"target": "A", "source": "number"}, {"target": "B", "source": "currency"}]
        saved = self.out.editor_save(rows, stamp)
        rows[0]["target"], rows[1]["target"] = "B", "A"
        self.out.editor_save(rows, saved["stamp"])
        self.assertEqual(self.out.row_ids.sorted("sequence").mapped("target"), ["B", "A"])

    def test_a_change_of_somebody_else_is_not_overwritten(self):
        stamp = self.out.editor_open()["stamp"]
        self.out.row_ids = [(0, 0, {"target": "A", "source": "number"})]
        with self.assertRaisesRegex(UserError, "Somebody changed"):
            self.out.editor_save([], stamp)
        self.assertEqual(len(self.out.row_ids), 1)

    def test_rows_that_cannot_work_are_not_saved(self):
        stamp = self.out.editor_open()["stamp"]
        with self.assertRaisesRegex(ValidationError, "cannot be read"):
            self.out.editor_save([{"target": "A", "source": "a[?"}], stamp)

    def test_what_no_editor_sends_is_refused_by_its_row(self):
        stamp = self.out.editor_open()["stamp"]
        for row in ({"target": "A", "note": ["x"]}, {"target": {"a": 1}}, "A"):
            with self.assertRaisesRegex(UserError, "^Row 1"):
                self.out.editor_save([row], stamp)

    def test_a_crosswalk_of_another_company_cannot_be_chosen(self):
        company = self.env["res.company"].create({"name": "Another"})
        self.units.company_id = company
        manager = new_test_user(self.env, "editor-man", groups="interop_base.group_manager")
        mapping = self.out.with_user(manager)
        with self.assertRaisesRegex(UserError, "not for you to use"):
            mapping.editor_save(
                [{"target": "A", "source": "number", "crosswalk_id": self.units.id}],
                mapping.editor_open()["stamp"],
            )
