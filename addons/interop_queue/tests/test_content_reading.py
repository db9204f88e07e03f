import json
import time
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests.common import TransactionCase, new_test_user

from odoo.addons.interop_vault.lib.refs import Sealing

from .common import build_world

DOCUMENT = {"number": "Canary-7", "quantity": 3, "patient": "Ines Canary"}
REQUEST = "odoo.addons.base.models.res_users.request"


class ReadingCase(TransactionCase):
    """An outbound and an inbound message whose content is sealed, and people who may read it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        world = build_world(cls.env, "reading-test")
        cls.area, cls.flow, cls.connector = world["area"], world["out"], world["connector"]
        partner = cls.env["res.partner"].create({"name": "Test supplier"})
        cls.env["interop.queue"]._emit("test.note.ready", partner)
        cls.message = cls.env["interop.message"].search([("res_id", "=", partner.id)])
        cls.seal(cls.message, "document", DOCUMENT)
        cls.company = cls.message.company_id
        cls.company.interop_identity_check = "never"
        cls.reader = cls.person("reading-reader", "group_payload_reader")
        cls.clear = cls.person("reading-clear", "group_clear_reader")

    @classmethod
    def seal(cls, message, kind, content):
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        cls.env["interop.vault"]._seal_many([Sealing(message.uuid, kind, data)])

    @classmethod
    def person(cls, login, group):
        user = new_test_user(cls.env, login, groups=f"interop_base.{group}")
        user.interop_area_ids = cls.area
        return user

    @contextmanager
    def session(self, last=None):
        """A browser session in which the password was last given `last` seconds ago."""
        session = {} if last is None else {"identity-check-last": time.time() - last}
        with patch(REQUEST, SimpleNamespace(session=session, env=self.env)):
            yield session

    def notes(self, act="message.content.read"):
        self.env.cr.execute(
            "SELECT actor_id, details::text, version_digest FROM interop_audit_entry "
            "WHERE act = %s AND subject = %s::uuid ORDER BY id",
            [act, self.message.uuid],
        )
        return [
            SimpleNamespace(actor=actor, version=version, **json.loads(details))
            for actor, details, version in self.env.cr.fetchall()
        ]


class TestContentReading(ReadingCase):
    def reading(self, user, **values):
        asked = {"message_id": self.message.id, "reason_code": "partner"} | values
        return self.env["interop.content.reading"].with_user(user).create(asked)

    def opened(self, user, **values):
        reading = self.reading(user, **values)
        reading.action_read()
        return reading

    # -- rights --------------------------------------------------------------------------------

    def test_reading_is_a_right_that_operators_and_managers_do_not_have(self):
        for group in ("group_user", "group_operator", "group_manager"):
            with self.assertRaises(AccessError):
                self.reading(self.person(f"not-{group}", group))

    def test_by_default_the_document_is_shown_as_the_partner_may_see_it(self):
        reading = self.opened(self.reader)
        self.assertEqual(json.loads(reading.content), {"number": "Canary-7", "quantity": 3})
        self.assertNotIn("Ines", reading.fields_html)
        self.assertIn("Canary-7", reading.fields_html)

    def test_what_is_hidden_is_shown_as_hidden_with_the_decision(self):
        html = str(self.opened(self.reader).fields_html)
        self.assertIn('data-place="patient" data-decision="no_rule"', html)
        self.assertIn("hidden", html)
        self.assertIn("no rule names it", html)

    def test_what_the_last_look_finds_is_masked_for_the_reader_too(self):
        self.seal(self.message, "document", DOCUMENT | {"number": "ines.canary@example.org"})
        reading = self.opened(self.reader)
        self.assertNotIn("ines.canary", reading.content + str(reading.fields_html))
        self.assertIn("E-mail address", reading.fields_html)
        self.assertIn("holds it", reading.fields_html)

    def test_clear_content_is_a_second_right(self):
        with self.assertRaises(AccessError):
            self.opened(self.reader, view="clear")
        self.assertEqual(json.loads(self.opened(self.clear, view="clear").content), DOCUMENT)

    def test_what_no_policy_screened_is_clear_content(self):
        self.seal(self.message, "diagnosis", b"Ines Canary was not found")
        for kind in ("payload", "reply", "acknowledgement", "diagnosis"):
            with self.assertRaises(AccessError):
                self.opened(self.reader, kind=kind)
        self.assertIn("not found", self.opened(self.clear, kind="diagnosis").content)

    def test_who_loses_the_right_sees_nothing_of_an_open_reading(self):
        reading = self.opened(self.clear, view="clear")
        self.clear.group_ids -= self.env.ref("interop_base.group_clear_reader")
        reading.invalidate_recordset()
        with self.assertRaises(AccessError):
            reading.read(["content"])

    def test_an_unpublished_flow_shows_nothing(self):
        self.flow.version_id = False
        reading = self.opened(self.reader)
        self.assertIn("never published", reading.content)
        self.assertNotIn("Canary", reading.content)

    def test_the_version_that_sent_it_says_what_is_shown(self):
        self.message.version_id = self.flow.version_id
        self.flow.policy_id.rule_ids.filtered(lambda rule: rule.path == "number").action = "drop"
        self.flow.action_publish()
        self.assertIn("Canary-7", self.opened(self.reader).content)
        self.message.version_id = self.flow.version_id
        self.assertNotIn("Canary-7", self.opened(self.reader).content)

    def test_inbound_shows_what_was_taken_in(self):
        self.message.direction = "in"
        self.assertEqual(json.loads(self.opened(self.reader).content), DOCUMENT)

    def test_purged_content_says_so_although_a_payload_of_several_may_hold_it_still(self):
        self.message.sudo().purged_at = "2026-01-01 00:00:00"
        for user, kind in ((self.reader, "document"), (self.clear, "payload")):
            reading = self.opened(user, kind=kind)
            self.assertIn("was purged", reading.content)

    def test_areas_and_companies_hold(self):
        self.reader.interop_area_ids = self.env.ref("interop_base.area_clinical")
        with self.assertRaises(AccessError):
            self.opened(self.reader)
        other = self.env["res.company"].create({"name": "Other Clinic"})
        self.clear.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        with self.assertRaises(AccessError):
            self.opened(self.clear)
        self.assertFalse(self.notes())

    def test_nobody_else_sees_an_open_reading(self):
        reading = self.opened(self.reader)
        with self.assertRaises(AccessError):
            reading.with_user(self.clear).read(["content"])
        self.assertTrue(reading.sudo()._opened())
        self.assertFalse(reading.with_user(self.clear).sudo()._opened())

    # -- reason and evidence -------------------------------------------------------------------

    def test_a_reason_is_asked_for(self):
        with self.assertRaises(UserError):
            self.opened(self.reader, reason_code=False)
        with self.assertRaises(UserError):
            self.opened(self.reader, reason_code="other", reason="hm")
        self.assertFalse(self.notes())
        self.opened(self.reader, reason_code="other", reason="Ticket 4711")
        [note] = self.notes()
        self.assertEqual((note.reason, note.words), ("other", "Ticket 4711"))

    def test_nothing_is_shown_before_it_is_noted(self):
        reading = self.reading(self.reader)
        self.assertFalse(reading.content or reading.fields_html)
        self.assertFalse(self.notes())
        reading.action_read()
        [note] = self.notes()
        self.assertEqual(note.actor, self.reader.id)
        self.assertEqual((note.kind, note.view), ("document", "policy"))
        self.assertEqual((note.identity, note.minutes), ("not asked for", 10))
        self.assertEqual(note.version, self.flow.version_id.digest)
        self.assertTrue(reading.content)

    def test_each_view_is_noted_for_itself(self):
        self.opened(self.clear)
        self.opened(self.clear, view="clear")
        self.assertEqual([note.view for note in self.notes()], ["policy", "clear"])

    def test_the_note_of_a_reading_cannot_be_forged(self):
        now = fields.Datetime.now()
        forged = {"read_at": now, "closes_at": now + timedelta(hours=1), "identified": True}
        reading = self.reading(self.reader, **forged)
        self.assertFalse(reading.content)
        claimed = {f"default_{name}": value for name, value in forged.items()}
        reading = reading.with_context(**claimed).create(
            {"message_id": self.message.id, "reason_code": "partner"}
        )
        self.assertFalse(reading.read_at or reading.content)
        for name, value in forged.items():
            with self.assertRaises(AccessError):
                reading.write({name: value})
        self.assertFalse(self.notes())

    def test_an_unsaved_form_that_claims_to_be_open_shows_nothing(self):
        now = fields.Datetime.now()
        claimed = {
            "message_id": self.message.id,
            "kind": "document",
            "view": "clear",
            "read_at": fields.Datetime.to_string(now),
            "closes_at": fields.Datetime.to_string(now + timedelta(hours=1)),
        }
        asked = {name: {} for name in (*claimed, "content", "fields_html", "is_open")}
        new = self.env["interop.content.reading"].with_user(self.clear)
        saved = self.reading(self.clear)
        for record in (new, saved):
            told = record.onchange(claimed, ["read_at", "kind"], asked)["value"]
            self.assertNotIn("Canary", json.dumps(told, default=str))

    def test_an_open_reading_cannot_be_turned_to_another_content(self):
        reading = self.opened(self.clear)
        for name, value in (("view", "clear"), ("kind", "reply"), ("message_id", False)):
            with self.assertRaises(AccessError):
                reading.write({name: value})
        told = reading.onchange({"view": "clear"}, ["view"], {"view": {}, "content": {}})
        self.assertNotIn("Ines", json.dumps(told, default=str))
        self.assertFalse(reading.copy().content)
        with self.assertRaises(UserError):
            reading.action_read()

    def test_the_content_is_stored_nowhere(self):
        reading = self.opened(self.clear, view="clear")
        self.assertIn("Ines", reading.content)
        self.env.flush_all()
        for table in ("interop_content_reading", "interop_audit_entry", "mail_message"):
            self.env.cr.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%Canary%'")
            self.assertEqual(self.env.cr.fetchone()[0], 0, table)

    # -- identity ------------------------------------------------------------------------------

    def test_sensitive_content_asks_for_the_password_unless_it_was_just_given(self):
        self.company.interop_identity_check = "sensitive"
        reading = self.reading(self.reader)
        self.assertTrue(reading.asks_identity)
        for last in (None, 3600):
            with self.session(last):
                action = reading.action_read()
            self.assertEqual(action["res_model"], "res.users.identitycheck")
            self.assertFalse(reading.content or self.notes())
        with self.session(last=5):
            reading.action_read()
        self.assertTrue(reading.content and reading.identified)
        self.assertEqual(self.notes()[0].identity, "checked")

    def test_the_password_opens_the_reading_that_asked_and_a_wrong_one_does_not(self):
        self.company.interop_identity_check = "always"
        reading = self.reading(self.reader)
        with self.session() as session:
            asked = reading.action_read()
            check = self.env[asked["res_model"]].with_user(self.reader).browse(asked["res_id"])
            with self.assertRaises(UserError):
                check.with_context(password="wrong").run_check()
            self.assertFalse(reading.content or session)
            check.with_context(password=self.reader.login).run_check()
        self.assertIn("Canary-7", reading.content)
        self.assertEqual(self.notes()[0].identity, "checked")

    def test_outside_a_browser_session_what_asks_for_the_password_stays_closed(self):
        self.company.interop_identity_check = "always"
        reading = self.reading(self.reader)
        with self.assertRaises(UserError):
            reading.action_read()
        self.assertFalse(reading.content or self.notes())

    def test_harmless_documents_ask_for_it_only_where_it_is_always_asked_for(self):
        document_type = self.flow.document_type_id
        self.assertEqual(document_type.highest_sensitivity, "health")
        reading = self.reading(self.reader)
        self.company.interop_identity_check = "sensitive"
        schema = json.loads(document_type.schema_text)
        schema["properties"]["patient"]["x-sensitivity"] = "internal"
        document_type.schema_text = json.dumps(schema)
        self.assertFalse(reading._demands_identity())
        self.company.interop_identity_check = "always"
        self.assertTrue(reading._demands_identity())

    def test_what_is_of_no_company_follows_the_strictest(self):
        self.message.company_id = False
        self.env["res.company"].search([]).interop_identity_check = "never"
        reading = self.reading(self.reader)
        self.assertFalse(reading._demands_identity())
        self.env["res.company"].create({"name": "Strict", "interop_identity_check": "always"})
        self.assertTrue(reading._demands_identity())

    def test_an_unknown_document_type_counts_as_sensitive(self):
        self.message.document_type = "Vanished 9.9"
        self.assertTrue(self.reading(self.reader)._is_sensitive())

    # -- end -----------------------------------------------------------------------------------

    def test_a_reading_closes_after_the_minutes_that_are_set(self):
        self.company.interop_reading_minutes = 3
        with freeze_time("2026-03-02 10:00:00") as clock:
            reading = self.opened(self.reader)
            clock.tick(179)
            reading.invalidate_recordset()
            self.assertIn("Canary", reading.content)
            self.assertEqual(reading.seconds_left, 1)
            clock.tick(1)
            reading.invalidate_recordset()
            self.assertFalse(reading.content or reading.fields_html or reading.is_open)
            with self.assertRaises(UserError):
                reading.action_read()

    def test_what_has_ended_is_vacuumed(self):
        reading = self.opened(self.reader)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE interop_content_reading SET create_date = create_date - interval '2 hours', "
            "write_date = write_date - interval '2 hours' WHERE id = %s",
            [reading.id],
        )
        self.env["interop.content.reading"]._transient_vacuum()
        self.assertFalse(reading.exists())
        self.assertEqual(len(self.notes()), 1, "the evidence stays")

    def test_how_content_is_read_is_set_per_company_and_changes_are_evidence(self):
        self.company.interop_reading_minutes = 20
        self.env.cr.execute(
            "SELECT details::text FROM interop_audit_entry WHERE act = 'message.reading.configured'"
            " AND company_id = %s ORDER BY id DESC LIMIT 1",
            [self.company.id],
        )
        self.assertEqual(json.loads(self.env.cr.fetchone()[0])["minutes"], 20)
