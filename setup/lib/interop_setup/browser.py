"""A browser for the tests that look at the web client."""

from __future__ import annotations

import shutil
from pathlib import Path

from . import packages
from .console import StepFailed, say
from .layout import Layout

# Chromium without a window, a third lighter than the whole of it.
_SHELL = "chromium-headless-shell"
_NAMES = (_SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The path of a Chromium that is installed."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def provide(layout: Layout) -> str:
    """Debian's Chromium and what Playwright needs to drive it, installed if they are missing."""
    missing = [] if shutil.which(_SHELL) else [_SHELL]
    if not any(Path("/usr/lib").glob("*/libatomic.so.1")):
        missing.append("libatomic1")
    if missing:
        try:
            packages.install(layout, missing)
        except StepFailed as failure:
            if find() is None:
                raise
            say(f"the tests use the Chromium that is here ({failure})")
    found = find()
    if found is None:
        raise StepFailed("Chromium was not found after installing its package")
    return found
