import base64

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, TransactionCase, new_test_user

HEADINGS = "Our code,Their code,Valid from,Valid until,Note"


class TestInteropCrosswalkImport(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.units = cls.env["interop.crosswalk"].create(
            {
                "name": "Units",
                "code": "test units/1",
                "entry_ids": [
                    Command.create({"ours": "EA", "theirs": "PCE", "note": "=1+1"}),
                    Command.create({"ours": "BX", "theirs": "CT"}),
                    Command.create({"ours": "OLD", "theirs": "O", "valid_until": "2020-01-01"}),
                ],
            }
        )

    def given(self, *lines, **more):
        text = "\n".join((HEADINGS, *lines))
        return self.env["interop.crosswalk.import"].create(
            {
                "crosswalk_id": self.units.id,
                "file": base64.b64encode(text.encode()),
                "file_name": "units.csv",
                **more,
            }
        )

    def pairs(self):
        return {(entry.ours, entry.theirs) for entry in self.units.entry_ids}

    def acts(self, act):
        self.env.cr.precommit.run()
        self.env.cr.execute(
            "SELECT details FROM interop_audit_entry WHERE act = %s AND res_id = %s",
            [act, self.units.id],
        )
        return [row[0] for row in self.env.cr.fetchall()]

    def test_the_preview_tells_what_would_be_and_writes_nothing(self):
        wizard = self.given("EA,PCE,,,=1+1", "BX,CT,,,changed", "PAL,PX,,,", "KG,,,,")
        wizard.action_preview()
        self.assertEqual(
            [(line.kind, line.number) for line in wizard.line_ids],
            [("refused", 5), ("new", 4), ("changed", 3)],
        )
        self.assertEqual(wizard.line_ids[0].sentence, "Their code is missing.")
        self.assertEqual(wizard.state, "refused")
        self.assertTrue(wizard.told.startswith("Refused: 1, New: 1, Changed: 1, Unchanged: 1."))
        self.assertEqual(len(self.units.entry_ids), 3)
        with self.assertRaisesRegex(UserError, "Look at what the file would change"):
            wizard.action_import()

    def test_what_was_shown_is_written_and_noted_without_codes(self):
        wizard = self.given("EA,PCE,,,", "PAL,PX,2026-01-01,,")
        wizard.action_preview()
        wizard.action_import()
        self.assertEqual(self.pairs(), {("EA", "PCE"), ("BX", "CT"), ("OLD", "O"), ("PAL", "PX")})
        [details] = self.acts("crosswalk.import")
        self.assertIn('"new":1', details)
        self.assertNotIn("PAL", details)

    def test_two_entries_can_trade_places(self):
        self.units.entry_ids.filtered(lambda entry: entry.ours == "EA").preferred = True
        text = "Our code,Their code,Preferred\nEA,PCE,\nUNIT,PCE,yes"
        wizard = self.given(file=base64.b64encode(text.encode()))
        wizard.action_preview()
        wizard.action_import()
        preferred = self.units.entry_ids.filtered("preferred")
        self.assertEqual(preferred.mapped("ours"), ["UNIT"])

    def test_what_is_not_in_the_file_ends_when_that_is_wanted(self):
        wizard = self.given("EA,PCE,,,=1+1", end_missing=True)
        wizard.action_preview()
        wizard.action_import()
        lookup = self.env["interop.crosswalk"]._lookup(self.env.company.id)
        self.assertEqual(lookup(self.units.code, "EA"), "PCE")
        self.assertIsNone(lookup(self.units.code, "BX"))
        self.assertEqual(len(self.units.entry_ids), 3, "that one had ended before")

    def test_a_crosswalk_that_was_changed_since_the_preview_is_looked_at_again(self):
        wizard = self.given("PAL,PX,,,")
        wizard.action_preview()
        self.units.entry_ids[0].note = "changed"
        with self.assertRaisesRegex(UserError, "changed the crosswalk meanwhile"):
            wizard.action_import()

    def test_another_file_has_to_be_looked_at_anew(self):
        wizard = self.given("PAL,PX,,,")
        wizard.action_preview()
        with Form(wizard) as form:
            form.end_missing = True
        self.assertEqual(wizard.state, "file")

    def test_a_file_that_cannot_be_read_is_told(self):
        wizard = self.given(file=base64.b64encode("Our code,Their code\nStück,x".encode("latin-1")))
        with self.assertRaisesRegex(UserError, "not in UTF-8"):
            wizard.action_preview()
        with self.assertRaisesRegex(UserError, "Choose a file first"):
            self.given(file=False).action_preview()

    def test_an_export_that_is_imported_again_changes_nothing(self):
        for form in ("xlsx", "csv"):
            action = getattr(self.units, f"action_export_{form}")()
            self.assertIn(f"/sheet_{form}/crosswalk-test-units-1.{form}?", action["url"])
            wizard = self.given(file=self.units[f"sheet_{form}"], end_missing=True)
            wizard.action_preview()
            self.assertEqual(wizard.told, "Unchanged: 2.")
        self.assertEqual(len(self.acts("crosswalk.export")), 2)

    def test_only_who_may_edit_the_crosswalk_imports(self):
        user = new_test_user(self.env, "import_reader", "interop_base.group_user")
        self.assertTrue(self.units.with_user(user).sheet_csv)
        with self.assertRaises(AccessError):
            self.given("PAL,PX,,,").with_user(user).action_preview()
