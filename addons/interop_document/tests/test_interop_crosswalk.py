from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user
from odoo.tools import mute_logger

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_base.lib.keyring import KeyringError
from odoo.addons.interop_document.lib.canonical import canonical_json, digest
from odoo.addons.interop_document.lib.crosswalk import rules_of
from odoo.addons.interop_document.lib.lookup import IN


class TestInteropCrosswalk(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.units = cls.env["interop.crosswalk"].create(
            {
                "name": "Units",
                "code": "test_units",
                "kind": "units",
                "entry_ids": [Command.create({"ours": "EA", "theirs": "PCE"})],
            }
        )

    def lookup(self, company=None):
        return self.env["interop.crosswalk"]._lookup((company or self.env.company).id)

    def add(self, ours, theirs, **more):
        return self.env["interop.crosswalk.entry"].create(
            {"crosswalk_id": self.units.id, "ours": ours, "theirs": theirs, **more}
        )

    def test_codes_are_looked_up_both_ways(self):
        lookup = self.lookup()
        self.assertEqual(lookup("test_units", "EA"), "PCE")
        self.assertEqual(lookup("test_units", "PCE", IN), "EA")
        self.assertIsNone(lookup("test_units", "BX"))

    def test_a_second_code_of_one_crosswalk_costs_no_query(self):
        lookup = self.lookup()
        lookup("test_units", "EA")
        with self.assertQueryCount(0):
            lookup("test_units", "PCE", IN)

    def test_every_kind_of_change_is_seen_by_the_next_lookup(self):
        self.assertIsNone(self.lookup()("test_units", "BX"))
        entry = self.add("BX", "CT")
        self.assertEqual(self.lookup()("test_units", "BX"), "CT")
        entry.theirs = "CS"
        self.assertEqual(self.lookup()("test_units", "BX"), "CS")
        entry.unlink()
        self.assertIsNone(self.lookup()("test_units", "BX"))
        self.units.unknown_out = "pass"
        self.assertEqual(self.lookup()("test_units", "BX"), "BX")

    def test_another_company_s_entries_and_crosswalks_are_not_used(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.add("EA", "OWN", company_id=other.id)
        self.assertEqual(self.lookup(other)("test_units", "EA"), "OWN")
        self.assertEqual(self.lookup()("test_units", "EA"), "PCE")
        self.units.company_id = other
        with self.assertRaisesRegex(DataError, "There is no crosswalk test_units"):
            self.lookup()("test_units", "EA")

    def test_an_archived_crosswalk_goes_on_for_flows(self):
        self.units.active = False
        self.assertEqual(self.lookup()("test_units", "EA"), "PCE")

    def test_the_same_pair_must_not_hold_twice_on_a_day(self):
        self.units.entry_ids.valid_until = "2026-03-01"
        self.add("EA", "PCE", valid_from="2026-03-02")
        with self.assertRaisesRegex(ValidationError, "hold on the same days"):
            self.add("EA", "PCE", valid_from="2026-03-01", valid_until="2026-03-01")

    def test_two_preferred_ways_back_are_refused(self):
        self.add("UNIT", "PCE", preferred=True)
        with self.assertRaisesRegex(ValidationError, "Preferred"):
            self.units.entry_ids.filtered(lambda entry: entry.ours == "EA").preferred = True

    def test_a_period_must_not_end_before_it_begins(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.add("BX", "CT", valid_from="2026-03-02", valid_until="2026-03-01")

    def test_the_code_stays(self):
        with self.assertRaises(UserError):
            self.units.code = "other"

    def test_an_earlier_stamp_cannot_be_brought_back(self):
        earlier = self.units.stamp
        self.units.write({"stamp": earlier})
        self.assertNotEqual(self.units.stamp, earlier)

    def test_the_snapshot_holds_the_rules_and_no_entry(self):
        self.units.write({"unknown_in": "default", "default_in": "EA"})
        self.assertEqual(rules_of(self.units._snapshot()), self.units._rules())
        self.assertNotIn("PCE", str(self.units._snapshot()))

    def test_only_managers_change_entries(self):
        user = new_test_user(self.env, "crosswalk_reader", "interop_base.group_user")
        entry = self.units.entry_ids.with_user(user)
        self.assertEqual(entry.theirs, "PCE")
        with self.assertRaises(AccessError):
            entry.theirs = "CT"

    def digests(self):
        self.env.cr.precommit.run()
        self.env.cr.execute(
            "SELECT digest FROM interop_audit_entry WHERE act = 'crosswalk.change' "
            "AND res_id = %s ORDER BY id",
            [self.units.id],
        )
        return [row[0] for row in self.env.cr.fetchall()]

    def test_the_digest_of_a_change_is_keyed_and_equal_for_equal_codes(self):
        entry = self.add("BX", "CT")
        self.digests()
        entry.theirs = "CS"
        self.digests()
        entry.theirs = "CT"
        first, other, again = self.digests()[-3:]
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        listed = [each._facts() for each in self.units.entry_ids.sorted("id")]
        content = canonical_json({"rules": self.units._snapshot(), "entries": listed})
        self.assertNotEqual(first, digest(content))
        self.assertEqual(first, self.env["interop.crosswalk"]._keyed_digest(content))

    def test_without_a_keyring_a_change_is_noted_without_a_digest(self):
        self.digests()
        unusable = patch.object(
            self.registry["interop.keyring"], "_get", side_effect=KeyringError("No keyring.")
        )
        with unusable:
            self.add("BX", "CT")
            self.assertIsNone(self.digests()[-1])

    def test_a_change_leaves_evidence_without_codes(self):
        self.env.cr.precommit.run()
        self.add("BX", "SECRETCODE")
        self.env.cr.precommit.run()
        self.env.cr.execute(
            "SELECT * FROM interop_audit_entry WHERE act = 'crosswalk.change' AND res_id = %s",
            [self.units.id],
        )
        rows = self.env.cr.fetchall()
        self.assertTrue(rows)
        self.assertNotIn("SECRETCODE", str(rows))
