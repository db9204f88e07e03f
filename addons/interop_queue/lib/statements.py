"""The queue's SQL by name, read once from ``sql/queue.sql``."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def parse(text: str) -> dict[str, str]:
    """Split a file of ``-- name: x`` sections.

    >>> parse("-- name: one\\nSELECT 1\\n\\n-- name: two\\nSELECT 2\\n")
    {'one': 'SELECT 1', 'two': 'SELECT 2'}
    """
    parts = _NAME.split(text)
    return {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


@lru_cache(maxsize=1)
def _all() -> dict[str, str]:
    path = Path(__file__).parent.parent / "sql" / "queue.sql"
    return parse(path.read_text(encoding="utf-8"))


def statement(name: str) -> str:
    """Return the statement ``name``; its comments travel along, so a slow query log names it."""
    return f"/* interop {name} */ {_all()[name]}"
