"""`./setup/demo`: a running Odoo, a simulated partner, and the story of one order."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import machine, suite
from .console import StepFailed, ask, main, say
from .databases import Databases
from .layout import Layout
from .postgres import Cluster
from .processes import Background, free_port
from .server import Server

_DATABASE = "interop_demo"
_PORT, _PARTNER_PORT, _NORDWIND_PORT = 8069, 8199, 8198
# Where the tutorial (docs/tutorials/first_supplier.rst) makes the second partner's answers arrive.
_NORDWIND_CALLBACK = "/interop/v1/in/nordwind-nmc/nordwind-nmc-order-answers"
_STARTUP = 120.0


@dataclass(frozen=True)
class Demo:
    """The processes of the demo and where they are known."""

    layout: Layout

    @property
    def odoo(self) -> Background:
        return Background("demo-odoo", self.layout.run, self.layout.logs)

    @property
    def front(self) -> Background:
        return Background("demo-front", self.layout.run, self.layout.logs)

    @property
    def partner(self) -> Background:
        return Background("demo-partner", self.layout.run, self.layout.logs)

    @property
    def nordwind(self) -> Background:
        return Background("demo-nordwind", self.layout.run, self.layout.logs)

    @property
    def secrets(self) -> Path:
        return self.layout.run / "demo-secrets.json"

    @property
    def world(self) -> Path:
        return self.layout.run / "demo-world.json"

    def stop(self) -> bool:
        """Stop them all; tells whether any of them ran."""
        stopped = [
            process.stop() for process in (self.front, self.odoo, self.partner, self.nordwind)
        ]
        return any(stopped)


def program() -> int:
    parser = argparse.ArgumentParser(
        prog="setup/demo",
        description="Installs what is missing, starts Odoo and a partner, tells the story.",
    )
    parser.add_argument("--stop", action="store_true", help="stop what an earlier call started")
    return _stop() if parser.parse_args().stop else _start()


def _stop() -> int:
    layout = Layout.here()
    layout.prepare()
    ran = Demo(layout).stop()
    say("demo: Odoo and the partner are stopped" if ran else "demo: nothing was running")
    if not Cluster(layout).stop_if_idle():
        say("PostgreSQL goes on: something else is connected to it")
    return 0


def _start() -> int:
    server = machine.prepare("run", "development")
    demo = Demo(server.layout)
    server.cluster.provide()
    server.provide_keyring()
    if demo.stop():
        say("demo: stopped the one that was running")
    _provide_database(server)
    port, partner = free_port(_PORT), free_port(_PARTNER_PORT)
    url, partner_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{partner}"
    world = _set_up_world(server, demo, partner_url)
    _start_partner(server, demo, demo.partner, partner, url + world["callback"])
    nordwind = free_port(_NORDWIND_PORT)
    words = ("--dialect", "nordwind", "--behaviour", "accept")
    _start_partner(server, demo, demo.nordwind, nordwind, url + _NORDWIND_CALLBACK, *words)
    _start_odoo(server, demo, port)
    say("the story, as it happens:")
    code = _tell_story(server, demo, url, partner_url)
    _print_address(url, world, demo)
    _print_nordwind(nordwind, demo)
    return code


def _provide_database(server: Server) -> None:
    """A copy of the installed suite; one from an earlier call is kept and brought up to date."""
    databases = Databases(server)
    cluster = server.cluster
    template = databases.suite_template()
    if _DATABASE not in cluster.names():
        say(f"database: making {_DATABASE}")
        databases.copy(template, _DATABASE)
    elif cluster.remark(_DATABASE) != template:
        say(f"database: bringing {_DATABASE} up to date with the addons")
        modules = ",".join(suite.module_names(server.layout.checkout))
        options = ["-i", modules, "-u", modules, "--stop-after-init", "--no-http"]
        server.call("-d", _DATABASE, *options, "--log-level=warn", log="demo-update")
    else:
        say(f"database: {_DATABASE} is there")
    cluster.set_remark(_DATABASE, template)
    databases.arm(_DATABASE, "demonstration")


def _set_up_world(server: Server, demo: Demo, partner_url: str) -> dict[str, Any]:
    say("database: two companies, people, products, a connector and published flows")
    config = server.write_config("odoo", max_cron_threads=0)
    words = ["-d", _DATABASE, "--partner-url", partner_url, "--secrets", os.fspath(demo.secrets)]
    result = ask(
        server.command("interop_sandbox_setup", *words),
        env=server.process_environment(config),
        cwd=server.layout.run,
    )
    if result.returncode:
        raise StepFailed(f"the demo world could not be made:\n{result.stderr or result.stdout}")
    demo.world.write_text(result.stdout[result.stdout.index("{") :])
    world: dict[str, Any] = json.loads(demo.world.read_text())
    return world


def _start_partner(
    server: Server, demo: Demo, process: Background, port: int, callback: str, *words: str
) -> None:
    say(f"partner: starting a simulated supplier on port {port}")
    config = server.write_config("odoo", max_cron_threads=0)
    options = {
        "--port": str(port),
        "--journal": os.fspath(server.layout.run / f"{process.name}-journal.jsonl"),
        "--callback": callback,
        "--secrets": os.fspath(demo.secrets),
    }
    given = [word for option in options.items() for word in option]
    command = server.command("interop_sandbox", *given, *words)
    process.start(command, server.process_environment(config))
    process.wait_for(f"http://127.0.0.1:{port}/health", 30)


def _start_odoo(server: Server, demo: Demo, port: int) -> None:
    say(f"Odoo: starting with workers and scheduled actions on port {port}")
    http, events = free_port(), free_port()
    config = server.write_config(
        "demo",
        db_name=_DATABASE,
        dbfilter=f"^{_DATABASE}$",
        http_port=http,
        gevent_port=events,
        workers=2,
        max_cron_threads=3,
    )
    demo.odoo.start(server.command(), server.process_environment(config))
    demo.odoo.wait_for(f"http://127.0.0.1:{http}/web/health", _STARTUP)
    demo.front.start(server.front(port, http, events), server.front_environment)
    demo.front.wait_for(f"http://127.0.0.1:{port}/web/health", 30)


def _tell_story(server: Server, demo: Demo, url: str, partner_url: str) -> int:
    script = server.layout.checkout / "setup" / "lib" / "story.py"
    options = ["--url", url, "--database", _DATABASE, "--partner", partner_url]
    return subprocess.run(
        [sys.executable, script, *options, "--world", demo.world],
        stdin=subprocess.DEVNULL,
    ).returncode


def _print_address(url: str, world: dict[str, Any], demo: Demo) -> None:
    roles = world.get("roles", {})
    people = {"admin": ("admin", "administrator")}
    people |= {login: (word, roles.get(login, "")) for login, word in world["logins"].items()}
    print(f"\n  Odoo runs at {url}\n")
    print(f"    {'login':<12} {'password':<12} who")
    for login, (password, role) in people.items():
        print(f"    {login:<12} {password:<12} {role}")
    print(f"\n  Logs: {demo.layout.logs}\n  To stop it: ./setup/demo --stop\n", flush=True)


def _print_nordwind(port: int, demo: Demo) -> None:
    print("  A second supplier, to be set up by docs/tutorials/first_supplier.rst:")
    print(
        f"  it takes orders at http://127.0.0.1:{port}/orders, its secrets are in {demo.secrets}\n"
    )


if __name__ == "__main__":
    main(program)
