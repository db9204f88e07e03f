import json

from odoo.fields import Command
from odoo.tests import new_test_user

from .common import AuditCase

MANAGER = "interop_base.group_manager"
READER = "interop_base.group_payload_reader"
USER = "interop_base.group_user"


class TestAccessEvidence(AuditCase):
    """Whoever gains or loses a right of Interop stands in the trail, by whichever way."""

    def setUp(self):
        super().setUp()
        self.user = new_test_user(self.env, "access-ada", "base.group_user", name="Ada Access")
        self.settle()

    def settle(self):
        """The transaction ends, as far as the trail is concerned."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.newest = self.env["interop.audit.entry"].search([], limit=1).id

    def told(self, user=None):
        self.env.flush_all()
        self.env.cr.precommit.run()
        entries = self.env["interop.audit.entry"].search(
            [
                ("act", "like", "access."),
                ("id", ">", self.newest),
                ("res_id", "=", (user or self.user).id),
            ],
            order="id",
        )
        return [(entry.act, json.loads(entry.details)) for entry in entries]

    def group(self, xmlid):
        return self.env.ref(xmlid)

    def test_a_role_on_the_users_form_is_granted_and_taken(self):
        self.user.group_ids = [Command.link(self.group(READER).id)]
        [(act, facts)] = self.told()
        self.assertEqual(act, "access.granted")
        self.assertEqual(facts["login"], "access-ada")
        self.assertEqual(facts["rights"], ["interop_base.group_payload_reader", USER])
        self.assertTrue(facts["companies"])
        self.settle()
        self.user.group_ids = [Command.unlink(self.group(READER).id)]
        [(act, facts)] = self.told()
        self.assertEqual((act, facts["rights"]), ("access.taken", [READER, USER]))

    def test_a_user_on_the_roles_form_is_noted_as_well(self):
        self.group(READER).user_ids = [Command.link(self.user.id)]
        self.assertEqual([act for act, _facts in self.told()], ["access.granted"])

    def test_a_role_that_comes_to_imply_another_gives_it_to_its_people(self):
        own = self.env["res.groups"].create({"name": "Night shift"})
        self.user.group_ids = [Command.link(own.id)]
        self.settle()
        own.implied_ids = [Command.link(self.group(READER).id)]
        [(act, facts)] = self.told()
        self.assertEqual(act, "access.granted")
        self.assertIn(READER, facts["rights"])
        self.settle()
        own.unlink()
        [(act, facts)] = self.told()
        self.assertEqual(act, "access.taken")
        self.assertIn(READER, facts["rights"])

    def test_archiving_takes_everything_and_bringing_back_gives_it(self):
        self.user.group_ids = [Command.link(self.group(READER).id)]
        self.settle()
        self.user.action_archive()
        [(act, facts)] = self.told()
        self.assertEqual(act, "access.taken")
        self.assertIn(READER, facts["rights"])
        self.settle()
        self.user.action_unarchive()
        self.assertEqual([act for act, _facts in self.told()], ["access.granted"])

    def test_companies_and_areas_are_noted_for_people_with_a_right(self):
        other = self.env["res.company"].create({"name": "Other"})
        area = self.env["interop.area"].create({"name": "Area", "code": "access-area"})
        self.user.company_ids = [Command.link(other.id)]
        self.assertEqual(self.told(), [], "without a right of Interop they decide nothing")
        self.user.group_ids = [Command.link(self.group(READER).id)]
        self.settle()
        self.user.company_ids = [Command.unlink(other.id)]
        self.user.interop_area_ids = area
        granted, taken = self.told()
        self.assertEqual(granted[1]["areas"], ["access-area"])
        self.assertEqual(taken[1]["companies"], [str(other.id)])
        self.settle()
        area.user_ids = [Command.unlink(self.user.id)]
        [(act, facts)] = self.told()
        self.assertEqual((act, facts["areas"]), ("access.taken", ["access-area"]))

    def test_a_new_user_with_a_role_and_a_deleted_one_are_noted(self):
        user = new_test_user(self.env, "access-new", READER)
        [(act, facts)] = self.told(user)
        self.assertEqual((act, facts["login"]), ("access.granted", "access-new"))
        self.settle()
        user_id = user.browse(user.id)
        user.unlink()
        [(act, facts)] = self.told(user_id)
        self.assertEqual((act, facts["login"]), ("access.taken", "deleted"))

    def test_becoming_administrator_of_odoo_is_noted(self):
        self.user.group_ids = [Command.link(self.group("base.group_system").id)]
        [(act, facts)] = self.told()
        self.assertEqual(act, "access.granted")
        self.assertEqual(facts["rights"], ["base.group_erp_manager", "base.group_system"])

    def test_what_ends_as_it_began_and_own_preferences_leave_nothing(self):
        self.user.group_ids = [Command.link(self.group(READER).id)]
        self.user.group_ids = [Command.unlink(self.group(READER).id)]
        self.user.signature = "Ada"
        self.assertEqual(self.told(), [])

    def test_it_tells_who_did_it(self):
        admin = new_test_user(self.env, "access-admin", "base.group_system", name="Root Admin")
        self.settle()
        self.user.with_user(admin).group_ids = [Command.link(self.group(READER).id)]
        self.told()
        entry = self.env["interop.audit.entry"].search([("act", "=", "access.granted")], limit=1)
        self.assertEqual((entry.actor_id, entry.actor_name), (admin.id, "Root Admin"))
