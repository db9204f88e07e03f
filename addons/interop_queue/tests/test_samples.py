"""Golden samples on plans made of plain data: no database."""

import doctest
import json

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_connector.lib.codec import CODECS

from ..lib import samples
from ..lib.samples import DIFFERENCE, ERROR, SAME, TRIAL, Sample, run, trial_plan
from .test_screening import KEY, base_of, rule

SEND = rule("**", "send")
NOTE = {"number": "N1", "quantity": 3}

NAMES = st.text("xyz", max_size=2)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text("abé", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(NAMES, JSON, max_size=4)


def plan_of(*rules, **snapshot):
    return trial_plan(json.dumps(base_of(*rules, **snapshot)))


def suspected(sample, plan, **more):
    return samples.suspicions(sample, plan.flow["direction"], plan.validator.fields, plan, **more)


def of(body, expected=""):
    return Sample(json.dumps(body), expected, 1)


def row(target, source="", **more):
    return {"target": target, "source": source, **more}


class TestRun(BaseCase):
    def test_the_examples_in_the_text_hold(self):
        self.assertEqual(doctest.testmod(samples).failed, 0)

    def test_what_is_not_accepted_yet_is_a_difference_and_accepted_it_is_the_same(self):
        plan = plan_of(SEND)
        first = run(of(NOTE), plan)
        self.assertEqual(first.outcome, DIFFERENCE)
        self.assertIn("Nothing is accepted as expected yet", first.sentence)
        self.assertEqual(run(of(NOTE, first.produced), plan).outcome, SAME)

    def test_only_what_the_policy_leaves_is_in_the_payload(self):
        verdict = run(of(NOTE | {"patient": "Invented"}), plan_of(rule("number", "send")))
        self.assertEqual(json.loads(verdict.produced), {"number": "N1"})

    def test_a_changed_value_is_told_by_path_and_as_a_diff(self):
        verdict = run(of(NOTE, '{"quantity": 4, "number": "N1"}'), plan_of(SEND))
        self.assertEqual(verdict.outcome, DIFFERENCE)
        [change] = verdict.changes
        self.assertEqual((change.path, change.expected, change.produced), ("quantity", "4", "3"))
        self.assertIn('-  "quantity": 4', verdict.diff)
        self.assertIn('+  "quantity": 3', verdict.diff)
        self.assertEqual(verdict.sentence, "1 value is not as expected: quantity.")

    def test_a_mapped_payload_is_what_is_compared(self):
        rows = [row("Kopf.Nr", "number"), row("Menge", "quantity", converter="number_text")]
        mapping = {"code": "rows", "name": "M", "direction": "out", "rows": rows}
        verdict = run(of(NOTE), plan_of(SEND, mapping=mapping))
        self.assertEqual(json.loads(verdict.produced), {"Kopf": {"Nr": "N1"}, "Menge": "3.00"})

    def test_what_the_flow_would_refuse_is_an_error_with_its_sentence(self):
        for sample, part in (
            (of({"quantity": 3}), "number"),
            (of(NOTE | {"number": "see 123-45-6789"}), "Social Security"),
            (Sample("{", ""), "look at line 1"),
            (Sample("[]", ""), "must be a JSON object"),
        ):
            with self.subTest(part):
                verdict = run(sample, plan_of(SEND))
                self.assertEqual(verdict.outcome, ERROR)
                self.assertIn(part, verdict.sentence)
                self.assertNotIn("6789", verdict.sentence)

    def test_a_fault_of_a_codec_is_told_without_its_words(self):
        plan = plan_of(SEND)
        codec = type(CODECS.get("json"))
        self.patch(codec, "encode", lambda *_: {}["N1"])
        self.assertIn("(KeyError)", run(of(NOTE), plan).sentence)
        self.assertNotIn("N1", run(of(NOTE), plan).sentence)

    def test_several_documents_travel_together(self):
        plan = plan_of(SEND)
        self.assertEqual(json.loads(run(of([NOTE, NOTE]), plan).produced), [NOTE, NOTE])

    def test_tokens_and_what_is_encrypted_are_the_same_each_time_and_in_each_database(self):
        rules = [rule("number", "tokenise"), rule("patient", "encrypt"), rule("quantity", "send")]
        body = NOTE | {"patient": "Invented"}
        texts = [
            run(of(body), plan_of(*rules, connector={"recipient_key": KEY})).produced
            for _twice in range(2)
        ]
        self.assertEqual(*texts)
        shown = json.loads(texts[0])
        self.assertRegex(shown["patient"], "^encrypted:[0-9a-f]{16}$")
        self.assertNotIn("N1", shown["number"])

    def test_the_day_stands_still(self):
        plan = plan_of(SEND)
        self.assertEqual(plan.policy.context(1, None).today, TRIAL.today)


class TestInbound(BaseCase):
    FLOW = {"direction": "in", "handler": "test_note_in"}
    ROWS = [row("number", "Kopf.Nr"), row("quantity", "Menge")]

    def plan(self, *rules, **snapshot):
        mapping = {"code": "rows", "name": "M", "direction": "in", "rows": self.ROWS}
        policy = {} if rules else {"policy": None}
        return plan_of(*rules, flow=self.FLOW, mapping=mapping, **policy, **snapshot)

    def test_a_payload_becomes_the_document_that_is_taken_in(self):
        verdict = run(of({"Kopf": {"Nr": "N1"}, "Menge": 3}), self.plan())
        self.assertEqual(json.loads(verdict.produced), NOTE)

    def test_what_the_policy_says_we_must_not_receive_is_not_in_it(self):
        plan = self.plan(rule("number", "send"), rule("quantity", "drop"))
        verdict = run(of({"Kopf": {"Nr": "N1"}, "Menge": 3}), plan)
        self.assertEqual(json.loads(verdict.produced), {"number": "N1"})

    def test_what_cannot_be_decoded_or_is_not_valid_is_an_error(self):
        for sample in (Sample("{", ""), of({"Menge": 3}), of({"Kopf": {"Nr": "N1"}, "Menge": -1})):
            self.assertEqual(run(sample, self.plan()).outcome, ERROR)

    def test_an_invented_payload_passes_and_a_number_of_a_person_is_found_anywhere(self):
        fine = of({"Kopf": {"Nr": "N1"}, "Menge": 3, "Memo": "two boxes"})
        self.assertEqual(suspected(fine, self.plan()), ())
        for body in (
            {"Kopf": {"Nr": "N1"}, "Memo": "123-45-6789"},
            {"Kopf": {"Nr": "123-45-6789"}},
        ):
            found = suspected(of(body), self.plan())
            self.assertEqual({each.kind for each in found}, {"ssn"}, body)
        mail = of({"Kopf": {"Nr": "N1"}, "Memo": "m@n.example"}, "")
        self.assertTrue(suspected(mail, self.plan()))
        broken = Sample("NTE|123-45-6789|\r", "")
        self.assertTrue(suspected(broken, self.plan()))


class TestInvented(BaseCase):
    def test_numbers_and_addresses_of_people_are_found_whatever_the_connector_is_cleared_for(self):
        plan = plan_of(SEND, connector={"clearance": "health"})
        for text in ("see 123-45-6789", "ask m@n.example", "MRN 8675309"):
            found = suspected(of({"number": text}), plan)
            self.assertTrue(found, text)
            sentence = samples.refusal(found)
            self.assertIn("number (", sentence)
            self.assertNotIn(text.split()[1], sentence)
        self.assertEqual(samples.refusal(suspected(of(NOTE), plan)), "")

    def test_what_is_expected_and_why_are_looked_at_too(self):
        plan = plan_of(SEND)
        self.assertTrue(suspected(of(NOTE, '{"x": "123-45-6789"}'), plan))
        self.assertTrue(suspected(of(NOTE), plan, why="as for 123-45-6789"))

    def test_values_of_the_document_types_own_examples_are_known_to_be_invented(self):
        """A location number (GLN) may look like the number of a card."""
        sample = of({"number": "4000002000004", "quantity": 7})
        self.assertEqual([each.kind for each in suspected(sample, plan_of(SEND))], ["card"])
        examples = [{"number": "4000002000004"}]
        self.assertEqual(suspected(sample, plan_of(SEND), examples=examples), ())
        other = of({"number": "4000002000004 and 123-45-6789"})
        self.assertTrue(suspected(other, plan_of(SEND), examples=examples))

    def test_a_number_of_a_person_is_found_as_a_number_too(self):
        for value in (1234567893, [1234567893], 1234567893.0):
            found = suspected(of({"number": value}), plan_of(SEND))
            self.assertEqual([each.kind for each in found], ["npi"], value)


class TestCompare(BaseCase):
    @given(OBJECTS, OBJECTS)
    def test_there_are_changes_exactly_if_the_values_differ(self, one, other):
        verdict = samples.compare(json.dumps(one), json.dumps(other))
        same = samples.canonical_json(one) == samples.canonical_json(other)
        self.assertEqual(verdict.outcome == SAME, same)
        self.assertEqual(bool(verdict.changes), not same)
        self.assertEqual(bool(verdict.diff), not same)

    @given(st.text(max_size=60) | OBJECTS.map(json.dumps))
    def test_setting_out_twice_changes_nothing(self, text):
        self.assertEqual(samples.readable(samples.readable(text)), samples.readable(text))

    @given(OBJECTS)
    def test_neither_order_nor_blanks_matter(self, body):
        text = json.dumps(dict(reversed(body.items())), separators=(",", ":"))
        self.assertEqual(samples.compare(text, json.dumps(body, indent=3)).outcome, SAME)

    def test_one_and_one_point_nought_are_different_values(self):
        [change] = samples.compare('{"a": 1}', '{"a": 1.0}').changes
        self.assertEqual((change.expected, change.produced), ("1", "1.0"))

    def test_what_came_or_went_has_no_other_side(self):
        changes = samples.compare('{"a": [1], "b": null}', '{"a": [1, 2]}').changes
        self.assertEqual(
            [(each.path, each.expected, each.produced) for each in changes],
            [("a[1]", None, "2"), ("b", "null", None)],
        )

    def test_an_unseen_line_end_is_a_difference(self):
        self.assertEqual(samples.compare("A\nB", "A\r\nB").outcome, DIFFERENCE)
        self.assertEqual(samples.compare("A\nB\n", "A\nB").outcome, SAME)
