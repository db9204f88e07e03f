import json
import threading
import uuid
from unittest.mock import patch

from odoo.sql_db import Cursor

from ..engine import inbound, tracking
from .inbound_common import InboundCase
from .numbers_common import NumbersCase


class TestEngineTracking(InboundCase, NumbersCase):
    """The other side's control numbers: duplicates and gaps."""

    def setUp(self):
        super().setUp()
        self.sender = uuid.uuid4().hex[:8]

    def deliver(self, number, *refs, sender=None, **more):
        refs = refs or (f"{self.sender}-{number}",)
        body = {
            "sender": sender or self.sender,
            "receiver": "US",
            "interchange": f"{number:09d}" if isinstance(number, int) else number,
            "bodies": [{"number": ref} for ref in refs],
        }
        return self.accept(body | more)

    def handle(self):
        with self.handled():
            return inbound.handle_many(self.registry, self.claimed(), "lane")

    def take(self, *numbers):
        for number in numbers:
            self.deliver(number)
            self.handle()

    def gaps(self, *states):
        with self.transaction() as env:
            found = env["interop.control.number.gap"].search(
                [("series_id.sender", "=", self.sender)], order="first"
            )
            return [(gap.first, gap.last) for gap in found if gap.state in (states or ("waiting",))]

    def payload(self, key):
        with self.transaction() as env:
            interchange = env["interop.message"].search([("uuid", "=", key)]).interchange_id
            receipt = env["interop.vault"]._open_many([(interchange.uuid, "acknowledgement")])
            return (
                interchange.number_verdict,
                interchange.state,
                json.loads(receipt[interchange.uuid, "acknowledgement"]),
            )

    def wait_is_over(self):
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_control_number_gap SET due_at = due_at - interval '1 day'"
            )
        tracking.sweep(self.registry)

    def test_the_same_number_and_content_is_acknowledged_and_not_applied_again(self):
        first = self.deliver(1, "a" + self.sender, "b" + self.sender)
        self.handle()
        self.handle()
        with patch.object(tracking, "_place", side_effect=AssertionError):
            again = self.deliver(1, "a" + self.sender, "b" + self.sender)
            with self.handler(_apply=None):
                inbound.handle_many(self.registry, self.claimed(), "lane")
        self.assertEqual(self.states([first, again]), ["done", "done"])
        self.assertEqual(self.payload(first), ("first", "applied", ["000000001", [True, True]]))
        # The same receipt as the first time, with a verdict for each document.
        self.assertEqual(self.payload(again)[0], "duplicate")
        self.assertEqual(self.payload(again)[2], ["000000001", [True, True]])

    def test_the_same_number_with_other_content_is_put_before_a_person(self):
        self.take(1)
        key = self.deliver(1, "other" + self.sender)
        self.handle()
        self.assertEqual(self.look(key, "state", "failure_class"), ("dead", "partner"))
        self.assertIn("000000001 before, for other content", self.look(key, "failure"))
        self.assertEqual(self.partners("other" + self.sender), [0])
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", key)])
            raised = env["interop.exception"].search([("message_id", "=", message.id)])
            self.assertEqual(raised.state in ("open", "in_progress"), True)
            message.action_redrive("the partner says that both count")
        self.handle()
        self.assertEqual(self.look(key, "state"), "done")
        self.assertEqual(self.partners("other" + self.sender), [1])

    def test_another_sender_may_use_the_same_number(self):
        self.take(1)
        key = self.deliver(1, "x" + self.sender, sender="ELSE" + self.sender)
        self.handle()
        self.assertEqual(self.look(key, "state"), "done")

    def test_after_the_memory_a_number_may_be_used_again(self):
        self.take(1)
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_interchange SET created_at = created_at - interval '500 days' "
                "WHERE connector_id = %s",
                [self.world["connector"]],
            )
        key = self.deliver(1, "later" + self.sender)
        self.handle()
        self.assertEqual(self.look(key, "state"), "done")

    def test_a_gap_is_listed_told_after_the_wait_and_closed_when_it_arrives(self):
        self.take(1, 5)
        self.assertEqual(self.gaps("waiting"), [(2, 4)])
        tracking.sweep(self.registry)
        self.assertEqual(self.gaps("missing"), [])
        self.wait_is_over()
        self.assertEqual(self.gaps("missing"), [(2, 4)])
        self.assertEqual(self.raised(), ["open"])
        self.take(3)
        self.assertEqual(self.gaps("waiting", "missing"), [(2, 2), (4, 4)])
        self.take(2, 4)
        self.assertEqual(self.gaps("waiting", "missing"), [])
        self.assertEqual(self.gaps("closed"), [(2, 2), (4, 4)])
        self.assertEqual(self.raised(), ["resolved"])

    def test_a_person_who_dismisses_a_gap_settles_what_was_raised_for_it(self):
        self.take(1, 3)
        self.wait_is_over()
        with self.transaction() as env:
            gaps = env["interop.control.number.gap"]
            gaps.search([("series_id.sender", "=", self.sender)]).action_dismiss()
        self.assertEqual(self.gaps("dismissed"), [(2, 2)])
        self.assertEqual(self.raised(), ["resolved"])

    def raised(self):
        with self.transaction() as env:
            return (
                env["interop.exception"]
                .search([("kind", "=", "missing_number"), ("name", "like", self.sender)])
                .mapped("state")
            )

    def test_one_row_stands_for_all_numbers_and_gaps_are_bounded(self):
        with patch.object(tracking, "MOST_GAPS", 3):
            self.take(*range(1, 16, 2))
        self.assertEqual(self.gaps("waiting"), [(10, 10), (12, 12), (14, 14)])
        with self.transaction() as env:
            [series] = env["interop.control.number.series"].search([("sender", "=", self.sender)])
            self.assertEqual((series.lowest, series.highest), (1, 15))

    def test_gaps_that_ended_long_ago_are_forgotten(self):
        self.take(1, 3, 2)
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_control_number_gap SET closed_at = closed_at - interval '401 days'"
            )
        tracking.sweep(self.registry)
        self.assertEqual(self.gaps("closed"), [])

    def test_a_number_with_letters_is_recognised_and_not_counted(self):
        first, again = self.deliver("A17", "l" + self.sender), None
        self.handle()
        again = self.deliver("A17", "l" + self.sender)
        self.handle()
        self.assertEqual(self.payload(first)[0], "first")
        self.assertEqual(self.payload(again)[0], "duplicate")
        self.assertEqual(self.gaps(), [])

    def test_two_lanes_with_the_same_number_at_once_apply_it_once(self):
        keys = [self.deliver(1, "once" + self.sender) for _time in range(2)]
        claimed = self.claimed()
        self.assertEqual(len(claimed), 2)
        applied = []

        def apply(model, document, message):
            applied.append(message.id)
            return self.apply(model, document, message)

        with self.handler(
            _apply=apply, _business_key=lambda model, document: document.body["number"]
        ):
            lanes = [
                threading.Thread(target=inbound.handle_many, args=(self.registry, [each], "lane"))
                for each in claimed
            ]
            for lane in lanes:
                lane.start()
            for lane in lanes:
                lane.join()
        self.assertEqual(len(applied), 1)
        self.assertEqual(self.states(keys), ["done", "done"])
        verdicts = sorted(self.payload(key)[0] for key in keys)
        self.assertEqual(verdicts, ["duplicate", "first"])

    def test_a_payload_that_fails_and_is_run_again_is_not_its_own_duplicate(self):
        key = self.deliver(1, "unknown")
        self.handle()
        self.assertEqual(self.look(key, "failure_class"), "business")
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "=", key)]).action_redrive("mended")
        with self.handler(
            _apply=lambda model, document, message: model.env["res.partner"],
            _business_key=lambda model, document: document.body["number"],
        ):
            inbound.handle_many(self.registry, self.claimed(), "lane")
        self.assertEqual(self.look(key, "state"), "done")
        self.assertEqual(self.payload(key)[0], "first")


class TestTrackingWithoutNumbers(InboundCase):
    def test_a_format_without_numbers_asks_the_database_nothing_more(self):
        asked = []
        execute = Cursor.execute

        def noting(cr, query, *args, **kwargs):
            asked.append(str(query))
            return execute(cr, query, *args, **kwargs)

        def handle():
            self.accept({"number": uuid.uuid4().hex})
            claimed = self.claimed()
            with self.handled(), patch.object(Cursor, "execute", noting):
                inbound.handle_many(self.registry, claimed, "lane")

        handle()  # the first of a process learns what the flow's format is
        asked.clear()
        handle()
        with_tracking = list(asked)
        asked.clear()
        with patch.object(inbound, "track", lambda registry, messages: tracking.Tracked()):
            handle()
        self.assertEqual(len(with_tracking), len(asked))
        self.assertFalse([query for query in asked if "interop number_" in query])
