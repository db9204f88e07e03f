"""The editor shows what the pipeline would: rows see only what a flow's policy leaves."""

import json

from .test_content_reading import DOCUMENT, ReadingCase


class TestMappingEditor(ReadingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mapping = cls.env["interop.mapping"].create(
            {
                "name": "Notes to them",
                "direction": "out",
                "document_type_id": cls.flow.document_type_id.id,
            }
        )
        cls.flow.mapping_id = cls.mapping
        cls.rows = [
            {"target": "Nr", "source": "number"},
            {"target": "Who", "source": "patient"},
            {"target": "All", "source": "@"},
        ]

    def tried(self, flow=None):
        chosen = self.flow.id if flow is None else flow
        return self.mapping.editor_try(self.rows, json.dumps(DOCUMENT), flow_id=chosen)

    def test_flows_that_use_the_mapping_and_have_a_policy_are_offered(self):
        opened = self.mapping.editor_open()
        self.assertEqual([each["id"] for each in opened["flows"]], [self.flow.id])
        self.flow.mapping_id = False
        self.assertEqual(self.mapping.editor_open()["flows"], [])

    def test_it_opens_with_a_golden_sample_if_a_flow_that_uses_the_mapping_has_one(self):
        before = self.mapping.editor_open()["example"]
        given = json.dumps({"number": "N7"})
        sample = self.env["interop.sample"].create(
            {"name": "Case", "flow_id": self.flow.id, "given": given}
        )
        self.assertNotEqual(self.mapping.editor_open()["example"], before)
        self.assertEqual(json.loads(self.mapping.editor_open()["example"]), {"number": "N7"})
        sample.active = False
        self.assertEqual(self.mapping.editor_open()["example"], before)

    def test_a_field_that_the_policy_removed_is_in_no_result(self):
        told = self.tried()
        self.assertNotIn("Ines", json.dumps(told["result"]))
        self.assertIn("Nr", [line["name"] for line in told["result"]["lines"]])
        [decided] = [each for each in told["decided"] if each["row"] == 2]
        self.assertEqual(decided["code"], "no_rule")
        [node] = [each for each in told["tree"] if each["path"] == "patient"]
        self.assertEqual(node["decision"]["code"], "no_rule")

    def test_without_a_flow_the_whole_document_is_mapped(self):
        self.assertIn("Ines", json.dumps(self.tried(flow=0)["result"]))

    def test_what_the_policy_stops_is_told_and_nothing_is_mapped(self):
        self.flow.policy_id.rule_ids = [(0, 0, {"path": "patient", "action": "refuse"})]
        told = self.tried()
        self.assertTrue(told["policy"])
        self.assertNotIn("Ines", told["policy"])
        self.assertIsNone(told["result"])

    def test_tokens_on_the_screen_are_made_up_and_tell_nothing_of_the_partners(self):
        number = self.flow.policy_id.rule_ids.filtered(lambda rule: rule.path == "number")
        number.write({"action": "tokenise", "pattern": "letters"})

        def shown():
            told = self.tried()
            self.assertEqual(
                [each["code"] for each in told["decided"] if each["row"] == 1], ["tokenise"]
            )
            lines = told["result"]["lines"]
            return next(line["value"] for line in lines if line["name"] == "Nr")

        self.assertNotIn("Canary", shown())
        self.assertNotEqual(shown(), shown(), "nobody can try values until a known token comes")

    def test_a_flow_of_another_mapping_cannot_be_asked(self):
        self.flow.mapping_id = False
        self.assertIn("does not use this mapping", self.tried()["policy"])
