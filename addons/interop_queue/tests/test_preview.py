import base64
import json
import re

from odoo.exceptions import AccessError, UserError

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_document.lib.document import Document

from .test_content_reading import DOCUMENT, ReadingCase


class PreviewCase(ReadingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.flow.policy_id
        cls.plain = cls.person("preview-user", "group_user")

    def preview(self, user, **values):
        asked = {"policy_id": self.policy.id, "reason_code": "policy"} | values
        return self.env["interop.preview"].with_user(user).create(asked)

    def opened(self, user, **values):
        preview = self.preview(user, **values)
        preview.action_read()
        return preview

    def of_message(self, user, **values):
        return self.opened(user, source="message", message_id=self.message.id, **values)

    def exported(self, preview):
        preview.action_export()
        return json.loads(base64.b64decode(preview.evidence))


class TestPreview(PreviewCase):
    # -- what is shown -------------------------------------------------------------------------

    def test_a_message_brings_its_flow_policy_and_connector(self):
        asked = {"source": "message", "message_id": self.message.id}
        preview = self.env["interop.preview"].with_user(self.plain).create(asked)
        self.assertEqual(preview.flow_id, self.flow)
        self.assertEqual(preview.policy_id, self.policy)
        self.assertEqual(preview.connector_id, self.connector)

    def test_each_field_stands_with_its_decision_and_the_rule(self):
        html = str(self.of_message(self.clear, values="clear").outcome_html)
        self.assertIn('data-place="number" data-decision="send"', html)
        self.assertIn('data-place="patient" data-decision="no_rule"', html)
        self.assertIn("rules name 2 of the", " ".join(html.split()).replace("</t>", ""))

    def test_without_the_second_right_types_and_titles_stand_for_values(self):
        html = str(self.of_message(self.plain).outcome_html)
        self.assertIn("Patient", html)
        self.assertIn("text", html)
        for value in ("Canary", "Ines"):
            self.assertNotIn(value, html)

    def test_values_need_the_second_right_even_on_the_partners_side(self):
        self.policy.rule_ids = [(0, 0, {"path": "patient", "action": "send"})]
        for user in (self.plain, self.reader):
            with self.assertRaises(AccessError):
                self.of_message(user, values="clear")
        self.assertFalse(self.notes("policy.previewed"))
        self.assertIn("Ines", self.of_message(self.clear, values="clear").outcome_html)

    def test_the_connectors_clearance_counts(self):
        self.policy.rule_ids = [(0, 0, {"path": "patient", "action": "send"})]
        html = str(self.of_message(self.plain).outcome_html)
        self.assertIn('data-decision="above_clearance"', html)
        self.connector.clearance = "health"
        html = str(self.of_message(self.plain).outcome_html)
        self.assertNotIn('data-decision="above_clearance"', html)

    def test_filters_leave_only_what_was_asked_for(self):
        preview = self.of_message(self.plain)
        preview.show = "unnamed"
        html = str(preview.outcome_html)
        self.assertIn('data-place="patient"', html)
        self.assertNotIn('data-place="number"', html)
        preview.show = "changed"
        self.assertIn("No field of this kind", str(preview.outcome_html))

    def test_another_policy_is_compared(self):
        other = self.policy.copy({"name": "Stricter"})
        other.rule_ids.filtered(lambda rule: rule.path == "number").action = "mask"
        html = str(self.of_message(self.plain, other_policy_id=other.id).outcome_html)
        self.assertIn('data-name="differences"', html)
        self.assertRegex(" ".join(html.split()), r"<b>\s*1 fields are decided differently")

    def test_the_made_up_example_is_there_for_everybody_with_its_values(self):
        document_type = self.flow.document_type_id
        schema = json.loads(document_type.schema_text)
        schema["examples"] = [{"number": "EX-1", "patient": "Nobody Real"}]
        document_type.schema_text = json.dumps(schema)
        preview = self.opened(self.plain, reason_code=False)
        self.assertIn("Nobody Real", preview.outcome_html)
        self.assertIn("EX-1", preview.outcome_html)

    def test_a_record_is_composed_as_the_flow_does_it(self):
        record = self.env["res.partner"].create({"name": "Composed"})
        handler = type(self.env["interop.handler"])
        before = self.env["interop.message"].search_count([])
        self.patch(handler, "_composes", "res.partner")
        self.patch(
            handler,
            "_compose",
            lambda handler, records: [
                Document("TestNote", "1.0", {"number": record.name}) for record in records
            ],
        )
        asked = {"source": "record", "record": f"res.partner,{record.id}", "flow_id": self.flow.id}
        preview = self.opened(self.clear, values="clear", **asked)
        self.assertIn("Composed", preview.outcome_html)
        self.assertEqual(self.env["interop.message"].search_count([]), before, "nothing is queued")

    def test_what_cannot_be_composed_is_told_without_values(self):
        record = self.env["res.partner"].create({"name": "Composed"})
        handler = type(self.env["interop.handler"])
        self.patch(handler, "_composes", "res.partner")
        asked = {"source": "record", "record": f"res.partner,{record.id}", "flow_id": self.flow.id}
        for failure, told in (
            (ValueError("Ines Canary"), "ValueError"),
            (DataError("The order has no number."), "no number"),
        ):

            def fail(handler, records, failure=failure):
                raise failure

            self.patch(handler, "_compose", fail)
            html = str(self.opened(self.plain, **asked).outcome_html)
            self.assertIn(told, html)
            self.assertNotIn("Ines", html)

    def test_a_policy_for_another_document_is_refused_in_words(self):
        self.message.document_type = "Other 2.0"
        self.assertIn("The message is a Other 2.0", str(self.of_message(self.plain).outcome_html))

    def test_tokens_are_shown_as_the_partner_gets_them_and_nothing_is_kept(self):
        rule = self.policy.rule_ids.filtered(lambda rule: rule.path == "number")
        rule.action = "tokenise"
        self.env.cr.execute("SELECT count(*) FROM interop_vault_token")
        before = self.env.cr.fetchone()
        htmls = [
            str(self.of_message(self.clear, values="clear").outcome_html) for _time in range(2)
        ]
        tokens = [set(re.findall(r"tok_\w+", html)) for html in htmls]
        self.assertEqual(len(tokens[0]), 1)
        self.assertEqual(*tokens)
        self.env.cr.execute("SELECT count(*) FROM interop_vault_token")
        self.assertEqual(self.env.cr.fetchone(), before)

    def test_what_the_policy_refuses_is_told_as_the_pipeline_would(self):
        self.policy.rule_ids = [(0, 0, {"path": "patient", "action": "refuse"})]
        html = str(self.of_message(self.clear, values="clear").outcome_html)
        self.assertIn("patient", html)
        self.assertIn("alert-danger", html)
        self.assertNotIn("Ines", html)

    def test_what_the_last_look_finds_is_lit_and_masked_for_who_may_see_values(self):
        self.seal(self.message, "document", DOCUMENT | {"number": "ines.canary@example.org"})
        html = str(self.of_message(self.clear, values="clear").outcome_html)
        self.assertIn("the last look found: E-mail address", " ".join(html.split()))
        self.assertIn("holds it", html)
        html = str(self.of_message(self.plain).outcome_html)
        self.assertNotIn("last look", html)

    def test_decisions_by_value_are_not_told_to_who_may_not_see_values(self):
        rule = self.policy.rule_ids.filtered(lambda rule: rule.path == "quantity")
        rule.condition = "quantity > 2"
        html = str(self.of_message(self.plain).outcome_html)
        self.assertIn("decides by values", html)
        self.assertNotIn("data-decision", html)
        html = str(self.of_message(self.clear, values="clear").outcome_html)
        self.assertIn('data-place="quantity"', html)

    # -- the gate ------------------------------------------------------------------------------

    def test_values_ask_for_a_reason_and_are_evidence(self):
        with self.assertRaises(UserError):
            self.of_message(self.clear, values="clear", reason_code=False)
        self.of_message(self.clear, values="clear")
        [note] = self.notes("policy.previewed")
        self.assertEqual((note.actor, note.view, note.reason), (self.clear.id, "clear", "policy"))

    def test_looking_at_types_of_a_real_document_is_evidence_too(self):
        self.of_message(self.plain, reason_code=False)
        [note] = self.notes("policy.previewed")
        self.assertEqual(note.view, "none")

    def test_values_of_sensitive_documents_ask_for_the_password(self):
        self.company.interop_identity_check = "sensitive"
        preview = self.preview(
            self.clear, source="message", message_id=self.message.id, values="clear"
        )
        with self.session():
            self.assertEqual(preview.action_read()["res_model"], "res.users.identitycheck")
        self.assertFalse(preview.outcome_html)
        with self.session(last=1):
            preview.action_read()
        self.assertIn("Ines", preview.outcome_html)

    def test_an_open_preview_cannot_be_turned_to_more(self):
        preview = self.of_message(self.clear)
        for name, value in (("values", "clear"), ("source", "example"), ("exported", "values")):
            with self.assertRaises(AccessError):
                preview.write({name: value})
        told = preview.onchange(
            {"values": "clear", "show": "dropped"},
            ["values", "show"],
            {"values": {}, "show": {}, "outcome_html": {}},
        )
        self.assertNotIn("Ines", json.dumps(told, default=str))

    def test_messages_of_other_areas_cannot_be_tried(self):
        self.plain.interop_area_ids = self.env.ref("interop_base.area_clinical")
        with self.assertRaises(AccessError):
            self.of_message(self.plain)

    def test_nothing_of_it_is_stored(self):
        preview = self.of_message(self.clear, values="clear")
        preview.export_values = True
        preview.action_export()
        self.assertIn("Ines", preview.outcome_html)
        self.env.flush_all()
        for table in ("interop_preview", "interop_audit_entry", "ir_attachment"):
            self.env.cr.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%Canary%'")
            self.assertEqual(self.env.cr.fetchone()[0], 0, table)

    # -- export --------------------------------------------------------------------------------

    def test_the_evidence_names_versions_digests_and_decisions_and_no_value(self):
        told = self.exported(self.of_message(self.plain))
        self.assertEqual(told["decisions"], {"send": 2, "no_rule": 1})
        self.assertEqual((told["named_fields"], told["all_fields"]), (2, 5))
        self.assertEqual(told["not_named"], ["order", "parties[]", "patient"])
        self.assertEqual(told["flow_version"], self.flow.version_id.digest)
        self.assertEqual(set(told["digests"]), {"policy", "document_type", "connector"})
        self.assertEqual({field["place"] for field in told["fields"]}, set(DOCUMENT))
        for value in ("Canary", "Ines", "document_digest"):
            self.assertNotIn(value, json.dumps(told))

    def test_the_export_is_evidence_and_gives_nothing_before(self):
        preview = self.of_message(self.plain)
        self.assertFalse(preview.evidence)
        self.exported(preview)
        [note] = self.notes("policy.preview.exported")
        self.assertEqual((note.actor, note.file), (self.plain.id, "plain"))

    def test_values_are_exported_only_when_asked_by_who_opened_them(self):
        preview = self.of_message(self.clear)
        preview.export_values = True
        with self.assertRaises(AccessError):
            preview.action_export()
        preview = self.of_message(self.clear, values="clear")
        self.assertNotIn("Ines", json.dumps(self.exported(preview)))
        preview.export_values = True
        preview.invalidate_recordset(["evidence"])
        self.assertNotIn("Ines", base64.b64decode(preview.evidence).decode(), "not noted yet")
        told = self.exported(preview)
        patient = next(field for field in told["fields"] if field["path"] == "patient")
        self.assertEqual((patient["value"], patient["shown"]), ("Ines Canary", None))
        self.assertEqual(
            [note.file for note in self.notes("policy.preview.exported")][-1], "values"
        )
