"""The queue's SQL by name, read once from the files in ``sql/``."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_FRAGMENT = re.compile(r"\{\{(\w+)\}\}")


def parse(text: str) -> dict[str, str]:
    """Split a file of ``-- name: x`` sections.

    >>> parse("-- name: one\\nSELECT 1\\n\\n-- name: two\\nSELECT 2\\n")
    {'one': 'SELECT 1', 'two': 'SELECT 2'}
    """
    parts = _NAME.split(text)
    return {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def filled(texts: dict[str, str]) -> dict[str, str]:
    """Put fragments in their places: ``{{x}}`` stands for the section ``x``.

    What several statements must say alike is said once.

    >>> filled({"open": "'ready', 'dead'", "some": "state IN ({{open}})"})["some"]
    "state IN ('ready', 'dead')"
    """

    def fill(text: str) -> str:
        return _FRAGMENT.sub(lambda found: fill(texts[found.group(1)]), text)

    return {name: fill(text) for name, text in texts.items()}


@lru_cache(maxsize=1)
def _all() -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in sorted((Path(__file__).parent.parent / "sql").glob("*.sql")):
        found = parse(path.read_text(encoding="utf-8"))
        if twice := texts.keys() & found.keys():
            raise ValueError(f"{path.name}: named twice: {', '.join(sorted(twice))}")
        texts |= found
    return filled(texts)


def statement(name: str) -> str:
    """Return the statement ``name``; its comments travel along, so a slow query log names it."""
    return f"/* interop {name} */ {_all()[name]}"
