import os
from unittest.mock import patch

from odoo.tools import mute_logger

from .test_interop_audit_anchors import LOG, MODEL, AnchoringCase


class TestWatch(AnchoringCase):
    def look(self):
        with mute_logger(LOG):
            self.call("interop.audit.watch", "_cron_look")

    def test_anchor_that_is_missing_too_long_raises_an_alarm_that_ends_by_itself(self):
        away = self.folder / "away"
        self.configured(file=away / "anchors")
        self.make_seals(1)
        late = f"{MODEL}.InteropAuditAnchors._is_late"
        with patch(late, lambda *args: False):
            self.look()
        self.assertNotIn("anchor_missing:file", self.alarms())
        with patch(late, lambda *args: True):
            self.look()
        with self.opened() as env:
            alarm = env["interop.audit.alarm"].search(
                [("code", "=", "anchor_missing:file"), ("ended", "=", False)]
            )
            self.assertIn("No such file", alarm.sentence)
            self.assertEqual(alarm.name, "An anchor is missing (file)")
        away.mkdir()
        self.look()
        self.assertNotIn("anchor_missing:file", self.alarms())

    def test_anchor_is_late_after_the_minutes_of_the_configuration(self):
        self.configured(minutes=20)
        with self.opened() as env:
            anchors = env["interop.audit.anchors"]
            self.assertFalse(anchors._is_late(0, 20 * 60))
            self.assertTrue(anchors._is_late(0, 20 * 60 + 1))
            self.assertFalse(anchors._is_late(60, 80 * 60))
            self.assertTrue(anchors._is_late(60, 80 * 60 + 1))

    def test_production_without_any_place_raises_an_alarm(self):
        self.look()
        self.assertNotIn("anchor_missing:none", self.alarms())
        # What is patched last is undone first, or production would stay for the tests that follow.
        production = patch.dict(os.environ, {"INTEROP_ENVIRONMENT": "production"})
        production.start()
        self.addCleanup(production.stop)
        self.look()
        self.assertIn("anchor_missing:none", self.alarms())
        self.configured(file=self.path)
        self.look()
        self.assertNotIn("anchor_missing:none", self.alarms())

    def test_alarm_of_a_place_that_is_not_configured_any_more_ends(self):
        self.configured(file=self.folder / "away" / "anchors")
        self.make_seals(1)
        with patch(f"{MODEL}.InteropAuditAnchors._is_late", lambda *args: True):
            self.look()
        self.assertIn("anchor_missing:file", self.alarms())
        del os.environ["INTEROP_AUDIT_ANCHOR_FILE"]
        self.look()
        self.assertNotIn("anchor_missing:file", self.alarms())

    def test_entry_that_waits_too_long_for_its_seal_raises_an_alarm(self):
        self.look()
        self.assertNotIn("seal_lag", self.alarms())
        with self.opened() as env:
            env.cr.execute(
                "INSERT INTO interop_audit_entry (ts, act, outcome, actor_kind) "
                "VALUES (clock_timestamp() - interval '11 minutes', %s, 'ok', 'system')",
                [self.act],
            )
        self.look()
        self.assertIn("seal_lag", self.alarms())
        self.seal()
        self.look()
        self.assertNotIn("seal_lag", self.alarms())
