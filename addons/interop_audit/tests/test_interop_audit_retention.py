import hashlib
import json
import threading
from datetime import UTC, datetime
from unittest.mock import patch

from psycopg2.errors import InsufficientPrivilege

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user
from odoo.tools import SQL, mute_logger

from odoo.addons.interop_base.tests.common import InteropCase

from .. import dropping, sql
from ..dropping import NotDropped
from ..lib.months import Month
from .retention_common import RetentionCase

RETENTION = "odoo.addons.interop_audit.models.interop_audit_retention"
CLASS = f"{RETENTION}.InteropAuditRetention"


class TestDropping(RetentionCase):
    def test_month_goes_and_everything_else_stays(self):
        other = self.new_month()
        mine = self.fill(3)
        kept = self.fill(2, other)
        mine += self.fill(2)
        numbers = self.seal()
        self.drop(reason="Yearly clean-up")
        left = [
            row[0]
            for row in self.query("SELECT id FROM interop_audit_entry WHERE act = %s", self.act)
        ]
        self.assertEqual(sorted(left), kept)
        self.assertEqual(
            self.query("SELECT count(*) FROM interop_audit_seal WHERE number = ANY(%s)", numbers),
            [(len(numbers),)],
        )
        [(ranges,)] = self.query(
            "SELECT ranges FROM interop_audit_dropped WHERE month = %s", self.month.name
        )
        gone = [
            number
            for number in range(min(mine + kept), max(mine + kept) + 1)
            if any(first <= number <= last for first, last in json.loads(ranges))
        ]
        self.assertFalse(set(gone) & set(kept))
        self.assertLessEqual(set(mine), set(gone))
        # The new entry is written into the month of today as ever.
        self.record()

    def test_entry_tells_what_went_and_binds_the_row_that_names_the_ids(self):
        self.fill(4)
        self.seal()
        self.drop(reason="Yearly clean-up")
        [(details, entry_id)] = self.query(
            "SELECT details, id FROM interop_audit_entry WHERE act = 'audit.month_dropped' "
            "AND details::json ->> 'month' = %s",
            self.month.name,
        )
        facts = json.loads(details)
        [(ranges, seals)] = self.query(
            "SELECT ranges, seals FROM interop_audit_dropped WHERE month = %s", self.month.name
        )
        self.assertEqual(facts["ids_digest"], hashlib.sha256(ranges.encode()).hexdigest())
        self.assertEqual(facts["seals"], json.loads(seals))
        self.assertEqual((facts["entries"], facts["retention_months"]), (4, 72))
        self.assertEqual(facts["reason"], "Yearly clean-up")
        [sealed] = [each for each in self.sealed(self.seal()) if entry_id in each.ids]
        self.assertTrue(sealed)

    def test_leaves_go_only_with_all_entries_of_their_seal(self):
        # One seal of this month alone, one that it shares with another month, one of the other.
        other = self.new_month()
        self.fill(2)
        alone = self.seal()[-1]
        self.fill(2)
        self.fill(2, other)
        shared = self.seal()[-1]
        self.fill(2, other)
        others = self.seal()[-1]
        self.drop()
        held = {
            number
            for [number] in self.query(
                "SELECT number FROM interop_audit_leaves WHERE number = ANY(%s)",
                [alone, shared, others],
            )
        }
        self.assertEqual(held, {shared, others})
        self.drop(other)
        self.assertEqual(
            self.query(
                "SELECT count(*) FROM interop_audit_leaves WHERE number = ANY(%s)",
                [shared, others],
            ),
            [(0,)],
        )

    def test_nothing_else_deletes_leaves_or_what_was_noted(self):
        self.fill(2)
        number = self.seal()[-1]
        for statement in (
            f"DELETE FROM interop_audit_leaves WHERE number = {number}",
            "TRUNCATE interop_audit_leaves",
            "DELETE FROM interop_audit_dropped",
            "UPDATE interop_audit_dropped SET seals = '[]'",
            "TRUNCATE interop_audit_dropped",
        ):
            self.drop_something()
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(InsufficientPrivilege, msg=statement),
                self.opened() as env,
            ):
                env.cr.execute(statement)

    def drop_something(self):
        if not self.query("SELECT FROM interop_audit_dropped LIMIT 1"):
            month = self.new_month()
            self.fill(1, month)
            self.seal()
            self.drop(month)

    def test_leaves_that_a_run_left_behind_are_deleted_by_the_next(self):
        self.fill(2)
        number = self.seal()[-1]
        with patch(f"{CLASS}._delete_leaves", lambda self: None):
            self.drop()
        self.assertTrue(self.query("SELECT FROM interop_audit_leaves WHERE number = %s", number))
        with self.opened() as env, patch(f"{RETENTION}.LEAVES_AT_ONCE", 1):
            env["interop.audit.retention"]._delete_leaves()
        self.assertFalse(self.query("SELECT FROM interop_audit_leaves WHERE number = %s", number))

    def test_month_goes_once_if_two_drop_it_at_once(self):
        self.fill(2)
        self.seal()
        barrier, failures = threading.Barrier(2), []

        def run():
            barrier.wait()
            try:
                self.drop()
            except NotDropped as failure:
                failures.append(failure.sentence)

        threads = [threading.Thread(target=run) for _each in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(failures), 1)
        self.assertEqual(
            self.query(
                "SELECT count(*) FROM interop_audit_dropped WHERE month = %s", self.month.name
            ),
            [(1,)],
        )


