import threading
import time
import uuid
from contextlib import contextmanager

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ValidationError
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

WAITS = """
SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
   AND query LIKE '%%interop_crosswalk%%'
"""


@tagged("post_install", "-at_install")
class TestCrosswalkTwoPeople(BaseCase):
    """Two people change one crosswalk, each in a real transaction of their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database = db_connect(get_db_name())

    def setUp(self):
        super().setUp()
        with self.person() as env:
            values = {"name": "Two people meet here", "code": f"two-{uuid.uuid4().hex[:8]}"}
            self.crosswalk_id = env["interop.crosswalk"].create(values).id
            env.cr.commit()
        self.addCleanup(self.remove)

    def remove(self):
        with self.person() as env:
            env["interop.crosswalk"].browse(self.crosswalk_id).unlink()
            env.cr.commit()

    @contextmanager
    def person(self):
        with self.database.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})
            cr.rollback()

    def add(self, env, ours, theirs, **more):
        env["interop.crosswalk.entry"].create(
            {"crosswalk_id": self.crosswalk_id, "ours": ours, "theirs": theirs, **more}
        )
        env.flush_all()

    def entries(self):
        with self.person() as env:
            return env["interop.crosswalk"].browse(self.crosswalk_id).entry_ids.mapped("ours")

    @mute_logger("odoo.sql_db")
    def test_the_same_pair_on_the_same_days_is_entered_once(self):
        with self.person() as first, self.person() as second:
            second["interop.crosswalk"].browse(self.crosswalk_id).read(["name"])
            self.add(first, "EA", "PCE", valid_from="2026-01-01")
            first.cr.commit()
            # Odoo runs the request again on this error, and then the check sees the first's entry.
            with self.assertRaises(SerializationFailure):
                self.add(second, "EA", "PCE", valid_until="2026-06-30")
            second.cr.rollback()
            second.invalidate_all()
            with self.assertRaisesRegex(ValidationError, "hold on the same days"):
                self.add(second, "EA", "PCE", valid_until="2026-06-30")
        self.assertEqual(self.entries(), ["EA"])

    @mute_logger("odoo.sql_db")
    def test_the_second_waits_for_a_first_who_has_not_committed_yet(self):
        caught = []

        def other():
            with self.person() as second:
                try:
                    self.add(second, "EA", "PCE")
                    second.cr.commit()
                except SerializationFailure as failure:
                    caught.append(failure)

        with self.person() as first:
            self.add(first, "EA", "PCE")
            thread = threading.Thread(target=other)
            thread.start()
            try:
                self.until_somebody_waits()
            finally:
                first.cr.commit()
                thread.join()
        self.assertEqual(len(caught), 1)
        self.assertEqual(self.entries(), ["EA"])

    def until_somebody_waits(self):
        for _try in range(500):
            with self.database.cursor() as cr:
                cr.execute(WAITS)
                if cr.fetchone():
                    return
            time.sleep(0.02)
        self.fail("Nobody waits for the first one's crosswalk.")

    @mute_logger("odoo.sql_db")
    def test_two_cannot_both_mark_their_entry_as_the_preferred_one(self):
        with self.person() as first, self.person() as second:
            second["interop.crosswalk"].browse(self.crosswalk_id).read(["name"])
            self.add(first, "EA", "PCE", preferred=True)
            first.cr.commit()
            with self.assertRaises(SerializationFailure):
                self.add(second, "UNIT", "PCE", preferred=True)
        self.assertEqual(self.entries(), ["EA"])

    @mute_logger("odoo.sql_db")
    def test_rules_that_make_two_codes_one_do_not_pass_an_entry_that_is_added_meanwhile(self):
        with self.person() as env:
            self.add(env, "EA", "PCE")
            env.cr.commit()
        with self.person() as first, self.person() as second:
            second["interop.crosswalk"].browse(self.crosswalk_id).read(["name"])
            self.add(first, "ea", "PCE")
            first.cr.commit()
            with self.assertRaises(SerializationFailure):
                second["interop.crosswalk"].browse(self.crosswalk_id).ignore_case = True
                second.flush_all()
            second.cr.rollback()
            second.invalidate_all()
            with self.assertRaisesRegex(ValidationError, "hold on the same days"):
                second["interop.crosswalk"].browse(self.crosswalk_id).ignore_case = True
