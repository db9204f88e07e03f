import json
from unittest.mock import patch

from odoo.addons.base.models.ir_cron import CompletionStatus

from ..models import interop_audit_configured
from .common import AuditCase


class TestConfigured(AuditCase):
    """What decides how Interop works, and who may see what, is not changed unseen."""

    def setUp(self):
        super().setUp()
        self.settle()

    def settle(self):
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.newest = self.env["interop.audit.entry"].search([], limit=1).id

    def told(self):
        self.env.flush_all()
        self.env.cr.precommit.run()
        found = self.env["interop.audit.entry"].search([("id", ">", self.newest)], order="id")
        self.newest = found[-1:].id or self.newest
        return [(entry.act, entry.res_id, json.loads(entry.details)) for entry in found]

    def test_making_changing_and_deleting_an_area_is_told_with_names_of_fields(self):
        area = self.env["interop.area"].create({"name": "Wards", "code": "conf-wards"})
        self.assertEqual(self.told(), [("area.create", area.id, {"name": "Wards"})])
        area.write({"finance_review": True, "sequence": 99})
        self.assertEqual(
            self.told(),
            [("area.change", area.id, {"fields": ["finance_review", "sequence"], "name": "Wards"})],
        )
        area_id = area.id
        area.unlink()
        self.assertEqual(self.told(), [("area.delete", area_id, {"name": "Wards"})])

    def test_one_entry_per_transaction_and_none_for_what_ends_as_it_began(self):
        area = self.env["interop.area"].create({"name": "Wards", "code": "conf-wards"})
        self.told()
        area.sequence = 50
        area.name = "Stations"
        area.sequence = 10
        [(act, _id, facts)] = self.told()
        self.assertEqual((act, facts["fields"]), ("area.change", ["name"]))
        area.sequence = 50
        area.sequence = 10
        self.assertEqual(self.told(), [])
        self.env["interop.area"].create({"name": "Gone", "code": "conf-gone"}).unlink()
        self.assertEqual(self.told(), [])

    def test_a_rule_and_an_access_right_on_records_of_interop(self):
        model = self.env["ir.model"]._get("interop.area")
        rule = self.env["ir.rule"].create({"name": "Only mine", "model_id": model.id})
        access = self.env["ir.model.access"].create({"name": "All of it", "model_id": model.id})
        self.assertEqual([act for act, _id, _facts in self.told()], ["rule.create"] * 2)
        rule.domain_force = "[(0, '=', 1)]"
        access.perm_unlink = True
        self.assertEqual(
            [(act, facts["fields"]) for act, _id, facts in self.told()],
            [("rule.change", ["domain_force"]), ("rule.change", ["perm_unlink"])],
        )
        rule.unlink()
        access.unlink()
        self.assertEqual([act for act, _id, _facts in self.told()], ["rule.delete"] * 2)

    def test_rules_of_others_are_no_concern(self):
        model = self.env["ir.model"]._get("res.partner")
        rule = self.env["ir.rule"].create({"name": "Theirs", "model_id": model.id})
        rule.domain_force = "[(1, '=', 1)]"
        self.assertEqual(self.told(), [])
        rule.model_id = self.env["ir.model"]._get("interop.area")
        self.assertEqual([act for act, _id, _facts in self.told()], ["rule.change"])

    def test_a_scheduled_action_that_is_switched_off_by_hand_or_by_odoo(self):
        cron = self.env["ir.cron"].search([("model_id.model", "=like", "interop.%")], limit=1)
        cron.active = False
        [(act, res_id, facts)] = self.told()
        self.assertEqual((act, res_id, facts["fields"]), ("cron.change", cron.id, ["active"]))
        cron.active = True
        self.told()
        job = cron.read(load="")[0] | {"failure_count": 9}
        job["first_failure_date"] = cron.create_date.replace(year=2020)
        self.env["ir.cron"]._update_failure_count(job, CompletionStatus.FAILED)
        [(act, res_id, facts)] = self.told()
        self.assertEqual((act, res_id), ("cron.change", cron.id))
        self.assertEqual(facts["reason"], "failed too often")

    def test_a_system_parameter_is_told_without_its_value(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("interop.test", "canary")
        parameters.set_param("unrelated.test", "x")
        parameters.set_param("interop.test", "other-canary")
        self.settle()
        parameters.set_param("interop.test", False)
        [(act, _id, facts)] = self.told()
        self.assertEqual((act, facts), ("setting.delete", {"name": "interop.test"}))
        parameters.set_param("interop.test", "canary")
        self.assertEqual(
            [(act, facts) for act, _id, facts in self.told()],
            [("setting.create", {"name": "interop.test"})],
        )

    def test_a_module_that_is_installed_makes_one_entry_of_many(self):
        model = self.env["ir.model"]._get("interop.area")
        self.env["ir.rule"].create(
            [{"name": f"Rule {number}", "model_id": model.id} for number in range(30)]
        )
        [(act, _id, facts)] = self.told()
        self.assertEqual((act, facts["records"], facts["create"]), ("rule.change", 30, 30))

    def test_removing_the_trail_itself_stumbles_over_no_note(self):
        area = self.env["interop.area"].create({"name": "Wards", "code": "conf-wards"})
        self.assertTrue(area)
        with patch.object(interop_audit_configured.sql, "EXISTS", "SELECT false"):
            self.assertEqual(self.told(), [])

    def test_it_tells_who_did_it(self):
        admin = self.env.ref("base.user_admin")
        self.env["interop.area"].with_user(admin).create({"name": "Wards", "code": "conf-wards"})
        self.told()
        entry = self.env["interop.audit.entry"].search([("act", "=", "area.create")], limit=1)
        self.assertEqual((entry.actor_kind, entry.actor_id), ("user", admin.id))
