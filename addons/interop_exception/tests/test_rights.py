from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ExceptionCase


@tagged("post_install", "-at_install")
class TestRights(ExceptionCase):
    def found_by(self, user):
        exceptions = self.env["interop.exception"].with_user(user).sudo(False)
        return exceptions.with_context(allowed_company_ids=user.company_ids.ids).search([])

    def test_a_user_of_another_company_sees_nothing(self):
        exception = self.dead_letter() + self.difference()
        for group in (
            "interop_base.group_manager",
            "interop_base.group_operator",
            "interop_base.group_finance_reviewer",
        ):
            with self.subTest(group=group):
                stranger = self._person(
                    f"stranger_{group[-8:]}",
                    group,
                    self.purchasing + self.finance,
                    self.other_company,
                )
                self.assertFalse(self.found_by(stranger) & exception)
                with self.assertRaises(AccessError):
                    self.seen_by(stranger, exception).read(["name"])
                with self.assertRaises(AccessError):
                    self.seen_by(stranger, exception.fact_ids).read(["ours"])
                with self.assertRaises(AccessError):
                    self.seen_by(stranger, exception)._decide("keep_ours")

    def test_a_user_of_another_area_sees_nothing(self):
        exception = self.dead_letter()
        clinician = self._person("clinician", "interop_base.group_operator", self.clinical)
        self.assertFalse(self.found_by(clinician))
        with self.assertRaises(AccessError):
            self.seen_by(clinician, exception).action_redrive()
        self.assertEqual(exception.message_id.state, "dead")

    def test_a_user_of_the_area_sees_it(self):
        exception = self.dead_letter()
        self.assertIn(exception, self.found_by(self.viewer))

    def test_a_price_is_not_for_users_of_purchasing_unless_finance_is_theirs_too(self):
        exception = self.difference(area="finance")
        self.assertNotIn(exception, self.found_by(self.viewer))
        self.viewer.interop_area_ids += self.finance
        self.assertIn(exception, self.found_by(self.viewer))

    def test_a_manager_sees_all_areas_of_own_companies(self):
        exception = self.dead_letter() + self.difference()
        manager = self._person("manager", "interop_base.group_manager")
        self.assertEqual(self.found_by(manager) & exception, exception)

    def test_a_finance_reviewer_sees_reviewed_areas_only_and_never_a_message(self):
        price = self.difference(area="finance")
        self.flow.area_id = self.clinical
        clinical = self.dead_letter(area_id=self.clinical.id)
        found = self.found_by(self.reviewer)
        self.assertIn(price, found)
        self.assertNotIn(clinical, found)
        self.assertTrue(self.seen_by(self.reviewer, price.fact_ids).read(["ours", "theirs"]))
        for hidden in ("message_id", "flow_id", "connector_id", "decision_data"):
            with self.subTest(field=hidden), self.assertRaises(AccessError):
                self.seen_by(self.reviewer, price).read([hidden])
        with self.assertRaises(AccessError):
            self.seen_by(self.reviewer, price.sudo().message_id).read(["state"])

    def test_the_form_of_a_finance_reviewer_names_no_message(self):
        arch = self.exceptions.with_user(self.reviewer).get_view(view_type="form")["arch"]
        self.assertNotIn('name="message_id"', arch)
        self.assertIn('name="fact_ids"', arch)

    def test_an_employee_without_a_role_sees_nothing(self):
        exception = self.difference()
        employee = self._person("employee", "base.group_user")
        with self.assertRaises(AccessError):
            self.seen_by(employee, exception).read(["name"])

    def test_whoever_sees_it_may_write_a_note_and_plan_an_activity(self):
        exception = self.seen_by(self.reviewer, self.difference())
        exception.message_post(body="Asked the supplier.")
        exception.activity_schedule("mail.mail_activity_data_todo", user_id=self.reviewer.id)
        self.assertIn("Asked the supplier.", exception.message_ids[0].body)

    def test_nobody_edits_what_happened(self):
        exception = self.seen_by(self.operator, self.dead_letter())
        for field, value in (
            ("name", "nothing happened"),
            ("state", "resolved"),
            ("amount", 0),
            ("company_id", self.other_company.id),
            ("decision_codes", "accept_theirs"),
        ):
            with self.subTest(field=field), self.assertRaises(AccessError):
                exception.write({field: value})

    def test_nobody_creates_or_deletes_one_by_hand(self):
        manager = self._person("manager", "interop_base.group_manager")
        exception = self.seen_by(manager, self.dead_letter())
        with self.assertRaises(AccessError):
            exception.unlink()
        with self.assertRaises(AccessError):
            exception.create({"name": "made up", "kind": "difference"})
