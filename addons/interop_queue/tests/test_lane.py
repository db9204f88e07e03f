from datetime import timedelta
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests.common import TransactionCase, new_test_user
from odoo.tools import config, mute_logger

from ..lib.statements import statement
from .common import build_world


class LaneCase(TransactionCase):
    def setUp(self):
        super().setUp()
        self.lanes = self.env["interop.lane"]
        self.env["ir.cron"].search([]).write({"active": False})
        self.lanes.search([]).write({"retired": True})
        self.lanes._set_number(2)

    def dedicated(self, **values):
        known = {"name": "worker", "kind": "dedicated", "slots": 32}
        return self.lanes.create(known | values)

    def ago(self, seconds):
        return fields.Datetime.now() - timedelta(seconds=seconds)


class TestNumber(LaneCase):
    def test_more_lanes_bring_their_own_scheduled_actions(self):
        self.lanes._set_number(4)
        lanes = self.lanes._scheduled()
        self.assertEqual(len(lanes), 4)
        self.assertEqual(len(lanes.cron_id), 4)
        self.assertTrue(all(lanes.cron_id.mapped("active")))
        for lane in lanes:
            self.assertIn("model._cron_run(", lane.cron_id.code)
            self.assertEqual(lane.cron_id.model_id.model, "interop.lane")

    def test_fewer_lanes_are_retired_and_keep_their_history(self):
        last = self.lanes._scheduled()[-1]
        last.last_handled = 77
        self.lanes._set_number(1)
        self.assertTrue(last.retired)
        self.assertFalse(last.cron_id.active)
        self.assertEqual(last.last_handled, 77)
        self.assertEqual(len(self.lanes._scheduled()), 1)

    def test_a_retired_lane_comes_back_before_a_new_one_is_made(self):
        before = self.lanes._scheduled()
        known = self.lanes.search_count([])
        self.lanes._set_number(1)
        self.lanes._set_number(2)
        self.assertEqual(self.lanes._scheduled(), before)
        self.assertTrue(all(before.cron_id.mapped("active")))
        self.assertEqual(self.lanes.search_count([]), known)

    def test_a_busy_scheduled_action_is_switched_off_later(self):
        last = self.lanes._scheduled()[-1]
        nothing = self.env["ir.cron"]
        with patch.object(type(nothing), "try_lock_for_update", return_value=nothing):
            self.lanes._set_number(1)
        self.assertTrue(last.retired)
        self.assertTrue(last.cron_id.active)
        self.lanes._forget_gone()
        self.assertFalse(last.cron_id.active)

    def test_the_number_has_bounds_and_a_change_is_evidence(self):
        for number in (0, 17, -1):
            with self.assertRaises(ValidationError):
                self.lanes._set_number(number)
        self.lanes._set_number(3)
        self.env.cr.execute(
            "SELECT details FROM interop_audit_entry WHERE act = 'lanes.number' "
            "ORDER BY id DESC LIMIT 1"
        )
        self.assertEqual(self.env.cr.fetchone()[0], '{"before":2,"now":3}')

    def woken(self):
        """The scheduled action that an emit of just now would wake."""
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM ir_cron_trigger")
        self.env.cr.execute(statement("wake_first_lane"))
        self.env.cr.execute("SELECT cron_id FROM ir_cron_trigger")
        return [row[0] for row in self.env.cr.fetchall()]

    def test_work_wakes_a_lane_in_use_only(self):
        first, second = self.lanes._scheduled()
        self.env.flush_all()
        self.assertEqual(self.woken(), first.cron_id.ids)
        first.retired = True
        self.env.flush_all()
        self.assertEqual(self.woken(), second.cron_id.ids)


class TestCronRun(LaneCase):
    def ran(self, number, cron=None):
        """The lane that a scheduled action with this code runs."""
        lanes = self.lanes.with_context(cron_id=cron.id) if cron else self.lanes
        with (
            patch.object(type(self.lanes), "_run_lane") as run,
            patch.object(type(self.env["ir.cron"]), "_commit_progress"),
        ):
            lanes._cron_run(number)
        return run.call_args and self.lanes.browse(run.call_args[0][1])

    def test_a_scheduled_action_runs_its_own_lane_however_they_are_ordered(self):
        first, second = self.lanes._scheduled()
        first.sequence, second.sequence = 9, 1
        self.assertEqual(self.ran(1, first.cron_id), first)
        self.assertEqual(self.ran(2, second.cron_id), second)

    def test_a_retired_lane_does_not_run(self):
        first, second = self.lanes._scheduled()
        first.retired = True
        self.assertFalse(self.ran(1, first.cron_id))
        self.assertEqual(self.ran(2, second.cron_id), second)

    def test_called_by_hand_it_goes_by_the_number(self):
        first, second = self.lanes._scheduled()
        self.assertEqual((self.ran(1), self.ran(2)), (first, second))
        self.assertFalse(self.ran(3))


