import os
import tempfile
import threading
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..lib.anchoring import TARGETS
from ..lib.evidence import anchor, seal
from ..lib.evidence.seal import Statement
from .test_interop_audit_sealer import SealingCase

MODEL = "odoo.addons.interop_audit.models.interop_audit_anchors"
LOG = MODEL


class AnchoringCase(SealingCase):
    """Real seals, real files; what the server's configuration says is said by its environment."""

    def setUp(self):
        super().setUp()
        with self.opened() as env:
            env["interop.fence"]._arm("tests of anchors")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.path = self.folder / "anchors"
        self.addCleanup(self.forget)

    def forget(self):
        with self.opened() as env:
            env.cr.execute("DELETE FROM interop_audit_anchor")
            env.cr.execute("UPDATE interop_audit_alarm SET ended = since WHERE ended IS NULL")

    def configured(self, **places):
        """The server's configuration names these places while the test runs."""
        environ = {f"INTEROP_AUDIT_ANCHOR_{kind.upper()}": str(at) for kind, at in places.items()}
        patcher = patch.dict(os.environ, environ)
        patcher.start()
        self.addCleanup(patcher.stop)

    def call(self, model, method, *args):
        with self.opened() as env:
            return getattr(env[model], method)(*args)

    def deliver(self):
        self.call("interop.audit.anchors", "_deliver_all")

    def numbers(self):
        return [
            anchor.parse(text).facts.number for text in self.path.read_text().splitlines() if text
        ]

    def stored(self, target="file"):
        with self.opened() as env:
            [row] = env["interop.audit.anchor"].search([("target", "=", target)]).read()
            return row

    def alarms(self):
        with self.opened() as env:
            return set(env["interop.audit.alarm"].search([("ended", "=", False)]).mapped("code"))

    def make_seals(self, count):
        """Numbers of new seals; nobody is told of them."""
        made = []
        with patch(f"{MODEL}.InteropAuditAnchors._on_sealed", lambda *args: None):
            for _each in range(count):
                self.record()
                made += self.seal()
        return made


