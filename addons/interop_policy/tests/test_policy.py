import doctest
import json

from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.canonical import canonical_json
from odoo.addons.interop_document.lib.sensitivity import Sensitivity, sensitivities
from odoo.addons.interop_document.tests.common import SCHEMAS, example_of
from odoo.addons.interop_policy.lib import paths, policy
from odoo.addons.interop_policy.lib.conditions import parse
from odoo.addons.interop_policy.lib.policy import Frame, Rule, compile_policy, rules_of, screen
from odoo.addons.interop_policy.lib.residency import HERE
from odoo.addons.interop_policy.lib.rules import rule_facts

FIELDS = {
    "number": Sensitivity.internal,
    "notes": Sensitivity.confidential,
    "ship_to.name": Sensitivity.internal,
    "ship_to.contact.name": Sensitivity.personal,
    "ship_to.contact.pin": Sensitivity.secret,
    "lines[].quantity": Sensitivity.internal,
    "lines[].codes[]": Sensitivity.public,
}
BODY = {
    "number": "P1",
    "notes": "free text",
    "ship_to": {"name": "Store", "contact": {"name": "Maria Keller", "pin": "471147114711"}},
    "lines": [
        {"quantity": 1, "codes": ["a", "b"]},
        {"codes": []},
        {"quantity": 3},
    ],
}


def shown(*rules, clearance=Sensitivity.confidential, body=None):
    compiled = compile_policy([Rule(*rule) for rule in rules], FIELDS, Frame(clearance, HERE))
    return screen(compiled, BODY if body is None else body)


