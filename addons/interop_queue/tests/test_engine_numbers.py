import threading
from unittest.mock import patch

from odoo.sql_db import Cursor

from odoo.addons.interop_connector.lib.transport import Reply

from ..engine import outbound
from ..engine.maintenance import reap
from ..engine.settle import judge, settle
from ..lib.work import Exchanged
from .common import WIRE, EngineCase, fail
from .numbers_common import NumbersCase


class TestEngineNumbers(NumbersCase):
    """Control numbers of what leaves: one for each payload, the same one on every try."""

    def seen(self):
        return [body["interchange"] for _key, body in WIRE.seen]

    def interchanges(self, *names):
        with self.transaction() as env:
            found = env["interop.interchange"].search(
                [("connector_id", "=", self.world["connector"])], order="id"
            )
            return [tuple(each[name] for name in names) for each in found]

    def test_payloads_are_numbered_one_after_the_other_and_remember_it(self):
        for number in ("a", "b", "c"):
            self.enqueue(number)
        self.drain(2)
        self.assertEqual(sorted(self.seen()), ["000000001", "000000002", "000000003"])
        self.assertEqual(self.counters()["interchange"], 4)
        noted = self.interchanges("control_number", "control_numbers")
        self.assertEqual(sorted(number for number, _all in noted), sorted(self.seen()))
        self.assertIn('"interchange":1', "".join(every for _number, every in noted))

    def test_each_document_of_a_payload_has_a_number_of_its_own(self):
        self.publish(batch_size=3, order_by="none")
        self.addCleanup(self.publish, batch_size=1, order_by="record")
        self.enqueue_many([{"number": str(n)} for n in range(4)], [None] * 4)
        self.drain(2)
        self.assertEqual(sorted(self.seen()), ["000000001", "000000002"])
        documents = sorted(number for _key, body in WIRE.seen for number in body["documents"])
        self.assertEqual(documents, [f"{n:09d}" for n in (1, 2, 3, 4)])

    def test_a_retry_keeps_its_number(self):
        WIRE.script = lambda body, tries: fail("transient") if tries == 1 else None
        key = self.enqueue("a")
        self.drain(1)
        self.make_due()
        self.drain(1)
        self.assertEqual(self.look(key, "state"), "done")
        self.assertEqual(self.seen(), ["000000001"] * 2)

    def test_a_redrive_is_composed_afresh_and_keeps_its_number(self):
        WIRE.script = lambda body, tries: fail("partner") if tries == 1 else None
        key = self.enqueue("a")
        self.drain(1)
        other = self.enqueue("b")
        self.drain(1)
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "=", key)]).action_redrive("mended")
        self.drain(1)
        self.assertEqual(self.states([key, other]), ["done", "dead"])
        self.assertEqual(self.seen(), ["000000001", "000000002", "000000001"])
        self.assertEqual(len(self.interchanges("uuid")), 3)
        loose = [body["loose"] for _key, body in WIRE.seen]
        self.assertEqual(loose[0], loose[2])

    def test_a_message_that_is_sent_as_a_new_one_takes_a_new_number(self):
        key = self.enqueue("a")
        self.drain(1)
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", key)])
            message.action_resend("the partner lost it")
        self.drain(1)
        self.assertEqual(self.seen(), ["000000001", "000000002"])

    def test_a_payload_that_cannot_be_written_takes_no_number(self):
        keys = [self.enqueue(number) for number in ("a", "unwritable", "b")]
        self.drain(2)
        self.assertEqual(self.states(keys), ["done", "dead", "done"])
        self.assertEqual(sorted(self.seen()), ["000000001", "000000002"])
        self.assertEqual(self.counters()["interchange"], 3)

    def test_a_worker_killed_after_it_took_a_number_gives_it_back(self):
        key = self.enqueue("a")
        claimed = self.claim()

        def killed(env, fresh):
            if any(payload.numbers for payload in fresh):
                raise SystemExit("killed")

        with patch.object(outbound, "store", killed), self.assertRaises(SystemExit):
            outbound.prepare(self.registry, claimed)
        self.assertNotIn("interchange", self.counters())
        # The number that may have gaps is gone, which is what it may.
        self.assertEqual(self.counters()["test_loose"], 2)
        self.expire(key)
        self.drain(1)
        self.assertEqual(self.seen(), ["000000001"])

    def test_a_worker_killed_after_it_stored_the_payload_leaves_its_number_to_the_next(self):
        key = self.enqueue("a")
        outbound.prepare(self.registry, self.claim())
        self.expire(key)
        self.enqueue("b")
        self.drain(2)
        self.assertEqual(sorted(self.seen()), ["000000001", "000000002"])
        self.assertEqual(len(self.interchanges("uuid")), 2)

    def test_a_lane_that_slept_past_its_lease_takes_no_number(self):
        key = self.enqueue("a")
        late = self.claim("late")
        self.expire(key)
        [mine] = self.claim("other")
        prepared, _verdicts = outbound.prepare(self.registry, [mine])
        self.assertEqual(outbound.prepare(self.registry, late), ([], []))
        self.assertEqual(len(prepared), 1)
        self.assertEqual(self.counters()["interchange"], 2)

    def test_lanes_at_once_give_no_number_twice_and_leave_none_out(self):
        self.enqueue_many([{"number": str(n)} for n in range(60)], [None] * 60)
        taken, problems = [], []

        def lane(name):
            try:
                while claimed := self.claim(name, slots=4):
                    prepared, verdicts = outbound.prepare(self.registry, claimed)
                    assert not verdicts
                    taken.extend(item.outgoing.payload for item in prepared)
            except Exception as failure:
                problems.append(failure)

        with self.transaction() as env:
            env["interop.connector"].browse(self.world["connector"]).max_in_flight = 100
        lanes = [threading.Thread(target=lane, args=(f"lane {n}",)) for n in range(4)]
        for each in lanes:
            each.start()
        for each in lanes:
            each.join()
        self.assertEqual(problems, [])
        self.assertEqual(len(taken), 60)
        numbers = sorted(int(number) for (number,) in self.interchanges("control_number"))
        self.assertEqual(numbers, list(range(1, 61)))

    def test_claims_and_settles_do_not_wait_for_who_holds_the_counters(self):
        self.enqueue("a")
        claimed = self.claim()
        prepared, _verdicts = outbound.prepare(self.registry, claimed)
        self.enqueue("b")
        with self.transaction() as env:
            rules = env["interop.flow.version"]._plan_of(self.world["out"])[1].rules
            env["interop.control.number"]._lock(self.world["connector"], "out", rules)
            # A wait would not end: this thread holds the counters until the other has come back.
            done = []
            other = threading.Thread(
                target=lambda: done.extend((self.claim("other"), self.settled(prepared)))
            )
            other.start()
            other.join(20)
            self.assertFalse(other.is_alive())
        self.assertEqual([len(each) for each in done], [1, 1])

    def settled(self, prepared):
        verdicts = [
            verdict
            for each in prepared
            for verdict in judge(Exchanged(each, Reply(200, b""), None, 1))
        ]
        return settle(self.registry, verdicts, "lane")

    def test_used_up_numbers_stop_the_message_and_say_what_to_do(self):
        with self.transaction() as env:
            counters = env["interop.control.number"]
            rules = env["interop.flow.version"]._plan_of(self.world["out"])[1].rules
            counters._ensure(self.world["connector"], "out", rules)
            env.cr.execute(
                "UPDATE interop_control_number SET next_number = highest, wraps = FALSE "
                "WHERE connector_id = %s AND kind = 'interchange'",
                [self.world["connector"]],
            )
        keys = [self.enqueue(number) for number in ("a", "b")]
        self.drain(2)
        self.assertEqual(sorted(self.states(keys)), ["dead", "done"])
        self.assertEqual(self.seen(), ["999999999"])
        [dead] = [key for key in keys if self.look(key, "state") == "dead"]
        self.assertEqual(self.look(dead, "failure_class"), "business")
        self.assertIn("used up", self.look(dead, "failure"))

    def test_after_the_last_number_comes_the_first_again(self):
        self.enqueue("a")
        self.drain(1)
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_control_number SET next_number = highest WHERE connector_id = %s",
                [self.world["connector"]],
            )
        for number in ("b", "c"):
            self.enqueue(number)
            self.drain(1)
        self.assertEqual(self.seen()[1:], ["999999999", "000000001"])

    def expire(self, key):
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_message SET lease_until = timezone('utc', now()) - interval '1 s' "
                "WHERE uuid = %s",
                [key],
            )
        reap(self.registry)


class TestWithoutNumbers(EngineCase):
    def test_a_format_without_numbers_asks_the_database_nothing_about_them(self):
        self.enqueue("a")
        claimed = self.claim()
        asked = []
        execute = Cursor.execute

        def noting(cr, query, *args, **kwargs):
            asked.append(str(query))
            return execute(cr, query, *args, **kwargs)

        with patch.object(Cursor, "execute", noting):
            prepared, _verdicts = outbound.prepare(self.registry, claimed)
        self.assertEqual(len(prepared), 1)
        self.assertTrue(asked)
        told = [query for query in asked if "control_number" in query]
        # The columns of the payload's own row, in the statement that was there before.
        self.assertEqual(len(told), 1)
        self.assertIn("insert_interchanges", told[0])
        self.assertFalse([query for query in asked if "hold_leases" in query])