class TestAnchoring(AnchoringCase):
    def test_sealing_tells_all_places_at_once(self):
        self.configured(file=self.path, folder=self.folder)
        self.deliver()
        self.record()
        [number] = self.seal()
        self.assertEqual(self.numbers()[-1], number)
        self.assertTrue(list(self.folder.glob(f"seal-*-{number:012d}-*.json")))
        row = self.stored()
        self.assertEqual((row["last_number"], row["state"]), (number, "anchored"))
        self.assertEqual(row["missing"], 0)

    def test_line_is_the_seal_and_genuine(self):
        self.configured(file=self.path)
        [number] = self.make_seals(1)
        self.deliver()
        [stored] = self.sealed([number])
        anchored = anchor.parse(self.path.read_text().splitlines()[-1])
        self.assertEqual((anchored.statement, anchored.signature), (stored.text, stored.signature))
        self.assertTrue(anchored.is_signed_by(stored.statement.key))

    def test_what_a_place_missed_follows_in_order_when_it_is_back(self):
        away = self.folder / "away"
        self.configured(file=away / "anchors")
        self.make_seals(2)
        with mute_logger(LOG):
            self.deliver()
        row = self.stored()
        self.assertIn("No such file", row["failure"])
        self.assertEqual(row["state"], "failing")
        self.assertTrue(row["failing_since"])
        since = row["failing_since"]
        with mute_logger(LOG):
            self.make_seals(1)
            self.deliver()
        self.assertEqual(self.stored()["failing_since"], since)
        away.mkdir()
        self.path = away / "anchors"
        self.deliver()
        row, numbers = self.stored(), self.numbers()
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
        self.assertEqual(numbers[-1], row["last_number"])
        self.assertFalse(row["failure"] or row["failing_since"])

    def test_place_that_is_new_begins_a_little_before_the_newest_seal(self):
        made = self.make_seals(4)
        self.configured(file=self.path)
        with patch(f"{MODEL}.BEGIN_WITH", 2):
            self.deliver()
        self.assertEqual(self.numbers(), made[-2:])

    def test_batches_follow_each_other_without_gap(self):
        self.configured(file=self.path)
        self.deliver()
        made = self.make_seals(5)
        with patch(f"{MODEL}.BATCH", 2):
            self.deliver()
        self.assertEqual(self.numbers()[-5:], made)

    def test_several_at_once_write_each_seal_once(self):
        self.configured(file=self.path)
        self.deliver()
        before = self.path.read_text().count("\n")
        made = self.make_seals(6)
        barrier = threading.Barrier(4)

        def run():
            barrier.wait()
            self.deliver()

        with patch(f"{MODEL}.BATCH", 1):
            threads = [threading.Thread(target=run) for _each in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.deliver()
        self.assertEqual(self.numbers()[before:], made)

    def test_copy_of_the_database_writes_nothing(self):
        self.configured(file=self.path)
        self.make_seals(1)
        with self.opened() as env:
            env["interop.fence"]._disarm("a copy")
        self.deliver()
        self.assertFalse(self.path.exists())
        row = self.stored()
        self.assertEqual(row["state"], "held")
        self.assertIn("not armed", row["state_sentence"])

    def test_no_transaction_is_open_while_a_place_is_written_to(self):
        self.configured(file=self.path)
        self.make_seals(1)
        target, seen = TARGETS.get("file"), []

        def write(place, lines):
            with self.opened() as env:
                env.cr.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND state = 'idle in transaction' AND pid <> pg_backend_pid() "
                    "AND backend_xid IS NOT NULL"
                )
                seen.append(env.cr.fetchone()[0])

        with patch.object(type(target), "append", lambda self, *args: write(*args)):
            self.deliver()
        self.assertEqual(seen, [0])

    def test_place_the_configuration_does_not_name_any_more_is_told(self):
        self.configured(file=self.path)
        self.deliver()
        self.configured(file=self.folder / "another")
        with self.opened() as env:
            old = env["interop.audit.anchor"].search([("place", "=", str(self.path))])
            self.assertEqual(old.state, "off")
            with self.assertRaisesRegex(UserError, "does not name"):
                old.action_try_now()

    def test_trying_now_writes_or_tells_why_not(self):
        away = self.folder / "away"
        self.configured(file=away / "anchors")
        self.make_seals(1)
        with self.opened() as env:
            env["interop.audit.anchors"]._open_places()
        with self.opened() as env:
            row = env["interop.audit.anchor"].search([("target", "=", "file")])
            with mute_logger(LOG), self.assertRaisesRegex(UserError, "No such file"):
                row.action_try_now()
        away.mkdir()
        with self.opened() as env:
            env["interop.audit.anchor"].search([("target", "=", "file")]).action_try_now()
        self.assertEqual(self.stored()["state"], "anchored")


