"""The world of the fault tests: a database, a partner, and workers that are born and killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from cluster import FaultServer, OwnCluster
from invariant import FINAL, Delivery, Facts, Message, Received, violations
from psycopg2 import OperationalError

T = TypeVar("T")
LAUNCH = Path(__file__).parent / "launch"
LEASE = FaultServer.lease
PATIENCE = 180.0


def until(look: Callable[[], T | None], what: str, seconds: float = PATIENCE) -> T:
    """What `look` finds; fails if it finds nothing in time."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.05)
    return found


@dataclass
class Child:
    """One process that the nursery bore."""

    task: str
    folder: Path
    number: int
    pid: int = 0
    code: int | None = None
    born: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def signal(self, number: int) -> None:
        if not self.ended.is_set():
            with suppress(ProcessLookupError):  # it has ended just now
                os.kill(self.pid, number)

    def wait(self, seconds: float = PATIENCE) -> int:
        """Its exit code; minus the signal's number if one ended it."""
        assert self.ended.wait(seconds), f"{self.task} did not end in {seconds:g} s:\n{self.tail()}"
        assert self.code is not None
        return self.code

    @property
    def log(self) -> str:
        path = self.folder / f"{self.number}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def tail(self) -> str:
        return "\n".join(self.log.splitlines()[-30:])

    def result(self) -> Any:
        code = self.wait()
        assert code == 0, f"{self.task} ended with {code}:\n{self.tail()}"
        return json.loads((self.folder / f"{self.number}.json").read_text())


