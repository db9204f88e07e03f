import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import config

from ..lib.evidence import trail as trails
from ..lib.evidence.findings import Finding
from ..stored_trail import StoredTrail
from .common import AuditCase


def report(*findings, **values):
    given = {
        "entries": 5,
        "unsealed": 0,
        "gone": 0,
        "seals": 2,
        "first_seal": 1,
        "last_seal": 2,
        "sealed_at": "2026-01-02T03:04:05.000000Z",
        "keys": ["ab" * 32],
        "log_root": "",
        "anchors": 0,
        "highest_anchor": 0,
        "is_complete": True,
        "findings": findings,
    }
    return trails.Report(**{**given, **values})


class VerificationCase(AuditCase):
    def setUp(self):
        super().setUp()
        self.runs = self.env["interop.audit.verification"]
        self.auditor = new_test_user(self.env, "auditor", "interop_base.group_auditor")

    def verified(self, *reports):
        """A run that got these reports, slice by slice."""
        run = self.runs.create({"kind": "full"})
        with patch.object(
            type(self.env["interop.audit.verifier"]), "_verify", side_effect=list(reports)
        ):
            for _each in reports:
                run._advance(60)
        return run


class TestVerification(VerificationCase):
    def test_the_trail_of_this_database_verifies_for_an_auditor(self):
        action = self.runs.with_user(self.auditor).action_verify_now()
        run = self.runs.browse(action["res_id"])
        errors = run.finding_ids.filtered(lambda line: line.severity == "error")
        # Tests have a keyring of their own, which is not that of what was sealed here before.
        self.assertLessEqual(set(errors.mapped("code")), {"wrong_key"}, errors.mapped("sentence"))
        self.assertEqual(run.requested_by_id, self.auditor)

    def test_others_do_not_verify(self):
        user = new_test_user(self.env, "nobody", "interop_base.group_operator")
        with self.assertRaises(AccessError):
            self.runs.with_user(user).action_verify_now()
        with self.assertRaises(AccessError):
            self.runs.with_user(self.auditor).create({"kind": "full"})

    def test_the_result_is_one_clear_sentence_and_an_act_in_the_trail(self):
        run = self.verified(report())
        self.assertEqual(run.state, "clean")
        self.assertEqual(
            run.summary,
            "5 entries in 2 seals verified, the last of 2026-01-02 03:04 UTC, by key "
            "abababababababab…: nothing found.",
        )
        entry = self.entries("audit.verify")
        self.assertEqual((entry.outcome, entry.res_id), ("ok", run.id))

    def test_findings_are_listed_and_told_in_the_trail(self):
        run = self.verified(
            report(Finding("deleted", "error", 2, 2_000_000_000, "Entry 7 is gone."))
        )
        self.assertEqual((run.state, run.bad_count), ("found", 1))
        self.assertEqual(run.finding_ids.sentence, "Entry 7 is gone.")
        # The entry is not there, so its seal is shown.
        self.assertEqual(run.finding_ids.action_open()["res_model"], "interop.audit.seal")
        self.assertEqual(self.entries("audit.verify").outcome, "found")
        self.assertIn('"found":["deleted"]', self.entries("audit.verify").details)

    def test_a_note_is_no_finding_to_look_at(self):
        run = self.verified(report(Finding("unsealed", "note", None, None, "1 is younger.")))
        self.assertEqual((run.state, run.bad_count), ("clean", 0))

    def test_a_large_trail_is_verified_slice_by_slice(self):
        run = self.verified(
            report(is_complete=False), report(first_seal=3, last_seal=4, seals=2, entries=6)
        )
        self.assertEqual((run.state, run.entry_count, run.seal_count), ("clean", 11, 4))
        self.assertEqual((run.first_seal, run.last_seal), (1, 4))
        self.assertEqual(len(self.entries("audit.verify")), 1)

    def test_the_night_verifies_only_what_is_new(self):
        self.verified(report())
        with patch.object(type(self.runs), "_last_clean", lambda self: 2):
            self.runs._cron_newer()
        run = self.runs.search([], limit=1)
        self.assertEqual((run.kind, run.begins_after, run.last_seal), ("newer", 2, 2))
        self.runs._cron_newer()
        self.assertEqual(self.runs.search_count([("state", "=", "waiting")]), 1)


class TestGuards(VerificationCase):
    def guards(self):
        return [each.sentence for each in StoredTrail(self.env.cr).guards()]

    def test_guards_stand_as_installed(self):
        self.assertEqual(self.guards(), [])

    def test_a_disabled_trigger_is_noticed_on_every_table(self):
        for table in ("interop_audit_entry", "interop_audit_seal", "interop_audit_epoch"):
            self.env.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER interop_audit_append_only")
            self.assertTrue(any(f"On table {table} " in each for each in self.guards()))

    def test_a_dropped_trigger_is_noticed(self):
        self.env.cr.execute("DROP TRIGGER interop_audit_no_truncate ON interop_audit_seal")
        self.assertEqual(
            self.guards(),
            ["On table interop_audit_seal the trigger that refuses TRUNCATE is missing."],
        )


