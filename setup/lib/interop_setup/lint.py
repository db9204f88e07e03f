"""`./setup/test --lint`: every hook of .pre-commit-config.yaml, also where there is no git."""

from __future__ import annotations

import re
import shlex
import subprocess

from .console import say
from .server import Server


def check(server: Server) -> list[str]:
    """Run all checks, show what they find, and return the names of those that were not content."""
    failed = []
    for name, entry in _hooks(server):
        say(f"check: {name}")
        result = subprocess.run(
            shlex.split(entry), cwd=server.layout.checkout, stdin=subprocess.DEVNULL
        )
        if result.returncode:
            failed.append(name)
    return failed


def _hooks(server: Server) -> list[tuple[str, str]]:
    """Names and commands. All hooks have one form, so that this needs no parser of YAML."""
    text = (server.layout.checkout / ".pre-commit-config.yaml").read_text()
    return re.findall(r"^ +name: (.+)\n +entry: (.+)\n +language: system$", text, re.MULTILINE)
