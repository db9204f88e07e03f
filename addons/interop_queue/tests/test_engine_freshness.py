import uuid

from ..engine.transaction import insert_messages
from .batch_common import BatchCase
from .common import EVENT, WIRE, fail, note


class TestEngineCoalescing(BatchCase):
    """Several pending updates of one record become one message with the latest state."""

    def setUp(self):
        super().setUp()
        self.publish(mode="realtime", batch_size=1, coalesce=True)

    def emit(self, record_id, count=1, **more):
        rows = [
            {"uuid": str(uuid.uuid4())} | self.row(record_id) | more for _number in range(count)
        ]
        with self.transaction() as env:
            insert_messages(env.cr, rows)
        return [row["uuid"] for row in rows]

    def composing(self):
        def compose(handler, records):
            return [note(record) for record in records]

        return self.handler(_compose=compose)

    def into(self, key):
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", key)])
            return message.coalesced_into_id.uuid

    def setref(self, record_id, ref):
        with self.transaction() as env:
            env["res.partner"].browse(record_id).ref = ref

    def partner(self):
        with self.transaction() as env:
            return env["res.partner"].create({"name": "Master", "ref": "v0"}).id

    def test_pending_updates_of_a_record_leave_as_one(self):
        one, two = self.partner(), self.partner()
        keys = self.emit(one, 4)
        others = self.emit(two, 2)
        self.setref(one, "v1")
        with self.composing():
            self.drain()
        self.assertEqual(self.states(keys + others), ["done"] * 6)
        self.assertEqual(sorted(WIRE.numbers), ["v0", "v1"])
        head, *rest = keys
        for key in rest:
            self.assertEqual(self.into(key), head)
            with self.transaction() as env:
                acts = env["interop.audit.entry"].search([("subject", "=", key)]).mapped("act")
                self.assertIn("message.coalesced", acts)

    def test_a_head_that_was_tried_goes_first_with_its_own_bytes(self):
        WIRE.script = lambda body, tries: fail("transient") if len(WIRE.seen) == 1 else None
        record = self.partner()
        [head] = self.emit(record)
        with self.composing():
            self.drain(1)
            self.setref(record, "v1")
            rest = self.emit(record, 3)
            self.make_due()
            self.drain(3)
        self.assertEqual(self.states([head, *rest]), ["done"] * 4)
        self.assertEqual(WIRE.numbers, ["v0", "v0", "v1"])
        self.assertEqual(self.into(rest[1]), rest[0])

    def test_one_that_commits_late_takes_the_place_of_a_later_one_that_was_tried(self):
        WIRE.script = lambda body, tries: fail("transient") if len(WIRE.seen) == 1 else None
        record = self.partner()
        with self.registry.cursor() as late:
            rows = [{"uuid": str(uuid.uuid4())} | self.row(record)]
            insert_messages(late, rows)
            [tried] = self.emit(record)
            with self.composing():
                self.drain(1)
            self.setref(record, "v1")
        with self.composing():
            self.make_due()
            self.drain(3)
        self.assertEqual(WIRE.numbers, ["v0", "v1"])
        self.assertEqual(self.look(tried, "state"), "done")
        self.assertEqual(self.into(tried), rows[0]["uuid"])

    def row(self, record_id):
        return {
            "flow_id": self.world["out"],
            "connector_id": self.world["connector"],
            "company_id": self.world["company"],
            "area_id": self.world["area"],
            "direction": "out",
            "document_type": "TestNote 1.0",
            "chain": f"{self.world['out']}/res.partner,{record_id}",
            "res_model": "res.partner",
            "res_id": record_id,
        }

    def test_updates_gathered_for_a_batch_become_one_at_its_cut(self):
        self.publish(mode="batch", batch_size=5)
        record = self.partner()
        keys = self.emit(record, 3, held="batch")
        self.cut_now()
        with self.composing():
            self.drain()
        self.assertEqual(self.states(keys), ["done"] * 3)
        self.assertEqual(self.sent(), [["v0"]])

    def test_what_was_composed_at_its_event_is_never_left_out(self):
        record = self.partner()
        keys = self.emit(record, 2, as_of_event=True)
        self.drain()
        # Their documents were never sealed here: each of them says so, none stands for another.
        self.assertEqual(self.states(keys), ["dead", "waiting"])
        self.assertIn("as of the event", self.look(keys[0], "failure"))


class TestAsOfEvent(BatchCase):
    """A document as of its event says what was so then, whatever has changed since."""

    def setUp(self):
        super().setUp()
        self.publish(mode="realtime", batch_size=1, content_as_of="event")
        self.addCleanup(self.publish, content_as_of="latest")

    def emit(self, compose):
        with self.transaction() as env, self.handler(_compose=compose):
            partner = env["res.partner"].create({"name": "Master", "ref": "before"})
            partner.ref = "then"
            queue = env["interop.queue"].with_company(self.world["company"])
            self.assertEqual(queue._emit(EVENT, partner), 1)
            message = env["interop.message"].search([("res_id", "=", partner.id)], limit=1)
            return partner.id, message.uuid

    def test_later_changes_do_not_show(self):
        partner, key = self.emit(lambda handler, records: [note(record) for record in records])
        with self.transaction() as env:
            env["res.partner"].browse(partner).ref = "after"
        self.drain()
        self.assertEqual(WIRE.numbers, ["then"])
        self.assertEqual(self.look(key, "state"), "done")

    def test_what_cannot_be_composed_fails_nobodys_act_and_says_so(self):
        def broken(handler, records):
            handler.env.cr.execute("SELECT 1 / 0")

        partner, key = self.emit(broken)
        self.drain()
        self.assertEqual(self.look(key, "state", "failure_class"), ("dead", "data"))
        with self.transaction() as env:
            self.assertEqual(env["res.partner"].browse(partner).ref, "then")
            acts = env["interop.audit.entry"].search([("subject", "=", key)]).mapped("act")
            self.assertIn("message.not_composed", acts)
