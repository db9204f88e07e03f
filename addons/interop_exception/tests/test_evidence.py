import uuid
from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name
from odoo.tools import mute_logger

HOOK = "odoo.addons.interop_exception.models.interop_exception_evidence.InteropExceptionEvidence"


class TestEvidence(BaseCase):
    """Alarms are raised in transactions of their own, so these tests have real ones."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.code = f"test_{uuid.uuid4().hex[:10]}"
        self.addCleanup(self.clear)

    @contextmanager
    def opened(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def raise_(self, sentence="The trail does not verify."):
        with self.opened() as env:
            env["interop.audit.alarms"]._raise(self.code, sentence)

    def clear(self):
        with self.opened() as env:
            env["interop.audit.alarms"]._clear(self.code)

    def exceptions(self):
        with self.opened() as env:
            alarms = env["interop.audit.alarm"].search([("code", "=", self.code)])
            keys = [f"alarm:{alarm.id}" for alarm in alarms]
            return (
                env["interop.exception"]
                .search([("dedup_key", "in", keys)], order="id")
                .read(["name", "kind", "state", "resolution", "area_id", "may_close"])
            )

    def test_alarm_is_one_exception_that_settles_itself(self):
        self.raise_()
        self.raise_("The trail does not verify: entry 7 was changed.")
        [exception] = self.exceptions()
        self.assertEqual((exception["kind"], exception["state"]), ("evidence", "open"))
        self.assertEqual(exception["name"], "The trail does not verify: entry 7 was changed.")
        self.assertEqual(exception["area_id"][1], "Evidence and compliance")
        self.clear()
        [exception] = self.exceptions()
        self.assertEqual((exception["state"], exception["resolution"]), ("resolved", "settled"))

    def test_person_who_closed_it_is_not_asked_again_while_it_lasts(self):
        self.raise_()
        with self.opened() as env:
            env["interop.exception"].browse(self.exceptions()[0]["id"])._decide("close", "Known")
        self.raise_()
        [exception] = self.exceptions()
        self.assertEqual((exception["state"], exception["resolution"]), ("resolved", "close"))
        self.clear()
        self.raise_()
        self.assertEqual([each["state"] for each in self.exceptions()], ["resolved", "open"])

    def test_alarm_stands_if_no_exception_can_be_made_and_the_next_look_makes_it(self):
        with (
            patch(f"{HOOK}._raise_alarm", side_effect=ValueError("no")),
            mute_logger("odoo.addons.interop_audit.models.interop_audit_alarms"),
        ):
            self.raise_()
        self.assertFalse(self.exceptions())
        with self.opened() as env:
            self.assertTrue(
                env["interop.audit.alarm"].search_count(
                    [("code", "=", self.code), ("ended", "=", False)]
                )
            )
        self.raise_()
        self.assertEqual(len(self.exceptions()), 1)
