"""A request from its arrival to its answer, and that it does not keep the person."""

import json
from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tests.common import new_test_user

from .common import OTHER, PERSON, PrivacyCase


@tagged("post_install", "-at_install")
class TestPrivacyRequest(PrivacyCase):
    def test_it_finds_the_persons_messages_and_no_others(self):
        [about] = self.ended_outbound("P1", patient=PERSON)
        self.ended_outbound("P2", patient=OTHER)
        request = self.ask("access", f"somebody else\n{PERSON.upper()}")
        self.assertEqual(self.outcomes(request), {about: "found"})
        self.assertEqual(self.told(request, "state", "message_count"), ("found", 1))

    def test_it_tells_when_to_whom_what_and_why(self):
        self.ended_outbound("P1", patient=PERSON)
        request = self.ask("access")
        with self.transaction() as env:
            line = env["interop.privacy.request"].browse(request).line_ids
            self.assertEqual(line.moment, line.message_id.sent_at or line.message_id.done_at)
            self.assertEqual(line.direction, "out")
            self.assertEqual(line.system, f"Test {self.tag}")
            self.assertEqual(line.document, "TestNote 1.0")
            html = env["ir.actions.report"]._render_qweb_html(
                "interop_privacy.report_privacy_request", [request]
            )[0]
        for told in ("Ticket 4711", f"Test {self.tag}", "TestNote 1.0"):
            self.assertIn(told, html.decode())
        self.assertNotIn("Canary", html.decode())

    def test_nothing_of_the_person_is_kept(self):
        self.ended_outbound("P1", patient=PERSON)
        request = self.ask(whom=f"{PERSON}\nines.canary@example.org\nKV-471100")
        self.assertEqual(
            self.told(request, "whom"), "I*** C***********, i***.c*****@e******.org, K********"
        )
        for value in ("Canary-Quist", "ines.canary", "KV-471100"):
            self.assertEqual(self.tables_with(value), [])
        with self.transaction() as env:
            request = env["interop.privacy.request"].with_user(self.officer).browse(request)
            self.assertFalse(request.identifiers)
            with self.assertRaises(AccessError):
                request.read(["digests"])

    def test_the_answer_drops_what_was_looked_for(self):
        self.ended_outbound("P1", patient=PERSON)
        request = self.ask("access")
        self.act(request, "action_answer")
        self.assertEqual(self.told(request, "state", "digests"), ("done", False))
        with self.assertRaises(UserError):
            self.act(request, "action_look_up")

    def test_it_is_to_be_answered_within_a_month(self):
        request = self.ask("access", received_on="2026-01-31")
        self.assertEqual(self.told(request, "due_on"), date(2026, 2, 28))

    def test_looking_for_nobody_is_refused(self):
        for whom in (False, " \n "):
            with self.assertRaises(UserError):
                self.ask(whom=whom)
        with self.assertRaises(UserError):
            self.ask(whom="\n".join(f"person {number}" for number in range(21)))

    def test_looking_for_somebody_else_begins_anew(self):
        self.ended_outbound("P1", patient=PERSON)
        request = self.ask("access")
        with self.transaction() as env:
            env["interop.privacy.request"].browse(request).identifiers = OTHER
        self.assertEqual(self.told(request, "state", "message_count"), ("draft", 0))

    def test_a_withdrawn_request_forgets_what_it_found(self):
        self.ended_outbound("P1", patient=PERSON)
        request = self.ask()
        self.act(request, "action_withdraw")
        self.assertEqual(self.told(request, "state", "digests"), ("cancelled", False))
        self.assertEqual(self.outcomes(request), {})

    def test_only_privacy_officers_handle_requests(self):
        with self.transaction() as env:
            for group in ("group_manager", "group_clear_reader"):
                user = new_test_user(env, f"{group}-{self.tag}", groups=f"interop_base.{group}")
                with self.assertRaises(AccessError):
                    env["interop.privacy.request"].with_user(user).create({"name": "x"})

    def test_an_officer_sees_only_the_own_companies(self):
        [key] = self.ended_outbound("P1", patient=PERSON)
        with self.transaction() as env:
            other = env["res.company"].create({"name": f"Elsewhere {self.tag}"})
            message = env["interop.message"].search([("uuid", "=", key)])
            env.cr.execute(
                "UPDATE interop_message SET company_id = %s WHERE id = %s", [other.id, message.id]
            )
        self.assertEqual(self.outcomes(self.ask()), {})

    def test_every_step_is_in_the_audit_trail_without_the_person(self):
        self.ended_outbound("P1", patient=PERSON)
        request = self.ask()
        self.act(request, "action_erase")
        with self.transaction() as env:
            env.cr.execute(
                "SELECT act, actor_id, details::text FROM interop_audit_entry "
                "WHERE res_model = 'interop.privacy.request' AND res_id = %s ORDER BY id",
                [request],
            )
            rows = env.cr.fetchall()
        self.assertEqual(
            [act for act, _actor, _details in rows],
            ["privacy.looked_up", "privacy.looked_up", "privacy.erased", "privacy.answered"],
        )
        self.assertEqual({actor for _act, actor, _details in rows}, {self.officer})
        self.assertEqual(
            json.loads(rows[2][2]), {"kind": "erase", "erased": 1, "kept": 0, "tokens": 0}
        )

    def test_a_request_that_was_looked_up_is_not_deleted(self):
        request = self.ask()
        with self.assertRaises(UserError), self.transaction() as env:
            env["interop.privacy.request"].browse(request).unlink()
