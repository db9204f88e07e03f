"""Odoo's configuration and how its commands are called."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .console import run
from .layout import Layout
from .odoo import Odoo
from .postgres import PORT, ROLE, Cluster


@dataclass(frozen=True)
class Server:
    """All that is needed to call Odoo: the commands, tests and fixtures get one of these."""

    layout: Layout
    odoo: Odoo
    cluster: Cluster
    environment: str = "test"

    def write_config(self, name: str, **options: object) -> Path:
        """Write `.runtime/run/<name>.conf`; later options win."""
        addons = [*self.odoo.addons, self.layout.addons, self.layout.links]
        settings: dict[str, object] = {
            "addons_path": ",".join(str(folder) for folder in addons if folder.is_dir()),
            "data_dir": self.layout.data,
            "db_host": self.cluster.home,
            "db_port": PORT,
            "db_user": ROLE,
            "list_db": False,
            "http_interface": "127.0.0.1",
            "server_wide_modules": "base,rpc,web",
            **options,
        }
        sections = {"options": settings}
        sections["interop"] = {"environment": self.environment, "keyring": self.layout.keyring}
        text = "".join(
            f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())
            for section, values in sections.items()
        )
        path = self.layout.run / f"{name}.conf"
        if not path.exists() or path.read_text() != text:
            # Several threads and processes may write the same one: what bears the name is whole.
            fresh = path.with_suffix(f".{threading.get_native_id()}")
            fresh.write_text(text)
            fresh.replace(path)
        return path

    def process_environment(self, config: Path) -> dict[str, str]:
        """The variables of every process that runs Odoo's code."""
        foreign = ("PG", "ODOO_", "OPENERP_", "INTEROP_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        return {
            **kept,
            "ODOO_RC": os.fspath(config),
            "PYTHONPATH": os.fspath(self.layout.import_path),
            "PYTHONPYCACHEPREFIX": os.fspath(self.layout.runtime / "pycache"),
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONWARNINGS": "ignore::DeprecationWarning,ignore::SyntaxWarning",
            "PATH": os.pathsep.join(
                [os.fspath(self.layout.python.parent), kept.get("PATH", os.defpath)]
            ),
            "LC_ALL": "C.UTF-8",
            "INTEROP_ENVIRONMENT": self.environment,
            "INTEROP_KEYRING": os.fspath(self.layout.keyring),
        }

    def command(self, *arguments: str) -> list[str]:
        """`odoo …` with the environment's Python."""
        start = self.layout.checkout / "setup" / "lib" / "launch" / "start_odoo.py"
        return [os.fspath(self.layout.python), os.fspath(start), *arguments]

    def front(self, port: int, http: int, events: int) -> list[str]:
        """The command of the process that gives a prefork Odoo one address."""
        return [sys.executable, "-m", "interop_setup.front", str(port), str(http), str(events)]

    @property
    def front_environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": os.fspath(self.layout.checkout / "setup" / "lib")}

    def call(self, *arguments: str, log: str = "odoo", config: Path | None = None) -> None:
        """Run an Odoo command to its end."""
        config = config or self.write_config("odoo", max_cron_threads=0)
        run(
            self.command(*arguments),
            log=self.layout.logs / f"{log}.log",
            env=self.process_environment(config),
            cwd=self.layout.run,
        )

    def install(self, database: str, modules: Sequence[str], log: str = "install") -> None:
        """Install modules in a database, which is made if it does not exist."""
        options = ["--stop-after-init", "--no-http", "--log-level=warn"]
        self.call("-d", database, "-i", ",".join(modules), *options, log=log)

    def provide_keyring(self) -> None:
        """Make the key file once, with the suite's own command."""
        if not self.layout.keyring.exists():
            self.call(
                "interop_keys", "init", "--keyring", os.fspath(self.layout.keyring), log="keyring"
            )
