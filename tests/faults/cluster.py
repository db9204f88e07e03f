"""A PostgreSQL cluster of the fault tests' own: they crash it, and nobody else may suffer."""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote

import psycopg2
from interop_setup.console import StepFailed, ask
from interop_setup.postgres import PORT, ROLE, Cluster
from interop_setup.server import Server

PART = os.environ.get("TEST_PART", "faults")
"""Of the test run: the fault tests are two, side by side, each with a cluster of its own."""

_TMPFS = ("mount", "-t", "tmpfs", "-o", "size=64m", "none")
_NAMESPACE = ("unshare", "--user", "--map-current-user", "--keep-caps", "--mount")


class OwnCluster(Cluster):
    """A copy of the project's cluster, with its databases, in a folder beside it."""

    def __init__(self, origin: Cluster) -> None:
        super().__init__(origin._layout)
        self._origin = origin
        self.home = origin.home.with_name(f"{origin.home.name}-{PART}")
        self._data = self.home / "data"
        self._log = origin._layout.logs / f"postgres-{PART}.log"
        self.has_small_disk = False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Made, started, and gone at the end."""
        self.remove()
        self.home.mkdir(mode=0o700, parents=True)
        if os.geteuid() == 0:
            os.chown(self.home, self.owner, pwd.getpwuid(self.owner).pw_gid)
        with self._layout.locked("basebackup"):
            self._copy_origin()
        with (self._data / "postgresql.conf").open("a") as settings:
            # Deadlocks are many here, and each costs a victim this long.
            settings.write(f"unix_socket_directories = '{self.home}'\ndeadlock_timeout = '100ms'\n")
            # As docs/operations.rst says, whenever this checkout's cluster was made.
            settings.write("log_min_messages = fatal\nlog_error_verbosity = terse\n")
        self._small.mkdir()
        if os.geteuid() == 0:
            self._mount()
        self.start()
        try:
            yield
        finally:
            self.remove()

    def _copy_origin(self) -> None:
        """A checkpoint that ends while a backup's replication slot is being made may take the slot
        for an obsolete one and end its connection. Two backups at once ask for two checkpoints; a
        database that is dropped elsewhere asks for one, too."""
        source = ["-h", os.fspath(self._origin.home), "-p", str(PORT), "-U", "postgres"]
        command = [self._binary("pg_basebackup"), *source, "-D", self._data, "-X", "stream"]
        for _again in range(2):
            try:
                return self._run(*command, "-c", "fast")
            except StepFailed as failure:
                if "termination of replication stream" not in str(failure):
                    raise
        return self._run(*command, "-c", "fast")

    def start(self) -> None:
        log = os.fspath(self.home / "server.log")
        command = [self._binary("pg_ctl"), "start", "-w", "-t", "120", "-l", log, "-D", self._data]
        if os.geteuid():
            # Nobody but root may mount, except in a namespace of his own: the server lives there.
            script = f'{" ".join(_TMPFS)} "$0" && exec "$@"'
            inside = [*_NAMESPACE, "sh", "-c", script, self._small, *command]
            if ask(inside, cwd=Path("/")).returncode == 0:
                self.has_small_disk = True
                return
        self._run(*command)

    def _mount(self) -> None:
        """A disk that can be filled without harm."""
        if ask([*_TMPFS, self._small]).returncode == 0:
            os.chown(self._small, self.owner, pwd.getpwuid(self.owner).pw_gid)
            self.has_small_disk = True

    @contextmanager
    def tables_on_small_disk(self, database: str, pattern: str) -> Iterator[None]:
        """Keep the tables whose names match on the small disk; `fill` and `free` it meanwhile."""
        found = f"SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '{pattern}'"
        tables = self._rows(database, found)
        assert tables, f"no table is called {pattern}"
        place = self._small / "tables"
        self._shell(f"mkdir -p {quote(os.fspath(place))}")
        self._rows("postgres", f"CREATE TABLESPACE small LOCATION '{place}'", role="postgres")
        try:
            self._move(database, tables, "small")
            yield
        finally:
            self.free()
            self._move(database, tables, "pg_default")
            self._rows("postgres", "DROP TABLESPACE small", role="postgres")

    def _move(self, database: str, tables: list[str], space: str) -> None:
        for table in tables:
            sql = f'ALTER TABLE "{table}" SET TABLESPACE {space}'
            self._rows(database, sql, role="postgres")

    def fill(self) -> None:
        """Until not a byte is left."""
        self._shell(f"dd if=/dev/zero of={self._ballast} bs=64k 2>/dev/null || true")

    def free(self) -> None:
        self._shell(f"rm -f {self._ballast}")

    def _shell(self, command: str) -> None:
        """As the server, which may be the only one that sees the small disk."""
        program = f"cat >/dev/null; {command}".replace("'", "''")
        sql = f"COPY (SELECT 1) TO PROGRAM '{program}'"
        self._rows("postgres", sql, role="postgres")

    @property
    def _ballast(self) -> str:
        return quote(os.fspath(self._small / "ballast"))

    @property
    def _small(self) -> Path:
        return self.home / "small"

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
        if os.path.ismount(self._small):
            ask(["umount", self._small])
        shutil.rmtree(self.home, ignore_errors=True)

    def connect(self, database: str, role: str = ROLE) -> psycopg2.extensions.connection:
        connection = psycopg2.connect(
            host=os.fspath(self.home), port=PORT, user=role, dbname=database
        )
        connection.autocommit = True
        return connection


@dataclass(frozen=True)
class FaultServer(Server):
    """The project's server over another cluster: its configurations have names of their own."""

    keyring: Path = field(kw_only=True)
    """A copy of the project's: tests take it away and change it, for every process of theirs."""

    lease: int = 2
    """Seconds. Short, so that what a dead worker held is soon taken up again."""

    anchors: Path | None = None
    """The file that is told of every seal of the audit trail, if any."""

    def write_config(self, name: str, **options: object) -> Path:
        return super().write_config(f"{PART}-{name}", **options)

    def process_environment(self, config: Path) -> dict[str, str]:
        told = {"INTEROP_AUDIT_ANCHOR_FILE": os.fspath(self.anchors)} if self.anchors else {}
        return super().process_environment(config) | {
            "INTEROP_LEASE": str(self.lease),
            "INTEROP_KEYRING": os.fspath(self.keyring),
            **told,
        }
