"""The virtual environment with the locked versions of `requirements/`."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import sys
from pathlib import Path

from . import packages
from .console import StepFailed, ask, run, say
from .layout import Layout

_LARGER = {"run": ("run", "test"), "test": ("test",)}
"""A larger lock will do as well: `test` holds all that `run` holds, in the same versions."""


def provide(layout: Layout, lock: str) -> None:
    """Make the environment hold what `requirements/<lock>.txt` says, unless it does already."""
    stamp = layout.environment / "interop-lock"
    known = {_digest(layout, name) for name in _LARGER[lock]}
    if _works(layout.python) and stamp.exists() and stamp.read_text() in known:
        say("Python packages are those of the lock")
        return
    if not _works(layout.python):
        _create(layout)
    stamp.unlink(missing_ok=True)
    text = _lock(layout, lock)
    count = len(re.findall("^[a-z0-9].*==", text.read_text(), re.MULTILINE))
    say(f"Python packages: installing {count} locked versions")
    _install(layout, text)
    stamp.write_text(_digest(layout, lock))


def _lock(layout: Layout, name: str) -> Path:
    return layout.checkout / "requirements" / f"{name}.txt"


def _digest(layout: Layout, name: str) -> str:
    return hashlib.sha256(_lock(layout, name).read_bytes() + sys.version.encode()).hexdigest()


def _works(python: Path) -> bool:
    return python.exists() and ask([python, "-c", "import encodings"]).returncode == 0


def _create(layout: Layout) -> None:
    say(f"Python {sys.version.split()[0]}: making a virtual environment")
    shutil.rmtree(layout.environment, ignore_errors=True)
    base = getattr(sys, "_base_executable", sys.executable)
    log = layout.logs / "python.log"
    if importlib.util.find_spec("ensurepip") is None:
        uv = shutil.which("uv")
        if uv:
            run([uv, "venv", "--seed", "--python", base, layout.environment], log=log)
            return
        # Debian keeps ensurepip in a package of its own, one per Python version.
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        packages.install(layout, ["python3-venv", f"python{version}-venv"])
    run([base, "-m", "venv", layout.environment], log=log)


def _install(layout: Layout, lock: Path) -> None:
    """With uv (seconds), which comes with the lock itself; with pip if uv does not run here."""
    log = layout.logs / "python.log"
    pip = [os.fspath(layout.python), "-m", "pip", "--disable-pip-version-check"]
    try:
        _install_uv(layout, pip, lock, log)
        run(
            [
                layout.python,
                "-m",
                "uv",
                "pip",
                "install",
                "--python",
                layout.python,
                "--requirement",
                lock,
            ],
            log=log,
            env=_environment_for_uv(pip),
        )
    except StepFailed:
        say("Python packages: once more, with pip")
        run([*pip, "install", "--no-input", "--requirement", lock], log=log)


def _install_uv(layout: Layout, pip: list[str], lock: Path, log: Path) -> None:
    """Only uv's own lines of the lock, so that its hashes are checked too."""
    found = re.search(r"^uv==.*?(?=^\S|\Z)", lock.read_text(), re.MULTILINE | re.DOTALL)
    if not found:
        raise StepFailed("uv is not in the lock")
    only_uv = layout.environment / "uv.txt"
    only_uv.write_text(found[0])
    run([*pip, "install", "--no-input", "--requirement", only_uv], log=log)


def _environment_for_uv(pip: list[str]) -> dict[str, str]:
    """uv does not read pip's configuration: tell it the index and the machine's certificates."""
    environment = {**os.environ, "UV_LINK_MODE": "copy"}
    if Path("/etc/ssl/certs/ca-certificates.crt").exists():
        environment["UV_SYSTEM_CERTS"] = "1"
    asked = ask([*pip, "config", "get", "global.index-url"])
    index = os.environ.get("PIP_INDEX_URL") or asked.stdout.strip()
    if index and "UV_DEFAULT_INDEX" not in environment and "UV_INDEX_URL" not in environment:
        environment["UV_DEFAULT_INDEX"] = index
    return environment
