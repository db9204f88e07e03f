"""`setup/tool prettier [--check | --write]`: the format of views, scripts and data files."""

from __future__ import annotations

import shutil
import sys

from interop_setup import packages
from interop_setup.console import Word, main, run
from interop_setup.layout import Layout

from .programs import LAYOUT, passes

_PATTERN = "**/*.{xml,js,scss,css,json,yaml,yml}"


def program() -> int:
    home = LAYOUT.runtime / "prettier"
    _provide(LAYOUT)
    modules = home / "node_modules"
    mode = sys.argv[1] if len(sys.argv) > 1 else "--check"
    command: list[Word] = [
        shutil.which("node") or "node",
        modules / "prettier" / "bin" / "prettier.cjs",
        f"--plugin={modules / '@prettier' / 'plugin-xml' / 'src' / 'plugin.js'}",
        mode,
        "--log-level=warn",
        _PATTERN,
    ]
    return 0 if passes(command) else 1


def _provide(layout: Layout) -> None:
    """Install the locked versions once; the lock file lies in setup/prettier."""
    home = layout.runtime / "prettier"
    source = layout.checkout / "setup" / "prettier"
    stamp = home / "installed-lock.json"
    lock = (source / "package-lock.json").read_bytes()
    if stamp.exists() and stamp.read_bytes() == lock:
        return
    missing = [
        name for name, program in (("nodejs", "node"), ("npm", "npm")) if not shutil.which(program)
    ]
    if missing:
        packages.install(layout, missing)
    home.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(source / name, home / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    run(command, log=layout.logs / "npm.log", cwd=home)
    stamp.write_bytes(lock)


if __name__ == "__main__":
    main(program)
