import json

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user, users

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_document.lib.sensitivity import Sensitivity

from .common import SCHEMAS, example_of


class TestInteropDocumentType(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.types = cls.env["interop.document.type"]
        cls.order_type = cls.types._get("PurchaseOrder", "1.0")
        new_test_user(cls.env, "doc_user", groups="interop_base.group_user")
        new_test_user(cls.env, "doc_manager", groups="interop_base.group_manager")
        new_test_user(cls.env, "doc_other", groups="base.group_user")

    def test_shipped_types_are_loaded_from_their_files(self):
        for code, schema in SCHEMAS.items():
            loaded = self.types._get(code, "1.0")
            self.assertEqual(json.loads(loaded.schema_text), schema)
            self.assertEqual(loaded.name, schema["title"])
            self.assertEqual(loaded.display_name, f"{code} 1.0")
            self.assertEqual(len(loaded.digest), 64)

    def test_field_count_and_highest_sensitivity_are_told(self):
        self.assertEqual(self.order_type.field_count, len(self.order_type._sensitivities()))
        self.assertEqual(self.order_type.highest_sensitivity, "personal")
        self.assertEqual(self.order_type._sensitivities()["lines[].item.gtin"], Sensitivity.public)

    def test_field_tree_shows_each_field_under_its_group(self):
        rows = {row["path"]: row for row in self.order_type.field_tree}
        gtin = rows["lines[].item.gtin"]
        self.assertEqual(
            {
                key: gtin[key]
                for key in ("title", "parent", "depth", "kind", "label", "required", "truth")
            },
            {
                "title": "GTIN",
                "parent": "lines[].item",
                "depth": 2,
                "kind": "GTIN",
                "label": "Public",
                "required": False,
                "truth": "shared",
            },
        )
        self.assertIn("Global Trade Item Number", gtin["description"])
        self.assertEqual(rows["lines[].cold_chain.min_celsius"]["unit"], "°C")
        self.assertEqual(rows["lines[].discount_percent"]["limits"], "0 to 100")
        self.assertEqual(rows["incoterm"]["code_list"], "Incoterms 2020")
        self.assertEqual(rows["lines[]"]["limits"], "1 to 5000 entries")
        self.assertEqual(rows["lines[].quantity"]["limits"], "more than 0")
        self.assertFalse(rows["lines[]"]["label"])
        self.assertEqual(rows["number"]["found_by"], "Order number")
        self.assertEqual(rows["supplier.gln"]["found_by"], "Partner number or GLN")
        self.assertFalse(rows["supplier.name"]["found_by"])

    def test_type_without_a_stated_sensitivity_is_secret(self):
        schema = {"properties": {"a": {"type": "string"}}}
        loaded = self.types.create(
            {"code": "Silent", "version": "1.0", "schema_text": json.dumps(schema)}
        )
        self.assertEqual(loaded.highest_sensitivity, "secret")
        self.assertEqual(loaded.field_tree[0]["label"], "Secret")

    def test_blocks_are_bound_when_a_type_is_loaded(self):
        schema = {"properties": {"site": {"$ref": "urn:interop:block:address:1.0"}}}
        loaded = self.types.create(
            {"code": "Site", "version": "1.0", "schema_text": json.dumps(schema)}
        )
        self.assertNotIn("urn:interop:block", loaded.schema_text)
        self.assertIn("site.country", loaded._sensitivities())
        digest = loaded.digest
        loaded.schema_text = json.dumps(schema)  # what an update of the module does
        self.assertEqual(loaded.digest, digest)
        with self.assertRaisesRegex(ValidationError, "no block urn:interop:block:nothing:1.0"):
            loaded.schema_text = '{"$ref": "urn:interop:block:nothing:1.0"}'

    def test_unknown_type_is_told_by_name(self):
        with self.assertRaisesRegex(DataError, "no document type Nonsense 9.9"):
            self.types._get("Nonsense", "9.9")

    def test_archived_type_is_still_found_by_the_engine(self):
        self.order_type.active = False
        self.assertEqual(self.types._get("PurchaseOrder", "1.0"), self.order_type)

    def test_validator_is_compiled_once(self):
        self.assertIs(self.order_type._validator(), self.order_type._validator())
        self.assertEqual(self.order_type._validator().problems(example_of("PurchaseOrder")), [])

    def test_schema_that_cannot_work_is_refused(self):
        for text, reason in (
            ("{", "cannot be read"),
            ("[]", "must be an object"),
            ('{"type": "nonsense"}', "not usable"),
            ('{"properties": {"a": {"x-sensitivity": "x"}}}', "Unknown sensitivity"),
            ('{"required": ["a"], "examples": [{}]}', "a: is missing"),
            (
                '{"properties": {"a": {"type": "string", "maxLength": 9, '
                '"x-business-key": "order", "x-sensitivity": "personal"}}}',
                "a: what is personal must not have x-business-key",
            ),
        ):
            with self.subTest(text):
                with self.assertRaises(ValidationError) as caught:
                    self.types.create({"code": "Broken", "version": "1.0", "schema_text": text})
                self.assertIn(reason, str(caught.exception))

    @users("doc_manager")
    def test_manager_archives_but_does_not_change_a_type(self):
        order_type = self.order_type.with_env(self.env)
        order_type.active = False
        for field in ("code", "version", "schema_text"):
            with self.subTest(field), self.assertRaisesRegex(UserError, "updating the module"):
                order_type.write({field: "x"})
        with self.assertRaises(AccessError):
            order_type.unlink()
        with self.assertRaises(AccessError):
            order_type.create({"code": "Own", "version": "1.0", "schema_text": "{}"})

    @users("doc_user")
    def test_user_reads_but_does_not_archive(self):
        order_type = self.order_type.with_env(self.env)
        self.assertEqual(order_type.code, "PurchaseOrder")
        with self.assertRaises(AccessError):
            order_type.active = False

    @users("doc_other")
    def test_people_without_a_role_see_nothing(self):
        with self.assertRaises(AccessError):
            self.order_type.with_env(self.env).read(["code"])

    def test_changed_schema_leaves_evidence_with_its_digest(self):
        before = self.order_type.digest
        schema = {**SCHEMAS["PurchaseOrder"], "title": "Order"}
        self.order_type.schema_text = json.dumps(schema)
        self.assertNotEqual(self.order_type.digest, before)
        self.env.cr.execute(
            "SELECT digest FROM interop_audit_entry WHERE act = 'document_type.change' "
            "AND res_id = %s ORDER BY id DESC LIMIT 1",
            [self.order_type.id],
        )
        self.assertEqual(self.env.cr.fetchone(), (self.order_type.digest,))

    def test_reformatted_schema_keeps_its_digest(self):
        before = self.order_type.digest
        self.order_type.schema_text = json.dumps(SCHEMAS["PurchaseOrder"], sort_keys=True)
        self.assertEqual(self.order_type.digest, before)
