"""Every module installs with only what is under it, updates and uninstalls without complaint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from interop_setup import suite
from interop_setup.console import run
from interop_setup.databases import Databases
from interop_setup.layout import Layout
from interop_setup.server import Server
from running import complaints

MODULES = suite.module_names(Layout.here().checkout)
_BENEATH = {name: suite.beneath(Layout.here().checkout, name) for name in MODULES}
_FROM_THE_GROUND = sorted(MODULES, key=lambda name: (len(_BENEATH[name]), name))

_UNINSTALL = """\
if "interop.audit.exporter" in env:
    # The trail goes with its module, so that is refused until somebody has all of it.
    from pathlib import Path
    env["interop.audit.exporter"]._export_folder(Path({folder!r}))
module = env["ir.module.module"].search([("name", "=", "{name}")])
module.button_immediate_uninstall()
env.cr.commit()
"""

_LEFT = """\
SELECT 'data ' || model || ' ' || name FROM ir_model_data WHERE module = '{name}'
UNION ALL
SELECT 'state ' || state FROM ir_module_module WHERE name = '{name}' AND state != 'uninstalled'
"""


@pytest.fixture(scope="module")
def installed(databases: Databases) -> Iterator[_Installed]:
    """What earlier tests have installed, for the modules that stand on it."""
    with ExitStack() as kept:
        yield _Installed(databases, kept)


@pytest.mark.parametrize("name", _FROM_THE_GROUND)
def test_module_installs_with_what_is_under_it_updates_and_uninstalls(
    name: str, server: Server, databases: Databases, installed: _Installed, tmp_path: Path
) -> None:
    odoo = _Odoo(server, tmp_path)
    with databases.scratch(installed.under(name), "module") as database:
        odoo.call("install", "-d", database, "-i", name, "--stop-after-init")
        found = set(
            server.cluster.query(
                database, "SELECT name FROM ir_module_module WHERE state = 'installed'"
            )
        )
        installed.keep(name, database)
        odoo.call("update", "-d", database, "-u", name, "--stop-after-init")
        odoo.shell(
            "uninstall", database, _UNINSTALL.format(name=name, folder=str(tmp_path / "trail"))
        )
        odoo.call("restart", "-d", database, "--stop-after-init")
        left = server.cluster.query(database, _LEFT.format(name=name))
    assert found & set(MODULES) == _BENEATH[name]
    assert not odoo.complaints, "\n".join(odoo.complaints)
    assert left == []


class _Installed:
    """Databases with a module and all that is under it, and nothing else of the checkout.

    A module is installed over the fullest of them that holds nothing it does not need. What that
    one holds has been installed and looked at before.
    """

    def __init__(self, databases: Databases, kept: ExitStack) -> None:
        self._databases = databases
        self._kept = kept
        self._names: dict[str, str] = {}

    def under(self, name: str) -> str:
        """The database to install a module in; to be copied."""
        fitting = [kept for kept in self._names if kept in _BENEATH[name]]
        if not fitting:
            return self._databases.base_template(name)
        return self._names[max(fitting, key=lambda kept: len(_BENEATH[kept]))]

    def keep(self, name: str, database: str) -> None:
        """Keep a copy if another module stands on this one."""
        if any(name in _BENEATH[other] for other in MODULES if other != name):
            copy = self._databases.scratch(database, name)
            self._names[name] = self._kept.enter_context(copy)


class _Odoo:
    """Calls Odoo step by step and gathers what it complained about."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._config = server.write_config("odoo", max_cron_threads=0)
        self.complaints: list[str] = []

    def call(self, step: str, *words: str) -> None:
        self._run(step, [*words, "--no-http", "--log-level=warn"], None)

    def shell(self, step: str, database: str, script: str) -> None:
        feed = self._folder / f"{step}.py"
        feed.write_text(script)
        self._run(step, ["shell", "-d", database, "--no-http", "--log-level=warn"], feed)

    def _run(self, step: str, words: list[str], feed: Path | None) -> None:
        log = self._folder / f"{step}.log"
        run(
            self._server.command(*words),
            log=log,
            env=self._server.process_environment(self._config),
            cwd=self._folder,
            feed=feed,
        )
        self.complaints += [f"{step}: {line}" for line in complaints(log.read_text())]
