"""OCA queue_job: its package, in a folder of its own that only the benchmark looks into."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path

from interop_setup.console import run, say
from interop_setup.layout import Layout


def version(layout: Layout) -> str:
    """The version of the lock."""
    found = re.search(r"^odoo-addon-queue-job==(\S+)", _lock(layout).read_text(), re.MULTILINE)
    assert found, "requirements/bench.txt does not lock odoo-addon-queue-job"
    return found[1]


def provide(layout: Layout) -> Path:
    """Install what the lock says, unless it is there; return the folder.

    Without dependencies: the package asks for Odoo itself, which no index has, and for what is in
    the environment anyway.
    """
    digest = hashlib.sha256(_lock(layout).read_bytes()).hexdigest()[:12]
    folder = layout.runtime / "bench" / digest
    if folder.is_dir():
        return folder
    say(f"queue_job: installing {version(layout)}")
    fresh = folder.with_suffix(".new")
    shutil.rmtree(folder.parent, ignore_errors=True)
    pip = [os.fspath(layout.python), "-m", "pip", "--disable-pip-version-check", "install"]
    options = ["--no-input", "--no-deps", "--require-hashes", "--target", os.fspath(fresh)]
    run([*pip, *options, "--requirement", _lock(layout)], log=layout.logs / "bench-install.log")
    fresh.rename(folder)
    return folder


def _lock(layout: Layout) -> Path:
    return layout.checkout / "requirements" / "bench.txt"
