import time
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from ..lib import pulse
from ..lib.settings import ServerSettings
from .common import InteropCase


class ArmingCase(InteropCase):
    environment = "production"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        manager = "interop_base.group_manager"
        approver = "interop_base.group_approver"
        cls.manager = new_test_user(cls.env, "arming-manager", manager)
        cls.approver = new_test_user(cls.env, "arming-approver", approver)
        cls.both = new_test_user(cls.env, "arming-both", f"{manager},{approver}")
        cls.Arming = cls.env["interop.arming"]

    def restore(self):
        """As if the database stood somewhere else now."""
        self.instance.write({"system_identifier": "1", "production_place": "1/1"})

    def ask(self, user=None, reason="The old server burnt down"):
        return self.Arming.with_user(user or self.manager)._ask(reason)


class TestInteropArming(ArmingCase):
    def test_a_restored_production_is_not_armed_by_one_person(self):
        self.restore()
        self.assertIn("takes two people", self.fence._why_two())
        with self.assertRaisesRegex(UserError, "takes two people"):
            self.fence.with_user(self.manager)._arm("Let me")
        self.assertFalse(self.fence._state().is_open)

    def test_one_asks_and_another_approves(self):
        self.restore()
        arming = self.ask()
        self.assertFalse(self.fence._state().is_open)
        self.assertIn(self.approver, arming.sudo()._approvers())
        arming.with_user(self.approver).action_approve()
        self.assertTrue(self.fence._state().is_open)
        self.assertEqual(arming.state, "approved")
        self.assertEqual(self.instance.armed_by_id, self.approver)
        self.assertEqual(self.instance.reason, "The old server burnt down")
        self.assertFalse(self.fence._why_two(), "it is at home here now")

    def test_who_asked_cannot_approve(self):
        self.restore()
        arming = self.ask(self.both)
        self.assertFalse(arming.with_user(self.both).may_decide)
        with self.assertRaisesRegex(AccessError, "ask a colleague"):
            arming.with_user(self.both).action_approve()

    def test_a_manager_or_a_superuser_does_not_stand_in_for_an_approver(self):
        self.restore()
        arming = self.ask()
        other = new_test_user(self.env, "arming-other", "interop_base.group_manager")
        for user in (other, self.env.ref("base.user_root")):
            with self.assertRaisesRegex(AccessError, "Only Approvers"):
                arming.with_user(user).sudo().action_approve()
        self.assertFalse(self.fence._state().is_open)

    def test_disarming_first_is_no_way_round(self):
        self.restore()
        self.instance.with_user(self.manager).action_disarm()
        with self.assertRaisesRegex(UserError, "takes two people"):
            self.fence.with_user(self.manager)._arm("Let me")

    def test_arming_for_another_environment_first_is_no_way_round(self):
        self.restore()
        self.set_server("staging")
        self.fence.with_user(self.manager)._arm("One person may do that")
        self.set_server("production")
        with self.assertRaisesRegex(UserError, "takes two people"):
            self.fence.with_user(self.manager)._arm("And now for real")

    def test_at_home_one_person_disarms_and_arms(self):
        self.instance.with_user(self.manager).action_disarm()
        self.fence.with_user(self.manager)._arm("Back again")
        self.assertTrue(self.fence._state().is_open)
        with self.assertRaisesRegex(UserError, "One person may"):
            self.ask()

    def test_there_is_one_open_request_and_a_decided_one_is_decided(self):
        self.restore()
        arming = self.ask()
        with self.assertRaisesRegex(UserError, "has asked already"):
            self.ask(self.both)
        arming.with_user(self.approver).action_refuse()
        self.assertEqual(arming.state, "refused")
        with self.assertRaisesRegex(UserError, "decided already"):
            arming.with_user(self.approver).action_approve()
        again = self.ask(self.both)
        again.with_user(self.manager).action_withdraw()
        self.assertFalse(self.fence._state().is_open)

    def test_asking_needs_a_manager_and_a_reason(self):
        self.restore()
        with self.assertRaises(AccessError):
            self.ask(self.approver)
        with self.assertRaisesRegex(UserError, "Say why"):
            self.ask(reason="  ")

    def test_a_request_cannot_be_written_or_made_by_hand(self):
        self.restore()
        arming = self.ask()
        for user in (self.both, self.approver):
            with self.assertRaises(AccessError):
                arming.with_user(user).write({"state": "approved"})
            with self.assertRaises(AccessError):
                self.Arming.with_user(user).create({"reason": "x"})
            with self.assertRaises(AccessError):
                arming.with_user(user).unlink()

    def test_a_server_can_ask_for_two_people_always(self):
        two = ServerSettings("production", self.keyring_path, always_two=True)
        self.addCleanup(setattr, type(self), "server", self.server)
        type(self).server = two
        self.fence._disarm("Enough")
        with self.assertRaisesRegex(UserError, "two people"):
            self.fence.with_user(self.manager)._arm("Let me")
        self.ask().with_user(self.approver).action_approve()
        self.assertTrue(self.fence._state().is_open)

    def test_alone_in_an_emergency(self):
        self.restore()
        self.fence._arm_alone("Nobody else can be reached")
        self.assertTrue(self.fence._state().is_open)

    def test_a_neutralized_copy_is_not_armed_by_two_either(self):
        self.restore()
        arming = self.ask()
        self.env["ir.config_parameter"].set_param("database.is_neutralized", "1")
        with self.assertRaisesRegex(UserError, "never armed"):
            arming.with_user(self.approver).action_approve()


