from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError
from odoo.tests.common import Form, new_test_user

from .test_publication import APPROVER, MANAGER, PublicationCase


class TestPublicationApproving(PublicationCase):
    """Approving is a right of its own, and there is no way past it."""

    def test_an_approver_who_configures_nothing_approves_what_they_see(self):
        approver = new_test_user(self.env, "publication-approver", groups=APPROVER)
        self.change()
        publication = self.propose()
        self.assertNotIn(approver.partner_id, self.flow.message_ids.partner_ids)
        with self.assertRaises(AccessError):  # of another business area
            publication.with_user(approver).action_approve()
        approver.interop_area_ids = self.area
        decision = Form(
            self.env["interop.publication.decision"]
            .with_user(approver)
            .with_context(default_publication_id=publication.id)
        )
        self.assertFalse(decision.approval_problem)
        self.assertIn("12", str(decision.changes_html))
        decision.reason = "Agreed"
        decision.save().action_approve()
        self.assertEqual(self.attempts(), 3)
        self.assertEqual(publication.decided_by_id, approver)
        self.assertEqual(self.flow.version_id.published_by_id, approver)
        with self.assertRaises(AccessError):
            self.flow.with_user(approver).retry_max_attempts = 4
        with self.assertRaises(UserError):
            self.propose(approver)

    def test_approvers_of_the_area_are_told(self):
        approver = new_test_user(self.env, "publication-approver", groups=APPROVER)
        approver.interop_area_ids = self.area
        self.change()
        self.propose()
        self.assertIn(approver.partner_id, self.flow.message_ids.partner_ids)

    def test_nobody_approves_by_another_role(self):
        self.change()
        publication = self.propose()
        people = [
            self.env.ref("base.user_root"),
            self.env.ref("base.user_admin"),
            new_test_user(
                self.env,
                "publication-all",
                groups=f"base.group_system,{MANAGER},interop_base.group_clear_reader,"
                "interop_base.group_auditor",
            ),
        ]
        for user in people:
            with self.subTest(user.login), self.assertRaisesRegex(UserError, "“Approver”"):
                publication.with_user(user).action_approve()
        self.assertEqual(publication.state, "proposed")
        self.assertEqual(self.attempts(), 12)

    def test_a_manager_who_may_not_approve_may_reject(self):
        manager = new_test_user(self.env, "publication-manager", groups=MANAGER)
        self.change()
        publication = self.propose()
        self.assertIn("“Approver”", publication.with_user(manager).approval_problem)
        publication.with_user(manager).action_reject("Not before spring")
        self.assertEqual(publication.state, "rejected")

    def test_settings_say_who_may_approve_or_that_nobody_may(self):
        settings = self.env["res.config.settings"].create({})
        self.assertIn(self.ben.name, settings.interop_approvers)
        (self.ada | self.ben | self.cleo).group_ids = [(3, self.env.ref(APPROVER).id)]
        self.env.ref(APPROVER).user_ids = [(5,)]
        settings = self.env["res.config.settings"].create({})
        self.assertIn("Nobody may approve yet", settings.interop_approvers)

    def test_a_published_version_and_its_parts_are_not_changed_as_superuser(self):
        version = self.flow.version_id.with_user(SUPERUSER_ID)
        for record in (version, version.part_ids[0], version.snapshot_id):
            for act in (
                lambda record=record: record.write({"digest": "x"}),
                lambda record=record: record.unlink(),
                lambda record=record: record.create({}),
                lambda record=record: record.copy(),
                lambda record=record: record.load(["digest"], [["x"]]),
            ):
                with self.assertRaisesRegex(AccessError, "published"):
                    act()
        with self.assertRaises(AccessError):
            self.flow.version_ids = [(2, version.id)]
        self.assertTrue(version.exists())

    def test_which_version_runs_is_not_written_past_an_approval(self):
        first = self.flow.version_id
        self.change()
        self.propose().with_user(self.ben).action_approve()
        flow = self.flow.with_user(self.ada)
        for vals in ({"version_id": first.id}, {"state": "paused"}, {"version_id": False}):
            with self.assertRaisesRegex(AccessError, "with the buttons"):
                flow.write(vals)
        copied = flow.copy({"code": "approving-copy"})
        self.assertEqual((copied.state, copied.version_id.id), ("draft", False))
        given = flow.with_context(default_version_id=first.id, default_state="live")
        made = given.create({**flow.copy_data()[0], "code": "approving-context"})
        self.assertEqual((made.state, made.version_id.id), ("draft", False))
        with self.assertRaises(AccessError):
            flow.create({**flow.copy_data()[0], "code": "approving-live", "state": "live"})
        self.assertEqual(self.attempts(), 3)

    def test_alone_is_not_a_way_around_the_second_person(self):
        self.change()
        publication = self.propose()
        with self.assertRaisesRegex(UserError, "You proposed it"):
            publication.with_user(self.ada)._approve_alone()
