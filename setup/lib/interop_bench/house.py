"""Everything that is measured: PostgreSQL, two databases, the partner, and Odoo's processes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from interop_setup.console import StepFailed, run
from interop_setup.databases import Databases
from interop_setup.postgres import PORT, ROLE
from interop_setup.processes import Background, free_port
from interop_setup.server import Server

from .agent import Agent, PartnerProcess, until

_ADDONS = Path(__file__).resolve().parent / "addons"


@dataclass(frozen=True)
class House:
    """How to start what is measured."""

    server: Server
    databases: Databases
    partner: PartnerProcess
    extra: Path
    """Where queue_job's package lies."""

    @property
    def library(self) -> Path:
        return _ADDONS.parents[1]

    # -- starting Odoo -------------------------------------------------------------------------

    def config(self, name: str, queue_job: bool = False, **options: object) -> Path:
        server = self.server
        folders = [*server.odoo.addons, server.layout.addons, server.layout.links, _ADDONS]
        if queue_job:
            folders.append(self.extra / "odoo" / "addons")
        return server.write_config(
            name,
            **{
                "addons_path": ",".join(str(folder) for folder in folders if folder.is_dir()),
                "log_level": "warn",
                "max_cron_threads": 0,
                **options,
            },
        )

    def environment(self, config: Path, **variables: str) -> dict[str, str]:
        given = self.server.process_environment(config)
        given["PYTHONPATH"] = os.pathsep.join([given["PYTHONPATH"], os.fspath(self.extra)])
        return given | variables

    def install(self, database: str, module: str) -> None:
        config = self.config("bench-install", queue_job=True)
        run(
            self.server.command("-d", database, "-i", module, "--stop-after-init", "--no-http"),
            log=self.server.layout.logs / "bench-install.log",
            env=self.environment(config),
            cwd=self.server.layout.run,
        )

    @contextmanager
    def agent(self, database: str, queue_job: bool = False) -> Iterator[Agent]:
        config = self.config(f"bench-agent-{'theirs' if queue_job else 'ours'}", queue_job)
        command = self.server.command("interop_bench_agent", "-d", database)
        log = self.server.layout.logs / "bench-agent.log"
        agent = Agent(command, self.environment(config), log)
        try:
            yield agent
        finally:
            agent.close()

    @contextmanager
    def odoo(
        self,
        name: str,
        database: str,
        queue_job: bool,
        variables: dict[str, str],
        **options: object,
    ) -> Iterator[Background]:
        """A prefork Odoo over one database."""
        port = free_port()
        config = self.config(
            name,
            queue_job,
            db_name=database,
            dbfilter=f"^{database}$",
            http_port=port,
            gevent_port=free_port(),
            **options,
        )
        process = self._background(name)
        process.start(self.server.command(), self.environment(config, **variables))
        try:
            process.wait_for(f"http://127.0.0.1:{port}/web/health", 120)
            yield process
        finally:
            process.stop()

    @contextmanager
    def workers(self, database: str, count: int, *arguments: str) -> Iterator[list[Background]]:
        """`count` dedicated workers, ready and listening."""
        config = self.config("bench-worker")
        names = [f"bench-{number}" for number in range(1, count + 1)]
        processes = [self._background(f"bench-worker-{name}") for name in names]
        with ExitStack() as stack:
            for name, process in zip(names, processes, strict=True):
                words = ("interop_worker", "-d", database, "--name", name, *arguments)
                process.start(self.server.command(*words), self.environment(config))
                stack.callback(process.stop)
            for process in processes:
                until(lambda process=process: _is_ready(process), 120, f"{process.name} is ready")  # type: ignore[misc]
            yield processes

    def _background(self, name: str) -> Background:
        return Background(name, self.server.layout.run, self.server.layout.logs)

    # -- the database --------------------------------------------------------------------------

    def dsn(self, database: str) -> str:
        return f"host={self.server.cluster.home} port={PORT} user={ROLE} dbname={database}"

    def rows(self, database: str, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Run one statement outside a transaction block."""
        connection = psycopg2.connect(self.dsn(database))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def tidy(self, database: str) -> None:
        """The same state of tables and statistics before every round, for both sides."""
        self.rows(database, "VACUUM ANALYZE")


def _is_ready(process: Background) -> bool:
    if process.pid() is None:
        raise StepFailed(f"{process.name} ended: see {process.log}")
    return "is ready" in process.log.read_text(errors="replace")


def resident(pid: int, what: str = "VmRSS") -> float:
    """Megabytes of a process: `VmRSS` now, `VmHWM` at its highest."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    raise StepFailed(f"/proc/{pid}/status tells no {what}")


def forget_peak(pid: int) -> None:
    """Let VmHWM begin anew from what is resident now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
