from odoo.exceptions import AccessError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .common import AuditCase


class TestInteropAuditEntry(AuditCase):
    def test_managers_read_and_others_do_not(self):
        self.audit._record("test.read")
        manager = new_test_user(self.env, "audit-manager", "interop_base.group_manager")
        operator = new_test_user(self.env, "audit-operator", "interop_base.group_operator")
        entries = self.env["interop.audit.entry"]
        self.assertTrue(entries.with_user(manager).search([("act", "=", "test.read")]))
        with self.assertRaises(AccessError):
            entries.with_user(operator).search([("act", "=", "test.read")])

    def test_nobody_changes_an_entry_through_odoo(self):
        self.audit._record("test.fixed")
        manager = new_test_user(self.env, "audit-manager", "interop_base.group_manager")
        entry = self.entries("test.fixed")
        with self.assertRaises(AccessError):
            entry.with_user(manager).sudo(False).write({"outcome": "nice"})
        with self.assertRaises(AccessError):
            entry.with_user(manager).sudo(False).unlink()
        with self.assertRaises(AccessError):
            entry.with_user(manager).sudo(False).create({"act": "made.up"})

    @mute_logger("odoo.sql_db")
    def test_not_even_the_superuser_changes_an_entry_through_odoo(self):
        self.audit._record("test.fixed")
        entry = self.entries("test.fixed")
        for change in (
            lambda: entry.write({"outcome": "nice"}),
            lambda: entry.unlink(),
            lambda: entry.create({"act": "made.up"}),
        ):
            with self.assertRaises(Exception), self.env.cr.savepoint():  # noqa: B017
                change()
                self.env.flush_all()
            self.env.invalidate_all()
        self.assertEqual(self.entries("test.fixed").outcome, "ok")
        self.assertFalse(self.entries("made.up"))

    def test_trail_is_searched_and_grouped(self):
        self.audit._record("test.a", details={"reason": "spring cleaning"})
        self.audit._record("test.b", outcome="failed")
        entries = self.env["interop.audit.entry"]
        new = [("id", ">", self.newest)]
        self.assertEqual(entries.search([("details", "ilike", "spring"), *new]).act, "test.a")
        self.assertEqual(entries.search([("outcome", "!=", "ok"), *new]).act, "test.b")
        groups = entries._read_group([("act", "like", "test."), *new], ["ts:day"], ["__count"])
        self.assertEqual(sum(count for _day, count in groups), 2)

    def test_record_of_an_entry_can_be_opened(self):
        self.audit._record("test.open", record=self.env.user.partner_id)
        action = self.entries("test.open").action_open_record()
        self.assertEqual(action["res_model"], "res.partner")
        self.assertEqual(action["res_id"], self.env.user.partner_id.id)