@tagged("-at_install", "post_install")
class TestExports(VerificationCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.enterContext(patch.dict(config.options, {"data_dir": folder.name}))
        self.folder = Path(folder.name)
        self.exports = self.env["interop.audit.export"].with_user(self.auditor)

    def test_an_auditor_exports_what_was_searched_without_formulas(self):
        self.audit._record("test.found", outcome="=1+1")
        self.audit._record("test.other")
        export = self.exports.create(
            {"kind": "csv", "entry_domain": "[('act', '=', 'test.found')]"}
        )
        export.action_make()
        export.sudo()._make()
        self.assertEqual((export.state, export.entry_count), ("ready", 1), export.failure)
        text = export._file().read_text("utf-8-sig")
        self.assertIn("'=1+1", text)
        self.assertNotIn("test.other", text)
        entry = self.entries("audit.export")
        self.assertEqual((entry.actor_id, entry.outcome), (self.auditor.id, "ok"))
        self.assertIn('"fields":["act"]', entry.details)

    def test_the_whole_trail_is_for_who_may_see_all_of_it(self):
        self.env["interop.area"].create({"name": "Other", "code": "other-area"})
        export = self.exports.create({"kind": "whole"})
        with self.assertRaises(AccessError):
            export.action_make()
        self.auditor.interop_area_ids = self.env["interop.area"].search([])
        self.auditor.company_ids = self.env["res.company"].search([])
        export.action_make()
        export.sudo()._make()
        self.assertEqual(export.state, "ready", export.failure)
        self.assertTrue(export._file().read_bytes().startswith(b"PK"))

    def test_nobody_says_by_hand_which_file_an_export_is(self):
        export = self.exports.create({"kind": "csv"})
        for values in ({"place": "../../secret"}, {"state": "ready"}, {"up_to": 10**9}):
            with self.assertRaises(AccessError):
                export.write(values)
        with self.assertRaises(AccessError):
            self.exports.create({"kind": "csv", "place": "../../secret"})
        export.action_make()
        with self.assertRaises(UserError):
            export.write({"kind": "whole"})

    def test_an_export_is_its_own_auditors(self):
        export = self.exports.create({"kind": "csv"})
        other = new_test_user(self.env, "other-auditor", "interop_base.group_auditor")
        with self.assertRaises(AccessError):
            export.with_user(other).action_make()

    def test_formulas_in_a_search_are_refused(self):
        with self.assertRaises(ValidationError):
            self.exports.create({"kind": "csv", "entry_domain": "[('id', '=', uid)]"})

    def test_a_file_that_is_gone_is_said_to_be_gone(self):
        export = self.exports.create({"kind": "csv"})
        with self.assertRaises(UserError):
            export.action_download()

    def test_files_do_not_stay_for_ever(self):
        export = self.exports.create({"kind": "csv", "entry_domain": "[('id', '=', 0)]"})
        export.action_make()
        export.sudo()._make()
        path = export._file()
        export.sudo().made_at = fields.Datetime.subtract(fields.Datetime.now(), days=8)
        self.env["interop.audit.export"]._gc_files()
        self.assertEqual(export.state, "removed")
        self.assertFalse(path.exists())


class TestUninstalling(AuditCase):
    def go(self, name="interop_audit"):
        modules = self.env["ir.module.module"].search([("name", "in", ("interop_base", name))])
        modules.write({"state": "to remove"})

    def take(self, up_to=None):
        newest = self.env["interop.audit.exporter"]._newest()
        self.audit._record(
            "audit.download",
            details={"taken": "whole", "kind": "whole", "entries": 1, "up_to": up_to or newest},
        )

    def test_it_is_refused_until_the_trail_was_exported(self):
        with self.assertRaisesRegex(UserError, "was not exported"):
            self.go()

    def test_what_happened_after_the_export_refuses_it_too(self):
        self.audit._record("test.before")
        self.take()
        self.audit._record("test.after")
        with self.assertRaisesRegex(UserError, "further acts were recorded"):
            self.go()

    def test_right_after_an_export_it_may_go(self):
        self.audit._record("test.before")
        self.take()
        self.audit._record("audit.verify")
        self.go()
        module = self.env["ir.module.module"].search([("name", "=", "interop_audit")])
        self.assertEqual(module.state, "to remove")

    def test_other_modules_go_without(self):
        module = self.env["ir.module.module"].search([("name", "=", "base_setup")])
        module.write({"state": "to remove"})