class TestByItself(RetentionCase):
    def run_daily(self):
        with self.opened() as env, mute_logger(RETENTION):
            env["interop.audit.retention"]._cron_drop()

    def switch(self, on):
        with self.opened() as env:
            env["interop.audit.retention.rule"].create({"months": 72, "switched_on": on})

    def test_nothing_goes_until_a_person_switches_it_on(self):
        self.fill(1)
        self.seal()
        self.addCleanup(self.switch, False)
        self.run_daily()
        [row] = self.row()
        self.assertEqual(row["state"], "due")
        self.assertIn("Dropping by itself is off", row["state_sentence"])
        self.switch(True)
        for _day in range(20):
            self.run_daily()
            [row] = self.row()
            if row["state"] == "dropped":
                return
        self.fail("The month is still there.")

    def test_month_that_is_held_stays_when_it_is_switched_on(self):
        self.fill(1)
        self.seal()
        self.addCleanup(self.switch, False)
        self.switch(True)
        with patch(f"{CLASS}._held", lambda self, first, until: "Held by a case."):
            self.run_daily()
            [row] = self.row()
        self.assertEqual((row["state"], row["state_sentence"]), ("held", "Held by a case."))

    def test_months_are_listed_with_their_entries_and_the_safety_net(self):
        self.fill(5)
        with self.opened() as env:
            env.cr.execute(
                "INSERT INTO interop_audit_entry (ts, act, outcome, actor_kind) "
                "VALUES ('0900-01-15', %s, 'ok', 'system')",
                [self.act],
            )
        [row] = self.row()
        self.assertEqual((row["entries"], row["state"]), (5, "waiting"))
        self.seal()
        [row] = self.row()
        self.assertTrue(row["is_sealed"] and row["is_anchored"])
        with self.opened() as env:
            net = env["interop.audit.month"].search([("name", "=", "")])
            self.assertEqual(net.state, "net")
            self.assertGreaterEqual(net.entries, 1)
            this = env["interop.audit.month"].search([("name", "=", f"{datetime.now(UTC):%Y-%m}")])
            self.assertEqual(this.state, "current")

    def test_what_lies_in_the_safety_net_stays_and_is_told(self):
        month = Month(self.month.year - 300, self.month.month)
        with self.opened() as env:
            env.cr.execute("SELECT to_regclass(%s)", [dropping.table_of(month)])
            if env.cr.fetchone()[0]:
                return
        first, last = month.first, month.first.replace(day=15)
        with self.opened() as env:
            env.cr.execute(
                "INSERT INTO interop_audit_entry (ts, act, outcome, actor_kind) "
                "VALUES (%s, %s, 'ok', 'system')",
                [first, self.act],
            )
            env.cr.execute(
                SQL(
                    sql.CREATE_MONTH,
                    table=SQL.identifier(dropping.table_of(month)),
                    first=last,
                    next=month.next.first,
                )
            )
            env.cr.execute(
                "INSERT INTO interop_audit_entry (ts, act, outcome, actor_kind) "
                "VALUES (%s, %s, 'ok', 'system')",
                [last, self.act],
            )
        self.seal()
        self.drop(month)
        [(details,)] = self.query(
            "SELECT details FROM interop_audit_entry WHERE act = 'audit.month_dropped' "
            "AND details::json ->> 'month' = %s",
            month.name,
        )
        self.assertEqual(json.loads(details)["left_in_safety_net"], 1)
        self.assertEqual(
            self.query("SELECT ts FROM interop_audit_entry WHERE act = %s", self.act), [(first,)]
        )


class TestRule(InteropCase):
    def setUp(self):
        super().setUp()
        self.retention = self.env["interop.audit.retention"]
        self.manager = new_test_user(self.env, "trail_manager", "interop_base.group_manager")
        self.auditor = new_test_user(self.env, "trail_auditor", "interop_base.group_auditor")

    def change(self, user=None, **values):
        wizard = self.env["interop.audit.retention.change"].with_user(user or self.manager)
        wizard.create(values).action_change()

    def test_trail_is_kept_six_years_and_nothing_goes_by_itself_at_first(self):
        self.assertEqual((self.retention._months_kept(), self.retention._is_on()), (72, False))

    def test_less_than_six_years_needs_a_reason(self):
        with self.assertRaisesRegex(UserError, "164.316"):
            self.change(months=71)
        self.change(months=71, reason="State law asks for less")
        self.assertEqual(self.retention._months_kept(), 71)
        with self.assertRaisesRegex(UserError, "1 to 1200"):
            self.change(months=0, reason="Because")

    def test_change_is_in_the_trail(self):
        self.change(months=60, switched_on=True, reason="State law asks for less")
        entry = self.env["interop.audit.entry"].search(
            [("act", "=", "audit.retention_changed")], limit=1
        )
        self.assertEqual(entry.actor_id, self.manager.id)
        facts = json.loads(entry.details)
        self.assertEqual(facts["before"], {"months": 72, "switched_on": False})
        self.assertEqual(facts["now"], {"months": 60, "switched_on": True})
        self.assertEqual(facts["reason"], "State law asks for less")

    def test_only_managers_change_the_rule_and_nobody_past_the_dialog(self):
        with self.assertRaises(AccessError):
            self.change(self.auditor, months=80)
        for user in (self.manager, self.auditor):
            with self.assertRaises(AccessError):
                self.env["interop.audit.retention.rule"].with_user(user).create({"months": 1})
        month = self.env["interop.audit.month"].with_user(self.auditor).search([], limit=1)
        with self.assertRaises(AccessError):
            month.action_drop()

    def test_month_is_dropped_by_hand_with_a_reason_only(self):
        wizard = self.env["interop.audit.month.drop"].with_user(self.manager)
        with self.assertRaisesRegex(UserError, "few words"):
            wizard.create({"month": "1999-01", "reason": " no "}).action_drop()
        with self.assertRaisesRegex(UserError, "1999-01 stays"):
            wizard.create({"month": "1999-01", "reason": "Clean-up"}).action_drop()
