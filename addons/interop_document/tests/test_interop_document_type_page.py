import base64
import json

from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged, users

from .common import schema_of


class TestInteropDocumentTypePage(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.types = cls.env["interop.document.type"]
        cls.order_type = cls.types._get("PurchaseOrder", "1.0")
        new_test_user(cls.env, "page_user", groups="interop_base.group_user")
        new_test_user(cls.env, "page_manager", groups="interop_base.group_manager")

    def another(self, version="1.1", **line_fields):
        schema = schema_of("PurchaseOrder")
        schema["$defs"]["line"]["properties"].update(line_fields)
        return self.types.create(
            {"code": "PurchaseOrder", "version": version, "schema_text": json.dumps(schema)}
        )

    def compare(self, document_type):
        action = document_type.action_compare()
        return self.env[action["res_model"]].with_context(**action["context"]).create({})

    def test_schema_file_is_the_whole_schema(self):
        content = json.loads(base64.b64decode(self.order_type.schema_file))
        self.assertEqual(content, schema_of("PurchaseOrder"))

    def test_all_examples_are_shown(self):
        invoice = self.types._get("Invoice", "1.0")
        for number in ("INV-88112", "CN-88140"):
            self.assertIn(number, invoice.examples_text)

    def test_what_uses_a_type_is_shown_with_links(self):
        mapping = self.env["interop.mapping"].create(
            {
                "name": "Orders to <b>them</b>",
                "document_type_id": self.order_type.id,
                "direction": "out",
            }
        )
        shown = str(self.order_type.usage_html)
        self.assertIn(f'href="/odoo/interop.mapping/{mapping.id}"', shown)
        self.assertIn("&lt;b&gt;them", shown)
        self.assertNotIn("Comparison of Document Types", shown)
        partner_type = self.types._get("Partner", "1.0")
        self.assertIn("Nothing that you may see", str(partner_type.usage_html))

    def test_of_very_many_uses_the_number_is_told(self):
        values = {"document_type_id": self.order_type.id, "direction": "out"}
        self.env["interop.mapping"].create([{**values, "name": f"M{n}"} for n in range(53)])
        shown = str(self.order_type.usage_html)
        self.assertEqual(shown.count("/odoo/interop.mapping/"), 50)
        self.assertRegex(shown, r">\s*and 3 more\s*<")

    @users("page_user")
    def test_uses_that_a_user_may_not_see_are_not_shown(self):
        area = self.env["interop.area"].sudo().create({"name": "Others", "code": "others"})
        self.env["interop.mapping"].sudo().create(
            {
                "name": "Hidden from you",
                "document_type_id": self.order_type.id,
                "direction": "out",
                "area_id": area.id,
            }
        )
        self.assertNotIn("Hidden from you", str(self.order_type.with_env(self.env).usage_html))

    @users("page_user")
    def test_versions_are_compared_from_the_older_to_the_newer(self):
        urgent = {
            "title": "Urgent",
            "description": "Wanted at once.",
            "type": "boolean",
            "x-sensitivity": "internal",
        }
        newer = self.another(urgent=urgent)
        older = self.order_type.with_env(self.env)
        for mine, other in ((older, newer), (newer.with_env(self.env), older)):
            wizard = self.compare(mine)
            self.assertEqual(wizard.other_id, other)
            self.assertEqual((wizard.older_id, wizard.newer_id), (older, newer))
            self.assertEqual(wizard.verdict, "backward")
            self.assertIn("each line, urgent: is a new field", str(wizard.changes_html))
        self.assertEqual(older.version_count, 2)

    def test_version_ten_comes_after_version_nine(self):
        self.another("1.9")
        ten = self.another("1.10")
        self.assertEqual(self.compare(ten).other_id.version, "1.9")
        self.assertEqual(self.compare(ten).verdict, "both")
        self.assertIn("say the same", str(self.compare(ten).changes_html))

    def test_a_less_sensitive_field_is_breaking(self):
        number = schema_of("PurchaseOrder")["$defs"]["line"]["properties"]["notes"]
        newer = self.another(notes={**number, "x-sensitivity": "public"})
        wizard = self.compare(newer)
        self.assertEqual(wizard.verdict, "breaking")
        self.assertIn("Less protected than before", str(wizard.changes_html))

    def test_the_only_version_has_nothing_to_be_compared_with(self):
        wizard = self.compare(self.order_type)
        self.assertFalse(wizard.other_id or wizard.verdict or wizard.changes_html)


@tagged("post_install", "-at_install")
class TestInteropDocumentTypeDownload(HttpCase):
    def test_a_user_downloads_the_schema_and_a_stranger_does_not(self):
        order_type = self.env["interop.document.type"]._get("PurchaseOrder", "1.0")
        url = order_type.action_download_schema()["url"]
        for login, groups in (
            ("dl_user", "interop_base.group_user"),
            ("dl_other", "base.group_user"),
        ):
            new_test_user(self.env, login, groups=groups)
            self.authenticate(login, login)
            answer = self.url_open(url)
            if login == "dl_user":
                self.assertEqual(answer.json(), schema_of("PurchaseOrder"))
                self.assertIn("PurchaseOrder-1.0.json", answer.headers["Content-Disposition"])
            else:
                self.assertNotIn("urn:interop", answer.text)