class TestStatus(LaneCase):
    def test_a_dedicated_worker_lives_by_its_heartbeat(self):
        for seconds, in_hand, expected in (
            (5, 0, "idle"),
            (5, 3, "working"),
            (70, 3, "silent"),
        ):
            worker = self.dedicated(heartbeat_at=self.ago(seconds), in_hand=in_hand)
            self.assertEqual(worker.status, expected, (seconds, in_hand))
        self.assertEqual(self.dedicated(heartbeat_at=False).status, "silent")

    def test_a_dedicated_worker_that_was_told_to_stop_is_not_in_trouble(self):
        times = {"last_started_at": self.ago(500), "last_ended_at": self.ago(100)}
        worker = self.dedicated(heartbeat_at=self.ago(100), **times)
        self.assertEqual(worker.status, "ended")
        worker.write({"last_started_at": self.ago(10), "heartbeat_at": self.ago(1)})
        self.assertEqual(worker.status, "idle", "started again")

    def test_a_scheduled_lane_lives_by_its_runs(self):
        lane = self.lanes._scheduled()[0]
        self.assertEqual(lane.status, "idle", "just made")
        cases = (
            ({"last_started_at": self.ago(30), "last_ended_at": self.ago(29)}, "idle"),
            ({"last_started_at": self.ago(5), "last_ended_at": self.ago(29)}, "working"),
            ({"last_started_at": self.ago(400), "last_ended_at": self.ago(399)}, "silent"),
            ({"last_started_at": self.ago(9), "last_reason": "The fence is closed."}, "still"),
            ({"last_started_at": False, "last_ended_at": False}, "silent"),
        )
        for values, expected in cases:
            lane.write({"last_reason": False, "heartbeat_at": False} | values)
            self.assertEqual(lane.status, expected, values)
        lane.cron_id.active = False
        self.assertEqual(lane.status, "off")

    def test_lanes_are_found_by_their_status(self):
        silent = self.dedicated(heartbeat_at=self.ago(100))
        alive = self.dedicated(heartbeat_at=self.ago(1))
        found = self.lanes.search([("status", "in", ["silent"]), ("kind", "=", "dedicated")])
        self.assertIn(silent, found)
        self.assertNotIn(alive, found)

    def test_a_worker_that_is_gone_for_a_day_is_forgotten_and_a_silent_one_is_not(self):
        day = 24 * 3600
        gone = self.dedicated(heartbeat_at=self.ago(day + 60))
        silent = self.dedicated(heartbeat_at=self.ago(day - 600))
        scheduled = self.lanes._scheduled()
        scheduled.write({"heartbeat_at": self.ago(3 * day), "last_started_at": self.ago(3 * day)})
        self.env.flush_all()
        self.assertEqual(self.lanes._forget_gone(), 1)
        self.assertFalse(gone.exists())
        self.assertEqual((silent | scheduled).exists(), silent | scheduled)

    def test_the_messages_in_a_lanes_hands_are_found_by_its_name(self):
        world = build_world(self.env, "lane-test")
        partner = self.env["res.partner"].create({"name": "Test supplier"})
        self.env["interop.queue"]._emit("test.note.ready", partner)
        message = self.env["interop.message"].search([("flow_id", "=", world["out"].id)])
        worker = self.dedicated(name="fast_1")
        for held_by, expected in (("fast_1@host:7", True), ("fastX1@host:7", False)):
            self.env.cr.execute(
                "UPDATE interop_message SET state = 'running', lane = %s WHERE id = %s",
                [held_by, message.id],
            )
            message.invalidate_recordset()
            found = self.env["interop.message"].search(worker.action_view_messages()["domain"])
            self.assertEqual(message in found, expected, held_by)

    @mute_logger("odoo.sql_db")
    def test_a_scheduled_lane_has_bounds_and_a_dedicated_one_more_room(self):
        self.dedicated(slots=200)
        for slots in (0, 17):
            lane = self.lanes._scheduled()[0]
            with self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint(flush=False):
                lane.slots = slots
                lane.flush_recordset()
            lane.invalidate_recordset(flush=False)


class TestSettings(LaneCase):
    def settings(self, **values):
        return self.env["res.config.settings"].create(values)

    def test_settings_make_and_retire_lanes(self):
        self.assertEqual(self.settings().interop_lane_number, 2)
        self.settings(interop_lane_number=3, interop_lane_slots=7).execute()
        self.assertEqual(self.lanes._scheduled().mapped("slots"), [7, 7, 7])
        self.settings(interop_lane_number=1).execute()
        self.assertEqual(self.lanes._scheduled().mapped("slots"), [7])
        self.settings(interop_lane_number=2).execute()
        self.assertEqual(len(self.lanes._scheduled()), 2)

    def test_settings_refuse_what_makes_no_sense(self):
        for values in (
            {"interop_lane_number": 0},
            {"interop_lane_number": 17},
            {"interop_lane_slots": 0},
            {"interop_lane_slots": 17},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self.settings(**values).execute()

    def test_other_settings_are_saved_however_lanes_are_set(self):
        self.lanes._scheduled().retired = True
        self.settings().execute()
        self.assertFalse(self.lanes._scheduled())

    def test_a_server_that_runs_too_few_scheduled_actions_is_told(self):
        for threads, short in ((2, True), (3, False)):
            with patch.dict(config.options, {"max_cron_threads": threads}):
                settings = self.settings()
                self.assertEqual(settings.interop_cron_threads, threads)
                self.assertEqual(settings.interop_cron_short, short)

    def test_a_manager_changes_slots_in_the_list_and_an_operator_does_not(self):
        manager = new_test_user(self.env, "lane-manager", groups="interop_base.group_manager")
        lane = self.lanes._scheduled()[0]
        lane.with_user(manager).slots = 4
        self.assertEqual(lane.slots, 4)
        operator = new_test_user(self.env, "lane-operator", groups="interop_base.group_operator")
        self.assertFalse(lane.with_user(operator).has_access("write"))
