"""Databases that take minutes to make are made once and copied.

`interop_base_<digest>` holds what the addons need of Odoo itself, `interop_suite_<digest>` all
modules of the checkout on top of it. The digests change with what is in them, so a copy is never
out of date.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import suite
from .console import StepFailed, say
from .server import Server

_BASE, _SUITE, SCRATCH = "interop_base_", "interop_suite_", "interop_scratch_"


class Databases:
    """Makes and copies the project's databases, their filestores included."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._cluster = server.cluster
        self._checkout = server.layout.checkout

    def base_template(self, module: str = "") -> str:
        """Odoo's own modules only: those that a module needs, or all that the checkout needs."""
        modules = suite.foundation(self._checkout, module)
        return self._template(self._base_name(modules), None, modules)

    def suite_template(self) -> str:
        """Everything in the checkout installed."""
        base = self.base_template()
        name = _SUITE + _short([base, suite.tree_digest(self._checkout)])
        return self._template(name, base, suite.module_names(self._checkout))

    def copy(self, source: str, target: str) -> None:
        """A copy of a database under another name; an older one of that name is dropped."""
        self.drop(target)
        self._cluster.copy(source, target)
        store = self._filestore(source)
        if store.is_dir():
            # Files of a filestore are added and removed, never changed: a link is a copy.
            shutil.copytree(store, self._filestore(target), copy_function=os.link)

    def drop(self, name: str) -> None:
        """Drop a database and its filestore; it need not exist."""
        self._cluster.drop(name)
        shutil.rmtree(self._filestore(name), ignore_errors=True)

    @contextmanager
    def scratch(self, source: str, purpose: str) -> Iterator[str]:
        """A copy of a database that is dropped at the end."""
        self._drop_orphans()
        name = f"{SCRATCH}{os.getpid()}_{purpose}"
        self.copy(source, name)
        try:
            yield name
        finally:
            self.drop(name)

    def _drop_orphans(self) -> None:
        """Copies that a killed process left behind; the name tells whose they were."""
        for name in self._cluster.names():
            owner = name.removeprefix(SCRATCH).partition("_")[0]
            if name.startswith(SCRATCH) and not Path("/proc", owner).exists():
                self.drop(name)

    def arm(self, name: str, reason: str) -> None:
        """A copied database is silent by design: tell it that this server is its right place."""
        self._server.call("interop_arm", "-d", name, "--reason", reason, log="arm")

    def _template(self, name: str, source: str | None, modules: list[str]) -> str:
        with self._server.layout.locked("databases"):
            existing = self._cluster.names()
            if name not in existing:
                fresh = f"{name}_new"
                say(f"database: installing {len(modules)} modules: {' '.join(modules)}")
                if source:
                    self.copy(source, fresh)
                else:
                    self.drop(fresh)
                    self._cluster.create(fresh)
                self._server.install(fresh, modules)
                self._check_installed(fresh, modules)
                self._cluster.rename(fresh, name)
                shutil.rmtree(self._filestore(name), ignore_errors=True)
                if self._filestore(fresh).is_dir():
                    self._filestore(fresh).rename(self._filestore(name))
                self._drop_outdated(name)
            return name

    def _drop_outdated(self, fresh: str) -> None:
        names = [*suite.module_names(self._checkout), ""]
        kept = {self._base_name(suite.foundation(self._checkout, name)) for name in names}
        for old in self._cluster.names():
            if old.startswith(_BASE) and old not in kept:
                self.drop(old)
            elif old.startswith(_SUITE) and fresh.startswith(_SUITE) and old != fresh:
                self.drop(old)

    def _base_name(self, modules: list[str]) -> str:
        return _BASE + _short([self._server.odoo.version, *modules])

    def _check_installed(self, name: str, modules: list[str]) -> None:
        rows = self._cluster.query(
            name, "SELECT name FROM ir_module_module WHERE state = 'installed'"
        )
        missing = sorted(set(modules) - set(rows))
        if missing:
            log = self._server.layout.logs / "install.log"
            raise StepFailed(f"Odoo did not install {', '.join(missing)}: see {log}")

    def _filestore(self, name: str) -> Path:
        return self._server.layout.data / "filestore" / name


def _short(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
