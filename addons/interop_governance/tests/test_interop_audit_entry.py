"""The trail is searched by what people know, and says in words what was done."""

from odoo.exceptions import AccessError, UserError

from .common import OTHER, PERSON, GovernanceCase


class TestInteropAuditEntry(GovernanceCase):
    def found(self, *domain, user=None):
        """(act, identity) of the entries found, the oldest first."""
        with self.transaction() as env:
            entries = env["interop.audit.entry"].with_user(user or self.auditor)
            return [(each.act, each.subject) for each in entries.search([*domain], order="id")]

    def test_what_happened_to_a_persons_messages_is_found_and_whom_is_not_kept(self):
        about, other = self.enqueue("S1", patient=PERSON), self.enqueue("S2", patient=OTHER)
        came = self.accept({"number": f"S3-{self.tag}", "patient": PERSON})
        with self.handled():
            self.drain()
        found = self.found(("person", "=", " ines CANARY-quist"))
        self.assertCountEqual(
            found, [("message.sent", about), ("message.received", came), ("message.applied", came)]
        )
        self.assertNotIn(other, str(found))
        actor, facts = self.last_entry("person.search")
        self.assertEqual((actor, facts), (self.auditor, '{"found":2}'))
        with self.assertRaises(AccessError):
            self.found(("person", "=", PERSON), user=self.manager)

    def test_a_search_for_a_person_cannot_be_saved(self):
        with self.transaction() as env:
            for domain, refused in (
                ("[('person', '=', 'x')]", True),
                ("[('act', '=', 'x')]", False),
            ):
                values = {"name": "Mine", "model_id": "interop.audit.entry", "domain": domain}
                if refused:
                    with self.assertRaises(UserError):
                        env["ir.filters"].create(values)
                else:
                    env["ir.filters"].create(values).unlink()

    def test_entries_are_found_by_the_number_on_the_document(self):
        key = self.enqueue(f"S4-{self.tag}", order=f"PO-{self.tag}")
        self.drain()
        for number in (f"S4-{self.tag}", f"po-{self.tag}", f"S4-{self.tag[:6]}"):
            self.assertEqual(self.found(("document_number", "=", number)), [("message.sent", key)])
        self.assertEqual(self.found(("document_number", "=", f"x{self.tag}")), [])

    def test_entries_are_found_by_connector_with_what_was_changed_about_it(self):
        key = self.enqueue("S5")
        self.drain()
        name = f"Test {self.tag}"
        for value in (("=", self.world["connector"]), ("ilike", name)):
            acts = {act for act, _subject in self.found(("connector_id", *value))}
            self.assertLessEqual({"message.sent", "connector.create", "connector.activate"}, acts)
        self.assertEqual(
            self.found(("connector", "=", f"test-{self.tag}"), ("subject", "=", key)),
            [("message.sent", key)],
        )

    def test_entries_are_found_by_flow_with_what_was_changed_about_it(self):
        key = self.enqueue("S6")
        self.drain()
        found = self.found(("flow_id", "=", self.world["out"]))
        self.assertIn(("message.sent", key), found)
        self.assertIn("flow.published", {act for act, _subject in found})
        self.assertNotIn(("message.sent", key), self.found(("flow_id", "=", self.world["in"])))

    def test_a_change_is_told_in_a_sentence_with_who_approved_it(self):
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.write({"expects_answer": True, "name": f"Renamed {self.tag}"})
            env.flush_all()
            env.cr.precommit.run()
            entries = env["interop.audit.entry"].search(
                [("res_model", "=", "interop.flow"), ("res_id", "=", flow.id)], limit=1
            )
            self.assertEqual(entries.act, "flow.change")
            self.assertIn(f"Flow changed: Renamed {self.tag} (", entries.told)
            self.assertIn("Name", entries.told)
            self.assertFalse(entries.approved_by)
