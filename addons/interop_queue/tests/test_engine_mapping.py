"""Mappings in the running engine: out in the partner's shape, back in ours, codes translated."""

import json

from odoo.exceptions import UserError

from .common import WIRE
from .inbound_common import InboundCase


class TestEngineMapping(InboundCase):
    def map(self, way, *rows, policy=None):
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world[way])
            crosswalk = env["interop.crosswalk"].create(
                {
                    "name": "Kinds",
                    "code": f"kinds-{way}-{self._testMethodName}-{self.tag}",
                    "entry_ids": [(0, 0, {"ours": "note", "theirs": "NTZ"})],
                }
            )
            flow.mapping_id = env["interop.mapping"].create(
                {
                    "name": f"Test {way}",
                    "direction": way,
                    "document_type_id": flow.document_type_id.id,
                    "row_ids": [
                        (0, 0, {"sequence": place} | self.filled(row, crosswalk.id))
                        for place, row in enumerate(rows)
                    ],
                }
            )
            flow.action_publish()
            env.cr.precommit.run()
        self.addCleanup(self.unmap, way)
        return crosswalk.id

    @staticmethod
    def filled(row, crosswalk_id):
        return row | ({"crosswalk_id": crosswalk_id} if row.get("crosswalk_id") else {})

    def unmap(self, way):
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world[way])
            flow.mapping_id = False
            flow.action_publish()
            env.cr.precommit.run()

    def test_what_leaves_has_the_partners_shape_and_nothing_the_policy_removed(self):
        self.map(
            "out",
            {"target": "Kopf.Nr", "source": "number"},
            {"target": "Kopf.Art", "constant": "note", "crosswalk_id": True},
            {"target": "Menge", "source": "quantity", "converter": "number_text"},
            {"target": "Person", "source": "patient"},
            {"target": "Alles", "source": "@"},
        )
        self.enqueue("M1", quantity=2, patient="Ines Canary")
        self.drain()
        [(_key, body)] = WIRE.seen
        self.assertEqual(body["Kopf"], {"Nr": "M1", "Art": "NTZ"})
        self.assertEqual(body["Menge"], "2.00")
        self.assertNotIn("Canary", json.dumps(body))

    def test_a_code_that_is_not_mapped_is_a_dead_letter_and_runs_when_it_is_mapped(self):
        crosswalk = self.map("out", {"target": "Nr", "source": "number", "crosswalk_id": True})
        key = self.enqueue("SECRET-CODE")
        self.drain()
        state, kind, failure = self.look(key, "state", "failure_class", "failure")
        self.assertEqual((state, kind), ("dead", "data"))
        self.assertIn("not mapped yet: Nr", failure)
        self.assertNotIn("SECRET", failure)
        with self.transaction() as env:
            entry = {"ours": "SECRET-CODE", "theirs": "7"}
            env["interop.crosswalk"].browse(crosswalk).entry_ids = [(0, 0, entry)]
            env["interop.message"].search([("uuid", "=", key)]).action_redrive("mapped")
        self.drain()
        self.assertEqual(self.look(key, "state"), "done")
        self.assertEqual(WIRE.seen[-1][1], {"Nr": "7"})

    def test_what_comes_in_is_mapped_before_it_is_validated(self):
        self.map(
            "in",
            {"target": "number", "source": "Kopf.Nr"},
            {"target": "quantity", "source": "Menge", "converter": "text_number",
             "arguments": '{"point": ","}'},
        )  # fmt: skip
        number = f"in-{self.tag}"
        fine = self.accept({"Kopf": {"Nr": number}, "Menge": "2,5", "Fremd": 1})
        broken = self.accept({"Kopf": {"Nr": number}, "Menge": "viel"})
        with self.handled():
            self.drain()
        self.assertEqual([self.look(key, "state") for key in (fine, broken)], ["done", "dead"])
        self.assertEqual(self.partners(number), [1])
        failure = self.look(broken, "failure")
        self.assertEqual(failure, "Row 2 (quantity): a number is needed, and there is text.")

    def test_an_edited_mapping_touches_nothing_before_it_is_published(self):
        self.map("out", {"target": "Nr", "source": "number"})
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.mapping_id.row_ids.target = "Other"
        self.enqueue("M2")
        self.drain()
        self.assertEqual(WIRE.seen[-1][1], {"Nr": "M2"})

    def test_a_crosswalk_s_rules_hold_as_published_and_its_codes_as_they_are(self):
        crosswalk = self.map("out", {"target": "Nr", "source": "number", "crosswalk_id": True})
        with self.transaction() as env:
            env["interop.crosswalk"].browse(crosswalk).write(
                {"unknown_out": "default", "default_out": "OTHER", "ignore_case": True}
            )
        keys = [self.enqueue("NOTE"), self.enqueue("note"), self.enqueue("new")]
        self.drain()
        self.assertEqual(self.states(keys), ["dead", "done", "dead"])
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            self.assertTrue(flow.has_draft_changes)
            flow.action_publish()
            self.assertFalse(flow.has_draft_changes)
            entry = {"ours": "new", "theirs": "NEU"}
            env["interop.crosswalk"].browse(crosswalk).entry_ids = [(0, 0, entry)]
            env["interop.message"].search([("uuid", "=", keys[0])]).action_redrive()
            env["interop.crosswalk"].browse(crosswalk).default_out = "LATER"
        keys.append(self.enqueue("unknown"))
        self.drain()
        self.assertEqual(self.states(keys), ["done"] * 4)
        seen = sorted(body["Nr"] for _key, body in WIRE.seen)
        self.assertEqual(seen, ["NEU", "NTZ", "NTZ", "OTHER"])

    def test_a_version_from_before_rules_were_published_goes_by_the_present_ones(self):
        crosswalk = self.map("out", {"target": "Nr", "source": "number", "crosswalk_id": True})
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            old = flow._snapshot()
            old["mapping"].pop("crosswalks")
            flow.version_id = env["interop.flow.version"]._publish(flow, old)
            env["interop.crosswalk"].browse(crosswalk).unknown_out = "pass"
        self.enqueue("X9")
        self.drain()
        self.assertEqual(WIRE.seen[-1][1], {"Nr": "X9"})

    def test_a_mapping_for_another_direction_cannot_be_published(self):
        with self.assertRaisesRegex(UserError, "a mapping for this document and direction"):
            with self.transaction() as env:
                flow = env["interop.flow"].browse(self.world["out"])
                flow.mapping_id = env["interop.mapping"].create(
                    {
                        "name": "Wrong way",
                        "direction": "in",
                        "document_type_id": flow.document_type_id.id,
                        "row_ids": [(0, 0, {"target": "a", "constant": "b"})],
                    }
                )
                flow.action_publish()
