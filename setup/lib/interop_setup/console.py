"""Progress lines, and child processes whose output goes to a log that is shown when they fail."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

_STARTED = time.monotonic()
_TAIL = 40

Word = str | os.PathLike[str]


class StepFailed(Exception):
    """A step could not be done. The text says what to do about it."""


def say(text: str) -> None:
    """Print one progress line with the seconds since the start."""
    print(f"[{time.monotonic() - _STARTED:6.1f} s] {text}", flush=True)


def main(program: Callable[[], int]) -> None:
    """Run a whole program: a failed step becomes one clear text and exit code 1."""
    try:
        code = program()
    except StepFailed as failure:
        print(f"\nStopped: {failure}", file=sys.stderr, flush=True)
        code = 1
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr, flush=True)
        code = 130
    sys.exit(code)


def run(
    command: Sequence[Word],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: int | None = None,
    feed: Path | None = None,
) -> None:
    """Run a command that asks nothing; its output goes to `log`, the end is shown if it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        start = output.tell()
        result = ask(command, env=env, cwd=cwd, user=user, output=output, feed=feed)
    if result.returncode:
        with log.open("rb") as output:
            output.seek(start)
            tail = output.read().decode(errors="replace").splitlines()[-_TAIL:]
        words = " ".join(os.fspath(word) for word in command)
        lines = "\n".join(f"    {line}" for line in tail)
        raise StepFailed(
            f"exit code {result.returncode} from: {words}\n{lines}\n    (all of it: {log})"
        )


def ask(
    command: Sequence[Word],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: int | None = None,
    output: IO[bytes] | None = None,
    feed: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command, as another user if we are root, and return its exit code and output."""
    other = user is not None and user != os.geteuid()
    with open(feed or os.devnull, "rb") as source:
        return subprocess.run(
            command,
            stdin=source,
            stdout=output or subprocess.PIPE,
            stderr=subprocess.STDOUT if output else subprocess.PIPE,
            text=True,
            env=env,
            cwd=cwd,
            user=user if other else None,
            group=pwd.getpwuid(user).pw_gid if other and user is not None else None,
            extra_groups=[] if other else None,
        )
