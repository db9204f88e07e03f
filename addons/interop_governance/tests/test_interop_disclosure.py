"""What was disclosed, as the list tells it: from the trail, with names and without values."""

from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Datetime

from odoo.addons.interop_queue.tests.common import WIRE, fail

from .common import PERSON, GovernanceCase


class TestInteropDisclosure(GovernanceCase):
    def disclosures(self, user=None, *domain):
        with self.transaction() as env:
            model = env["interop.disclosure"].with_user(user or self.auditor)
            found = model.search([("connector_id", "=", self.world["connector"]), *domain])
            return found.read(
                [
                    "ts", "document_type", "business_key", "outcome", "content", "purpose",
                    "is_exempt", "fields_told", "field_count", "sensitivity", "version_name",
                    "fields_html", "system_id",
                ]
            )  # fmt: skip

    def test_a_sent_document_is_told_with_recipient_reason_and_fields_but_no_value(self):
        self.publish(purpose="supply")
        self.show("mask", pattern="full")
        self.enqueue("D1", quantity=2, patient=PERSON)
        self.drain()
        [told] = self.disclosures()
        self.assertEqual(told["system_id"][1], f"Test {self.tag}")
        self.assertEqual(
            (told["document_type"], told["business_key"], told["outcome"], told["content"]),
            ("TestNote 1.0", "D1", "sent", "kept"),
        )
        self.assertEqual((told["purpose"], told["is_exempt"]), ("Supply", False))
        self.assertEqual(told["fields_told"], "Patient (masked), Number, Quantity")
        self.assertEqual((told["field_count"], told["sensitivity"]), (3, "Health"))
        self.assertRegex(told["version_name"], r"^v\d+ · [0-9a-f]{12}$")
        self.assertIn("Masked", told["fields_html"])
        self.assertNotIn("Canary", str(told))

    def test_it_is_told_as_it_was_published_then_and_not_as_it_is_now(self):
        self.publish(purpose="treatment")
        self.enqueue("D2")
        self.drain()
        self.publish(purpose="marketing")
        [told] = self.disclosures()
        self.assertEqual((told["purpose"], told["is_exempt"]), ("Treatment", True))

    def test_it_is_still_told_when_the_content_is_purged(self):
        key = self.enqueue("D3", patient=PERSON)
        self.drain()
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", key)])
            env["interop.erasure"]._erase(message.ids, [])
        [told] = self.disclosures()
        self.assertEqual((told["content"], told["fields_told"]), ("purged", "Number"))

    def test_a_failed_try_that_may_have_told_the_partner_something_counts_once(self):
        WIRE.script = lambda body, tries: fail("uncertain")
        self.enqueue("D4")
        self.drain()
        WIRE.script = lambda body, tries: fail("partner", status=422)
        self.enqueue("D5")
        self.drain()
        WIRE.script = _refusing
        self.enqueue_many([{"number": "D6"}, {"number": "D7"}], [None, None])
        self.drain()
        self.make_due()
        self.drain()
        found = {told["business_key"]: told["outcome"] for told in self.disclosures()}
        self.assertEqual(found, {"D4": "perhaps", "D5": "refused", "D7": "refused"})
        self.make_due()
        self.drain()
        self.assertEqual(
            [each["outcome"] for each in self.disclosures(None, ("business_key", "=", "D7"))],
            ["sent"],
        )

    def test_it_is_told_to_auditors_of_the_area_only(self):
        self.enqueue("D8")
        self.drain()
        self.assertEqual(len(self.disclosures(self.auditor)), 1)
        self.assertEqual(self.disclosures(self.stranger), [])
        with self.assertRaises(AccessError):
            self.disclosures(self.manager)

    def test_disclosures_are_found_by_time_and_counted_by_recipient(self):
        self.enqueue_many([{"number": "D9"}, {"number": "D10"}], [None, None])
        self.drain()
        soon = Datetime.now() + timedelta(minutes=5)
        self.assertEqual(len(self.disclosures(None, ("ts", "<", soon))), 2)
        self.assertEqual(self.disclosures(None, ("ts", ">=", soon)), [])
        with self.transaction() as env:
            [(system, count)] = (
                env["interop.disclosure"]
                .with_user(self.auditor)
                ._read_group(
                    [("connector_id", "=", self.world["connector"])], ["system_id"], ["__count"]
                )
            )
            self.assertEqual((system.name, count), (f"Test {self.tag}", 2))

    def test_exporting_the_list_is_noted(self):
        self.enqueue("D11")
        self.drain()
        with self.transaction() as env:
            auditor = env["res.users"].browse(self.auditor)
            auditor.group_ids += env.ref("base.group_allow_export")
            found = (
                env["interop.disclosure"]
                .with_user(auditor)
                .search([("connector_id", "=", self.world["connector"])])
            )
            found.export_data(["ts", "business_key"])
        actor, facts = self.last_entry("list.export")
        self.assertEqual(actor, self.auditor)
        self.assertEqual(facts, '{"fields":["ts","business_key"],"list":"Disclosure","rows":1}')


def _refusing(body, tries):
    """D6 never reaches the partner; D7 is turned away twice and then taken."""
    if body["number"] == "D6":
        fail("transient")
    if tries < 3:
        fail("transient", status=503)
