import json
from unittest.mock import patch

from odoo.addons.interop_queue.engine.rehearsing import _Run, rehearse
from odoo.addons.interop_queue.tests.inbound_common import InboundCase


class TestInboundRehearsal(InboundCase):
    """What was received, through today's version: as far as the document, never applied."""

    def received(self, *keys):
        with self.handled():
            self.drain()
        with self.transaction() as env:
            return [env["interop.message"].search([("uuid", "=", key)]).id for key in keys]

    def test_what_was_received_reads_as_it_did_then_and_is_not_applied_again(self):
        ids = self.received(self.accept({"number": "R1"}), self.accept({"number": "R2"}))
        with self.transaction() as env:
            env["res.partner"].search([("ref", "in", ["R1", "R2"])]).unlink()
        self.assertEqual([each.outcome for each in rehearse(self.registry, ids)], ["same"] * 2)
        self.assertEqual(self.partners("R1", "R2"), [0, 0])

    def test_a_draft_that_takes_in_less_shows_which_field(self):
        ids = self.received(self.accept({"number": "R3", "quantity": 3}))
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["in"])
            flow.policy_id = env["interop.policy"].create(
                {
                    "name": f"Number only {self.tag}",
                    "document_type_id": flow.document_type_id.id,
                    "area_id": flow.area_id.id,
                    "rule_ids": [(0, 0, {"path": "number", "action": "send"})],
                }
            )
        try:
            [live] = rehearse(self.registry, ids)
            [draft] = rehearse(self.registry, ids, "draft")
        finally:
            with self.transaction() as env:
                env["interop.flow"].browse(self.world["in"]).policy_id = False
        self.assertEqual(live.outcome, "same")
        self.assertEqual(draft.signature, "quantity (only then)")

    def test_a_payload_of_several_documents_is_read_once(self):
        raw = json.dumps([{"number": f"R{each}"} for each in range(6, 10)]).encode()
        first = self.accept(None, raw=raw)
        self.received(first)
        with self.transaction() as env:
            arrived = env["interop.message"].search([("uuid", "=", first)]).interchange_id
            ids = arrived.message_ids.sorted("position").ids
        self.assertEqual(len(ids), 4)
        with patch.object(_Run, "_decoded", autospec=True, side_effect=_Run._decoded) as decoded:
            found = rehearse(self.registry, ids)
        self.assertEqual([each.outcome for each in found], ["same"] * 4)
        self.assertEqual(decoded.call_count, 1)

    def test_what_cannot_be_read_says_why_and_the_others_are_looked_at(self):
        good, bad = self.accept({"number": "R4"}), self.accept(None, raw=b"{not json")
        ids = self.received(good, bad)
        found = rehearse(self.registry, ids)
        self.assertEqual([each.outcome for each in found], ["same", "impossible"])
        self.assertEqual(found[1].failure_class, "data")
        self.assertEqual(self.look(bad, "failure"), found[1].sentence)
