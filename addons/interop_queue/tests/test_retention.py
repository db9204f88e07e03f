"""Purging, on real rows: every copy goes, what is held stays, and what dies halfway goes on."""

import base64
import json
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tests.common import BaseCase

from odoo.addons.interop_base.lib.keyring import KeyringError
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_vault.lib.sealing import VaultError

from ..engine.transaction import read_committed
from ..lib.retention import default_class, due_keys, key_is_due, month_end
from ..lib.statements import statement
from ..models.interop_retention import PARAMETER
from .common import WIRE, fail
from .inbound_common import InboundCase

CANARY = "Quetzalcoatl Featherstone"


class TestArithmetic(BaseCase):
    def test_a_month_ends_with_the_first_of_the_next(self):
        self.assertEqual(month_end("2026-02"), date(2026, 3, 1))
        self.assertEqual(month_end("2026-12"), date(2027, 1, 1))

    def test_a_key_is_due_when_the_days_after_its_month_are_over(self):
        self.assertFalse(key_is_due("2026-01", 30, date(2026, 3, 2)))
        self.assertTrue(key_is_due("2026-01", 30, date(2026, 3, 3)))

    def test_a_class_that_nobody_knows_is_never_due(self):
        found = due_keys(["short/2020-01", "odd/2020-01"], {"short": 30}, date(2026, 1, 1))
        self.assertEqual([str(key) for key in found], ["short/2020-01"])

    def test_health_data_is_kept_short_by_default(self):
        self.assertEqual(default_class("health"), "short")
        self.assertEqual(default_class("internal"), "standard")
        self.assertEqual(default_class(None), "standard")


