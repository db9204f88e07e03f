import doctest

from odoo.tests import BaseCase

from odoo.addons.interop_document.lib.sensitivity import Sensitivity
from odoo.addons.interop_policy.lib import residency
from odoo.addons.interop_policy.lib.policy import Frame, Rule, compile_policy
from odoo.addons.interop_policy.lib.residency import HERE, Residency, residency_of

FIELDS = {
    "city": Sensitivity.confidential,
    "phone": Sensitivity.personal,
    "finding": Sensitivity.health,
}
ALL = tuple(Sensitivity)


def decisions(action, pattern=None, parameter=None, **frame):
    frame = {"clearance": Sensitivity.health, "encrypt": str} | frame
    rules = [Rule(path, action, pattern, parameter=parameter) for path in FIELDS]
    compiled = compile_policy(rules, FIELDS, Frame(**frame))
    return [decision.decision for decision in compiled.decided.values()]


class TestResidency(BaseCase):
    def test_examples_in_the_documentation_are_true(self):
        self.assertEqual(doctest.testmod(residency).failed, 0)

    def test_personal_and_health_data_have_lists_of_their_own(self):
        lists = {"personal": ["US", "DE"], "health": ["US"]}
        for region, admitted in (("US", 6), ("DE", 4), ("FR", 3), ("", 3), (None, 3)):
            found = [s for s in ALL if residency_of(region, lists).admits(s)]
            self.assertEqual(len(found), admitted, region)

    def test_what_a_published_version_does_not_say_is_the_strictest(self):
        for region in ("US", "", None):
            self.assertFalse(residency_of(region, None).admits(Sensitivity.personal))
            self.assertFalse(residency_of(region, {}).admits(Sensitivity.health))
        self.assertFalse(Residency("", frozenset({""}), frozenset({""})).admits(Sensitivity.health))
        self.assertTrue(all(HERE.admits(sensitivity) for sensitivity in ALL))

    def test_outside_the_regions_nothing_leaves_that_points_to_a_person(self):
        elsewhere = residency_of("FR", {"personal": ["DE"], "health": ["DE"]})
        for action, pattern in (
            ("send", None),
            ("redact", None),
            ("mask", "last4"),
            ("mask", "initials"),
            ("mask", "domain"),
            ("tokenise", None),
            ("hash", None),
            ("encrypt", None),
            ("generalise", "month"),
        ):
            with self.subTest(action, pattern=pattern):
                self.assertEqual(
                    decisions(action, pattern, residency=elsewhere),
                    [action, "outside_region", "outside_region"],
                )
                self.assertEqual(decisions(action, pattern, residency=HERE), [action] * 3)
        for action, pattern, parameter in (
            ("mask", "full", None),
            ("mask", None, None),
            ("generalise", "year", None),
            ("generalise", "age", None),
            ("generalise", "zip3", None),
            ("generalise", "band", "1, 2"),
            ("constant", "text", "x"),
        ):
            with self.subTest(action, pattern=pattern):
                self.assertEqual(
                    decisions(action, pattern, parameter, residency=elsewhere), [action] * 3
                )

    def test_required_field_that_must_not_leave_stops_every_message(self):
        elsewhere = residency_of("FR", {"personal": ["DE"], "health": ["DE"]})
        self.assertEqual(
            decisions("require", residency=elsewhere), ["require", "blocked", "blocked"]
        )
