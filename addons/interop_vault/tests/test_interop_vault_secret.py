import contextlib
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user
from odoo.tools import mute_logger

from odoo.addons.interop_audit.tests.common import AuditCase
from odoo.addons.interop_base.lib.failures import InteropError

from ..lib.sealing import VaultError
from ..models import interop_vault_secret_uses as counting

CANARY = "canary-token-4711"


class TestInteropVaultSecret(AuditCase):
    def setUp(self):
        super().setUp()
        self.manager = new_test_user(
            self.env, "secret-manager", "interop_base.group_manager,base.group_allow_export"
        )
        self.secret = (
            self.env["interop.vault.secret"]
            .with_user(self.manager)
            .create({"name": "Order API", "kind": "bearer", "value": CANARY})
        )
        self.env.invalidate_all()

    def test_value_is_used_but_never_read(self):
        self.assertEqual(self.secret._reveal("send"), CANARY)
        self.assertTrue(self.secret.has_value)
        self.assertFalse(self.secret.value)
        for secret in (self.secret, self.secret.sudo()):
            self.assertNotIn(CANARY, str(secret.read()))
            self.assertNotIn(CANARY, str(secret.export_data(["name", "value", "uuid"])))
            self.assertNotIn(CANARY, str(secret.web_read({"name": {}, "value": {}})))
            self.assertNotIn(CANARY, str(secret.copy_data()))
        self.assertNotIn(CANARY, repr(self.secret))

    def test_value_is_in_no_column_of_the_database(self):
        self.env.flush_all()
        for table in ("interop_vault_secret", "interop_audit_entry"):
            self.env.cr.execute(f"SELECT t::text FROM {table} t")
            text = str(self.env.cr.fetchall())
            self.assertNotIn(CANARY, text)
            self.assertNotIn(CANARY.encode().hex(), text)

    def test_value_cannot_be_searched_or_grouped(self):
        secrets = self.env["interop.vault.secret"]
        for attempt in (
            lambda: secrets.search([("value", "=", CANARY)]),
            lambda: secrets.search([("value", "like", "c%")]),
            lambda: secrets._read_group([], ["value"], ["__count"]),
            lambda: secrets.search([("sealed_value", "!=", False)]),
            lambda: secrets.search([], order="value"),
        ):
            with self.assertRaises(Exception), mute_logger("odoo.models", "odoo.domains"):  # noqa: B017
                attempt()

    def test_new_value_replaces_the_one_before(self):
        self.secret.value = "another"
        self.assertFalse(self.secret.value)
        self.assertEqual(self.secret._reveal("send"), "another")
        self.assertEqual(len(self.entries("secret.change")), 2)

    def test_form_enters_a_value_and_forgets_it(self):
        with Form(self.secret) as form:
            self.assertFalse(form.value)
            form.value = "typed"
        self.assertEqual(self.secret._reveal("send"), "typed")
        with Form(self.secret) as form:
            self.assertFalse(form.value)
            form.name = "Renamed"
        self.assertEqual(self.secret._reveal("send"), "typed")

    def test_emptying_the_field_keeps_the_value(self):
        self.secret.write({"value": False})
        self.assertEqual(self.secret._reveal("send"), CANARY)

    def test_copy_has_no_value(self):
        copy = self.secret.copy()
        self.assertFalse(copy.has_value)
        self.assertNotEqual(copy.uuid, self.secret.uuid)

    def test_secret_without_value_is_told_by_name(self):
        secret = self.env["interop.vault.secret"].create({"name": "Empty one"})
        with self.assertRaisesRegex(VaultError, "Empty one has no value"):
            secret._reveal("send")

    def test_value_moved_to_another_secret_is_refused(self):
        other = self.env["interop.vault.secret"].create({"name": "Other", "value": "x"})
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE interop_vault_secret c
               SET sealed_value = o.sealed_value, sealed_wrapped_key = o.sealed_wrapped_key,
                   sealed_digest = o.sealed_digest, sealed_size = o.sealed_size
              FROM interop_vault_secret o WHERE c.id = %s AND o.id = %s
            """,
            [other.id, self.secret.id],
        )
        with self.assertRaises(InteropError):
            other._reveal("send")

    def test_value_pasted_with_a_space_is_refused_without_repeating_it(self):
        for value in (CANARY + "\n", " " + CANARY):
            with self.assertRaises(ValidationError) as caught:
                self.secret.value = value
            self.assertNotIn(CANARY, str(caught.exception))
            self.secret.invalidate_recordset()

    def test_changes_leave_evidence_without_values(self):
        self.secret.expires_on = "2031-01-01"
        uid = self.secret.uuid
        self.secret.unlink()
        self.assertEqual(self.entries("secret.create").subject, uid)
        self.assertEqual(self.entries("secret.configure").details, '{"fields":["expires_on"]}')
        self.assertEqual(self.entries("secret.delete").details, '{"name":"Order API"}')
        self.assertEqual(self.entries("secret.delete").actor_id, self.manager.id)

    def test_only_managers_change_secrets_and_companies_are_apart(self):
        user = new_test_user(self.env, "secret-user", "interop_base.group_operator")
        self.assertEqual(self.secret.with_user(user).name, "Order API")
        with self.assertRaises(AccessError):
            self.secret.with_user(user).write({"value": "mine"})
        with self.assertRaises(AccessError):
            self.secret.with_user(user).unlink()
        self.secret.sudo().company_id = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self.secret.read(["name"])

    def test_expiry_is_told_ahead(self):
        today = fields.Date.context_today(self.secret)
        for days, expiry in (
            (None, "none"),
            (-1, "expired"),
            (0, "soon"),
            (30, "soon"),
            (31, "valid"),
        ):
            self.secret.expires_on = days is not None and today + timedelta(days=days)
            self.assertEqual(self.secret.expiry, expiry)


class TestCounting(AuditCase):
    """Uses are written down on another cursor: here it is this test's own."""

    def setUp(self):
        super().setUp()
        self.secret = self.env["interop.vault.secret"].create({"name": "x", "value": CANARY})
        self.env.flush_all()
        self.now = 0.0
        self.patch(counting.time, "monotonic", lambda: self.now)
        self.patch(type(self.env.registry), "cursor", lambda registry: self._own_cursor())

    @contextlib.contextmanager
    def _own_cursor(self):
        yield self.env.cr

    def use(self, times=1):
        for _ in range(times):
            self.secret._reveal("send")
        self.secret.invalidate_recordset()

    def test_uses_are_counted_about_once_a_minute(self):
        self.use(5)
        self.assertEqual(self.secret.use_count, 1)
        self.assertTrue(self.secret.last_used_at)
        self.now += counting.COUNT_EVERY
        self.use()
        self.assertEqual(self.secret.use_count, 6)

    def test_use_is_audited_once_an_hour(self):
        self.use(5)
        self.now += counting.COUNT_EVERY
        self.use(5)
        self.assertEqual(len(self.entries("secret.use")), 1)
        self.assertEqual(self.entries("secret.use").details, '{"purpose":"send"}')
        self.now += counting.AUDIT_EVERY
        self.use()
        self.assertEqual(len(self.entries("secret.use")), 2)

    def test_use_that_cannot_be_written_down_is_counted_later(self):
        def broken(registry):
            raise counting.psycopg2.OperationalError("no connection left")

        with contextlib.ExitStack() as stack:
            stack.callback(
                setattr, type(self.env.registry), "cursor", type(self.env.registry).cursor
            )
            type(self.env.registry).cursor = broken
            self.use(3)
        self.assertEqual(self.secret.use_count, 0)
        self.now += counting.COUNT_EVERY
        self.use()
        self.assertEqual(self.secret.use_count, 4)
