from odoo.tests.common import new_test_user

from ..lib import forecast as forecasting
from .common import WIRE, EngineCase, fail
from .inbound_common import InboundCase


class Minutes(EngineCase):
    def setUp(self):
        super().setUp()
        with self.transaction() as env:
            env.cr.execute("DELETE FROM interop_queue_minute")

    def hour(self, direction=None):
        with self.transaction() as env:
            return env["interop.connector"].browse(self.world["connector"])._last_hour(direction)

    def sums(self, direction=None):
        hour = self.hour(direction)
        return sum(row["ok"] for row in hour), sum(row["failed"] for row in hour)


class TestEngineMinutes(Minutes):
    def test_the_last_hour_has_sixty_minutes_whether_something_happened_or_not(self):
        hour = self.hour()
        self.assertEqual(len(hour), 60)
        minutes = [row["minute"] for row in hour]
        self.assertEqual(minutes, sorted(set(minutes)))
        self.assertEqual(set(hour[0]), {"minute", "ok", "failed", "latency_ms"})
        self.assertEqual((self.sums(), hour[-1]["latency_ms"]), ((0, 0), None))

    def test_a_settle_notes_what_went_through_and_what_failed(self):
        WIRE.script = lambda body, tries: fail("partner") if body["number"] == "bad" else None
        for number in ("a", "b", "bad"):
            self.enqueue(number)
        self.drain(2)
        self.assertEqual(self.sums("out"), (2, 1))
        self.assertEqual(self.sums("in"), (0, 0))
        timed = [row for row in self.hour("out") if row["latency_ms"] is not None]
        self.assertTrue(timed)
        self.assertGreaterEqual(timed[0]["latency_ms"], 0)

    def test_a_retry_counts_as_a_failure_and_not_as_gone(self):
        WIRE.script = lambda body, tries: fail("transient")
        self.enqueue("a")
        self.drain(1)
        with self.transaction() as env:
            rows = env["interop.queue.minute"].search(
                [("connector_id", "=", self.world["connector"])]
            )
            self.assertEqual((sum(rows.mapped("failed")), sum(rows.mapped("gone"))), (1, 0))

    def test_minutes_are_forgotten_after_two_days(self):
        with self.transaction() as env:
            env.cr.execute(
                "INSERT INTO interop_queue_minute (connector_id, direction, minute, ok, failed, "
                "gone, latency_ms, latency_count, latency_max_ms) SELECT %s, 'out', "
                "date_trunc('minute', timezone('utc', now()) - make_interval(hours => h)), "
                "1, 0, 1, 0, 0, 0 FROM unnest(ARRAY[1, 49]) AS h",
                [self.world["connector"]],
            )
            env["interop.queue.minute"]._gc_minutes()
            self.assertEqual(env["interop.queue.minute"].search_count([]), 1)

    def test_who_may_not_see_the_connector_sees_no_minute_of_it(self):
        self.enqueue("a")
        self.drain(1)
        with self.transaction() as env:
            login = f"minute-{self.tag}"
            user = new_test_user(env, login, groups="interop_base.group_user")
            self.assertFalse(env["interop.queue.minute"].with_user(user).search([]))
            user.interop_area_ids = env["interop.area"].browse(self.world["area"])
            self.assertTrue(env["interop.queue.minute"].with_user(user).search([]))


class TestEngineForecast(Minutes):
    def forecast(self, direction="out"):
        with self.transaction() as env:
            connector = env["interop.connector"].browse(self.world["connector"])
            found, backlog = connector._forecasts()[connector.id, direction]
            told = connector._tell_forecast(direction, found, backlog)
        return found, backlog, told

    def left(self, number):
        """As if so many had left two minutes ago."""
        with self.transaction() as env:
            env.cr.execute(
                "INSERT INTO interop_queue_minute (connector_id, direction, minute, ok, failed, "
                "gone, latency_ms, latency_count, latency_max_ms) VALUES (%s, 'out', "
                "date_trunc('minute', timezone('utc', now()) - interval '2 minutes'), "
                "%s, 0, %s, 0, 0, 0)",
                [self.world["connector"], number, number],
            )

    def test_without_a_backlog_nothing_is_said(self):
        found, backlog, told = self.forecast()
        self.assertEqual((found.kind, backlog, told), (forecasting.EMPTY, 0, False))

    def test_a_backlog_that_shrinks_has_an_end(self):
        self.enqueue("a")
        self.left(600)
        found, backlog, told = self.forecast()
        self.assertEqual((found.kind, backlog), (forecasting.GONE, 1))
        self.assertIn("gone within a minute", told)

    def test_a_backlog_into_which_more_comes_than_leaves_grows(self):
        for number in range(5):
            self.enqueue(str(number))
        self.left(2)
        found, _backlog, told = self.forecast()
        self.assertEqual(found.kind, forecasting.GROWS)
        self.assertIn("growing", told)

    def test_what_came_before_the_last_minutes_is_no_arrival(self):
        key = self.enqueue("a")
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_message SET created_at = created_at - interval '1 hour' "
                "WHERE id <= (SELECT id FROM interop_message WHERE uuid = %s)",
                [key],
            )
        self.enqueue("b")
        found, backlog, _told = self.forecast()
        self.assertEqual(
            (found.arriving * 6 >= 1, found.arriving * 5 <= 1, backlog), (True, True, 2)
        )

    def test_a_paused_connector_stands_still_and_says_why(self):
        self.enqueue("a")
        self.left(5)
        with self.transaction() as env:
            env["interop.connector"].browse(self.world["connector"]).action_pause()
        try:
            found, _backlog, told = self.forecast()
        finally:
            with self.transaction() as env:
                env["interop.connector"].browse(self.world["connector"]).action_resume()
        self.assertEqual(found.kind, forecasting.HELD)
        self.assertIn("standing still", told)
        self.assertIn("Paused", told)

    def test_a_connector_whose_only_endpoint_is_isolated_stands_still_and_says_why(self):
        self.enqueue("a")
        self.left(5)
        with self.transaction() as env:
            connector = env["interop.connector"].browse(self.world["connector"])
            connector.endpoint_ids.action_isolate("The partner moves house")
        try:
            found, _backlog, told = self.forecast()
        finally:
            with self.transaction() as env:
                connector = env["interop.connector"].browse(self.world["connector"])
                connector.endpoint_ids.action_close_breaker()
        self.assertEqual(found.kind, forecasting.HELD)
        self.assertIn("Isolated", told)
        self.assertIn("moves house", told)


class TestInboundMinutes(InboundCase, Minutes):
    def test_what_a_partner_sent_is_counted_when_it_is_applied(self):
        with self.handled():
            self.accept({"number": "n1"})
            self.accept({"number": "unknown"})
            self.drain(2)
        self.assertEqual(self.sums("in"), (1, 1))
        self.assertEqual(self.sums("out"), (0, 0))
