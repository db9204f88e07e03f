import json
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests.common import Form, TransactionCase, new_test_user

from .common import build_world

NOTE = {"number": "N1", "quantity": 3}


class SampleCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        world = build_world(cls.env, "sample-test")
        cls.flow, cls.inbound, cls.area = world["out"], world["in"], world["area"]
        cls.manager = new_test_user(
            cls.env, "sample-manager", groups="base.group_user,interop_base.group_manager"
        )
        cls.user = new_test_user(
            cls.env, "sample-user", groups="base.group_user,interop_base.group_user"
        )
        cls.user.interop_area_ids = cls.area

    def sample(self, body=None, flow=None, **values):
        return self.env["interop.sample"].create(
            {
                "name": "Case",
                "flow_id": (flow or self.flow).id,
                "given": json.dumps(body or NOTE),
                **values,
            }
        )

    def accepted(self, sample, user=None, reason="agreed with the partner"):
        action = sample.with_user(user or self.manager).action_ask_accept()
        wizard = (
            self.env[action["res_model"]].with_user(user or self.manager).browse(action["res_id"])
        )
        wizard.reason = reason
        wizard.action_accept()
        return wizard

    def entries(self, act):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT details, digest FROM interop_audit_entry WHERE act = %s ORDER BY id", [act]
        )
        return self.env.cr.fetchall()


class TestSample(SampleCase):
    def test_a_result_is_accepted_after_a_look_and_holds_until_something_changes_it(self):
        sample = self.sample(NOTE | {"patient": "Invented"})
        sample.action_run()
        self.assertEqual(sample.last_result, "difference")
        self.accepted(sample)
        self.assertEqual((sample.last_result, sample.accepted_by_id), ("same", self.manager))
        self.assertEqual(json.loads(sample.expected), NOTE)
        sample.action_run()
        self.assertEqual(sample.last_result, "same")
        self.flow.policy_id.rule_ids.filtered(lambda rule: rule.path == "quantity").unlink()
        sample.action_run()
        self.assertEqual(sample.last_result, "difference")
        self.assertEqual(sample.last_sentence, "1 value is not as expected: quantity.")
        self.assertIn("o_interop_diff_old", sample.diff_html)
        self.assertIn("not there", sample.diff_html)

    def test_acceptance_leaves_evidence_with_the_reason_and_no_content(self):
        sample = self.sample({"number": "SECRET-9"})
        self.accepted(sample, reason="as agreed in May")
        [(details, digest)] = self.entries("sample.accept")
        self.assertIn("as agreed in May", str(details))
        self.assertNotIn("SECRET-9", str(details))
        self.assertEqual(len(digest), 64)

    def test_acceptance_needs_a_manager_and_a_reason(self):
        sample = self.sample()
        with self.assertRaises(AccessError):
            sample.with_user(self.user).action_ask_accept()
        with self.assertRaises(UserError):
            self.accepted(sample, reason="  ")
        self.assertFalse(sample.expected)

    def test_what_was_not_looked_at_is_not_accepted(self):
        sample = self.sample()
        action = sample.with_user(self.manager).action_ask_accept()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        wizard.reason = "fine"
        self.flow.policy_id.rule_ids.filtered(lambda rule: rule.path == "quantity").unlink()
        with self.assertRaisesRegex(UserError, "changed since you looked"):
            wizard.action_accept()
        self.assertFalse(sample.expected)

    def test_a_failing_sample_has_nothing_to_accept(self):
        sample = self.sample({"quantity": 3})
        with self.assertRaisesRegex(UserError, "no result to accept"):
            sample.action_ask_accept()
        self.assertEqual(sample.last_result, "error")
        self.assertIn("number", sample.last_sentence)

    def test_what_tells_of_a_person_is_refused_wherever_it_stands(self):
        for values in (
            {"given": '{"number": "123-45-6789"}'},
            {"expected": '{"number": "123-45-6789"}'},
            {"why": "as for m@n.example"},
        ):
            with self.subTest(values), self.assertRaises(ValidationError) as caught:
                self.sample().write(values)
            self.assertIn("Samples are invented", str(caught.exception))
            self.assertNotIn("6789", str(caught.exception))

    def test_the_organisations_own_record_numbers_are_refused_too(self):
        self.sample({"number": "WB-12345"})
        self.env["interop.policy.pattern"].create(
            {"name": "Wristband", "template": "WB-#####", "sample": "WB-00001"}
        )
        with self.assertRaises(ValidationError):
            self.sample({"number": "WB-12345"})

    def test_a_sample_of_a_flow_that_is_not_complete_is_looked_at_too(self):
        self.inbound.connector_id.codec = False
        self.assertTrue(self.sample(flow=self.inbound))
        with self.assertRaises(ValidationError):
            self.sample({"number": "123-45-6789"}, flow=self.inbound)
        sample = self.sample(flow=self.inbound)
        sample.action_run()
        self.assertEqual(sample.last_result, "error")

    def test_a_sample_that_is_too_long_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "at most"):
            self.sample({"number": "N" * 300_000})

    def test_a_user_runs_samples_and_changes_none(self):
        sample = self.sample().with_user(self.user)
        sample.action_run()
        self.assertEqual(sample.last_result, "difference")
        with self.assertRaises(AccessError):
            sample.given = '{"number": "N2"}'

    def test_results_are_written_by_running_only(self):
        sample = self.sample(last_result="same", accepted_by_id=self.user.id)
        sample.last_result = "same"
        self.assertEqual((sample.last_result, bool(sample.accepted_by_id)), ("never", False))

    def test_a_changed_sample_has_not_been_run(self):
        sample = self.sample()
        self.accepted(sample)
        sample.given = '{"number": "N2"}'
        self.assertEqual((sample.last_result, sample.produced), ("never", False))
        self.assertEqual(sample.accepted_by_id, self.manager)
        sample.expected = '{"number": "N2"}'
        self.assertFalse(sample.accepted_by_id)

    def test_an_inbound_sample_shows_what_is_taken_in(self):
        sample = self.sample(flow=self.inbound)
        self.accepted(sample)
        self.assertEqual(json.loads(sample.expected), NOTE)

    def test_only_users_of_the_area_see_a_sample(self):
        sample = self.sample()
        stranger = new_test_user(
            self.env, "sample-stranger", groups="base.group_user,interop_base.group_user"
        )
        stranger.interop_area_ids = self.env.ref("interop_base.area_finance")
        with self.assertRaises(AccessError):
            sample.with_user(stranger).action_run()

    def test_the_form_sets_out_a_document_that_is_pasted(self):
        with Form(self.env["interop.sample"].with_context(default_flow_id=self.flow.id)) as form:
            form.name = "Pasted"
            form.given = '{"quantity":3,"number":"N1"}'
            self.assertIn('\n  "number": "N1"', form.given)


