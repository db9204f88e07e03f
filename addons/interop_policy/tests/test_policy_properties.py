"""What holds for every policy and every document, tried on random ones."""

import copy

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.canonical import canonical_json
from odoo.addons.interop_document.lib.sensitivity import sensitivities
from odoo.addons.interop_document.tests.common import SCHEMAS
from odoo.addons.interop_document.tests.strategies import JSON, PROFILE, documents
from odoo.addons.interop_policy.lib.actions import ACTIONS
from odoo.addons.interop_policy.lib.policy import compile_policy, screen

from . import oracle
from .strategies import (
    FRAMES,
    HARMLESS,
    SHAPES,
    context,
    documents_of,
    paths_of,
    policies,
    values_of,
)

EVERYTHING = tuple(ACTIONS.codes())
# What the documents' texts begin with, so that conditions sometimes hold.
VALUES = tuple(f"Xq{number:05}z Keller@north.example" for number in range(1, 4))


class TestPolicyProperties(BaseCase):
    @settings(PROFILE, max_examples=400)
    @given(st.data(), st.booleans(), FRAMES)
    def test_quick_and_plain_evaluation_agree(self, data, junk, frame):
        """The compiled tree against the evaluator in `oracle`: same outcome or same stop."""
        shape = data.draw(SHAPES)
        fields = dict(paths_of(shape))
        rules = data.draw(policies(fields, EVERYTHING, VALUES))
        document = data.draw(documents_of(shape, junk=junk))
        compiled = compile_policy(rules, fields, frame)
        try:
            wanted = oracle.expected(rules, fields, document, frame, context())
        except oracle.Stopped:
            with self.assertRaises(PolicyError):
                screen(compiled, document, context())
            return
        self.assertEqual(screen(compiled, document, context()).body, wanted)

    @PROFILE
    @given(st.data(), st.booleans(), FRAMES)
    def test_value_that_is_not_sent_never_appears_in_the_bytes(self, data, junk, frame):
        """Every value of the document is a text of its own: only sent ones are in the bytes."""
        shape = data.draw(SHAPES)
        fields = dict(paths_of(shape))
        # What is redacted may show all of a text in which nothing was found.
        actions = tuple(code for code in HARMLESS if code != "redact")
        rules = data.draw(policies(fields, actions, VALUES))
        document = data.draw(documents_of(shape, junk=junk))
        screened = screen(compile_policy(rules, fields, frame), document, context())
        shown = canonical_json(screened.body)
        for path, value in values_of(document):
            rule = oracle.rule_for(rules, path, document, frame) if path in fields else None
            sent = (
                rule is not None
                and rule.action == "send"
                and not oracle.capped(rule, fields[path], frame)
            )
            if isinstance(value, str):
                self.assertEqual(value.split(" ")[0].encode() in shown, sent, path)

    @PROFILE
    @given(st.data(), FRAMES)
    def test_only_fields_that_a_rule_names_are_in_what_is_shown(self, data, frame):
        shape = data.draw(SHAPES)
        fields = dict(paths_of(shape))
        rules = data.draw(policies(fields, values=VALUES))
        document = data.draw(documents_of(shape, junk=True))
        compiled = compile_policy(rules, fields, frame)
        named = {path for path, decision in compiled.decided.items() if decision.rule}
        screened = screen(compiled, document, context())
        self.assertLessEqual({path for path, _value in values_of(screened.body)}, named)
        self._assert_within(screened.body, document)

    def _assert_within(self, part, whole):
        """`part` has only names and places that `whole` has."""
        match part:
            case dict() if part:
                self.assertIsInstance(whole, dict)
                self.assertLessEqual(set(part), set(whole))
                for name, inner in part.items():
                    self._assert_within(inner, whole[name])
            case list():
                self.assertIsInstance(whole, list)
                self.assertLessEqual(len(part), len(whole))
                if len(part) == len(whole):
                    for inner, original in zip(part, whole, strict=True):
                        self._assert_within(inner, original)

    @PROFILE
    @given(st.data(), JSON, FRAMES)
    def test_any_value_is_screened_alike_and_left_unchanged(self, data, anything, frame):
        """Pure and total: only a `PolicyError` may come, and then it comes each time."""
        shape = data.draw(SHAPES)
        fields = dict(paths_of(shape))
        compiled = compile_policy(data.draw(policies(fields, EVERYTHING, VALUES)), fields, frame)
        for document in (anything, data.draw(documents_of(shape, junk=True))):
            before = copy.deepcopy(document)
            first = self._screened(compiled, document)
            self.assertEqual(document, before)
            self.assertEqual(self._screened(compiled, document), first)

    def _screened(self, compiled, document):
        try:
            return screen(compiled, document, context())
        except PolicyError as stop:
            return stop.sentence

    @PROFILE
    @given(st.data(), FRAMES)
    def test_what_stops_a_message_names_a_path_and_no_value(self, data, frame):
        shape = data.draw(SHAPES)
        fields = dict(paths_of(shape))
        rules = data.draw(policies(fields, ("require", "refuse", "send")))
        document = data.draw(documents_of(shape, junk=True))
        outcome = self._screened(compile_policy(rules, fields, frame), document)
        if isinstance(outcome, str):
            self.assertTrue(any(outcome.startswith(path) for path in fields), outcome)
            self.assertNotIn("Keller", outcome)

    @PROFILE
    @given(st.data(), FRAMES)
    def test_each_value_is_counted_once(self, data, frame):
        shape = data.draw(SHAPES)
        fields = dict(paths_of(shape))
        document = data.draw(documents_of(shape))
        rules = data.draw(policies(fields, values=VALUES))
        screened = screen(compile_policy(rules, fields, frame), document, context())
        self.assertEqual(sum(screened.decisions.values()), len(list(values_of(document))))

    @PROFILE
    @given(st.data(), FRAMES)
    def test_tokens_tell_what_was_replaced_and_two_partners_share_none(self, data, frame):
        shape = data.draw(SHAPES)
        fields = dict(paths_of(shape))
        document = data.draw(documents_of(shape))
        compiled = compile_policy(data.draw(policies(fields, ("tokenise", "send"))), fields, frame)
        one, again, other = (
            screen(compiled, document, context(partner)).tokens for partner in "AAB"
        )
        self.assertEqual(one, again)
        self.assertEqual(
            [(token.path, token.clear) for token in one],
            [(token.path, token.clear) for token in other],
        )
        self.assertFalse({token.token for token in one} & {token.token for token in other})
        values = list(values_of(document))
        for token in one:
            self.assertIn((token.path, token.clear), values)
            self.assertNotIn(token.clear, repr(token))

    @PROFILE
    @given(st.data(), FRAMES)
    def test_result_shares_nothing_with_the_document(self, data, frame):
        """Changing the one later cannot change the other."""
        shape = data.draw(SHAPES)
        fields = dict(paths_of(shape))
        document = data.draw(documents_of(shape))
        compiled = compile_policy(data.draw(policies(fields)), fields, frame)
        shown = screen(compiled, document, context()).body
        self.assertFalse(_containers(shown) & _containers(document))

    @PROFILE
    @given(st.data(), FRAMES)
    def test_screening_what_was_screened_shows_no_more(self, data, frame):
        shape = data.draw(SHAPES)
        fields = dict(paths_of(shape))
        rules = data.draw(policies(fields, ("send", "drop", "constant")))
        compiled = compile_policy(rules, fields, frame)
        once = screen(compiled, data.draw(documents_of(shape))).body
        self.assertEqual(screen(compiled, once).body, once)

    @settings(PROFILE, max_examples=60)
    @given(st.data(), FRAMES)
    def test_real_orders_show_what_their_policy_says(self, data, frame):
        fields = sensitivities(SCHEMAS["PurchaseOrder"])
        order = data.draw(documents(SCHEMAS["PurchaseOrder"]))
        rules = data.draw(policies(fields))
        screened = screen(compile_policy(rules, fields, frame), order, context())
        self.assertEqual(screened.body, oracle.expected(rules, fields, order, frame, context()))


def _containers(value):
    """The identities of all groups and lists in `value`."""
    match value:
        case dict():
            inner = value.values()
        case list():
            inner = value
        case _:
            return set()
    return {id(value)}.union(*map(_containers, inner))
