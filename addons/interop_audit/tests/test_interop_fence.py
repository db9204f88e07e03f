from .common import AuditCase


class TestInteropFence(AuditCase):
    def test_arming_and_disarming_are_recorded_with_their_reason(self):
        self.fence._disarm("Moving house")
        self.fence._arm("Arrived")
        disarmed, armed = self.entries("fence.disarm"), self.entries("fence.arm")
        self.assertEqual(disarmed.details_shown, "Reason: Moving house")
        self.assertEqual(armed.details_shown, "Reason: Arrived\nEnvironment: test")
        self.assertEqual(armed.subject, self.instance.uuid)
