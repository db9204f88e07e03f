"""A test run in parts: beside each other, told in their order, and put away when interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from interop_setup.console import StepFailed
from interop_setup.layout import Layout
from interop_setup.parts import Call, Part, Run
from interop_setup.test import _divided

LIBRARY = Layout.here().checkout / "setup" / "lib"

#: A part that starts a process in a session of its own, as the tests start Odoo.
WORKING = """
import signal, subprocess, sys, time
from pathlib import Path
other = subprocess.Popen(["sleep", "600"], start_new_session=True)
Path(sys.argv[1]).write_text(str(other.pid))
try:
    time.sleep(600)
except KeyboardInterrupt:
    Path(sys.argv[1] + ".put-away").touch()
"""

#: `setup/test` in small: two parts that go on until somebody interrupts.
INTERRUPTED = """
import sys
from pathlib import Path
from interop_setup.console import main
from test_parts import WORKING, part
from interop_setup.parts import Run
folder = Path(sys.argv[1])
def program():
    names = ("one", "two")
    Run([part(folder, name, WORKING, str(folder / name)) for name in names], 2).codes()
    return 0
main(program)
"""


def part(folder: Path, name: str, script: str, *words: str) -> Part:
    @contextmanager
    def prepared() -> Iterator[Call]:
        yield Call([sys.executable, "-c", script, *words], os.environ, folder)

    return Part(name, folder / f"{name}.log", prepared)


def until(look: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 60
    while not look():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.05)


def test_what_parts_say_comes_in_their_order_though_they_run_at_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    waits = "import sys, time\nfrom pathlib import Path\nprint('first begins', flush=True)\n"
    waits += "while not Path(sys.argv[1]).exists(): time.sleep(0.05)\nprint('first ends')"
    goes = "import sys\nfrom pathlib import Path\nprint('second')\nPath(sys.argv[1]).touch()"
    meeting = str(tmp_path / "meeting")
    parts = [part(tmp_path, "a", waits, meeting), part(tmp_path, "b", goes, meeting)]
    assert Run(parts, 2).codes() == {"a": 0, "b": 0}
    told = capfd.readouterr().out
    lines = [line for line in told.splitlines() if not line.startswith("[")]
    assert lines == ["first begins", "first ends", "second"]


def test_one_at_a_time_if_so_asked(tmp_path: Path) -> None:
    alone = "import sys\nfrom pathlib import Path\nmark = Path(sys.argv[1])\n"
    alone += "assert not mark.exists()\nmark.touch()\nmark.unlink()"
    names = [str(number) for number in range(4)]
    parts = [part(tmp_path, name, alone, str(tmp_path / "mark")) for name in names]
    assert Run(parts, 1).codes() == dict.fromkeys(names, 0)


def test_a_part_that_fails_is_told_at_once_and_with_what_it_said(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "bad.log"
    waits = "import sys, time\nfrom pathlib import Path\n"
    waits += "while 'oh no' not in Path(sys.argv[1]).read_text(): time.sleep(0.05)\ntime.sleep(1)"
    parts = [
        part(tmp_path, "good", waits, str(log)),
        part(tmp_path, "bad", "import sys; print('oh no'); sys.exit(3)"),
    ]
    assert Run(parts, 2).codes() == {"good": 0, "bad": 3}
    told = capfd.readouterr().out
    assert told.index("bad: FAILED (3)") < told.index("good: passed") < told.index("oh no")


def test_what_cannot_be_prepared_fails_with_its_reason(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def prepared() -> Iterator[Call]:
        raise StepFailed("no database today")
        yield

    parts = [Part("broken", tmp_path / "broken.log", prepared), part(tmp_path, "good", "")]
    assert Run(parts, 1).codes() == {"broken": 1, "good": 0}
    assert "Stopped: no database today" in capfd.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_puts_away_all_that_it_started(tmp_path: Path, number: int) -> None:
    path = os.pathsep.join([str(LIBRARY), str(Path(__file__).parent)])
    run = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        until(lambda: all((tmp_path / n).exists() for n in ("one", "two")), "two parts at work")
        others = [int((tmp_path / name).read_text() or 0) for name in ("one", "two")]
        run.send_signal(number)
        told, _none = run.communicate(timeout=60)
    finally:
        run.kill()
    assert run.returncode == 130, told
    assert (tmp_path / "one.put-away").exists() and (tmp_path / "two.put-away").exists()
    until(lambda: not any(map(_lives, others)), "the end of those in sessions of their own")


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_the_fault_tests_are_two_parts_and_each_file_is_in_one_of_them():
    checkout = LIBRARY.parents[1]
    parts = _divided(checkout, [Path("addons"), Path("tests")])
    halves = [parts["tests/faults"], parts["tests/faults: copies"]]
    assert all(halves)
    files = (checkout / "tests" / "faults").glob("test_*.py")
    assert sorted(sum(halves, [])) == sorted(path.relative_to(checkout) for path in files)


def test_a_folder_or_a_file_that_is_asked_for_is_all_that_is_run():
    checkout = LIBRARY.parents[1]
    one = Path("tests/faults/test_copies.py")
    assert _divided(checkout, [one]) == {"tests/faults": [one]}
    assert set(_divided(checkout, [Path("tests/faults")])) == {
        "tests/faults",
        "tests/faults: copies",
    }