class TestSampleOfFlow(SampleCase):
    def test_codes_are_translated_as_they_are_today(self):
        crosswalk = self.env["interop.crosswalk"].create(
            {
                "name": "Kinds",
                "code": "sample-kinds",
                "entry_ids": [(0, 0, {"ours": "N1", "theirs": "X1"})],
            }
        )
        row = {"target": "Nr", "source": "number", "crosswalk_id": crosswalk.id}
        self.flow.mapping_id = self.env["interop.mapping"].create(
            {
                "name": "Test",
                "document_type_id": self.flow.document_type_id.id,
                "row_ids": [(0, 0, row)],
            }
        )
        sample = self.sample()
        self.accepted(sample)
        self.assertEqual(json.loads(sample.expected), {"Nr": "X1"})
        crosswalk.entry_ids.theirs = "X2"
        sample.action_run()
        self.assertEqual(sample.last_sentence, "1 value is not as expected: Nr.")
        crosswalk.entry_ids.unlink()
        sample.action_run()
        self.assertEqual(sample.last_result, "error")
        self.assertIn("not mapped yet: Nr", sample.last_sentence)

    def test_one_click_makes_a_sample_of_the_example(self):
        document_type = self.flow.document_type_id
        schema = json.loads(document_type.schema_text)
        schema["examples"] = [NOTE]
        document_type.schema_text = json.dumps(schema)
        action = self.flow.with_user(self.manager).action_sample_from_example()
        sample = self.env["interop.sample"].browse(action["res_id"])
        self.assertEqual(json.loads(sample.given), NOTE)
        self.assertEqual((sample.last_result, self.flow.sample_count), ("difference", 1))
        self.assertEqual(self.flow.sample_bad_count, 1)

    def test_the_example_of_each_document_type_makes_a_sample(self):
        types = self.env["interop.document.type"].search([("code", "!=", "TestNote")])
        self.assertTrue(types)
        for document_type in types.filtered("example_text"):
            with self.subTest(document_type.display_name):
                policy = self.env["interop.policy"].create(
                    {
                        "name": "All",
                        "document_type_id": document_type.id,
                        "area_id": self.area.id,
                        "rule_ids": [(0, 0, {"path": "**", "action": "send"})],
                    }
                )
                flow = self.flow.copy(
                    {
                        "code": f"x-{document_type.id}",
                        "document_type_id": document_type.id,
                        "policy_id": policy.id,
                        "guard": "mask",  # a location number may look like that of a card
                    }
                )
                flow.action_sample_from_example()
                self.assertEqual(
                    flow.sample_ids.last_result, "difference", flow.sample_ids.last_sentence
                )

    def test_without_an_example_it_says_what_to_do(self):
        with self.assertRaisesRegex(UserError, "no example"):
            self.flow.action_sample_from_example()
        with self.assertRaisesRegex(UserError, "Paste one"):
            self.inbound.action_sample_from_example()

    def test_a_mapping_has_the_samples_of_its_flows(self):
        mapping = self.env["interop.mapping"].create(
            {
                "name": "Test",
                "document_type_id": self.flow.document_type_id.id,
                "row_ids": [(0, 0, {"target": "Nr", "source": "number"})],
            }
        )
        self.flow.mapping_id = mapping
        sample = self.sample()
        self.accepted(sample)
        self.assertEqual(json.loads(sample.expected), {"Nr": "N1"})
        self.assertEqual((mapping.sample_count, mapping.sample_bad_count), (1, 0))
        mapping.row_ids.target = "Number"
        mapping.with_user(self.user).action_run_samples()
        mapping.invalidate_recordset()
        self.assertEqual(mapping.sample_bad_count, 1)
        self.assertEqual(
            mapping.action_view_samples()["domain"], [("flow_id", "in", self.flow.ids)]
        )


