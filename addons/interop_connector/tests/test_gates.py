from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import ConnectorCase


@tagged("post_install", "-at_install")
class TestGates(ConnectorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.primary = cls.connector.endpoint_ids
        cls.secondary = cls.env["interop.endpoint"].create(
            {
                "connector_id": cls.connector.id,
                "name": "Second",
                "url": "loop:second",
                "sequence": 20,
            }
        )

    def test_an_endpoint_is_in_use_from_the_beginning_and_its_facts_are_what_they_were(self):
        self.assertEqual(self.primary.breaker_state, "closed")
        self.assertFalse([name for name in self.primary._facts() if "breaker" in name])

    def test_an_operator_isolates_with_a_reason_and_uses_it_again(self):
        endpoint = self.primary.with_user(self.operator)
        with self.assertRaises(UserError):
            endpoint.action_isolate(" ")
        endpoint.action_isolate("Their help desk asks for it")
        self.assertEqual(endpoint.breaker_state, "isolated")
        self.assertEqual(endpoint.breaker_reason, "Their help desk asks for it")
        endpoint.action_close_breaker()
        self.assertEqual(endpoint.breaker_state, "closed")
        with self.assertRaises(UserError):
            endpoint.action_close_breaker()
        acts = [act for act, _outcome, _details in self.acts(self.connector)]
        self.assertEqual(acts[-2:], ["endpoint.isolate", "endpoint.close"])
        changes = self.connector.breaker_change_ids.sorted("id")
        self.assertEqual(changes.mapped("after"), ["isolated", "closed"])
        self.assertEqual(changes.user_id, self.operator)

    def test_who_is_no_operator_moves_nothing(self):
        self.operator.group_ids = self.env.ref("interop_base.group_user") | self.env.ref(
            "base.group_user"
        )
        with self.assertRaises(AccessError):
            self.primary.with_user(self.operator).action_isolate("Because")
        with self.assertRaises(AccessError):
            self.connector.with_user(self.operator).action_fail_over("Because")

    def test_a_fail_over_puts_the_primary_aside_and_a_return_brings_it_back(self):
        connector = self.connector.with_user(self.operator)
        self.assertTrue(connector.can_fail_over)
        connector.action_fail_over("Their data centre is on fire")
        self.assertEqual(
            (self.primary.breaker_state, self.secondary.breaker_state), ("isolated", "closed")
        )
        self.assertTrue(connector.is_failed_over)
        self.assertFalse(connector.gates_told)
        with self.assertRaises(UserError):
            connector.action_fail_over("Once more")
        connector.action_return()
        self.assertFalse(connector.is_failed_over)
        with self.assertRaises(UserError):
            connector.action_return()
        acts = [act for act, _outcome, _details in self.acts(self.connector)]
        self.assertEqual(acts[-2:], ["endpoint.fail_over", "endpoint.return"])

    def test_a_try_is_let_through_only_where_one_is_needed(self):
        with self.assertRaises(UserError):
            self.primary.action_try_one()
        self.primary.action_isolate("For now")
        self.primary.action_try_one()
        self.assertEqual(self.primary.breaker_state, "open")
        self.assertLessEqual(self.primary.breaker_until, datetime.now())

    def test_a_connector_tells_what_its_messages_wait_for(self):
        self.assertFalse(self.connector.gates_told)
        (self.primary | self.secondary).action_isolate("The partner moves house")
        self.assertIn("The partner moves house", self.connector.gates_told)
        (self.primary | self.secondary).action_close_breaker()
        now = datetime.now().replace(microsecond=0)
        self.env["interop.maintenance.window"].create(
            {
                "name": "Move",
                "connector_id": self.connector.id,
                "kind": "once",
                "starts_at": now - timedelta(hours=1),
                "ends_at": now + timedelta(hours=1),
            }
        )
        self.connector.invalidate_recordset()
        self.assertIn("Maintenance until", self.connector.gates_told)
        gates = {gate["gate"]: gate for gate in self.connector._gates()}
        self.assertEqual(gates["window"]["until"], now + timedelta(hours=1))

    def test_windows_are_checked_and_a_change_of_them_is_noted_for_the_queue(self):
        windows = self.env["interop.maintenance.window"].with_user(self.operator)
        facts = {"name": "Backup", "connector_id": self.connector.id}
        with self.assertRaises(ValidationError):
            windows.create(facts)
        with self.assertRaises(ValidationError):
            windows.create(facts | {"kind": "once"})
        self.assertFalse(self.connector.windows_changed)
        window = windows.create(facts | {"sunday": True, "time_from": 22.5, "time_to": 1})
        self.assertTrue(self.connector.windows_changed)
        self.assertIn("22:30 to 01:00", window.days_told)
        self.assertEqual(window.next_until - window.next_at, timedelta(hours=2.5))

    def test_states_have_words_in_lists_and_forms(self):
        for model, name in (
            ("interop.endpoint", "breaker_state"),
            ("interop.endpoint.runtime", "state"),
            ("interop.breaker.change", "before"),
            ("interop.breaker.change", "after"),
        ):
            told = self.env[model].with_context(lang="en_US").fields_get([name])[name]
            self.assertEqual(dict(told["selection"])["half_open"], "Trying one", (model, name))

    def test_the_calendar_shows_each_time_of_a_window(self):
        self.connector.tz = "Europe/Berlin"
        window = self.env["interop.maintenance.window"].create(
            {
                "name": "Backup",
                "connector_id": self.connector.id,
                "sunday": True,
                "wednesday": True,
                "time_from": 23,
                "time_to": 1,
            }
        )
        times = self.env["interop.maintenance.occurrence"].search([("window_id", "=", window.id)])
        self.assertGreater(len(times), 50)
        self.assertIn(window.next_at, times.mapped("starts_at"))
        self.assertEqual(len(set(times.mapped("starts_at"))), len(times))
