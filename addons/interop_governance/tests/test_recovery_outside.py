import base64
import os
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from odoo.tools import mute_logger

from odoo.addons.interop_audit.lib.anchoring import DEADLINE, TARGETS, Line
from odoo.addons.interop_audit.lib.evidence import anchor, seal

from .recovery_common import RecoveryCase

LOG = "odoo.addons.interop_governance.models.interop_recovery_outside"
HASH = "0" * 64
#: When the first seal after the backup was made; one a minute follows.
FIRST = datetime(2026, 5, 6, 7, 1, tzinfo=UTC)
PER_SEAL = 10


class TestRecoveryOutside(RecoveryCase):
    """What the places of anchors tell of the time after the backup: signed seals, real files."""

    def setUp(self):
        super().setUp()
        # What the backup has is what a case says that nobody goes on with.
        backup = self.ask()
        self.arming.with_user(self.manager).action_withdraw()
        self.number, self.total = backup.seal_number, backup.seal_total
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.file = self.folder / "anchors"

    def configured(self, *places):
        """The server's configuration names these places, pairs of kind and path."""
        self.addCleanup(setattr, type(self), "server", self.server)
        places = tuple((kind, str(place)) for kind, place in places)
        type(self).server = replace(self.server, audit_anchors=places)

    def seals(self, steps, instance=None):
        """Anchors of the seals so many after the backup's last one, as the original made them."""
        key = Ed25519PrivateKey.generate()
        instance = instance or self.env["interop.instance"]._get_uuid()
        for step in steps:
            at = FIRST + timedelta(minutes=step - 1)
            number = self.number + step
            text = seal.Statement(
                instance=instance, epoch=1, after=0, number=number, kind="range",
                low=str(number), high=str(number + 1), count=PER_SEAL, first=1, last=1,
                total=self.total + PER_SEAL * step, root=HASH, previous=HASH, log=HASH,
                key=key.public_key().public_bytes_raw().hex(),
                sealed_at=f"{at:%Y-%m-%dT%H:%M:%S}.000000Z",
            ).text()  # fmt: skip
            yield Line(number, instance, anchor.line(text, seal.sign(key, text), None))

    def kept(self, kind, place, *steps, **other):
        """The original has put these seals there."""
        TARGETS.get(kind).append(str(place), list(self.seals(steps, **other)))

    def told(self, recovery):
        return recovery.outside_seals, recovery.outside_entries, str(recovery.outside_until)

    def test_a_file_of_anchors_tells_how_much_was_lost_and_until_when_it_was_alive(self):
        self.kept("file", self.file, 1, 2, 3)
        self.configured(("file", self.file))
        recovery = self.ask()
        self.assertEqual(self.told(recovery), (3, 30, "2026-05-06 07:03:00"))
        self.assertEqual(recovery.outside_source, "anchors of this server")
        opened = [details for act, details in self.acts() if act == "recovery.opened"][-1]
        self.assertEqual((opened["outside_seals"], opened["outside_entries"]), (3, 30))

    def test_a_folder_of_anchors_tells_it_as_well(self):
        self.kept("folder", self.folder, 1, 2)
        self.configured(("folder", self.folder))
        self.assertEqual(self.told(self.ask()), (2, 20, "2026-05-06 07:02:00"))

    def test_the_place_that_knows_more_counts(self):
        self.kept("folder", self.folder, 1, 2, 3, 4)
        self.kept("file", self.file, 1)
        self.configured(("file", self.file), ("folder", self.folder))
        self.assertEqual(self.told(self.ask()), (4, 40, "2026-05-06 07:04:00"))

    def test_a_backup_that_is_older_than_what_is_read_of_a_place_has_lost_all_the_same(self):
        self.kept("file", self.file, *range(1, 8))
        self.configured(("file", self.file))
        with patch(f"{LOG}.LINES", 2):
            self.assertEqual(self.told(self.ask()), (7, 70, "2026-05-06 07:07:00"))

    def test_anchors_of_others_count_for_nothing_and_that_is_said(self):
        self.kept("file", self.file, 1, 2, instance="11111111-2222-4333-8444-555555555555")
        self.configured(("file", self.file))
        recovery = self.ask()
        self.assertEqual(self.told(recovery), (0, 0, "False"))
        self.assertEqual(
            recovery.outside_source, f"File {self.file} holds no anchor of this installation"
        )

    def test_anchors_that_know_nothing_later_are_told_from_none(self):
        self.number, self.total = self.number - 1, self.total - PER_SEAL
        self.kept("file", self.file, 1)
        self.configured(("file", self.file))
        recovery = self.ask()
        self.assertEqual(self.told(recovery), (0, 0, "False"))
        self.assertIn("none of them later", recovery.outside_source)

    def test_a_place_that_is_away_is_said_and_the_case_opens_all_the_same(self):
        away = self.folder / "not-mounted"
        self.kept("file", self.file, 1)
        self.configured(("folder", away), ("file", self.file))
        recovery = self.ask()
        self.assertEqual((recovery.state, recovery.in_doubt), ("deciding", 6))
        self.assertEqual(self.told(recovery), (1, 10, "2026-05-06 07:01:00"))
        self.assertEqual(
            recovery.outside_source.splitlines(),
            [
                "anchors of this server",
                f"Folder {away} cannot be read: No such file or directory.",
            ],
        )

    def test_a_place_that_hangs_holds_nothing_up(self):
        os.mkfifo(self.file)  # opening it waits for a writer that never comes
        self.addCleanup(self.let_go)
        self.configured(("file", self.file))
        with patch.object(DEADLINE, "patience", 0.2):
            recovery = self.ask()
        self.assertEqual(recovery.in_doubt, 6)
        self.assertRegex(recovery.outside_source, "cannot be read: .*did not answer within 0.2")

    def let_go(self):
        """End the thread that waits at the pipe, if one does."""
        with suppress(OSError):
            os.close(os.open(self.file, os.O_WRONLY | os.O_NONBLOCK))

    def test_a_kind_of_place_that_breaks_stops_nothing(self):
        class Broken:
            code, label = "broken", "Carrier pigeon"

            def tail(self, place, instance, count):
                raise RuntimeError("a secret")

        TARGETS.register("broken", Broken())
        self.addCleanup(TARGETS.unregister, "broken")
        self.configured(("broken", "loft"), ("unheard", "of"))
        with mute_logger(LOG):
            recovery = self.ask()
        self.assertEqual(recovery.in_doubt, 6)
        self.assertEqual(
            recovery.outside_source.splitlines(),
            [
                "Carrier pigeon loft cannot be read: RuntimeError.",
                "unheard of cannot be read from here: use “Read anchors…”",
            ],
        )

    def test_syslog_gives_nothing_back_and_a_file_of_it_is_read_in_by_hand(self):
        self.configured(("syslog", "udp://127.0.0.1:9"))
        recovery = self.ask()
        self.assertIn("Syslog udp://127.0.0.1:9 cannot be read from here", recovery.outside_source)
        text = "\n".join(line.text for line in self.seals([1, 2]))
        wizard = self.env["interop.recovery.anchors"].with_user(self.manager)
        wizard.create(
            {
                "recovery_id": recovery.id,
                "anchors": base64.b64encode(text.encode()),
                "anchors_name": "from-the-log-server.log",
            }
        ).action_read()
        self.assertEqual(self.told(recovery), (2, 20, "2026-05-06 07:02:00"))
        self.assertIn("from-the-log-server.log", recovery.outside_source.splitlines())
