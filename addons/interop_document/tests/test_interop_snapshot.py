import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, users
from odoo.tools import mute_logger

from odoo.addons.interop_base.lib.failures import DataError, InternalError

VALUE = {"flow": {"code": "orders"}, "rules": [1, 2.5, None, "ü"]}


class TestInteropSnapshot(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.snapshots = cls.env["interop.snapshot"]
        new_test_user(cls.env, "snap_user", groups="interop_base.group_user")
        new_test_user(cls.env, "snap_manager", groups="interop_base.group_manager")

    def test_published_content_comes_back_unchanged(self):
        snapshot = self.snapshots._publish("flow", VALUE)
        self.assertEqual(snapshot._value(), VALUE)
        self.assertEqual(snapshot.size, len(snapshot.text.encode()))
        self.assertEqual(snapshot.created_by, self.env.uid)
        self.assertEqual(snapshot.publisher, self.env.user.name)
        self.assertTrue(snapshot.created_at)

    def test_equal_content_is_one_snapshot(self):
        first = self.snapshots._publish("flow", VALUE)
        second = self.snapshots._publish("flow", dict(reversed(VALUE.items())))
        self.assertEqual(first, second)
        self.assertNotEqual(first, self.snapshots._publish("flow", {**VALUE, "x": 1}))

    def test_what_is_not_json_is_not_published(self):
        with self.assertRaises(DataError):
            self.snapshots._publish("flow", {"x": float("nan")})

    @mute_logger("odoo.sql_db")
    def test_database_refuses_to_change_a_snapshot(self):
        snapshot = self.snapshots._publish("flow", VALUE)
        for statement in (
            f"UPDATE interop_snapshot SET text = '{{}}' WHERE id = {snapshot.id}",
            f"DELETE FROM interop_snapshot WHERE id = {snapshot.id}",
            "TRUNCATE interop_snapshot CASCADE",
        ):
            with (
                self.subTest(statement),
                self.assertRaisesRegex(psycopg2.Error, "immutable"),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(statement)

    def test_odoo_refuses_to_change_a_snapshot(self):
        snapshot = self.snapshots._publish("flow", VALUE)
        with self.assertRaises(UserError):
            snapshot.write({"kind": "other"})
        with self.assertRaises(UserError):
            snapshot.unlink()
        with self.assertRaises(AccessError):
            self.snapshots.create({"digest": "x", "kind": "flow", "text": "{}"})

    def test_snapshot_that_was_tampered_with_is_not_used(self):
        snapshot = self.snapshots._publish("flow", VALUE)
        self.env.cr.execute("ALTER TABLE interop_snapshot DISABLE TRIGGER USER")
        self.env.cr.execute("UPDATE interop_snapshot SET text = '{}' WHERE id = %s", [snapshot.id])
        snapshot.invalidate_recordset()
        with self.assertRaises(InternalError):
            snapshot._value()

    @users("snap_manager")
    def test_manager_publishes_and_reads(self):
        snapshot = self.env["interop.snapshot"]._publish("flow", VALUE)
        self.assertEqual(snapshot.created_by, self.env.uid)
        self.assertIn("orders", snapshot.pretty_text)

    def test_user_does_not_read_configuration(self):
        snapshot = self.snapshots._publish("flow", VALUE)
        user = self.env.ref("base.user_root").search([("login", "=", "snap_user")])
        with self.assertRaises(AccessError):
            snapshot.with_user(user).read(["text"])

    def test_deleting_the_publisher_keeps_the_snapshot(self):
        user = new_test_user(self.env, "snap_leaver", groups="interop_base.group_manager")
        snapshot = self.snapshots.with_user(user)._publish("flow", VALUE).sudo()
        user_id = user.id
        user.unlink()
        snapshot.invalidate_recordset()
        self.assertEqual(snapshot.created_by, user_id)
        self.assertIn("deleted", snapshot.publisher)
