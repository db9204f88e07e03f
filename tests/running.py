"""Real processes for the tests: an Odoo and a partner on free ports, stopped by pid at the end."""

from __future__ import annotations

import json
import os
import re
import shutil
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from interop_setup.console import ask, run
from interop_setup.processes import Background, answers, free_port
from interop_setup.server import Server

_ARMED = Path(__file__).parent / "launch" / "armed_odoo.py"
_COMPLAINT = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) .*$", re.MULTILINE)


@dataclass(frozen=True)
class Rpc:
    """One user of a running Odoo, through its external API."""

    url: str
    database: str
    login: str
    password: str

    @property
    def uid(self) -> int:
        common = xmlrpc.client.ServerProxy(f"{self.url}/xmlrpc/2/common")
        uid = common.authenticate(self.database, self.login, self.password, {})
        assert isinstance(uid, int) and uid, f"Odoo does not let {self.login} in"
        return uid

    def call(self, model: str, method: str, *args: Any, **options: Any) -> Any:
        """Call a public method of a model; an error of Odoo is an `xmlrpc.client.Fault`."""
        models = xmlrpc.client.ServerProxy(f"{self.url}/xmlrpc/2/object", allow_none=True)
        given = (self.database, self.uid, self.password, model, method, list(args), options)
        return models.execute_kw(*given)

    def look(self, model: str, domain: list[Any], fields: list[str]) -> list[dict[str, Any]]:
        """Records as this user sees them, oldest first."""
        return list(self.call(model, "search_read", domain, fields, order="id"))


@dataclass(frozen=True)
class RunningOdoo:
    """A running Odoo: where it listens, what it logs."""

    url: str
    """Its HTTP workers, without anything between."""
    web: str
    """The address for a browser: behind a front that also knows the event worker."""
    database: str
    process: Background

    def rpc(self, login: str = "admin", password: str | None = None) -> Rpc:
        """Log in; without a password the login is the password, as in the demo world."""
        return Rpc(self.url, self.database, login, password or login)

    def log(self) -> str:
        return self.process.log.read_text(errors="replace")

    def complaints(self) -> list[str]:
        """The log's lines of level warning and above."""
        return complaints(self.log())


@dataclass(frozen=True)
class World:
    """What `interop_sandbox_setup` made and told: logins, connectors, the partner's callback."""

    facts: dict[str, Any]
    secrets: Path
    port: int

    @classmethod
    def make(cls, server: Server, database: str, folder: Path, port: int = 0) -> World:
        """Make it in a database before Odoo starts over it; the partner's port is chosen now."""
        port, secrets = port or free_port(), folder / "secrets.json"
        words = ["-d", database, "--partner-url", f"http://127.0.0.1:{port}"]
        config = server.write_config("odoo", max_cron_threads=0)
        result = ask(
            server.command("interop_sandbox_setup", *words, "--secrets", os.fspath(secrets)),
            env=server.process_environment(config),
        )
        assert result.returncode == 0, result.stderr
        return cls(json.loads(result.stdout[result.stdout.index("{") :]), secrets, port)

    def copied(self, folder: Path) -> World:
        """The same world in a folder of its own: the partner keeps its journal there."""
        return replace(self, secrets=Path(shutil.copy(self.secrets, folder)))


@dataclass(frozen=True)
class RunningPartner:
    """A running sandbox partner."""

    url: str
    journal_path: Path
    process: Background

    def journal(self) -> list[dict[str, Any]]:
        """What it has noted so far, one entry for each request."""
        if not self.journal_path.exists():
            return []
        return [json.loads(line) for line in self.journal_path.read_text().splitlines()]


@contextmanager
def running_odoo(
    server: Server, database: str, *, arm: str = "", patience: float = 20.0, **options: object
) -> Iterator[RunningOdoo]:
    """Odoo with two workers and three cron workers over one database, in a session of its own.

    `arm` is the reason to arm a database with before it is served, if it is not armed yet. After
    `patience` seconds at the end it is killed: short, where nobody looks at what it leaves.
    """
    port, events, web = free_port(), free_port(), free_port()
    settings: dict[str, object] = {
        "db_name": database,
        "dbfilter": f"^{database}$",
        "http_port": port,
        "gevent_port": events,
        "workers": 2,
        "max_cron_threads": 3,
        **options,
    }
    config = server.write_config(f"odoo-{port}", **settings)
    process = Background(f"odoo-{port}", server.layout.run, server.layout.logs)
    front = Background(f"front-{port}", server.layout.run, server.layout.logs)
    command, environment = server.command(), server.process_environment(config)
    if arm:
        command = [os.fspath(server.layout.python), os.fspath(_ARMED)]
        environment |= {"ARM_REASON": arm}
    process.start(command, environment)
    try:
        process.wait_for(f"http://127.0.0.1:{port}/web/health", 300)
        front.start(server.front(web, port, events), server.front_environment)
        front.wait_for(f"http://127.0.0.1:{web}/web/health", 90)
        yield RunningOdoo(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{web}", database, process)
    finally:
        front.stop(patience)
        process.stop(patience)
        config.unlink()


@contextmanager
def running_partner(
    server: Server, world: World, odoo_url: str, *arguments: str
) -> Iterator[RunningPartner]:
    """The partner of a world, as its command; `arguments` such as `--behaviour partial`."""
    journal = world.secrets.parent / f"journal-{world.port}.jsonl"
    config = server.write_config("odoo", max_cron_threads=0)
    options = {
        "--port": str(world.port),
        "--journal": os.fspath(journal),
        "--callback": odoo_url + world.facts["callback"],
        "--secrets": os.fspath(world.secrets),
    }
    words = [word for option in options.items() for word in option]
    process = Background(f"partner-{world.port}", server.layout.run, server.layout.logs)
    command = server.command("interop_sandbox", *words, *arguments)
    url = f"http://127.0.0.1:{world.port}"
    assert not answers(f"{url}/health"), "another partner listens where this one should"
    process.start(command, server.process_environment(config))
    try:
        process.wait_for(f"{url}/health", 90)
        yield RunningPartner(url, journal, process)
    finally:
        process.stop()


@contextmanager
def running_worker(server: Server, database: str, name: str) -> Iterator[Background]:
    """A dedicated worker over a database, with its default settings."""
    config = server.write_config(name, max_cron_threads=0)
    process = Background(name, server.layout.run, server.layout.logs)
    command = server.command("interop_worker", "-d", database, "--name", name)
    process.start(command, server.process_environment(config))
    try:
        yield process
    finally:
        process.stop()
        config.unlink()


_ASSETS = """\
for name in ("web.assets_web", "web.assets_web_print", "web.assets_frontend"):
    env["ir.qweb"]._get_asset_bundle(name, css=True, js=False).css()
for name in ("web.assets_web", "web.assets_frontend_minimal", "web.assets_frontend_lazy"):
    env["ir.qweb"]._get_asset_bundle(name, css=False, js=True).js()
env.cr.commit()
"""


def build_assets(server: Server, database: str, folder: Path) -> None:
    """Build what the web client loads: in each copy of the database it is there already."""
    script = folder / "assets.py"
    script.write_text(_ASSETS)
    config = server.write_config("odoo", max_cron_threads=0)
    run(
        server.command("shell", "-d", database, "--no-http", "--log-level=warn"),
        log=server.layout.logs / "assets.log",
        env=server.process_environment(config),
        cwd=server.layout.run,
        feed=script,
    )


def complaints(log: str) -> list[str]:
    """Lines of level warning and above in a log of Odoo."""
    return [found[0] for found in _COMPLAINT.finditer(log)]
