import json
from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.sql_db import db_connect
from odoo.tests import HttpCase, get_db_name, new_test_user, tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from ..lib.flood import SINGLY, Flood
from ..models import interop_audit_refusals
from .common import AuditCase

NOTED = """
SELECT actor_id, actor_name, outcome, res_model, res_id, details
  FROM interop_audit_entry
 WHERE act = 'audit.refused' AND id > %s AND actor_id = %s ORDER BY id
"""


class RefusalsCase:
    """Attempts are noted in a transaction of its own: they are read in one, too."""

    def begin(self):
        self.enterContext(patch.object(interop_audit_refusals, "_flood", Flood()))
        # Of HTTP tests the registry's cursors are all one transaction, which is rolled back.
        self.enterContext(
            patch.object(
                type(self.env["interop.audit.refusals"]),
                "_own_cursor",
                lambda refusals: db_connect(get_db_name()).cursor(),
            )
        )
        [[self.begun]] = self.ask("SELECT coalesce(max(id), 0) FROM interop_audit_entry")

    def ask(self, query, params=()):
        with db_connect(get_db_name()).cursor() as cr:
            cr.execute(query, params)
            return cr.fetchall()

    def noted(self, user):
        return [
            {"name": name, "outcome": outcome, "model": model, "res_id": res_id}
            | json.loads(details)
            for _user, name, outcome, model, res_id, details in self.ask(
                NOTED, [self.begun, user.id]
            )
        ]

    @contextmanager
    def refused(self, sentence="append-only"):
        """Without a savepoint around it, which `assertRaises` would make."""
        try:
            yield
        except AccessError as refusal:
            self.assertIn(sentence, str(refusal))
        else:
            self.fail("It was not refused.")


class TestRefusals(RefusalsCase, AuditCase):
    def setUp(self):
        super().setUp()
        self.audit._record("test.kept")
        self.entry = self.entries("test.kept")
        self.begin()

    def ways(self, entries):
        return {
            "create": lambda: entries.create({"act": "made.up"}),
            "write": lambda: entries.write({"outcome": "nice"}),
            "unlink": lambda: entries.unlink(),
            "copy": lambda: entries.copy(),
            "load": lambda: entries.load(["act"], [["made.up"]]),
            "web_save": lambda: entries.web_save({"outcome": "nice"}, {"outcome": {}}),
            "web_save of a new one": lambda: entries.browse().web_save({"act": "made.up"}, {}),
            "name_create": lambda: entries.name_create("made.up"),
        }

    def test_every_way_through_the_orm_is_refused_and_noted_whoever_tries(self):
        people = {
            "superuser": self.env.ref("base.user_root"),
            "admin": self.env.ref("base.user_admin"),
            "auditor": new_test_user(self.env, "ref-auditor", "interop_base.group_auditor"),
            "manager": new_test_user(self.env, "ref-manager", "interop_base.group_manager"),
            "anybody": new_test_user(self.env, "ref-user", "base.group_user"),
        }
        for who, user in people.items():
            with patch.object(interop_audit_refusals, "_flood", Flood()):
                for way, act in self.ways(self.entry.with_user(user)).items():
                    with self.subTest(who=who, way=way), self.refused():
                        act()
            noted = self.noted(user)
            self.assertEqual(
                [each["method"] for each in noted],
                ["create", "write", "unlink", "copy", "load", "write", "create", "create"],
            )
            for each in noted:
                self.assertEqual(
                    (each["model"], each["outcome"]), ("interop.audit.entry", "refused")
                )
            self.assertEqual(noted[1]["ids"], [self.entry.id])
            self.assertEqual(noted[1]["res_id"], self.entry.id)
            self.assertEqual(noted[1]["name"], "System" if user.id == 1 else user.name)
        self.env.invalidate_all()
        self.assertEqual(self.entry.outcome, "ok")
        self.assertFalse(self.env["interop.audit.entry"].search([("act", "=", "made.up")]))

    def test_a_month_of_the_trail_is_nobodys_to_change(self):
        months = self.env["interop.audit.month"].with_user(self.env.ref("base.user_admin"))
        for act in (
            lambda: months.create({"name": "2030-01"}),
            lambda: months.search([], limit=1).write({"name": "2030-01"}),
            lambda: months.search([], limit=1).unlink(),
        ):
            with self.refused("evidence"):
                act()
        noted = self.noted(months.env.user)
        self.assertEqual([each["method"] for each in noted], ["create", "write", "unlink"])
        self.assertEqual({each["model"] for each in noted}, {"interop.audit.month"})

    def test_values_of_an_attempt_are_not_noted(self):
        user = self.env.ref("base.user_admin")
        with self.refused():
            self.entry.with_user(user).write({"details": "Ines Canary"})
        self.assertNotIn("Canary", str(self.noted(user)))

    def test_a_flood_is_counted(self):
        user = self.env.ref("base.user_admin")
        for _ in range(120):
            with self.refused():
                self.entry.with_user(user).unlink()
        noted = self.noted(user)
        self.assertEqual(len(noted), SINGLY + 1)
        self.assertEqual(noted[-1]["attempts"], 100 - SINGLY)

    @mute_logger("odoo.sql_db")
    def test_it_is_refused_also_if_it_cannot_be_noted(self):
        with (
            patch.object(
                type(self.env["interop.audit.refusals"]),
                "_own_cursor",
                lambda refusals: db_connect(get_db_name()).cursor(),
            ),
            patch.object(type(self.audit), "_record_many", self._no_trail),
            self.assertLogs("odoo.addons.interop_audit.models.interop_audit_refusals", "ERROR"),
            self.refused(),
        ):
            self.entry.unlink()

    @staticmethod
    def _no_trail(audit, rows):
        audit.env.cr.execute("SELECT FROM no_such_table")

    def test_no_client_reaches_the_way_past_the_guards(self):
        for name in ("_make_genuine", "_store_genuine"):
            self.assertTrue(name.startswith("_"))
            self.assertTrue(hasattr(self.env["interop.audit.entry"], name))


