"""What holds for every module of the suite; here because this module stands above all others."""

from odoo.tests.common import TransactionCase

MAGIC = {"id", "display_name", "create_uid", "create_date", "write_uid", "write_date"}


class TestHouse(TransactionCase):
    def ours(self, fields):
        """Those that a module of the suite has brought, not those of Odoo's own mixins."""
        mixed_in = {
            name
            for mixin in ("mail.thread", "mail.activity.mixin")
            for name in self.env[mixin]._fields
        }
        return fields.filtered(
            lambda field: (
                field.name not in MAGIC | mixed_in
                and any(name.strip().startswith("interop_") for name in field.modules.split(","))
            )
        )

    def test_every_field_has_a_help_text(self):
        fields = self.env["ir.model.fields"].search([])
        silent = [f"{field.model}.{field.name}" for field in self.ours(fields) if not field.help]
        self.assertEqual(silent, [])

    def test_every_list_says_what_to_do_when_it_is_empty(self):
        actions = self.env["ir.actions.act_window"].search(
            [("res_model", "=like", "interop.%"), ("view_mode", "ilike", "list")]
        )
        self.assertGreater(len(actions), 10)
        self.assertEqual(actions.filtered(lambda action: not action.help).mapped("name"), [])

    def test_the_app_has_its_menus_in_order(self):
        root = self.env.ref("interop_base.menu_interop_root")
        self.assertEqual(
            root.child_id.sorted("sequence").mapped("name"),
            [
                "Overview",
                "Exceptions",
                "Messages",
                "Traffic",
                "Connectors",
                "Flows",
                "Policies",
                "Operations",
                "Evidence",
                "Documents",
                "Configuration",
            ],
        )

    def test_what_has_a_company_and_an_area_is_ruled_by_both(self):
        rules = self.env["ir.rule"]
        for model in self.env["ir.model"].search([("model", "=like", "interop.%")]):
            names = self.env[model.model]._fields
            stored = not self.env[model.model]._abstract and not model.transient
            if not stored or not {"company_id", "area_id"} <= names.keys():
                continue
            domains = " ".join(rules.search([("model_id", "=", model.id)]).mapped("domain_force"))
            if model.model == "interop.audit.entry":
                continue  # for managers only, who see all areas
            with self.subTest(model=model.model):
                self.assertIn("company_id", domains)
                self.assertIn("area_id", domains)