@tagged("post_install", "-at_install")
class TestRetention(InboundCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.clear_reports)

    def clear_reports(self):
        with self.transaction() as env:
            env.cr.execute("DELETE FROM interop_purge_report")
            env.cr.execute("DELETE FROM interop_legal_hold_interop_message_rel")
            env.cr.execute("DELETE FROM interop_flow_interop_legal_hold_rel")
            env.cr.execute("DELETE FROM interop_legal_hold_res_company_rel")
            env.cr.execute("DELETE FROM interop_connector_interop_legal_hold_rel")
            env.cr.execute("DELETE FROM interop_legal_hold")
            env.cr.execute("DELETE FROM ir_config_parameter WHERE key = %s", [PARAMETER])

    def clear(self):
        self.clear_reports()
        super().clear()

    def age(self, days=400, keys=None):
        """Let the ended messages have ended so many days ago."""
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_message SET done_at = done_at - make_interval(days => %s) "
                "WHERE connector_id = %s AND (%s::varchar[] IS NULL OR uuid = ANY (%s::varchar[]))",
                [days, self.world["connector"], keys, keys],
            )

    def purge(self, **limits):
        with self.transaction() as env:
            return env["interop.retention"]._purge(**limits)

    def hold(self, place=True, **scope):
        with self.transaction() as env:
            hold = env["interop.legal.hold"].create(
                {"name": "Case 7", "reason": "A dispute before court"} | scope
            )
            if place:
                hold.action_place()
            return hold.id

    def opens(self, key, kind="document"):
        with self.transaction() as env:
            try:
                return env["interop.vault"]._open(key, kind)
            except VaultError as error:
                return error.reason

    def vault_rows(self):
        """Of this test's messages and payloads: kind, whether it opens, digest."""
        with self.transaction() as env:
            env.cr.execute(
                """
                SELECT v.kind, v.wrapped_key IS NOT NULL, v.sealed IS NOT NULL, v.digest
                  FROM interop_vault_content v
                 WHERE v.uuid::text IN (SELECT uuid FROM interop_message WHERE connector_id = %(c)s
                                        UNION SELECT uuid FROM interop_interchange
                                               WHERE connector_id = %(c)s)
                """,
                {"c": self.world["connector"]},
            )
            return env.cr.fetchall()

    def reports(self):
        with self.transaction() as env:
            names = [
                "message_count", "payload_count", "piece_count", "held_count", "undecided_count",
                "dead_count", "ended_at", "keys_destroyed", "keys_by_hand",
            ]  # fmt: skip
            return env["interop.purge.report"].search([], order="id").read(names)

    def ended_outbound(self, *numbers, **body):
        keys = [self.enqueue(number, **body) for number in numbers]
        self.drain()
        self.assertEqual(set(self.states(keys)), {"done"})
        return keys

    # -- every copy ----------------------------------------------------------------------------

    def test_every_copy_goes_and_the_digests_stay(self):
        # A retry, a dead letter that is redriven (two payloads), a diagnosis, a reply, inbound.
        WIRE.script = lambda body, tries: fail("partner") if tries == 1 else None
        redriven = self.enqueue("1", patient=CANARY)
        self.drain()
        self.assertEqual(self.look(redriven, "state"), "dead")
        WIRE.script = lambda body, tries: None
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "=", redriven)]).action_redrive("mended")
        with self.handled():
            received = self.accept({"number": "note-1", "patient": CANARY})
            split = self.accept(None, raw=json.dumps({"number": "odoo-says-no"}).encode())
            self.drain()
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "=", split)]).action_cancel("of no use")
            resent = (
                env["interop.message"]
                .search([("uuid", "=", redriven)])
                .action_resend("the partner lost it")
                .uuid
            )
        self.drain()
        self.assertEqual(self.states([redriven, received, split, resent]), ["done"] * 2 + ["cancelled", "done"])
        before = self.vault_rows()
        self.assertEqual(
            {kind for kind, *_rest in before}, {"document", "payload", "reply", "diagnosis"}
        )
        self.age()
        self.purge()
        after = self.vault_rows()
        self.assertEqual([row[1:3] for row in after], [(False, False)] * len(before))
        self.assertEqual(
            sorted(digest for *_, digest in after), sorted(digest for *_, digest in before)
        )
        for key in (redriven, received, resent):
            self.assertEqual(self.opens(key), "shredded")
            self.assertTrue(self.look(key, "purged_at"))
        [report] = self.reports()
        self.assertEqual(report["message_count"], 4)
        self.assertEqual(report["piece_count"], len(before))
        self.assertTrue(report["ended_at"])
        self.assertEqual(self.tables_with(CANARY), [])
        self.assertEqual(self.tables_with("Canary Person"), [])

    def tables_with(self, text):
        """Tables of the database in which the text stands in the clear."""
        found = []
        with self.transaction() as env:
            env.cr.execute(
                "SELECT c.table_name FROM information_schema.tables c WHERE c.table_schema = "
                "'public' AND c.table_type = 'BASE TABLE' AND (c.table_name LIKE 'interop%' "
                "OR c.table_name IN ('mail_message', 'mail_tracking_value', 'ir_attachment', "
                "'ir_logging', 'mail_activity'))"
            )
            for [table] in env.cr.fetchall():
                env.cr.execute(
                    f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{text}%"]
                )
                if env.cr.fetchone()[0]:
                    found.append(table)
        return found

    def test_the_look_for_clear_text_finds_what_is_there(self):
        self.enqueue(CANARY)
        self.assertIn("interop_message", self.tables_with(CANARY))

    def test_young_content_and_what_has_not_ended_stays(self):
        [young, old] = self.ended_outbound("1", "2")
        WIRE.script = lambda body, tries: fail("partner")
        dead = self.enqueue("3")
        self.drain()
        self.age(keys=[old, dead])
        self.purge()
        self.assertNotEqual(self.opens(young), "shredded")
        self.assertNotEqual(self.opens(dead), "shredded")
        self.assertEqual(self.opens(old), "shredded")
        self.assertEqual(self.reports()[0]["dead_count"], 1)

    def test_each_flow_has_the_days_of_its_published_class(self):
        [key] = self.ended_outbound("1")
        self.age(days=31)
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            self.assertEqual(flow.retention_class_id.code, "short")
        self.publish("long")
        self.addCleanup(self.publish, "short")
        self.purge()
        self.assertNotEqual(self.opens(key), "shredded")
        self.publish("short")
        self.purge()
        self.assertEqual(self.opens(key), "shredded")

    def payload_of(self, key):
        with self.transaction() as env:
            return env["interop.message"].search([("uuid", "=", key)]).interchange_id.uuid

    def publish(self, code):
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.retention_class_id = env["interop.retention.class"].search([("code", "=", code)])
            flow.action_publish()

    def test_content_is_sealed_under_the_class_of_its_flow(self):
        WIRE.script = lambda body, tries: fail("partner") if body["number"] == "2" else None
        self.enqueue_emitted("1")
        self.enqueue("2")
        self.drain()
        with self.handled():
            self.accept({"number": "note-1"})
            self.accept({"number": "odoo-says-no"})
            self.drain()
        with self.transaction() as env:
            env.cr.execute(
                """
                SELECT DISTINCT v.kind, v.retention_class FROM interop_vault_content v
                 WHERE v.uuid::text IN (SELECT uuid FROM interop_message WHERE connector_id = %(c)s
                                          AND business_key IS DISTINCT FROM '2'
                                        UNION SELECT uuid FROM interop_interchange
                                               WHERE connector_id = %(c)s)
                """,
                {"c": self.world["connector"]},
            )
            self.assertEqual(
                set(env.cr.fetchall()),
                {(kind, "short") for kind in ("document", "payload", "reply", "diagnosis")},
            )

    def enqueue_emitted(self, number):
        with self.transaction() as env:
            [key] = env["interop.queue"]._emit_documents(
                "test.note.ready", [Document("TestNote", "1.0", {"number": number}, number)]
            )
        return key

    # -- batches -------------------------------------------------------------------------------

    def batch(self, size):
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.batch_size = size
            flow.action_publish()

    def test_a_payload_of_several_waits_for_the_last_of_them(self):
        self.batch(3)
        self.addCleanup(self.batch, 1)
        keys = self.enqueue_many([{"number": str(n)} for n in range(3)], [None] * 3)
        self.drain()
        [owner] = {self.payload_of(key) for key in keys}
        self.age(keys=keys[:2])
        self.purge()
        self.assertEqual(self.opens(keys[0]), "shredded")
        self.assertNotEqual(self.opens(owner, "payload"), "shredded")
        self.age(keys=keys[2:])
        self.purge()
        self.assertEqual(self.opens(owner, "payload"), "shredded")
        self.assertEqual(self.opens(owner, "reply"), "shredded")
        self.assertEqual([r["payload_count"] for r in self.reports()], [0, 1])

    def test_a_payload_that_a_message_has_left_waits_for_it_too(self):
        self.batch(2)
        self.addCleanup(self.batch, 1)
        WIRE.script = lambda body, tries: fail("partner")
        keys = self.enqueue_many([{"number": "1"}, {"number": "2"}], [None] * 2)
        self.drain()
        self.assertEqual(self.states(keys), ["dead", "dead"])
        with self.transaction() as env:
            messages = env["interop.message"].search([("uuid", "in", keys)])
            first = messages.interchange_id.uuid
            messages.filtered(lambda m: m.uuid == keys[0]).action_redrive("mended")
            messages.filtered(lambda m: m.uuid == keys[1]).action_cancel("of no use")
        WIRE.script = lambda body, tries: None
        self.drain()
        self.assertEqual(self.states(keys), ["done", "cancelled"])
        self.age(keys=keys[1:])
        self.purge()
        self.assertNotEqual(self.opens(first, "payload"), "shredded")
        self.age(keys=keys[:1])
        self.purge()
        self.assertEqual(self.opens(first, "payload"), "shredded")

    # -- legal hold ----------------------------------------------------------------------------

    def test_what_a_hold_covers_stays_until_it_is_lifted(self):
        [held, free] = self.ended_outbound("1", "2")
        self.age()
        hold_id = self.hold(business_key="1")
        self.assertEqual([self.look(key, "on_hold") for key in (held, free)], [True, False])
        self.purge()
        self.assertNotEqual(self.opens(held), "shredded")
        self.assertNotEqual(self.opens(self.payload_of(held), "payload"), "shredded")
        self.assertEqual(self.opens(free), "shredded")
        self.assertEqual(self.look(held, "held_back"), "hold")
        self.assertEqual(self.reports()[-1]["held_count"], 1)
        self.purge()
        self.assertNotEqual(self.opens(held), "shredded")
        with self.transaction() as env:
            hold = env["interop.legal.hold"].browse(hold_id)
            with self.assertRaisesRegex(UserError, "why the hold is lifted"):
                hold.action_lift()
            hold.lifted_reason = "The case is closed"
            hold.action_lift()
        self.purge()
        self.assertEqual(self.opens(held), "shredded")

    def test_every_kind_of_scope_covers_what_it_says_and_no_more(self):
        [one, other] = self.ended_outbound("1", "2")
        created = self.look(one, "created_at")
        cases = [
            ({"connector_ids": [self.world["connector"]]}, True, True),
            ({"flow_ids": [self.world["out"]]}, True, True),
            ({"flow_ids": [self.world["in"]]}, False, False),
            ({"company_ids": [self.world["company"]]}, True, True),
            ({"business_key": "1"}, True, False),
            ({"message_ids": [self.look(one, "id")]}, True, False),
            ({"res_model": "res.partner"}, False, False),
            ({"date_from": created + timedelta(days=1)}, False, False),
            ({"date_to": created + timedelta(days=1), "business_key": "2"}, False, True),
        ]
        for scope, first, second in cases:
            with self.subTest(scope=list(scope)):
                hold_id = self.hold(**scope)
                self.assertEqual(
                    [self.look(key, "on_hold") for key in (one, other)], [first, second]
                )
                with self.transaction() as env:
                    hold = env["interop.legal.hold"].browse(hold_id)
                    mine = env["interop.message"].search(
                        [("uuid", "in", [one, other]), ("on_hold", "=", True)]
                    )
                    self.assertEqual(
                        set(mine.mapped("uuid")), {k for k, f in ((one, first), (other, second)) if f}
                    )
                    hold.lifted_reason = "The next case of this test"
                    hold.action_lift()

    def test_a_hold_is_placed_by_managers_and_is_fixed_then(self):
        hold_id = self.hold(place=False, business_key="1")
        with self.transaction() as env:
            user = env["res.users"].create(
                {
                    "name": "Operator",
                    "login": f"operator-{self.tag}",
                    "group_ids": [(4, env.ref("interop_base.group_operator").id)],
                }
            )
            hold = env["interop.legal.hold"].browse(hold_id)
            with self.assertRaises(AccessError):
                hold.with_user(user).action_place()
            with self.assertRaises(AccessError):
                hold.write({"state": "active"})
            hold.action_place()
            with self.assertRaisesRegex(UserError, "is fixed"):
                hold.business_key = "2"
            with self.assertRaisesRegex(UserError, "never deleted"):
                hold.unlink()
            empty = env["interop.legal.hold"].create({"name": "Empty", "reason": "of all"})
            with self.assertRaisesRegex(UserError, "Say what the hold"):
                empty.action_place()
            env.cr.execute(
                "SELECT act FROM interop_audit_entry WHERE res_model = 'interop.legal.hold' "
                "AND res_id = %s",
                [hold_id],
            )
            self.assertEqual(env.cr.fetchall(), [("hold.placed",)])
            user.active = False

    # -- the run -------------------------------------------------------------------------------

    def test_a_run_that_dies_is_continued_by_the_next(self):
        keys = self.ended_outbound("1", "2", "3", "4")
        self.age()
        model = self.registry["interop.retention"]
        whole = model._shred_messages
        calls = []

        def dies(self, rows, code):
            figures = whole(self, rows, code)
            calls.append(len(rows))
            if len(calls) == 2:
                raise RuntimeError("the server goes down")
            return figures

        with (
            patch("odoo.addons.interop_queue.models.interop_retention.BATCH", 2),
            patch.object(model, "_shred_messages", dies),
            self.assertRaises(RuntimeError),
        ):
            self.purge()
        opened = [self.opens(key) != "shredded" for key in keys]
        self.assertEqual(opened, [False, False, True, True])
        self.assertEqual([r["message_count"] for r in self.reports()], [2])
        self.assertFalse(self.reports()[0]["ended_at"])
        self.purge()
        self.assertEqual({self.opens(key) for key in keys}, {"shredded"})
        self.assertEqual([r["message_count"] for r in self.reports()], [2, 2])

    def test_a_run_is_bounded_and_says_that_there_is_more(self):
        keys = self.ended_outbound("1", "2", "3")
        self.age()
        self.assertTrue(self.purge(limit=2))
        self.assertEqual([self.opens(key) == "shredded" for key in keys], [True, True, False])
        self.assertFalse(self.purge(limit=2))
        self.assertFalse(self.purge())
        self.assertEqual([r["message_count"] for r in self.reports()], [2, 1])

    def test_each_purge_is_in_the_message_s_evidence(self):
        [key] = self.ended_outbound("1", patient=CANARY)
        self.age()
        self.purge()
        with self.transaction() as env:
            env.cr.execute(
                "SELECT details FROM interop_audit_entry WHERE act = 'content.purged' "
                "AND subject = %s",
                [key],
            )
            [[details]] = env.cr.fetchall()
        facts = json.loads(details)
        self.assertEqual((facts["retention_class"], facts["pieces"]), ("short", 1))

    def test_a_report_tells_companies_apart_and_comes_as_a_table(self):
        keys = self.ended_outbound("1", "2")
        with self.transaction() as env:
            other = env["res.company"].create({"name": f"Other {self.tag}"})
            env.cr.execute(
                "UPDATE interop_message SET company_id = %s WHERE uuid = %s", [other.id, keys[0]]
            )
        self.age()
        self.purge()
        with self.transaction() as env:
            report = env["interop.purge.report"].search([], limit=1)
            self.assertEqual(report.line_ids.mapped("message_count"), [1, 1])
            self.assertEqual(
                set(report.line_ids.company_id.ids), {other.id, self.world["company"]}
            )
            table = base64.b64decode(report.csv).decode()
            self.assertEqual(len(table.splitlines()), 3)
            with self.assertRaises(UserError):
                report.unlink()
            env.cr.execute(
                "UPDATE interop_message SET company_id = %s WHERE uuid = %s",
                [self.world["company"], keys[0]],
            )

    def test_nothing_to_do_leaves_no_report(self):
        self.ended_outbound("1")
        self.purge()
        self.assertEqual(self.reports(), [])

    def test_much_to_purge_waits_for_a_person_and_off_is_off(self):
        [key] = self.ended_outbound("1")
        self.age()
        with (
            self.transaction() as env,
            patch("odoo.addons.interop_queue.models.interop_retention.ASK_ABOVE", 0),
        ):
            self.assertFalse(env["interop.retention"]._is_on())
            env["interop.retention"]._cron_purge()
        self.assertNotEqual(self.opens(key), "shredded")
        with self.transaction() as env:
            self.assertTrue(env["interop.retention"]._is_on())
            env["ir.config_parameter"].set_param(PARAMETER, "off")
            self.assertFalse(env["interop.retention"]._is_on())

    def test_the_preview_tells_what_would_go_and_changes_nothing(self):
        [held, _free] = self.ended_outbound("1", "2")
        self.age()
        self.hold(business_key="1")
        with self.transaction() as env:
            preview = env["interop.purge.preview"].create({})
            mine = preview.line_ids.filtered(lambda line: line.flow_id.id == self.world["out"])
            self.assertEqual((mine.message_count, mine.held_count), (1, 1))
        self.assertNotEqual(self.opens(held), "shredded")

    # -- afterwards ----------------------------------------------------------------------------

    def test_what_was_purged_is_neither_run_nor_sent_again(self):
        [key] = self.ended_outbound("1")
        self.age()
        self.purge()
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", key)])
            with self.assertRaisesRegex(UserError, "was purged"):
                message.action_redrive("please")
            with self.assertRaisesRegex(UserError, "was purged"):
                message.action_resend("please again")

    # -- keys ----------------------------------------------------------------------------------

    def test_keys_that_nothing_needs_are_destroyed_or_named(self):
        [key] = self.ended_outbound("1")
        this_month = datetime.now(UTC).strftime("%Y-%m")
        model, retention = self.registry["interop.keyring"], self.registry["interop.retention"]
        destroyed = []

        def destroy(self, retention_class, month):
            if retention_class == "long":
                raise KeyringError("The keyring is read-only.")
            destroyed.append((retention_class, month))

        periods = ["short/2020-01", "long/2015-01", f"short/{this_month}", "odd/2020-01"]
        with (
            patch.object(model, "_destroy_period", destroy, create=True),
            patch.object(retention, "_periods", lambda self: periods),
        ):
            with self.transaction() as env:
                env.cr.execute(
                    "UPDATE interop_vault_content SET period = '2020-01', "
                    "retention_class = 'short' WHERE uuid = %s",
                    [key],
                )
            self.purge()
            self.assertEqual(destroyed, [])  # content of that month lives
            self.age()
            self.purge()
        self.assertEqual(destroyed, [("short", "2020-01")])
        [by_hand, report] = self.reports()
        self.assertEqual(by_hand["keys_by_hand"], "long/2015-01")
        self.assertEqual(report["keys_destroyed"], "short/2020-01")

    # -- the plan ------------------------------------------------------------------------------

    def test_the_purge_walks_its_own_index(self):
        with read_committed(self.registry) as cr:
            cr.execute(statement("purge_begin"))
            cr.execute(
                "EXPLAIN " + statement("purge_find"),
                {"flow_id": self.world["out"], "before": datetime(2020, 1, 1), "limit": 200},
            )
            plan = "\n".join(row[0] for row in cr.fetchall())
            cr.rollback()
        self.assertIn("interop_message_purgeable", plan)
        self.assertNotIn("Seq Scan", plan)
        self.assertNotIn("Sort", plan)
