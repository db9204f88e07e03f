"""What `odoo interop_check` tells: a line for each check and sample, a diff below what differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from .readiness import MISSING, READY, WARNING
from .samples import DIFFERENCE, ERROR, SAME, Verdict

DRAFT, LIVE = "draft", "live"
SAMPLES, VERSION = "samples", "version"

# What the first word of a line says.
WORDS = {READY: "ready", WARNING: "look", MISSING: "MISSING", DIFFERENCE: "DIFFERS", ERROR: "FAILS"}
# With one of these the command ends with 1.
BAD = frozenset({MISSING, DIFFERENCE, ERROR})


@dataclass(frozen=True, slots=True)
class Line:
    """What one check, or one sample over the draft or over what is live, came to."""

    check: str
    label: str
    status: str
    sentence: str = ""
    against: str = DRAFT
    target: tuple[str, int] | None = None
    diff: tuple[str, ...] = ()

    @property
    def is_bad(self) -> bool:
        return self.status in BAD


@dataclass(frozen=True, slots=True)
class Checked:
    """All that was checked about one flow. `version`: the number of what is live; 0 if nothing."""

    code: str
    name: str
    state: str
    version: int = 0
    lines: tuple[Line, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def line_of(name: str, verdict: Verdict, against: str, target: tuple[str, int]) -> Line:
    """A sample's line."""
    status = READY if verdict.outcome == SAME else verdict.outcome
    sentence = verdict.sentence or "As expected."
    return Line(SAMPLES, f"Sample “{name}”", status, sentence, against, target, verdict.diff)


def count_bad(checked: Iterable[Checked]) -> int:
    """How many lines say that something is missing, differs or fails."""
    return sum(line.is_bad for each in checked for line in each.lines)


def as_text(checked: Iterable[Checked]) -> Iterator[str]:
    """Lines for people, and for the log of a CI."""
    listed = list(checked)
    for each in listed:
        live = f"live: version {each.version}" if each.version else "nothing is live"
        yield f"{each.code}: {each.name} ({each.state}, {live})"
        for line in each.lines:
            told = line.sentence.replace("\n", " ")
            where = f" [{line.against}]" if line.check in (SAMPLES, VERSION) else ""
            yield f"  {WORDS[line.status]:<8} {line.label}{where}: {told}"
            yield from (f"           {text}" for text in line.diff)
    lines = [line for each in listed for line in each.lines]
    bad = count_bad(listed)
    told = f"{bad} to see to" if bad else "all is well"
    yield f"{len(listed)} flow(s), {len(lines)} check(s): {told}."
