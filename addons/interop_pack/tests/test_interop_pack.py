import json
from types import SimpleNamespace
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.interop_queue.lib.handlers import EVENTS, HANDLERS, HandlerSpec, register_event

from ..lib.pack import make_pack
from ..lib.parts import take_apart
from ..lib.places import fill_in
from .common import pack


class PackCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        HANDLERS.register(
            "test_pack",
            HandlerSpec("test_pack", "Test", "interop.handler", "PurchaseOrder", "out"),
        )
        register_event("test.pack", "Test")
        cls.addClassCleanup(HANDLERS.unregister, "test_pack")
        cls.addClassCleanup(EVENTS.pop, "test.pack")
        cls.manager = new_test_user(
            cls.env, "pack_manager", "base.group_user,interop_base.group_manager"
        )
        cls.partner = cls.env["res.partner"].create({"name": "Acme", "is_company": True})
        cls.area = cls.env.ref("interop_base.area_purchasing")
        cls.pack = cls.take_in(pack(connector=cls.connector()))

    @classmethod
    def connector(cls):
        """With the transport that is there: this module knows none."""
        field = cls.env["interop.connector"]._fields["transport"]
        codes = [code for code, _label in field._description_selection(cls.env)]
        return pack()["connector"] | {"transport": codes[0] if codes else "http"}

    @classmethod
    def take_in(cls, body):
        return cls.env["interop.pack"]._take_in(make_pack(body), "module", "test")

    def wizard(self, user=None, **values):
        wizard = (
            self.env["interop.pack.adding"]
            .with_user(user or self.manager)
            .create(
                {
                    "pack_id": self.pack.id,
                    "partner_id": self.partner.id,
                    "area_id": self.area.id,
                    "service_user_id": self.env.user.id,
                    **values,
                }
            )
        )
        self.answer(wizard, buyer="NMC")
        return wizard

    def answer(self, wizard, **answers):
        for answer in wizard.answer_ids:
            if answer.code in answers:
                answer.value = answers[answer.code]

    def clone(self, **values):
        action = self.wizard(**values).action_make()
        connector = self.env["interop.connector"].browse(action["res_id"])
        return connector.pack_clone_ids

    def state(self, clone):
        codes = {}
        for part in clone.part_ids:
            codes.setdefault(part.kind, {})[part.res_id] = part.code
        return self.env["interop.pack.reader"]._read_connector(clone.connector_id, codes)


