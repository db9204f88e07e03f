"""How far what a partner received reaches: documents, fields and counts, and no values."""

import base64
import csv
import io
import json
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Date

from .common import OTHER, PERSON, GovernanceCase


class TestInteropReceived(GovernanceCase):
    def clear(self):
        with self.transaction() as env:
            env.cr.execute("DELETE FROM interop_received")
        return super().clear()

    def ask(self, user=None, **values):
        with self.transaction() as env:
            received = (
                env["interop.received"]
                .with_user(user or self.auditor)
                .create({"connector_id": self.world["connector"]} | values)
            )
            received.action_find()
            return received.id

    def told(self, received_id, read):
        with self.transaction() as env:
            return read(env["interop.received"].with_user(self.auditor).browse(received_id))

    def test_documents_fields_and_persons_are_counted(self):
        self.show("mask", pattern="full")
        self.enqueue("B1", patient=PERSON)
        self.enqueue("B2", patient=PERSON, quantity=1)
        self.enqueue("B3", patient=OTHER)
        self.enqueue("B4")
        self.drain()
        asked = self.ask()
        self.assertEqual(
            self.told(asked, lambda each: (each.message_count, each.person_count)), (4, 2)
        )
        self.assertEqual(
            self.told(
                asked,
                lambda each: [
                    (line.title, line.sensitivity, line.done, line.messages, line.versions)
                    for line in each.line_ids
                ],
            ),
            [
                ("Patient", "health", "Masked", 3, 1),
                ("Number", "internal", "Sent", 4, 1),
                ("Quantity", "internal", "Sent", 1, 1),
            ],
        )
        self.assertEqual(
            self.told(
                asked,
                lambda each: [
                    (kind.document_type, kind.messages, kind.field_count, kind.persons)
                    for kind in each.kind_ids
                ],
            ),
            [("TestNote 1.0", 4, 3, 2)],
        )

    def test_a_field_that_was_treated_in_two_ways_is_told_twice(self):
        self.show("mask", pattern="full")
        self.enqueue("B5", patient=PERSON)
        self.drain()
        self.show("tokenise")
        self.enqueue("B6", patient=PERSON)
        self.drain()
        asked = self.ask()
        lines = self.told(
            asked, lambda each: [(line.title, line.done, line.versions) for line in each.line_ids]
        )
        self.assertEqual(
            lines, [("Patient", "Masked", 1), ("Patient", "Tokenised", 1), ("Number", "Sent", 2)]
        )

    def test_only_the_days_asked_for_count(self):
        self.enqueue("B7")
        self.drain()
        for days, expected in ((0, 1), (1, 0)):
            day = Date.today() + timedelta(days=days)
            asked = self.ask(date_from=day, date_to=day)
            self.assertEqual(self.told(asked, lambda each: each.message_count), expected)

    def test_it_is_noted_with_the_counts_and_the_files_tell_no_value(self):
        self.enqueue("B8", patient=PERSON)
        self.drain()
        asked = self.ask()
        self.assertEqual(json.loads(self.last_entry("received.search")[1])["messages"], 1)

        def files(received):
            received.action_csv()
            sheet = base64.b64decode(received.file).decode("utf-8-sig")
            received.action_json()
            return sheet, json.loads(base64.b64decode(received.file))

        sheet, told = self.told(asked, files)
        [row] = csv.DictReader(io.StringIO(sheet))
        self.assertEqual((row["Field"], row["Messages"]), ("Number", "1"))
        self.assertEqual((told["connector"], told["messages"]), (f"test-{self.tag}", 1))
        self.assertEqual(
            told["documents"][0]["fields"],
            [{"path": "number", "sensitivity": "internal", "done": "Sent", "messages": 1}],
        )
        for text in (sheet, json.dumps(told)):
            self.assertNotIn("Canary", text)
            self.assertNotIn("B8", text)
        self.assertEqual(json.loads(self.last_entry("received.export")[1])["form"], "json")

    def test_only_auditors_of_the_area_ask(self):
        for user in (self.manager, self.stranger):
            with self.assertRaises(AccessError):
                self.ask(user)
