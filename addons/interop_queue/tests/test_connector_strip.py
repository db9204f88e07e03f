"""What the health strip tells, and which buttons it offers to whom."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import WIRE, EngineCase, fail


@tagged("-at_install", "post_install")
class TestConnectorStrip(EngineCase):
    def told(self, groups="interop_base.group_manager", change=None, areas=()):
        with self.transaction() as env:
            env.cr.execute("SAVEPOINT a_look")
            if change:
                env.cr.execute(change, [self.world["connector"]])
                env.invalidate_all()
            person = new_test_user(env, f"strip-{self.tag}", groups=groups)
            person.interop_area_ids = [(6, 0, list(areas))]
            connector = env["interop.connector"].browse(self.world["connector"])
            told = connector.with_user(person).read_strip()
            env.clear()
            env.cr.execute("ROLLBACK TO SAVEPOINT a_look")
        return told

    def fact(self, told, key):
        return next((fact["value"] for fact in told["facts"] if fact["key"] == key), None)

    def test_each_state_is_told_the_gravest_first(self):
        endpoint = "UPDATE interop_endpoint_runtime SET state = '{}' WHERE connector_id = %s"
        for key, mood, change in (
            ("open", "trouble", endpoint.replace("{}", "open")),
            ("half_open", "look", endpoint.replace("{}", "half_open")),
            ("isolated", "look", endpoint.replace("{}", "isolated")),
            ("disabled", "trouble", endpoint.replace("{}", "disabled")),
            ("paused", "look", "UPDATE interop_connector SET state = 'paused' WHERE id = %s"),
            (
                "throttle",
                "look",
                "UPDATE interop_connector_runtime SET throttled_until = "
                "timezone('utc', now()) + interval '1 h' WHERE connector_id = %s",
            ),
        ):
            with self.subTest(key):
                told = self.told(change=change)
                self.assertEqual((told["key"], told["mood"]), (key, mood))
                self.assertTrue(told["word"])

    def test_a_maintenance_window_and_a_used_up_rate_limit_are_told(self):
        for key, change in (
            (
                "window",
                "INSERT INTO interop_maintenance_window "
                "(connector_id, name, active, kind, starts_at, ends_at, time_from, time_to) "
                "VALUES (%s, 'Backup', true, 'once', timezone('utc', now()) - interval '1 h', "
                "timezone('utc', now()) + interval '1 h', 0, 0)",
            ),
            (
                "rate",
                "WITH used AS (UPDATE interop_connector_runtime SET tokens = 0, "
                "tokens_at = timezone('utc', now()) + interval '1 h' WHERE connector_id = %s "
                "RETURNING connector_id) UPDATE interop_connector c SET rate_limit = 1, "
                "rate_unit = 'minute', rate_burst = 1 FROM used WHERE c.id = used.connector_id",
            ),
        ):
            with self.subTest(key):
                told = self.told(change=change)
                self.assertEqual((told["key"], told["mood"]), (key, "look"))
                self.assertTrue(self.fact(told, key))

    def test_the_last_hour_is_told_minute_by_minute_and_in_one_line(self):
        WIRE.script = lambda body, tries: body["number"] == "N0" and fail("partner", status=422)
        for number in range(10):
            self.enqueue(f"N{number}")
        self.drain()
        told = self.told()
        self.assertEqual(len(told["minutes"]), 60)
        self.assertGreaterEqual(sum(minute["ok"] for minute in told["minutes"]), 9)
        self.assertGreaterEqual(sum(minute["failed"] for minute in told["minutes"]), 1)
        self.assertIn("%", told["hour_told"])

    def test_what_waits_and_what_is_under_way_is_counted(self):
        self.enqueue("N1")
        self.enqueue("N2")
        self.claim(slots=1)
        told = self.told()
        self.assertEqual(self.fact(told, "waiting"), "1")
        self.assertEqual(self.fact(told, "in_flight"), "1 / 8")

    def test_only_operators_get_buttons(self):
        self.assertEqual(
            {act["method"] for act in self.told()["acts"]},
            {"action_pause", "action_drain", "action_probe"},
        )
        told = self.told("interop_base.group_user", areas=[self.world["area"]])
        self.assertEqual(told["acts"], [])

    def test_what_the_partner_asked_for_can_be_ended_where_it_is_told(self):
        told = self.told(
            change="UPDATE interop_connector_runtime SET throttled_until = "
            "timezone('utc', now()) + interval '1 h' WHERE connector_id = %s"
        )
        [act] = [act for act in told["acts"] if act["method"] == "action_end_throttle"]
        self.assertTrue(act["confirm"])

    def test_who_may_not_see_the_connector_is_told_nothing(self):
        with self.assertRaises(AccessError):
            self.told("interop_base.group_user")

    def test_an_auditor_sees_evidence_and_not_how_a_connector_fares(self):
        with self.assertRaises(AccessError):
            self.told("interop_base.group_auditor", areas=[self.world["area"]])
