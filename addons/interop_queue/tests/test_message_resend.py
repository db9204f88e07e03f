from odoo.exceptions import AccessError, UserError
from odoo.tests.common import TransactionCase, new_test_user

from odoo.addons.interop_vault.lib.refs import Sealing

from .common import build_world


class TestResend(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        world = build_world(cls.env, "resend-test")
        cls.area, cls.flow, cls.connector = world["area"], world["out"], world["connector"]
        cls.partner = cls.env["res.partner"].create({"name": "Test supplier"})

    def message(self, state="done", **values):
        self.env["interop.queue"]._emit("test.note.ready", self.partner)
        message = self.env["interop.message"].search([("flow_id", "=", self.flow.id)], limit=1)
        for name, value in ({"state": state} | values).items():
            self.env.cr.execute(
                f"UPDATE interop_message SET {name} = %s WHERE id = %s", [value, message.id]
            )
        message.invalidate_recordset()
        return message

    def test_the_new_message_is_about_the_same_and_has_a_key_of_its_own(self):
        old = self.message()
        new = old.action_resend("The supplier lost it")
        self.assertNotEqual(new.uuid, old.uuid)
        self.assertGreater(new.id, old.id)
        self.assertEqual(new.resent_from_id, old)
        self.assertEqual(old.resent_ids, new)
        self.assertEqual(new.state, "ready")
        self.assertFalse(new.interchange_id)
        for name in ("flow_id", "connector_id", "company_id", "area_id", "chain", "business_key",
                     "res_model", "res_id", "document_type", "partner_id", "event"):  # fmt: skip
            self.assertEqual(new[name], old[name], name)
        self.assertEqual(old.state, "done", "what was sent stays as it is")

    def test_it_asks_for_a_reason_and_is_evidence(self):
        old = self.message()
        for reason in (None, "", "   ", "why"):
            with self.assertRaises(UserError):
                old.action_resend(reason)
        self.assertFalse(old.resent_ids)
        new = old.action_resend("The supplier lost it")
        self.env.cr.execute(
            "SELECT details FROM interop_audit_entry WHERE act = 'message.resent' "
            "AND subject = %s::uuid",
            [old.uuid],
        )
        [details] = self.env.cr.fetchone()
        self.assertIn("The supplier lost it", details)
        self.assertIn(new.uuid, details)

    def test_only_operators_resend(self):
        old = self.message()
        for group in ("group_user", "group_payload_reader"):
            user = new_test_user(self.env, group, groups=f"interop_base.{group}")
            user.interop_area_ids = self.area
            with self.assertRaises(AccessError):
                old.with_user(user).action_resend("The supplier lost it")
        operator = new_test_user(self.env, "resender", groups="interop_base.group_operator")
        with self.assertRaises(AccessError):
            old.with_user(operator).action_resend("Not of an area of mine")
        operator.interop_area_ids = self.area
        self.assertTrue(old.with_user(operator).action_resend("The supplier lost it"))

    def test_what_is_on_its_way_is_not_sent_a_second_time(self):
        for state in ("waiting", "ready", "running"):
            message = self.message(state)
            with self.subTest(state), self.assertRaises(UserError):
                message.action_resend("Because I want to")
            self.env.cr.execute(
                "UPDATE interop_message SET state = 'done' WHERE id = %s", [message.id]
            )
        for state in ("sent", "done", "dead", "cancelled"):
            self.assertTrue(self.message(state).action_resend("The supplier lost it"), state)

    def test_what_came_in_is_not_sent(self):
        with self.assertRaises(UserError):
            self.message(direction="in").action_resend("Because I want to")

    def test_nothing_is_sent_on_what_is_retired(self):
        old = self.message()
        self.connector.action_retire()
        with self.assertRaises(UserError):
            old.action_resend("The supplier lost it")

    def test_a_dead_letter_is_cancelled_as_it_would_hold_its_successor(self):
        old = self.message("dead")
        new = old.action_resend("Its key is blocked at the supplier")
        self.assertEqual(old.state, "cancelled")
        self.assertEqual(new.state, "ready")

    def test_a_document_that_came_along_goes_along(self):
        old = self.message(res_id=None, res_model=None)
        vault = self.env["interop.vault"]
        with self.assertRaises(UserError, msg="it is not kept any more"):
            old.action_resend("The supplier lost it")
        vault._seal_many([Sealing(old.uuid, "document", b'{"number": "Canary"}')])
        new = old.action_resend("The supplier lost it")
        self.assertEqual(vault._open(new.uuid, "document"), b'{"number": "Canary"}')
        self.assertEqual(vault._open(old.uuid, "document"), b'{"number": "Canary"}')

    def test_many_are_sent_again_in_their_own_order(self):
        olds = self.message() | self.message() | self.message()
        news = olds.sorted("id", reverse=True).action_resend("The supplier lost them all")
        self.assertEqual(news.sorted("id").resent_from_id.ids, olds.sorted("id").ids)

    def test_the_dialog_says_what_will_happen(self):
        arrived, dead = self.message("done"), self.message("dead")
        behind = self.message("waiting", parked=True)
        self.assertEqual(behind.chain, dead.chain)
        wizard = self.env["interop.message.resend"].create(
            {"message_ids": (arrived | dead).ids, "reason": "The supplier lost them"}
        )
        self.assertEqual(
            (wizard.message_count, wizard.arrived_count, wizard.dead_count, wizard.chain_count),
            (2, 1, 1, 1),
        )
        action = wizard.action_resend()
        made = self.env["interop.message"].search(action["domain"])
        self.assertEqual(made.resent_from_id, arrived | dead)

    def test_the_timelines_tell_of_each_other(self):
        old = self.message()
        new = old.action_resend("The supplier lost it")
        self.assertIn(old.uuid, str(new.timeline))
        self.assertIn(new.uuid, str(old.timeline))


class TestRedriveDialog(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = build_world(cls.env, "redrive-test")["out"]
        partner = cls.env["res.partner"].create({"name": "Test supplier"})
        for _number in range(3):
            cls.env["interop.queue"]._emit("test.note.ready", partner)
        cls.messages = cls.env["interop.message"].search([("flow_id", "=", cls.flow.id)])
        cls.dead = cls.messages[-1]
        cls.env.cr.execute(
            "UPDATE interop_message SET state = CASE WHEN id = %s THEN 'dead' ELSE 'waiting' END, "
            "parked = id <> %s, failure_class = 'uncertain' WHERE id = ANY(%s)",
            [cls.dead.id, cls.dead.id, cls.messages.ids],
        )
        cls.messages.invalidate_recordset()

    def dialog(self, messages, **values):
        return self.env["interop.message.redrive"].create({"message_ids": messages.ids} | values)

    def cancelling(self, messages):
        values = {"message_ids": messages.ids, "reason": "Ordered by phone"}
        return self.env["interop.message.decision"].create(values)

    def test_it_tells_how_many_run_again_and_who_follows(self):
        dialog = self.dialog(self.messages[:1] | self.dead)
        self.assertEqual((dialog.dead_count, dialog.other_count), (1, 1))
        self.assertEqual((dialog.uncertain_count, dialog.outbound_count), (1, 1))
        self.assertEqual(self.dialog(self.dead).behind_count, 2)

    def test_it_runs_the_dead_letters_and_leaves_the_others(self):
        self.dialog(self.messages, reason="The supplier mended it").action_redrive()
        self.assertEqual(self.dead.state, "ready")
        self.assertTrue(self.dead.redriven_at)
        self.assertEqual(set((self.messages - self.dead).mapped("state")), {"waiting"})
        self.env.cr.execute(
            "SELECT subject::text, details FROM interop_audit_entry "
            "WHERE act = 'message.redriven' AND res_id = ANY(%s)",
            [self.messages.ids],
        )
        [[subject, details]] = self.env.cr.fetchall()
        self.assertEqual(subject, self.dead.uuid)
        self.assertIn("The supplier mended it", details)

    def test_without_a_dead_letter_there_is_nothing_to_run(self):
        with self.assertRaises(UserError):
            self.dialog(self.messages - self.dead).action_redrive()

    def test_it_and_the_cancel_dialog_tell_what_the_messages_stand_for(self):
        later = self.messages - self.dead
        self.env.cr.execute(
            "UPDATE interop_message SET state = 'done', parked = FALSE, coalesced_into_id = %s "
            "WHERE id = ANY(%s)",
            [self.dead.id, later.ids],
        )
        self.messages.invalidate_recordset()
        self.assertEqual(self.dialog(self.dead).stood_for_count, 2)
        self.assertEqual(self.cancelling(self.dead).stood_for_count, 2)
        self.assertEqual(self.cancelling(later).stood_for_count, 0)

    def test_what_the_partner_has_already_is_not_lost_by_cancelling(self):
        self.env.cr.execute(
            "UPDATE interop_message SET state = 'sent', coalesced_into_id = NULLIF(%s, id) "
            "WHERE id = ANY(%s)",
            [self.dead.id, self.messages.ids],
        )
        self.messages.invalidate_recordset()
        self.assertEqual(self.cancelling(self.dead).stood_for_count, 0)
