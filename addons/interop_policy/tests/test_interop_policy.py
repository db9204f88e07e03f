from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, TransactionCase

from odoo.addons.interop_policy.lib.policy import compile_policy, rules_of


class TestInteropPolicy(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        types = cls.env["interop.document.type"]
        cls.order_type = types._get("PurchaseOrder", "1.0")
        cls.answer_type = types._get("PurchaseOrderAcknowledgement", "1.0")
        cls.policy = cls._policy(
            ("number", "send", False),
            ("ship_to.contact.name", "mask", "initials"),
            ("lines[].item.*", "send", False),
        )

    @classmethod
    def _policy(cls, *rules):
        return cls.env["interop.policy"].create(
            {
                "name": "Orders",
                "document_type_id": cls.order_type.id,
                "rule_ids": [
                    Command.create({"path": path, "action": action, "pattern": pattern})
                    for path, action, pattern in rules
                ],
            }
        )

    def _audited(self, act):
        self.env.cr.precommit.run()
        self.env.cr.execute(
            "SELECT count(*), max(digest) FROM interop_audit_entry "
            "WHERE act = %s AND res_model = 'interop.policy' AND res_id = %s",
            [act, self.policy.id],
        )
        return self.env.cr.fetchone()

    def test_coverage_counts_named_fields_of_all(self):
        self.assertEqual(self.policy.field_count, self.order_type.field_count)
        self.assertEqual(self.policy.named_count, 8)
        self.assertEqual(self.policy.leaving_count, 8)
        self.assertAlmostEqual(self.policy.coverage, 8 / self.order_type.field_count)

    def test_missing_fields_are_added_as_dropped(self):
        self.policy.action_add_missing()
        self.assertEqual(self.policy.coverage, 1.0)
        self.assertEqual(self.policy.leaving_count, 8)
        added = self.policy.rule_ids[3:]
        self.assertEqual(set(added.mapped("action")), {"drop"})
        self.assertNotIn("lines[].item.gtin", added.mapped("path"))
        self.policy.action_add_missing()
        self.assertEqual(len(self.policy.rule_ids), 3 + len(added))

    def test_rule_tells_meaning_and_sensitivity(self):
        number, contact, items = self.policy.rule_ids
        self.assertEqual(number.field_title, "Order number")
        self.assertEqual(contact.field_title, "Ship to › Contact › Name")
        self.assertEqual(contact.sensitivity, "personal")
        self.assertIn("6 fields", items.field_title)
        self.assertEqual(items.sensitivity, "internal")

    def test_rules_that_send_above_the_expected_clearance_are_marked(self):
        contact = self.policy.rule_ids[1]
        self.assertFalse(contact.above_clearance)
        self.assertEqual(self.policy.warning_count, 0)
        contact.action = "send"
        self.assertTrue(contact.above_clearance)
        self.assertEqual(self.policy.warning_count, 1)
        self.assertIn("ship_to.contact.name", self.policy.outcome_html)
        self.policy.expected_clearance = "personal"
        self.assertFalse(contact.above_clearance)
        self.assertEqual(self.policy.warning_count, 0)

    def test_rule_that_cannot_be_meant_is_refused_with_its_path(self):
        for rules, reason in (
            ([("nummer", "send", False)], "nummer: the document type has no such field"),
            ([("ship_to", "send", False)], "ship_to: names a group of fields"),
            ([("number", "send", "last4")], "number: only a mask has a pattern"),
            ([("number", "generalise", "last4")], "number: unknown generalise"),
            ([("number", "constant", "text")], "number: the constant needs a value"),
            ([("number", "send", False), (" number ", "drop", False)], "two rules name this path"),
        ):
            with self.subTest(reason):
                with self.assertRaises(ValidationError) as caught:
                    self._policy(*rules)
                self.assertIn(reason, str(caught.exception))

    def test_condition_that_cannot_be_read_is_refused(self):
        rule = self.policy.rule_ids[0]
        for condition, reason in (
            ("sooner or later", "cannot be read"),
            ("colour = red", "colour: the document type has no such field"),
        ):
            with self.assertRaisesRegex(ValidationError, reason):
                rule.condition = condition

    def test_policy_cannot_move_to_a_type_that_lacks_its_fields(self):
        with self.assertRaisesRegex(ValidationError, "has no such field"):
            self.policy.document_type_id = self.answer_type

    def test_mask_gets_a_pattern_and_loses_it_with_the_action(self):
        rule = self._policy(("notes", "mask", "last4")).rule_ids
        self.assertEqual(rule.pattern, "last4")
        rule.action = "send"
        self.assertFalse(rule.pattern)
        rule.action = "mask"
        self.assertEqual(rule.pattern, "full")

    def test_snapshot_holds_what_the_engine_needs(self):
        self.assertEqual(
            self.policy._snapshot(),
            {
                "name": "Orders",
                "document_type": "PurchaseOrder",
                "version": "1.0",
                "rules": [
                    {"path": "lines[].item.*", "action": "send", "pattern": None},
                    {"path": "number", "action": "send", "pattern": None},
                    {"path": "ship_to.contact.name", "action": "mask", "pattern": "initials"},
                ],
            },
        )
        compiled = compile_policy(
            rules_of(self.policy._snapshot()),
            self.order_type._sensitivities(),
            self.policy._frame(),
        )
        self.assertEqual(compiled.decided, self.policy._compile().decided)

    def test_order_of_rules_does_not_change_the_snapshot(self):
        before = self.policy._snapshot()
        for place, rule in enumerate(reversed(self.policy.rule_ids)):
            rule.sequence = place
        self.env.invalidate_all()
        self.assertEqual(self.policy._snapshot(), before)

    def test_snapshot_keeps_the_order_of_rules_with_one_path(self):
        policy = self._policy(("number", "send", False))
        policy.rule_ids = [
            Command.create({"sequence": 1, "path": "notes", "action": "drop", "purpose": "supply"}),
            Command.create({"sequence": 2, "path": "notes", "action": "mask"}),
            Command.create(
                {
                    "sequence": 0,
                    "path": "notes",
                    "action": "tokenise",
                    "reversible": True,
                    "company_id": policy.company_id.id,
                    "condition": "currency = EUR and incoterm is absent",
                }
            ),
        ]
        self.env.invalidate_all()
        rules = policy._snapshot()["rules"]
        self.assertEqual(
            rules[0],
            {
                "path": "notes",
                "action": "tokenise",
                "pattern": "letters",
                "reversible": True,
                "company": policy.company_id.id,
                "conditions": [
                    {"path": "currency", "operator": "eq", "values": ["EUR"]},
                    {"path": "incoterm", "operator": "absent", "values": []},
                ],
            },
        )
        self.assertEqual([rule["action"] for rule in rules], ["tokenise", "drop", "mask", "send"])
        self.assertIn("currency = EUR; incoterm is absent", policy.outcome_html)

    def test_action_takes_away_what_it_cannot_mean(self):
        rule = self._policy(("notes", "mask", "last4")).rule_ids
        rule.write({"action": "tokenise", "pattern": "digits"})
        rule.write({"parameter": "12", "reversible": True})
        self.assertEqual(rule.pattern_choices, ["letters", "digits"])
        rule.action = "drop"
        self.assertEqual((rule.pattern, rule.parameter, rule.reversible), (False, False, False))

    def test_preview_shows_every_field_with_its_decision(self):
        shown = str(self.policy.outcome_html)
        for part in ("lines[].item.gtin", "Sent", "Masked", "Dropped: no rule names it"):
            self.assertIn(part, shown)

    def test_one_entry_of_evidence_per_transaction(self):
        count, first = self._audited("policy.change")
        self.assertEqual(count, 1)
        self.policy.action_add_missing()
        self.policy.rule_ids[0].reason = "Printed on the order"
        count, second = self._audited("policy.change")
        self.assertEqual(count, 2)
        self.assertNotEqual(first, second)
        self.policy.rule_ids[5:].unlink()
        self.assertEqual(self._audited("policy.change")[0], 3)

    def test_deleting_leaves_evidence(self):
        self.policy.unlink()
        self.assertEqual(self._audited("policy.delete")[0], 1)

    def test_copy_has_the_rules_and_another_name(self):
        copied = self.policy.copy()
        self.assertEqual(copied.name, "Orders (copy)")
        self.assertEqual(copied.rule_ids.mapped("path"), self.policy.rule_ids.mapped("path"))

    def test_form_starts_anew_when_the_type_changes(self):
        with Form(self.env["interop.policy"]) as form:
            form.name = "Answers"
            form.document_type_id = self.order_type
            with form.rule_ids.new() as rule:
                rule.path = "lines[].item.gtin"
                rule.action = "mask"
                self.assertEqual(rule.pattern, "full")
                self.assertEqual(rule.sensitivity, "public")
            self.assertEqual(form.named_count, 1)
            form.document_type_id = self.answer_type
            self.assertEqual(form.named_count, 0)
            with form.rule_ids.new() as rule:
                rule.path = "order_number"
                rule.action = "send"
        self.assertEqual(form.record.rule_ids.mapped("path"), ["order_number"])
