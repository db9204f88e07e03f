"""Copies of a database, made in the ways in which people make them, and what runs over them."""

from __future__ import annotations

import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from cluster import FaultServer, OwnCluster
from interop_setup.console import ask
from interop_setup.databases import Databases
from interop_setup.postgres import PORT, ROLE
from interop_setup.processes import Background

_TRIES = 40


class Twin(OwnCluster):
    """A physical copy of a running cluster: the same system identifier, the same numbers."""

    def __init__(self, origin: OwnCluster) -> None:
        super().__init__(origin)
        self.home = origin.home.with_name(f"{origin.home.name}-twin")
        self._data = self.home / "data"


class Elsewhere(OwnCluster):
    """Another database server, with nothing in it."""

    def __init__(self, origin: OwnCluster) -> None:
        super().__init__(origin)
        self.home = origin.home.with_name(f"{origin.home.name}-else")
        self._data = self.home / "data"

    @contextmanager
    def running(self) -> Iterator[None]:
        self.remove()
        self._create()
        self._small.mkdir()
        self.start()
        self._rows("postgres", f"CREATE ROLE {ROLE} LOGIN CREATEDB", role="postgres")
        try:
            yield
        finally:
            self.remove()

    @property
    def _marker(self) -> Path:
        return self.home / "marker"


class Copier:
    """Makes copies of one database of a server; all are dropped at the end."""

    def __init__(self, server: FaultServer, source: str, folder: Path) -> None:
        self.server = server
        self.source = source
        self.folder = folder
        self.made: list[tuple[FaultServer, str]] = []

    def _name(self, how: str) -> str:
        return f"{self.source}_{how}"

    def dump(self) -> Path:
        path = self.folder / "source.dump"
        self._postgres("pg_dump", self.server, "-Fc", "-f", path, self.source)
        return path

    def restore(self, dump: Path, how: str, server: FaultServer | None = None) -> str:
        """`pg_restore` into a new database, of this or another server, without a filestore."""
        server, name = server or self.server, self._name(how)
        server.cluster.drop(name)
        server.cluster.create(name)
        self.made.append((server, name))
        self._postgres("pg_restore", server, "--no-owner", "-d", name, dump)
        return name

    def template(self, how: str = "template") -> str:
        """`createdb -T`, for which nobody may be connected: everybody is shown out for a moment."""
        name = self._name(how)
        self.made.append((self.server, name))
        others = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = '{self.source}' AND pid <> pg_backend_pid()"
        )
        for _try in range(_TRIES):
            self.server.cluster._rows("postgres", others, role="postgres")
            made = self._ask("createdb", self.server, "-T", self.source, name)
            if made.returncode == 0:
                return name
            time.sleep(0.2)
        raise AssertionError(made.stderr)

    def duplicate(self, how: str, neutralize: bool = False) -> str:
        """Odoo's own copy, its filestore included."""
        name = self._name(how)
        self.made.append((self.server, name))
        self.odoo("db", "duplicate", *(["-n"] if neutralize else []), self.source, name)
        return name

    def back_up(self, how: str, neutralize: bool = False) -> str:
        """Odoo's own backup, restored."""
        name, path = self._name(how), self.folder / f"{how}.zip"
        self.made.append((self.server, name))
        self.odoo("db", "dump", self.source, os.fspath(path))
        self.odoo("db", "load", *(["-n"] if neutralize else []), name, os.fspath(path))
        return name

    def odoo(self, *words: str) -> CompletedProcess[str]:
        result = call(self.server, *words)
        assert result.returncode == 0, result.stderr[-3000:]
        return result

    def drop(self) -> None:
        for server, name in self.made:
            Databases(server).drop(name)

    def _postgres(self, program: str, server: FaultServer, *words: object) -> None:
        result = self._ask(program, server, *words)
        assert result.returncode == 0, result.stderr

    def _ask(self, program: str, server: FaultServer, *words: object) -> CompletedProcess[str]:
        address = ["-h", server.cluster.home, "-p", str(PORT), "-U", ROLE]
        return ask([server.cluster._binary(program), *address, *words])


def call(server: FaultServer, *words: str) -> CompletedProcess[str]:
    """One of Odoo's commands, to its end."""
    config = server.write_config("copies", max_cron_threads=0)
    # PostgreSQL's programs are where this machine has them.
    environment = server.process_environment(config)
    environment["PATH"] += f"{os.pathsep}{server.cluster._binary('psql').parent}"
    return ask(server.command(*words), env=environment, cwd=server.layout.run)


@contextmanager
def odoo_over(server: FaultServer, databases: Sequence[str], port: int) -> Iterator[Background]:
    """One threaded Odoo with scheduled actions over several databases, told apart by host name."""
    config = server.write_config(
        f"copies-{port}",
        db_name=",".join(databases),
        dbfilter="^%d$",
        http_port=port,
        workers=0,
        max_cron_threads=2,
    )
    process = Background(f"copies-{port}", server.layout.run, server.layout.logs)
    process.start(server.command(), server.process_environment(config))
    try:
        process.wait_for(f"http://127.0.0.1:{port}/web/health", 180)
        yield process
    finally:
        process.stop()
        config.unlink()


def knock(port: int, database: str, path: str) -> int:
    """What the inbound address of a database answers to a delivery."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        data=b"{}",
        headers={"Host": f"{database}.localhost:{port}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def rows(server: FaultServer, database: str, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a statement answers in one of the server's databases."""
    connection = server.cluster.connect(database)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def nudge(server: FaultServer, database: str) -> None:
    """All scheduled actions of the suite are due now."""
    rows(
        server,
        database,
        "UPDATE ir_cron SET active = TRUE, nextcall = now() AT TIME ZONE 'UTC'"
        " WHERE cron_name LIKE 'Interop%'",
    )
    rows(server, "postgres", f"SELECT pg_notify('cron_trigger', '{database}')")


def lanes_tried(server: FaultServer, database: str) -> str | None:
    """The reason for which the lanes of scheduled actions stood still, once they have tried."""
    found = rows(
        server,
        database,
        "SELECT last_reason FROM interop_lane"
        " WHERE kind = 'scheduled' AND coalesce(last_reason, '') <> ''",
    )
    return found[0][0] if found else None


def as_environment(server: FaultServer, environment: str) -> FaultServer:
    return replace(server, environment=environment)


def over(server: FaultServer, cluster: OwnCluster) -> FaultServer:
    """The same configuration, keyring and all, over another cluster."""
    return replace(server, cluster=cluster)
