from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user
from odoo.tools import mute_logger

from .common import InteropCase


class TestInteropInstance(InteropCase):
    def test_there_is_one_installation(self):
        self.assertEqual(self.env["interop.instance"].search([]), self.instance)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["interop.instance"].create({}).flush_recordset()

    def test_installation_cannot_be_deleted_or_changed_by_people(self):
        manager = new_test_user(self.env, "instance-manager", "interop_base.group_manager")
        with self.assertRaises(AccessError):
            self.instance.with_user(manager).write({"environment": "production"})
        with self.assertRaises(AccessError):
            self.instance.with_user(manager).unlink()
        with self.assertRaises(UserError):
            self.instance.unlink()

    def test_form_tells_the_state(self):
        form = Form(self.instance)
        self.assertTrue(form.fence_open)
        self.assertEqual(form.fence_reason, "Open for Test.")
        self.assertEqual(form.server_environment, "test")
        self.assertTrue(form.keyring_ready)

    def test_settings_page_tells_the_state(self):
        settings = self.env["res.config.settings"].create({})
        self.assertTrue(settings.interop_fence_open)
        self.assertEqual(settings.interop_fence_state, "Open for Test.")
        self.assertTrue(settings.interop_keyring_ready)
        self.fence._disarm("Not now")
        settings = self.env["res.config.settings"].create({})
        self.assertFalse(settings.interop_fence_open)
        self.assertIn("not armed", settings.interop_fence_state)

    def test_identity_is_a_uuid_and_stays(self):
        self.assertRegex(self.instance.uuid, r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-")
        self.assertEqual(self.env["interop.instance"]._get_uuid(), self.instance.uuid)
