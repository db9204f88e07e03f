"""A published version's policy at work, from the snapshot's plain data."""

import copy
import hmac
import json

from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.failures import DataError, PolicyError
from odoo.addons.interop_document.lib.document import Document

from ..lib.plan import compile_plan
from .common import EVENT, SCHEMA, WIRE

BODY = {"number": "N1", "quantity": 3, "patient": "Maria Keller"}
US, DE = {"personal": ["US"], "health": ["US"]}, {"personal": ["DE"], "health": ["DE"]}
KEY = {"kty": "OKP", "crv": "X25519", "x": "Q5A4CnqKIrjornvVnVzomyoqUVzKYz9HymC5kav-MXo"}


def keyed(label, data):
    return hmac.digest(b"a key of tests", label.encode() + data, "sha256")


def rule(path, action, pattern=None, **more):
    return {"path": path, "action": action, "pattern": pattern, **more}


def plan_of(*rules, **snapshot):
    return compile_plan("d", json.dumps(base_of(*rules, **snapshot)))


def base_of(*rules, flow=(), connector=(), **snapshot):
    """The snapshot of a published version, as plain data."""
    return {
        "format": 1,
        "flow": {
            "code": "notes",
            "direction": "out",
            "event": EVENT,
            "handler": "test_note_out",
            "company": 1,
            "purpose": "supply",
            "retry_strategy": "exponential",
            "retry_max_attempts": 3,
            "batch_size": 1,
            **dict(flow),
        },
        "document_type": {"code": "TestNote", "version": "1.0", "schema": SCHEMA},
        "mapping": {"code": "identity"},
        "policy": {"name": "Notes", "rules": list(rules)},
        "connector": {
            "code": "notes",
            "system": 7,
            "clearance": "health",
            "region": "US",
            "transport": WIRE.code,
            "codec": "json",
            **dict(connector),
        },
        "residency": {"1": US, "2": DE},
        **snapshot,
    }


def shown(plan, company=1, body=None):
    return plan.shown(Document("TestNote", "1.0", copy.deepcopy(body or BODY)), company, keyed)


class TestScreening(BaseCase):
    def test_what_the_policy_leaves_is_shown(self):
        screened = shown(plan_of(rule("**", "send"), rule("quantity", "drop")))
        self.assertEqual(screened.body, {"number": "N1", "patient": "Maria Keller"})
        self.assertEqual(screened.decisions, {"send": 2, "drop": 1})

    def test_region_of_the_connector_caps_what_leaves(self):
        for region in ("DE", None):
            plan = plan_of(rule("**", "send"), connector={"region": region})
            self.assertEqual(shown(plan).body, {"number": "N1", "quantity": 3})

    def test_each_company_has_its_own_regions_and_rules(self):
        plan = plan_of(
            rule("number", "send", company=2),
            rule("number", "mask"),
            rule("patient", "send"),
            flow={"company": 0},
        )
        self.assertEqual(shown(plan, 1).body, {"number": "***", "patient": "Maria Keller"})
        self.assertEqual(shown(plan, 2).body, {"number": "N1"})
        # A company that came after the version was published is in no list.
        self.assertEqual(shown(plan, 3).body, {"number": "***"})
        self.assertEqual(shown(plan, None).body, {"number": "***"})

    def test_version_from_before_regions_is_the_strictest_and_goes_on(self):
        plan = plan_of(
            rule("number", "send"),
            rule("patient", "mask", "initials"),
            connector={"region": None},
            residency=None,
        )
        del plan.policy.connector["region"]
        self.assertEqual(shown(plan).body, {"number": "N1"})

    def test_tokens_are_for_the_system_and_the_purpose(self):
        made = set()
        for connector, flow in (
            ({}, {}),
            ({"code": "other"}, {}),
            ({"system": 8}, {}),
            ({}, {"purpose": "analytics"}),
            ({}, {"purpose": ""}),
        ):
            plan = plan_of(
                rule("patient", "tokenise", reversible=True), connector=connector, flow=flow
            )
            [token] = shown(plan).tokens
            self.assertEqual((token.path, token.clear), ("patient", "Maria Keller"))
            made.add(token.token)
        # Two connectors of one system are one partner.
        self.assertEqual(len(made), 4)

    def test_rule_for_another_purpose_does_not_hold(self):
        plan = plan_of(rule("number", "send", purpose="treatment"), rule("quantity", "send"))
        self.assertEqual(shown(plan).body, {"quantity": 3})

    def test_value_decides_where_a_rule_says_so(self):
        condition = {"path": "number", "operator": "eq", "values": ["N1"]}
        plan = plan_of(rule("quantity", "send", conditions=[condition]), rule("number", "send"))
        self.assertEqual(shown(plan).body, {"number": "N1", "quantity": 3})
        self.assertEqual(shown(plan, body=BODY | {"number": "N2"}).body, {"number": "N2"})

    def test_encrypting_needs_the_recipients_key_when_it_is_published(self):
        with self.assertRaisesRegex(PolicyError, "patient is to be encrypted"):
            plan_of(rule("patient", "encrypt"))
        plan = plan_of(rule("patient", "encrypt"), connector={"recipient_key": KEY})
        self.assertRegex(shown(plan).body["patient"], r"^[\w-]+(\.[\w-]+){4}$")

    def test_stop_is_a_failure_of_the_policy_and_names_no_value(self):
        for rules, reason in (
            ([rule("patient", "refuse")], "patient must not be in the document"),
            ([rule("patient", "require")], "so the message stops"),
        ):
            plan = plan_of(*rules, connector={"clearance": "internal"})
            with self.assertRaisesRegex(PolicyError, reason) as caught:
                shown(plan)
            self.assertEqual(caught.exception.failure_class, "policy")
            self.assertNotIn("Keller", caught.exception.sentence)

    def test_document_is_validated_before_it_is_screened(self):
        with self.assertRaises(DataError):
            shown(plan_of(rule("**", "send")), body={"quantity": 3})


class TestTakenIn(BaseCase):
    def plan(self, *rules):
        return plan_of(
            *rules,
            flow={"direction": "in", "handler": "test_note_in"},
            connector={"clearance": "internal", "region": None},
        )

    def test_what_must_not_be_received_is_dropped(self):
        taken = self.plan(rule("**", "send"), rule("patient", "drop")).taken_in(BODY, 1, keyed)
        self.assertEqual(taken.body, {"number": "N1", "quantity": 3})

    def test_what_comes_in_is_capped_by_neither_clearance_nor_region(self):
        self.assertEqual(self.plan(rule("**", "send")).taken_in(BODY, 1, keyed).body, BODY)

    def test_document_with_a_refused_field_is_refused_as_a_whole(self):
        plan = self.plan(rule("**", "send"), rule("patient", "refuse"))
        with self.assertRaisesRegex(PolicyError, "patient must not be in the document"):
            plan.taken_in(BODY, 1, keyed)
        self.assertEqual(plan.taken_in({"number": "N1"}, 1, keyed).body, {"number": "N1"})

    def test_document_without_a_required_field_is_refused(self):
        plan = self.plan(rule("**", "send"), rule("quantity", "require"))
        with self.assertRaisesRegex(PolicyError, "quantity is required by the policy's rule"):
            plan.taken_in({"number": "N1"}, 1, keyed)

    def test_without_a_policy_all_of_it_is_taken_in(self):
        plan = plan_of(flow={"direction": "in", "handler": "test_note_in"}, policy=None)
        self.assertEqual(plan.taken_in(BODY).body, BODY)
