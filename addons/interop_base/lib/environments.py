"""The environments an installation or a connector can belong to."""

from typing import Final

ENVIRONMENTS: Final[list[tuple[str, str]]] = [
    ("development", "Development"),
    ("test", "Test"),
    ("staging", "Staging"),
    ("production", "Production"),
]

CODES: Final[frozenset[str]] = frozenset(code for code, _label in ENVIRONMENTS)


def label(code: str | None) -> str:
    """The name people read for an environment's code.

    >>> label("production")
    'Production'
    >>> label(None)
    'none'
    """
    return dict(ENVIRONMENTS).get(code or "", code or "none")
