"""The last look of a published version, from the snapshot's plain data."""

from unittest.mock import patch

from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.mapping.registry import MAPPERS

from .test_screening import plan_of, rule, shown

NOTE = {"number": "see 123-45-6789", "quantity": 3}
MAIL = {"number": "see m@n.example"}
SEND = rule("**", "send")


class TestGuarding(BaseCase):
    def test_version_from_before_the_guard_is_held(self):
        with self.assertRaises(PolicyError) as held:
            shown(plan_of(SEND), body=NOTE)
        self.assertIn("number (US Social Security number)", held.exception.sentence)
        self.assertNotIn("6789", held.exception.sentence)

    def test_masked_is_told_in_the_findings(self):
        screened = shown(plan_of(SEND, guard={"mode": "mask"}), body=NOTE)
        self.assertEqual(screened.body, {"number": "see [SSN]", "quantity": 3})
        self.assertEqual([(f.path, f.kind) for f in screened.findings], [("number", "ssn")])

    def test_clearance_and_residency_decide_what_is_looked_for(self):
        self.assertEqual(shown(plan_of(SEND), body=MAIL).body, MAIL)
        for plan in (
            plan_of(SEND, connector={"clearance": "confidential"}),
            plan_of(SEND, connector={"region": "DE"}),
            plan_of(SEND, connector={"region": None}),
            plan_of(SEND, residency=None),
        ):
            with self.assertRaises(PolicyError):
                shown(plan, body=MAIL)

    def test_each_company_has_its_own_guard(self):
        plan = plan_of(SEND, flow={"company": 0})
        self.assertEqual(shown(plan, company=1, body=MAIL).body, MAIL)
        with self.assertRaises(PolicyError):
            shown(plan, company=2, body=MAIL)

    def test_off_needs_clearance_and_a_reason(self):
        off = {"mode": "off", "reason": "The partner is our own laboratory."}
        self.assertEqual(shown(plan_of(SEND, guard=off), body=NOTE).body, NOTE)
        for guard, clearance in (({"mode": "off"}, "health"), (off, "personal")):
            with self.assertRaises(PolicyError):
                plan_of(SEND, guard=guard, connector={"clearance": clearance})

    def test_unusable_settings_are_said_when_the_version_is_compiled(self):
        for guard in ({"mode": "often"}, {"patterns": ["(a+)+"]}):
            with self.subTest(guard), self.assertRaises(PolicyError):
                plan_of(SEND, guard=guard)

    def test_patterns_are_the_published_ones(self):
        body = {"number": "for WB 12345"}
        looking = {"mode": "mask", "patterns": ["WB-#####"]}
        low = {"clearance": "confidential"}
        self.assertEqual(
            shown(plan_of(SEND, guard=looking, connector=low), body=body).body,
            {"number": "for [MRN]"},
        )
        self.assertEqual(shown(plan_of(SEND, connector=low), body=body).body, body)

    def test_name_that_the_policy_keeps_does_not_leave_in_another_field(self):
        body = {"number": "for Keller, Maria", "patient": "Maria Keller"}
        plan = plan_of(
            rule("number", "send"), guard={"mode": "mask"}, connector={"clearance": "confidential"}
        )
        self.assertEqual(shown(plan, body=body).body, {"number": "for [NAME]"})

    def test_what_a_mapping_puts_together_is_looked_at(self):
        mappers = {
            "identity": lambda snapshot: lambda body, lookup: dict(body),
            "joined": lambda snapshot: lambda body, lookup: {"N": "-".join(body.values())},
        }
        body = {"number": "123", "patient": "45-6789"}
        with patch.object(MAPPERS, "_items", mappers):
            with self.assertRaises(PolicyError):
                shown(plan_of(SEND, mapping={"code": "joined"}), body=body)
            harmless = {"number": "12", "patient": "45-6789"}
            self.assertEqual(
                shown(plan_of(SEND, mapping={"code": "joined"}), body=harmless).body,
                {"N": "12-45-6789"},
            )
