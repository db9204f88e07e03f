"""Runs the parts of a test run beside each other, and shows them as if one came after the other.

Each part is a process of its own with a log of its own. The first part is shown as it goes; what
the next has said meanwhile is shown when the one before has ended. A part that fails is told at
once. When somebody interrupts the run, each part gets one SIGINT and the time to put away what it
started; whatever then still bears this run's mark in its environment is ended.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .console import StepFailed, Word, say

_PATIENCE = 60.0  # seconds to put away servers and databases after an interruption
_LOOK = 0.1
_MARK = "TEST_RUN"


@dataclass(frozen=True)
class Call:
    """A process to run."""

    command: Sequence[Word]
    env: Mapping[str, str]
    cwd: Path


@dataclass
class Part:
    """One process of a run. `prepared` makes what it needs when its turn comes, and unmakes it."""

    name: str
    log: Path
    prepared: Callable[[], AbstractContextManager[Call]]
    code: int | None = None
    """Its exit code once it has ended; minus the signal's number if one ended it."""
    seconds: float = 0.0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)


class Run:
    """Several parts, so many at once, begun in their order."""

    def __init__(self, parts: Sequence[Part], at_once: int) -> None:
        self._parts = list(parts)
        self._at_once = at_once
        self._mark = str(uuid.uuid4())
        self._over = threading.Event()

    def codes(self) -> dict[str, int]:
        """Run them all; exit codes by the parts' names."""
        for part in self._parts:
            part.log.write_bytes(b"")
        pool = ThreadPoolExecutor(self._at_once)
        with _ended_like_by_keyboard():
            try:
                for part in self._parts:
                    pool.submit(self._do, part)
                for part in self._parts:
                    self._show(part)
            finally:
                # All have ended by now unless somebody interrupts.
                self._over.set()
                pool.shutdown(wait=False, cancel_futures=True)
                try:
                    self._interrupt()
                finally:
                    _end_all(self._mark)
                    pool.shutdown(wait=True)
        return {part.name: 1 if part.code is None else part.code for part in self._parts}

    # -- in a thread per part ------------------------------------------------------------------

    def _do(self, part: Part) -> None:
        began = time.monotonic()
        code = 1
        try:
            with part.prepared() as call:
                code = self._called(part, call)
        except Exception as failure:
            with part.log.open("a") as output:
                known = isinstance(failure, StepFailed)
                output.write(f"\nStopped: {failure if known else traceback.format_exc()}\n")
        finally:
            part.seconds = time.monotonic() - began
            part.code = code

    def _called(self, part: Part, call: Call) -> int:
        if self._over.is_set():
            return -signal.SIGINT
        # A run within a run bears both marks.
        marks = f"{os.environ.get(_MARK, '')} {self._mark}"
        with part.log.open("ab") as output:
            # In a session of its own, so that an interruption comes once, and from us.
            part._process = subprocess.Popen(
                call.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**call.env, _MARK: marks},
                cwd=call.cwd,
                start_new_session=True,
            )
        if self._over.is_set():
            _signal(part._process, signal.SIGINT)
        return part._process.wait()

    # -- in the thread that was asked ----------------------------------------------------------

    def _show(self, part: Part) -> None:
        told: set[str] = set()
        with part.log.open("rb") as output:
            while True:
                ended = part.code is not None
                while block := output.read(65536):
                    sys.stdout.buffer.write(block)
                sys.stdout.flush()
                if ended:
                    break
                self._tell_failures(part, told)
                time.sleep(_LOOK)
        say(f"{part.name}: {_verdict(part)}")

    def _tell_failures(self, shown: Part, told: set[str]) -> None:
        for part in self._parts[self._parts.index(shown) + 1 :]:
            if part.code not in (None, 0, 5) and part.name not in told:
                told.add(part.name)
                print(flush=True)
                say(f"{part.name}: {_verdict(part)}; shown below, and now in {part.log}")

    def _interrupt(self) -> None:
        running = [p._process for p in self._parts if p._process and p._process.poll() is None]
        if not running:
            return
        say("interrupted: putting away what was started")
        for process in running:
            _signal(process, signal.SIGINT)
        deadline = time.monotonic() + _PATIENCE
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                deadline = 0.0  # too long, or asked again: no more patience
                process.kill()


def _verdict(part: Part) -> str:
    word = {0: "passed", 5: "no test of that name"}.get(part.code or 0, f"FAILED ({part.code})")
    return f"{word}, {part.seconds:.0f} s"


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    if process.poll() is None:
        process.send_signal(number)


@contextmanager
def _ended_like_by_keyboard() -> Iterator[None]:
    """Whoever ends the run by SIGTERM or closes its terminal wants it put away as well.

    SIGINT too: what runs in the background of a script begins with that one ignored.
    """
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.default_int_handler) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _end_all(mark: str) -> None:
    """End every process that was started by the run, however indirectly, and still lives."""
    for _again in range(5):
        left = list(_bearing(mark))
        if not left:
            return
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(_LOOK)


def _bearing(mark: str) -> Iterator[int]:
    name, sought = f"{_MARK}=".encode(), mark.encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "environ").read_bytes().split(b"\0")
        except OSError:  # it has ended, or is somebody else's
            continue
        if any(word.startswith(name) and sought in word for word in words):
            yield int(folder.name)
