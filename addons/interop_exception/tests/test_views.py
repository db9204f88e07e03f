from odoo.models import MAGIC_COLUMNS
from odoo.tests import Form, tagged

from .common import ExceptionCase


@tagged("post_install", "-at_install")
class TestViews(ExceptionCase):
    def test_the_list_opens_on_what_is_to_decide_and_says_what_to_do_when_it_is_empty(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_exception.interop_exception_action"
        )
        self.assertIn("search_default_open", action["context"])
        self.assertIn("Nothing waits for a decision", action["help"])

    def test_every_role_can_load_every_view(self):
        for user in (self.viewer, self.operator, self.reviewer):
            exceptions = self.exceptions.with_user(user)
            for kind in ("list", "kanban", "form", "search"):
                with self.subTest(user=user.login, view=kind):
                    self.assertTrue(exceptions.get_view(view_type=kind)["arch"])

    def test_a_reviewer_hands_over_in_the_form(self):
        exception = self.seen_by(self.reviewer, self.difference())
        with Form(exception) as form:
            form.owner_id = self.reviewer
        self.assertEqual(exception.state, "in_progress")

    def test_every_field_explains_itself(self):
        for model in ("interop.exception", "interop.exception.fact"):
            inherited = {*self.env["mail.activity.mixin"]._fields, *MAGIC_COLUMNS, "display_name"}
            inherited.update(self.env["mail.thread"]._fields)
            for name, field in self.env[model]._fields.items():
                if name not in inherited:
                    self.assertTrue(field.help, f"{model}.{name}")
