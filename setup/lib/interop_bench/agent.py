"""Clients of the processes that the benchmark keeps: the one inside Odoo, and the partner."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from interop_setup.console import StepFailed
from interop_setup.processes import free_port

_LIBRARY = Path(__file__).resolve().parents[1]


class Piped:
    """A process that is asked by lines on its standard input and ends with that."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=env
            )
        assert self._process.stdin and self._process.stdout
        self._input: IO[bytes] = self._process.stdin
        self._output: IO[bytes] = self._process.stdout

    @property
    def pid(self) -> int:
        return self._process.pid

    def write(self, line: str) -> None:
        self._input.write(line.encode() + b"\n")
        self._input.flush()

    def read(self) -> str:
        line = self._output.readline()
        if not line:
            raise StepFailed(f"a process of the benchmark ended: see {self.log}")
        return line.decode()

    def close(self, patience: float = 20.0) -> None:
        self._input.close()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()


class Agent(Piped):
    """The process inside Odoo: commands of the benchmark's addons, one at a time."""

    def call(self, command: str, **arguments: Any) -> Any:
        self.write(json.dumps({"command": command, "arguments": arguments}))
        answer = json.loads(self.read())
        if "error" in answer:
            raise RuntimeError(f"{command}: {answer['error']}")
        return answer["answer"]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What the partner saw since the last reset. Times are seconds of the monotonic clock."""

    requests: int
    keys: int | None
    first: float
    last: float


class PartnerProcess(Piped):
    """The partner, in a process of its own, and its control address."""

    def __init__(self, logs: Path) -> None:
        self.port = free_port()
        environment = {**os.environ, "PYTHONPATH": os.fspath(_LIBRARY)}
        command = [sys.executable, "-m", "interop_bench.partner", str(self.port)]
        super().__init__(command, environment, logs / "bench-partner.log")
        self.url = f"http://127.0.0.1:{self.port}"
        until(lambda: self._answers(), 10, "the partner listens")

    def reset(self) -> None:
        self._ask("reset")

    def delay(self, path: str, seconds: float | str) -> None:
        """Let requests below `path` take `seconds`, or for ever (`hang`)."""
        self._ask("delay", path=path, seconds=seconds)

    def arrivals(self, skip: int = 0, keys: bool = False) -> Arrivals:
        """`skip`: leave out the first arrivals, which only warmed things up."""
        asked = {"skip": skip} | ({"keys": 1} if keys else {})
        facts = self._ask("facts", **asked)
        return Arrivals(facts["requests"], facts["keys"], facts["first"] or 0, facts["last"] or 0)

    def wait_for(self, requests: int, seconds: float) -> None:
        """Wait until so many requests have arrived. Looks seldom: that costs the partner time."""
        until(lambda: self.arrivals().requests >= requests, seconds, f"{requests} arrived", 0.1)

    def moments(self) -> dict[str, int]:
        """The first arrival of each key, in nanoseconds."""
        return dict(self._ask("arrivals"))

    def _ask(self, what: str, **options: object) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", f"/control/{what}?{urllib.parse.urlencode(options)}")
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def _answers(self) -> bool:
        try:
            self._ask("facts")
        except OSError:
            return False
        return True


def until(is_so: Callable[[], bool], seconds: float, what: str, pause: float = 0.05) -> float:
    """Wait until `is_so()`; return the moment. Fails when `seconds` have gone by."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise StepFailed(f"not within {seconds:.0f} s: {what}")
        time.sleep(pause)
    return time.monotonic()