@tagged("post_install", "-at_install")
class TestInteropPack(PackCase):
    def test_everything_is_made_as_a_draft_and_in_the_test_environment(self):
        clone = self.clone()
        connector = clone.connector_id
        self.assertEqual((connector.state, connector.environment), ("draft", "test"))
        self.assertEqual(connector.endpoint_ids.url, "https://acme.example/orders")
        self.assertEqual(connector.system_id.partner_id, self.partner)
        flow = connector.flow_ids
        self.assertEqual((flow.state, flow.answer_hours), ("draft", 24))
        self.assertFalse(flow.version_id)
        self.assertEqual(flow.owner_id, self.manager)
        rows = flow.mapping_id.row_ids.sorted("sequence")
        self.assertEqual(rows[1].constant, "NMC")
        self.assertEqual(rows[3].crosswalk_id.code, f"{clone.prefix}-units")
        self.assertEqual(flow.policy_id.rule_ids[1].pattern, "initials")

    def test_secrets_are_made_without_a_value_and_stand_in_what_remains(self):
        clone = self.clone()
        secret = clone.connector_id.auth_secret_id
        self.assertEqual(secret.kind, "bearer")
        self.assertFalse(secret.has_value)
        remaining = " ".join(each.sentence for each in clone._remaining())
        self.assertIn(secret.name, remaining)
        self.assertIn("Publish the flow", remaining)
        targets = [each.target for each in clone._remaining()]
        self.assertEqual(targets.count((secret._name, secret.id)), 1)

    def test_the_servers_environment_is_proposed_but_never_production(self):
        wizard = self.env["interop.pack.adding"]
        for here, proposed in (("development", "development"), ("production", "test")):
            with patch.object(
                type(self.env["interop.fence"]),
                "_server_settings",
                lambda _fence, here=here: SimpleNamespace(environment=here),
            ):
                self.assertEqual(wizard._default_environment(), proposed)

    def test_what_was_made_reads_back_as_the_pack_with_its_answers(self):
        clone = self.clone()
        filled = fill_in(clone.pack_id._body(), clone._answers())
        self.assertEqual(take_apart(self.state(clone)), take_apart(filled))

    def test_another_one_is_proposed_the_answers_of_the_first(self):
        first = self.clone()
        wizard = self.env["interop.pack.adding"].create(
            {
                "pack_id": self.pack.id,
                "clone_id": first.id,
                "partner_id": self.partner.id,
                "prefix": "second",
            }
        )
        given = {answer.code: answer.value for answer in wizard.answer_ids}
        self.assertEqual(given["buyer"], "NMC")
        self.assertEqual(wizard.area_id, self.area)
        wizard.action_make()
        clones = self.pack.clone_ids
        self.assertEqual(len(clones), 2)
        self.assertEqual(len(clones.part_ids.filtered(lambda part: part.kind == "flow")), 2)

    def test_a_wrong_answer_makes_nothing(self):
        before = self.env["interop.connector"].search_count([])
        for wrong in ({"url": "acme"}, {"buyer": ""}):
            wizard = self.wizard()
            self.answer(wizard, **wrong)
            with self.assertRaises(UserError):
                wizard.action_make()
        with self.assertRaisesRegex(UserError, "short name"):
            self.wizard(prefix="No Good").action_make()
        self.assertEqual(self.env["interop.connector"].search_count([]), before)

    def test_the_company_stands_in_a_name_only_where_it_tells_two_apart(self):
        first = self.clone()
        self.assertEqual(first.name, "Acme")
        self.assertEqual(first.connector_id.flow_ids.name, "Orders (Acme)")
        second = self.clone(company_id=self.env.company.id)
        self.assertEqual(second.name, f"Acme, {self.env.company.name}")

    def test_a_short_name_that_a_connector_has_is_not_proposed_and_not_taken(self):
        first = self.clone().prefix
        self.assertEqual(self.wizard().prefix, f"{first}-2")
        with self.assertRaisesRegex(UserError, "Another connector has this short name"):
            self.wizard(prefix=first).action_make()

    def test_who_is_no_manager_makes_nothing(self):
        groups = "base.group_user,interop_base.group_operator"
        user = new_test_user(self.env, "pack_operator", groups)
        with self.assertRaises(AccessError):
            self.wizard(user)
        with self.assertRaises(AccessError):
            self.pack.with_user(user).active = False

    def test_what_is_missing_here_is_said_before_anything_is_made(self):
        body = pack(version="3.0", connector=self.connector() | {"transport": "pigeon"})
        wizard = self.wizard(pack_id=self.take_in(body).id)
        self.assertIn("Install the module with the transport", wizard.preview_html)
        with self.assertRaisesRegex(UserError, "transport"):
            wizard.action_make()

    def test_a_version_never_changes(self):
        self.clone()
        self.assertEqual(self.take_in(pack(connector=self.connector())), self.pack)
        with self.assertRaisesRegex(UserError, "new version"):
            self.take_in(pack(connector=self.connector(), summary="Other"))
        with self.assertRaises(UserError):
            self.pack.with_user(self.manager).text = "{}"

    def test_a_newer_version_is_noticed(self):
        clone = self.clone()
        self.assertFalse(clone.newer_pack_id)
        newer = self.take_in(pack(version="1.10", connector=self.connector()))
        self.take_in(pack(version="1.9", connector=self.connector()))
        clone.invalidate_recordset()
        self.assertEqual(clone.newer_pack_id, newer)

    def test_no_secret_is_in_the_text_of_a_pack(self):
        self.assertEqual(set(json.loads(self.pack.text)["secrets"][0]), {"use", "kind", "title"})
