"""Documents side by side with what a policy shows of them."""

from dataclasses import replace

from odoo.tests.common import BaseCase, tagged

from odoo.addons.interop_document.lib.fields import walk_fields
from odoo.addons.interop_document.lib.sensitivity import Sensitivity, sensitivities
from odoo.addons.interop_policy.lib.guard import Finding
from odoo.addons.interop_policy.lib.policy import Frame, Rule, compile_policy, screen
from odoo.addons.interop_policy.lib.residency import HERE

from ..lib.view import decisions_of, differences_of, entries_of, looks, only

TEXT = {"type": "string", "x-sensitivity": "internal"}
SCHEMA = {
    "type": "object",
    "properties": {
        "number": TEXT | {"title": "Number"},
        "tags": {"type": "array", "items": TEXT},
        "notes": {"type": "array", "items": TEXT},
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"gtin": TEXT, "lot": TEXT},
            },
        },
        "ship_to": {"type": "object", "properties": {"name": TEXT, "phone": TEXT}},
    },
}
BODY = {
    "number": "N-1",
    "tags": ["red", "blue"],
    "notes": ["secret words"],
    "lines": [{"gtin": "G0", "lot": "L0"}, {"lot": "L1"}, {"gtin": "G2", "strange": "S"}],
    "ship_to": {"name": "Ines Canary", "phone": "555"},
    "extra": {"deep": "E"},
}
RULES = (
    Rule("number", "send"),
    Rule("tags[]", "send"),
    Rule("notes[]", "drop"),
    Rule("lines[].gtin", "send"),
    Rule("ship_to.*", "mask", "initials"),
)


def compiled(*rules):
    return compile_policy(rules, sensitivities(SCHEMA), Frame(Sensitivity.health, HERE))


def entries(tell_clear=True, tell_shown=True, body=None, findings=()):
    body = BODY if body is None else body
    policy = compiled(*RULES)
    screened = replace(screen(policy, body), findings=findings)
    return entries_of(
        walk_fields(SCHEMA),
        body,
        screened,
        decisions_of(policy, screened),
        tell_clear=tell_clear,
        tell_shown=tell_shown,
    )


def values(found):
    return {value.place: value for entry in found for value in entry.values()}


@tagged("interop_lib")
class TestView(BaseCase):
    def test_every_value_stands_beside_what_is_shown_of_it(self):
        found = values(entries())
        shown = {place: (each.clear, each.shown, each.decision) for place, each in found.items()}
        self.assertEqual(
            shown,
            {
                "number": ("N-1", "N-1", "send"),
                "tags[0]": ("red", "red", "send"),
                "tags[1]": ("blue", "blue", "send"),
                "notes[0]": ("secret words", None, "drop"),
                "lines[0].gtin": ("G0", "G0", "send"),
                "lines[0].lot": ("L0", None, "no_rule"),
                "lines[1].lot": ("L1", None, "no_rule"),
                "lines[2].gtin": ("G2", "G2", "send"),
                "lines[2].?": ("S", None, "no_rule"),
                "ship_to.name": ("Ines Canary", "I. C.", "mask"),
                "ship_to.phone": ("555", "***", "mask"),
                "?": ('{"deep": "E"}', None, "no_rule"),
            },
        )

    def test_the_rule_that_decided_is_named(self):
        found = values(entries())
        self.assertEqual(found["ship_to.name"].rule, "ship_to.*")
        self.assertEqual(found["ship_to.name"].pattern, "initials")
        self.assertEqual(found["lines[0].lot"].rule, "")

    def test_what_may_not_be_told_is_not_there(self):
        for clear, shown in ((False, True), (True, False), (False, False)):
            for each in values(entries(clear, shown)).values():
                self.assertTrue(clear or each.clear is None)
                self.assertTrue(shown or each.shown is None)
        hidden = {place for place, each in values(entries(False, False)).items() if each.hidden}
        self.assertEqual(hidden, {"notes[0]", "lines[0].lot", "lines[1].lot", "lines[2].?", "?"})

    def test_what_the_last_look_found_is_told_with_its_place_to_who_may_see_what_leaves(self):
        findings = (
            Finding("tags[1]", "phone"), Finding("tags[1]", "email"), Finding("tags[1]", "phone"),
        )  # fmt: skip
        found = values(entries(findings=findings))
        self.assertEqual(found["tags[1]"].found, "Telephone number, E-mail address")
        self.assertEqual(found["tags[0]"].found, "")
        self.assertEqual(values(entries(tell_shown=False, findings=findings))["tags[1]"].found, "")

    def test_names_from_outside_are_not_repeated(self):
        self.assertNotIn("strange", repr(entries()))
        self.assertNotIn("extra", repr(entries()))

    def test_values_are_in_no_representation(self):
        for value in ("Ines", "secret words", "G0"):
            self.assertNotIn(value, repr(entries()))

    def test_what_is_not_of_the_documents_shape_is_hidden(self):
        found = values(
            entries(body={"number": {"a": 1}, "tags": "red", "lines": [7], "ship_to": ["x"]})
        )
        self.assertEqual(set(found), {"number", "tags", "lines[0]", "ship_to"})
        for each in found.values():
            self.assertEqual((each.hidden, each.shown, each.decision), (True, None, "no_rule"))

    def test_a_stranger_in_a_list_does_not_shift_its_neighbours(self):
        found = values(entries(body={"tags": ["red", {"no": "tag"}, "blue"]}))
        self.assertEqual([each.shown for each in found.values()], ["red", None, "blue"])

    def test_counts_and_filters(self):
        found = entries()
        lines = next(entry for entry in found if entry.place == "lines")
        self.assertEqual(lines.tally, {"send": 2, "no_rule": 3})
        self.assertEqual(set(values(only(found, "changed"))), {"ship_to.name", "ship_to.phone"})
        self.assertEqual(
            set(values(only(found, "unnamed"))), {"lines[0].lot", "lines[1].lot", "lines[2].?", "?"}
        )
        self.assertIn("notes[0]", values(only(found, "dropped")))
        self.assertEqual(values(only(found, "all")), values(found))

    def test_policies_are_compared_field_by_field(self):
        other = compiled(*RULES[1:], Rule("number", "mask", "full"), Rule("lines[].lot", "send"))
        found = differences_of(compiled(*RULES), other)
        self.assertEqual(
            [(each.path, each.here, each.there) for each in found],
            [("number", "send", "mask"), ("lines[].lot", "no_rule", "send")],
        )

    def test_a_decision_nobody_has_heard_of_looks_like_a_change(self):
        self.assertEqual(looks("tokenise").css, "o_interop_changed")
        self.assertEqual(looks("no_rule").css, "o_interop_unnamed")
