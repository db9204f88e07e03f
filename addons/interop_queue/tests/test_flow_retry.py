import json
from unittest.mock import patch

import psycopg2
from lxml import html

from odoo.tests.common import Form, TransactionCase
from odoo.tools import mute_logger

from ..lib.plan import compile_plan
from ..lib.retry import Exponential, Fixed
from .common import build_world


class TestFlowRetry(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = build_world(cls.env, "retry-test")["out"]

    def lines(self, schedule):
        table = html.fromstring(str(schedule))
        return [
            [" ".join(cell.text_content().split()) for cell in row.findall("td")]
            for row in table.iterfind(".//tbody/tr")
        ]

    def plan(self):
        return self.env["interop.flow.version"]._plan_of(self.flow.id)[1]

    def test_the_timetable_is_what_the_strategy_does(self):
        self.flow.retry_max_attempts = 4
        lines = [line[:3] for line in self.lines(self.flow.retry_schedule)]
        self.assertEqual(
            lines,
            [
                ["1", "at once", ""],
                ["2", "5 s", "5 s"],
                ["3", "10 s", "15 s"],
                ["4", "20 s", "35 s"],
            ],
        )

    def test_the_timetable_follows_the_fields_while_they_are_edited(self):
        with Form(self.flow) as form:
            form.retry_strategy = "fixed"
            form.retry_pause_minutes = 30
            form.retry_max_hours = 1
            self.assertEqual(
                [line[:2] for line in self.lines(form.retry_schedule)],
                [["1", "at once"], ["2", "30 min"], ["3", "30 min"]],
            )
            self.assertIn("later than", form.retry_schedule)
            form.retry_strategy = "none"
            self.assertEqual(len(self.lines(form.retry_schedule)), 1)

    def test_a_long_timetable_shows_its_beginning_and_its_end(self):
        self.flow.write({"retry_strategy": "fixed", "retry_max_attempts": 100})
        lines = self.lines(self.flow.retry_schedule)
        self.assertEqual(lines[0][0], "1")
        self.assertEqual(lines[-1][0], "100")
        self.assertEqual(lines[-2], ["… 87 more …"])

    def test_what_is_chosen_runs_once_it_is_published(self):
        self.flow.write(
            {"retry_strategy": "fixed", "retry_pause_minutes": 20, "retry_max_hours": 10}
        )
        self.assertTrue(self.flow.has_draft_changes)
        self.assertIsInstance(self.plan().retry, Exponential)
        self.flow.action_publish()
        retry = self.plan().retry
        self.assertIsInstance(retry, Fixed)
        self.assertEqual((retry.every, retry.max_age), (1200.0, 36000.0))
        self.assertFalse(self.flow.has_draft_changes)

    def before(self):
        """The flow's snapshot as a release without these settings made it."""
        snapshot = self.flow._snapshot()
        del snapshot["flow"]["retry_max_hours"], snapshot["flow"]["retry_pause_minutes"]
        return snapshot

    def test_a_version_of_before_still_compiles(self):
        retry = compile_plan("d", json.dumps(self.before())).retry
        self.assertEqual(retry, Exponential(max_attempts=12, max_age=72 * 3600.0))

    def test_a_version_of_before_is_no_draft_because_settings_were_added(self):
        snapshots = type(self.flow.version_id.snapshot_id)
        with patch.object(snapshots, "text", json.dumps(self.before())):
            self.flow.invalidate_recordset(["has_draft_changes"])
            self.assertFalse(self.flow.has_draft_changes)
            self.flow.retry_max_hours = 5
            self.assertTrue(self.flow.has_draft_changes)

    @mute_logger("odoo.sql_db")
    def test_limits_that_make_no_sense_are_refused(self):
        for values in (
            {"retry_max_attempts": 0},
            {"retry_max_attempts": 1001},
            {"retry_max_hours": 0},
            {"retry_max_hours": 721},
            {"retry_pause_minutes": 0},
            {"retry_pause_minutes": 1441},
        ):
            with self.subTest(values), self.assertRaises(psycopg2.IntegrityError):
                with self.cr.savepoint(flush=False):
                    self.flow.write(values)
                    self.flow.flush_recordset()
            self.flow.invalidate_recordset(flush=False)
