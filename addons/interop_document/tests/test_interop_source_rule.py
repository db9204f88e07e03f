from datetime import date
from decimal import Decimal

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, TransactionCase, new_test_user
from odoo.tools import mute_logger

from odoo.addons.interop_document.lib import sources, truths
from odoo.addons.interop_document.lib.sources import decide

SCHEMA = """{
    "title": "Offer",
    "x-source-of-truth": "partner",
    "x-sensitivity": "internal",
    "type": "object",
    "properties": {
        "number": {"title": "Number", "type": "string", "x-source-of-truth": "odoo"},
        "day": {"title": "Day", "type": "string", "format": "date"},
        "lines": {
            "title": "Lines",
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "quantity": {"title": "Quantity", "type": "number"},
                    "price": {
                        "title": "Price",
                        "type": "object",
                        "x-source-of-truth": "shared",
                        "properties": {
                            "amount": {"title": "Amount", "type": "number"},
                            "currency": {"title": "Currency", "type": "string"}
                        }
                    }
                }
            }
        }
    }
}"""
PRICE = "lines[].price.amount"


class TestInteropSourceRule(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create(
            {"name": "Test Clinic", "currency_id": cls.env.ref("base.EUR").id}
        )
        cls.other = cls.env["res.company"].create({"name": "Other Test Clinic"})
        cls.env.user.company_ids += cls.company + cls.other
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": (cls.company + cls.other).ids}
        )
        cls.rules = cls.env["interop.source.rule"]
        cls.offer = cls.env["interop.document.type"].create(
            {"code": "TestOffer", "version": "1.0", "schema_text": SCHEMA}
        )
        cls.firm = cls.env["res.partner"].create({"name": "Test Supplies", "is_company": True})
        cls.desk = cls.env["res.partner"].create({"name": "Desk", "parent_id": cls.firm.id})
        cls.stranger = cls.env["res.partner"].create({"name": "Another Firm", "is_company": True})

    def rule(self, path=PRICE, **values):
        return self.rules.create(
            {"document_type_id": self.offer.id, "path": path, "company_id": False, **values}
        )

    def held(self, company=None, partner=None, path=PRICE):
        found = self.rules._in_force(
            "TestOffer", "1.0", company or self.company, partner or self.firm
        )
        return found.get(path)

    def entries(self, act):
        self.env.cr.precommit.run()
        self.env.cr.execute("SELECT count(*) FROM interop_audit_entry WHERE act = %s", [act])
        return self.env.cr.fetchone()[0]

    # -- what the schema says ------------------------------------------------------------------

    def test_the_truths_of_a_type_are_told_by_path(self):
        self.assertEqual(
            self.rules._truths(self.offer),
            {
                "number": "odoo",
                "day": "partner",
                "lines[]": "partner",
                "lines[].quantity": "partner",
                "lines[].price": "shared",
                "lines[].price.amount": "shared",
                "lines[].price.currency": "shared",
            },
        )

    def test_a_rule_starts_with_the_truth_of_its_field(self):
        self.assertEqual(self.rule("number").truth, "odoo")
        self.assertEqual(self.rule("day").truth, "partner")
        self.assertEqual(self.rule("day", company_id=self.company.id, truth="odoo").truth, "odoo")

    def test_a_type_with_an_unknown_truth_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "x-source-of-truth must be one of"):
            self.env["interop.document.type"].create(
                {
                    "code": "TestOffer",
                    "version": "2.0",
                    "schema_text": SCHEMA.replace('"odoo"', '"ours"'),
                }
            )

    # -- which rule holds ----------------------------------------------------------------------

    def test_the_most_specific_rule_holds(self):
        general = self.rule()
        company = self.rule(company_id=self.company.id)
        partner = self.rule(partner_id=self.firm.id)
        both = self.rule(company_id=self.company.id, partner_id=self.firm.id)
        for at, whose, rule in (
            (self.company, self.firm, both),
            (self.company, self.desk, both),
            (self.other, self.firm, partner),
            (self.company, self.stranger, company),
            (self.other, self.stranger, general),
        ):
            with self.subTest(company=at.name, partner=whose.name):
                self.assertEqual(self.held(at, whose).key, rule.id)

    def test_an_archived_rule_and_one_of_another_version_do_not_hold(self):
        self.rule(active=False)
        self.assertIsNone(self.held())
        self.rule()
        self.assertFalse(self.rules._in_force("TestOffer", "1.1", self.company, self.firm))

    def test_a_firm_that_became_a_branch_takes_its_rules_along(self):
        rule = self.rule(partner_id=self.firm.id)
        self.firm.write({"is_company": False, "parent_id": self.stranger.id})
        self.assertEqual(self.held(partner=self.stranger).key, rule.id)

    def test_two_rules_that_have_come_to_mean_the_same_firm_hold_neither(self):
        self.rule(partner_id=self.firm.id)
        self.rule(partner_id=self.stranger.id)
        self.firm.write({"is_company": False, "parent_id": self.stranger.id})
        self.assertIsNone(self.held(partner=self.stranger))

    def test_the_rules_of_a_document_cost_a_handful_of_queries(self):
        for path in (PRICE, "day", "lines[].quantity"):
            self.rule(path)
            self.rule(path, partner_id=self.firm.id)
        self.env.flush_all()
        self.env.invalidate_all()
        _known = self.firm.commercial_partner_id, self.company.id
        with self.assertQueryCount(3):
            self.assertEqual(
                len(self.rules._in_force("TestOffer", "1.0", self.company, self.firm)), 3
            )

    def test_whoever_runs_the_flow_needs_no_right_to_the_rules(self):
        self.rule()
        nobody = new_test_user(self.env, login="test_source_nobody", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.rules.with_user(nobody).search([])
        found = self.rules.with_user(nobody)._in_force("TestOffer", "1.0", self.company, self.firm)
        self.assertIn(PRICE, found)

    def test_a_partner_with_rules_is_not_deleted_in_passing(self):
        self.rule(partner_id=self.firm.id)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            (self.firm | self.desk).unlink()

    # -- overlap -------------------------------------------------------------------------------

    def test_a_second_rule_for_the_same_field_and_scope_is_refused(self):
        for scope in (
            {},
            {"company_id": self.company.id},
            {"partner_id": self.firm.id},
            {"company_id": self.company.id, "partner_id": self.firm.id},
        ):
            with self.subTest(**scope):
                self.rule(**scope)
                with (
                    mute_logger("odoo.sql_db"),
                    self.assertRaises(IntegrityError),
                    self.env.cr.savepoint(),
                ):
                    self.rule(**scope)
                self.rule(active=False, **scope)

    # -- what a rule may say -------------------------------------------------------------------

    def test_a_path_that_is_no_field_is_refused(self):
        for path in ("lines[].price", "lines[].nothing", "*"):
            with self.subTest(path), self.assertRaisesRegex(ValidationError, "has no field"):
                self.rule(path)

    def test_where_odoo_holds_the_truth_nothing_can_be_applied(self):
        with self.assertRaisesRegex(ValidationError, "never taken"):
            self.rule("number", on_difference="apply")
        rule = self.rule("day", on_difference="apply")
        with self.assertRaisesRegex(ValidationError, "never taken"):
            rule.truth = "odoo"

    def test_a_contact_is_refused_in_favour_of_its_firm(self):
        with self.assertRaisesRegex(ValidationError, "Choose Test Supplies"):
            self.rule(partner_id=self.desk.id)

    def test_tolerances_must_fit_the_field(self):
        for path, values in (
            ("day", {"tolerance_percent": 2}),
            ("day", {"tolerance_amount": 2}),
            (PRICE, {"tolerance_days": 2}),
            ("number", {"tolerance_percent": 2}),
            ("lines[].quantity", {"currency_id": self.env.ref("base.EUR").id}),
            (PRICE, {"tolerance_amount": 2, "currency_id": False}),
        ):
            with self.subTest(path=path, **values), self.assertRaises(ValidationError):
                self.rule(path, **values)
        for values in ({"tolerance_percent": -1}, {"tolerance_percent": 101}):
            with (
                self.subTest(**values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self.rule(**values)

    # -- tolerances as people give them --------------------------------------------------------

    def outcome(self, rule, ours, theirs, currency=None):
        return decide("field", ours, theirs, rule._rule(), currency).outcome

    def test_an_amount_is_in_the_company_s_currency_unless_another_is_chosen(self):
        rule = self.rule(company_id=self.company.id, tolerance_amount=0.05)
        self.assertEqual(rule.currency_id, self.env.ref("base.EUR"))
        self.assertEqual(rule.tolerance_text, "0.05 EUR")
        ours = Decimal("10.10")
        for theirs, currency, outcome in (
            ("10.15", "EUR", sources.WITHIN_TOLERANCE),
            ("10.0500", "EUR", sources.WITHIN_TOLERANCE),
            ("10.1501", "EUR", sources.ASK),
            ("10.15", "USD", sources.ASK),
        ):
            with self.subTest(theirs=theirs, currency=currency):
                self.assertEqual(self.outcome(rule, ours, Decimal(theirs), currency), outcome)

    def test_no_price_is_taken_in_a_currency_that_the_tolerance_is_not_in(self):
        rule = self.rule(company_id=self.company.id, tolerance_amount=5, on_difference="apply")
        ours, theirs = Decimal(10), Decimal(20)
        self.assertEqual(self.outcome(rule, ours, theirs, "EUR"), sources.APPLY)
        self.assertEqual(self.outcome(rule, ours, theirs, "USD"), sources.ASK)

    def test_a_price_without_a_tolerated_amount_counts_in_any_currency(self):
        rule = self.rule(company_id=self.company.id, tolerance_percent=2.5)
        self.assertEqual(rule.tolerance_text, "2.5 %")
        outcome = self.outcome(rule, Decimal(100), Decimal("102.5"), "USD")
        self.assertEqual(outcome, sources.WITHIN_TOLERANCE)

    def test_quantities_are_tolerated_in_their_own_unit(self):
        rule = self.rule("lines[].quantity", tolerance_amount=2, tolerance_percent=10)
        self.assertFalse(rule.currency_id)
        self.assertEqual(rule.tolerance_text, "2 and 10 %")
        ours = Decimal(100)
        self.assertEqual(self.outcome(rule, ours, Decimal(98)), sources.WITHIN_TOLERANCE)
        self.assertEqual(self.outcome(rule, ours, Decimal(97)), sources.ASK)

    def test_days_are_tolerated_earlier_and_later(self):
        rule = self.rule("day", tolerance_days=2)
        day = date(2027, 3, 10)
        for theirs, outcome in ((8, "within tolerance"), (12, "within tolerance"), (13, "ask")):
            with self.subTest(theirs=theirs):
                self.assertEqual(self.outcome(rule, day, date(2027, 3, theirs)), outcome)

    def test_another_field_drops_the_tolerances_that_do_not_fit_it(self):
        rule = self.rule(tolerance_percent=2, tolerance_amount=1)
        rule.path = "day"
        self.assertFalse(rule.tolerance_percent or rule.tolerance_amount or rule.currency_id)
        self.assertEqual(rule.truth, "partner")

    # -- people --------------------------------------------------------------------------------

    def test_a_rule_says_whether_its_field_is_compared_at_all(self):
        rule = self.rule()
        self.assertFalse(rule.is_compared)
        self.addCleanup(truths._COMPARED.pop, "TestOffer")
        truths.register_compared("TestOffer", PRICE)
        rule.invalidate_recordset()
        self.assertTrue(rule.is_compared)
        self.assertEqual((rule.path_choice, rule.path_choices), (PRICE, [PRICE]))

    def test_a_field_that_is_compared_is_chosen_by_its_title(self):
        self.addCleanup(truths._COMPARED.pop, "TestOffer")
        truths.register_compared("TestOffer", PRICE, "day")
        form = Form(self.rules)
        form.document_type_id = self.offer
        form.path_choice = PRICE
        self.assertEqual(form.path, PRICE)
        self.assertEqual(form.truth, "shared")
        form.tolerance_percent = 2
        self.assertEqual(form.save().field_title, "Lines › Price › Amount")

    def test_the_type_counts_its_rules_and_opens_them(self):
        self.rule()
        self.assertEqual(self.offer.source_rule_count, 1)
        action = self.offer.action_source_rules()
        self.assertEqual(
            self.rules.search(action["domain"]), self.rules.search([("path", "=", PRICE)])
        )

    def test_users_read_rules_of_their_companies_and_areas_and_managers_change_them(self):
        area = self.env.ref("interop_base.area_finance")
        rule = self.rule(company_id=self.company.id, area_id=area.id)
        foreign = self.rule(company_id=self.other.id)
        user, reader, manager = (
            new_test_user(
                self.env,
                login=f"test_source_{group}_{own.id or 0}",
                groups=f"base.group_user,interop_base.{group}",
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
                interop_area_ids=[Command.set(own.ids)],
            )
            for group, own in (
                ("group_user", area),
                ("group_user", area.browse()),
                ("group_manager", area.browse()),
            )
        )
        both = rule | foreign
        for whose, seen in ((user, rule), (reader, rule.browse()), (manager, rule)):
            visible = (
                self.rules.with_user(whose)
                .with_context(allowed_company_ids=self.company.ids)
                .search([("id", "in", both.ids)])
            )
            self.assertEqual(visible, seen)
        with self.assertRaises(AccessError):
            rule.with_user(user).note = "x"
        rule.with_user(manager).with_context(allowed_company_ids=self.company.ids).note = "x"

    # -- evidence ------------------------------------------------------------------------------

    def test_every_change_leaves_evidence(self):
        before = self.entries("source_rule.change")
        rule = self.rule()
        rule.tolerance_percent = 2
        self.assertEqual(self.entries("source_rule.change"), before + 1)
        rule.on_difference = "keep"
        self.assertEqual(self.entries("source_rule.change"), before + 2)
        gone = self.entries("source_rule.delete")
        rule.unlink()
        self.assertEqual(self.entries("source_rule.delete"), gone + 1)
