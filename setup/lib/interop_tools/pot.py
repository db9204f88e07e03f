"""`setup/tool pot [--check]`: i18n/<module>.pot of every addon, written by Odoo's own export.

Works in a copy of the database that the tests are run with. The lines that tell when a template was
made are left out: two exports of the same source are the same.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path

from interop_setup import machine, suite
from interop_setup.console import main, run
from interop_setup.databases import Databases
from interop_setup.server import Server

_EXPORT = """\
import io, json
from odoo.tools.translate import trans_export
made = {{}}
for name in {modules!r}:
    buffer = io.BytesIO()
    if trans_export(None, [name], buffer, "po", env):
        made[name] = buffer.getvalue().decode()
with open({path!r}, "w") as result:
    json.dump(made, result)
"""
_DATES = ('"POT-Creation-Date:', '"PO-Revision-Date:')


def program() -> int:
    server = machine.prepare("test", "test")
    with server.cluster.in_use():
        server.provide_keyring()
        made = _export(server)
    outdated = []
    for folder in suite.addons(server.layout.checkout):
        path = folder / "i18n" / f"{folder.name}.pot"
        text = _without_dates(made[folder.name]) if folder.name in made else ""
        if (path.read_text() if path.exists() else "") == text:
            continue
        if "--check" in sys.argv:
            outdated.append(path)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    for path in outdated:
        print(f"{path.relative_to(server.layout.checkout)}: is not current: ./setup/tool pot")
    return 1 if outdated else 0


def _export(server: Server) -> dict[str, str]:
    databases = Databases(server)
    modules = [folder.name for folder in suite.addons(server.layout.checkout)]
    config = server.write_config("odoo", max_cron_threads=0)
    with (
        databases.scratch(databases.suite_template(), "pot") as name,
        tempfile.TemporaryDirectory() as place,
    ):
        script, result = Path(place, "export.py"), Path(place, "result.json")
        script.write_text(_EXPORT.format(modules=modules, path=str(result)))
        run(
            server.command("shell", "-d", name, "--no-http", "--log-level=warn"),
            log=server.layout.logs / "pot.log",
            env=server.process_environment(config),
            cwd=server.layout.run,
            feed=script,
        )
        made: dict[str, str] = json.loads(result.read_text())
        return made


def _without_dates(text: str) -> str:
    kept = [line for line in text.splitlines() if not line.startswith(_DATES)]
    # A build of Odoo from its sources adds its own date to the version.
    return re.sub(r"(Odoo Server \d+\.\d+)[^\\]*", r"\1", "\n".join(kept).rstrip() + "\n", count=1)


if __name__ == "__main__":
    main(program)
