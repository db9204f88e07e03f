"""Odoo's own Privacy Lookup finds messages; deleting one there erases its content."""

import json

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import OTHER, PERSON, PrivacyCase


@tagged("post_install", "-at_install")
class TestPrivacyLookup(PrivacyCase):
    def lookup(self, env, name=PERSON):
        wizard = env["privacy.lookup.wizard"].create(
            {"name": name, "email": "ines.canary@example.org"}
        )
        wizard.action_lookup()
        return wizard

    def messages_of(self, wizard):
        return wizard.line_ids.filtered(lambda line: line.res_model == "interop.message")

    def test_messages_are_found_by_a_name_that_stands_only_in_sealed_content(self):
        [key] = self.ended_outbound("L1", patient=PERSON)
        self.ended_outbound("L2", patient=OTHER)
        with self.transaction() as env:
            line = self.messages_of(self.lookup(env))
            self.assertEqual(env["interop.message"].browse(line.res_id).uuid, key)

    def test_a_message_of_the_business_partner_is_listed_once(self):
        [key] = self.ended_outbound("L1", patient=PERSON)
        with self.transaction() as env:
            partner = env["res.partner"].create({"name": PERSON})
            env["interop.message"].search([("uuid", "=", key)]).partner_id = partner
            env.flush_all()
            self.assertEqual(len(self.messages_of(self.lookup(env))), 1)

    def test_deleting_a_message_there_erases_its_content_and_logs_it(self):
        [key] = self.ended_outbound("L1", patient=PERSON)
        with self.transaction() as env:
            line = self.messages_of(self.lookup(env))
            line.action_unlink()
            self.assertTrue(line.is_unlinked)
            env.flush_all()
            self.assertIn("Erased: Message", line.wizard_id.log_id.execution_details)
            with self.assertRaises(UserError):
                line.action_unlink()
        self.assertEqual(self.opens(key), "shredded")
        self.assertEqual(self.look(key, "state"), "done")
        self.assertEqual(self.found(), set())

    def test_deleting_all_keeps_what_is_on_hold_and_says_so(self):
        held, free = self.ended_outbound("L1", "L2", patient=PERSON)
        self.hold(message_ids=[self.look(held, "id")])
        with self.transaction() as env:
            lines = self.messages_of(self.lookup(env))
            lines.action_unlink_all()
            told = {line.res_id: line.execution_details for line in lines}
        self.assertIn("Kept: legal hold", told[self.look(held, "id")])
        self.assertEqual(json.loads(self.opens(held))["patient"], PERSON)
        self.assertEqual(self.opens(free), "shredded")

    def test_a_privacy_request_about_the_same_person_can_be_made_of_it(self):
        [key] = self.ended_outbound("L1", patient=PERSON)
        with self.transaction() as env:
            user = env["res.users"].browse(self.officer)
            user.group_ids |= env.ref("base.group_system")
            action = self.lookup(env(user=user.id)).action_interop_request()
        request = action["res_id"]
        self.act(request, "action_look_up")
        self.assertEqual(self.outcomes(request), {key: "found"})
