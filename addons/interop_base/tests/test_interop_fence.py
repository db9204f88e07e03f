from odoo.exceptions import AccessError, UserError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import new_test_user

from ..lib import places
from ..lib.failures import FenceClosed
from .common import InteropCase


class TestInteropFence(InteropCase):
    def assertClosed(self, sentence):
        state = self.fence._state()
        self.assertFalse(state.is_open)
        self.assertIn(sentence, state.reason)
        with self.assertRaises(FenceClosed) as caught:
            self.fence._require_open("test")
        self.assertIn(sentence, caught.exception.sentence)

    def test_armed_installation_is_open_for_its_environment_only(self):
        state = self.fence._state()
        self.assertTrue(state.is_open)
        self.assertEqual(state.environment, "test")
        self.fence._require_open("test")
        with self.assertRaisesRegex(FenceClosed, "belongs to Production"):
            self.fence._require_open("production")

    def test_server_without_environment_is_closed(self):
        self.set_server(None)
        self.assertClosed("names no environment")

    def test_server_with_an_unknown_environment_is_closed(self):
        self.set_server(None, problem="The environment makes no sense.")
        self.assertClosed("makes no sense")

    def test_server_of_another_environment_is_closed(self):
        self.set_server("staging")
        self.assertClosed("armed for Test, but the server says Staging")

    def test_unarmed_installation_is_closed(self):
        self.fence._disarm("Enough for today")
        self.assertClosed("is not armed")
        self.assertEqual(self.instance.reason, "Enough for today")

    def test_copy_on_another_server_is_closed(self):
        self.instance.system_identifier = "1"
        self.assertClosed("is a copy, or was restored")

    def test_copy_on_the_same_server_is_closed(self):
        self.instance.database_oid = "1"
        self.assertClosed("is a copy, or was restored")

    def test_copy_that_the_keyring_does_not_know_is_closed(self):
        self.assertTrue(self.instance.remembered)
        place = f"{self.instance.system_identifier}/{self.instance.database_oid}"
        places.remember(self.keyring_path, place, "somebody else")
        self.assertClosed("beside the keyring")
        places.forget(self.keyring_path, place)
        self.assertClosed("beside the keyring")

    def test_installation_is_open_when_the_keyring_folder_cannot_be_written(self):
        self.patch(places, "remember", lambda *args: False)
        self.fence._arm("Mounted keyring")
        self.assertFalse(self.instance.remembered)
        place = f"{self.instance.system_identifier}/{self.instance.database_oid}"
        places.forget(self.keyring_path, place)
        self.assertTrue(self.fence._state().is_open)

    def test_neutralized_database_is_closed_and_cannot_be_armed(self):
        for flag in ("true", "1", "True", "whatever"):
            self.env["ir.config_parameter"].set_param("database.is_neutralized", flag)
            self.assertClosed("is neutralized")
            with self.assertRaisesRegex(UserError, "never armed"):
                self.fence._arm("I insist")

    def test_neutralizing_disarms_for_good(self):
        self.env.flush_all()
        for query in get_neutralization_queries(["interop_base"]):
            self.env.cr.execute(query)
        self.instance.invalidate_recordset()
        self.assertClosed("is not armed")
        self.assertFalse(self.instance.system_identifier)

    def test_server_that_hides_its_identifier_is_closed(self):
        self.patch(type(self.fence), "_may_read_system_identifier", lambda fence: False)
        self.assertClosed("pg_control_system")

    def test_missing_installation_record_is_closed(self):
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM interop_instance")
        self.assertClosed("is not armed")

    def test_arming_again_after_a_move_keeps_the_identity(self):
        before = self.instance.uuid
        self.instance.write({"system_identifier": "1", "database_oid": "1"})
        self.fence._arm("Moved to a new server")
        self.assertTrue(self.fence._state().is_open)
        self.assertEqual(self.instance.uuid, before)
        self.assertEqual(self.instance.armed_by_id, self.env.user)

    def test_arming_needs_a_reason_and_an_environment(self):
        for reason in ("", "   ", None):
            with self.assertRaisesRegex(UserError, "Say why"):
                self.fence._arm(reason)
        self.set_server(None)
        with self.assertRaisesRegex(UserError, "names no environment"):
            self.fence._arm("Please")

    def test_only_managers_arm_and_disarm(self):
        operator = new_test_user(self.env, "fence-operator", "interop_base.group_operator")
        manager = new_test_user(self.env, "fence-manager", "interop_base.group_manager")
        with self.assertRaises(AccessError):
            self.fence.with_user(operator)._arm("Let me")
        with self.assertRaises(AccessError):
            self.fence.with_user(operator)._disarm("Let me")
        with self.assertRaises(AccessError):
            self.instance.with_user(operator).action_disarm()
        self.instance.with_user(manager).action_disarm()
        self.assertFalse(self.fence._state().is_open)
        wizard = self.env["interop.arm"].with_user(manager).create({"reason": "Back again"})
        self.assertEqual(wizard.server_environment, "Test")
        wizard.action_arm()
        self.assertTrue(self.fence._state().is_open)
        self.assertEqual(self.instance.armed_by_id, manager)

    def test_fresh_installation_is_armed_for_the_server_and_never_twice(self):
        self.instance.write({"environment": False})
        self.fence._arm_at_install()
        self.assertTrue(self.fence._state().is_open)
        self.set_server("production")
        self.fence._arm_at_install()
        self.assertEqual(self.instance.environment, "test")

    def test_fresh_installation_stays_unarmed_on_a_server_without_environment(self):
        self.instance.write({"environment": False})
        self.set_server(None)
        self.fence._arm_at_install()
        self.assertFalse(self.instance.environment)

    def test_asking_costs_two_small_queries(self):
        self.fence._state()
        with self.assertQueryCount(2):
            self.fence._state()
