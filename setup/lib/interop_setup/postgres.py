"""A PostgreSQL cluster of the project's own: only a unix socket, only its owner can reach it.

It leaves the machine's own clusters alone. PostgreSQL refuses root, so root runs it as `postgres`;
anybody else runs it as himself.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import packages
from .console import StepFailed, Word, ask, run, say
from .layout import Layout

PORT = 54319
ROLE = "odoo"
_ADMIN = "postgres"
_LONGEST_SOCKET = 100  # the system's limit is 107 bytes
_SETTINGS = """
# Written by the project's setup.
listen_addresses = ''
port = {port}
unix_socket_directories = '{home}'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 256MB
max_wal_size = 2GB
timezone = 'UTC'
log_timezone = 'UTC'
# A failing statement holds business data, and so do the words of the failure, which Odoo logs
# without them.
log_min_error_statement = panic
log_min_messages = fatal
log_error_verbosity = terse
log_parameter_max_length_on_error = 0
"""


class Cluster:
    """The project's cluster: `home` holds the data, the socket and the log."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.owner = _owner(layout)
        self.home = _home(layout, self.owner)
        self._data = self.home / "data"
        self._log = layout.logs / "postgres.log"

    # -- life ---------------------------------------------------------------------------------

    def provide(self) -> None:
        """Make the cluster if there is none and start it if it does not run."""
        with self._layout.locked("postgres"):
            if not self._belongs_to_runtime():
                self._create()
            if self.is_running():
                say("PostgreSQL runs already")
                return
            say(f"PostgreSQL: starting the project's own cluster (socket in {self.home})")
            self._control("start", "-w", "-t", "60", "-l", os.fspath(self.home / "server.log"))
            if not self._rows(
                "postgres", f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'", role=_ADMIN
            ):
                self._rows("postgres", f"CREATE ROLE {ROLE} LOGIN CREATEDB", role=_ADMIN)

    def is_running(self) -> bool:
        """Whether its server answers to its pid file."""
        if not (self._data / "postmaster.pid").exists():
            return False
        status: list[Word] = [self._binary("pg_ctl"), "status", "-D", self._data]
        return ask(status, user=self.owner, cwd=Path("/")).returncode == 0

    def pid(self) -> int:
        """The process that all others of the running server are children of."""
        return int((self._data / "postmaster.pid").read_text().splitlines()[0])

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep it running while inside; the last to leave stops it if nobody is connected."""
        with (self._layout.run / "postgres.users").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            self.provide()
            try:
                yield
            finally:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass  # another run of this checkout still works with it
                else:
                    self.stop_if_idle()

    def stop_if_idle(self) -> bool:
        """Stop the cluster unless something is connected to it (a running demo)."""
        if not self.is_running():
            return True
        others = (
            "SELECT 1 FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid != pg_backend_pid()"
        )
        if self._rows("postgres", others, role=_ADMIN):
            return False
        say("PostgreSQL: stopping the project's cluster")
        self._control("stop", "-w", "-m", "fast")
        return True

    # -- databases ----------------------------------------------------------------------------

    def names(self) -> list[str]:
        """Every database of the project."""
        return self._rows("postgres", "SELECT datname FROM pg_database WHERE NOT datistemplate")

    def copy(self, source: str, target: str) -> None:
        """A new database that is a copy of `source`, to which nobody may be connected."""
        self._rows("postgres", f'CREATE DATABASE "{target}" TEMPLATE "{source}"')

    def create(self, name: str) -> None:
        self._rows("postgres", f'CREATE DATABASE "{name}" TEMPLATE template0')

    def rename(self, name: str, new: str) -> None:
        self._rows("postgres", f'ALTER DATABASE "{name}" RENAME TO "{new}"')

    def drop(self, name: str) -> None:
        """Drop a database, together with the connections to it.

        An autovacuum worker that happens to be there belongs to nobody, so that our role may not
        end it and PostgreSQL refuses: then its administrator does it.
        """
        drop = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
        try:
            self._rows("postgres", drop)
        except StepFailed as refused:
            if "must be a member of the role" not in str(refused):
                raise
            self._rows("postgres", drop, role=_ADMIN)

    def remark(self, name: str) -> str:
        """The remark that was left on a database."""
        sql = "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        sql += f" WHERE datname = '{name}'"
        return "".join(self._rows("postgres", sql))

    def set_remark(self, name: str, text: str) -> None:
        self._rows("postgres", f"COMMENT ON DATABASE \"{name}\" IS '{text}'")

    def query(self, database: str, sql: str) -> list[str]:
        """The first column of every row."""
        return self._rows(database, sql)

    # -- below ---------------------------------------------------------------------------------

    def _belongs_to_runtime(self) -> bool:
        """Whether there is a cluster, and not one of a .runtime/ that was deleted since."""
        exists = (self._data / "PG_VERSION").exists()
        return exists and (self.home.is_relative_to(self._layout.runtime) or self._marker.exists())

    @property
    def _marker(self) -> Path:
        return self._layout.runtime / "cluster-elsewhere"

    def _create(self) -> None:
        say(f"PostgreSQL: making the project's own cluster in {self.home}")
        if self.is_running():
            self._control("stop", "-w", "-m", "immediate")
        shutil.rmtree(self._data, ignore_errors=True)
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.home.stat().st_uid not in {self.owner, os.geteuid()}:
            raise StepFailed(f"{self.home} belongs to somebody else. Remove it and run this again.")
        os.chmod(self.home, 0o700)
        if os.geteuid() == 0:
            os.chown(self.home, self.owner, pwd.getpwuid(self.owner).pw_gid)
        fresh = self.home / "data.new"
        self._run("rm", "-rf", fresh)
        options = ["-U", _ADMIN, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        self._run(self._binary("initdb"), "-D", fresh, *options)
        with (fresh / "postgresql.conf").open("a") as settings:
            settings.write(
                _SETTINGS.format(port=PORT, home=os.fspath(self.home).replace("'", "''"))
            )
        fresh.rename(self._data)
        self._marker.write_text(f"{self.home}\n")

    def _binary(self, name: str) -> Path:
        folder = _newest_binaries()
        if folder is None:
            packages.install(self._layout, ["postgresql"])
            folder = _newest_binaries()
        if folder is None:
            raise StepFailed(
                "PostgreSQL's programs (initdb, pg_ctl) were not found after installing its package"
            )
        return folder / name

    def _control(self, *arguments: str) -> None:
        self._run(self._binary("pg_ctl"), *arguments, "-D", self._data)

    def _run(self, *command: Word) -> None:
        run(command, log=self._log, user=self.owner, cwd=Path("/"), env=_plain_environment())

    def _rows(self, database: str, sql: str, role: str = ROLE) -> list[str]:
        address: list[Word] = ["-h", self.home, "-p", str(PORT), "-U", role, "-d", database]
        options = ["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql]
        result = ask([self._binary("psql"), *address, *options], env=_plain_environment())
        if result.returncode:
            raise StepFailed(f"PostgreSQL refused: {sql}\n{result.stderr.strip()}")
        return result.stdout.splitlines()


def _newest_binaries() -> Path | None:
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if folders:
        return max(
            folders,
            key=lambda path: [int(digits) for digits in re.findall(r"\d+", path.parent.name)],
        )
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _plain_environment() -> dict[str, str]:
    """Without PGHOST, PGPASSWORD and the like, which mean another server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C.UTF-8"}


def _owner(layout: Layout) -> int:
    if os.geteuid():
        return os.geteuid()
    existing = layout.runtime / "postgres" / "data"
    if existing.exists() and existing.stat().st_uid:
        return existing.stat().st_uid  # made by an ordinary user before
    try:
        return pwd.getpwnam("postgres").pw_uid
    except KeyError:
        packages.install(layout, ["postgresql"])
        return pwd.getpwnam("postgres").pw_uid


def _home(layout: Layout, owner: int) -> Path:
    """Below the checkout, unless the owner cannot get there or the socket's path is too long."""
    inside = layout.runtime / "postgres"
    short_enough = len(os.fsencode(inside / f".s.PGSQL.{PORT}")) < _LONGEST_SOCKET
    reached = ask(["test", "-x", layout.runtime], user=owner, cwd=Path("/")).returncode == 0
    elsewhere = Path("/var/tmp") / f"interop-{layout.digest}"
    return inside if short_enough and reached else elsewhere
