import json
import threading

from odoo.addons.interop_base.lib.failures import TransientError
from odoo.addons.interop_connector.lib.codec import CODECS, CodecError, Decoded
from odoo.addons.interop_connector.lib.json_codec import JsonCodec

from ..engine import inbound
from ..engine.conclusion import conclude_forgotten
from .inbound_common import InboundCase


class ReceiptCodec(JsonCodec):
    """A format with an envelope and a receipt: ``{"control": "7", "documents": [...]}``."""

    code = "test_receipt"
    label = "Receipts (tests)"
    acknowledges = True

    def __init__(self):
        super().__init__()
        self.reset()

    def reset(self):
        self.asked = []
        self.answer = lambda envelope, verdicts: json.dumps(
            {
                "control": envelope.facts.get("control"),
                "taken": [verdict.accepted for verdict in verdicts],
                "why": [verdict.failure_class for verdict in verdicts],
            }
        ).encode()

    def decode(self, payload):
        value = self._parse(self._text(payload))
        facts = {"control": value["control"]}
        if "documents" not in value:
            raise CodecError("envelope", "it holds no documents", facts)
        return iter([Decoded(body, facts) for body in value["documents"]])

    def acknowledge(self, envelope, verdicts):
        self.asked.append((dict(envelope.facts), list(verdicts)))
        return self.answer(envelope, verdicts)


RECEIPTS = CODECS.register(ReceiptCodec.code, ReceiptCodec())


