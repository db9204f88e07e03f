"""Runs of the purge: bounded, continued after a death, told in reports."""

import base64
import json
from datetime import UTC, datetime
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.interop_base.lib.keyring import KeyringError

from ..engine.transaction import read_committed
from ..lib.statements import statement
from ..models.interop_retention import PARAMETER
from .retention_common import CANARY, RetentionCase


@tagged("post_install", "-at_install")
class TestRetentionRun(RetentionCase):
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
            self.assertEqual(set(report.line_ids.company_id.ids), {other.id, self.world["company"]})
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

    def test_switching_it_on_or_off_is_in_the_audit_trail(self):
        with self.transaction() as env:
            settings = env["res.config.settings"].create({})
            self.assertEqual(settings.interop_purging, "ask")
            settings.interop_purging = "off"
            settings.set_values()
            self.assertEqual(env["ir.config_parameter"].get_param(PARAMETER), "off")
            env.cr.execute(
                "SELECT details FROM interop_audit_entry WHERE act = 'retention.purging' "
                "ORDER BY id DESC LIMIT 1"
            )
            self.assertEqual(env.cr.fetchall(), [('{"before":"ask","now":"off"}',)])

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
