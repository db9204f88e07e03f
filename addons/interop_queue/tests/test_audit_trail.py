"""Legal holds keep the trail too, and a partner may be told of its seals."""

import json
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.interop_audit.lib.evidence import anchor
from odoo.addons.interop_audit.tests.sealing import seal_all
from odoo.addons.interop_document.lib.document import Document

from .common import EngineCase
from .retention_common import RetentionCase

ANCHORS = "odoo.addons.interop_queue.models.interop_audit_anchors"
PAST = datetime(1950, 1, 1, tzinfo=UTC)


@tagged("post_install", "-at_install")
class TestHeldMonths(RetentionCase):
    def held(self, first, days=31):
        with self.transaction() as env:
            return env["interop.audit.retention"]._held(first, first + timedelta(days=days))

    def test_hold_keeps_every_month_that_ends_after_its_beginning(self):
        self.assertIsNone(self.held(PAST))
        self.hold(date_from=datetime(1950, 3, 5))
        self.assertIsNone(self.held(datetime(1950, 2, 1, tzinfo=UTC), 28))
        self.assertIn("legal hold", self.held(datetime(1950, 3, 1, tzinfo=UTC)))
        self.assertIn("legal hold", self.held(datetime(2020, 3, 1, tzinfo=UTC)))

    def test_hold_without_a_beginning_keeps_from_its_oldest_message_on(self):
        [message] = self.ended_outbound("1")
        created = self.look(message, "created_at").replace(tzinfo=UTC)
        self.hold(business_key="1")
        self.assertIsNone(self.held(created - timedelta(days=40), 31))
        self.assertIn("legal hold", self.held(created - timedelta(days=20), 31))

    def test_hold_that_covers_no_message_keeps_all(self):
        self.hold(business_key="a number that no message has")
        self.assertIn("legal hold", self.held(PAST))

    def test_lifted_hold_keeps_nothing(self):
        hold_id = self.hold(date_from=datetime(1950, 3, 5))
        with self.transaction() as env:
            hold = env["interop.legal.hold"].browse(hold_id)
            hold.lifted_reason = "The case is closed"
            hold.action_lift()
        self.assertIsNone(self.held(datetime(1950, 3, 1, tzinfo=UTC)))


@tagged("post_install", "-at_install")
class TestAnchorMessages(EngineCase):
    """The queue's part is replaced, as its own tests show what it does with documents."""

    def setUp(self):
        super().setUp()
        self.sent = []
        self.addCleanup(self.forget)
        with self.transaction() as env:
            env["interop.audit"]._record("test.anchor")
        seal_all(self.registry)
        with self.transaction() as env:
            env["interop.fence"]._arm("tests of anchors")

    def forget(self):
        with self.transaction() as env:
            env.cr.execute("DELETE FROM interop_audit_anchor")

    def deliver(self, flows=("some flow",)):
        def emit(_self, event, documents, **options):
            self.sent.append((event, documents[0], options["company_id"]))

        class Flow:
            company_id = False

        with (
            patch(
                "odoo.addons.interop_queue.models.interop_queue.InteropQueue._emit_documents", emit
            ),
            patch(
                "odoo.addons.interop_queue.models.interop_flow_publishing.InteropFlow._subscribed",
                lambda _self, event: tuple(Flow() for _flow in flows),
            ),
            self.transaction() as env,
        ):
            env["interop.audit.anchors"]._deliver_all()

    def test_newest_seal_is_sent_once_an_hour_at_most(self):
        self.deliver()
        [(event, document, company)] = self.sent
        self.assertEqual((event, document.name), ("audit.sealed", "AuditAnchor 1.0"))
        self.assertEqual(company, self.world["company"])
        self.deliver()
        self.assertEqual(len(self.sent), 1)
        with self.transaction() as env:
            env["interop.audit"]._record("test.anchor")
        seal_all(self.registry)
        with self.transaction() as env:
            env.cr.execute("SELECT max(number) FROM interop_audit_seal")
            newest = env.cr.fetchone()[0]
            env.cr.execute("UPDATE interop_audit_anchor SET last_at = last_at - interval '1 hour'")
        self.deliver()
        self.assertEqual(self.sent[1][1].body["seal"], newest)

    def test_document_is_valid_and_its_line_genuine(self):
        self.deliver()
        [(_event, document, _company)] = self.sent
        self.assertIsInstance(document, Document)
        anchored = anchor.parse(document.body["line"])
        self.assertTrue(anchored.is_signed_by(document.body["public_key"]))
        self.assertEqual(anchored.facts.number, document.body["seal"])
        with self.transaction() as env:
            schema_text = env["interop.document.type"].search([("code", "=", "AuditAnchor")])
            self.assertEqual(
                sorted(json.loads(schema_text.schema_text)["required"]), sorted(document.body)
            )

    def test_without_a_flow_that_listens_there_is_no_such_place(self):
        self.deliver(flows=())
        self.assertFalse(self.sent)
        with self.transaction() as env:
            self.assertFalse(env["interop.audit.anchor"].search([("target", "=", "connector")]))
