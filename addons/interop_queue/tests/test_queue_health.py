from odoo.tests.common import TransactionCase, new_test_user

from ..engine.transaction import insert_messages
from .common import build_world


class TestQueueHealth(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        world = build_world(cls.env, "health-test")
        cls.connector, cls.area, cls.flow = world["connector"], world["area"], world["out"]
        cls.inbound = world["in"]

    def put(self, count=1, direction="out", **values):
        """Put messages into the queue and into a state."""
        flow = self.flow if direction == "out" else self.inbound
        rows = [
            {
                "uuid": f"health-{self.env['interop.message'].search_count([])}-{number}",
                "flow_id": flow.id,
                "connector_id": self.connector.id,
                "company_id": self.env.company.id,
                "area_id": self.area.id,
                "direction": direction,
                "document_type": "TestNote 1.0",
            }
            for number in range(count)
        ]
        messages = self.env["interop.message"].browse(insert_messages(self.env.cr, rows))
        for name, value in values.items():
            self.env.cr.execute(
                f"UPDATE interop_message SET {name} = {value} WHERE id = ANY(%s)", [messages.ids]
            )
        messages.invalidate_recordset()
        return messages

    def health(self, direction="out", user=None):
        self.env.invalidate_all()
        rows = self.env["interop.queue.health"].with_user(user or self.env.user)
        return rows.search(
            [("connector_id", "=", self.connector.id), ("direction", "=", direction)]
        )

    def ago(self, seconds):
        return f"timezone('utc', clock_timestamp()) - interval '{seconds} seconds'"

    def test_every_figure_counts_its_own_messages(self):
        self.put(2, run_at=self.ago(7200))
        self.put(1, state="'running'", lease_until=self.ago(-60))
        self.put(3, state="'running'", lease_until=self.ago(1))
        self.put(4, state="'waiting'", run_at=self.ago(-3600))
        self.put(5, state="'waiting'", parked="TRUE")
        self.put(6, state="'dead'")
        self.put(7, state="'done'")
        self.put(8, state="'sent'")
        row = self.health()
        self.assertEqual(
            (row.ready, row.running, row.expired, row.waiting, row.parked, row.dead),
            (2, 4, 3, 4, 5, 6),
        )
        self.assertEqual(row.in_flight_limit, self.connector.max_in_flight)
        self.assertEqual(row.oldest_ready_told, "2 h")
        self.assertEqual(row.lag_told, "2 h")
        self.assertTrue(row.next_due_at)
        self.assertEqual(row.verdict, "trouble")

    def test_a_flow_with_nothing_to_do_has_a_row_and_is_well(self):
        row = self.health()
        self.assertEqual((row.ready, row.lag, row.verdict), (0, 0, "well"))
        self.assertEqual(self.health("in").verdict, "well")
        self.assertFalse(self.health("in").in_flight_limit)

    def test_what_lies_behind_a_pause_is_old_but_no_lag(self):
        self.put(1, run_at=self.ago(900))
        self.connector.action_pause()
        row = self.health()
        self.assertEqual(row.oldest_ready_told, "15 min")
        self.assertFalse(row.lag_told)
        self.assertEqual(row.verdict, "look")

    def test_leases_lost_in_the_last_day_are_told_and_older_ones_are_not(self):
        rows = [
            {"connector_id": self.connector.id, "direction": "out", "state": state}
            for state in ("ready", "ready", "dead")
        ]
        losses = self.env["interop.lane.loss"]
        losses._note(rows)
        self.assertEqual(self.health().lost, 3)
        kept = losses.search([("connector_id", "=", self.connector.id)])
        self.assertEqual((len(kept), kept.messages, kept.dead), (1, 3, 1))
        self.env.cr.execute(
            "UPDATE interop_lane_loss SET lost_at = lost_at - interval '25 hours' WHERE id = %s",
            [kept.id],
        )
        self.assertEqual(self.health().lost, 0)
        self.env.cr.execute(
            "UPDATE interop_lane_loss SET lost_at = lost_at - interval '30 days' WHERE id = %s",
            [kept.id],
        )
        losses._gc_losses()
        self.assertFalse(kept.exists())

    def user(self, login, areas, group="group_user"):
        user = new_test_user(self.env, login, groups=f"interop_base.{group}")
        user.interop_area_ids = areas
        return user

    def test_figures_count_what_the_one_who_asks_may_see(self):
        other = self.env.ref("interop_base.area_clinical")
        self.connector.area_id = False
        self.put(2)
        self.put(3, area_id=other.id)
        self.assertEqual(self.health(user=self.user("health-1", self.area)).ready, 2)
        self.assertEqual(self.health(user=self.user("health-2", other)).ready, 3)
        manager = self.user("health-3", other, "group_manager")
        self.assertEqual(self.health(user=manager).ready, 5)

    def test_a_connector_of_another_area_or_company_is_not_shown(self):
        other = self.env.ref("interop_base.area_clinical")
        self.assertFalse(self.health(user=self.user("health-4", other)))
        company = self.env["res.company"].create({"name": "Other Clinic"})
        stranger = self.user("health-5", self.area, "group_manager")
        stranger.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        self.assertFalse(self.health(user=stranger))

    def test_each_figure_opens_its_messages(self):
        self.put(1)
        self.put(2, state="'running'", lease_until=self.ago(1))
        self.put(3, state="'waiting'")
        self.put(4, state="'waiting'", parked="TRUE")
        self.put(5, state="'dead'")
        self.put(6, state="'done'")
        self.put(1, direction="in")
        row = self.health()
        for name, expected in (
            ("ready", 1),
            ("running", 2),
            ("expired", 2),
            ("waiting", 3),
            ("parked", 4),
            ("dead", 5),
            ("open", 15),
        ):
            action = getattr(row, f"action_view_{name}")()
            self.assertEqual(
                self.env["interop.message"].search_count(action["domain"]), expected, name
            )
        self.assertEqual(row.action_view_lost()["res_model"], "interop.lane.loss")

    def test_figures_can_be_filtered_sorted_and_summed(self):
        self.put(3, state="'dead'")
        rows = self.env["interop.queue.health"]
        found = rows.search([("dead", ">", 2)], order="lag desc, dead desc")
        self.assertIn(self.health(), found)
        [[total]] = rows._read_group([("id", "in", self.health().ids)], [], ["dead:sum"])
        self.assertEqual(total, 3)
