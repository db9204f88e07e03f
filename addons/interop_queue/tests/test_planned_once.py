"""Statements that a lane's connection plans once, and executes by name from then on."""

from unittest.mock import patch

from odoo.tests.common import TransactionCase

from ..engine import transaction
from ..engine.transaction import keeping, read_committed, repeatable_read, run
from ..lib.statements import _planned_once
from .common import EngineCase


class TestPlans(TransactionCase):
    def test_every_plan_can_be_made_and_walks_no_message_table_whatever_the_values(self):
        # The table is as good as empty here: such a plan must do for a full one, for some seconds.
        self.env.cr.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        for name, planned in _planned_once().items():
            with self.subTest(statement=name), self.env.cr.savepoint():
                self.env.cr.execute(planned.prepare)
                names = planned.execute.count("%(")
                nothing = f" ({', '.join(['NULL'] * names)})" if names else ""
                self.env.cr.execute(f"EXPLAIN (COSTS off) EXECUTE interop_{name}{nothing}")
                told = [line for [line] in self.env.cr.fetchall()]
                self.env.cr.execute(f"DEALLOCATE interop_{name}")
                walked = [line for line in told if "Seq Scan on interop_message" in line]
                self.assertFalse(walked, "\n".join(told))


class TestKeptConnections(EngineCase):
    def plans(self, cr):
        cr.execute("SELECT name FROM pg_prepared_statements ORDER BY name")
        return [name for [name] in cr.fetchall()]

    def test_a_kept_connection_plans_once_and_another_one_never(self):
        with read_committed(self.registry) as cr:
            run(cr, "suspects")
            self.assertEqual(self.plans(cr), [])
        with keeping(self.registry):
            for _time in range(3):
                with read_committed(self.registry) as cr:
                    run(cr, "suspects")
                    self.assertEqual(self.plans(cr), ["interop_suspects"])
            with repeatable_read(self.registry) as cr:
                self.assertEqual(self.plans(cr), [])
                run(cr, "suspects")

    def test_what_was_planned_in_a_transaction_that_failed_goes_on(self):
        with keeping(self.registry):
            with self.assertRaises(ZeroDivisionError), read_committed(self.registry) as cr:
                run(cr, "suspects")
                raise ZeroDivisionError
            with read_committed(self.registry) as cr:
                self.assertEqual(run(cr, "suspects"), [])
                self.assertEqual(self.plans(cr), ["interop_suspects"])

    def test_how_a_kept_connection_plans_outlives_a_first_transaction_that_failed(self):
        with keeping(self.registry):
            with self.assertRaises(ZeroDivisionError), read_committed(self.registry):
                raise ZeroDivisionError
            with read_committed(self.registry) as cr:
                for name, value in {
                    "plan_cache_mode": "force_generic_plan",
                    "enable_seqscan": "off",
                    "jit": "off",
                }.items():
                    cr.execute(f"SHOW {name}")
                    self.assertEqual(cr.fetchone(), (value,), name)
            with repeatable_read(self.registry) as cr:
                cr.execute("SHOW enable_seqscan")
                self.assertEqual(cr.fetchone(), ("on",), "business code plans as it always does")

    def test_plans_are_made_anew_from_time_to_time_as_tables_grow(self):
        told = []

        def look(cr):
            cr.execute("SELECT generic_plans FROM pg_prepared_statements")
            told.extend(cr.fetchone())

        with keeping(self.registry), patch.object(transaction, "REPLAN_EVERY", 0.0):
            for _time in range(2):
                with read_committed(self.registry) as cr, self.assertLogs("odoo.sql_db", 10) as log:
                    run(cr, "suspects")
                    look(cr)
                self.assertIn("DISCARD PLANS", "".join(log.output))
        self.assertEqual(told, [1, 2])

    def test_plans_that_are_gone_or_do_not_fit_any_more_are_made_anew(self):
        def ask():
            with read_committed(self.registry) as cr:
                return run(cr, "suspects"), self.plans(cr)

        with keeping(self.registry):
            ask()
            with read_committed(self.registry) as cr:
                cr.execute("DEALLOCATE ALL")
            with self.assertLogs("odoo.sql_db", "ERROR"):
                self.assertEqual(transaction.retrying(ask), ([], ["interop_suspects"]))

    def test_a_new_registry_begins_with_new_connections_and_no_plans(self):
        with keeping(self.registry), read_committed(self.registry) as cr:
            run(cr, "suspects")
        with keeping(self.registry), read_committed(self.registry) as cr:
            self.assertEqual(self.plans(cr), [])
            self.assertEqual(run(cr, "suspects"), [])
