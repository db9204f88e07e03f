import random

from odoo.tools import SQL

from .. import dropping, sql
from ..dropping import NotDropped
from ..lib.months import Month
from .test_interop_audit_sealer import SealingCase

RETENTION = "odoo.addons.interop_audit.models.interop_audit_retention"
CLASS = f"{RETENTION}.InteropAuditRetention"


class RetentionCase(SealingCase):
    """Months long past, with tables of their own, in the real trail."""

    def setUp(self):
        super().setUp()
        self.month = self.new_month()

    def new_month(self):
        """A month that no test has used."""
        while True:
            month = Month(random.randint(1000, 1900), random.randint(1, 12))
            with self.opened() as env:
                env.cr.execute("SELECT to_regclass(%s)", [dropping.table_of(month)])
                if env.cr.fetchone()[0]:
                    continue
                env.cr.execute("SELECT 1 FROM interop_audit_dropped WHERE month = %s", [month.name])
                if env.cr.fetchone():
                    continue
                env.cr.execute(
                    SQL(
                        sql.CREATE_MONTH,
                        table=SQL.identifier(dropping.table_of(month)),
                        first=month.first,
                        next=month.next.first,
                    )
                )
            return month

    def fill(self, count=3, month=None):
        """Entries of that month; their ids."""
        with self.opened() as env:
            env.cr.execute(
                "INSERT INTO interop_audit_entry (ts, act, outcome, actor_kind) "
                "SELECT %s, %s, 'ok', 'system' FROM generate_series(1, %s) RETURNING id",
                [(month or self.month).first, self.act, count],
            )
            return [row[0] for row in env.cr.fetchall()]

    def drop(self, month=None, reason="", **options):
        with self.opened() as env:
            env["interop.audit.retention"]._drop(month or self.month, reason, **options)

    def assertStays(self, why, month=None):
        with self.assertRaisesRegex(NotDropped, why):
            self.drop(month)
        with self.opened() as env:
            env.cr.execute("SELECT to_regclass(%s)", [dropping.table_of(month or self.month)])
            self.assertTrue(env.cr.fetchone()[0])

    def query(self, text, *values):
        with self.opened() as env:
            env.cr.execute(text, values)
            return env.cr.fetchall()

    def tamper(self, statement, *values):
        """What the owner of the tables can do: past the triggers."""
        with self.opened() as env:
            for what in ("DISABLE", "ENABLE"):
                for table in ("interop_audit_entry", "interop_audit_leaves"):
                    env.cr.execute(f"ALTER TABLE {table} {what} TRIGGER USER")
                if what == "DISABLE":
                    env.cr.execute(statement, values)

    def row(self, month=None):
        with self.opened() as env:
            name = (month or self.month).name
            return env["interop.audit.month"].search([("name", "=", name)]).read()
