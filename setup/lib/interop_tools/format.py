"""`setup/tool format`: rewrites code and views the way the checks want them."""

from __future__ import annotations

import sys

from .programs import passes, script


def program() -> int:
    done = [
        passes([script("ruff"), "check", "--fix"]),
        passes([script("ruff"), "format"]),
        passes(["setup/tool", "prettier", "--write"]),
    ]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(program())