class TestComparingAnchors(AnchoringCase):
    def setUp(self):
        super().setUp()
        self.configured(file=self.path)
        self.made = self.make_seals(2)
        self.deliver()

    def compare(self):
        with mute_logger(LOG):
            self.call("interop.audit.anchors", "_compare_all")

    def rewritten(self, number):
        """The line of another history with this number, signed with the true key."""
        [stored] = self.sealed([number])
        facts = Statement.parse(stored.text)
        other = Statement(
            **{name: getattr(facts, name) for name in facts.__slots__} | {"root": "0" * 64}
        ).text()
        with self.opened() as env:
            _version, key = env["interop.keyring"]._signer("audit")
        return anchor.line(other, seal.sign(key, other), None)

    def test_anchors_that_are_as_they_should_be_are_fine(self):
        self.compare()
        row = self.stored()
        self.assertFalse(row["check_failed"])
        self.assertTrue(row["checked_at"])
        self.assertNotIn("anchor_differs:file", self.alarms())

    def test_database_that_was_rewritten_is_noticed_until_a_person_accepts_it(self):
        with open(self.path, "a", encoding="ascii") as file:
            file.write(self.rewritten(self.made[0]) + "\n")
        self.compare()
        row = self.stored()
        self.assertTrue(row["check_failed"])
        self.assertIn(f"Seal {self.made[0]} ", row["check_sentence"])
        self.assertIn("anchor_differs:file", self.alarms())
        # The trace scrolls away; the alarm does not.
        self.path.write_text(
            "".join(f"{text}\n" for text in self.path.read_text().splitlines()[:-1])
        )
        self.compare()
        self.assertTrue(self.stored()["check_failed"])
        self.assertIn("anchor_differs:file", self.alarms())
        with self.opened() as env:
            accept = env["interop.audit.anchor.accept"].create(
                {"anchor_id": row["id"], "reason": "Restored from the backup of Monday"}
            )
            accept.action_accept()
        self.assertNotIn("anchor_differs:file", self.alarms())
        self.compare()
        self.assertFalse(self.stored()["check_failed"])

    def test_difference_is_accepted_only_with_a_reason(self):
        with self.opened() as env:
            row = env["interop.audit.anchor"].search([])
            accept = env["interop.audit.anchor.accept"].create(
                {"anchor_id": row.id, "reason": "nothing differs"}
            )
            with self.assertRaisesRegex(UserError, "Nothing differs"):
                accept.action_accept()
            row.check_failed = True
            accept.reason = " x "
            with self.assertRaisesRegex(UserError, "few words"):
                accept.action_accept()

    def test_anchors_that_somebody_removed_are_noticed(self):
        self.path.write_text(self.path.read_text().splitlines()[0] + "\n")
        self.compare()
        self.assertIn("anchors were removed", self.stored()["check_sentence"])
        self.assertIn("anchor_differs:file", self.alarms())

    def test_file_that_cannot_be_read_is_told_and_no_difference(self):
        self.path.unlink()
        self.path.mkdir()
        self.compare()
        row = self.stored()
        self.assertIn("Is a directory", row["check_sentence"])
        self.assertFalse(row["check_failed"])

    def test_copy_that_fell_behind_its_original_raises_nothing(self):
        self.path.write_text("")
        with self.opened() as env:
            env["interop.fence"]._disarm("a copy")
        self.compare()
        self.assertNotIn("anchor_differs:file", self.alarms())


@tagged("post_install", "-at_install")
class TestAnchorRights(HttpCase):
    def setUp(self):
        super().setUp()
        self.auditor = new_test_user(self.env, "anchor_auditor", "interop_base.group_auditor")
        new_test_user(self.env, "anchor_clerk", "interop_base.group_user")
        self.row = self.env["interop.audit.anchor"].create({"target": "file", "place": "/tmp/x"})

    def test_auditor_sees_and_changes_nothing(self):
        mine = self.row.with_user(self.auditor)
        self.assertEqual(mine.state, "off")
        for act in (mine.action_try_now, mine.action_compare, lambda: mine.write({"lines": 1})):
            with self.assertRaises(AccessError):
                act()
        with self.assertRaises(AccessError):
            self.env["interop.audit.alarm"].with_user(self.auditor).create({"code": "x"})

    def test_anchor_lines_are_downloaded_by_auditors_only_and_that_is_recorded(self):
        self.authenticate("anchor_clerk", "anchor_clerk")
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open("/interop/audit/anchors").status_code, 403)
        self.authenticate("anchor_auditor", "anchor_auditor")
        answer = self.url_open("/interop/audit/anchors")
        self.assertEqual(answer.status_code, 200)
        numbers = [anchor.parse(text).facts.number for text in answer.text.splitlines()]
        self.env.cr.execute("SELECT number FROM interop_audit_seal ORDER BY number")
        self.assertEqual(numbers, [number for [number] in self.env.cr.fetchall()])
        entry = self.env["interop.audit.entry"].search(
            [("act", "=", "anchors.downloaded")], limit=1
        )
        self.assertEqual(entry.actor_id, self.auditor.id)
