"""How far what a partner received reaches: documents and fields with counts, out of their forms."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .told import Told

NOTHING = Told("", "", "", "")


@dataclass(frozen=True, slots=True)
class Form:
    """Messages of one kind, made by one version, that had the same fields. Times in UTC."""

    document: str
    version: str
    shape: str
    """Its digest; empty if it was not recorded."""
    messages: int
    first: datetime
    last: datetime


@dataclass(slots=True)
class Count:
    """Messages, the versions that made them, and when the first and the last were sent."""

    messages: int = 0
    made_by: set[str] = field(default_factory=set)
    first: datetime = datetime.max
    last: datetime = datetime.min

    def add(self, form: Form) -> None:
        self.messages += form.messages
        self.made_by.add(form.version)
        self.first, self.last = min(self.first, form.first), max(self.last, form.last)

    @property
    def versions(self) -> int:
        return len(self.made_by)


@dataclass(slots=True)
class KindCount(Count):
    document: str = ""
    fields: int = 0


@dataclass(slots=True)
class FieldCount(Count):
    document: str = ""
    told: Told = NOTHING


@dataclass(frozen=True, slots=True)
class Breadth:
    kinds: tuple[KindCount, ...]
    lines: tuple[FieldCount, ...]
    """Per document the most sensitive fields first; a field twice if it was treated differently."""


def breadth_of(forms: Iterable[Form], told: Mapping[tuple[str, str], Iterable[Told]]) -> Breadth:
    """Count `forms`; `told` names the fields by (version, shape), see `interop.told`."""
    kinds: dict[str, KindCount] = {}
    lines: dict[tuple[str, str, str, str], FieldCount] = {}
    paths: dict[str, set[str]] = {}
    for form in forms:
        kind = kinds.setdefault(form.document, KindCount(document=form.document))
        kind.add(form)
        for each in told.get((form.version, form.shape), ()):
            key = (form.document, each.path, each.sensitivity, each.action)
            if key not in lines:
                lines[key] = FieldCount(document=form.document, told=each)
            lines[key].add(form)
            paths.setdefault(form.document, set()).add(each.path)
    for document, kind in kinds.items():
        kind.fields = len(paths.get(document, ()))
    by_size = sorted(kinds.values(), key=lambda kind: (-kind.messages, kind.document))
    place = {kind.document: number for number, kind in enumerate(by_size)}
    ordered = sorted(
        lines.values(),
        key=lambda line: (place[line.document], -line.told.rank, line.told.path, line.told.action),
    )
    return Breadth(tuple(by_size), tuple(ordered))
