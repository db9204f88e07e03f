from odoo.exceptions import UserError, ValidationError
from odoo.tests.common import TransactionCase, new_test_user

from ..lib.chains import chain_key
from .common import build_world


class TestFlow(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        world = build_world(cls.env, "flow-test")
        cls.flow, cls.area, cls.connector = world["out"], world["area"], world["connector"]
        cls.inbound = world["in"]

    def test_publishing_makes_the_flow_live_with_a_numbered_version(self):
        self.assertEqual(self.flow.state, "live")
        self.assertEqual(self.flow.version_id.number, 1)
        self.assertEqual(len(self.flow.version_id.digest), 64)

    def test_publishing_the_same_again_makes_no_second_version(self):
        self.flow.action_publish()
        self.assertEqual(len(self.flow.version_ids), 1)

    def test_a_change_is_a_draft_until_it_is_published(self):
        self.flow.retry_max_attempts = 3
        self.assertTrue(self.flow.has_draft_changes)
        _version, plan = self.env["interop.flow.version"]._plan_of(self.flow.id)
        self.assertEqual(plan.retry.max_attempts, 12)
        self.flow.action_publish()
        _version, plan = self.env["interop.flow.version"]._plan_of(self.flow.id)
        self.assertEqual(plan.retry.max_attempts, 3)
        self.assertEqual(self.flow.version_id.number, 2)

    def test_event_order_and_connector_of_a_draft_do_not_touch_what_is_live(self):
        self.flow.write(
            {
                "event": False,
                "order_by": "flow",
                "connector_id": self.connector.copy({"code": "another"}).id,
            }
        )
        partner = self.env["res.partner"].create({"name": "Test supplier"})
        self.assertEqual(self.env["interop.queue"]._emit("test.note.ready", partner), 1)
        message = self.env["interop.message"].search([("res_id", "=", partner.id)], limit=1)
        self.assertEqual(message.connector_id, self.connector)
        self.assertEqual(chain_key(message.chain), f"res.partner,{partner.id}")

    def test_an_inbound_address_follows_what_was_published(self):
        self.inbound.connector_id = self.connector.copy({"code": "another"})
        intake = self.env["interop.intake"]
        self.assertTrue(intake._route(self.connector.code, self.inbound.code))
        self.assertIsNone(intake._route("another", self.inbound.code))

    def test_code_and_direction_are_fixed_once_published(self):
        for values in ({"code": "renamed"}, {"direction": "in"}):
            with self.assertRaises(UserError):
                self.flow.write(values)

    def test_a_published_version_cannot_be_changed(self):
        with self.assertRaises(UserError):
            self.flow.version_id.number = 7

    def test_a_flow_that_lacks_something_says_everything_it_lacks(self):
        flow = self.flow.copy({"code": "copy", "policy_id": False, "service_user_id": False})
        with self.assertRaises(UserError) as caught:
            flow.action_publish()
        self.assertIn("policy", str(caught.exception))
        self.assertIn("user it acts as", str(caught.exception))

    def test_only_a_manager_publishes(self):
        user = new_test_user(self.env, "flow-operator", groups="interop_base.group_operator")
        user.interop_area_ids = self.area
        with self.assertRaises(UserError):
            self.flow.with_user(user).action_publish()

    def test_an_operator_pauses_and_resumes_and_a_paused_flow_takes_in_nothing(self):
        user = new_test_user(self.env, "flow-operator2", groups="interop_base.group_operator")
        user.interop_area_ids = self.area
        self.flow.with_user(user).action_pause()
        partner = self.env["res.partner"].create({"name": "Test supplier"})
        self.assertEqual(self.env["interop.queue"]._emit("test.note.ready", partner), 0)
        self.flow.with_user(user).action_resume()
        self.assertEqual(self.env["interop.queue"]._emit("test.note.ready", partner), 1)

    def test_a_code_that_does_not_fit_an_address_is_refused(self):
        with self.assertRaises(ValidationError):
            self.flow.copy({"code": "Orders Out"})

    def test_a_flow_with_messages_cannot_be_deleted(self):
        partner = self.env["res.partner"].create({"name": "Test supplier"})
        self.env["interop.queue"]._emit("test.note.ready", partner)
        with self.assertRaises(UserError):
            self.flow.unlink()

    def test_a_company_with_a_flow_of_its_own_is_not_served_by_the_shared_one_too(self):
        connector = self.connector.copy({"code": "shared", "company_id": False})
        policy = self.flow.policy_id.copy({"company_id": False})
        shared = self.flow.copy(
            {
                "code": "shared",
                "company_id": False,
                "connector_id": connector.id,
                "policy_id": policy.id,
            }
        )
        shared.action_publish()
        partner = self.env["res.partner"].create({"name": "Test supplier"})
        self.env["interop.queue"]._emit("test.note.ready", partner)
        found = self.env["interop.message"].search([("res_id", "=", partner.id)])
        self.assertEqual(found.flow_id, self.flow)
