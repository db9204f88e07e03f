from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_queue.engine.rehearsing import rehearse
from odoo.addons.interop_queue.tests.common import EVENT, WIRE, EngineCase

from ..models.interop_rehearsal_running import _chunk

CANARY = "Canary Person"
RUNNING = "odoo.addons.interop_traffic.models.interop_rehearsal"


def priced(factor):
    def compose(model, records):
        return [
            Document("TestNote", "1.0", {"number": each.ref, "quantity": factor * len(each.ref)})
            for each in records
        ]

    return compose


class TestInteropRehearsal(EngineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.transaction() as env:
            env["res.company"].browse(cls.world["company"]).interop_identity_check = "never"
            for name, groups in (
                ("operator", "interop_base.group_operator"),
                ("reader", "interop_base.group_operator,interop_base.group_payload_reader"),
            ):
                user = new_test_user(env, f"{name}-{cls.tag}", groups=f"base.group_user,{groups}")
                user.interop_area_ids = [(4, cls.world["area"])]
                setattr(cls, name, user.id)

    def clear(self):
        with self.transaction() as env:
            env.cr.execute("DELETE FROM interop_rehearsal")
        return super().clear()

    def sent(self, *refs, factor=1):
        with self.transaction() as env:
            records = env["res.partner"].create([{"name": "Rehearsed", "ref": ref} for ref in refs])
            env["interop.queue"]._emit(EVENT, records)
        with self.handler(_compose=priced(factor)):
            self.drain()
        with self.transaction() as env:
            return (
                env["interop.message"].search([("flow_id", "=", self.world["out"])], order="id").ids
            )

    def shape_of_everything(self):
        """What would tell of a write: rows, their versions, and where sequences are."""
        found = {}
        with self.transaction() as env:
            env.cr.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' "
                "AND table_type = 'BASE TABLE' AND (table_name LIKE 'interop%%' "
                "OR table_name LIKE 'res_partner%%')"
            )
            names = [name for (name,) in env.cr.fetchall()]
            self.assertTrue({"interop_message", "interop_interchange"} <= set(names))
            for name in names:
                env.cr.execute(
                    f"SELECT count(*), max(xmin::text::bigint), "  # noqa: S608 - the catalogue's
                    f'sum(hashtext(ctid::text)) FROM "{name}"'
                )
                found[name] = env.cr.fetchone()
            env.cr.execute("SELECT sequencename, last_value FROM pg_sequences")
            found |= dict(env.cr.fetchall())
        return found

    def test_what_would_leave_as_it_left_is_the_same(self):
        ids = self.sent("A1", "A2")
        with self.handler(_compose=priced(1)):
            found = rehearse(self.registry, ids)
        self.assertEqual([each.outcome for each in found], ["same", "same"])

    def test_what_differs_is_told_field_by_field(self):
        ids = self.sent("B1", "B22")
        with self.handler(_compose=priced(2)):
            found = rehearse(self.registry, ids)
        self.assertEqual([each.outcome for each in found], ["changed", "changed"])
        [change] = found[0].changes
        self.assertEqual((change.path, change.then, change.now), ("quantity", "2", "4"))
        self.assertEqual({each.signature for each in found}, {"quantity"})

    def test_a_rehearsal_changes_nothing_and_nothing_leaves(self):
        ids = self.sent("C1", "C2", "C3")
        WIRE.reset()
        before = self.shape_of_everything()
        with self.handler(_compose=priced(3)):
            rehearse(self.registry, ids)
        self.assertEqual(self.shape_of_everything(), before)
        self.assertFalse(WIRE.seen)

    def test_composing_that_writes_is_refused_by_the_database_also_after_a_fault(self):
        ids = self.sent("D1", "D2")

        def writing(model, records):
            records.write({"comment": "written"})
            records.env.flush_all()
            return priced(1)(model, records)

        before = self.shape_of_everything()
        with self.handler(_compose=writing):
            found = rehearse(self.registry, ids)
        self.assertEqual({each.outcome for each in found}, {"impossible"})
        self.assertIn("would write", found[0].sentence)
        self.assertEqual(self.shape_of_everything(), before)

    def test_one_that_cannot_be_made_says_why_and_the_others_are_compared(self):
        ids = self.sent("E1", "bad", "E3")

        def compose(model, records):
            if "bad" in records.mapped("ref"):
                raise DataError("The supplier has no number.")
            return priced(1)(model, records)

        with self.handler(_compose=compose):
            found = rehearse(self.registry, ids)
        self.assertEqual([each.outcome for each in found], ["same", "impossible", "same"])
        self.assertEqual(
            (found[1].failure_class, found[1].sentence), ("data", "The supplier has no number.")
        )

    def test_a_message_with_its_own_document_is_rehearsed_from_that(self):
        self.enqueue("F1", quantity=3)
        self.drain()
        with self.transaction() as env:
            ids = env["interop.message"].search([("flow_id", "=", self.world["out"])]).ids
        self.assertEqual([each.outcome for each in rehearse(self.registry, ids)], ["same"])

    def test_a_draft_shows_what_it_would_change(self):
        self.enqueue("G1", quantity=3)
        self.drain()
        with self.transaction() as env:
            ids = env["interop.message"].search([("flow_id", "=", self.world["out"])]).ids
            rules = env["interop.flow"].browse(self.world["out"]).policy_id.rule_ids
            quantity = rules.filtered(lambda rule: rule.path == "quantity")
            quantity.action = "drop"
        try:
            [live] = rehearse(self.registry, ids)
            [draft] = rehearse(self.registry, ids, "draft")
        finally:
            with self.transaction() as env:
                env["interop.policy.rule"].browse(quantity.id).action = "send"
        self.assertEqual(live.outcome, "same")
        self.assertEqual(draft.signature, "quantity (only then)")

    def run_one(self, user, ids, **values):
        with self.transaction() as env:
            as_user = env(user=user, su=False)
            action = as_user["interop.message"].browse(ids).action_rehearse()
            rehearsal = as_user["interop.rehearsal"].browse(action["res_id"])
            rehearsal.write({"reason": "Before the new mapping", **values})
            rehearsal.action_start()
            return rehearsal.id

    def test_a_few_are_rehearsed_at_once_and_told_in_a_sentence(self):
        ids = self.sent("H1", "H2")
        with self.handler(_compose=priced(2)):
            number = self.run_one(self.operator, ids)
        with self.transaction() as env:
            rehearsal = env(user=self.operator, su=False)["interop.rehearsal"].browse(number)
            self.assertEqual(rehearsal.state, "done")
            self.assertEqual(rehearsal.told, "2 differ in quantity")
            self.assertEqual((rehearsal.changed_count, rehearsal.message_count), (2, 2))
            self.assertIn("quantity", rehearsal.result_ids[0].fields_html)
            env.cr.execute(
                "SELECT details::text FROM interop_audit_entry WHERE act = 'rehearsal.started' "
                "AND res_id = %s",
                [number],
            )
            self.assertIn("Before the new mapping", env.cr.fetchone()[0])

    def test_a_fault_of_its_own_ends_it_and_says_why(self):
        ids = self.sent("N1")
        with self.transaction() as env:
            as_user = env(user=self.operator, su=False)
            action = as_user["interop.message"].browse(ids).action_rehearse()
            rehearsal = as_user["interop.rehearsal"].browse(action["res_id"])
            rehearsal.reason = "Before the new mapping"
            with patch(f"{RUNNING}.AT_ONCE", 0):
                rehearsal.action_start()
        with (
            patch(f"{RUNNING}_running.rehearse", side_effect=ZeroDivisionError(CANARY)),
            self.assertLogs("odoo.addons.interop_traffic.chunks", "ERROR") as logs,
        ):
            self.assertFalse(_chunk(self.registry, rehearsal.id))
        self.assertIn("in _run_chunk", logs.output[0])
        self.assertNotIn(CANARY, logs.output[0])
        with self.transaction() as env:
            rehearsal = env["interop.rehearsal"].browse(rehearsal.id)
            self.assertEqual(rehearsal.state, "cancelled")
            self.assertIn("ZeroDivisionError", rehearsal.stopped_because)
            self.assertNotIn(CANARY, rehearsal.stopped_because)

    def test_values_are_kept_nowhere(self):
        ids = self.sent("I1")

        def telling(model, records):
            return [Document("TestNote", "1.0", {"number": CANARY}) for _each in records]

        with self.handler(_compose=telling):
            self.run_one(self.operator, ids)
        with self.transaction() as env:
            env.cr.execute("SELECT r::text FROM interop_rehearsal_result r")
            self.assertNotIn(CANARY, str(env.cr.fetchall()))

    def test_values_are_shown_to_payload_readers_with_a_reason_and_evidence(self):
        ids = self.sent("J1")
        with self.handler(_compose=priced(5)):
            number = self.run_one(self.reader, ids)
            with self.transaction() as env:
                as_reader = env(user=self.reader, su=False)
                result = as_reader["interop.rehearsal"].browse(number).result_ids
                reading = as_reader["interop.rehearsal.reading"].create({"result_id": result.id})
                with self.assertRaises(UserError):
                    reading.action_read()
                self.assertFalse(reading.fields_html)
                reading.reason_code = "difference"
                reading.action_read()
                self.assertRegex(str(reading.fields_html), r">\s*10\s*<")
                env.cr.execute(
                    "SELECT count(*) FROM interop_audit_entry WHERE act = 'message.content.read' "
                    "AND res_id = %s",
                    ids,
                )
                self.assertEqual(env.cr.fetchone(), (1,))

    def test_without_the_right_nobody_reads_values_or_rehearses_a_draft(self):
        ids = self.sent("K1")
        with self.handler(_compose=priced(1)):
            number = self.run_one(self.operator, ids)
        with self.transaction() as env:
            as_operator = env(user=self.operator, su=False)
            result = as_operator["interop.rehearsal"].browse(number).result_ids
            with self.assertRaises(AccessError):
                as_operator["interop.rehearsal.reading"].create({"result_id": result.id})
        with self.assertRaises(AccessError):
            self.run_one(self.operator, ids, against="draft")

    def test_messages_of_other_areas_are_left_out(self):
        ids = self.sent("L1")
        with self.transaction() as env:
            env["res.users"].browse(self.operator).interop_area_ids = [(5,)]
        try:
            with self.transaction() as env:
                rehearsals = env(user=self.operator, su=False)["interop.rehearsal"]
                rehearsal = rehearsals.create({})
                rehearsal._take(ids)
                self.assertFalse(rehearsal.message_count)
        finally:
            with self.transaction() as env:
                env["res.users"].browse(self.operator).interop_area_ids = [(4, self.world["area"])]