class TestEngineConclusion(InboundCase):
    """What becomes of an inbound payload as a whole, and the receipt its sender gets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.transaction() as env:
            env["interop.connector"].browse(cls.world["connector"]).codec = RECEIPTS.code
            env["interop.flow"].browse(cls.world["in"]).action_publish()
            env.flush_all()
            env.cr.precommit.run()

    def setUp(self):
        super().setUp()
        RECEIPTS.reset()

    def deliver(self, *numbers):
        return self.accept({"control": "7", "documents": [{"number": n} for n in numbers]})

    def work(self, slots=50):
        claimed = self.claimed(slots)
        with self.handled():
            return inbound.handle_many(self.registry, claimed, "lane")

    def payload(self, key, *names):
        with self.transaction() as env:
            interchange = env["interop.message"].search([("uuid", "=", key)]).interchange_id
            return tuple(interchange[name] for name in names)

    def receipt(self, key):
        with self.transaction() as env:
            interchange = env["interop.message"].search([("uuid", "=", key)]).interchange_id
            return json.loads(env["interop.vault"]._open(interchange.uuid, "acknowledgement"))

    def test_a_payload_is_applied_when_its_last_document_is(self):
        key = self.deliver("a", "b", "c")
        seen = []
        while self.work(1):
            seen.append(self.payload(key, "state", "acknowledgement_state"))
        self.assertEqual(seen, [("received", False)] * 2 + [("applied", "ready")])
        self.assertEqual(self.payload(key, "document_count"), (3,))
        self.assertEqual(
            self.receipt(key), {"control": "7", "taken": [True] * 3, "why": ["", "", ""]}
        )

    def test_a_payload_taken_in_part_says_so_for_each_document(self):
        key = self.deliver("a", "unknown", "c")
        while self.work():
            pass
        self.assertEqual(self.payload(key, "state"), ("mixed",))
        self.assertEqual(self.receipt(key)["taken"], [True, False, True])
        [(_facts, verdicts)] = RECEIPTS.asked
        self.assertEqual([verdict.position for verdict in verdicts], [0, 1, 2])
        self.assertEqual(verdicts[1].failure_class, "business")
        self.assertEqual(verdicts[1].sentence, "The note's number is not known here.")

    def test_a_payload_that_cannot_be_decoded_is_refused_with_its_control_number(self):
        key = self.accept({"control": "8"})
        self.work()
        self.assertEqual(
            self.payload(key, "state", "acknowledgement_state", "document_count"),
            ("refused", "ready", 0),
        )
        self.assertEqual(self.receipt(key), {"control": "8", "taken": [False], "why": ["data"]})

    def test_a_single_document_concludes_its_payload_in_its_own_transaction(self):
        key = self.deliver("a")
        self.patch(inbound, "conclude_after", lambda registry, ids: self.assertFalse(ids))
        self.work()
        self.assertEqual(self.payload(key, "state", "document_count"), ("applied", 1))

    def test_the_receipt_is_made_once_and_a_later_redrive_still_changes_the_state(self):
        key = self.deliver("unknown", "b")
        while self.work():
            pass
        self.assertEqual(self.payload(key, "state"), ("mixed",))
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "=", key)]).action_redrive()
        claimed = self.claimed()
        with self.handler(_apply=lambda model, document, message: model.env["res.partner"]):
            inbound.handle_many(self.registry, claimed, "lane")
        self.assertEqual(self.payload(key, "state"), ("applied",))
        self.assertEqual(len(RECEIPTS.asked), 1)

    def test_two_lanes_that_settle_the_last_two_at_once_leave_one_receipt(self):
        key = self.deliver("a", "b", "c")
        self.work(1)
        one, two = self.claimed(1), self.claimed(1)
        together = threading.Barrier(2, timeout=20)
        original = inbound.write_evidence

        def write_evidence(env, held, lane):
            together.wait()  # both have written their states, neither has committed
            return original(env, held, lane)

        self.patch(inbound, "write_evidence", write_evidence)
        with self.handled():
            threads = [
                threading.Thread(target=inbound.handle_many, args=(self.registry, each, "lane"))
                for each in (one, two)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
        self.assertEqual(self.payload(key, "state", "acknowledgement_state"), ("applied", "ready"))
        self.assertEqual(len(RECEIPTS.asked), 1)

    def test_a_codec_that_fails_undoes_nothing(self):
        def fail(envelope, verdicts):
            raise ValueError("a codec's bug")

        RECEIPTS.answer = fail
        key = self.deliver("a")
        with self.assertLogs("odoo.addons.interop_queue", "ERROR") as logs:
            self.work()
        self.assertNotIn("bug", "".join(logs.output))
        self.assertEqual(self.look(key, "state"), "done")
        self.assertEqual(self.payload(key, "state", "acknowledgement_state"), ("applied", "failed"))

    def test_a_codec_may_find_that_no_receipt_is_wanted(self):
        RECEIPTS.answer = lambda envelope, verdicts: None
        key = self.deliver("a")
        self.work()
        self.assertEqual(self.payload(key, "acknowledgement_state"), ("none",))

    def test_a_worker_that_died_before_the_conclusion_is_caught_up_with(self):
        key = self.deliver("a", "b")
        self.patch(inbound, "conclude_after", lambda registry, ids: None)
        while self.work():
            pass
        self.assertEqual(self.payload(key, "state"), ("received",))
        waiting = self.deliver("not claimed yet")
        self.assertEqual(conclude_forgotten(self.registry), 1)
        self.assertEqual(self.payload(key, "state", "acknowledgement_state"), ("applied", "ready"))
        self.assertEqual(self.payload(waiting, "state"), ("received",))
        self.assertEqual(conclude_forgotten(self.registry), 0)

    def test_a_document_that_a_person_cancels_counts_as_not_taken(self):
        key = self.deliver("a", "b")
        self.work(1)
        with self.transaction() as env:
            first = env["interop.message"].search([("uuid", "=", key)])
            (first.interchange_id.message_ids - first).action_cancel("A test of cancelling")
        conclude_forgotten(self.registry)
        self.assertEqual(self.payload(key, "state"), ("mixed",))
        self.assertEqual(self.receipt(key)["taken"], [True, False])

    def test_a_message_that_waits_for_its_next_try_keeps_the_payload_open(self):
        def apply(model, document, message):
            raise TransientError("Not just now.")

        key = self.deliver("a")
        claimed = self.claimed()
        with self.handler(_apply=apply):
            inbound.handle_many(self.registry, claimed, "lane")
        self.assertEqual(self.payload(key, "state", "acknowledgement_state"), ("received", False))
        self.assertEqual(RECEIPTS.asked, [])

    def test_making_the_receipt_is_evidence_with_its_digest(self):
        key = self.deliver("a", "b")
        while self.work():
            pass
        [uuid] = self.payload(key, "uuid")
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT e.digest = c.digest FROM interop_audit_entry e "
                "JOIN interop_vault_content c ON c.uuid = e.subject AND c.kind = 'acknowledgement' "
                "WHERE e.act = 'interchange.acknowledged' AND e.subject = %s",
                [uuid],
            )
            self.assertEqual(cr.fetchall(), [(True,)])
