from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from odoo.addons.interop_audit.lib.acts import label_of
from odoo.addons.interop_connector.lib.control_numbers import NUMBER_KINDS

from .recovery_common import RecoveryCase


class TestInteropRecovery(RecoveryCase):
    def test_the_request_opens_a_case_that_shows_what_is_in_doubt(self):
        recovery = self.ask()
        line = self.line(recovery)
        self.assertEqual((line.in_doubt, line.ready), (6, 6))
        self.assertEqual(line.proposal, "hold")
        self.assertEqual(recovery.in_doubt, 6)
        self.assertEqual(set(recovery.key_ids.mapped("key")), set(self.keys))
        self.assertEqual(recovery.secrets.count(":") > 0, True)
        self.assertIn(("recovery.opened"), [act for act, _details in self.acts()])

    def test_nothing_leaves_before_each_connector_has_a_decision(self):
        recovery = self.ask()
        self.assertIn(self.connector.name, recovery.to_do)
        with self.assertRaisesRegex(UserError, "Decide in the recovery case"):
            recovery.with_user(self.approver).action_approve()
        self.assertFalse(self.fence._state().is_open)
        recovery.action_accept_proposals()
        self.assertFalse(recovery.to_do)
        self.approve(recovery)
        self.assertTrue(self.fence._state().is_open)
        self.assertEqual(recovery.state, "armed")

    def test_who_asked_does_not_approve_the_case_either(self):
        recovery = self.ask()
        recovery.action_accept_proposals()
        self.manager.sudo().group_ids += self.env.ref("interop_base.group_approver")
        with self.assertRaisesRegex(AccessError, "ask a colleague"):
            recovery.action_approve()

    def test_held_messages_become_exceptions_of_people(self):
        recovery = self.ask()
        self.decide(recovery, "hold")
        self.approve(recovery)
        self.assertEqual(self.states(), ["dead"] * 6)
        message = self.env["interop.message"].search([("uuid", "=", self.keys[0])])
        self.assertEqual(message.failure_class, "uncertain")
        self.assertIn("restored from a backup", message.failure)
        if "interop.exception" in self.env:
            found = self.env["interop.exception"].search([("message_uuid", "in", self.keys)])
            self.assertEqual(len(found), 6)

    def test_sending_again_keeps_messages_and_keys(self):
        recovery = self.ask()
        self.decide(recovery, "again")
        self.approve(recovery)
        self.assertEqual(self.states(), ["ready"] * 6)

    def test_an_answer_before_approval_settles_what_the_partner_has(self):
        recovery = self.ask()
        self.decide(recovery, "ask")
        text = f"key,received_at\n{self.keys[0]},2026-01-02T03:04:05Z\n{self.keys[1]},\nstrange,\n"
        wizard = self.answer(recovery, text)
        self.assertIn("2 in doubt are known", wizard.meaning)
        self.assertIn("4 are not named: they are sent", wizard.meaning)
        self.assertEqual(self.states(), ["ready"] * 6)
        wizard.action_take()
        self.assertEqual(self.states(), ["ready"] * 6, "nothing happens before the approval")
        self.approve(recovery)
        self.assertEqual(self.states(), ["done"] * 2 + ["ready"] * 4)
        message = self.env["interop.message"].search([("uuid", "=", self.keys[0])])
        self.assertEqual(str(message.sent_at), "2026-01-02 03:04:05")
        known = [details for act, details in self.acts("message.known")]
        self.assertEqual(known, [{"recovery": recovery.id}] * 2)
        line = self.line(recovery)
        self.assertEqual((line.known, line.missing, line.lost, line.open_doubt), (2, 4, 1, 0))

    def test_an_answer_after_approval_settles_and_sends_at_once(self):
        recovery = self.ask()
        self.decide(recovery, "ask")
        self.approve(recovery)
        self.assertEqual(self.states(), ["dead"] * 6)
        self.answer(recovery, f"key\n{self.keys[5]}\n", complete=False).action_take()
        self.assertEqual(self.states(), ["dead"] * 5 + ["done"])
        self.answer(recovery, f"key\n{self.keys[4]}\n").action_take()
        self.assertEqual(self.states(), ["ready"] * 4 + ["done"] * 2)

    def test_a_later_answer_takes_back_that_the_partner_does_not_have_it(self):
        recovery = self.ask()
        self.decide(recovery, "ask")
        self.answer(recovery, "key\n").action_take()
        self.assertEqual(self.line(recovery).missing, 6)
        self.answer(recovery, f"key\n{self.keys[0]}\n").action_take()
        self.approve(recovery)
        self.assertEqual(self.states(), ["done"] + ["ready"] * 5)

    def test_lost_messages_are_listed_once_and_each_is_settled(self):
        recovery = self.ask()
        self.decide(recovery, "again")
        for _time in range(2):
            self.answer(recovery, "key\nlost-1\nlost-2\n", complete=False).action_take()
        self.assertEqual(recovery.lost_ids.mapped("key"), ["lost-1", "lost-2"])
        self.approve(recovery)
        with self.assertRaisesRegex(UserError, "open: 2"):
            recovery.action_close()
        recovery.lost_ids[0].write({"settlement": "entered_again", "note": "P00042"})
        recovery.lost_ids[1].settlement = "withdrawn"
        self.assertEqual(recovery.lost_ids[0].settled_by_id, self.manager)
        recovery.action_close()
        self.assertEqual((recovery.state, recovery.closed_by_id), ("closed", self.manager))
        with self.assertRaises(UserError):
            recovery.lost_ids[0].write({"note": "Later"})

    def test_our_own_keys_are_not_lost_whatever_became_of_them(self):
        self.env.cr.execute(
            "UPDATE interop_message SET state = 'done' WHERE uuid = %s", [self.keys[0]]
        )
        recovery = self.ask()
        self.answer(recovery, f"key\n{self.keys[0]}\n").action_take()
        self.assertFalse(recovery.lost)
        self.assertEqual(self.line(recovery).known, 0)

    def test_the_file_for_the_partner_has_keys_and_no_content(self):
        recovery = self.ask()
        data = self.line(recovery)._keys_file().decode()
        self.assertEqual(data.splitlines()[0], "key,document,accepted_at")
        self.assertEqual([line.split(",")[0] for line in data.splitlines()[1:]], self.keys)
        self.line(recovery).action_compare()
        [exported] = [d for act, d in self.acts() if act == "recovery.keys_exported"]
        self.assertEqual(exported["keys"], 6)

    def test_a_payload_of_several_is_known_to_the_partner_by_its_own_key(self):
        self.env.cr.execute(
            "INSERT INTO interop_interchange (uuid, connector_id, area_id, direction, state,"
            " idempotency_key, document_count, size, digest, created_at)"
            " VALUES ('x', %s, %s, 'out', 'prepared', 'batch-1', 2, 1, 'd', now()) RETURNING id",
            [self.connector.id, self.flow.area_id.id],
        )
        [(interchange,)] = self.env.cr.fetchall()
        self.env.cr.execute(
            "UPDATE interop_message SET interchange_id = %s WHERE uuid = ANY (%s)",
            [interchange, self.keys[:2]],
        )
        recovery = self.ask()
        self.decide(recovery, "ask")
        self.answer(recovery, "key\nbatch-1\n").action_take()
        self.approve(recovery)
        self.assertEqual(self.states(), ["done"] * 2 + ["ready"] * 4)

    def test_those_behind_a_message_that_the_partner_has_are_let_go(self):
        head, behind = self.enqueue(2, chain="chain")
        self.env.cr.execute(
            "UPDATE interop_message SET state = 'waiting', parked = TRUE WHERE uuid = %s", [behind]
        )
        recovery = self.ask()
        self.decide(recovery, "ask")
        self.answer(recovery, f"key\n{head}\n").action_take()
        self.approve(recovery)
        self.assertEqual(self.states([head, behind]), ["done", "ready"])

    def test_what_was_running_is_in_nobodys_hands_afterwards(self):
        self.env.cr.execute(
            "UPDATE interop_message SET state = 'running', lease_token = 'x',"
            " lease_until = now() WHERE uuid = %s",
            [self.keys[0]],
        )
        self.env.cr.execute(
            "UPDATE interop_connector_runtime SET in_flight = 1 WHERE connector_id = %s",
            [self.connector.id],
        )
        recovery = self.ask()
        self.assertEqual(self.line(recovery).running, 1)
        self.decide(recovery, "hold")
        self.approve(recovery)
        self.env.cr.execute(
            "SELECT in_flight FROM interop_connector_runtime WHERE connector_id = %s",
            [self.connector.id],
        )
        self.assertEqual(self.env.cr.fetchall(), [(0,)])

    def test_control_numbers_go_on_ahead_of_what_may_have_been_used(self):
        rule = NUMBER_KINDS.get("interchange").rule
        counters = self.env["interop.control.number"]
        counters._ensure(self.connector.id, "out", {"interchange": rule})
        counter = counters.search([("connector_id", "=", self.connector.id)])
        recovery = self.ask()
        chosen = recovery.counter_ids.filtered(lambda line: line.counter_id == counter)
        self.assertEqual(chosen.proposed, counter.next_number + 12)
        self.decide(recovery, "hold")
        chosen.chosen = counter.next_number + 500
        before = counter.next_number
        self.approve(recovery)
        self.assertEqual(counter.next_number, before + 500)

    def test_decisions_are_a_managers_and_end_with_the_approval(self):
        recovery = self.ask()
        with self.assertRaises(AccessError):
            self.line(recovery).with_user(self.approver).decision = "again"
        with self.assertRaises(AccessError):
            self.line(recovery).in_doubt = 0
        with self.assertRaises(AccessError):
            recovery.state = "armed"
        with self.assertRaises(AccessError):
            recovery.key_ids[0].verdict = "known"
        self.decide(recovery, "hold")
        self.approve(recovery)
        with self.assertRaises(UserError):
            self.line(recovery).decision = "again"

    def test_a_refused_request_calls_the_case_off(self):
        recovery = self.ask()
        recovery.with_user(self.approver).action_refuse()
        self.assertEqual(recovery.state, "called_off")
        self.assertEqual(self.states(), ["ready"] * 6)
        self.assertFalse(self.fence._state().is_open)

    def test_alone_in_an_emergency_holds_what_the_partner_would_not_recognise(self):
        self.fence._arm_alone("Nobody can be reached")
        self.assertEqual(self.states(), ["dead"] * 6)
        recovery = self.env["interop.recovery"].search([], limit=1)
        self.assertTrue(recovery.alone)
        self.assertEqual(recovery.state, "armed")
        self.assertEqual([a for a, _d in self.acts("fence.")][-1], "fence.arm_alone")

    def test_the_form_opens_and_decides(self):
        recovery = self.ask()
        with (
            Form(recovery) as form,
            form.line_ids.edit(
                [line.id for line in recovery.line_ids].index(self.line(recovery).id)
            ) as line,
        ):
            line.decision = "again"
            line.note = "Told by phone"
        self.assertEqual(self.line(recovery).decision, "again")
        [decided] = [details for act, details in self.acts() if act == "recovery.decided"]
        self.assertEqual((decided["decision"], decided["proposal"]), ("again", "hold"))

    def test_an_approver_finds_recoveries_under_evidence_and_nothing_else(self):
        menus = self.env["ir.ui.menu"].with_user(self.approver)
        visible = menus.browse(menus._visible_menu_ids())
        evidence = self.env.ref("interop_audit.menu_interop_evidence")
        self.assertIn(evidence, visible)
        under = visible.filtered(lambda menu: menu.parent_id == evidence)
        self.assertEqual(under, self.env.ref("interop_governance.menu_interop_recovery"))

    def test_acts_of_a_recovery_have_words_in_the_trail(self):
        recovery = self.ask()
        self.decide(recovery, "hold")
        self.answer(recovery, f"key\n{self.keys[0]}\nlost\n", complete=False).action_take()
        self.approve(recovery)
        recovery.lost_ids.settlement = "not_ours"
        seen = {
            act for prefix in ("recovery.", "fence.", "message.") for act, _d in self.acts(prefix)
        }
        self.assertLessEqual({"recovery.lost_settled", "message.known_to_partner"}, seen)
        self.assertEqual([act for act in sorted(seen) if label_of(act) == act], [])

    def test_the_report_is_printed(self):
        recovery = self.ask()
        report = self.env["ir.actions.report"].with_user(self.manager)
        html, _kind = report._render_qweb_html("interop_governance.recovery_report", recovery.ids)
        self.assertIn(self.connector.name.encode(), html)


class TestRecoveryWithKeysRecognised(RecoveryCase):
    idempotent = True

    def test_sending_again_is_proposed(self):
        recovery = self.ask()
        self.assertEqual(self.line(recovery).proposal, "again")
        self.assertTrue(self.line(recovery).idempotent)

    def test_alone_in_an_emergency_sends_again(self):
        self.fence._arm_alone("Nobody can be reached")
        self.assertEqual(self.states(), ["ready"] * 6)
