"""What holds for every policy and every document, tried on random ones."""

import copy

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_document.lib.canonical import canonical_json
from odoo.addons.interop_document.lib.sensitivity import Sensitivity, sensitivities
from odoo.addons.interop_document.tests.common import SCHEMAS
from odoo.addons.interop_document.tests.strategies import JSON, PROFILE, documents
from odoo.addons.interop_policy.lib.mask import MASKS
from odoo.addons.interop_policy.lib.policy import compile_policy, screen

from .strategies import CLASSES, SHAPES, documents_of, paths_of, policies, values_of


def expected(rules, sensitivity, path, clearance):
    """The decision for one field, written down a second time and as plainly as possible."""
    group = path.rpartition(".")[0]
    named = [rule for rule in rules if rule.path == path] or [
        rule for rule in rules if rule.path == (f"{group}.*" if group else "*")
    ]
    if not named:
        return "no_rule", None
    [rule] = named
    if rule.action == "drop":
        return "drop", None
    if rule.action == "mask" and (sensitivity < Sensitivity.secret or sensitivity <= clearance):
        return "mask", rule.pattern or "full"
    return ("send", None) if sensitivity <= clearance else ("above_clearance", None)


class TestPolicyProperties(BaseCase):
    @PROFILE
    @given(st.data(), st.booleans(), CLASSES)
    def test_field_without_a_rule_never_appears_in_the_bytes(self, data, junk, clearance):
        """Every value of the document is a text of its own: only sent ones are in the bytes."""
        shape = data.draw(SHAPES)
        fields = dict(paths_of(shape))
        rules = data.draw(policies(fields))
        document = data.draw(documents_of(shape, junk=junk))
        shown = canonical_json(screen(compile_policy(rules, fields, clearance), document).body)
        for path, value in values_of(document):
            known = path in fields
            decision = expected(rules, fields[path], path, clearance)[0] if known else "no_rule"
            mark = value.split(" ")[0] if isinstance(value, str) else None
            if mark:
                self.assertEqual(mark.encode() in shown, decision == "send", path)

    @PROFILE
    @given(st.data(), CLASSES)
    def test_each_value_leaves_as_its_rule_says(self, data, clearance):
        shape = data.draw(SHAPES)
        fields = dict(paths_of(shape))
        rules = data.draw(policies(fields))
        document = data.draw(documents_of(shape))
        screened = screen(compile_policy(rules, fields, clearance), document)
        wanted = []
        for path, value in values_of(document):
            decision, pattern = expected(rules, fields[path], path, clearance)
            self.assertIn((path, decision), screened.fields)
            if decision == "send":
                wanted.append((path, value))
            elif decision == "mask":
                wanted.append((path, MASKS[pattern](value)))
        self.assertEqual(list(values_of(screened.body)), wanted)
        self.assertEqual(sum(screened.decisions.values()), len(list(values_of(document))))

    @PROFILE
    @given(st.data(), CLASSES)
    def test_nothing_is_added(self, data, clearance):
        """What is shown has only names and places that the document has."""
        shape = data.draw(SHAPES)
        fields = dict(paths_of(shape))
        document = data.draw(documents_of(shape, junk=True))
        rules = data.draw(policies(fields))
        self._assert_within(
            screen(compile_policy(rules, fields, clearance), document).body, document
        )

    def _assert_within(self, part, whole):
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
    @given(st.data(), JSON, CLASSES)
    def test_any_value_is_screened_and_left_unchanged(self, data, anything, clearance):
        shape = data.draw(SHAPES)
        fields = dict(paths_of(shape))
        compiled = compile_policy(data.draw(policies(fields)), fields, clearance)
        for document in (anything, data.draw(documents_of(shape, junk=True))):
            before = copy.deepcopy(document)
            first = screen(compiled, document)
            self.assertEqual(document, before)
            self.assertEqual(screen(compiled, document), first)

    @PROFILE
    @given(st.data(), CLASSES)
    def test_result_shares_nothing_with_the_document(self, data, clearance):
        """Changing the one later cannot change the other."""
        shape = data.draw(SHAPES)
        fields = dict(paths_of(shape))
        document = data.draw(documents_of(shape))
        compiled = compile_policy(data.draw(policies(fields)), fields, clearance)
        shown = screen(compiled, document).body
        self.assertFalse(_containers(shown) & _containers(document))

    @PROFILE
    @given(st.data(), CLASSES)
    def test_screening_what_was_screened_shows_no_more(self, data, clearance):
        shape = data.draw(SHAPES)
        fields = dict(paths_of(shape))
        rules = [rule for rule in data.draw(policies(fields)) if rule.action != "mask"]
        compiled = compile_policy(rules, fields, clearance)
        once = screen(compiled, data.draw(documents_of(shape))).body
        self.assertEqual(screen(compiled, once).body, once)

    @settings(PROFILE, max_examples=60)
    @given(st.data(), CLASSES)
    def test_real_orders_show_what_their_policy_says(self, data, clearance):
        fields = sensitivities(SCHEMAS["PurchaseOrder"])
        order = data.draw(documents(SCHEMAS["PurchaseOrder"]))
        rules = data.draw(policies(fields))
        screened = screen(compile_policy(rules, fields, clearance), order)
        decided = {
            path: expected(rules, sensitivity, path, clearance)[0]
            for path, sensitivity in fields.items()
        }
        self.assertEqual(
            {path for path, _value in values_of(screened.body) if not path.endswith("]")},
            {path for path, _v in values_of(order) if decided[path] in ("send", "mask")},
        )


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
