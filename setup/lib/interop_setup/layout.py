"""Where everything is. One place, so that no other file builds a path of the runtime."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .console import StepFailed


@dataclass(frozen=True)
class Layout:
    """The checkout and the folder `.runtime/` in it, which git ignores and anybody may delete."""

    checkout: Path

    @classmethod
    def here(cls) -> Layout:
        """The checkout that this file stands in, whatever it is called."""
        return cls(Path(__file__).resolve().parents[3])

    @property
    def runtime(self) -> Path:
        return self.checkout / ".runtime"

    @property
    def unpacked_odoo(self) -> Path:
        """Where Debian's package is unpacked; unused with ODOO_HOME."""
        return self.runtime / "odoo"

    @property
    def import_path(self) -> Path:
        """Holds a link to the `odoo` package and nothing else, to be put on PYTHONPATH."""
        return self.runtime / "import"

    @property
    def links(self) -> Path:
        """Holds `interop_suite`: the root's module by its name, whatever the checkout is called."""
        return self.runtime / "links"

    @property
    def environment(self) -> Path:
        """The virtual environment."""
        return self.runtime / "python"

    @property
    def python(self) -> Path:
        return self.environment / "bin" / "python"

    @property
    def addons(self) -> Path:
        return self.checkout / "addons"

    @property
    def data(self) -> Path:
        """Odoo's data_dir: filestore and sessions."""
        return self.runtime / "data"

    @property
    def keyring(self) -> Path:
        return self.runtime / "keyring.json"

    @property
    def run(self) -> Path:
        """Pid files, configurations and journals of running processes."""
        return self.runtime / "run"

    @property
    def logs(self) -> Path:
        return self.runtime / "log"

    @property
    def digest(self) -> str:
        """A short name for this checkout, for folders outside it."""
        return hashlib.sha256(os.fsencode(self.checkout)).hexdigest()[:12]

    def prepare(self) -> None:
        """Make the folders, or say who may."""
        try:
            for folder in (
                self.runtime,
                self.links,
                self.import_path,
                self.data,
                self.run,
                self.logs,
            ):
                folder.mkdir(parents=True, exist_ok=True)
            self._name_the_umbrella()
        except PermissionError as refused:
            raise StepFailed(
                f"{refused.filename} cannot be written. Was .runtime/ made by another user? "
                "Run this as that user, or delete .runtime/ and run it again."
            ) from None

    def _name_the_umbrella(self) -> None:
        """Link the files of the root's module, not the whole checkout: that holds this very folder,
        and what follows links (Odoo's export of terms does) would walk in a circle."""
        umbrella = self.links / "interop_suite"
        if umbrella.is_symlink():
            umbrella.unlink()
        umbrella.mkdir(exist_ok=True)
        for name in ("__init__.py", "__manifest__.py", "static"):
            point(umbrella / name, self.checkout / name)

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Only one process of this checkout at a time does what stands inside."""
        with (self.run / f"{name}.lock").open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def point(link: Path, target: Path) -> None:
    """Make `link` a symbolic link to `target`, whatever it was before."""
    if link.is_symlink():
        if link.readlink() == target:
            return
        link.unlink()
    link.symlink_to(target)
