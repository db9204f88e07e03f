import doctest
import json
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_document.lib.document import Document

from ..lib import routing as lib_routing
from ..lib.subscription import Subscription
from .common import EVENT, build_world


class TestRouting(TransactionCase):
    """Flows about contacts; who takes which is said by conditions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        handler = patch.object(cls.registry["interop.handler"], "_composes", "res.partner")
        handler.start()
        cls.addClassCleanup(handler.stop)
        world = build_world(cls.env, "routing")
        cls.flow = world["out"]
        partners = cls.env["res.partner"]
        cls.cold = partners.create({"name": "Cold chain", "ref": "cold", "color": 2})
        cls.warm = partners.create({"name": "Warm", "ref": "warm", "color": 7})
        cls.child = partners.create({"name": "Child", "parent_id": cls.cold.id})

    def publish(self, flow=None, **settings):
        flow = flow or self.flow
        flow.write(settings)
        flow.action_publish()
        return flow

    def another(self, code, **settings):
        return self.publish(self.flow.copy({"name": code, "code": code}), **settings)

    def emit(self, *records):
        last = self.env["interop.message"].search([], order="id desc", limit=1).id or 0
        for record in records:
            self.env["interop.queue"]._emit(EVENT, record)
        return self.env["interop.message"].search([("id", ">", last)], order="id")

    def test_only_records_that_fit_the_condition_leave(self):
        self.publish(condition="[('color', '=', 2)]")
        self.assertEqual(self.emit(self.cold, self.warm).mapped("res_id"), [self.cold.id])

    def test_an_edited_condition_takes_effect_by_publishing_only(self):
        self.flow.condition = "[('color', '=', 2)]"
        self.assertTrue(self.flow.has_draft_changes)
        self.assertEqual(len(self.emit(self.warm)), 1)
        self.publish()
        self.assertEqual(len(self.emit(self.warm)), 0)

    def test_conditions_follow_relations_and_hierarchies(self):
        self.publish(
            condition=f"[('parent_id.ref', '=', 'cold'), ('id', 'child_of', {self.cold.id})]"
        )
        self.assertEqual(self.emit(self.cold, self.child).mapped("res_id"), [self.child.id])

    def test_one_search_judges_a_batch_and_none_is_made_without_a_condition(self):
        records = self.cold | self.warm | self.child
        routing = self.registry["interop.routing"]
        with patch.object(
            routing, "_fitting", autospec=True, side_effect=routing._fitting
        ) as found:
            self.emit(records)
            self.assertEqual(found.call_count, 0)
            self.publish(condition="[('color', '>', 1)]")
            self.emit(records)
            self.assertEqual(found.call_count, 1)

    def test_who_acts_does_not_matter(self):
        self.publish(condition="[('color', '=', 2)]")
        user = self.env["res.users"].create({"name": "Nobody", "login": "nobody@routing.example"})
        messages = self.emit(self.cold.with_user(user).with_context(active_test=True))
        self.assertEqual(messages.mapped("res_id"), [self.cold.id])

    def test_a_record_that_was_archived_is_judged_too(self):
        self.publish(condition="[('color', '=', 2)]")
        self.cold.active = False
        self.assertEqual(len(self.emit(self.cold)), 1)

    # -- groups ----------------------------------------------------------------------------------

    def test_without_a_group_each_fitting_flow_takes_the_record(self):
        other = self.another("second")
        self.assertEqual(self.emit(self.cold).flow_id, self.flow | other)

    def test_in_a_group_the_first_that_fits_takes_it_and_the_last_takes_the_rest(self):
        self.publish(route_group="warehouse", route_sequence=90)
        cold = self.another(
            "cold", route_group="warehouse", route_sequence=1, condition="[('color', '=', 2)]"
        )
        self.assertEqual(self.emit(self.cold).flow_id, cold)
        self.assertEqual(self.emit(self.warm).flow_id, self.flow)

    # -- what is broken --------------------------------------------------------------------------

    def broken(self):
        """As after an upgrade that took a field away."""
        self.publish(condition="[('color', '=', 2)]")
        flows = self.env["interop.flow"]._subscribed(EVENT)
        broken = tuple(flow._replace(condition=(("gone", "=", 1),)) for flow in flows)
        return patch.object(
            self.registry["interop.flow"], "_subscribed", lambda model, event: broken
        )

    def test_a_condition_that_breaks_loses_nothing_and_lets_nothing_out(self):
        with self.broken(), self.assertLogs("odoo.addons.interop_queue", "ERROR"):
            message = self.emit(self.cold)
        self.assertEqual(message.state, "dead")
        self.assertIn("could not be judged", message.failure)
        entry = self.env["interop.audit.entry"].search(
            [("act", "=", "event.not_routed"), ("subject", "=", message.uuid)]
        )
        self.assertEqual(len(entry), 1)

    def test_conditions_that_are_no_plain_domain_are_refused(self):
        for condition in (
            "[('user_id', '=', uid)]",
            "__import__('os')",
            "[('no_such_field', '=', 1)]",
            "[('parent_id.nothing', '=', 1)]",
            "[('color', 'any!', [])]",
            "[('color', '=', 'many')]",
            "{'color': 1}",
        ):
            with self.subTest(condition), self.assertRaises(ValidationError):
                self.flow.condition = condition
                self.flow.flush_recordset()
            self.flow.invalidate_recordset()

    def test_documents_without_a_record_cannot_pass_a_condition(self):
        self.publish(condition="[('color', '=', 2)]")
        with self.assertRaisesRegex(DataError, "condition"):
            self.env["interop.queue"]._emit_documents(
                EVENT, [Document("TestNote", "1.0", {"number": "1"}, "1")]
            )

    def test_versions_from_before_there_was_routing_take_all(self):
        facts = json.loads(self.flow.version_id.snapshot_id.text)
        for name in ("condition", "route_group", "route_sequence", "waits"):
            del facts["flow"][name]
        subscription = self.flow._subscription(facts)
        self.assertIsInstance(subscription, Subscription)
        self.assertEqual((subscription.condition, subscription.waits), ((), ()))

    def test_inbound_flows_have_no_condition(self):
        inbound = self.env["interop.flow"].search([("code", "=", "in-routing")])
        with self.assertRaises(ValidationError):
            inbound.condition = "[('color', '=', 2)]"
            inbound.flush_recordset()

    # -- trying ----------------------------------------------------------------------------------

    def trial(self, record, **values):
        trial = self.env["interop.routing.trial"].create(
            {"event": EVENT, "record": f"res.partner,{record.id}"} | values
        )
        trial.action_try()
        return {line.flow_id: line for line in trial.line_ids}

    def test_the_trial_tells_who_takes_a_record_and_why_not(self):
        self.publish(condition="[('color', '=', 2), ('parent_id', '=', False)]")
        self.assertEqual(self.trial(self.cold)[self.flow].takes, "yes")
        line = self.trial(self.warm)[self.flow]
        self.assertEqual(line.takes, "no")
        self.assertEqual(line.why, "Not met: Color Index is 2")

    def test_the_trial_takes_a_flow_as_it_is_edited(self):
        self.flow.condition = "[('color', '=', 2)]"
        self.assertEqual(self.trial(self.warm)[self.flow].takes, "yes")
        line = self.trial(self.warm, flow_id=self.flow.id)[self.flow]
        self.assertEqual(line.takes, "no")
        self.assertFalse(self.env["interop.message"].search([("flow_id", "=", self.flow.id)]))

    def test_the_trial_tells_which_flow_of_a_group_comes_first(self):
        self.publish(route_group="warehouse", route_sequence=90)
        self.another("early", route_group="warehouse", route_sequence=1)
        self.assertIn("comes first", self.trial(self.cold)[self.flow].why)

    def test_conditions_are_told_in_words(self):
        routing = self.env["interop.routing"]
        told = routing._told(
            self.env["res.partner"],
            ["|", ("parent_id", "in", self.cold.ids), ("parent_id.color", "!=", 3)],
        )
        self.assertEqual(
            told, "(Related Company is one of Cold chain or Related Company › Color Index is not 3)"
        )

    def test_waiting_for_oneself_is_refused(self):
        with self.assertRaises(UserError):
            self.flow.wait_ids = [(0, 0, {"needs_flow_id": self.flow.id})]
            self.flow.flush_recordset()

    def test_the_examples_in_the_text_hold(self):
        self.assertEqual(doctest.testmod(lib_routing).failed, 0)

    def test_who_changes_what_a_flow_waits_for_is_one_of_its_authors(self):
        manager = new_test_user(self.env, "routing-manager", "interop_base.group_manager")
        other = self.another("routing-other")
        wait = self.env["interop.flow.wait"].create(
            {"flow_id": self.flow.id, "needs_flow_id": other.id}
        )
        self.assertNotIn(manager, self.flow._authors())
        wait.with_user(manager).path = "parent_id"
        self.assertIn(manager, self.flow._authors())
