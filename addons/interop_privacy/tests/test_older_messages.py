"""Messages of before the index are taken up, and a request says as long as they are not."""

from odoo.tests import tagged

from odoo.addons.interop_queue.models.interop_persons import PARAMETER

from .common import PERSON, PrivacyCase


@tagged("post_install", "-at_install")
class TestOlderMessages(PrivacyCase):
    def test_what_is_older_than_the_index_is_found_after_the_scheduled_action(self):
        keys = set(self.ended_outbound("O1", "O2", patient=PERSON))
        with self.transaction() as env:
            env.cr.execute("DELETE FROM interop_message_person")
            env.cr.execute("SELECT max(id) + 1 FROM interop_message")
            env["ir.config_parameter"].set_param(PARAMETER, str(env.cr.fetchone()[0]))
            env.ref("interop_queue.cron_index_persons").active = True
        self.assertEqual(self.found(), set())
        self.assertTrue(self.told(self.ask(), "is_partial"))
        with self.transaction() as env:
            env["interop.persons"]._cron_index_older()
        self.assertEqual(self.found(), keys)
        self.assertFalse(self.told(self.ask(), "is_partial"))
        with self.transaction() as env:
            env["interop.persons"]._gc_persons()
            self.assertFalse(env.ref("interop_queue.cron_index_persons").active)

    def test_the_scheduled_action_runs_as_odoo_runs_it(self):
        [key] = self.ended_outbound("O3", patient=PERSON)
        with self.transaction() as env:
            env.cr.execute("DELETE FROM interop_message_person")
            env.cr.execute("SELECT max(id) + 1 FROM interop_message")
            env["ir.config_parameter"].set_param(PARAMETER, str(env.cr.fetchone()[0]))
            cron = env.ref("interop_queue.cron_index_persons")
            cron.active = True
        with self.transaction() as env:
            env.ref("interop_queue.cron_index_persons").method_direct_trigger()
        self.assertEqual(self.found(), {key})
