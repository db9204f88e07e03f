from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user

from odoo.addons.interop_audit.tests.common import AuditCase

OLD, NEW = "canary-old-4711", "canary-new-4712"


class TestRotation(AuditCase):
    def setUp(self):
        super().setUp()
        self.manager = new_test_user(self.env, "rotating-manager", "interop_base.group_manager")
        self.secret = (
            self.env["interop.vault.secret"]
            .with_user(self.manager)
            .create({"name": "Partner's signing key", "kind": "hmac", "value": OLD})
        )

    def wizard(self, value=NEW, **more):
        return (
            self.env["interop.vault.secret.rotate"]
            .with_user(self.manager)
            .create({"secret_id": self.secret.id, "value": value, **more})
        )

    def valid(self):
        return self.secret._reveal_valid("verify")

    def move(self, column, hours):
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE interop_vault_secret SET {column} = {column} + %s * interval '1 hour'",
            [hours],
        )
        self.env.invalidate_all()

    def test_both_are_valid_until_the_overlap_ends_by_the_databases_clock(self):
        self.wizard(overlap_hours=2).action_rotate()
        self.assertEqual(self.valid(), [NEW, OLD])
        self.assertEqual(self.secret._reveal("send"), NEW)
        self.assertTrue(self.secret.previous_valid_until)
        self.move("previous_valid_until", -3)
        self.assertEqual(self.valid(), [NEW])

    def test_without_overlap_the_value_before_is_gone_at_once(self):
        self.wizard(overlap_hours=0).action_rotate()
        self.assertEqual(self.valid(), [NEW])
        self.assertFalse(self.secret.previous_valid_until)
        self.env.cr.execute("SELECT count(*) FROM interop_vault_secret_value")
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_the_overlap_ends_on_request(self):
        self.wizard(overlap_hours=48).action_rotate()
        self.secret.action_end_overlap()
        self.assertEqual(self.valid(), [NEW])
        self.assertFalse(self.secret.previous_valid_until)

    def test_values_whose_overlap_is_over_are_deleted_daily(self):
        self.wizard(overlap_hours=1).action_rotate()
        self.secret.sudo()._cron_daily()
        self.assertEqual(self.valid(), [NEW, OLD])
        self.move("previous_valid_until", -2)
        self.secret.sudo()._cron_daily()
        self.assertFalse(self.secret.previous_valid_until)
        self.env.cr.execute("SELECT count(*) FROM interop_vault_secret_value")
        self.assertEqual(self.env.cr.fetchone(), (0,))
        self.assertEqual(self.entries("secret.overlap_end").details, '{"by":"time"}')

    def test_a_third_value_ends_the_first(self):
        self.wizard().action_rotate()
        self.wizard("third-one").action_rotate()
        self.assertEqual(self.valid(), ["third-one", NEW])

    def test_replacing_in_the_form_ends_an_overlap(self):
        self.wizard().action_rotate()
        self.secret.value = "third-one"
        self.assertEqual(self.valid(), ["third-one"])
        self.assertFalse(self.secret.previous_valid_until)

    def test_typing_alone_changes_nothing(self):
        wizard = self.wizard()
        self.assertEqual(self.valid(), [OLD])
        self.assertFalse(wizard.value)
        self.env.cr.execute("UPDATE interop_vault_secret_value SET created_at = '2001-01-01'")
        self.secret.sudo()._cron_daily()
        with self.assertRaisesRegex(UserError, "Enter it again"):
            wizard.action_rotate()

    def test_of_two_who_enter_a_value_the_first_is_told(self):
        first, second = self.wizard(), self.wizard("third-one")
        with self.assertRaisesRegex(UserError, "somebody else"):
            first.action_rotate()
        second.action_rotate()
        self.assertEqual(self.valid(), ["third-one", OLD])

    def test_the_dialog_keeps_nothing_that_was_typed(self):
        form = Form(
            self.env["interop.vault.secret.rotate"].with_context(default_secret_id=self.secret.id)
        )
        form.value = NEW
        wizard = form.save()
        self.assertNotIn(NEW, str(wizard.read()))
        for table in (
            "interop_vault_secret",
            "interop_vault_secret_value",
            "interop_vault_secret_rotate",
            "interop_audit_entry",
        ):
            self.env.flush_all()
            self.env.cr.execute(f"SELECT t::text FROM {table} t")
            text = str(self.env.cr.fetchall())
            for value in (OLD, NEW):
                self.assertNotIn(value, text)
                self.assertNotIn(value.encode().hex(), text)

    def test_a_wrong_entry_is_refused_and_nobody_else_may_rotate(self):
        with self.assertRaises(ValidationError) as caught:
            self.wizard(NEW + "\n")
        self.assertNotIn(NEW, str(caught.exception))
        with self.assertRaises(ValidationError):
            self.wizard(overlap_hours=-1)
        operator = new_test_user(self.env, "rotating-operator", "interop_base.group_operator")
        for attempt in (
            lambda: self.wizard().with_user(operator).action_rotate(),
            lambda: self.secret.with_user(operator).action_ask_rotate(),
            lambda: self.secret.with_user(operator).action_end_overlap(),
            lambda: self.secret.with_user(operator)._rotate(2, 24),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_each_act_leaves_evidence_without_values(self):
        self.wizard(overlap_hours=5).action_rotate()
        self.secret.action_end_overlap()
        entry = self.entries("secret.rotate")
        self.assertEqual(entry.details, '{"generation":2,"overlap_hours":5}')
        self.assertEqual(entry.actor_id, self.manager.id)
        self.assertEqual(len(self.entries("secret.overlap_end")), 1)
        self.assertEqual(self.secret.value_set_by_id, self.manager)