class TestPolicy(BaseCase):
    def test_examples_in_the_documentation_are_true(self):
        for module in (policy, paths):
            self.assertEqual(doctest.testmod(module).failed, 0)

    def test_without_rules_nothing_leaves(self):
        screened = shown()
        self.assertEqual(screened.body, {})
        self.assertEqual(screened.decisions, {"no_rule": 9})

    def test_sent_fields_leave_as_they_are(self):
        screened = shown(("number", "send"), ("ship_to.name", "send"))
        self.assertEqual(screened.body, {"number": "P1", "ship_to": {"name": "Store"}})

    def test_entries_of_a_list_keep_their_places(self):
        self.assertEqual(
            shown(("lines[].quantity", "send")).body,
            {"lines": [{"quantity": 1}, {}, {"quantity": 3}]},
        )

    def test_list_that_shows_nothing_vanishes(self):
        self.assertEqual(shown(("lines[].quantity", "drop")).body, {})

    def test_list_of_values_is_decided_as_one(self):
        self.assertEqual(
            shown(("lines[].codes[]", "send")).body, {"lines": [{"codes": ["a", "b"]}, {}, {}]}
        )

    def test_mask_shows_a_pattern_only(self):
        self.assertEqual(
            shown(("ship_to.contact.name", "mask", "initials")).body,
            {"ship_to": {"contact": {"name": "M. K."}}},
        )

    def test_mask_without_a_pattern_hides_everything(self):
        self.assertEqual(shown(("notes", "mask")).body, {"notes": "***"})

    def test_own_rule_comes_before_that_of_the_group_whatever_the_order(self):
        rules = (("*", "send"), ("notes", "drop"))
        for ordered in (rules, rules[::-1]):
            self.assertEqual(shown(*ordered).body, {"number": "P1"})

    def test_group_rule_is_for_its_own_fields_only(self):
        self.assertEqual(shown(("ship_to.*", "send")).body, {"ship_to": {"name": "Store"}})

    def test_clearance_caps_what_a_rule_sends(self):
        compiled = compile_policy(
            [Rule("ship_to.contact.*", "send"), Rule("number", "send")],
            FIELDS,
            Frame(Sensitivity.internal, HERE),
        )
        screened = screen(compiled, BODY)
        self.assertEqual(screened.body, {"number": "P1"})
        self.assertEqual(screened.decisions["above_clearance"], 2)
        self.assertEqual(len(compiled.warnings), 2)
        self.assertIn(
            "ship_to.contact.name (through ship_to.contact.*): a rule lets it leave, but it is "
            "personal and the connector is cleared for internal only",
            compiled.warnings[0],
        )

    def test_secret_field_does_not_leave_even_masked(self):
        screened = shown(("ship_to.contact.pin", "mask", "last4"))
        self.assertEqual(screened.body, {})
        self.assertEqual(screened.decisions["above_clearance"], 1)

    def test_secret_field_leaves_towards_a_connector_cleared_for_it(self):
        screened = shown(("ship_to.contact.pin", "send"), clearance=Sensitivity.secret)
        self.assertEqual(screened.body, {"ship_to": {"contact": {"pin": "471147114711"}}})

    def test_unknown_fields_never_leave_and_are_not_named(self):
        body = {"number": "P1", "Maria Keller": 1, "ship_to": {"Maria Keller": {"x": 1}}}
        screened = shown(("*", "send"), ("ship_to.*", "send"), body=body)
        self.assertEqual(screened.body, {"number": "P1"})
        self.assertEqual(
            screened.fields, (("?", "no_rule"), ("number", "send"), ("ship_to.?", "no_rule"))
        )

    def test_value_of_another_kind_than_declared_is_dropped(self):
        for body in (
            {"number": {"x": 1}},
            {"number": ["x"]},
            {"number": b"x"},
            {"ship_to": "x"},
            {"ship_to": [{"name": "x"}]},
            {"lines": {"quantity": 1}},
            {"lines": [["x"], "x", None]},
            [],
            "x",
        ):
            with self.subTest(body):
                rules = (("*", "send"), ("ship_to.*", "send"), ("lines[].*", "send"))
                self.assertEqual(shown(*rules, body=body).body, {})

    def test_decisions_are_counted_per_value_and_told_per_field(self):
        screened = shown(("lines[].quantity", "send"), ("notes", "drop"))
        self.assertEqual(screened.decisions, {"send": 2, "drop": 1, "no_rule": 6})
        self.assertIn(("lines[].quantity", "send"), screened.fields)
        self.assertIn(("ship_to.contact.name", "no_rule"), screened.fields)

    def test_coverage_is_the_share_of_named_fields(self):
        compiled = compile_policy(
            [Rule("*", "send"), Rule("lines[].quantity", "drop")],
            FIELDS,
            Frame(Sensitivity.internal, HERE),
        )
        self.assertEqual((compiled.named, len(compiled.decided)), (3, 7))
        self.assertAlmostEqual(compiled.coverage, 3 / 7)

    def test_rules_that_cannot_be_meant_are_refused_by_path(self):
        for rules, reason in (
            ([Rule("number", "execute")], "number: unknown action"),
            ([Rule("number", "")], "number: unknown action"),
            ([Rule("number", "mask", "rot13")], "number: unknown mask"),
            ([Rule("number", "send", "last4")], "number: only a mask has a pattern"),
            ([Rule("nummer", "send")], "nummer: the document type has no such field"),
            (
                [Rule("lines.quantity", "send")],
                r"lines.quantity: the document type has no such field. Is lines\[\].quantity meant",
            ),
            ([Rule("", "send")], "the document type has no such field"),
            ([Rule("ship_to", "send")], "ship_to: names a group of fields"),
            ([Rule("lines[]", "send")], r"lines\[\]: names a group of fields"),
            ([Rule("lines", "send")], "lines: names a group of fields"),
            ([Rule("party.*", "send")], "no field directly in this group"),
            ([Rule("ship_to.contact.name.*", "send")], "no field directly in this group"),
            ([Rule("lines.*", "send")], r"no field directly in this group. Is lines\[\].\* meant"),
            ([Rule("party.**", "send")], "no field below this group"),
            ([Rule("***", "send")], "no such field"),
            ([Rule("number", "send"), Rule("number", "drop")], "number: two rules name this path"),
        ):
            with self.subTest(rules), self.assertRaisesRegex(PolicyError, reason):
                compile_policy(rules, FIELDS, Frame(Sensitivity.secret, HERE))

    def test_two_stars_name_everything_below(self):
        self.assertEqual(
            shown(("ship_to.**", "send"), ("ship_to.contact.pin", "drop")).body,
            {"ship_to": {"name": "Store"}},
        )
        everything = shown(("**", "send"), clearance=Sensitivity.secret)
        # A list that shows nothing vanishes, and an empty one has nothing to show.
        self.assertEqual(everything.body["lines"][1], {})
        self.assertEqual(everything.body | {"lines": BODY["lines"]}, BODY)
        codes = {"lines": [{"codes": ["a", "b"]}, {}, {}]}
        self.assertEqual(shown(("lines[].*", "send"), ("lines[].quantity", "drop")).body, codes)

    def test_nearest_path_wins_whatever_the_order(self):
        rules = (
            ("**", "send"),
            ("ship_to.**", "drop"),
            ("ship_to.contact.*", "mask"),
            ("ship_to.contact.name", "mask", "initials"),
        )
        for ordered in (rules, rules[::-1]):
            self.assertEqual(
                shown(*ordered, clearance=Sensitivity.secret).body["ship_to"],
                {"contact": {"name": "M. K.", "pin": "***"}},
            )

    def test_defaults_are_the_strictest(self):
        compiled = compile_policy([Rule("**", "send")], FIELDS, Frame())
        self.assertEqual(screen(compiled, BODY).body, {"lines": [{"codes": ["a", "b"]}, {}, {}]})
        raised = compile_policy([Rule("**", "send")], FIELDS, Frame(Sensitivity.health))
        self.assertEqual(raised.decided["ship_to.contact.name"].decision, "outside_region")

    def test_snapshot_that_cannot_be_read_stops(self):
        for snapshot in (
            {},
            {"rules": [{"path": "number"}]},
            {"rules": [{"path": "number", "action": "send", "unless": "x"}]},
            {"rules": [3]},
            {"rules": [{"path": 3, "action": "send"}]},
            {"rules": [{"path": "number", "action": "send", "company": "all"}]},
            {"rules": [{"path": "number", "action": "tokenise", "reversible": "no"}]},
            {"rules": [{"path": "number", "action": "send", "conditions": ["number = 1"]}]},
            {"rules": [{"path": "number", "action": "send", "conditions": [{"path": "number"}]}]},
            {"rules": [{"path": "number", "action": "send", "conditions": 3}]},
            {"rules": None},
        ):
            with self.subTest(snapshot), self.assertRaises(PolicyError):
                rules_of(snapshot)

    def test_snapshot_gives_its_rules(self):
        rule = {"path": "number", "action": "mask", "pattern": "last4"}
        self.assertEqual(rules_of({"rules": [rule]}), (Rule("number", "mask", "last4"),))

    def test_rule_reads_from_a_snapshot_as_it_was_written(self):
        plain = Rule("number", "mask", "last4")
        self.assertEqual(
            rule_facts(plain), {"path": "number", "action": "mask", "pattern": "last4"}
        )
        full = Rule(
            "number", "tokenise", "digits", None, "12", True, "supply", 2, parse("notes in a, b")
        )
        stored = json.loads(json.dumps({"rules": [rule_facts(full), rule_facts(plain)]}))
        self.assertEqual(rules_of(stored), (full, plain))

    def test_everything_of_an_order_leaves_if_every_rule_says_so(self):
        fields = sensitivities(SCHEMAS["PurchaseOrder"])
        order = example_of("PurchaseOrder")
        compiled = compile_policy(
            [Rule(path, "send") for path in fields], fields, Frame(Sensitivity.secret, HERE)
        )
        self.assertEqual(canonical_json(screen(compiled, order).body), canonical_json(order))
        self.assertEqual(compiled.coverage, 1.0)