@tagged("post_install", "-at_install")
class TestRefusalsOverHttp(RefusalsCase, HttpCase):
    """As a client does it: the web client's own calls, both RPC protocols, a form's address."""

    def setUp(self):
        super().setUp()
        self.env["interop.audit"]._record("test.kept")
        self.entry = self.env["interop.audit.entry"].search(
            [("act", "=", "test.kept")], limit=1, order="id desc"
        )
        self.user = new_test_user(
            self.env, "http-admin", "base.group_system,interop_base.group_manager"
        )
        self.begin()

    def unchanged(self, *methods):
        self.assertEqual([each["method"] for each in self.noted(self.user)], list(methods))
        self.env.invalidate_all()
        self.assertEqual(self.entry.outcome, "ok")

    @mute_logger("odoo.http")
    def test_the_web_clients_calls_are_refused_and_noted(self):
        self.authenticate("http-admin", "http-admin")
        ids = self.entry.ids
        for method, args in (
            ("write", [ids, {"outcome": "nice"}]),
            ("unlink", [ids]),
            ("create", [[{"act": "made.up"}]]),
            ("copy", [ids]),
            ("web_save", [ids, {"outcome": "nice"}, {}]),
            ("web_save", [[], {"act": "made.up"}, {}]),
            ("load", [["act"], [["made.up"]]]),
        ):
            with self.assertRaisesRegex(JsonRpcException, "AccessError"):
                self.make_jsonrpc_request(
                    f"/web/dataset/call_kw/interop.audit.entry/{method}",
                    {
                        "model": "interop.audit.entry",
                        "method": method,
                        "args": args,
                        "kwargs": {},
                    },
                )
        self.unchanged("write", "unlink", "create", "copy", "write", "create", "load")

    @mute_logger("odoo.http")
    def test_the_way_past_the_guards_is_closed_to_clients(self):
        self.authenticate("http-admin", "http-admin")
        for method, args in (
            ("_make_genuine", [[{"act": "made.up"}]]),
            ("_store_genuine", [self.entry.ids, {"outcome": "nice"}]),
        ):
            with self.assertRaises(JsonRpcException):
                self.make_jsonrpc_request(
                    f"/web/dataset/call_kw/interop.audit.entry/{method}",
                    {
                        "model": "interop.audit.entry",
                        "method": method,
                        "args": args,
                        "kwargs": {},
                    },
                )
        self.unchanged()

    @mute_logger("odoo.http", "odoo.addons.web.controllers.json")
    def test_a_key_for_programs_is_refused_and_noted(self):
        keys = self.env["res.users.apikeys"].with_user(self.user)
        key = keys._generate("rpc", "test", None)
        for method, body in (
            ("write", {"ids": self.entry.ids, "vals": {"outcome": "nice"}}),
            ("unlink", {"ids": self.entry.ids}),
            ("create", {"vals_list": [{"act": "made.up"}]}),
        ):
            answer = self.url_open(
                f"/json/2/interop.audit.entry/{method}",
                json=body,
                headers={"Authorization": f"Bearer {key}"},
            )
            self.assertEqual(answer.status_code, 403, answer.text)
            self.assertIn("append-only", answer.text)
        self.unchanged("write", "unlink", "create")

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.jsonrpc")
    def test_the_old_protocol_is_refused_and_noted(self):
        if self.env["ir.module.module"]._get("rpc").state != "installed":
            return
        arguments = [get_db_name(), self.user.id, "http-admin", "interop.audit.entry"]
        with self.assertRaisesRegex(JsonRpcException, "AccessError"):
            self.make_jsonrpc_request(
                "/jsonrpc",
                {
                    "service": "object",
                    "method": "execute_kw",
                    "args": [*arguments, "unlink", [self.entry.ids]],
                },
            )
        self.unchanged("unlink")

    @mute_logger("odoo.http")
    def test_a_file_is_not_imported(self):
        self.authenticate("http-admin", "http-admin")
        if "base_import.import" not in self.env:
            return
        wizard = (
            self.env["base_import.import"]
            .with_user(self.user)
            .create(
                {
                    "res_model": "interop.audit.entry",
                    "file": b"act\nmade.up\n",
                    "file_name": "entries.csv",
                    "file_type": "text/csv",
                }
            )
        )
        options = {"quoting": '"', "separator": ",", "has_headers": True}
        with self.assertRaisesRegex(JsonRpcException, "AccessError"):
            self.make_jsonrpc_request(
                "/web/dataset/call_kw/base_import.import/execute_import",
                {
                    "model": "base_import.import",
                    "method": "execute_import",
                    "args": [wizard.ids, ["act"], ["act"], options],
                    "kwargs": {},
                },
            )
        self.unchanged("load")
