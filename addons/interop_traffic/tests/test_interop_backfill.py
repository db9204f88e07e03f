import doctest
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user

from odoo.addons.interop_queue.lib.priorities import LOW
from odoo.addons.interop_queue.tests.common import EVENT, build_world

from ..lib import backfilling
from ..models.interop_backfill_work import _chunk


class TestInteropBackfill(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        handler = patch.object(cls.registry["interop.handler"], "_composes", "res.partner")
        handler.start()
        cls.addClassCleanup(handler.stop)
        cls.flow = build_world(cls.env, "backfill")["out"]
        cls.partners = cls.env["res.partner"].create(
            [{"name": f"Backfilled {number}", "color": number % 3} for number in range(10)]
        )

    def backfill(self, **values):
        return self.env["interop.backfill"].create(
            {
                "name": "All of them",
                "flow_id": self.flow.id,
                "domain": f"[('id', 'in', {self.partners.ids})]",
                "company_ids": self.env.company.ids,
            }
            | values
        )

    def messages(self):
        return self.env["interop.message"].search([("flow_id", "=", self.flow.id)], order="id")

    def run_all(self, backfill, chunk=4):
        while backfill.state == "running":
            backfill._run_chunk(chunk)

    def entries(self, act):
        self.env.flush_all()
        return self.env["interop.audit.entry"].search([("act", "=", act)])

    def test_each_record_gets_one_message_behind_live_traffic(self):
        backfill = self.backfill()
        backfill._start("The partner is new")
        self.run_all(backfill)
        messages = self.messages()
        self.assertEqual(messages.mapped("res_id"), self.partners.ids)
        self.assertEqual(set(messages.mapped("priority")), {LOW})
        self.assertEqual((backfill.state, backfill.queued_count), ("done", 10))
        self.assertEqual(backfill.progress, 100)
        self.assertEqual(set(messages.mapped("event")), {EVENT})

    def test_what_the_flow_does_not_take_is_skipped_and_counted(self):
        self.flow.condition = "[('color', '=', 1)]"
        self.flow.action_publish()
        backfill = self.backfill()
        backfill._start()
        self.run_all(backfill)
        self.assertEqual((backfill.queued_count, backfill.skipped_count), (3, 7))

    def test_younger_records_are_left_to_live_traffic(self):
        backfill = self.backfill(domain="[('name', '=like', 'Backfilled %')]")
        backfill._start()
        self.env["res.partner"].create({"name": "Backfilled too late"})
        self.run_all(backfill)
        self.assertEqual(backfill.queued_count, 10)

    def test_it_pauses_goes_on_from_where_it_was_and_is_cancelled(self):
        backfill = self.backfill()
        backfill._start()
        backfill._run_chunk(4)
        backfill.action_pause()
        self.assertEqual(backfill._run_chunk(4), 0)
        backfill.action_resume()
        backfill._run_chunk(4)
        self.assertEqual(len(self.messages()), 8)
        backfill.action_cancel()
        self.assertEqual(backfill._run_chunk(4), 0)
        self.assertEqual(backfill.progress, 80)
        for act in ("started", "paused", "resumed", "cancelled"):
            self.assertTrue(self.entries(f"backfill.{act}"), act)

    def test_the_pace_is_kept(self):
        backfill = self.backfill(per_minute=60)
        backfill._start()
        self.assertEqual(backfill._room(), 60)
        backfill.paced_at = fields.Datetime.subtract(fields.Datetime.now(), seconds=5)
        self.assertIn(backfill._room(), (5, 6, 7, 8))

    def test_it_waits_while_the_connector_has_a_backlog_and_says_so(self):
        backfill = self.backfill(backlog_at_most=2)
        backfill._start()
        backfill._run_chunk(3)
        self.env.flush_all()
        self.assertEqual(backfill._room(), 0)
        self.assertIn("have not left", backfill.waits_because)

    def test_it_waits_while_its_flow_is_paused(self):
        backfill = self.backfill()
        backfill._start()
        self.flow.action_pause()
        self.assertEqual(backfill._room(), 0)
        self.assertIn("not live", backfill.waits_because)

    def test_what_cannot_be_queued_makes_it_fail_for_a_person_to_resume(self):
        backfill = self.backfill()
        backfill._start()
        backfill._fail(ValueError("with a name in it"))
        self.assertEqual(backfill.state, "failed")
        self.assertNotIn("name in it", backfill.failure)
        backfill.action_resume()
        self.assertEqual((backfill.state, backfill.failure), ("running", False))

    def test_the_forecast_tells_how_many_and_how_long(self):
        backfill = self.backfill(per_minute=2)
        self.assertEqual(
            backfill.forecast, "10 records: 5 min at most at this pace, if nothing holds them up"
        )
        start = self.env["interop.backfill.start"].create(
            {"backfill_id": backfill.id, "reason": "New"}
        )
        self.assertEqual(start.record_count, 10)
        start.action_start()
        self.assertEqual((backfill.state, backfill.reason), ("running", "New"))

    def test_only_managers_start_one(self):
        area = self.flow.area_id
        operator = new_test_user(
            self.env, "backfill-operator", "base.group_user,interop_base.group_operator"
        )
        operator.interop_area_ids = area
        backfill = self.backfill()
        with self.assertRaises(UserError):
            backfill.with_user(operator).action_ask_start()
        with self.assertRaises(UserError):
            backfill.with_user(operator)._start()
        with self.assertRaises(AccessError):
            backfill.with_user(operator).write({"per_minute": 6000})
        manager = new_test_user(
            self.env, "backfill-manager", "base.group_user,interop_base.group_manager"
        )
        backfill.with_user(manager)._start("Needed")
        self.assertEqual(backfill.started_by_id, manager)

    def test_what_is_brought_over_is_fixed_once_it_has_started(self):
        backfill = self.backfill()
        backfill._start()
        with self.assertRaises(UserError):
            backfill.domain = "[]"
        with self.assertRaises(UserError):
            backfill.unlink()
        backfill.per_minute = 600

    def test_code_in_the_domain_is_refused(self):
        with self.assertRaises(ValidationError):
            self.backfill(domain="[('id', '=', uid)]")

    def test_a_chunk_that_is_gone_is_nobodys_work(self):
        self.assertEqual(_chunk(self.registry, 0), 0)

    def test_lib(self):
        self.assertEqual(doctest.testmod(backfilling).failed, 0)