class TestSamplesOfChangedDrafts(SampleCase):
    """They run by themselves after a change, and only then."""

    def setUp(self):
        super().setUp()
        self.first = self.sample(name="Case")
        self.accepted(self.first)

    def run_changed(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=60.0):
            self.env["interop.sample"]._cron_run_changed()

    def test_what_passes_no_more_is_told_on_the_flow_with_the_sample_s_name(self):
        rules = self.flow.policy_id.rule_ids
        rules.filtered(lambda rule: rule.path == "quantity").action = "drop"
        self.run_changed()
        self.assertEqual(self.first.last_result, "difference")
        note = self.flow.message_ids[0]
        self.assertIn("do not pass since the last change: Case", note.body)
        self.run_changed()
        self.assertEqual(self.flow.message_ids[0], note, "told once")

    def test_without_a_change_nothing_is_run(self):
        self.run_changed()
        before = self.first.ran_over
        with patch.object(type(self.first), "_tried", side_effect=AssertionError("it was run")):
            self.run_changed()
        self.assertEqual(self.first.ran_over, before)

    def test_a_changed_sample_is_run_again(self):
        self.first.given = json.dumps(NOTE | {"number": "N2"})
        self.run_changed()
        self.assertEqual(self.first.last_result, "difference")

    def test_a_changed_code_of_a_crosswalk_counts_as_a_change(self):
        crosswalk = self.env["interop.crosswalk"].create(
            {
                "name": "Kinds",
                "code": "changed-kinds",
                "entry_ids": [(0, 0, {"ours": NOTE["number"], "theirs": "X1"})],
            }
        )
        row = {"target": "Nr", "source": "number", "crosswalk_id": crosswalk.id}
        self.flow.mapping_id = self.env["interop.mapping"].create(
            {
                "name": "Kinds",
                "document_type_id": self.flow.document_type_id.id,
                "direction": "out",
                "row_ids": [(0, 0, row)],
            }
        )
        self.run_changed()
        self.accepted(self.first)
        crosswalk.entry_ids.theirs = "X2"
        self.run_changed()
        self.assertEqual(self.first.last_result, "difference")
        self.assertIn("X2", self.first.produced)
