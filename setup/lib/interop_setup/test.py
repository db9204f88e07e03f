"""`./setup/test`: installs what is missing, runs the tests, exits non-zero on any failure."""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import browser, machine
from .console import StepFailed, main, say
from .databases import Databases
from .server import Server

_NOTHING_COLLECTED = 5
_KEPT = ("ODOO_HOME", "INTEROP_FAULTS_SEED")


def program() -> int:
    options = _arguments()
    server = machine.prepare("test", "test")
    paths = [_inside(server, path) for path in options.paths]
    failed: list[str] = []
    if options.lint:
        from . import lint

        failed += lint.check(server)
    if not options.lint or options.faults or paths:
        failed += _run_tests(server, paths, options)
    say("all is well" if not failed else f"FAILED: {', '.join(failed)}")
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="setup/test",
        description="Installs what is missing and runs every test, or those of the given paths.",
    )
    parser.add_argument(
        "paths", nargs="*", type=Path, help="files or folders below addons/ or tests/"
    )
    parser.add_argument(
        "-k", metavar="EXPRESSION", help="only tests whose name matches, as in pytest"
    )
    parser.add_argument("--lint", action="store_true", help="only the checks of the code, no tests")
    parser.add_argument(
        "--faults",
        action="store_true",
        help="only the tests below tests/faults, in their long form",
    )
    return parser.parse_args()


def _inside(server: Server, path: Path) -> Path:
    found = path.resolve()
    checkout = server.layout.checkout
    if not found.exists() or not (
        found.is_relative_to(checkout / "addons") or found.is_relative_to(checkout / "tests")
    ):
        raise StepFailed(f"{path} is no file or folder below addons/ or tests/")
    return found.relative_to(checkout)


def _run_tests(server: Server, paths: Sequence[Path], options: argparse.Namespace) -> list[str]:
    chosen = list(paths)
    if options.faults:
        chosen.append(Path("tests/faults"))
    elif not chosen:
        chosen = [Path("addons"), Path("tests")]
    chosen = [path for path in chosen if (server.layout.checkout / path).exists()]
    browser.provide(server.layout)
    with server.cluster.in_use():
        server.provide_keyring()
        databases = Databases(server)
        template = databases.suite_template()
        results = {
            "tests of the addons": _addons(
                server, databases, template, [p for p in chosen if p.parts[0] == "addons"], options
            ),
            "tests of the running suite": _black_box(
                server, [p for p in chosen if p.parts[0] == "tests"], options
            ),
        }
    codes = {name: code for name, code in results.items() if code is not None}
    if not codes or all(code == _NOTHING_COLLECTED for code in codes.values()):
        return ["no test was found"]
    return [name for name, code in codes.items() if code not in (0, _NOTHING_COLLECTED)]


def _addons(
    server: Server,
    databases: Databases,
    template: str,
    paths: list[Path],
    options: argparse.Namespace,
) -> int | None:
    """pytest-odoo in a copy of the database that has the whole suite."""
    if not paths:
        return None
    with databases.scratch(template, "addons") as name:
        databases.arm(name, "automated tests")
        say(f"pytest: {' '.join(map(str, paths))} in a copy of {template}")
        config = server.write_config(name, max_cron_threads=0, db_name=name, dbfilter=f"^{name}$")
        given = ["--odoo-http", f"--odoo-config={config}", f"--odoo-database={name}"]
        try:
            return _pytest(server, config, given, paths, options)
        finally:
            config.unlink()


def _black_box(server: Server, paths: list[Path], options: argparse.Namespace) -> int | None:
    """Plain pytest: these tests start processes of their own."""
    if not paths:
        return None
    say(f"pytest: {' '.join(map(str, paths))}, driving real processes")
    config = server.write_config("odoo", max_cron_threads=0)
    return _pytest(server, config, ["-p", "no:odoo"], paths, options)


def _pytest(
    server: Server,
    config: Path,
    arguments: list[str],
    paths: list[Path],
    options: argparse.Namespace,
) -> int:
    expression = ["-k", options.k] if options.k else []
    # The checkout's root is a module of Odoo; pytest must not take it for a package of tests.
    top = f"--confcutdir={paths[0].parts[0]}"
    return subprocess.run(
        [
            server.layout.python,
            "-m",
            "pytest",
            top,
            *arguments,
            *expression,
            *map(os.fspath, paths),
        ],
        stdin=subprocess.DEVNULL,
        cwd=server.layout.checkout,
        env=server.process_environment(config) | _handed_on(options),
    ).returncode


def _handed_on(options: argparse.Namespace) -> dict[str, str]:
    """What a test process is told beside Odoo's own variables.

    The faults are few without --faults, and many with it. A seed repeats what chance did in a run
    that failed. With an Odoo of one's own the tests need not fetch another.
    """
    told = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return told | ({"INTEROP_FAULTS": "long"} if options.faults else {})


if __name__ == "__main__":
    main(program)
