"""Whether a flow can go live: checks by code, and what they find. A check says what to do.

A check is a function that looks at a flow (a record of `interop.flow`, with the engine's rights)
and yields findings. Modules register their own under a code of their own:

>>> finding = Finding("address", MISSING, "The connector has no endpoint.")
>>> progress([finding, Finding("owner", READY, "Ada answers for it.")])
(1, 2)
>>> worst([finding]), worst([])
('missing', 'ready')
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from odoo.addons.interop_base.lib.registry import Registry
from odoo.addons.interop_document.lib.fields import Field
from odoo.addons.interop_document.lib.mapping.rows import Row

READY, WARNING, MISSING = "ready", "warning", "missing"
STATUSES = {MISSING: "Missing", WARNING: "Look at it", READY: "Ready"}
# The worst first: that is what people have to do something about.
_RANKS = {status: rank for rank, status in enumerate(STATUSES)}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says. `target` is the model and the id of what to fix."""

    check: str
    status: str
    sentence: str
    target: tuple[str, int] | None = None

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"A finding is ready, warning or missing, not {self.status}.")


Look = Callable[[Any], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """`position` orders checks as people go through them."""

    code: str
    label: str
    position: int
    look: Look


CHECKS: Registry[Check] = Registry("readiness check")


def check(code: str, label: str, position: int) -> Callable[[Look], Look]:
    """Register the function below under `code`."""

    def register(look: Look) -> Look:
        CHECKS.register(code, Check(code, label, position, look))
        return look

    return register


def announce(code: str, label: str, position: int) -> None:
    """Name a check whose findings a handler's `_readiness` makes."""
    CHECKS.register(code, Check(code, label, position, nothing))


def nothing(_flow: Any) -> Iterable[Finding]:
    """Looks at nothing itself."""
    return ()


def in_order() -> list[Check]:
    """All checks, as people go through them."""
    return sorted((each for _code, each in CHECKS), key=lambda each: (each.position, each.code))


def label_of(code: str) -> str:
    """What people read for a check's code."""
    return CHECKS.get(code).label if code in CHECKS else code


def worst(findings: Iterable[Finding]) -> str:
    """The status that counts for several findings; nothing found is ready."""
    return min((each.status for each in findings), key=_RANKS.__getitem__, default=READY)


def progress(findings: Iterable[Finding]) -> tuple[int, int]:
    """How many checks are ready, of how many. One with several findings counts once."""
    by_check: dict[str, list[Finding]] = {}
    for finding in findings:
        by_check.setdefault(finding.check, []).append(finding)
    ready = sum(worst(found) == READY for found in by_check.values())
    return ready, len(by_check)


def some(names: Iterable[str], most: int = 5) -> str:
    """A list for a sentence: the first names, and how many more there are.

    >>> some(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    listed = list(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


# -- fields ----------------------------------------------------------------------------------------


def required_paths(fields: Iterable[Field]) -> list[str]:
    """Leaf fields that a document has in any case: required, as are all groups around them.

    A list may be empty, so what is required in its entries counts as soon as the list does.
    """
    by_path = {each.path: each for each in fields}
    return [path for path, each in by_path.items() if each.is_leaf and _demanded(path, by_path)]


def _demanded(path: str, by_path: Mapping[str, Field]) -> bool:
    while path:
        known = by_path.get(path)
        if known is not None and not known.required:
            return False
        path = path.rpartition(".")[0]
    return True


def strange_targets(rows: Iterable[Row], fields: Iterable[Field]) -> list[str]:
    """Targets of an inbound mapping's rows that are no field of the document type."""
    known = {each.path for each in fields}
    targets = (row.target.replace('"', "") for row in rows)
    return [target for target in targets if target not in known]


def unfilled(rows: Iterable[Row], required: Iterable[str]) -> list[str]:
    """Required fields that no row of an inbound mapping fills.

    A row may put a whole group or list at once, which fills what is in it.
    """
    targets = [row.target.replace('"', "") for row in rows if not row.each]
    return [
        path
        for path in required
        if not any(path == each or path.startswith((f"{each}.", f"{each}[]")) for each in targets)
    ]
