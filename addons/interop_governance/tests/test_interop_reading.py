"""Who read content, and the reason that they gave."""

from odoo.exceptions import AccessError

from .common import PERSON, GovernanceCase


class TestInteropReading(GovernanceCase):
    def test_a_reading_is_told_with_reader_and_reason(self):
        key = self.enqueue("C1", patient=PERSON)
        self.drain()
        with self.transaction() as env:
            reader = self.new_user(env, "reader", "interop_base.group_payload_reader")
            message = env["interop.message"].search([("uuid", "=", key)])
            message.company_id.interop_identity_check = "never"
            reading = (
                env["interop.content.reading"]
                .with_user(reader)
                .create(
                    {
                        "message_id": message.id,
                        "kind": "document",
                        "reason_code": "partner",
                        "reason": "Ticket 4711",
                    }
                )
            )
            reading.action_read()
        with self.transaction() as env:
            readings = env["interop.reading"].with_user(self.auditor)
            [told] = readings.search([("message_id.uuid", "=", key)]).read()
            self.assertEqual(
                (told["user_number"], told["reason"], told["words"], told["kind"], told["view"]),
                (reader, "partner", "Ticket 4711", "document", "policy"),
            )
            self.assertEqual((told["act"], told["identified"]), ("message.content.read", False))
            [(_month, name, count)] = readings._read_group(
                [("message_id.uuid", "=", key)], ["ts:month", "reader"], ["__count"]
            )
            self.assertEqual((name, count), (told["reader"], 1))
            self.assertNotIn("Canary", str(told))
            self.assertFalse(
                env["interop.reading"]
                .with_user(self.stranger)
                .search([("message_id.uuid", "=", key)])
            )
            with self.assertRaises(AccessError):
                env["interop.reading"].with_user(self.manager).search([])
