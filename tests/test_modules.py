"""Every module installs with only what is under it, updates and uninstalls without complaint."""

from __future__ import annotations

from pathlib import Path

import pytest
from interop_setup import suite
from interop_setup.console import run
from interop_setup.databases import Databases
from interop_setup.layout import Layout
from interop_setup.server import Server
from running import complaints

MODULES = suite.module_names(Layout.here().checkout)

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


@pytest.mark.parametrize("name", MODULES)
def test_module_installs_alone_updates_and_uninstalls(
    name: str, server: Server, databases: Databases, tmp_path: Path
) -> None:
    odoo = _Odoo(server, tmp_path)
    with databases.scratch(databases.base_template(name), "module") as database:
        odoo.call("install", "-d", database, "-i", name, "--stop-after-init")
        installed = set(
            server.cluster.query(
                database, "SELECT name FROM ir_module_module WHERE state = 'installed'"
            )
        )
        odoo.call("update", "-d", database, "-u", name, "--stop-after-init")
        odoo.shell(
            "uninstall", database, _UNINSTALL.format(name=name, folder=str(tmp_path / "trail"))
        )
        odoo.call("restart", "-d", database, "--stop-after-init")
        left = server.cluster.query(database, _LEFT.format(name=name))
    own = {module for module in installed if module in MODULES}
    assert own == suite.beneath(server.layout.checkout, name)
    assert not odoo.complaints, "\n".join(odoo.complaints)
    assert left == []


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
