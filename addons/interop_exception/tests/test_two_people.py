from contextlib import contextmanager

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import UserError
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestTwoPeople(BaseCase):
    """Two people decide the same exception, each in a real transaction of their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database = db_connect(get_db_name())

    def setUp(self):
        super().setUp()
        with self.person() as env:
            self.exception_id = (
                env["interop.exception"]
                .create(
                    {
                        "name": "Two people meet here",
                        "kind": "difference",
                        "area_id": env.ref("interop_base.area_finance").id,
                        "company_id": env.ref("base.main_company").id,
                        "due_at": fields.Datetime.now(),
                        "decision_codes": "keep_ours",
                        "decision_handler": "interop.exception.handler",
                    }
                )
                .id
            )
            env.cr.commit()
        self.addCleanup(self.remove)

    def remove(self):
        with self.person() as env:
            env["interop.exception"].browse(self.exception_id).unlink()
            env.cr.commit()

    @contextmanager
    def person(self, login=None):
        with self.database.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            if login:
                user = env.ref(login)
                env = env(user=user.id, context={"allowed_company_ids": user.company_ids.ids})
            yield env
            cr.rollback()

    def exception(self, env):
        return env["interop.exception"].browse(self.exception_id)

    def test_the_second_is_told_that_somebody_is_deciding(self):
        with self.person("base.user_admin") as first, self.person("base.user_root") as second:
            self.exception(first)._decide("keep_ours")
            first.flush_all()
            with self.assertRaisesRegex(UserError, "Somebody else is deciding this right now"):
                self.exception(second)._decide("keep_ours")

    @mute_logger("odoo.sql_db")
    def test_the_second_who_looked_before_the_first_committed_has_to_look_again(self):
        with self.person("base.user_admin") as first, self.person("base.user_root") as second:
            self.exception(second).read(["state"])
            self.exception(first)._decide("keep_ours")
            first.cr.commit()
            # Odoo runs the request again on this error, and then the next test applies.
            with self.assertRaises(SerializationFailure):
                self.exception(second)._decide("keep_ours")

    def test_the_second_who_comes_later_is_told_who_was_first(self):
        with self.person("base.user_admin") as first:
            self.exception(first)._decide("keep_ours")
            first.cr.commit()
        with (
            self.person("base.user_root") as second,
            self.assertRaisesRegex(UserError, "was first: Ours kept"),
        ):
            self.exception(second)._decide("keep_ours")
