"""Lengths of time in words that a list has room for."""

from __future__ import annotations

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def span(seconds: float) -> str:
    """The two largest units, or one if the second would be nothing.

    >>> span(0), span(59.6), span(310), span(7200), span(93784), span(-3)
    ('0 s', '1 min', '5 min 10 s', '2 h', '1 d 2 h', '0 s')
    """
    left = max(round(seconds), 0)
    parts: list[str] = []
    for size, unit in _UNITS:
        number, left = divmod(left, size)
        if number:
            parts.append(f"{number} {unit}")
        elif parts:
            break
        if len(parts) == 2:
            break
    return " ".join(parts) or "0 s"
