"""`./setup/test`: installs what is missing, runs the tests, exits non-zero on any failure."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from . import browser, machine
from .console import StepFailed, main, say
from .databases import Databases
from .parts import Call, Part, Run
from .server import Server

_NOTHING_COLLECTED = 5
_LONGEST_FIRST = (
    "tests/journeys",
    "tests/faults",
    "tests/faults: copies",
    "tests/test_modules.py",
    "addons",
)
# A folder that takes longest makes two parts: these files are one of their own.
_APART = {
    "tests/faults": (
        "copies",
        ("test_backfill.py", "test_batches.py", "test_copies.py", "test_direct.py",
         "test_partners.py", "test_recovery.py", "test_trail_bent.py"),
    )
}  # fmt: skip
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
    parser.add_argument(
        "-j",
        dest="at_once",
        type=int,
        metavar="N",
        help="so many parts of the run beside each other (default: one more than it has cores)",
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
        parts = [
            _part(server, databases, template, name, inside, options)
            for name, inside in _divided(server.layout.checkout, chosen).items()
        ]
        # The fault tests mostly wait: beside the others a core would stand still.
        codes = Run(parts, options.at_once or (os.cpu_count() or 1) + 1).codes()
    if all(code == _NOTHING_COLLECTED for code in codes.values()):
        return ["no test was found"]
    return [name for name, code in codes.items() if code not in (0, _NOTHING_COLLECTED)]


def _divided(checkout: Path, paths: Sequence[Path]) -> dict[str, list[Path]]:
    """The paths by the part of the run they belong to; what takes longest begins first.

    The addons are one part; so is each folder (or two, see `_APART`) and each file directly below
    tests/: their tests share processes, databases and files with each other, and nothing with other
    parts.
    """
    found: dict[str, list[Path]] = {}
    for path in paths:
        if path == Path("tests"):
            inside = sorted((checkout / path).iterdir())
            each = [
                path / p.name for p in inside if p.match("test_*.py") or any(p.glob("test_*.py"))
            ]
        else:
            each = [path]
        for one in each:
            name = "addons" if one.parts[0] == "addons" else "/".join(one.parts[:2])
            if os.fspath(one) not in _APART:
                found.setdefault(name, []).append(one)
                continue
            name_apart, files = _APART[name]
            found.setdefault(name, []).extend(_others(checkout, one, files))
            found.setdefault(f"{name}: {name_apart}", []).extend(one / file for file in files)
    order = {name: number for number, name in enumerate(_LONGEST_FIRST)}
    return {name: found[name] for name in sorted(found, key=lambda n: order.get(n, len(order)))}


def _others(checkout: Path, folder: Path, files: Sequence[str]) -> list[Path]:
    """The tests in the folder beside `files`, each of which must be there."""
    there = {path.name for path in (checkout / folder).glob("test_*.py")}
    if gone := set(files) - there:
        raise StepFailed(f"{folder} has no {', '.join(sorted(gone))}: see _APART in setup/test")
    return [folder / name for name in sorted(there - set(files))]


def _part(
    server: Server,
    databases: Databases,
    template: str,
    name: str,
    paths: list[Path],
    options: argparse.Namespace,
) -> Part:
    prepared = (
        partial(_addons, server, databases, template, paths, options)
        if name == "addons"
        else partial(_black_box, server, name, paths, options)
    )
    log = server.layout.logs / f"tests-{_slug(name)}.log"
    return Part(f"tests of {name}", log, prepared)


@contextmanager
def _addons(
    server: Server,
    databases: Databases,
    template: str,
    paths: list[Path],
    options: argparse.Namespace,
) -> Iterator[Call]:
    """pytest-odoo in a copy of the database that has the whole suite."""
    with databases.scratch(template, "addons") as name:
        databases.arm(name, "automated tests")
        config = server.write_config(name, max_cron_threads=0, db_name=name, dbfilter=f"^{name}$")
        given = ["--odoo-http", f"--odoo-config={config}", f"--odoo-database={name}"]
        try:
            yield _pytest(server, config, given, paths, options)
        finally:
            config.unlink()


@contextmanager
def _black_box(
    server: Server, name: str, paths: list[Path], options: argparse.Namespace
) -> Iterator[Call]:
    """Plain pytest: these tests start processes of their own."""
    config = server.write_config("odoo", max_cron_threads=0)
    call = _pytest(server, config, ["-p", "no:odoo"], paths, options)
    yield replace(call, env={**call.env, "TEST_PART": _slug(name)})


def _slug(name: str) -> str:
    """What a part's files are called after.

    >>> _slug("tests/test_modules.py"), _slug("tests/faults"), _slug("tests/faults: copies")
    ('test_modules', 'faults', 'copies')
    """
    return Path(name.split(": ")[-1]).stem


def _pytest(
    server: Server,
    config: Path,
    arguments: list[str],
    paths: list[Path],
    options: argparse.Namespace,
) -> Call:
    expression = ["-k", options.k] if options.k else []
    colour = ["--color=yes"] if sys.stdout.isatty() and "NO_COLOR" not in os.environ else []
    # The checkout's root is a module of Odoo; pytest must not take it for a package of tests.
    top = f"--confcutdir={paths[0].parts[0]}"
    return Call(
        [
            server.layout.python,
            "-m",
            "pytest",
            top,
            *arguments,
            *colour,
            *expression,
            *map(os.fspath, paths),
        ],
        env=server.process_environment(config) | _handed_on(options),
        cwd=server.layout.checkout,
    )


def _handed_on(options: argparse.Namespace) -> dict[str, str]:
    """What a test process is told beside Odoo's own variables.

    The faults are few without --faults, and many with it. A seed repeats what chance did in a run
    that failed. With an Odoo of one's own the tests need not fetch another.
    """
    told = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return told | ({"INTEROP_FAULTS": "long"} if options.faults else {})


if __name__ == "__main__":
    main(program)
