import io
import json
from unittest.mock import patch

from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.interop_audit.lib.evidence import bundle_text, merkle
from odoo.addons.interop_audit.lib.evidence.bundle_making import Sealed
from odoo.addons.interop_audit.tests.sealing import seal_all
from odoo.addons.interop_base.lib.failures import InternalError

from .evidence_common import REASON, EvidenceCase


@tagged("post_install", "-at_install")
class TestEvidenceBundle(EvidenceCase):
    def test_a_sent_message_is_told_with_proofs_and_verifies(self):
        uuid = self.sent("N-1")
        files = self.files(self.ask_about(uuid))
        self.assertEqual(self.found(files["evidence.json"]), [])
        bundle = json.loads(files["evidence.json"])
        # The version was put in force before the message was sent.
        self.assertEqual(self.acts(bundle), ["flow.published", "message.sent"])
        [message] = bundle["facts"]["messages"]
        self.assertEqual((message["uuid"], message["state"]), (uuid, "done"))
        [payload] = bundle["facts"]["payloads"]
        self.assertEqual([each["outcome"] for each in payload["attempts"]], ["ok"])
        self.assertEqual([each["kind"] for each in message["digests"]], ["document"])
        [version] = bundle["versions"]
        self.assertEqual(bundle_text.text_digest(version["text"]), message["version"])

    def test_nothing_of_the_content_is_in_it(self):
        uuid = self.sent("N-2", quantity=4711.25)
        for name, data in self.files(self.ask_about(uuid)).items():
            self.assertNotIn(b"4711.25", data, name)

    def test_the_same_bytes_are_made_whenever_it_is_downloaded(self):
        uuid = self.sent("N-3")
        bundle_id = self.ask_about(uuid)
        first = self.files(bundle_id)
        with self.transaction() as env:
            # Life goes on: more is written and sealed, and the message itself changes.
            env["interop.audit"]._record("test.later", subject=uuid)
            env["interop.message"].search([("uuid", "=", uuid)]).failure = "Something later"
        seal_all(self.registry)
        self.assertEqual(self.files(bundle_id), first)
        with self.by() as env:
            bundle = env["interop.evidence.bundle"].browse(bundle_id)
            self.assertEqual(bundle_text.digest(first["evidence.json"]), bundle.digest)
            bundle.action_check()
            self.assertEqual(bundle.state, "true")

    def test_a_trail_that_was_bent_gives_the_old_evidence_no_more(self):
        bundle_id = self.ask_about(self.sent("N-4"))
        with self.by() as env:
            bundle = env["interop.evidence.bundle"].browse(bundle_id)
            bundling = self.registry["interop.audit.bundling"]
            real = bundling._lines

            def bent(model, ids):
                lines = real(model, ids)
                return {at: line.replace(b"message.sent", b"forged") for at, line in lines.items()}

            with patch.object(bundling, "_lines", bent):
                self.assertRaises(InternalError, bundle._bytes)
                bundle.action_check()
            self.assertEqual(bundle.state, "differs")
            with patch.object(bundling, "_lines", lambda model, ids: {}):
                self.assertRaises(InternalError, bundle._bytes)

    def test_making_and_downloading_are_acts_with_the_digest(self):
        bundle_id = self.ask_about(self.sent("N-5"))
        with self.transaction() as env:
            bundle = env["interop.evidence.bundle"].browse(bundle_id)
            entry = env["interop.audit.entry"].search(
                [("act", "=", "evidence.bundle"), ("subject", "=", bundle.uuid)]
            )
            self.assertEqual((entry.digest, entry.actor_id), (bundle.digest, self.auditor))
            self.assertEqual(json.loads(entry.details)["reason"], REASON)

    def test_readings_and_decisions_of_people_are_in_it(self):
        uuid = self.sent("N-6")
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", uuid)])
            message.action_resend("The partner lost it")
            env["interop.audit"]._record(
                "message.content.read",
                record=message,
                subject=uuid,
                details={"reason": "Complaint"},
            )
        acts = self.acts(self.bundle(self.ask_about(uuid)))
        self.assertLessEqual({"message.resent", "message.content.read"}, set(acts))

    def test_a_documents_number_finds_its_messages_and_no_others(self):
        one, two = self.sent("N-70", order="PO-70"), self.sent("N-71", order="PO-701")
        bundle = self.bundle(self.ask(kind="record", number="po-70"))
        self.assertEqual([each["uuid"] for each in bundle["facts"]["messages"]], [one])
        self.assertNotIn(two, json.dumps(bundle))

    def test_a_person_is_found_and_named_nowhere(self):
        canary = "Inez Canary-Quist"
        about = self.sent("N-80", patient=canary)
        self.sent("N-81", patient="Bo Sample")
        with self.by() as env:
            wizard = env["interop.evidence.bundling"].create(
                {"kind": "person", "identifiers": canary, "reason": REASON}
            )
            env.flush_all()
            env.invalidate_all()
            env.cr.execute(
                "SELECT w::text FROM interop_evidence_bundling w WHERE id = %s", [wizard.id]
            )
            self.assertNotIn("Canary", env.cr.fetchone()[0])
            self.assertFalse(wizard.identifiers)
            wizard_id = wizard.id
        with self.by() as env:
            bundle_id = env["interop.evidence.bundling"].browse(wizard_id).action_make()["res_id"]
        files = self.files(bundle_id)
        bundle = json.loads(files["evidence.json"])
        self.assertEqual([each["uuid"] for each in bundle["facts"]["messages"]], [about])
        with self.transaction() as env:
            kept = env["interop.evidence.bundle"].browse(bundle_id).read()
        pages = PdfReader(io.BytesIO(files["evidence.pdf"])).pages
        text = "".join(page.extract_text() for page in pages)
        for data in (files["evidence.json"].decode(), text, str(kept)):
            self.assertNotIn("Canary", data)

    def test_against_an_anchor_it_proves_to_be_of_the_same_history(self):
        with self.transaction() as env:
            env.cr.execute(
                "SELECT statement, signature FROM interop_audit_seal ORDER BY number LIMIT 1"
            )
            text, signature = env.cr.fetchone()
        anchor = Sealed(text, bytes(signature))
        uuid = self.sent("N-9")
        line = json.dumps({"statement": text, "signature": anchor.signature.hex()})
        for entered in (line, "1"):
            data = self.files(self.ask_about(uuid, anchors=entered))["evidence.json"]
            self.assertEqual(self.found(data, [anchor]), [])
        [without] = self.found(self.files(self.ask_about(uuid))["evidence.json"], [anchor])
        self.assertEqual(without.severity, "warning")

    # -- rights --------------------------------------------------------------------------------

    def test_only_auditors_and_managers_make_bundles(self):
        uuid = self.sent("N-10")
        with self.transaction() as env:
            operator = self.new_user(env, f"op-{self.tag}", "interop_base.group_operator").id
            manager = self.new_user(env, f"man-{self.tag}", "interop_base.group_manager", []).id
        with self.assertRaises(AccessError):
            self.ask_about(uuid, user_id=operator)
        with self.by(operator) as env, self.assertRaises(AccessError):
            env["interop.evidence.bundle"].search([])
        self.assertTrue(self.ask_about(uuid, user_id=manager))

    def test_messages_of_other_areas_and_companies_are_not_told(self):
        uuid = self.sent("N-11")
        with self.transaction() as env:
            elsewhere = self.new_user(env, f"else-{self.tag}", "interop_base.group_auditor", []).id
            company = env["res.company"].create({"name": f"Other {self.tag}"})
            foreign = self.new_user(env, f"foreign-{self.tag}", "interop_base.group_auditor")
            foreign.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
            foreign = foreign.id
        for user in (elsewhere, foreign):
            with self.assertRaises(UserError):
                self.ask_about(uuid, user_id=user)
        bundle_id = self.ask_about(uuid)
        for user in (elsewhere, foreign):
            with self.by(user) as env:
                self.assertFalse(env["interop.evidence.bundle"].search([("id", "=", bundle_id)]))

    def test_entries_of_areas_that_one_may_not_see_are_withheld_and_counted(self):
        uuid = self.sent("N-12")
        with self.transaction() as env:
            area = env["interop.area"].create({"name": "Secret", "code": f"secret-{self.tag}"})
            env["interop.audit"]._record("test.secret", subject=uuid, area_id=area.id)
        bundle = self.bundle(self.ask_about(uuid))
        self.assertEqual(bundle["about"]["withheld"], 1)
        self.assertNotIn("test.secret", self.acts(bundle))

    def test_a_bundle_is_never_changed_or_deleted(self):
        bundle_id = self.ask_about(self.sent("N-13"))
        with self.transaction() as env:
            manager = self.new_user(env, f"man2-{self.tag}", "interop_base.group_manager").id
        for user in (self.auditor, manager):
            with self.by(user) as env:
                bundle = env["interop.evidence.bundle"].browse(bundle_id)
                self.assertRaises(AccessError, bundle.write, {"digest": "0"})
                self.assertRaises(AccessError, bundle.unlink)
                self.assertRaises(AccessError, bundle.copy)
        with self.by() as env:
            bundle = env["interop.evidence.bundle"].sudo().browse(bundle_id)
            self.assertRaises(UserError, bundle.unlink)

    def test_a_reason_is_asked_for(self):
        uuid = self.sent("N-14")
        with self.assertRaises(UserError):
            self.ask_about(uuid, reason="no")

    # -- the paper -----------------------------------------------------------------------------

    def test_the_paper_says_who_what_and_how_to_verify(self):
        uuid = self.sent("N-15")
        bundle_id = self.ask_about(uuid)
        files = self.files(bundle_id)
        pages = PdfReader(io.BytesIO(files["evidence.pdf"])).pages
        text = "\n".join(page.extract_text() for page in pages)
        digest = bundle_text.digest(files["evidence.json"])
        for wanted in ("N-15", "Ada Auditor", REASON, uuid, digest, "How to verify this"):
            self.assertIn(wanted, text)
        for page in pages:
            self.assertIn(digest, page.extract_text())
        self.assertIn(f"Page 1 of {len(pages)}", pages[0].extract_text())
        self.assertIn(digest.encode(), files["README.txt"])

    def test_proofs_are_of_the_log_as_the_standard_has_it(self):
        bundle = self.bundle(self.ask_about(self.sent("N-16")))
        self.assertTrue(bundle["entries"])
        with self.transaction() as env:
            log = env["interop.audit.bundling"]._log_before(bundle["head"])
            env.cr.execute("SELECT frontier FROM interop_audit_seal WHERE number = %s", [log.size])
            row = env.cr.fetchone()
        if row:
            self.assertEqual(log.root(), merkle.Frontier.from_bytes(bytes(row[0])).root())
