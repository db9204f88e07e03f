from odoo.exceptions import AccessError, UserError
from odoo.tests.common import new_test_user

from ..engine.turns import KEPT, LEAST, OTHERS, Turn, Turns
from ..lib.priorities import LOW, NORMAL, URGENT
from .common import WIRE, EngineCase
from .inbound_common import InboundCase


class TestTurns(EngineCase):
    """Which part of the work a lane's claims look for."""

    def take(self, turns, has):
        """One turn of a lane that finds `has(least)`; where it began to look."""
        turn = turns.next(8)
        turns.took(turn, has(turn.least))
        return turn.least

    def test_where_nothing_is_behind_hardly_any_turn_looks_for_it(self):
        turns = Turns(16)
        seen = [
            self.take(turns, lambda least: [NORMAL] * 3 if least == LEAST else [])
            for _ in range(50)
        ]
        self.assertLessEqual(len(seen) - seen.count(LEAST), 3)

    def test_some_turns_belong_to_those_behind(self):
        turns = Turns(0)
        turns.urgent_is_about()
        seen = [self.take(turns, lambda least: [max(least, URGENT)] * 8) for _ in range(8 * OTHERS)]
        self.assertGreaterEqual(seen.count(URGENT + 1), 3)
        self.assertGreaterEqual(seen.count(NORMAL + 1), 3)
        self.assertGreater(seen.count(LEAST), len(seen) // 2)

    def test_slots_are_kept_for_urgent_work_only_while_there_is_some_about(self):
        turns = Turns(16)
        self.assertEqual(turns.next(16).slots, 16)
        turns.took(Turn(16), [URGENT])
        self.assertEqual(turns.next(16).slots, 16 - 16 // KEPT)
        only = turns.next(4)
        self.assertEqual((only.slots, only.most), (4, URGENT))
        self.assertIsNone(turns.next(4), "not looked for all the time")
        self.assertIsNone(turns.next(0))


class TurnsCase(EngineCase):
    def enqueue_at(self, priority, *numbers, chain=None):
        keys = [self.enqueue(number, chain=chain) for number in numbers]
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_message SET priority = %s WHERE uuid = ANY (%s)", [priority, keys]
            )
        return keys


class TestEngineTurns(TurnsCase):
    def test_the_more_urgent_goes_first(self):
        low = self.enqueue_at(LOW, "l")
        normal = self.enqueue_at(NORMAL, "n")
        urgent = self.enqueue_at(URGENT, "u")
        order = [self.claim(slots=1)[0].uuid for _ in range(3)]
        self.assertEqual(order, urgent + normal + low)

    def test_a_turn_of_the_last_takes_low_ones_past_more_urgent_ones(self):
        self.enqueue_at(NORMAL, *"abc")
        low = self.enqueue_at(LOW, "l")
        [taken] = self.claim(slots=3, least=NORMAL + 1)
        self.assertEqual(taken.uuid, low[0])

    def test_an_urgent_turn_takes_nothing_else(self):
        self.enqueue_at(NORMAL, *"abc")
        self.assertEqual(self.claim(slots=3, most=URGENT), [])
        urgent = self.enqueue_at(URGENT, "u")
        self.assertEqual([each.uuid for each in self.claim(slots=3, most=URGENT)], urgent)

    def test_an_urgent_message_does_not_overtake_its_own_chain(self):
        first = self.enqueue_at(LOW, "1", chain="c")
        second = self.enqueue_at(URGENT, "2", chain="c")
        # What stands before it becomes as urgent instead, and goes first.
        [taken] = self.claim(slots=5, most=URGENT)
        self.assertEqual(taken.uuid, first[0])
        self.assertEqual(self.look(first[0], "priority"), URGENT)
        self.assertEqual(self.states(second), ["waiting"])
        self.assertEqual(self.claim(slots=5), [])

    def test_a_low_message_is_not_starved_by_a_flood_of_normal_ones(self):
        [low] = self.enqueue_at(LOW, "low")
        left = [120]

        def more(body, tries):
            if left[0] and body["number"] != "low":
                left[0] -= 1
                self.enqueue(f"more-{left[0]}")

        WIRE.script = more
        for number in range(40):
            self.enqueue(f"n{number}")
        self.drain(20)
        self.assertEqual(self.look(low, "state"), "done")
        place = WIRE.numbers.index("low")
        self.assertLess(place, len(WIRE.numbers) - 20, "long before the last normal one")

    def test_a_flow_says_how_urgent_its_messages_are_once_it_is_published(self):
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            self.assertFalse(env["interop.flow"]._has_urgent())
            flow.priority = str(URGENT)
            event = flow.event
            self.assertEqual(env["interop.flow"]._subscribed(event)[0].priority, NORMAL)
            flow.action_publish()
            self.assertEqual(env["interop.flow"]._subscribed(event)[0].priority, URGENT)
            self.assertTrue(env["interop.flow"]._has_urgent())
            flow.priority = str(NORMAL)
            flow.action_publish()
            env.flush_all()
            env.cr.precommit.run()


class TestEnginePriorityAct(TurnsCase):
    def act(self, keys, priority=URGENT, reason="The theatre waits", user=None):
        with self.transaction() as env:
            messages = env["interop.message"].search([("uuid", "in", keys)])
            if user:
                messages = messages.with_user(env["res.users"].search([("login", "=", user)]))
            return messages.action_set_priority(priority, reason)

    def test_an_operator_lets_messages_go_sooner_and_it_is_evidence(self):
        keys = self.enqueue_at(NORMAL, "a", "b")
        self.act(keys[1:])
        self.assertEqual(self.look(keys[1], "priority", "priority_told"), (URGENT, "Urgent"))
        self.assertEqual(self.claim(slots=1)[0].uuid, keys[1])
        with self.transaction() as env:
            env.cr.execute(
                "SELECT count(*) FROM interop_audit_entry "
                "WHERE act = 'message.priority_changed' AND subject = %s",
                [keys[1]],
            )
            self.assertEqual(env.cr.fetchone(), (1,))

    def test_what_runs_already_cannot_be_changed(self):
        keys = self.enqueue_at(NORMAL, "a")
        self.claim(slots=1)
        with self.assertRaises(UserError):
            self.act(keys)

    def test_a_reason_and_a_known_priority_are_asked_for(self):
        keys = self.enqueue_at(NORMAL, "a")
        for how in ({"reason": " "}, {"priority": 7}):
            with self.assertRaises(UserError):
                self.act(keys, **how)

    def test_who_only_reads_may_not(self):
        keys = self.enqueue_at(NORMAL, "a")
        with self.transaction() as env:
            user = new_test_user(env, f"prio-{self.tag}", groups="interop_base.group_user")
            user.interop_area_ids = env["interop.area"].browse(self.world["area"])
        with self.assertRaises(AccessError):
            self.act(keys, user=f"prio-{self.tag}")


class TestInboundPriority(InboundCase):
    def test_a_delivery_has_the_priority_of_its_flow(self):
        key = self.accept({"number": "p1"})
        self.assertEqual(self.look(key, "priority"), NORMAL)
