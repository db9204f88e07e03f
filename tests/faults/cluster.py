"""A PostgreSQL cluster of the fault tests' own: they crash it, and nobody else may suffer."""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from interop_setup.postgres import PORT, ROLE, Cluster
from interop_setup.server import Server


class OwnCluster(Cluster):
    """A copy of the project's cluster, with its databases, in a folder beside it."""

    def __init__(self, origin: Cluster) -> None:
        super().__init__(origin._layout)
        self._origin = origin
        self.home = origin.home.with_name(f"{origin.home.name}-faults")
        self._data = self.home / "data"
        self._log = origin._layout.logs / "postgres-faults.log"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Made, started, and gone at the end."""
        self.remove()
        self.home.mkdir(mode=0o700, parents=True)
        if os.geteuid() == 0:
            os.chown(self.home, self.owner, pwd.getpwuid(self.owner).pw_gid)
        source = ["-h", os.fspath(self._origin.home), "-p", str(PORT), "-U", "postgres"]
        backup = self._binary("pg_basebackup")
        self._run(backup, *source, "-D", self._data, "-X", "stream", "-c", "fast")
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(f"unix_socket_directories = '{self.home}'\n")
        self.start()
        try:
            yield
        finally:
            self.remove()

    def start(self) -> None:
        log = os.fspath(self.home / "server.log")
        self._control("start", "-w", "-t", "120", "-l", log)

    def restart(self, mode: str) -> None:
        """`immediate`: as if the machine had lost its power, but for the disk's cache."""
        self._control("stop", "-w", "-m", mode)
        self.start()

    def checkpoint(self) -> None:
        """To be called after a database was copied and before a crash.

        A copy logs the pages of sequences as they are, with the 32 numbers in hand that PostgreSQL
        draws ahead: without a checkpoint in between, a crash would give these numbers out twice.
        """
        self._rows("postgres", "CHECKPOINT", role="postgres")

    def remove(self) -> None:
        if self.is_running():
            self._control("stop", "-w", "-m", "immediate")
        shutil.rmtree(self.home, ignore_errors=True)

    def connect(self, database: str, role: str = ROLE) -> psycopg2.extensions.connection:
        connection = psycopg2.connect(
            host=os.fspath(self.home), port=PORT, user=role, dbname=database
        )
        connection.autocommit = True
        return connection


class FaultServer(Server):
    """The project's server over another cluster: its configurations have names of their own."""

    def write_config(self, name: str, **options: object) -> Path:
        return super().write_config(f"faults-{name}", **options)
