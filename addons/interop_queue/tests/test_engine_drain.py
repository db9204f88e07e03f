from ..engine import maintenance
from .common import WIRE, EngineCase, fail


class TestEngineDrain(EngineCase):
    def act(self, name):
        with self.transaction() as env:
            return getattr(env["interop.connector"].browse(self.world["connector"]), name)()

    def connector(self, *names):
        with self.transaction() as env:
            connector = env["interop.connector"].browse(self.world["connector"])
            values = tuple(connector[name] for name in names)
            return values[0] if len(values) == 1 else values

    def end_drains(self):
        with self.transaction() as env:
            return env["interop.connector"]._end_drains()

    def setUp(self):
        super().setUp()
        with self.transaction() as env:
            connector = env["interop.connector"].browse(self.world["connector"])
            if connector.state != "active":
                connector.action_resume()

    def test_what_is_there_is_worked_off_and_what_comes_later_waits(self):
        before = [self.enqueue("A1"), self.enqueue("A2")]
        self.act("action_drain")
        after = self.enqueue("A3")
        self.assertEqual(self.connector("drain_total", "drain_left"), (2, 2))
        self.drain(2)
        self.assertEqual(self.states(before), ["done", "done"])
        self.assertEqual(self.look(after, "state"), "ready")
        self.assertEqual(self.connector("state", "drain_left"), ("draining", 0))
        self.assertEqual(self.end_drains(), 1)
        self.assertEqual(self.connector("state", "drain_to"), ("paused", 0))
        self.drain(1)
        self.assertEqual(self.look(after, "state"), "ready", "paused")
        self.act("action_resume")
        self.drain(2)
        self.assertEqual(self.look(after, "state"), "done")

    def test_a_drain_waits_for_retries_and_for_those_behind_them(self):
        WIRE.script = lambda body, tries: fail("transient") if tries == 1 else None
        first, second = self.enqueue("B1", chain="b"), self.enqueue("B2", chain="b")
        self.act("action_drain")
        self.drain(1)
        self.assertEqual(self.states([first, second]), ["waiting", "waiting"])
        self.assertEqual(self.connector("drain_left"), 2)
        self.assertEqual(self.end_drains(), 0)
        self.make_due()
        self.drain(1)
        self.make_due()
        self.drain(1)
        self.assertEqual(self.states([first, second]), ["done", "done"])
        self.assertEqual(self.end_drains(), 1)

    def test_what_a_dead_letter_holds_does_not_hold_the_drain(self):
        WIRE.script = lambda body, tries: fail("partner") if body["number"] == "C1" else None
        dead, held = self.enqueue("C1", chain="c"), self.enqueue("C2", chain="c")
        self.act("action_drain")
        self.drain(1)
        self.assertEqual(self.states([dead, held]), ["dead", "waiting"])
        self.assertIn("1 of 2 still to go", self.connector("drain_progress"))
        self.assertEqual(self.end_drains(), 1)
        self.assertEqual(self.connector("state"), "paused")

    def test_the_reaper_ends_a_drain_and_it_is_evidence(self):
        self.act("action_drain")
        with self.transaction() as env:
            env["interop.lane"]._cron_reap()
        self.assertEqual(self.connector("state"), "paused")
        with self.transaction() as env:
            env.cr.execute(
                "SELECT act, actor_kind FROM interop_audit_entry "
                "WHERE res_model = 'interop.connector' AND res_id = %s "
                "AND act IN ('connector.drain', 'connector.drained') ORDER BY id DESC LIMIT 2",
                [self.world["connector"]],
            )
            self.assertEqual(
                env.cr.fetchall(), [("connector.drained", "system"), ("connector.drain", "system")]
            )

    def test_a_drain_is_taken_back_by_resuming(self):
        self.act("action_drain")
        key = self.enqueue("D1")
        self.act("action_resume")
        self.assertEqual(self.connector("drain_to", "drain_total"), (0, 0))
        self.drain(2)
        self.assertEqual(self.look(key, "state"), "done")

    def test_a_draining_connector_knows_its_address_and_takes_nothing_in(self):
        self.act("action_drain")
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["in"])
            route = env["interop.intake"]._route(flow.connector_id.code, flow.code)
            self.assertTrue(route, "a partner that can sign is asked to come back, not sent away")
            self.assertFalse(route.is_open)

    def test_a_busy_connector_can_be_paused_drained_and_resumed(self):
        for step in ("action_pause", "action_resume", "action_drain", "action_resume"):
            with self.transaction() as env:
                env.cr.execute("SELECT 1")  # the person's snapshot is older than ...
                with self.transaction() as lane:  # ... what a lane commits meanwhile
                    lane.cr.execute(
                        "UPDATE interop_connector_runtime SET last_claim_at = now() "
                        "WHERE connector_id = %s",
                        [self.world["connector"]],
                    )
                getattr(env["interop.connector"].browse(self.world["connector"]), step)()

    def test_what_a_lane_lost_is_noted_by_the_reaper(self):
        self.enqueue("E1")
        self.assertEqual(len(self.claim("victim", lease=-1)), 1)
        self.assertEqual(maintenance.reap(self.registry), 1)
        with self.transaction() as env:
            losses = env["interop.lane.loss"].search(
                [("connector_id", "=", self.world["connector"])]
            )
            self.assertEqual((losses[:1].direction, losses[:1].messages), ("out", 1))