class Nursery:
    """Starts `launch/nursery.py` and keeps its books."""

    def __init__(self, server: FaultServer, database: str, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.keyring = server.keyring
        self._children: list[Child] = []
        self._lock = threading.Lock()
        self._ready = threading.Event()
        config = server.write_config("nursery", db_name=database, max_cron_threads=0)
        with (folder / "nursery.log").open("wb") as log:
            self._process = subprocess.Popen(
                [server.layout.python, LAUNCH / "nursery.py", database, folder],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=server.process_environment(config),
                cwd=server.layout.run,
                start_new_session=True,
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._ready.wait(60):
            self.stop()
            raise AssertionError((folder / "nursery.log").read_text())

    def start(self, task: str, lease: float = LEASE, **arguments: Any) -> Child:
        with self._lock:
            child = Child(task, self.folder, len(self._children))
            self._children.append(child)
            order = {
                "number": child.number,
                "task": task,
                "arguments": arguments,
                "environment": {"INTEROP_LEASE": str(lease)},
            }
            assert self._process.stdin
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
        assert child.born.wait(30), f"{task} was not born"
        return child

    def run(self, task: str, **arguments: Any) -> Any:
        return self.start(task, **arguments).result()

    def stop(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            told = json.loads(line)
            if "ready" in told:
                self._ready.set()
                continue
            child = self._children[told["number"]]
            if "born" in told:
                child.pid = told["born"]
                child.born.set()
            else:
                child.code = told["code"]
                child.ended.set()


@dataclass
class Farm:
    """What a fault test has in its hands."""

    cluster: OwnCluster
    server: FaultServer
    database: str
    partner_url: str
    journal: Path
    nursery: Nursery
    accepted: list[str] = field(default_factory=list)
    delivered_to_us: list[str] = field(default_factory=list)
    workers: list[Child] = field(default_factory=list)
    born: float = field(default_factory=time.time)
    _began: float = 0.0
    _after: int = 0
    """The last message that is none of this test's."""

    # -- acts ----------------------------------------------------------------------------------

    def flow(self, code: str, path: str = "", url: str = "", **settings: Any) -> str:
        """A connector and a flow to an address of the partner."""
        address = url or f"{self.partner_url}/nmc/orders{path}"
        self.nursery.run("make_flows", flows=[{"code": code, "url": address, **settings}])
        return code

    def emit(self, flow: str, orders: Sequence[tuple[str, int]], **how: Any) -> list[str]:
        accepted = self.nursery.run("emit", flow=flow, orders=orders, **how)
        self.accepted += accepted
        return list(accepted)

    def worker(self, name: str = "", **dangers: Any) -> Child:
        child = self.nursery.start("work", name=name or f"w{len(self.workers)}", **dangers)
        self.workers.append(child)
        return child

    def retire(self, patience: float = 40.0) -> None:
        """End all workers as an operator does; each must go with exit code 0."""
        alive = [worker for worker in self.workers if not worker.ended.is_set()]
        for worker in alive:
            worker.signal(signal.SIGCONT)
            # One that has just been born does not know yet how to end in good order.
            until(lambda w=worker: w.ended.is_set() or "is ready" in w.log, "a ready worker", 60)
            worker.signal(signal.SIGTERM)
        failed = [worker for worker in alive if worker.wait(patience)]
        self.workers.clear()
        assert not failed, "\n".join(f"ended with {w.code}:\n{w.tail()}" for w in failed)

    def clear(self) -> None:
        """After a test, whatever became of it."""
        for worker in self.workers:
            worker.signal(signal.SIGKILL)
        for worker in self.workers:
            worker.wait(10)
        self.workers.clear()

    # -- looks ---------------------------------------------------------------------------------

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        connection = self.cluster.connect(self.database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def states(self, keys: Iterable[str] | None = None) -> Counter[str]:
        wanted = list(self.accepted if keys is None else keys)
        found = self.rows(
            "SELECT state, count(*) FROM interop_message WHERE uuid = ANY (%s) GROUP BY state",
            wanted,
        )
        return Counter(dict(found))

    def settled(self, seconds: float = PATIENCE, *, held: bool = False) -> Counter[str]:
        """Wait until every accepted message has ended; `held`: or stands behind a dead letter."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                states = self.states()
                parked = self.parked() if held else 0
            except OperationalError:  # the database is just being restarted
                states, parked = Counter(), 0
            if sum(states[state] for state in FINAL) + parked >= len(self.accepted):
                return states
            assert time.monotonic() < deadline, (
                f"not settled after {seconds:g} s: {dict(states)} of {len(self.accepted)}"
                + "".join(f"\n{worker.tail()}" for worker in self.workers)
            )
            time.sleep(0.1)

    def open(self) -> int:
        """How many accepted messages may still go on by themselves."""
        states = self.states()
        return states["ready"] + states["waiting"] + states["running"] - self.parked()

    def parked(self) -> int:
        """How many stand behind a dead letter."""
        [(count,)] = self.rows(
            "SELECT count(*) FROM interop_message m WHERE m.uuid = ANY (%s)"
            "   AND m.state IN ('waiting', 'ready') AND EXISTS ("
            "       SELECT FROM interop_message d WHERE d.flow_id = m.flow_id"
            "          AND d.chain = m.chain AND d.id < m.id AND d.state = 'dead')",
            self.accepted,
        )
        return int(count)

    def deliveries(self) -> list[Delivery]:
        """What came to the partner since the test began."""
        return [
            Delivery(
                line["key"],
                line["status"],
                line["began"],
                line.get("ended", line["began"]),
                line["sha256"],
                f"{line['number']}/{line.get('revision')}" if "number" in line else "",
            )
            for line in self.lines()
            if line["what"] == "order" and line["began"] >= self._began
        ]

    def first_taken(self) -> set[str]:
        """Keys of this test's messages that the partner has taken."""
        return {d.key for d in self.deliveries() if d.accepted} & set(self.accepted)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.journal.read_text().splitlines()]

    def facts(self) -> Facts:
        return Facts(
            accepted=self.accepted,
            messages=self._messages(),
            deliveries=self.deliveries(),
            in_flight=dict(self._in_flight()),
            delivered_to_us=self.delivered_to_us,
            received=self._received() if self.delivered_to_us else (),
        )

    def check(self, *, held: bool = False, seed: object = None) -> Facts:
        """Judge what has become of everything; a broken promise fails the test."""
        facts = self.facts()
        broken = violations(facts, held)
        told = "" if seed is None else f"\nTo see it again: INTEROP_FAULTS_SEED={seed}"
        assert not broken, "\n".join(broken) + told
        return facts

    @staticmethod
    def judge(facts: Facts) -> list[str]:
        """What is wrong with a part of it, as sentences."""
        return violations(facts)

    def begin(self) -> None:
        """Put away what other tests left, so that each is judged by its own."""
        self.rows(
            "UPDATE interop_message SET state = 'cancelled', lease_token = NULL, lane = NULL "
            "WHERE state IN ('waiting', 'ready', 'running', 'dead', 'sent')"
        )
        self.rows("UPDATE interop_connector_runtime SET in_flight = 0, throttled_until = NULL")
        [(self._after,)] = self.rows("SELECT COALESCE(max(id), 0) FROM interop_message")
        self._began = time.monotonic()
        self.accepted.clear()
        self.delivered_to_us.clear()

    def _messages(self) -> list[Message]:
        """All since the test began, so that an invented one would be seen."""
        rows = self.rows(
            """
            SELECT m.uuid, m.id, m.state, m.flow_id || ':' || m.chain, m.failure_class,
                   m.state = 'running' OR m.lease_token IS NOT NULL, m.answered_at IS NOT NULL,
                   (SELECT count(*) FROM interop_attempt a
                     WHERE a.message_id = m.id AND a.outcome = 'ok'),
                   (SELECT count(*) FROM interop_audit_entry e
                     WHERE e.act = 'message.sent' AND e.subject = m.uuid::uuid)
              FROM interop_message m
             WHERE m.direction = 'out' AND m.id > %s
            """,
            self._after,
        )
        return [
            Message(uuid, number, state, chain, failure, leased, attempts, told, answered)
            for uuid, number, state, chain, failure, leased, answered, attempts, told in rows
        ]

    def _in_flight(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "SELECT c.code, r.in_flight FROM interop_connector_runtime r "
            "JOIN interop_connector c ON c.id = r.connector_id"
        )

    def _received(self) -> list[Received]:
        """The business effect of an acknowledgement is its line in the order's chatter."""
        rows = self.rows(
            """
            SELECT m.uuid, i.sender_ref, m.state,
                   (SELECT count(*) FROM mail_message c
                     WHERE c.model = 'purchase.order' AND c.body LIKE '%%' || m.uuid || '%%')
              FROM interop_message m JOIN interop_interchange i ON i.id = m.interchange_id
             WHERE m.direction = 'in' AND i.sender_ref = ANY (%s)
            """,
            list(self.delivered_to_us),
        )
        return [Received(*row) for row in rows]
