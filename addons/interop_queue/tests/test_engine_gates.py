from datetime import datetime, timedelta

from ..engine import gates
from ..engine.lane import Lane
from ..engine.transaction import read_committed
from .common import WIRE, fail
from .gates_common import GateCase


class TestEngineRate(GateCase):
    def test_a_claim_takes_no_more_than_there_are_tokens(self):
        self.connector(rate_limit=1, rate_unit="minute", rate_burst=3)
        for number in range(6):
            self.enqueue(f"A{number}")
        self.assertEqual(len(self.claim(slots=6)), 3)
        self.assertEqual(self.claim(slots=6), [])
        self.assertEqual(self.claimable(), 0)
        seconds = gates.seconds_to_gate(self.registry)
        self.assertTrue(50 < seconds <= 60, seconds)

    def test_what_is_given_back_gives_its_tokens_back(self):
        self.connector(rate_limit=1, rate_unit="minute", rate_burst=3)
        for number in range(3):
            self.enqueue(f"B{number}")
        claimed = self.claim(slots=3)
        for endpoint in (self.primary, self.secondary):
            self.act(endpoint, "action_isolate", "while they are in hand")
        Lane(self.registry, "gates")._prepare(claimed)
        for endpoint in (self.primary, self.secondary):
            self.act(endpoint, "action_close_breaker")
        self.assertEqual(len(self.claim(slots=3)), 3)

    def test_a_scheduled_lane_sleeps_until_the_next_token_and_goes_on(self):
        self.connector(rate_limit=20, rate_unit="second", rate_burst=1)
        keys = [self.enqueue(f"C{number}") for number in range(10)]
        self.drain(8)
        self.assertEqual(self.states(keys), ["done"] * 10)

    def test_a_partner_that_asks_to_wait_is_left_in_peace_for_all_messages(self):
        WIRE.script = lambda body, tries: fail("throttled", status=429, retry_after=120)
        self.enqueue("D1")
        self.drain(1)
        self.enqueue("D2")
        self.drain(1)
        self.assertEqual(WIRE.numbers, ["D1"])
        with self.transaction() as env:
            connector = env["interop.connector"].browse(self.world["connector"])
            self.assertIn("slow down", connector.gates_told)
            self.assertTrue(connector.is_throttled)
            connector.action_end_throttle()
            self.assertFalse(connector.is_throttled)
        WIRE.script = lambda body, tries: None
        self.drain(1)
        self.assertEqual(WIRE.numbers, ["D1", "D2"])


class TestEngineWindows(GateCase):
    def window(self, begins, ends):
        now = datetime.now().replace(microsecond=0)
        with self.transaction() as env:
            env["interop.maintenance.window"].create(
                {
                    "name": "Maintenance",
                    "connector_id": self.world["connector"],
                    "kind": "once",
                    "starts_at": now + timedelta(seconds=begins),
                    "ends_at": now + timedelta(seconds=ends),
                }
            )

    def test_nothing_is_sent_in_a_window_and_nothing_is_lost(self):
        self.window(-60, 3600)
        key = self.enqueue("A1")
        self.drain(1)
        self.assertEqual(self.look(key, "state", "claims"), ("ready", 0))
        with self.transaction() as env:
            env["interop.connector"].browse(self.world["connector"]).window_ids.active = False
        self.drain(1)
        self.assertEqual(self.look(key, "state"), "done")

    def test_a_change_of_windows_holds_until_it_is_worked_out(self):
        self.enqueue("B1")
        self.window(-60, 3600)
        self.assertEqual(self.claim(), [], "before")
        self.assertEqual(gates.refresh_windows(self.registry), 1)
        self.assertEqual(gates.refresh_windows(self.registry), 0)
        self.assertEqual(self.claim(), [], "after")

    def test_messages_claimed_before_a_window_began_do_not_leave_in_it(self):
        key = self.enqueue("C1")
        claimed = self.claim()
        self.window(-1, 3600)
        gates.refresh_windows(self.registry)
        self.assertEqual(Lane(self.registry, "gates")._prepare(claimed), [])
        self.assertEqual(self.look(key, "state", "attempts", "claims"), ("ready", 0, 0))

    def test_a_window_that_is_over_opens_by_itself(self):
        self.window(-60, 2)
        key = self.enqueue("D1")
        self.drain(0.5)
        self.assertEqual(self.look(key, "state"), "ready")
        self.assertLessEqual(gates.seconds_to_gate(self.registry), 2)
        self.drain(8)
        self.assertEqual(self.look(key, "state"), "done")

    def test_what_comes_in_is_taken_in_during_a_window(self):
        self.window(-60, 3600)
        gates.refresh_windows(self.registry)
        with read_committed(self.registry) as cr:
            cr.execute(
                "SELECT count(*) FROM interop_connector c JOIN interop_connector_runtime r "
                "ON r.connector_id = c.id WHERE c.id = %s AND r.closed_from IS NOT NULL",
                [self.world["connector"]],
            )
            self.assertEqual(cr.fetchone(), (1,))
        self.assertEqual(self.claim(direction="in"), [])

    def test_the_health_list_tells_what_messages_wait_for_and_does_not_alarm(self):
        key = self.enqueue("E1")
        self.window(-60, 3600)
        gates.refresh_windows(self.registry)
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_message SET run_at = run_at - interval '1 hour' WHERE uuid = %s",
                [key],
            )
            health = env["interop.queue.health"].search(
                [("connector_id", "=", self.world["connector"]), ("direction", "=", "out")]
            )
            self.assertEqual((health.lag, health.verdict), (0, "look"))
            self.assertIn("Maintenance until", health.waits_for)
