import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from .. import dropping
from ..dropping import NotDropped
from ..lib.months import Month
from .retention_common import RetentionCase

RETENTION = "odoo.addons.interop_audit.models.interop_audit_retention"
CLASS = f"{RETENTION}.InteropAuditRetention"


class TestStaying(RetentionCase):
    def test_month_with_an_entry_that_no_seal_holds(self):
        self.fill(2)
        self.assertStays("sealed yet")
        self.seal()
        self.drop()

    def test_month_whose_time_is_not_over(self):
        self.fill(1)
        self.seal()
        now = datetime.now(UTC)
        months = (now.year - self.month.year) * 12 + now.month - self.month.month
        with patch(f"{CLASS}._months_kept", lambda self: months):
            self.assertStays("kept until")
        with patch(f"{CLASS}._months_kept", lambda self: months - 1):
            self.drop()

    def test_month_that_a_hold_keeps(self):
        self.fill(1)
        self.seal()
        asked = []

        def held(self, first, until):
            asked.append((first, until))
            return "Held by the case of somebody."

        with patch(f"{CLASS}._held", held):
            self.assertStays("the case of somebody")
        self.assertEqual(asked, [(self.month.first, self.month.next.first)])

    def test_month_whose_seals_have_not_reached_the_anchors(self):
        self.fill(1)
        self.seal()
        with self.opened() as env:
            env["interop.fence"]._arm("tests of retention")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name) / "anchors"
        with patch.dict(os.environ, {"INTEROP_AUDIT_ANCHOR_FILE": str(path)}):
            self.assertStays("anchors")
            with self.opened() as env:
                env["interop.audit.anchors"]._deliver_all()
            self.drop()

    def test_month_with_an_entry_that_was_changed_is_evidence(self):
        [entry] = self.fill(1)
        self.seal()
        self.tamper("UPDATE interop_audit_entry SET outcome = 'nice' WHERE id = %s", entry)
        self.assertStays(f"Entry {entry} .* was changed")
        self.assertAlarm()
        self.tamper("UPDATE interop_audit_entry SET outcome = 'ok' WHERE id = %s", entry)
        self.drop()
        self.assertNoAlarm()

    def test_month_with_an_entry_that_was_removed_is_evidence(self):
        _kept, entry = self.fill(2)
        self.seal()
        [row] = self.query("SELECT * FROM interop_audit_entry WHERE id = %s", entry)
        self.tamper("DELETE FROM interop_audit_entry WHERE id = %s", entry)
        self.assertStays(f"Entry {entry} .* was removed")
        self.assertAlarm()
        marks = ", ".join(["%s"] * len(row))
        self.tamper(
            f"INSERT INTO interop_audit_entry OVERRIDING SYSTEM VALUE VALUES ({marks})", *row
        )
        self.drop()

    def test_month_with_an_entry_that_was_slipped_in(self):
        self.fill(1)
        self.seal()
        # As somebody would who knows the trail: with a transaction that is sealed already.
        self.tamper(
            "INSERT INTO interop_audit_entry (ts, txid, act, outcome, actor_kind) "
            "VALUES (%s, '3', %s, 'ok', 'system')",
            self.month.first,
            self.act,
        )
        self.assertStays("1 entries of this month are not sealed")
        self.tamper("DELETE FROM interop_audit_entry WHERE act = %s AND txid = '3'", self.act)
        self.drop()

    def test_month_with_leaves_that_were_changed_is_evidence(self):
        self.fill(1)
        number = self.seal()[-1]
        [(leaves,)] = self.query(
            "SELECT leaves FROM interop_audit_leaves WHERE number = %s", number
        )
        other = bytes(leaves)[:-1] + bytes([bytes(leaves)[-1] ^ 1])
        change = "UPDATE interop_audit_leaves SET leaves = %s WHERE number = %s"
        self.tamper(change, other, number)
        self.assertStays(f"Seal {number} does not verify")
        self.tamper(change, bytes(leaves), number)
        self.drop()

    def test_month_stays_while_the_trail_is_busy_and_nobody_waits_for_us(self):
        self.fill(1)
        self.seal()
        with self.opened() as busy:
            busy["interop.audit"]._record(self.act)  # a writer that does not commit
            with patch.object(dropping.lock, "__defaults__", (2,)):
                self.assertStays("busy")
            with self.opened() as env:
                env.cr.execute("SET LOCAL lock_timeout = '1s'")
                env["interop.audit"]._record(self.act)
        self.drop()

    def test_who_writes_is_not_held_up_while_a_month_is_looked_at(self):
        self.fill(1)
        self.seal()
        look, written = dropping.look, []

        def looking(cr, month):
            with self.opened() as env:
                env.cr.execute("SET LOCAL lock_timeout = '1s'")
                env["interop.audit"]._record(self.act)
            # … and nothing is left open that would hold up a seal.
            cr.execute("SELECT pg_current_xact_id_if_assigned() IS NULL")
            written.append(cr.fetchone()[0])
            return look(cr, month)

        with patch.object(dropping, "look", looking):
            self.drop()
        self.assertEqual(written, [True])

    def test_month_that_does_not_exist_is_told(self):
        month = Month(999, 1)
        with self.assertRaisesRegex(NotDropped, "no such month"), self.opened() as env:
            env["interop.audit.retention"]._drop(month)

    def alarm(self):
        return self.query(
            "SELECT FROM interop_audit_alarm WHERE code = %s AND ended IS NULL",
            f"retention_failed:{self.month.name}",
        )

    def assertAlarm(self):
        self.assertTrue(self.alarm())

    def assertNoAlarm(self):
        self.assertFalse(self.alarm())
