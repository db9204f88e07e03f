"""A browser for the tests that look at the web client."""

from __future__ import annotations

import shutil

from . import packages
from .console import StepFailed
from .layout import Layout

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The path of a Chromium that is installed."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def provide(layout: Layout) -> str:
    """Debian's Chromium, installed if the machine has none."""
    if find() is None:
        packages.install(layout, ["chromium"])
    found = find()
    if found is None:
        raise StepFailed("Chromium was not found after installing its package")
    return found
