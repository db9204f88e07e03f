import json

from odoo.tests import TransactionCase, tagged

from odoo.addons.interop_document.lib.gs1 import is_gln, is_gtin

from ..lib import world
from ..lib.secrets import SharedSecrets


@tagged("post_install", "-at_install")
class TestInteropSandbox(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.secrets = SharedSecrets.invent()
        cls.told = cls.set_up("http://127.0.0.1:8199")
        # What would run before a commit holds environments, which a test's set-up cannot copy.
        cls.env.flush_all()
        cls.env.cr.precommit.clear()

    @classmethod
    def set_up(cls, url):
        return cls.env["interop.sandbox"]._set_up(url, cls.secrets)

    def known(self, name):
        return self.env.ref(f"__interop_sandbox__.{name}")

    def test_a_second_run_finds_the_same_world(self):
        models = ("res.company", "res.users", "res.partner", "product.product")
        models += ("interop.connector", "interop.endpoint", "interop.flow", "interop.policy")
        models += ("interop.policy.rule", "interop.flow.version", "interop.vault.secret")

        def count():
            everything = {"active_test": False}
            return {m: self.env[m].with_context(**everything).search_count([]) for m in models}

        before = count()
        self.assertEqual(self.set_up("http://127.0.0.1:8199"), self.told)
        self.assertEqual(count(), before)

    def test_another_address_of_the_partner_is_published_as_a_new_version(self):
        flow = self.known("flow_nmc-orders")
        before = flow.version_id
        self.set_up("http://127.0.0.1:9999")
        self.assertEqual(flow.version_id.number, before.number + 1)
        snapshot = json.loads(flow.version_id.snapshot_id.text)
        self.assertIn("http://127.0.0.1:9999/nmc/orders", json.dumps(snapshot))

    def test_the_flows_are_live_for_both_companies_and_directions(self):
        for company in world.COMPANIES:
            for code in (f"{company.code}-orders", f"{company.code}-order-answers"):
                flow = self.known(f"flow_{code}")
                self.assertEqual((flow.state, flow.company_id.name), ("live", company.name))
                self.assertEqual(flow.connector_id.state, "active")
            path = self.told["callback"].replace("{account}", company.code)
            self.assertEqual(flow.address, path)

    def test_availability_is_asked_directly_and_answered_with_an_acknowledgement(self):
        flow = self.known("flow_nmc-availability")
        self.assertEqual((flow.state, flow.mode), ("live", "direct"))
        self.assertEqual(flow.direct_answer_type_id.code, "PurchaseOrderAcknowledgement")
        self.assertTrue(flow.connector_id.endpoint_ids.url.endswith("/nmc/availability"))

    def test_a_password_that_somebody_changed_stays(self):
        buyer = self.known("user_buyer")
        buyer.password = "something else entirely"
        self.env.flush_all()
        self.env.cr.execute("SELECT password FROM res_users WHERE id = %s", [buyer.id])
        before = self.env.cr.fetchone()
        self.set_up("http://127.0.0.1:8199")
        self.env.flush_all()
        self.env.cr.execute("SELECT password FROM res_users WHERE id = %s", [buyer.id])
        self.assertEqual(self.env.cr.fetchone(), before)

    def test_people_get_a_key_to_the_external_api_and_only_the_newest_is_good(self):
        sandbox = self.env["interop.sandbox"]
        old, new = sandbox._api_keys()["buyer"], sandbox._api_keys()["buyer"]
        check = self.env["res.users.apikeys"]._check_credentials
        self.assertEqual(check(scope="rpc", key=new), self.known("user_buyer").id)
        self.assertFalse(check(scope="rpc", key=old))

    def test_no_published_version_holds_a_secret(self):
        versions = self.env["interop.flow.version"].search([])
        text = " ".join(versions.snapshot_id.mapped("text"))
        for secret in (self.secrets.bearer, self.secrets.signing, self.secrets.callback):
            self.assertNotIn(secret, text)
            self.assertNotIn(secret.removeprefix("whsec_"), text)

    def test_finance_has_no_right_to_messages(self):
        finance = self.known("user_finance")
        self.assertFalse(finance.has_group("interop_base.group_user"))
        self.assertTrue(finance.has_group("interop_base.group_finance_reviewer"))
        self.assertEqual(finance.company_ids, self.known("company_nmc"))

    def test_the_service_user_cannot_log_in_and_may_buy(self):
        service = self.known(f"user_{world.SERVICE_LOGIN}")
        self.assertFalse(service.active)
        self.assertTrue(service.has_group("purchase.group_purchase_user"))
        self.assertFalse(service.has_group("interop_base.group_user"))

    def test_every_field_is_decided_on_by_a_rule(self):
        types = self.env["interop.document.type"]
        for name, decisions in (
            ("PurchaseOrder", world.ORDER_POLICY),
            ("PurchaseOrderAcknowledgement", world.ANSWER_POLICY),
        ):
            paths = {decision.path for decision in decisions}
            leaves = types._get(name, "1.0")._sensitivities()
            undecided = [
                path for path in leaves if not {path, path.rpartition(".")[0] + ".*"} & paths
            ]
            self.assertFalse(undecided)

    def test_article_and_location_numbers_have_right_check_digits(self):
        for product in world.PRODUCTS:
            self.assertTrue(is_gtin(product.gtin), product.code)
        for place in (*world.COMPANIES, world.SUPPLIER):
            self.assertTrue(is_gln(place.gln), place.name)
