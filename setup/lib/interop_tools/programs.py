"""Runs the tools of others over the checkout."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from interop_setup.console import Word
from interop_setup.layout import Layout

LAYOUT = Layout.here()


def script(name: str) -> Path:
    """A program of the virtual environment."""
    return LAYOUT.environment / "bin" / name


def passes(command: Sequence[Word], **variables: str) -> bool:
    """Run a command in the checkout, show what it says, and tell whether it was content."""
    return (
        subprocess.run(
            command,
            cwd=LAYOUT.checkout,
            env={**os.environ, "PYTHONPATH": "", **variables},
            stdin=subprocess.DEVNULL,
        ).returncode
        == 0
    )
