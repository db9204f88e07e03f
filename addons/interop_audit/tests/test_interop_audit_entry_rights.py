from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .common import AuditCase

AUDITOR = "interop_base.group_auditor"
MANAGER = "interop_base.group_manager"


class TestAuditEntryRights(AuditCase):
    """Who sees which entries: by company for everybody, by business area for auditors."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        areas = cls.env["interop.area"]
        cls.here = areas.create({"name": "Here", "code": "rights-here"})
        cls.there = areas.create({"name": "There", "code": "rights-there"})
        cls.other = cls.env["res.company"].create({"name": "Other"})

    def setUp(self):
        super().setUp()
        mine, other = self.env.company.id, self.other.id
        for act, company, area in (
            ("of.none", None, None),
            ("of.mine", mine, None),
            ("of.mine.here", mine, self.here.id),
            ("of.mine.there", mine, self.there.id),
            ("of.other.here", other, self.here.id),
            ("of.other", other, None),
        ):
            self.audit._record(act, company_id=company, area_id=area)

    def seen(self, user, **context):
        entries = self.env["interop.audit.entry"].with_user(user).with_context(**context)
        found = entries.search([("act", "like", "of."), ("id", ">", self.newest)])
        return set(found.mapped("act"))

    def test_an_auditor_sees_their_companies_and_areas_and_what_is_of_none(self):
        auditor = new_test_user(self.env, "rights-auditor", AUDITOR)
        self.assertEqual(self.seen(auditor), {"of.none", "of.mine"})
        auditor.interop_area_ids = self.here
        self.assertEqual(self.seen(auditor), {"of.none", "of.mine", "of.mine.here"})
        auditor.company_ids |= self.other
        both = {"allowed_company_ids": (self.env.company | self.other).ids}
        self.assertEqual(
            self.seen(auditor, **both),
            {"of.none", "of.mine", "of.mine.here", "of.other", "of.other.here"},
        )

    def test_a_manager_sees_all_areas_of_their_companies(self):
        manager = new_test_user(self.env, "rights-manager", MANAGER)
        self.assertEqual(
            self.seen(manager), {"of.none", "of.mine", "of.mine.here", "of.mine.there"}
        )

    def test_who_is_both_sees_the_union(self):
        both = new_test_user(self.env, "rights-both", f"{AUDITOR},{MANAGER}")
        self.assertEqual(self.seen(both), {"of.none", "of.mine", "of.mine.here", "of.mine.there"})

    def test_a_company_that_is_not_ones_own_is_not_had_by_asking_for_it(self):
        auditor = new_test_user(self.env, "rights-asking", AUDITOR)
        with self.assertRaises(AccessError):
            self.seen(auditor, allowed_company_ids=self.other.ids)

    def test_an_entry_that_is_not_seen_is_not_read_by_its_number_either(self):
        auditor = new_test_user(self.env, "rights-number", AUDITOR)
        entry = self.entries("of.mine.there").with_user(auditor).sudo(False)
        with self.assertRaises(AccessError):
            entry.read(["act"])
        groups = entry.browse()._read_group([("act", "=", "of.mine.there")], [], ["__count"])
        self.assertEqual(groups, [(0,)])

    def test_no_other_role_sees_the_trail(self):
        for group in ("group_user", "group_operator", "group_clear_reader", "group_approver"):
            user = new_test_user(self.env, f"rights-{group}", f"interop_base.{group}")
            with self.subTest(group), self.assertRaises(AccessError):
                self.seen(user)

    def test_an_administrator_of_odoo_is_no_auditor_reader_or_approver_by_that(self):
        admin = new_test_user(self.env, "rights-admin", "base.group_system")
        for group in (
            "group_user",
            "group_manager",
            "group_payload_reader",
            "group_clear_reader",
            "group_approver",
            "group_auditor",
        ):
            self.assertFalse(admin.has_group(f"interop_base.{group}"), group)
        with self.assertRaises(AccessError):
            self.seen(admin)
        shipped = self.env.ref("base.user_admin")
        self.assertTrue(shipped.has_group(MANAGER))
        for group in ("group_payload_reader", "group_approver", "group_auditor"):
            self.assertFalse(shipped.has_group(f"interop_base.{group}"), group)
