"""What the engine writes into the audit trail: enough to account for it, and never a value."""

import json
import uuid
from unittest.mock import patch

from ..engine import shapes
from ..engine.inbound import handle_many
from ..engine.maintenance import reap
from ..engine.outbound import prepare
from .common import WIRE, fail
from .inbound_common import InboundCase
from .test_engine_conclusion import RECEIPTS

PERSON = "Inés Canary-Quist"


class EvidenceCase(InboundCase):
    def entries(self, key):
        """What the trail says of one message, in order."""
        with self.transaction() as env:
            env.cr.execute(
                "SELECT act, digest, version_digest, details FROM interop_audit_entry "
                "WHERE subject = %s ORDER BY id",
                [key],
            )
            return [row | {"details": json.loads(row["details"])} for row in env.cr.dictfetchall()]

    def fields(self, entry):
        """(path, action) of the fields that an entry's shape names."""
        with self.transaction() as env:
            [(document, fields)] = env["interop.shapes"]._read([entry["details"]["shape"]]).values()
        self.assertEqual(document, "TestNote 1.0")
        return dict(fields)

    def version(self, flow):
        with self.transaction() as env:
            return env["interop.flow"].browse(self.world[flow]).version_id.digest

    def payload_digest(self, key):
        with self.transaction() as env:
            return env["interop.message"].search([("uuid", "=", key)]).interchange_id.digest


class TestEngineEvidence(EvidenceCase):
    def test_a_sent_message_has_one_entry_that_accounts_for_it(self):
        key = self.enqueue("E1", quantity=2, patient=PERSON)
        self.drain()
        [entry] = self.entries(key)
        self.assertEqual(entry["act"], "message.sent")
        self.assertEqual(entry["digest"], self.payload_digest(key))
        self.assertEqual(entry["version_digest"], self.version("out"))
        self.assertEqual(entry["details"]["connector"], f"test-{self.tag}")
        self.assertEqual(self.fields(entry), {"number": "send", "quantity": "send"})

    def test_a_message_that_came_in_has_two_entries_that_account_for_it(self):
        key = self.accept({"number": f"E2-{self.tag}", "patient": PERSON})
        with self.handled():
            self.drain()
        received, applied = self.entries(key)
        self.assertEqual((received["act"], applied["act"]), ("message.received", "message.applied"))
        for entry in (received, applied):
            self.assertEqual(entry["details"]["connector"], f"test-{self.tag}")
            self.assertEqual(entry["digest"], self.payload_digest(key))
            self.assertEqual(entry["version_digest"], self.version("in"))
        self.assertEqual(self.fields(applied), {"number": "taken", "patient": "taken"})

    def test_no_value_of_a_document_is_in_the_trail_or_in_a_shape(self):
        sent = self.enqueue("E3", patient=PERSON)
        came = self.accept({"number": f"E4-{self.tag}", "patient": PERSON})
        with self.handled():
            self.drain()
        with self.transaction() as env:
            env.cr.execute(
                "SELECT e::text FROM interop_audit_entry e WHERE subject = ANY(%s::uuid[]) "
                "UNION ALL SELECT shape FROM interop_audit_shape",
                [[sent, came]],
            )
            told = " ".join(text for (text,) in env.cr.fetchall())
        self.assertNotIn("Canary", told)
        self.assertNotIn("E3", told)

    def test_a_further_try_tells_the_fields_and_the_version_of_the_payload_made_before(self):
        WIRE.script = lambda body, tries: fail("transient", status=503) if tries < 2 else None
        key = self.enqueue("E5", quantity=1)
        self.drain()
        made_by = self.version("out")
        self.publish(purpose="supply")
        self.make_due()
        self.drain()
        self.assertNotEqual(self.version("out"), made_by)
        postponed, sent = self.entries(key)
        self.assertEqual((postponed["act"], sent["act"]), ("message.postponed", "message.sent"))
        self.assertEqual(self.fields(sent), {"number": "send", "quantity": "send"})
        self.assertEqual(sent["version_digest"], made_by)
        self.assertEqual(sent["digest"], self.payload_digest(key))

    def test_a_failed_try_says_whether_the_partner_may_have_it(self):
        told = {}
        for kind, facts in (
            ("uncertain", {}),
            ("partner", {"status": 422}),
            ("transient", {}),
        ):
            WIRE.script = lambda body, tries, kind=kind, facts=facts: fail(kind, **facts)
            key = self.enqueue(f"E6-{kind}")
            self.drain()
            told[kind] = self.entries(key)[-1]["details"].get("left")
        self.assertEqual(told, {"uncertain": "perhaps", "partner": "yes", "transient": None})

    def test_documents_of_one_payload_tell_each_their_own_fields(self):
        self.publish(batch_size=10, order_by="none")
        self.addCleanup(self.publish, batch_size=1, order_by="record")
        WIRE.script = lambda body, tries: fail("transient") if tries < 2 else None
        bodies = [{"number": "E7"}, {"number": "E8", "quantity": 3}]
        one, two = self.enqueue_many(bodies, [None] * 2)
        self.drain()
        self.make_due()
        self.drain()
        self.assertEqual(self.states([one, two]), ["done"] * 2)
        self.assertEqual(self.fields(self.entries(one)[-1]), {"number": "send"})
        self.assertEqual(self.fields(self.entries(two)[-1]), {"number": "send", "quantity": "send"})

    def publish(self, **values):
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.write(values)
            flow.action_publish()
            env.flush_all()
            env.cr.precommit.run()

    def test_a_shape_is_written_again_after_a_rollback(self):
        name = f"shape-{uuid.uuid4().hex}"
        shape = shapes.Shape(name, '{"document":"x","fields":[]}')
        with self.assertRaises(ZeroDivisionError), self.transaction() as env:
            shapes.keep_shapes(env, [shape])
            raise ZeroDivisionError
        with self.transaction() as env:
            self.assertFalse(env["interop.shapes"]._read([name]))
            shapes.keep_shapes(env, [shape])
        with self.transaction() as env:
            self.assertTrue(env["interop.shapes"]._read([name]))
            with patch.object(shapes, "run") as run:
                shapes.keep_shapes(env, [shape])
            run.assert_not_called()

    def test_shapes_cannot_be_changed(self):
        self.enqueue("E9")
        self.drain()
        for statement in (
            "UPDATE interop_audit_shape SET shape = ''",
            "DELETE FROM interop_audit_shape",
            "TRUNCATE interop_audit_shape",
        ):
            with self.assertRaisesRegex(Exception, "append-only"), self.registry.cursor() as cr:
                cr.execute(statement, log_exceptions=False)

    def test_what_was_prepared_by_a_worker_that_died_is_told_all_the_same(self):
        key = self.enqueue("E10", quantity=4)
        claimed = self.claim(lease=0.0)
        prepare(self.registry, claimed)
        reap(self.registry)
        self.make_due()
        self.drain()
        self.assertEqual(self.look(key, "state"), "done")
        self.assertEqual(self.fields(self.entries(key)[-1]), {"number": "send", "quantity": "send"})


