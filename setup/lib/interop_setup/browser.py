"""A browser for the tests that look at the web client."""

from __future__ import annotations

import shutil
from pathlib import Path

from . import packages
from .console import StepFailed
from .layout import Layout

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The path of a Chromium that is installed."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def provide(layout: Layout) -> str:
    """Debian's Chromium and what Playwright needs to drive it, installed if they are missing."""
    missing = [] if find() else ["chromium"]
    if not any(Path("/usr/lib").glob("*/libatomic.so.1")):
        missing.append("libatomic1")
    if missing:
        packages.install(layout, missing)
    found = find()
    if found is None:
        raise StepFailed("Chromium was not found after installing its package")
    return found
