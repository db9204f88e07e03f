"""Odoo 19: the one that ODOO_HOME points to, or Debian's package unpacked below `.runtime/`."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import packages
from .console import StepFailed, run, say
from .layout import Layout, point

_SUITES = ("sid", "testing", "stable")
_PACKAGES = (
    "odoo-19",
    # The web client's fonts and scripts are links that resolve inside the unpacked tree.
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-font-awesome",
    "fonts-inconsolata",
    "fonts-ocr-b",
    "fonts-glyphicons-halflings",
)


@dataclass(frozen=True)
class Odoo:
    """An Odoo that can be imported: the package's folder and the folders of its addons."""

    package: Path
    addons: tuple[Path, ...]
    version: str


def provide(layout: Layout) -> Odoo:
    """Find or fetch Odoo 19 and make it importable from `layout.import_path`."""
    home = os.environ.get("ODOO_HOME")
    if home:
        odoo = _look(Path(home).expanduser().resolve())
        if odoo is None:
            raise StepFailed(f"ODOO_HOME={home} holds no Odoo (no odoo/release.py)")
        say(f"Odoo {odoo.version} of ODOO_HOME")
    else:
        odoo = _look(layout.unpacked_odoo)
        if odoo is None:
            _unpack(layout)
            odoo = _look(layout.unpacked_odoo)
        if odoo is None:
            raise StepFailed(f"the downloaded package holds no Odoo below {layout.unpacked_odoo}")
        say(f"Odoo {odoo.version} below .runtime/odoo")
    if not odoo.version.startswith("19."):
        raise StepFailed(f"the suite is for Odoo 19, and {odoo.package} is {odoo.version}")
    _make_importable(layout, odoo)
    return odoo


def _look(home: Path) -> Odoo | None:
    """Understands a source checkout, a dist-packages folder, the package and an unpacked .deb."""
    for package in (home / "odoo", home / "usr/lib/python3/dist-packages/odoo", home):
        release = package / "release.py"
        if release.is_file():
            found = re.search(r"^version_info = \((\d+), (\d+)", release.read_text(), re.MULTILINE)
            beside = package.parent / "addons"  # where a source checkout keeps the business addons
            folders = (package / "addons", *([beside] if (beside / "web").is_dir() else []))
            return Odoo(package, folders, f"{found[1]}.{found[2]}" if found else "?")
    return None


def _unpack(layout: Layout) -> None:
    downloads = layout.runtime / "apt" / "packages"
    shutil.rmtree(downloads, ignore_errors=True)
    try:
        packages.download(layout, _SUITES, _PACKAGES, downloads)
    except StepFailed as failure:
        raise StepFailed(
            f"{failure}\nOdoo 19 could not be downloaded. "
            "If you have it, set ODOO_HOME to its folder and run this again."
        ) from None
    say("Odoo: unpacking")
    fresh = layout.runtime / "odoo.unpacking"
    shutil.rmtree(fresh, ignore_errors=True)
    for archive in sorted(downloads.glob("*.deb")):
        run(["dpkg", "-x", archive, fresh], log=layout.logs / "dpkg.log")
    shutil.rmtree(layout.unpacked_odoo, ignore_errors=True)
    fresh.rename(layout.unpacked_odoo)  # what bears the final name is whole
    shutil.rmtree(downloads)


def _make_importable(layout: Layout, odoo: Odoo) -> None:
    """Link the package alone: all of dist-packages would bring Debian's versions along."""
    point(layout.import_path / "odoo", odoo.package)
    for old in layout.import_path.glob("*.egg-info"):
        old.unlink()
    for info in odoo.package.parent.glob("odoo-19*.egg-info"):
        point(layout.import_path / info.name, info)
