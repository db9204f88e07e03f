from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user

from odoo.addons.interop_queue.tests.common import WIRE, EngineCase, fail

from ..models.interop_redrive_running import _chunk


class TestInteropRedrive(EngineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.transaction() as env:
            user = new_test_user(
                env,
                f"redriver-{cls.tag}",
                groups="base.group_user,interop_base.group_operator",
            )
            user.interop_area_ids = [(4, cls.world["area"])]
            cls.user = user.id

    def clear(self):
        with self.transaction() as env:
            env.cr.execute("DELETE FROM interop_redrive")
        return super().clear()

    def dead(self, count, chain=None):
        """So many dead letters; their ids in order."""

        def refuse(body, tries):
            fail("partner")

        WIRE.script = refuse
        self.enqueue_many(
            [{"number": str(number)} for number in range(count)],
            [f"{chain}" if chain else None] * count,
        )
        self.drain()
        WIRE.reset()
        with self.transaction() as env:
            return (
                env["interop.message"]
                .search([("connector_id", "=", self.world["connector"])], order="id")
                .ids
            )

    def begin(self, env, ids, **values):
        """As the operator does it from the list."""
        as_user = env(user=self.user, su=False)
        action = as_user["interop.message"].browse(ids).action_redrive_at_scale()
        redrive = as_user["interop.redrive"].browse(action["res_id"])
        redrive.write({"reason": "The catalogue is mended", "per_minute": 6000, **values})
        redrive.action_start()
        return redrive

    def test_dead_letters_run_again_in_order_and_each_once(self):
        ids = self.dead(8)
        with self.transaction() as env:
            number = self.begin(env, ids).id
        self.assertIsNone(_chunk(self.registry, number))
        self.drain()
        self.assertEqual(WIRE.numbers, [str(each) for each in range(8)])
        with self.transaction() as env:
            redrive = env["interop.redrive"].browse(number)
            self.assertEqual(redrive.state, "done")
            self.assertEqual((redrive.redriven_count, redrive.succeeded_count), (8, 8))
            self.assertEqual(redrive.progress, 100)
            env.cr.execute(
                "SELECT count(*) FROM interop_audit_entry WHERE act = 'message.redriven' "
                "AND res_id = ANY (%s)",
                [ids],
            )
            self.assertEqual(env.cr.fetchone(), (8,))
        self.assertIsNone(_chunk(self.registry, number))

    def test_what_is_no_dead_letter_any_more_is_skipped_and_counted(self):
        ids = self.dead(3)
        with self.transaction() as env:
            number = self.begin(env, ids).id
            env["interop.message"].browse(ids[0]).action_redrive()
            env["interop.message"].browse(ids[1]).action_cancel("Not wanted any more")
        _chunk(self.registry, number)
        with self.transaction() as env:
            redrive = env["interop.redrive"].browse(number)
            self.assertEqual((redrive.redriven_count, redrive.skipped_count), (1, 2))
            self.assertEqual(
                redrive.member_ids.mapped("outcome"),
                ["not_dead", "not_dead", "redriven"],
            )

    def test_it_stops_by_itself_when_too_many_die_again(self):
        ids = self.dead(12)
        WIRE.script = lambda body, tries: fail("partner")
        with self.transaction() as env:
            number = self.begin(env, ids, stop_of=4).id
        self.assertEqual(_chunk(self.registry, number), 4)
        self.assertEqual(_chunk(self.registry, number), 0)
        self.drain()
        self.assertIsNone(_chunk(self.registry, number))
        with self.transaction() as env:
            redrive = env["interop.redrive"].browse(number)
            self.assertEqual(redrive.state, "paused")
            self.assertIn("4 of the last 4", redrive.stopped_because)
            self.assertEqual((redrive.died_count, redrive.pending_count), (4, 8))
            redrive.with_user(self.user).action_resume()
            self.assertFalse(redrive.stopped_because)
        WIRE.reset()
        self.assertEqual(_chunk(self.registry, number), 4)

    def test_a_pause_counts_from_the_next_chunk_and_a_cancel_ends_it(self):
        ids = self.dead(6)
        with self.transaction() as env:
            redrive = self.begin(env, ids, stop_of=2)
            number = redrive.id
            self.assertEqual(redrive.sudo()._run_chunk(2), 2)
            redrive.action_pause()
        self.assertIsNone(_chunk(self.registry, number))
        with self.transaction() as env:
            redrive = env(user=self.user, su=False)["interop.redrive"].browse(number)
            self.assertEqual(redrive.pending_count, 4)
            redrive.action_resume()
            redrive.action_cancel()
            self.assertEqual(redrive.pending_count, 4)
            with self.assertRaises(UserError):
                redrive.action_resume()

    def test_the_rights_of_who_started_it_are_asked_for_at_each_chunk(self):
        ids = self.dead(4)
        with self.transaction() as env:
            number = self.begin(env, ids).id
            env["res.users"].browse(self.user).interop_area_ids = [(5,)]
        try:
            self.assertIsNone(_chunk(self.registry, number))
            with self.transaction() as env:
                redrive = env["interop.redrive"].browse(number)
                self.assertEqual(set(redrive.member_ids.mapped("outcome")), {"refused"})
                self.assertEqual(set(env["interop.message"].browse(ids).mapped("state")), {"dead"})
        finally:
            with self.transaction() as env:
                env["res.users"].browse(self.user).interop_area_ids = [(4, self.world["area"])]

    def test_who_has_all_its_areas_and_companies_may_stop_it_and_nobody_else(self):
        ids = self.dead(2)
        with self.transaction() as env:
            groups = "base.group_user,interop_base.group_operator"
            other = new_test_user(env, f"night-{self.tag}", groups=groups)
            redrives = env(user=other.id, su=False)["interop.redrive"]
            members = redrives.env["interop.redrive.member"]
            draft = (
                env["interop.message"].with_user(self.user).browse(ids).action_redrive_at_scale()
            )
            other.interop_area_ids = [(4, self.world["area"])]
            self.assertFalse(redrives.search([("id", "=", draft["res_id"])]), "a draft")
            number = self.begin(env, ids).id
            mine = [("id", "=", number)]
            self.assertTrue(redrives.search(mine))
            self.assertEqual(len(members.search([("redrive_id", "=", number)])), 2)

            other.interop_area_ids = [(5,)]
            self.assertFalse(redrives.search(mine), "not the area")
            self.assertFalse(members.search([("redrive_id", "=", number)]))
            with self.assertRaises(AccessError):
                redrives.browse(number).action_pause()
            other.interop_area_ids = [(4, self.world["area"])]

            elsewhere = env["res.company"].create({"name": f"Elsewhere {self.tag}"})
            redrive = env["interop.redrive"].browse(number)
            redrive.company_ids = [(4, elsewhere.id)]
            self.assertFalse(redrives.search(mine), "not the company")
            redrive.company_ids = [(3, elsewhere.id)]
            redrives.browse(number).action_pause()
            self.assertEqual(redrive.state, "paused")

    def test_who_may_run_messages_no_more_stops_it(self):
        ids = self.dead(2)
        operators = "interop_base.group_operator"
        with self.transaction() as env:
            number = self.begin(env, ids).id
            env["res.users"].browse(self.user).group_ids = [(3, env.ref(operators).id)]
        try:
            _chunk(self.registry, number)
            with self.transaction() as env:
                redrive = env["interop.redrive"].browse(number)
                self.assertEqual(redrive.state, "paused")
                self.assertIn("may not run messages", redrive.stopped_because)
        finally:
            with self.transaction() as env:
                env["res.users"].browse(self.user).group_ids = [(4, env.ref(operators).id)]

    def test_a_search_is_fixed_when_it_starts(self):
        ids = self.dead(3)
        with self.transaction() as env:
            redrives = env(user=self.user, su=False)["interop.redrive"]
            redrive = redrives.create(
                {
                    "domain": f"[('connector_id', '=', {self.world['connector']})]",
                    "reason": "Mended",
                }
            )
            self.assertIn("3 dead letters", redrive.forecast)
            redrive.action_start()
            self.assertEqual(redrive.member_ids.mapped("message_id.id"), ids)
            with self.assertRaises(UserError):
                redrive.domain = "[]"

    def test_it_asks_for_a_reason_and_nobody_sets_its_state_by_hand(self):
        ids = self.dead(1)
        with self.transaction() as env:
            as_user = env(user=self.user, su=False)
            action = as_user["interop.message"].browse(ids).action_redrive_at_scale()
            redrive = as_user["interop.redrive"].browse(action["res_id"])
            with self.assertRaises(ValidationError):
                redrive.action_start()
            with self.assertRaises(AccessError):
                redrive.state = "running"
            with self.assertRaises(AccessError):
                redrive.started_by_id = env.ref("base.user_admin")

    def test_the_forecast_tells_of_those_that_wait_behind(self):
        ids = self.dead(1, chain=f"{self.world['out']}:behind")
        self.enqueue("later", chain=f"{self.world['out']}:behind")
        with self.transaction() as env:
            as_user = env(user=self.user, su=False)
            action = as_user["interop.message"].browse(ids).action_redrive_at_scale()
            forecast = as_user["interop.redrive"].browse(action["res_id"]).forecast
        self.assertIn("1 dead letters", forecast)
        self.assertIn("1 messages wait behind them", forecast)
