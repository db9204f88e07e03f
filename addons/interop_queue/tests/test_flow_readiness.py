from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests.common import new_test_user

from odoo.addons.interop_base.models.interop_fence import FenceState

from ..lib.readiness import CHECKS, MISSING, READY, WARNING, Check, Finding, nothing, worst
from .test_sample import SampleCase

OPEN = FenceState(True, "Open for Test.", "test")


class ReadinessCase(SampleCase):
    """A flow that is ready in every respect; each test takes something away."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.flow.company_id
        cls.owner = new_test_user(
            cls.env, "ready-owner", groups="base.group_user,interop_base.group_user"
        )
        cls.service = new_test_user(cls.env, "ready-service", groups="base.group_user")
        cls.service.active = False
        (cls.flow | cls.inbound).write(
            {"owner_id": cls.owner.id, "service_user_id": cls.service.id}
        )
        cls.connector = cls.flow.connector_id
        cls.secret = cls.connector.inbound_secret_id
        cls.connector.signing_secret_id = cls.secret
        lane = cls.env["interop.lane"].search([("kind", "=", "scheduled")], limit=1)
        lane.write({"retired": False, "heartbeat_at": cls.env.cr.now(), "last_reason": False})
        lane.cron_id.active = True
        cls.lane = lane

    def setUp(self):
        super().setUp()
        self.fence(OPEN)

    def fence(self, state):
        self.patch(type(self.env["interop.fence"]), "_state", lambda fence: state)

    def found(self, code, flow=None):
        return [each for each in (flow or self.flow)._readiness() if each.check == code]

    def assertFound(self, code, status, part="", flow=None, target=None):
        found = self.found(code, flow)
        told = " ".join(each.sentence for each in found)
        self.assertTrue(found)
        self.assertEqual(worst(found), status, told)
        self.assertIn(part, told)
        if target:
            self.assertIn((target._name, target.id), [each.target for each in found])
        return told

    def mapping(self, flow, *rows):
        flow.mapping_id = self.env["interop.mapping"].create(
            {
                "name": "Shape",
                "direction": flow.direction,
                "document_type_id": flow.document_type_id.id,
                "row_ids": [(0, 0, row) for row in rows],
            }
        )
        return flow.mapping_id


class TestFlowReadiness(ReadinessCase):
    def test_a_flow_that_has_everything_is_ready_in_every_check(self):
        self.accepted(self.sample())
        self.accepted(self.sample(flow=self.inbound))
        for flow in (self.flow, self.inbound):
            found = flow._readiness()
            own = {code for code, each in CHECKS if each.look is not nothing}
            self.assertEqual({each.check for each in found}, own)
            self.assertEqual([each for each in found if each.status != READY], [])

    def test_settings(self):
        self.assertFound("settings", READY)
        self.flow.policy_id = False
        self.assertFound("settings", MISSING, "a policy", target=self.flow)

    def test_environment(self):
        self.assertFound("environment", READY)
        self.fence(FenceState(True, "", "staging"))
        self.assertFound("environment", MISSING, "Test", target=self.connector)
        self.fence(FenceState(False, "Not armed.", None))
        self.assertFound("environment", MISSING, "Not armed.")

    def test_connector(self):
        self.assertFound("connector", READY, target=self.connector)
        self.connector.action_pause()
        self.assertFound("connector", MISSING, "Activate", target=self.connector)
        self.connector.codec = False
        self.assertFound("connector", MISSING, "Choose a format")

    def test_secret(self):
        self.assertFound("secret", READY)
        self.secret.expires_on = date.today() + timedelta(days=3)
        self.assertFound("secret", WARNING, "ends on", target=self.secret)
        self.secret.expires_on = date.today() - timedelta(days=3)
        for flow in (self.flow, self.inbound):
            self.assertFound("secret", MISSING, "has ended", flow, self.secret)
        self.secret = self.env["interop.vault.secret"].create({"name": "Empty", "kind": "hmac"})
        self.connector.write(
            {"signing_secret_id": self.secret.id, "inbound_secret_id": self.secret.id}
        )
        self.assertFound("secret", MISSING, "Enter the value", target=self.secret)
        self.connector.write({"signing_secret_id": False, "inbound_secret_id": False})
        self.assertFound("secret", WARNING, "shows no secret")
        self.assertFound("secret", MISSING, "signing key", self.inbound, self.connector)

    def test_address(self):
        self.assertFound("address", READY)
        self.assertFound("address", READY, self.inbound.address, self.inbound)
        self.connector.endpoint_ids.purpose = "other"
        self.assertFound("address", MISSING, "Add an endpoint", target=self.connector)

    def test_an_address_that_the_transport_refuses(self):
        def refuse(transport, url):
            raise ValueError("write https://")

        from .common import MemoryTransport

        self.patch(MemoryTransport, "check_url", refuse)
        self.assertFound("address", MISSING, "write https://")

    def test_owner(self):
        self.assertFound("owner", READY)
        self.owner.group_ids -= self.env.ref("interop_base.group_user")
        self.assertFound("owner", MISSING, "may not see it", target=self.owner)
        self.flow.owner_id = False
        self.assertFound("owner", MISSING, "Choose an owner", target=self.flow)

    def test_an_owner_of_another_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.owner.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertFound("owner", WARNING, "not in its company")

    def test_service_user(self):
        self.assertFound("service_user", READY, target=self.service)
        self.patch(
            type(self.env["interop.handler"]),
            "_needs",
            (("res.partner", "read"), ("ir.cron", "write")),
        )
        self.assertFound("service_user", MISSING, "change “Scheduled Actions”", target=self.service)
        self.flow.service_user_id = self.env.ref("base.user_root")
        self.assertFound("service_user", WARNING, "may do anything")
        self.flow.service_user_id = False
        self.assertFound("service_user", MISSING, "Choose the user", target=self.flow)

    def test_a_service_user_of_another_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.service.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertFound("service_user", MISSING, "is no user of", target=self.service)

    def test_policy(self):
        self.assertFound("policy", READY)
        self.assertFound("policy", READY, "taken in", self.inbound)
        policy = self.flow.policy_id
        number = policy.rule_ids.filtered(lambda rule: rule.path == "number")
        number.action = "drop"
        self.assertFound("policy", WARNING, "do not pass: number", target=policy)
        number.unlink()
        self.assertFound("policy", MISSING, "No rule names these fields", target=policy)
        self.flow.policy_id = False
        self.assertFound("policy", MISSING, "Choose a policy", target=self.flow)

    def test_mapping(self):
        self.assertFound("mapping", READY)
        mapping = self.mapping(self.inbound, {"target": "number", "source": "Nr"})
        self.assertFound("mapping", READY, "rows: 1", self.inbound, mapping)
        mapping.row_ids.target = "nummer"
        told = self.assertFound("mapping", MISSING, "no such fields: nummer", self.inbound, mapping)
        self.assertIn("No row fills these fields, which a document must have: number", told)
        mapping.row_ids.unlink()
        self.assertFound("mapping", MISSING, "no row", self.inbound)
        self.mapping(self.flow)
        self.assertFound("mapping", MISSING, "no row")

    def test_crosswalks(self):
        self.assertFound("crosswalks", READY, "No codes")
        crosswalk = self.env["interop.crosswalk"].create({"name": "Kinds", "code": "ready-kinds"})
        row = {"target": "Nr", "source": "number", "crosswalk_id": crosswalk.id}
        self.mapping(self.flow, row)
        self.assertFound("crosswalks", MISSING, "has no entry", target=crosswalk)
        crosswalk.unknown_out = "pass"
        self.assertFound("crosswalks", READY, "ready-kinds")
        crosswalk.unknown_out = "fail"
        crosswalk.entry_ids = [(0, 0, {"ours": "a", "theirs": "b"})]
        self.assertFound("crosswalks", READY, "ready-kinds")
        missing = self.env["interop.missing.code"].create(
            {
                "crosswalk_id": crosswalk.id,
                "way": "out",
                "company_id": self.company.id,
                "code": "SECRET-CODE",
                "key": "SECRET-CODE",
            }
        )
        told = self.assertFound("crosswalks", MISSING, "does not know yet: 1", target=crosswalk)
        self.assertNotIn("SECRET", told)
        missing.way = "in"
        self.assertFound("crosswalks", READY)
        crosswalk.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertFound("crosswalks", MISSING, "no crosswalk ready-kinds")

    def test_what_the_handler_needs(self):
        self.assertFound("setup", READY)
        finding = Finding("setup", MISSING, "Give the company a number.", ("res.partner", 1))
        handler = type(self.env["interop.handler"])
        self.patch(handler, "_readiness", lambda handler, flow: [finding])
        self.assertEqual(self.found("setup"), [finding])

    def test_samples(self):
        self.assertFound("samples", MISSING, "Add a golden sample", target=self.flow)
        sample = self.sample()
        self.assertFound("samples", MISSING, "Nothing is accepted", target=sample)
        self.accepted(sample)
        self.assertFound("samples", READY, target=sample)
        self.flow.policy_id.rule_ids.filtered(lambda rule: rule.path == "quantity").unlink()
        self.assertFound("samples", MISSING, "not as expected: quantity", target=sample)
        sample.active = False
        self.assertFound("samples", MISSING, "Add a golden sample")

    def test_approval_needs_somebody_who_may_and_wrote_none_of_it(self):
        self.assertFound("approver", READY, "One person")
        self.flow.company_id.interop_second_person = "always"
        self.flow.invalidate_recordset()
        self.assertFound("approver", MISSING, "Nobody may approve it")
        groups = "interop_base.group_approver,interop_base.group_manager"
        author = new_test_user(self.env, "readiness-author", groups=groups, name="Ada Author")
        self.flow.with_user(author).retry_max_attempts = 4
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.assertFound("approver", MISSING, "wrote some of it: Ada Author")
        other = new_test_user(
            self.env, "readiness-other", groups="interop_base.group_approver", name="Ben Other"
        )
        self.assertFound("approver", MISSING)  # of another business area
        other.interop_area_ids = self.flow.area_id
        self.assertFound("approver", READY, "Ben Other")

    def test_lanes(self):
        self.assertFound("lanes", READY, self.lane.name)
        lanes = self.env["interop.lane"].search([])
        (lanes - self.lane).write({"retired": True})
        self.lane.last_reason = "The keyring is missing."
        self.assertFound("lanes", MISSING, "The keyring is missing.", target=self.lane)
        self.lane.retired = True
        self.assertFound("lanes", MISSING, "No lane was heard of")

    def test_a_check_that_fails_itself_counts_as_missing_and_stops_no_other(self):
        def fail(flow):
            raise KeyError("Ines Canary")

        CHECKS.register("test_fails", Check("test_fails", "Fails", 1, fail))
        self.addCleanup(CHECKS.unregister, "test_fails")
        told = self.assertFound("test_fails", MISSING, "KeyError")
        self.assertNotIn("Canary", told)
        self.assertFound("environment", READY)


class TestPublishing(ReadinessCase):
    def production(self):
        self.fence(FenceState(True, "", "production"))
        self.connector.environment = "production"

    def approver(self):
        user = new_test_user(self.env, "readiness-approver", groups="interop_base.group_approver")
        user.interop_area_ids = self.flow.area_id
        return user

    def publish_by_two(self):
        """As it is done in production: a manager proposes, an approver approves."""
        other = self.approver()
        publications = self.env["interop.publication"].with_user(self.manager)
        publication = publications._propose(self.flow.with_user(self.manager), "Fewer tries")
        publication.with_user(other).action_approve()

    def test_production_refuses_what_lacks_something_and_says_all_of_it(self):
        self.production()
        self.flow.owner_id = False
        self.flow.retry_max_attempts = 3
        by_root = self.flow.with_user(self.env.ref("base.user_root")).action_publish
        for publish in (self.publish_by_two, by_root):
            with self.assertRaises(UserError) as caught:
                publish()
            self.assertIn("Owner: Choose an owner", str(caught.exception))
            self.assertIn("Golden samples: Add a golden sample", str(caught.exception))
        self.assertEqual(len(self.flow.version_ids), 1)

    def test_production_publishes_what_is_ready(self):
        self.production()
        self.accepted(self.sample())
        self.flow.retry_max_attempts = 3
        self.publish_by_two()
        self.assertEqual(len(self.flow.version_ids), 2)

    def test_a_server_for_production_is_strict_though_the_database_is_not_armed(self):
        self.fence(FenceState(False, "Not armed.", None))
        settings = self.env["interop.fence"]._server_settings()
        self.patch(
            type(self.env["interop.fence"]),
            "_server_settings",
            lambda fence: type(settings)(**{**_facts(settings), "environment": "production"}),
        )
        self.flow.retry_max_attempts = 3
        with self.assertRaisesRegex(UserError, "not ready to go live in production"):
            self.publish_by_two()

    def test_elsewhere_it_is_published_with_a_warning(self):
        told = []
        self.patch(
            type(self.env["res.users"]),
            "_bus_send",
            lambda user, kind, message, **more: told.append((kind, message)),
        )
        self.flow.retry_max_attempts = 3
        self.flow.with_user(self.manager).action_publish()
        self.assertEqual(len(self.flow.version_ids), 2)
        [(kind, message)] = told
        self.assertEqual(kind, "simple_notification")
        self.assertIn("Missing: Golden samples.", message["message"])

    def test_who_may_not_publish_is_told_that_and_nothing_else(self):
        self.production()
        with self.assertRaisesRegex(UserError, "Only Interop managers"):
            self.flow.with_user(self.user).action_publish()


class TestReadinessList(ReadinessCase):
    def opened(self, user=None):
        action = self.flow.with_user(user or self.user).action_check_readiness()
        return self.env[action["res_model"]].with_user(user or self.user).browse(action["res_id"])

    def test_what_is_missing_comes_first_with_a_link_to_fix_it(self):
        sample = self.sample()
        readiness = self.opened()
        self.assertEqual(
            readiness.told, f"{readiness.check_count - 1} of {readiness.check_count} ready"
        )
        line = readiness.line_ids[0]
        self.assertEqual((line.status, line.label), ("missing", "Golden samples"))
        action = line.action_fix()
        self.assertEqual((action["res_model"], action["res_id"]), ("interop.sample", sample.id))
        self.assertEqual(sample.last_result, "difference")
        self.accepted(sample)
        readiness.action_again()
        self.assertEqual(readiness.ready_share, 100)
        self.assertFalse(readiness.missing_count + readiness.warning_count)

    def test_it_is_ones_own_and_opens_only_what_one_may_see(self):
        readiness = self.opened()
        with self.assertRaises(AccessError):
            readiness.with_user(self.manager).action_again()
        line = readiness.line_ids.filtered(lambda each: each.target_model == "res.users")[:1]
        line.sudo().write({"target_model": "ir.cron", "target_id": self.lane.cron_id.id})
        with self.assertRaises(AccessError):
            line.action_fix()
        line.sudo().target_id = 0
        self.assertFalse(line.action_fix())


def _facts(settings):
    return {name: getattr(settings, name) for name in type(settings).__dataclass_fields__}
