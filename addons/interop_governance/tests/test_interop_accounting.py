"""The answer to a person: found by a name that is kept nowhere, and itself noted."""

import base64
import csv
import io
import json
from datetime import timedelta

from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.fields import Date

from ..sql import FIRST_ENTRY
from .common import OTHER, PERSON, GovernanceCase


class TestInteropAccounting(GovernanceCase):
    def clear(self):
        with self.transaction() as env:
            env.cr.execute("DELETE FROM interop_accounting")
        return super().clear()

    def sent(self, number, patient=PERSON):
        key = self.enqueue(number, patient=patient)
        self.drain()
        return key

    def ask(self, whom=PERSON, user=None, **values):
        with self.transaction() as env:
            accounting = (
                env["interop.accounting"]
                .with_user(user or self.auditor)
                .create({"identifiers": whom} | values)
            )
            accounting.action_find()
            return accounting.id

    def told(self, accounting_id, user=None):
        with self.transaction() as env:
            accounting = env["interop.accounting"].with_user(user or self.auditor)
            accounting = accounting.browse(accounting_id)
            return sorted(accounting.disclosure_ids.mapped("business_key")), accounting.gaps

    def file(self, accounting_id, action):
        with self.transaction() as env:
            accounting = env["interop.accounting"].with_user(self.auditor).browse(accounting_id)
            asked = getattr(accounting, action)()
            self.assertEqual(asked["type"], "ir.actions.act_url")
            return base64.b64decode(accounting.file)

    def test_what_was_disclosed_about_a_person_is_found_however_the_name_is_written(self):
        self.sent("A1")
        self.sent("A2", OTHER)
        for whom in (PERSON, "  ines   CANARY-quist ", f"nobody@example.com\n{PERSON}"):
            self.assertEqual(self.told(self.ask(whom))[0], ["A1"])
        self.assertEqual(self.told(self.ask("Canary"))[0], [])

    def test_that_somebody_looked_is_noted_and_whom_they_looked_for_is_kept_nowhere(self):
        self.sent("A3")
        accounting = self.ask(reference="Letter 12")
        self.file(accounting, "action_csv")
        actor, facts = self.last_entry("disclosure.search")
        self.assertEqual(actor, self.auditor)
        facts = json.loads(facts)
        self.assertEqual((facts["found"], facts["reference"]), (1, "Letter 12"))
        with self.transaction() as env:
            stored = self.everything_stored(env, "interop_accounting", "interop_audit_entry")
        self.assertNotIn("Canary", stored)
        self.assertNotIn("canary", stored)

    def test_six_years_are_looked_at_unless_asked_otherwise(self):
        with self.transaction() as env:
            accounting = env["interop.accounting"].with_user(self.auditor).new({})
            self.assertEqual(
                accounting.date_from.replace(year=accounting.date_from.year + 6),
                accounting.date_to,
            )
        self.sent("A4")
        tomorrow, yesterday = (Date.today() + timedelta(days=each) for each in (1, -1))
        self.assertEqual(self.told(self.ask(date_from=tomorrow, date_to=tomorrow))[0], [])
        self.assertEqual(self.told(self.ask(date_from=yesterday, date_to=yesterday))[0], [])
        self.assertEqual(self.told(self.ask(date_to=tomorrow))[0], ["A4"])

    def test_treatment_payment_and_operations_can_be_left_out(self):
        self.publish(purpose="treatment")
        self.sent("A5")
        self.publish(purpose="research")
        self.sent("A6")
        self.assertEqual(self.told(self.ask())[0], ["A5", "A6"])
        self.assertEqual(self.told(self.ask(scope="told"))[0], ["A6"])

    def test_what_cannot_be_found_is_said(self):
        key = self.sent("A7")
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", key)])
            digests = env["interop.persons"]._digests([PERSON])
            env["interop.erasure"]._erase(message.ids, digests)
            env.cr.execute(FIRST_ENTRY)  # other tests leave entries that say they are old
            [first] = env.cr.fetchone()
        found, gaps = self.told(self.ask(date_from=first.date() - timedelta(days=1)))
        self.assertEqual(found, [])
        self.assertRegex(gaps, r"The content of \d+ messages was erased")
        self.assertIn("not words in free texts", gaps)
        self.assertIn(f"The trail begins on {first.date()}.", gaps)

    def test_the_csv_tells_each_disclosure_and_no_person(self):
        self.sent("=A8")
        data = self.file(self.ask(), "action_csv").decode("utf-8-sig")
        [header, row] = csv.reader(io.StringIO(data))
        told = dict(zip(header, row, strict=True))
        self.assertEqual(told["Recipient"], f"Test {self.tag}")
        self.assertEqual(told["Document number"], "'=A8", "no formula for a spreadsheet")
        self.assertEqual(told["Fields"], "Number")
        self.assertNotIn("Canary", data)

    def test_the_statement_is_a_pdf_that_tells_each_disclosure_and_no_person(self):
        self.publish(purpose="research")
        self.sent("A9 <b>&")
        data = self.file(self.ask(reference="Letter 12"), "action_pdf")
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).replace(
            "\n", " "
        )
        for words in (
            "Accounting of disclosures", "Letter 12", f"Test {self.tag}", "A9 <b>&", "Research",
            "Number",
        ):  # fmt: skip
            self.assertIn(words, text)
        self.assertNotIn("Canary", text)
        self.assertEqual(json.loads(self.last_entry("disclosure.statement")[1])["form"], "pdf")

    def test_a_file_cannot_be_had_without_its_being_noted(self):
        self.sent("A10")
        with self.transaction() as env:
            accounting = env["interop.accounting"].with_user(self.auditor).browse(self.ask())
            self.assertFalse(accounting.file)

    def test_only_auditors_ask_and_only_who_asked_sees_what_was_found(self):
        self.sent("A11")
        with self.assertRaises(AccessError):
            self.ask(user=self.manager)
        accounting = self.ask()
        domain = [("accounting_id", "=", accounting)]
        for user, expected in ((self.auditor, 1), (self.stranger, None)):
            with self.transaction() as env:
                model = env["interop.disclosure"].with_user(user)
                if expected is None:
                    with self.assertRaises(AccessError):
                        model.search(domain)
                else:
                    self.assertEqual(len(model.search(domain)), expected)
        self.assertEqual(self.told(self.ask(user=self.stranger), self.stranger)[0], [])

    def test_a_question_without_anybody_or_with_days_the_wrong_way_round_is_refused(self):
        for values in ({"whom": " \n"}, {"date_from": "2030-01-02", "date_to": "2030-01-01"}):
            with self.assertRaises(UserError):
                self.ask(**values)
        with self.assertRaises(UserError):
            self.ask("\n".join(f"Person {number}" for number in range(21)))
