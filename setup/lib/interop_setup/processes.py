"""Processes that outlive the one that starts them, known by a pid file."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .console import StepFailed, Word

_PATIENCE = 0.1


@dataclass(frozen=True)
class Background:
    """One process of a name: its pid file and its log."""

    name: str
    folder: Path
    logs: Path

    @property
    def log(self) -> Path:
        return self.logs / f"{self.name}.log"

    @property
    def _pid_file(self) -> Path:
        return self.folder / f"{self.name}.pid"

    def start(self, command: Sequence[Word], env: Mapping[str, str]) -> None:
        """Start it in a session of its own; its output goes to the log, which begins anew."""
        with self.log.open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=self.folder,
                start_new_session=True,
            )
        self._pid_file.write_text(f"{process.pid} {_birth(process.pid)}")

    def pid(self) -> int | None:
        """Its pid while it runs. A pid that the system gave to another process since is not it."""
        try:
            number, birth = self._pid_file.read_text().split()
        except (FileNotFoundError, ValueError):
            return None
        return int(number) if _birth(int(number)) == birth else None

    def stop(self, patience: float = 20.0) -> bool:
        """Ask it to end, and end its whole group if it does not. Tells whether it ran."""
        pid = self.pid()
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            if not self._ended(patience):
                _kill_group(pid)
                self._ended(5.0)
            _kill_group(pid)  # children that did not follow
        self._pid_file.unlink(missing_ok=True)
        return pid is not None

    def wait_for(self, url: str, patience: float) -> None:
        """Wait until `url` answers 200, or say how the process ended or what it logged."""
        deadline = time.monotonic() + patience
        while not answers(url):
            if self.pid() is None:
                raise StepFailed(f"{self.name} ended:\n{self._tail()}")
            if time.monotonic() > deadline:
                raise StepFailed(f"{self.name} does not answer within {patience:.0f} s at {url}")
            time.sleep(_PATIENCE)

    def _ended(self, patience: float) -> bool:
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            pid = self.pid()
            if pid is None:
                return True
            try:
                os.waitpid(pid, os.WNOHANG)  # ours, when the one that started it stops it
            except ChildProcessError:
                pass
            time.sleep(_PATIENCE / 2)
        return False

    def _tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-30:]
        return "\n".join(f"    {line}" for line in lines) + f"\n    (all of it: {self.log})"


def answers(url: str) -> bool:
    """Whether a GET of `url` is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def free_port(preferred: int = 0, tries: int = 50) -> int:
    """The preferred port of the loopback address, or the next free one; 0: any."""
    for port in range(preferred, preferred + (tries if preferred else 1)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise StepFailed(f"no port from {preferred} to {preferred + tries - 1} is free")


def _birth(pid: int) -> str:
    """When the process started, in the kernel's ticks; empty if it does not run any more."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
