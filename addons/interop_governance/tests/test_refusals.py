from odoo.tests import tagged

from odoo.addons.interop_audit.tests.common import AuditCase
from odoo.addons.interop_audit.tests.test_interop_audit_refusals import RefusalsCase


@tagged("post_install", "-at_install")
class TestRefusalsOfAnswers(RefusalsCase, AuditCase):
    def setUp(self):
        super().setUp()
        self.begin()

    def test_answers_from_the_trail_are_nobodys_to_change(self):
        admin = self.env.ref("base.user_admin")
        for model in ("interop.disclosure", "interop.reading"):
            answers = self.env[model].with_user(admin)
            for act in (
                lambda answers=answers: answers.create({"flow": "made up"}),
                lambda answers=answers: answers.browse(1).write({"flow": "made up"}),
                lambda answers=answers: answers.browse(1).unlink(),
                lambda answers=answers: answers.load(["flow"], [["made up"]]),
            ):
                with self.subTest(model=model), self.refused("evidence"):
                    act()
        self.assertEqual(
            [(each["model"], each["method"]) for each in self.noted(admin)],
            [
                (model, method)
                for model in ("interop.disclosure", "interop.reading")
                for method in ("create", "write", "unlink", "load")
            ],
        )
