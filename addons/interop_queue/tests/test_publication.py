import json

import psycopg2

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError
from odoo.tests.common import Form, TransactionCase, new_test_user
from odoo.tools import mute_logger

from .common import build_world

MANAGER = "interop_base.group_manager"
APPROVER = "interop_base.group_approver"
BOTH = f"{MANAGER},{APPROVER}"


class PublicationCase(TransactionCase):
    """A flow that two people put in force, and people who may."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        world = build_world(cls.env, "publication-test")
        cls.flow, cls.connector, cls.area = world["out"], world["connector"], world["area"]
        cls.ada = new_test_user(cls.env, "publication-ada", groups=BOTH)
        cls.ben = new_test_user(cls.env, "publication-ben", groups=BOTH)
        cls.cleo = new_test_user(cls.env, "publication-cleo", groups=BOTH)
        cls.operator = new_test_user(
            cls.env, "publication-operator", groups="interop_base.group_operator"
        )
        cls.operator.interop_area_ids = cls.area
        cls.flow.company_id.interop_second_person = "always"

    def change(self, user=None, attempts=3):
        self.flow.with_user(user or self.ada).retry_max_attempts = attempts
        self.env.flush_all()
        self.env.cr.precommit.run()

    def propose(self, user=None, again=None):
        flow = self.flow.with_user(user or self.ada)
        publications = self.env["interop.publication"].with_user(user or self.ada)
        return publications._propose(flow, "Fewer tries", again)

    def attempts(self):
        return self.env["interop.flow.version"]._plan_of(self.flow.id)[1].retry.max_attempts

    def unguarded(self):
        """Other times for a version, as nobody but a test may set them."""
        self.env.cr.execute("ALTER TABLE interop_flow_version DISABLE TRIGGER USER")

    def acts(self):
        rows = self.env["interop.audit.entry"].search(
            [("res_model", "=", "interop.flow"), ("res_id", "=", self.flow.id)], order="id"
        )
        return [row.act for row in rows]


class TestPublication(PublicationCase):
    """What is in force changes by two people: who wrote it does not approve it."""

    def test_publishing_opens_a_proposal_where_a_second_person_is_needed(self):
        self.change()
        action = self.flow.with_user(self.ada).action_publish()
        self.assertEqual(action["res_model"], "interop.publication.proposal")
        self.assertEqual(self.flow.version_id.number, 1)

    def test_several_flows_are_not_published_at_once_past_the_second_person(self):
        copy = self.flow.copy({"code": "second-copy"})
        with self.assertRaisesRegex(UserError, "second person"):
            (self.flow | copy).with_user(self.ada).action_publish()

    def test_in_production_a_second_person_is_needed_whatever_the_company_says(self):
        self.flow.company_id.interop_second_person = "production"
        self.assertFalse(self.flow.needs_second_person)
        self.connector.environment = "production"
        self.assertTrue(self.flow.needs_second_person)

    def test_a_flow_of_all_companies_follows_the_strictest(self):
        other = self.env["res.company"].create({"name": "Test second"})
        self.flow.company_id.interop_second_person = "production"
        other.interop_second_person = "always"
        connector = self.connector.copy({"code": "of-all", "company_id": False})
        policy = self.flow.policy_id.copy({"company_id": False})
        self.flow.write({"company_id": False, "connector_id": connector.id, "policy_id": policy.id})
        self.assertTrue(self.flow.needs_second_person)

    def test_nothing_changes_before_somebody_else_approves(self):
        self.change()
        publication = self.propose()
        self.assertEqual(self.attempts(), 12)
        self.assertEqual(self.flow.open_publication_id, publication)
        publication.with_user(self.ben).action_approve("Agreed")
        self.assertEqual(self.attempts(), 3)
        self.assertEqual(publication.state, "approved")
        self.assertEqual(self.flow.version_id.publication_id, publication)
        self.assertEqual(self.flow.version_id.published_by_id, self.ben)
        self.assertEqual(publication.version_id, self.flow.version_id)
        self.assertEqual(
            self.acts()[-3:], ["flow.proposed", "flow.publication.approved", "flow.published"]
        )

    def test_those_who_may_approve_are_told_and_nobody_else(self):
        self.change(self.ben)
        self.propose()
        told = self.flow.message_ids.partner_ids
        self.assertIn(self.cleo.partner_id, told)
        self.assertNotIn(self.ada.partner_id, told)
        self.assertNotIn(self.ben.partner_id, told)
        self.assertNotIn(self.operator.partner_id, told)

    def test_who_proposed_it_cannot_approve_it(self):
        self.change()
        publication = self.propose()
        with self.assertRaisesRegex(UserError, "You proposed it"):
            publication.with_user(self.ada).action_approve()
        self.assertIn("proposed", publication.with_user(self.ada).approval_problem)
        self.assertFalse(publication.with_user(self.ben).approval_problem)

    def test_who_changed_the_flow_cannot_approve_what_another_proposes(self):
        self.change(self.ben)
        publication = self.propose()
        self.assertIn(self.ben, publication.author_ids)
        with self.assertRaisesRegex(UserError, "You changed something"):
            publication.with_user(self.ben).action_approve()
        publication.with_user(self.cleo).action_approve()
        self.assertEqual(self.attempts(), 3)

    def test_who_changed_a_rule_of_the_policy_cannot_approve(self):
        self.flow.policy_id.with_user(self.ben).rule_ids[0].action = "drop"
        self.env.flush_all()
        self.env.cr.precommit.run()
        publication = self.propose()
        with self.assertRaisesRegex(UserError, "You changed something"):
            publication.with_user(self.ben).action_approve()

    def test_who_changed_the_connector_or_an_address_cannot_approve(self):
        self.connector.with_user(self.ben).endpoint_ids.url = "https://other.example/"
        self.connector.with_user(self.cleo).clearance = "internal"
        publication = self.propose()
        self.assertLessEqual(self.ben | self.cleo, publication.author_ids)

    def test_who_changed_rules_of_a_crosswalk_cannot_approve_who_entered_codes_can(self):
        crosswalk = self.env["interop.crosswalk"].create({"name": "Test units", "code": "t-units"})
        mapping = self.env["interop.mapping"].create(
            {
                "name": "Test",
                "document_type_id": self.flow.document_type_id.id,
                "direction": "out",
                "row_ids": [
                    (0, 0, {"target": "n", "source": "number", "crosswalk_id": crosswalk.id})
                ],
            }
        )
        self.flow.mapping_id = mapping
        self.env.flush_all()
        self.env.cr.precommit.run()
        crosswalk.with_user(self.ben).ignore_case = True
        entries = self.env["interop.crosswalk.entry"].with_user(self.cleo)
        entries.create({"crosswalk_id": crosswalk.id, "ours": "EA", "theirs": "ST"})
        self.env.flush_all()
        self.env.cr.precommit.run()
        authors = self.flow._authors()
        self.assertIn(self.ben, authors)
        self.assertNotIn(self.cleo, authors)

    def test_who_wrote_what_was_published_already_may_approve_the_next_change(self):
        self.change(self.ben)
        self.propose().with_user(self.cleo).action_approve()
        # Entries younger than the publication count by the clock too, to the second.
        self.unguarded()
        self.env.cr.execute(
            "UPDATE interop_flow_version SET published_at = published_at + interval '1 minute', "
            "seen = pg_current_xact_id()::text || ':' || (pg_current_xact_id()::text::bigint + 1) "
            "|| ':' WHERE id = %s",
            [self.flow.version_id.id],
        )
        self.env.invalidate_all()
        self.flow.version_id.read(["seen"])
        self.assertNotIn(self.ben, self.flow._authors())

    def test_what_a_change_hid_from_the_publication_counts_as_new(self):
        """A transaction that was under way while another published."""
        self.change(self.ben)
        self.unguarded()
        self.env.cr.execute(
            "UPDATE interop_flow_version SET published_at = published_at + interval '1 minute', "
            "seen = pg_current_xact_id()::text || ':' || pg_current_xact_id()::text || ':' "
            "WHERE id = %s",
            [self.flow.version_id.id],
        )
        self.env.invalidate_all()
        self.assertIn(self.ben, self.flow._authors())

    def test_a_draft_that_changed_meanwhile_is_not_approved(self):
        self.change()
        publication = self.propose()
        self.change(self.ada, attempts=7)
        with self.assertRaisesRegex(UserError, "draft has changed"):
            publication.with_user(self.ben).action_approve()
        self.assertEqual(self.attempts(), 12)

    def test_an_operator_neither_proposes_nor_approves(self):
        self.change()
        with self.assertRaises(UserError):
            self.propose(self.operator)
        publication = self.propose()
        for act in ("action_approve", "action_withdraw"):
            with self.assertRaises(UserError):
                getattr(publication.with_user(self.operator), act)()
        self.assertEqual(publication.state, "proposed")

    def test_a_rejection_says_why_and_leaves_what_is_in_force(self):
        self.change()
        publication = self.propose()
        with self.assertRaisesRegex(UserError, "Say why"):
            publication.with_user(self.ben).action_reject(" ")
        publication.with_user(self.ben).action_reject("Too few")
        self.assertEqual(publication.state, "rejected")
        self.assertEqual(publication.decision_reason, "Too few")
        self.assertEqual(self.attempts(), 12)
        with self.assertRaisesRegex(UserError, "decided already"):
            publication.with_user(self.cleo).action_approve()

    def test_only_who_proposed_it_withdraws_it_and_may_propose_again(self):
        self.change()
        publication = self.propose()
        with self.assertRaises(AccessError):
            publication.with_user(self.ben).action_withdraw()
        publication.with_user(self.ada).action_withdraw()
        self.assertEqual(self.propose().state, "proposed")

    @mute_logger("odoo.sql_db")
    def test_one_flow_has_one_open_proposal(self):
        self.change()
        self.propose()
        with self.assertRaises(Exception) as caught, self.cr.savepoint():
            self.propose(self.ben)
        self.assertIn("one_open", str(caught.exception))

    def test_what_is_in_force_already_is_not_proposed(self):
        with self.assertRaisesRegex(UserError, "Nothing differs"):
            self.propose()

    def test_a_proposal_is_evidence_and_does_not_change(self):
        self.change()
        publication = self.propose()
        with self.assertRaises(AccessError):
            publication.with_user(self.ada).write({"reason": "Another"})
        for user in (self.ada, self.env.ref("base.user_root")):
            with self.assertRaises(AccessError):
                publication.with_user(user).unlink()
            with self.assertRaises(AccessError):
                publication.with_user(user).write({"state": "approved"})
            with self.assertRaises(AccessError):
                publication.with_user(user).create({"flow_id": self.flow.id})
        self.assertEqual(publication.reason, "Fewer tries")

    def test_rolling_back_puts_the_old_text_in_force_and_leaves_the_draft(self):
        first = self.flow.version_id
        self.change()
        self.propose().with_user(self.ben).action_approve()
        second = self.flow.version_id
        action = first.with_user(self.cleo).action_roll_back()
        wizard = Form(
            self.env["interop.publication.proposal"]
            .with_user(self.cleo)
            .with_context(**action["context"])
        )
        self.assertIn("12", str(wizard.changes_html))
        wizard.reason = "Too few tries"
        opened = wizard.save().action_propose()
        publication = self.env["interop.publication"].browse(opened["res_id"])
        self.assertEqual(self.flow.version_id, second)
        publication.with_user(self.ada).action_approve()
        self.assertEqual(self.attempts(), 12)
        self.assertEqual(self.flow.version_id.number, 3)
        self.assertEqual(self.flow.version_id.snapshot_id, first.snapshot_id)
        self.assertEqual(self.flow.retry_max_attempts, 3)
        self.assertTrue(self.flow.has_draft_changes)
        self.assertEqual(
            self.flow.version_id.part_ids.mapped("digest"), first.part_ids.mapped("digest")
        )

    def test_where_one_person_may_the_dialog_publishes_at_once(self):
        self.flow.company_id.interop_second_person = "production"
        self.change()
        wizard = Form(
            self.env["interop.publication.proposal"]
            .with_user(self.ada)
            .with_context(default_flow_id=self.flow.id)
        )
        wizard.reason = "Fewer tries"
        wizard.save().action_propose()
        self.assertEqual(self.attempts(), 3)
        self.assertEqual(self.flow.version_id.publication_id.reason, "Fewer tries")

    def test_the_setting_is_audited(self):
        company = self.flow.company_id
        company.with_user(self.ada).sudo().interop_second_person = "production"
        entry = self.env["interop.audit.entry"].search(
            [("act", "=", "publication.configured")], order="id desc", limit=1
        )
        self.assertEqual(json.loads(entry.details)["second_person"], "production")
        self.assertNotIn(self.ada, self.flow._authors())

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_to_change_what_was_published(self):
        self.env.flush_all()
        for change in (
            "UPDATE interop_flow_version SET number = 7 WHERE id = %s",
            "UPDATE interop_flow_version SET snapshot_id = NULL WHERE id = %s",
            "UPDATE interop_flow_version SET published_by_id = 2 WHERE id = %s",
            "UPDATE interop_flow_version_part SET digest = 'x' WHERE version_id = %s",
        ):
            with self.assertRaises(psycopg2.errors.InsufficientPrivilege), self.cr.savepoint():
                self.env.cr.execute(change, [self.flow.version_id.id])

    def test_a_flow_without_messages_and_a_user_who_published_can_be_deleted(self):
        copy = self.flow.copy({"code": "deleted-copy"})
        self.flow.company_id.interop_second_person = "production"
        copy.with_user(self.cleo).action_publish()
        version = copy.version_id
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM res_users WHERE id = %s", [self.cleo.id])
        self.env.invalidate_all()
        self.assertFalse(version.published_by_id)
        copy.unlink()
        self.assertFalse(version.exists())

    # -- comparing -----------------------------------------------------------------------------

    def test_differences_are_told_with_the_words_of_the_form(self):
        self.flow.write({"retry_max_attempts": 3, "service_user_id": self.ada.id})
        self.flow.policy_id.rule_ids[0].action = "drop"
        wizard = self.env["interop.version.compare"].create(
            {"flow_id": self.flow.id, "before_id": self.flow.version_id.id}
        )
        told = str(wizard.changes_html)
        for words in ("Acts as", self.ada.name, "Policy", "drop"):
            self.assertIn(words, told)
        self.assertNotIn(f">{self.ada.id}<", told)

    def test_who_may_not_see_a_flow_compares_none_of_its_versions(self):
        stranger = new_test_user(self.env, "publication-stranger", groups="interop_base.group_user")
        wizards = self.env["interop.version.compare"]
        for user, allowed in ((self.operator, True), (stranger, False)):
            wizard = wizards.with_user(user).create(
                {"flow_id": self.flow.id, "before_id": self.flow.version_id.id}
            )
            wizard.invalidate_recordset()
            if allowed:
                self.assertIn("Nothing differs", str(wizard.changes_html))
            else:
                with self.assertRaises(AccessError):
                    wizard.read(["changes_html"])

    def test_a_version_of_another_flow_is_not_rolled_back_to(self):
        copy = self.flow.copy({"code": "other-flow"})
        copy.with_user(SUPERUSER_ID).action_publish()
        with self.assertRaisesRegex(UserError, "another flow"):
            self.propose(again=copy.version_id)

    def test_two_versions_are_compared(self):
        first = self.flow.version_id
        self.change()
        self.propose().with_user(self.ben).action_approve()
        wizard = self.env["interop.version.compare"].create(
            {
                "flow_id": self.flow.id,
                "before_id": first.id,
                "after_id": self.flow.version_id.id,
            }
        )
        self.assertIn("12", str(wizard.changes_html))

    # -- parts ---------------------------------------------------------------------------------

    def test_a_part_tells_where_it_runs_as_it_is_seen_and_where_an_older_form_does(self):
        policy = self.flow.policy_id
        self.assertEqual((policy.flows_as_seen, policy.flows_older), (1, 0))
        policy.rule_ids[0].action = "drop"
        policy.invalidate_recordset(["flows_as_seen", "flows_older"])
        self.assertEqual((policy.flows_as_seen, policy.flows_older), (0, 1))
        self.assertEqual(
            policy.action_view_flows_in_force()["domain"], [("id", "in", [self.flow.id])]
        )

    def test_the_connector_is_a_part_of_both_flows(self):
        self.assertEqual((self.connector.flows_as_seen, self.connector.flows_older), (2, 0))
        self.connector.clearance = "internal"
        self.connector.invalidate_recordset(["flows_as_seen", "flows_older"])
        self.assertEqual((self.connector.flows_as_seen, self.connector.flows_older), (0, 2))

    def test_reading_the_pinned_version_is_one_query_however_many_parts_it_has(self):
        versions = self.env["interop.flow.version"]
        versions._plan_of(self.flow.id)
        with self.assertQueryCount(1):
            versions._plan_of(self.flow.id)
