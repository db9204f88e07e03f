import uuid
from datetime import date
from unittest.mock import patch

from psycopg2.errors import InsufficientPrivilege

from odoo import fields
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from ..lib import months
from ..lib.entry import AuditRow
from ..models import interop_audit
from .common import AuditCase


class TestRecording(AuditCase):
    def test_entry_tells_who_did_what_to_which_record(self):
        user = new_test_user(self.env, "auditee", "base.group_user", name="Ada Auditee")
        subject = str(uuid.uuid4())
        partner = user.partner_id
        partner.company_id = self.env.company
        self.audit.with_user(user).sudo()._record(
            "test.act",
            record=partner,
            outcome="refused",
            subject=subject,
            digest="d" * 64,
            version_digest="v" * 64,
            details={"reason": "because", "count": 3},
        )
        entry = self.entries("test.act")
        self.assertEqual(entry.actor_kind, "user")
        self.assertEqual(entry.actor_id, user.id)
        self.assertEqual(entry.actor_name, "Ada Auditee")
        self.assertEqual((entry.res_model, entry.res_id), ("res.partner", partner.id))
        self.assertEqual(entry.outcome, "refused")
        self.assertEqual(entry.subject, subject)
        self.assertEqual(entry.company_id, self.env.company)
        self.assertEqual(entry.details, '{"count":3,"reason":"because"}')
        self.assertEqual(entry.details_shown, "Reason: because\nCount: 3")
        self.assertLess(abs((entry.ts - fields.Datetime.now()).total_seconds()), 60)
        self.assertTrue(entry.has_record)

    def test_engine_and_partner_are_not_taken_for_the_user(self):
        self.audit._record("test.worker", actor_kind="worker")
        self.audit._record_many(
            [AuditRow(act="test.partner", actor_kind="partner", actor_name="ACME")]
        )
        worker, partner = self.entries("test.worker"), self.entries("test.partner")
        self.assertEqual((worker.actor_kind, worker.actor_id), ("worker", 0))
        self.assertFalse(worker.actor_name)
        self.assertEqual(partner.actor_name, "ACME")

    def test_odoo_itself_is_the_system(self):
        self.audit._record("test.system")
        self.assertEqual(self.entries("test.system").actor_kind, "system")

    def test_unknown_kind_of_actor_is_refused(self):
        with self.assertRaises(ValueError):
            self.audit._record("test.odd", actor_kind="ghost")

    def test_many_entries_are_one_insert(self):
        rows = [AuditRow(act="test.many", res_id=number) for number in range(500)]
        with self.assertQueryCount(1):
            self.audit._record_many(rows)
        self.assertEqual(self.entries("test.many").mapped("res_id"), list(range(500)))
        with self.assertQueryCount(0):
            self.audit._record_many([])

    def test_entry_goes_with_the_transaction_that_did_the_act(self):
        with self.env.cr.savepoint() as savepoint:
            self.audit._record("test.undone")
            savepoint.rollback()
        self.assertFalse(self.entries("test.undone"))


class TableCase(AuditCase):
    def assertRefused(self, statement):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(InsufficientPrivilege, "append-only"),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(statement)

    def _partition(self):
        self.env.cr.execute(
            "SELECT DISTINCT tableoid::regclass::text FROM interop_audit_entry "
            "WHERE act = 'test.kept'"
        )
        return self.env.cr.fetchone()[0]

    def _insert(self, day):
        self.env.cr.execute(
            "INSERT INTO interop_audit_entry (ts, act, outcome, actor_kind) "
            "VALUES (%s, 'test.dated', 'ok', 'system') RETURNING tableoid::regclass::text",
            [day],
        )
        return self.env.cr.fetchone()[0]


class TestAppendOnly(TableCase):
    def test_database_refuses_to_change_the_trail(self):
        self.audit._record("test.kept")
        for table in ("interop_audit_entry", self._partition()):
            self.assertRefused(f"UPDATE {table} SET outcome = 'nice' WHERE act = 'test.kept'")
            self.assertRefused(f"DELETE FROM {table} WHERE act = 'test.kept'")
            self.assertRefused(f"TRUNCATE {table}")
        self.assertRefused("TRUNCATE interop_audit_entry_default")
        self.assertEqual(self.entries("test.kept").outcome, "ok")

    def test_safety_net_is_append_only_too(self):
        self._insert("2001-01-15")
        self.assertRefused("DELETE FROM interop_audit_entry WHERE act = 'test.dated'")
        self.assertRefused("UPDATE interop_audit_entry_default SET act = 'x'")

    def test_people_and_companies_of_the_trail_can_be_deleted(self):
        user = new_test_user(self.env, "short-lived", "base.group_user")
        company = self.env["res.company"].create({"name": "Short-lived"})
        self.audit.with_user(user)._record("test.gone", company_id=company.id)
        partner = user.partner_id
        user.unlink()
        partner.unlink()
        company.unlink()
        entry = self.entries("test.gone")
        self.assertEqual(entry.actor_name, "short-lived (base.group_user)")
        self.assertFalse(entry.has_record)
        self.assertFalse(entry.company_id.exists())

    def test_partners_are_merged_and_the_trail_says_what_it_said(self):
        kept, gone = self.env["res.partner"].create([{"name": "Kept"}, {"name": "Gone"}])
        self.audit._record("test.merged", record=gone)
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((kept | gone).ids, kept)
        self.assertFalse(gone.exists())
        entry = self.entries("test.merged")
        self.assertEqual((entry.res_model, entry.res_id), ("res.partner", gone.id))
        self.assertFalse(entry.has_record)


class TestMonthsAhead(TableCase):
    def test_this_month_and_the_year_ahead_have_room(self):
        run = months.months_from(date.today(), interop_audit.MONTHS_AHEAD + 1)
        for month in run:
            self.env.cr.execute("SELECT to_regclass(%s)", [f"interop_audit_entry_{month.code}"])
            self.assertTrue(self.env.cr.fetchone()[0], month)

    def test_entry_without_a_month_of_its_own_is_kept(self):
        self.assertEqual(self._insert("2001-01-15"), "interop_audit_entry_default")
        self.assertEqual(len(self.entries("test.dated")), 1)

    def test_making_room_twice_changes_nothing(self):
        self.audit._make_months()
        self.audit._make_months()

    def test_new_month_refuses_like_the_others(self):
        far = months.months_from(date(2101, 1, 1), 1)
        with patch.object(interop_audit, "months_from", lambda day, count: far):
            self.audit._make_months()
        self.assertEqual(self._insert("2101-01-15"), "interop_audit_entry_210101")
        self.assertRefused("TRUNCATE interop_audit_entry_210101")
        self.assertRefused("DELETE FROM interop_audit_entry_210101")

    def test_month_that_the_safety_net_holds_stays_there(self):
        self._insert("2101-01-15")
        far = months.months_from(date(2101, 1, 1), 2)
        with patch.object(interop_audit, "months_from", lambda day, count: far):
            self.audit._make_months()
        self.assertEqual(self._insert("2101-01-16"), "interop_audit_entry_default")
        self.assertEqual(self._insert("2101-02-16"), "interop_audit_entry_210102")
