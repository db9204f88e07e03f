import os
import resource
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from odoo.tests import BaseCase

import odoo.addons
from odoo.addons.interop_base.lib import settings

from ..lib import anchor_files, anchor_syslog  # noqa: F401 - they register their targets
from ..lib.anchoring import TARGETS, AnchorError, Deadline, Line
from .test_anchor import INSTANCE, line


def lines(*numbers):
    return [Line(number, INSTANCE, line(number)) for number in numbers]


def texts(*numbers):
    return [line(number) for number in numbers]


class PlaceCase(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    @contextmanager
    def files_at_most(self, size):
        """The disk is full, as far as this process is concerned: files end at so many bytes."""
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


class TestFile(PlaceCase):
    target = TARGETS.get("file")

    def setUp(self):
        super().setUp()
        self.path = self.folder / "anchors"

    def test_lines_are_appended_in_order(self):
        self.target.append(str(self.path), lines(1, 2))
        self.target.append(str(self.path), lines(3))
        self.assertEqual(self.path.read_text().splitlines(), texts(1, 2, 3))
        self.assertEqual(self.target.tail(str(self.path), INSTANCE, 2), texts(2, 3))

    def test_line_that_a_full_disk_tore_is_alone_and_the_seal_comes_again(self):
        self.target.append(str(self.path), lines(1))
        room = self.path.stat().st_size + 100
        with self.files_at_most(room), self.assertRaisesRegex(AnchorError, "File too large"):
            self.target.append(str(self.path), lines(2))
        self.assertEqual(self.path.stat().st_size, room)
        self.target.append(str(self.path), lines(2, 3))
        written = self.path.read_text().splitlines()
        self.assertEqual([*written[:1], *written[2:]], texts(1, 2, 3))
        self.assertEqual(written[1], line(2)[:100])

    def test_disk_without_room_and_missing_folder_are_told_in_words(self):
        with self.assertRaisesRegex(AnchorError, "/dev/full: No space left on device"):
            self.target.append("/dev/full", lines(1))
        with self.assertRaisesRegex(AnchorError, "No such file or directory"):
            self.target.append(str(self.folder / "none" / "anchors"), lines(1))
        with self.assertRaisesRegex(AnchorError, "Is a directory"):
            self.target.append(str(self.folder), lines(1))

    def test_last_lines_are_read_without_reading_all_of_a_large_file(self):
        with open(self.path, "wb") as file:
            file.write(b"x" * (3 * anchor_files.LINE_AT_MOST) + b"\n")
        self.target.append(str(self.path), lines(1, 2))
        self.assertEqual(self.target.tail(str(self.path), INSTANCE, 2), texts(1, 2))

    def test_line_without_its_end_is_not_read(self):
        self.path.write_text(line(1) + "\n" + line(2)[:50])
        self.assertEqual(self.target.tail(str(self.path), INSTANCE, 5), texts(1))

    def test_processes_that_append_at_once_leave_whole_lines(self):
        script = (
            "import sys, odoo.addons\n"
            f"odoo.addons.__path__[:0] = {list(odoo.addons.__path__)!r}\n"
            "from odoo.addons.interop_audit.lib.anchor_files import FileTarget\n"
            "from odoo.addons.interop_audit.lib.anchoring import Line\n"
            "for n in range(60):\n"
            f"    FileTarget().append({str(self.path)!r}, [Line(n, 'i', sys.argv[1] * 900)])\n"
        )
        environ = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        running = [
            subprocess.Popen([sys.executable, "-c", script, char], env=environ) for char in "ab"
        ]
        self.assertEqual([process.wait() for process in running], [0, 0])
        written = self.path.read_text().splitlines()
        self.assertEqual(sorted(written), ["a" * 900] * 60 + ["b" * 900] * 60)


class TestFolder(PlaceCase):
    target = TARGETS.get("folder")

    def names(self):
        return sorted(path.name for path in self.folder.iterdir())

    def test_each_seal_is_a_read_only_file(self):
        self.target.append(str(self.folder), lines(1, 2))
        self.assertEqual(len(self.names()), 2)
        for path in self.folder.iterdir():
            self.assertFalse(stat.S_IMODE(path.stat().st_mode) & 0o222, path)
        self.assertEqual(self.target.tail(str(self.folder), INSTANCE, 9), texts(1, 2))
        self.assertEqual(self.target.tail(str(self.folder), INSTANCE, 1), texts(2))

    def test_writing_a_seal_again_changes_nothing(self):
        self.target.append(str(self.folder), lines(1))
        before = [path.stat().st_mtime_ns for path in self.folder.iterdir()]
        self.target.append(str(self.folder), lines(1))
        self.assertEqual([path.stat().st_mtime_ns for path in self.folder.iterdir()], before)

    def test_file_that_was_left_half_written_stays_and_the_seal_gets_another_name(self):
        with self.files_at_most(100), self.assertRaises(AnchorError):
            self.target.append(str(self.folder), lines(1))
        [torn] = self.names()
        self.target.append(str(self.folder), lines(1, 2))
        self.assertEqual((self.folder / torn).stat().st_size, 100)
        found = self.target.tail(str(self.folder), INSTANCE, 9)
        self.assertEqual(sorted(found), sorted([line(1)[:100], *texts(1, 2)]))

    def test_file_that_somebody_changed_is_told_and_not_touched(self):
        self.target.append(str(self.folder), lines(1))
        [path] = self.folder.iterdir()
        path.chmod(0o600)
        path.write_text("something else")
        with self.assertRaisesRegex(AnchorError, "was changed"):
            self.target.append(str(self.folder), lines(1))
        self.assertEqual(path.read_text(), "something else")

    def test_other_history_with_the_same_numbers_is_kept_beside(self):
        self.target.append(str(self.folder), lines(1))
        other = line(1, epoch=2)
        self.target.append(str(self.folder), [Line(1, INSTANCE, other)])
        self.assertEqual(
            sorted(self.target.tail(str(self.folder), INSTANCE, 9)), sorted([line(1), other])
        )

    def test_missing_folder_is_told_in_words(self):
        with self.assertRaisesRegex(AnchorError, "No such file or directory"):
            self.target.append(str(self.folder / "none"), lines(1))
        with self.assertRaisesRegex(AnchorError, "No such file or directory"):
            self.target.tail(str(self.folder / "none"), INSTANCE, 1)


class TestSyslog(PlaceCase):
    target = TARGETS.get("syslog")
    header = rb"<109>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \S+ interop \d+ audit-anchor - "

    def bound(self, family, kind, address):
        receiver = socket.socket(family, kind)
        self.addCleanup(receiver.close)
        receiver.bind(address)
        receiver.settimeout(10)
        return receiver

    def assertMessage(self, data, number):
        self.assertRegex(data, b"^" + self.header + b"{")
        self.assertEqual(data[data.index(b"{") :].decode(), line(number))

    def test_datagrams_carry_a_line_each(self):
        receiver = self.bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        self.target.append(f"udp://127.0.0.1:{receiver.getsockname()[1]}", lines(1, 2))
        for number in (1, 2):
            self.assertMessage(receiver.recv(65536), number)

    def test_local_socket_gets_a_line_each(self):
        path = str(self.folder / "log")
        receiver = self.bound(socket.AF_UNIX, socket.SOCK_DGRAM, path)
        self.target.append(path, lines(3))
        self.assertMessage(receiver.recv(65536), 3)

    def test_stream_carries_frames_with_their_length(self):
        receiver = self.bound(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        receiver.listen()
        received = []

        def receive():
            connection, _address = receiver.accept()
            with connection:
                while data := connection.recv(65536):
                    received.append(data)

        thread = threading.Thread(target=receive)
        thread.start()
        self.target.append(f"tcp://127.0.0.1:{receiver.getsockname()[1]}", lines(1, 2))
        thread.join(10)
        rest = b"".join(received)
        for number in (1, 2):
            length, _space, rest = rest.partition(b" ")
            self.assertMessage(rest[: int(length)], number)
            rest = rest[int(length) :]
        self.assertEqual(rest, b"")

    def test_receiver_that_is_not_there_is_told(self):
        free = self.bound(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        for scheme in ("tcp", "udp"):
            with self.assertRaisesRegex(AnchorError, "Connection refused", msg=scheme):
                self.target.append(f"{scheme}://127.0.0.1:{port}", lines(1))
        with self.assertRaisesRegex(AnchorError, "No such file"):
            self.target.append(str(self.folder / "log"), lines(1))

    def test_receiver_that_throws_the_message_away_is_told(self):
        receiver = self.bound(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        receiver.listen()

        def reset():
            connection, _address = receiver.accept()
            connection.recv(1)
            # Closing with bytes unread, and at once, is what makes TCP say "reset".
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.close()

        thread = threading.Thread(target=reset)
        thread.start()
        with self.assertRaisesRegex(AnchorError, "reset|Broken pipe|not connected"):
            self.target.append(f"tcp://127.0.0.1:{receiver.getsockname()[1]}", lines(1))
        thread.join(10)

    def test_address_that_makes_no_sense_is_told(self):
        for place in ("loghost", "http://loghost", "udp://", "udp://host:port"):
            with self.assertRaisesRegex(AnchorError, "neither a path nor", msg=place):
                self.target.append(place, lines(1))


class TestDeadline(PlaceCase):
    def test_place_that_hangs_does_not_hang_us_and_is_tried_once(self):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        deadline, tries = Deadline(0.2), []

        def hang():
            tries.append(1)
            with open(pipe, "rb"):
                return "done"

        for sentence in ("did not answer within", "still does not answer"):
            with self.assertRaisesRegex(AnchorError, sentence):
                deadline.run("place", hang)
        self.assertEqual(len(tries), 1)
        self.assertEqual(deadline.run("another place", lambda: "ok"), "ok")
        with open(pipe, "wb"):
            pass  # the one that hung goes on
        for _try in range(100):
            try:
                self.assertEqual(deadline.run("place", lambda: "ok"), "ok")
                return
            except AnchorError:
                time.sleep(0.05)
        self.fail("The place is given up for ever.")

    def test_failure_of_the_place_is_handed_on(self):
        def fail():
            raise AnchorError("No.")

        with self.assertRaisesRegex(AnchorError, "No"):
            Deadline(5).run("place", fail)


class TestSettings(BaseCase):
    def test_places_come_from_the_servers_own_configuration(self):
        server = settings.load(
            None,
            {
                "INTEROP_AUDIT_ANCHOR_FILE": " /var/log/anchors ",
                "INTEROP_AUDIT_ANCHOR_SYSLOG": "udp://loghost:514",
                "INTEROP_AUDIT_ANCHOR_MINUTES": "30",
            },
        )
        self.assertEqual(
            server.audit_anchors, (("file", "/var/log/anchors"), ("syslog", "udp://loghost:514"))
        )
        self.assertEqual(server.audit_anchor_minutes, 30)

    def test_number_of_minutes_that_makes_no_sense_is_the_usual_one(self):
        for text in ("", "0", "-5", "x", "100000", "1.5"):
            server = settings.load(None, {"INTEROP_AUDIT_ANCHOR_MINUTES": text})
            self.assertEqual(server.audit_anchor_minutes, 15, text)
