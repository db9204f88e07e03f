import uuid

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged

from ..lib.refs import Sealing


@tagged("post_install", "-at_install")
class TestInteropRetentionClass(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.classes = cls.env["interop.retention.class"]
        cls.mine = cls.classes.create({"name": "Seven years", "code": "seven-years", "days": 2557})

    def test_the_classes_that_everybody_needs_are_there(self):
        days = self.classes._days()
        self.assertEqual([days[code] for code in ("short", "standard", "long")], [30, 180, 2192])

    def test_an_archived_class_still_has_its_days(self):
        self.mine.active = False
        self.assertEqual(self.classes._days()["seven-years"], 2557)

    def test_a_code_never_changes(self):
        with self.assertRaisesRegex(UserError, "never changes"):
            self.mine.code = "other"
        self.mine.code = "seven-years"

    def test_a_code_is_fit_for_the_name_of_a_key(self):
        for code in ("Seven Years", "a/b", "", "ä"):
            with self.subTest(code=code), self.assertRaises(ValidationError):
                self.classes.create({"name": "Odd", "code": code or " ", "days": 1})

    def test_a_class_under_which_content_was_sealed_is_not_deleted(self):
        self.env["interop.vault"]._seal_many(
            [Sealing(str(uuid.uuid4()), "document", b"something", "seven-years")]
        )
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.mine.unlink()
        self.classes.create({"name": "Unused", "code": "unused", "days": 1}).unlink()

    def test_the_class_that_all_falls_back_to_is_not_deleted(self):
        with self.assertRaisesRegex(UserError, "falls back"):
            self.classes.search([("code", "=", "standard")]).unlink()

    def test_a_change_of_days_is_in_the_audit_trail_and_needs_a_manager(self):
        self.mine.days = 100
        self.env.cr.execute(
            "SELECT details FROM interop_audit_entry WHERE act = 'retention.class.changed' "
            "AND res_id = %s",
            [self.mine.id],
        )
        self.assertEqual(
            self.env.cr.fetchall(),
            [('{"code":"seven-years","days":100,"days_before":2557,"fields":["days"]}',)],
        )
        user = new_test_user(self.env, "retention_user", "base.group_user,interop_base.group_user")
        with self.assertRaises(AccessError):
            self.mine.with_user(user).days = 1

    def test_what_lives_in_a_month_is_known(self):
        vault, key = self.env["interop.vault"], str(uuid.uuid4())
        vault._seal_many([Sealing(key, "document", b"something", "seven-years")])
        self.env.cr.execute(
            "UPDATE interop_vault_content SET period = '2020-01' WHERE uuid = %s", [key]
        )
        self.assertTrue(vault._lives("seven-years", "2020-01"))
        self.assertFalse(vault._lives("seven-years", "2020-02"))
        [piece] = vault._shred_pieces([key])
        self.assertEqual((piece.retention_class, piece.period), ("seven-years", "2020-01"))
        self.assertFalse(vault._lives("seven-years", "2020-01"))