class TestReceiptEvidence(EvidenceCase):
    """A payload of one document whose sender gets a receipt."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.transaction() as env:
            env["interop.connector"].browse(cls.world["connector"]).codec = RECEIPTS.code
            env["interop.flow"].browse(cls.world["in"]).action_publish()
            env.cr.precommit.run()

    def setUp(self):
        super().setUp()
        RECEIPTS.reset()

    def receipt_entries(self, key):
        with self.transaction() as env:
            interchange = env["interop.message"].search([("uuid", "=", key)]).interchange_id
            return [entry["act"] for entry in self.entries(interchange.uuid)]

    def receipt_digest(self, key):
        with self.transaction() as env:
            interchange = env["interop.message"].search([("uuid", "=", key)]).interchange_id
            env.cr.execute(
                "SELECT digest FROM interop_vault_content WHERE uuid = %s "
                "AND kind = 'acknowledgement'",
                [interchange.uuid],
            )
            return env.cr.fetchone()[0]

    def test_the_receipt_of_a_single_document_makes_no_entry_of_its_own(self):
        for number in (f"R1-{self.tag}", "unknown"):
            key = self.accept({"control": "7", "documents": [{"number": number}]})
            with self.handled():
                handle_many(self.registry, self.claimed(), "lane")
            received, ended = self.entries(key)
            self.assertEqual(received["act"], "message.received")
            self.assertEqual(ended["details"]["acknowledged"], self.receipt_digest(key))
            self.assertEqual(self.receipt_entries(key), [])

    def test_the_receipt_of_several_documents_is_an_entry_about_the_payload(self):
        key = self.accept({"control": "7", "documents": [{"number": "a"}, {"number": "b"}]})
        for _round in range(2):
            with self.handled():
                handle_many(self.registry, self.claimed(), "lane")
        self.assertEqual(self.receipt_entries(key), ["interchange.acknowledged"])
        self.assertNotIn("acknowledged", self.entries(key)[-1]["details"])
