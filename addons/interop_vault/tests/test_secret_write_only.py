"""What is typed into a secret comes out nowhere: each way out has a test of its own."""

import json
import logging

from odoo.exceptions import UserError
from odoo.tests import HttpCase, new_test_user, tagged

CANARY = "canary-token-4711"


@tagged("post_install", "-at_install")
class TestWriteOnly(HttpCase):
    def setUp(self):
        super().setUp()
        self.user = new_test_user(
            self.env, "canary-manager", "interop_base.group_manager,base.group_allow_export"
        )
        self.secrets = self.env["interop.vault.secret"].with_user(self.user)
        self.secret = self.secrets.create({"name": "Order API", "value": CANARY})
        self.env.invalidate_all()
        self.typed = {
            "value": CANARY,
            "value_certificate": CANARY,
            "value_private_key": CANARY,
            "value_passphrase": CANARY,
        }

    def silent(self, answer):
        self.assertTrue(answer is not None)
        self.assertNotIn(CANARY, str(answer))

    def test_read(self):
        self.silent(self.secret.read())
        self.silent(self.secret.read(list(self.typed)))
        self.silent(self.secret.sudo().read(list(self.typed)))

    def test_web_read_and_web_save(self):
        spec = {name: {} for name in self.typed}
        self.silent(self.secret.web_read(spec))
        answer = self.secret.web_save({"value": CANARY}, spec)
        self.silent(answer)
        self.silent(self.secrets.web_search_read([], spec))

    def test_export(self):
        self.silent(self.secret.export_data(["name", *self.typed]))

    def test_search_is_refused_without_repeating_the_value(self):
        for name in self.typed:
            for domain in (
                [(name, "=", CANARY)],
                [(name, "=like", CANARY[:3] + "%")],
                [(name, "in", [CANARY])],
                ["!", (name, "ilike", CANARY)],
                [(name, "!=", False)],
            ):
                with self.assertRaises(UserError) as caught:
                    self.secrets.search(domain)
                self.silent(caught.exception)
        self.assertEqual(self.secrets.name_search(CANARY), [])

    def test_searching_from_a_connected_record_is_refused_too(self):
        with self.assertRaises(UserError):
            self.env["interop.vault.secret.rotate"].search([("secret_id.value", "=", CANARY)])

    def test_grouping_and_sorting_are_refused(self):
        for attempt in (
            lambda: self.secrets.formatted_read_group([], ["value"], ["__count"]),
            lambda: self.secrets.formatted_read_group([], [], ["value:max"]),
            lambda: self.secrets.formatted_read_group([], [], ["value:array_agg"]),
            lambda: self.secrets.web_read_group([], ["value"]),
            lambda: self.secrets._read_group([], ["value"], ["__count"]),
            lambda: self.secrets.search([], order="value"),
            lambda: self.secrets.formatted_read_group(
                [("value", "=", CANARY)], ["kind"], ["__count"]
            ),
        ):
            refusal = None
            try:
                attempt()
            except (UserError, ValueError) as error:
                refusal = error
            self.silent(refusal)

    def test_copy(self):
        self.silent(self.secret.copy_data())
        self.assertFalse(self.secret.copy().has_value)

    def test_onchange(self):
        spec = {name: {} for name in (*self.typed, "name", "kind", "has_value", "expiry")}
        for record in (self.secrets, self.secret):
            for names in (["kind"], ["value"], list(self.typed)):
                self.silent(record.onchange({"kind": "mtls", **self.typed}, names, spec))

    def test_messages_and_tracking(self):
        self.secret.value = CANARY + "2"
        self.env.flush_all()
        for model in ("mail.message", "mail.tracking.value", "mail.activity"):
            self.silent(self.env[model].sudo().search([]).read())

    def test_no_table_of_the_database(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema"
            " AND (tablename LIKE 'interop%' OR tablename LIKE 'mail%' OR tablename LIKE 'ir_%')"
        )
        for [table] in self.env.cr.fetchall():
            self.env.cr.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s OR t::text LIKE %s',
                [f"%{CANARY}%", f"%{CANARY.encode().hex()}%"],
            )
            self.assertEqual(self.env.cr.fetchone(), (0,), table)

    def test_remote_calls_errors_and_logs(self):
        """As a browser does it: what comes back over the wire, and what the server logs of it."""
        self.authenticate("canary-manager", "canary-manager")
        calls = [
            ("web_save", [[self.secret.id], {"value": CANARY + "\n"}], {"specification": {}}),
            ("web_save", [[self.secret.id], {"value": CANARY}], {"specification": {"value": {}}}),
            ("web_save", [[], {"value": CANARY}], {"specification": {"value": {}}}),
            ("create", [{"name": "x", "kind": "telegram", "value": CANARY}], {}),
            ("write", [[self.secret.id], {"expires_on": "no date", "value": CANARY}], {}),
            ("search", [[("value", "=", CANARY)]], {}),
            ("no_such_method", [CANARY], {}),
        ]
        with self.assertLogs("odoo", logging.INFO) as logs:
            for method, args, kwargs in calls:
                answer = self.url_open(
                    f"/web/dataset/call_kw/interop.vault.secret/{method}",
                    data=json.dumps(
                        {
                            "jsonrpc": "2.0",
                            "method": "call",
                            "params": {
                                "model": "interop.vault.secret",
                                "method": method,
                                "args": args,
                                "kwargs": kwargs,
                            },
                        }
                    ),
                    headers={"Content-Type": "application/json"},
                )
                self.silent(answer.text)
        for record in logs.records:
            self.silent(logging.Formatter().format(record))
