"""Mappings as records: what people edit, try and publish."""

import json

from odoo.exceptions import AccessError, ValidationError
from odoo.tests.common import Form, TransactionCase, new_test_user


class TestInteropMapping(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls.env["interop.document.type"]._get("PurchaseOrder", "1.0")
        cls.units = cls.env["interop.crosswalk"].create(
            {
                "name": "Units",
                "code": "test-units",
                "entry_ids": [(0, 0, {"ours": "EA", "theirs": "STK"})],
            }
        )
        cls.mapping = cls.env["interop.mapping"].create(
            {
                "name": "Orders to a foreign dialect",
                "document_type_id": cls.orders.id,
                "row_ids": [
                    (0, 0, {"sequence": number, **row})
                    for number, row in enumerate(
                        (
                            {"target": "Head.No", "source": "number", "required": True},
                            {"target": "Head.Kind", "constant": "220"},
                            {"target": "Pos[]", "each": "lines"},
                            {"target": "Pos[].Ean", "source": "item.gtin"},
                            {"target": "Pos[].Cur", "source": "/currency"},
                            {
                                "target": "Pos[].Me",
                                "source": "uom.code",
                                "crosswalk_id": cls.units.id,
                            },
                            {
                                "target": "Pos[].Qty",
                                "source": "quantity",
                                "converter": "number_text",
                                "arguments": '{"point": ","}',
                            },
                        )
                    )
                ],
            }
        )

    def test_the_example_is_tried_as_the_form_is_opened(self):
        example = json.loads(self.orders.example_text)
        codes = {line["uom"]["code"] for line in example["lines"]} - {"EA"}
        self.units.entry_ids = [(0, 0, {"ours": code, "theirs": f"X{code}"}) for code in codes]
        result = json.loads(self.mapping.result_text)
        self.assertEqual(result["Head"], {"No": example["number"], "Kind": "220"})
        self.assertEqual(len(result["Pos"]), len(example["lines"]))

    def test_editing_a_row_or_the_sample_shows_its_result_at_once(self):
        with Form(self.mapping) as form:
            form.sample_text = '{"number": "X1", "lines": []}'
            self.assertEqual(
                json.loads(form.result_text), {"Head": {"No": "X1", "Kind": "220"}, "Pos": []}
            )
            form.sample_text = '{"lines": 3}'
            self.assertIn("Row 1 (Head.No): is required", form.result_text)
            self.assertIn("a list is needed, and there is number", form.result_text)
            form.sample_text = "{oops"
            self.assertIn("no JSON", form.result_text)
        self.mapping.invalidate_recordset()
        self.assertNotIn("oops", self.mapping.sample_text, "a sample is not stored")

    def test_fields_that_no_row_takes_are_listed(self):
        unused = self.mapping._try({})["unused"]
        self.assertIn("notes", unused)
        for used in ("number", "currency", "lines[].item.gtin", "lines[].quantity"):
            self.assertNotIn(used, unused)

    def test_codes_are_translated_and_unknown_ones_are_problems(self):
        body = {"number": "1", "currency": "USD", "lines": [{"uom": {"code": "EA"}}]}
        self.assertEqual(self.mapping._try(body)["result"]["Pos"], [{"Cur": "USD", "Me": "STK"}])
        body["lines"][0]["uom"]["code"] = "ZZ9"
        [problem] = self.mapping._try(body)["problems"]
        self.assertIn("Pos[].Me (test-units)", problem)
        self.assertNotIn("ZZ9", problem)

    def test_rows_that_cannot_work_are_refused_in_words(self):
        for row, words in (
            ({"target": "A", "source": "a[?"}, "cannot be read"),
            ({"target": "Other[].X", "source": "a"}, "no row above opens"),
            ({"target": "A", "source": "a", "converter": "cut", "arguments": "{}"}, "needs length"),
            ({"target": "A", "source": "a", "arguments": "pattern"}, "as JSON"),
        ):
            with self.subTest(row=row), self.env.cr.savepoint() as savepoint:
                with self.assertRaisesRegex(ValidationError, words):
                    self.mapping.row_ids = [(0, 0, row)]
                savepoint.rollback()

    def test_the_snapshot_is_plain_and_changes_with_each_row(self):
        before = json.dumps(self.mapping._snapshot())
        self.mapping.row_ids[1].constant = "221"
        self.assertNotEqual(json.dumps(self.mapping._snapshot()), before)

    def test_changes_are_evidence(self):
        self.env.cr.precommit.run()
        self.mapping.row_ids = [(0, 0, {"target": "Extra", "constant": "x"})]
        self.mapping.row_ids[-1].constant = "y"
        self.mapping.name = "Another name"
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.mapping.row_ids[-1].note = "Says nothing to the partner"
        self.env.cr.precommit.run()
        self.env.cr.execute(
            "SELECT act FROM interop_audit_entry WHERE res_model = 'interop.mapping' "
            "AND res_id = %s ORDER BY id",
            [self.mapping.id],
        )
        self.assertEqual(
            [act for (act,) in self.env.cr.fetchall()], ["mapping.create", "mapping.change"]
        )

    def test_a_row_that_is_edited_alone_must_fit_the_others_too(self):
        with self.assertRaisesRegex(ValidationError, "another row puts a value there"):
            self.mapping.row_ids[1].target = "Head.No"

    def test_only_managers_edit_mappings(self):
        operator = new_test_user(self.env, "map-op", groups="interop_base.group_operator")
        with self.assertRaises(AccessError):
            self.mapping.with_user(operator).name = "Mine"
