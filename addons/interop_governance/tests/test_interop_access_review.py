import base64
import csv
import io
import json

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from odoo.addons.interop_audit.lib.entry import AuditRow
from odoo.addons.interop_audit.tests.common import AuditCase

MANAGER = "interop_base.group_manager"
APPROVER = "interop_base.group_approver"


class TestAccessReview(AuditCase):
    """Who may do what, when each right was used last, and what becomes of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Reviewed"})

        def person(login, groups):
            return new_test_user(
                cls.env,
                login,
                groups,
                name=login.title(),
                company_id=cls.company.id,
                company_ids=[(6, 0, cls.company.ids)],
            )

        cls.reviewer = person("review-reviewer", MANAGER)
        cls.both = person("review-both", f"{MANAGER},{APPROVER}")
        cls.reader = person("review-reader", "interop_base.group_clear_reader")
        cls.admin = person("review-admin", "base.group_system,interop_base.group_clear_reader")
        cls.nobody = person("review-nobody", "base.group_user")

    def setUp(self):
        super().setUp()
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.newest = self.env["interop.audit.entry"].search([], limit=1).id

    def review(self):
        reviews = self.env["interop.access.review"].with_user(self.reviewer)
        return reviews.with_company(self.company).create({"name": "Spring"})

    def line(self, review, user, code):
        return review.line_ids.filtered(
            lambda line: line.user_id == user and line.right_code == code
        )

    def aged(self, *users):
        self.env.cr.execute(
            "UPDATE res_users SET create_date = create_date - interval '200 days' "
            "WHERE id = ANY(%s)",
            [[user.id for user in users]],
        )
        self.env.invalidate_all()

    def test_it_lists_each_right_of_each_user_of_the_company(self):
        review = self.review()
        held = {(line.login, line.right_code) for line in review.line_ids}
        self.assertEqual(
            held,
            {
                ("review-reviewer", "manager"),
                ("review-both", "manager"),
                ("review-both", "approver"),
                ("review-reader", "clear"),
                ("review-admin", "admin"),
                ("review-admin", "clear"),
            },
        )
        line = self.line(review, self.reader, "clear")
        self.assertEqual(line.includes, "Reads content as partners see it, Sees messages")
        self.assertFalse(line.given_by)
        self.assertEqual(line.companies, "Reviewed")

    def test_a_right_by_a_role_of_ones_own_says_by_which(self):
        own = self.env["res.groups"].create({"name": "Night shift"})
        own.implied_ids = self.env.ref("interop_base.group_operator")
        self.nobody.group_ids = [(4, own.id)]
        line = self.line(self.review(), self.nobody, "operator")
        self.assertEqual(line.given_by, "Night shift")

    def test_the_last_use_comes_from_the_trail(self):
        review = self.review()
        self.assertFalse(self.line(review, self.both, "approver").last_use_at)
        self.audit.with_user(self.both)._record("flow.publication.approved")
        self.audit.with_user(self.reader)._record(
            "message.content.read", details={"view": "policy"}
        )
        review.action_take()
        approver = self.line(review, self.both, "approver")
        self.assertLess(abs((fields.Datetime.now() - approver.last_use_at).total_seconds()), 60)
        self.assertFalse(self.line(review, self.both, "manager").last_use_at)
        # Reading as the partner sees it comes with the right to read in the clear.
        self.assertTrue(self.line(review, self.reader, "clear").last_use_at)

    def test_what_was_not_used_for_ninety_days_is_flagged_and_what_is_new_is_not(self):
        review = self.review()
        self.assertFalse(self.line(review, self.reader, "clear").unused)
        self.aged(self.reader, self.both)
        self.audit.with_user(self.both)._record("flow.change")
        review.action_take()
        self.assertTrue(self.line(review, self.reader, "clear").unused)
        self.assertEqual(self.line(review, self.reader, "clear").findings, "Never used.")
        self.assertFalse(self.line(review, self.both, "manager").unused)
        self.assertTrue(self.line(review, self.both, "approver").unused)

    def test_rights_that_go_badly_together_are_flagged(self):
        review = self.review()
        for user, code in ((self.both, "manager"), (self.both, "approver")):
            self.assertIn("wave each other through", self.line(review, user, code).clash)
        self.assertIn("by themselves", self.line(review, self.admin, "clear").clash)
        self.assertFalse(self.line(review, self.reader, "clear").flagged)

    def test_deciding_needs_a_reason_where_something_is_to_look_at_or_taken(self):
        review = self.review()
        review.action_begin()
        plain = self.line(review, self.reader, "clear")
        self.assertIsNone(plain.action_keep())
        self.assertEqual((plain.decision, plain.decided_by_id), ("keep", self.reviewer))
        flagged = self.line(review, self.both, "approver")
        action = flagged.action_keep()
        wizard = self.env[action["res_model"]].with_user(self.reviewer)
        with Form(wizard.with_context(**action["context"])) as form:
            form.reason = "The only one at night"
        form.record.action_decide()
        self.assertEqual((flagged.decision, flagged.reason), ("keep", "The only one at night"))
        with self.assertRaisesRegex(UserError, "Say why"):
            self.line(review, self.both, "manager")._decide("remove", "")

    def test_taking_away_is_done_by_who_gives_rights_and_noted_with_who_and_when(self):
        review = self.review()
        review.action_begin()
        line = self.line(review, self.both, "approver")
        line._decide("remove", "Left the change board")
        self.assertEqual(review.to_remove_count, 1)
        with self.assertRaisesRegex(AccessError, "who gives them"):
            line.action_remove_now()
        self.assertTrue(self.both.has_group(APPROVER))
        giver = new_test_user(self.env, "review-giver", "base.group_erp_manager", name="Gil Iver")
        self.both.with_user(giver).group_ids = [(3, self.env.ref(APPROVER).id)]
        self.env.flush_all()
        self.env.cr.precommit.run()
        review.action_look_again()
        self.assertEqual((line.decision, line.removed_by), ("removed", "Gil Iver"))
        self.assertTrue(line.removed_at)

    def test_who_also_gives_rights_takes_it_away_at_once(self):
        self.reviewer.group_ids = [(4, self.env.ref("base.group_erp_manager").id)]
        review = self.review()
        review.action_begin()
        line = self.line(review, self.both, "approver")
        line._decide("remove", "Left the change board")
        line.action_remove_now()
        self.assertFalse(self.both.has_group(APPROVER))
        self.assertEqual((line.decision, line.removed_by), ("removed", self.reviewer.name))

    def test_nobody_decides_about_their_own_rights(self):
        review = self.review()
        review.action_begin()
        with self.assertRaisesRegex(UserError, "their own rights"):
            self.line(review, self.reviewer, "manager").action_keep()

    def test_it_is_closed_when_all_is_decided_and_every_step_is_in_the_trail(self):
        review = self.review()
        review.action_begin()
        with self.assertRaisesRegex(UserError, "not decided yet"):
            review.action_close()
        mine = self.line(review, self.reviewer, "manager")
        (review.line_ids - mine)._decide("keep", "Needed")
        other = new_test_user(
            self.env,
            "review-other",
            MANAGER,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        mine.with_user(other)._decide("keep", "Leads the team")
        review.action_close()
        self.assertEqual((review.state, review.closed_by_id), ("closed", self.reviewer))
        with self.assertRaisesRegex(UserError, "between beginning and closing"):
            mine.with_user(other)._decide("remove", "No")
        acts = self.env["interop.audit.entry"].search(
            [("act", "like", "access.review."), ("id", ">", self.newest)], order="id"
        )
        self.assertEqual(acts[0].act, "access.review.begun")
        self.assertEqual(acts[-1].act, "access.review.closed")
        self.assertEqual(len(acts.filtered(lambda act: act.act == "access.review.kept")), 6)
        self.assertEqual(json.loads(acts[1].details)["reason"], "Needed")

    def test_nothing_is_written_past_the_buttons(self):
        review = self.review()
        for act in (
            lambda: review.write({"state": "closed"}),
            lambda: review.line_ids[0].write({"decision": "keep"}),
            lambda: review.line_ids[0].unlink(),
            lambda: review.write({"line_ids": [(5,)]}),
            lambda: review.create({"name": "Forged", "state": "closed"}),
        ):
            with self.assertRaises(AccessError):
                act()
        review.action_begin()
        with self.assertRaises(UserError):
            review.unlink()

    def test_an_auditor_reads_and_exports_and_decides_nothing(self):
        review = self.review()
        review.action_begin()
        auditor = new_test_user(
            self.env,
            "review-auditor",
            "interop_base.group_auditor",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        theirs = review.with_user(auditor)
        self.assertFalse(theirs.export)
        theirs.action_export()
        rows = list(csv.DictReader(io.StringIO(self.table(theirs))))
        self.assertEqual(len(rows), review.line_count)
        self.assertEqual({row["Login"] for row in rows}, set(review.line_ids.mapped("login")))
        self.assertEqual(len(self.entries("access.review.exported")), 1)
        with self.assertRaises(AccessError):
            theirs.action_close()
        with self.assertRaises(AccessError):
            theirs.line_ids[0].action_keep()

    @staticmethod
    def table(review):
        review.invalidate_recordset(["export"])
        return base64.b64decode(review.export).decode("utf-8-sig")

    def test_a_name_is_no_formula_in_the_table(self):
        self.reader.name = "=1+1"
        review = self.review()
        review.action_export()
        self.assertIn("'=1+1", self.table(review))

    def test_another_company_is_not_seen(self):
        review = self.review()
        stranger = new_test_user(self.env, "review-stranger", MANAGER)
        with self.assertRaises(AccessError):
            review.with_user(stranger).read(["name"])
        self.assertFalse(
            self.env["interop.access.review.line"]
            .with_user(stranger)
            .search([("review_id", "=", review.id)])
        )

    def test_statements_do_not_grow_with_users_and_entries(self):
        def statements():
            review = self.env["interop.access.review"].create(
                {"name": "Counted", "company_id": self.company.id}
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            review._found()
            return self.env.cr.sql_log_count - before

        few = statements()
        groups = [(6, 0, self.env.ref("interop_base.group_operator").ids)]
        users = self.env["res.users"].create(
            [
                {
                    "name": f"Many {number}",
                    "login": f"review-many-{number}",
                    "company_id": self.company.id,
                    "company_ids": [(6, 0, self.company.ids)],
                    "group_ids": groups,
                }
                for number in range(30)
            ]
        )
        self.audit._record_many(
            [
                AuditRow(act="message.redriven", actor_kind="user", actor_id=user.id)
                for user in users
                for _time in range(5)
            ]
        )
        self.assertLessEqual(statements(), few + 3)