class TestPulseOfTheInstallation(ArmingCase):
    """The fence and the note beside the keyring; the note's own rules are in test_pulse."""

    def setUp(self):
        super().setUp()
        facts = self.fence._facts()
        self.place = facts.place

    def note(self, **changed):
        seen = self.fence._look(self.env.cr)
        facts = {
            "number": seen.number,
            "at": time.time(),
            "started": seen.started,
            "addresses": (seen.address,),
        }
        noted = pulse.Pulse(**{**facts, **changed})
        self.startPatcher(patch.object(pulse, "read", lambda *args: noted))

    def test_a_database_that_was_set_back_in_place_is_closed_and_takes_two(self):
        self.note(number=10**6)
        state = self.fence._state()
        self.assertFalse(state.is_open)
        self.assertIn("was set back", state.reason)
        self.assertIn("takes two people", self.fence._why_two())

    def test_another_copy_that_is_alive_closes_the_fence(self):
        self.note(started="1", addresses=("somewhere:5432",))
        state = self.fence._state()
        self.assertFalse(state.is_open)
        self.assertIn("Another copy of this database is alive", state.reason)

    def test_arming_takes_the_place_over(self):
        other = pulse.Seen(0, "1", "somewhere:5432")
        pulse.take(self.keyring_path, self.place, other, time.time())
        self.assertFalse(self.fence._state().is_open)
        self.fence._open("Taken over")
        self.assertTrue(self.fence._state().is_open)

    def test_the_pulse_is_shown_when_it_is_due_and_not_before(self):
        before = pulse.read(self.keyring_path, self.place)
        self.fence._state(alive=True)
        self.assertEqual(pulse.read(self.keyring_path, self.place), before)
        old = pulse.Pulse(before.number, before.at - pulse.BEAT, before.started, before.addresses)
        with patch.object(pulse, "read", lambda *args: old):
            self.fence._state(alive=True)
        after = pulse.read(self.keyring_path, self.place)
        self.assertGreater(after.at, before.at)

    def test_a_closed_fence_shows_no_pulse(self):
        self.fence._disarm("Enough")
        before = pulse.read(self.keyring_path, self.place)
        old = pulse.Pulse(before.number, 0.0, before.started, before.addresses)
        with patch.object(pulse, "read", lambda *args: old):
            self.fence._state(alive=True)
        self.assertEqual(pulse.read(self.keyring_path, self.place), before)
