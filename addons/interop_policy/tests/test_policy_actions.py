from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.sensitivity import Sensitivity
from odoo.addons.interop_policy.lib.conditions import parse
from odoo.addons.interop_policy.lib.policy import Frame, Rule, compile_policy, screen
from odoo.addons.interop_policy.lib.residency import HERE

from .strategies import context
from .test_policy import BODY, FIELDS, shown


class TestPolicyActions(BaseCase):
    """What single actions, conditions, purposes and companies do, by example."""

    def test_required_field_is_sent_and_must_be_everywhere(self):
        self.assertEqual(shown(("number", "require")).body, {"number": "P1"})
        for path, body in (
            ("number", {}),
            ("number", {"number": None}),
            ("number", {"number": " "}),
            ("number", {"number": {"x": 1}}),
            ("number", []),
            ("ship_to.name", {}),
            ("ship_to.name", {"ship_to": {}}),
            ("ship_to.name", {"ship_to": "x"}),
            ("lines[].quantity", {}),
            ("lines[].quantity", {"lines": []}),
            ("lines[].quantity", {"lines": [{"quantity": 1}, {}]}),
            ("lines[].quantity", {"lines": [{"quantity": 1}, "x"]}),
            ("lines[].codes[]", {"lines": [{"codes": []}]}),
        ):
            with self.subTest(path, body=body), self.assertRaises(PolicyError) as caught:
                shown((path, "require"), body=body)
            self.assertIn(f"{path} is required by the policy's rule {path}", str(caught.exception))
        self.assertEqual(
            shown(("lines[].quantity", "require"), body={"lines": [{"quantity": 0}]}).body,
            {"lines": [{"quantity": 0}]},
        )

    def test_required_field_above_the_clearance_stops_the_message(self):
        rules = [Rule("ship_to.contact.name", "require")]
        compiled = compile_policy(rules, FIELDS, Frame(Sensitivity.internal, HERE))
        self.assertEqual(compiled.decided["ship_to.contact.name"].decision, "blocked")
        self.assertIn("so the message stops", compiled.warnings[0])
        for body in (BODY, {}):
            with self.assertRaisesRegex(PolicyError, "ship_to.contact.name: a rule lets it leave"):
                screen(compiled, body)

    def test_refused_field_stops_the_message_unless_it_is_empty(self):
        for body in (BODY, {"ship_to": {"contact": {"pin": {"x": 1}}}}):
            with self.assertRaises(PolicyError) as caught:
                shown(("ship_to.contact.*", "refuse"), body=body)
            sentence = caught.exception.sentence
            self.assertRegex(sentence, r"ship_to\.contact\.\w+ must not be in the document")
            self.assertIn("rule ship_to.contact.* refuses it", sentence)
            self.assertNotIn("4711", sentence)
        for pin in (None, "", " "):
            body = {"ship_to": {"contact": {"pin": pin}}}
            self.assertEqual(shown(("ship_to.contact.*", "refuse"), body=body).body, {})

    def test_constant_stands_where_the_field_was(self):
        for pattern, parameter, value in (
            (None, "see contract", "see contract"),
            ("text", "007", "007"),
            ("number", "0", 0),
            ("number", "1.5", 1.5),
            ("boolean", "false", False),
            ("null", None, None),
        ):
            rule = Rule("ship_to.contact.pin", "constant", pattern, parameter=parameter)
            compiled = compile_policy([rule], FIELDS, Frame())
            self.assertEqual(screen(compiled, BODY).body, {"ship_to": {"contact": {"pin": value}}})
            self.assertEqual(screen(compiled, {"number": "P1"}).body, {})

    def test_tokens_are_told_with_their_places(self):
        rules = [
            Rule("lines[].codes[]", "tokenise", reversible=True),
            Rule("number", "tokenise", "digits", parameter="10"),
        ]
        compiled = compile_policy(rules, FIELDS, Frame(Sensitivity.public, HERE))
        screened = screen(compiled, BODY, context())
        self.assertEqual(
            [(token.path, token.clear, token.reversible) for token in screened.tokens],
            [("number", "P1", False), *(("lines[].codes[]", each, True) for each in "ab")],
        )
        self.assertEqual(
            [token.token for token in screened.tokens],
            [screened.body["number"], *screened.body["lines"][0]["codes"]],
        )
        with self.assertRaisesRegex(PolicyError, "no key"):
            screen(compiled, BODY)
        self.assertNotIn("P1", repr(screened))

    def test_encrypting_without_a_key_stops_rather_than_leave(self):
        compiled = compile_policy([Rule("notes", "encrypt")], FIELDS, Frame())
        self.assertEqual(compiled.keyless, ("notes",))
        with self.assertRaisesRegex(PolicyError, "notes is to be encrypted"):
            screen(compiled, BODY)
        self.assertEqual(screen(compiled, {"number": "P1"}).body, {})

    def test_first_rule_whose_condition_holds_decides(self):
        rules = [
            Rule("notes", "send", conditions=parse("number = P1")),
            Rule("notes", "mask", conditions=parse("number in P2, P3")),
        ]
        compiled = compile_policy(rules, FIELDS, Frame(Sensitivity.confidential, HERE))
        for number, notes in (
            ("P1", "x"),
            ("P2", "***"),
            ("P3", "***"),
            ("P4", None),
            (None, None),
        ):
            body = {"notes": "x"} | ({"number": number} if number else {})
            self.assertEqual(screen(compiled, body).body.get("notes"), notes, number)
        self.assertEqual(compiled.decided["notes"].decision, "depends")
        self.assertEqual(
            [(each.decision, each.when) for each in compiled.alternatives["notes"]],
            [("send", "number = P1"), ("mask", "number in P2, P3"), ("not_met", "")],
        )
        self.assertEqual((compiled.named, compiled.leaving), (1, 1))

    def test_rule_that_does_not_hold_does_not_hand_on_to_a_wider_one(self):
        rules = [Rule("*", "send"), Rule("notes", "send", conditions=parse("number = P2"))]
        compiled = compile_policy(rules, FIELDS, Frame(Sensitivity.confidential, HERE))
        self.assertEqual(screen(compiled, BODY).body, {"number": "P1"})

    def test_purpose_and_company_are_settled_when_compiling(self):
        rules = [
            Rule("notes", "drop", purpose="marketing"),
            Rule("notes", "mask", company=2),
            Rule("notes", "send", purpose="supply"),
        ]
        for company, purpose, decision in (
            (1, "supply", "send"),
            (1, "marketing", "drop"),
            (2, "supply", "mask"),
            (2, "marketing", "drop"),
            (1, "", "not_met"),
        ):
            frame = Frame(Sensitivity.confidential, HERE, company, purpose)
            compiled = compile_policy(rules, FIELDS, frame)
            self.assertEqual(compiled.decided["notes"].decision, decision)
            self.assertEqual((compiled.tests, compiled.alternatives), ((), {}))

    def test_conditional_requirement_counts_only_when_it_holds(self):
        rules = [
            Rule("notes", "require", conditions=parse("number = P1")),
            Rule("notes", "send"),
        ]
        compiled = compile_policy(rules, FIELDS, Frame(Sensitivity.confidential, HERE))
        self.assertEqual(screen(compiled, {"number": "P2"}).body, {})
        with self.assertRaises(PolicyError):
            screen(compiled, {"number": "P1"})

    def test_rules_that_cannot_be_told_apart_are_refused(self):
        for rules, reason in (
            (
                [
                    Rule("number", "send", purpose="supply"),
                    Rule("number", "mask", purpose="supply"),
                ],
                "two rules name this path",
            ),
            (
                [Rule("number", "send"), Rule("number", "drop", conditions=parse("notes = x"))],
                "never gets its turn",
            ),
            (
                [
                    Rule("number", "send", conditions=parse("notes = x")),
                    Rule("number", "drop", company=2, conditions=parse("notes = x; number = 1")),
                ],
                "never gets its turn",
            ),
            ([Rule("number", "send", conditions=parse("colour = x"))], "Condition colour"),
            ([Rule("number", "send", company=9, conditions=parse("colour = x"))], "colour"),
            ([Rule("number", "hash", reversible=True)], "only a token can come back"),
            ([Rule("number", "hash", parameter="x")], "takes no parameter"),
            ([Rule("number", "generalise", "band")], "bands need rising amounts"),
            ([Rule("number", "generalise", "year", parameter="1")], "only bands"),
            ([Rule("number", "tokenise", "digits", parameter="5")], "10 to 18 digits"),
            ([Rule("number", "tokenise", parameter="12")], "only a token of digits"),
            ([Rule("number", "constant")], "the constant needs a value"),
            ([Rule("number", "constant", "number", parameter="x")], "number: "),
            ([Rule("number", "constant", "number", parameter="1, 2")], "number: "),
            ([Rule("number", "constant", "boolean", parameter="yes")], "needs a value"),
        ):
            with self.subTest(reason), self.assertRaisesRegex(PolicyError, reason):
                compile_policy(rules, FIELDS, Frame())
