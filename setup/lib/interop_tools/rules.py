"""`setup/tool rules`: what the design asks of the code and no other tool checks."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from interop_setup import suite

from .programs import LAYOUT

_LONGEST = 400
_WHOLE_FILE = re.compile(
    r"^\s*#\s*((ruff|flake8):\s*noqa|pylint:\s*(skip-file|disable)|mypy:\s*ignore)"
)
_REQUIREMENT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)")


def program() -> int:
    found = sorted([*imports(), *requirements(), *locks(), *lengths(), *whole_files()])
    for problem in found:
        print(problem)
    return 1 if found else 0


def imports(checkout: Path = LAYOUT.checkout) -> Iterator[str]:
    """Arrows point down, and a lib/ knows nothing of Odoo but the lib/ of a module under it."""
    for folder in suite.addons(checkout):
        under = suite.beneath(checkout, folder.name)
        for path in sorted(folder.rglob("*.py")):
            inside_lib = path.relative_to(folder).parts[0] == "lib"
            for line, name in _imported(path, folder):
                place = f"{path.relative_to(checkout)}:{line}:"
                parts = name.split(".")
                if parts[:2] == ["odoo", "addons"] and len(parts) > 2:
                    if parts[2].startswith("interop_") and parts[2] not in under:
                        yield f"{place} {folder.name} does not stand on {parts[2]}"
                    if inside_lib and parts[3:4] != ["lib"]:
                        yield f"{place} lib/ may import only the lib/ of an addon, not {name}"
                elif parts[0] == "odoo" and inside_lib:
                    yield f"{place} lib/ is pure Python and may not import {name}"


def _imported(path: Path, folder: Path) -> Iterator[tuple[int, str]]:
    """Absolute dotted names of everything a file imports."""
    package = ["odoo", "addons", folder.name, *path.relative_to(folder).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"


def requirements(checkout: Path = LAYOUT.checkout) -> Iterator[str]:
    """requirements.txt is exactly what the manifests ask for."""
    asked: dict[str, str] = {}
    for folder in suite.addons(checkout):
        for name in suite.manifest(folder).get("external_dependencies", {}).get("python", ()):
            asked[_plain(name)] = folder.name
    written = set(_names(checkout / "requirements.txt"))
    for name in sorted(asked.keys() - written):
        yield f"requirements.txt: lacks {name}, which {asked[name]} needs"
    for name in sorted(written - asked.keys()):
        yield f"requirements.txt: {name} is in no manifest's external_dependencies"


def locks(checkout: Path = LAYOUT.checkout) -> Iterator[str]:
    """The locks hold all that is asked for, agree with each other, and name no host."""
    folder = checkout / "requirements"
    versions = {name: _pins(folder / f"{name}.txt") for name in ("run", "test")}
    asked = {
        "run": [checkout / "requirements.txt", folder / "odoo.in", folder / "run.in"],
        "test": [checkout / "requirements.txt", folder / "odoo.in", folder / "test.in"],
    }
    for lock, sources in asked.items():
        for source in sources:
            for name in sorted(set(_names(source)) - versions[lock].keys()):
                yield f"requirements/{lock}.txt: lacks {name}: run ./setup/tool lock"
    for name, pins in versions["run"].items():
        if versions["test"].get(name) != pins:
            yield f"requirements: {name} differs between run.txt and test.txt"
    for path in [*folder.iterdir(), checkout / "requirements.txt"]:
        if "://" in path.read_text():
            yield f"{path.relative_to(checkout)}: names a host"
    if '"resolved"' in (checkout / "setup/prettier/package-lock.json").read_text():
        yield "setup/prettier/package-lock.json: names the registry it was made with"


def lengths(checkout: Path = LAYOUT.checkout) -> Iterator[str]:
    """No file of code is longer than one can read in a sitting."""
    for path in _sources(checkout, "*.py", "*.js"):
        count = len(path.read_text().splitlines())
        if count >= _LONGEST:
            yield f"{path.relative_to(checkout)}: {count} lines, {_LONGEST} are too many"


def whole_files(checkout: Path = LAYOUT.checkout) -> Iterator[str]:
    """No check is switched off for a whole file."""
    for path in _sources(checkout, "*.py"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if _WHOLE_FILE.match(line):
                yield f"{path.relative_to(checkout)}:{number}: switches a check off: {line.strip()}"


def _sources(checkout: Path, *patterns: str) -> Iterator[Path]:
    for top in ("addons", "setup", "tests"):
        for pattern in patterns:
            yield from sorted((checkout / top).rglob(pattern))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _names(path: Path) -> Iterator[str]:
    for line in path.read_text().splitlines():
        found = _REQUIREMENT.match(line)
        if found:
            yield _plain(found[1])


def _pins(path: Path) -> dict[str, set[str]]:
    """Versions by name; a universal lock may hold several of one name, for different Pythons."""
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", path.read_text(), re.MULTILINE):
        pins.setdefault(_plain(name), set()).add(version)
    return pins


if __name__ == "__main__":
    sys.exit(program())
