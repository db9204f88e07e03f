import ast
from pathlib import Path

from odoo.modules.module import get_module_path
from odoo.tests import TransactionCase, tagged

from odoo.addons.interop_audit.lib.acts import ACTS

#: What writes entries: calls by these names, whose act stands first or is called so.
WRITERS = {"_record", "_note", "_audit", "_act", "_open", "AuditRow"}


@tagged("post_install", "-at_install")
class TestActsNamed(TransactionCase):
    """People read words in the trail, and an act without a family is missing in their lists."""

    def assertNamed(self, acts):
        self.assertEqual([act for act in sorted(acts) if act not in ACTS], [])

    def addons(self):
        names = self.env["ir.module.module"].search([("state", "=", "installed")]).mapped("name")
        return [Path(get_module_path(name)) for name in names if name.startswith("interop_")]

    def test_each_act_that_the_code_records_has_words_and_a_family(self):
        found = set()
        for addon in self.addons():
            for path in addon.rglob("*.py"):
                if "tests" not in path.relative_to(addon).parts:
                    found |= set(acts_in(ast.parse(path.read_text(encoding="utf-8"))))
        self.assertIn("message.resent", found)
        self.assertGreater(len(found), 80)
        self.assertNamed(found)

    def test_configuration_that_is_noted_has_words_and_a_family(self):
        nouns = {
            model._configured_noun
            for name, model in self.env.registry.items()
            if hasattr(model, "_configured_noun") and name != "interop.audit.configured"
        }
        self.assertIn("setting", nouns)
        acts = ("create", "change", "delete")
        self.assertNamed({f"{noun}.{act}" for noun in nouns for act in acts})


def acts_in(tree):
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name not in WRITERS:
            continue
        named = [keyword.value for keyword in call.keywords if keyword.arg == "act"]
        for given in [*call.args, *named]:
            if isinstance(given, ast.Constant) and isinstance(given.value, str):
                noun, dot, act = given.value.rpartition(".")
                if dot and noun and act.replace("_", "").isalpha():
                    yield given.value
