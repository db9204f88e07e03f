"""One act, as it is written to the audit trail."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

ACTOR_KINDS: Final[frozenset[str]] = frozenset({"user", "system", "worker", "partner"})


@dataclass(frozen=True, slots=True)
class AuditRow:
    """What happened, to what, by whom. Never a payload value: references and digests only.

    Actor fields left empty are filled in by the writer. ``details`` are small facts (counts,
    codes, field names, a reason given by a person).
    """

    act: str
    outcome: str = "ok"
    actor_kind: str | None = None
    actor_id: int | None = None
    actor_name: str | None = None
    remote_addr: str | None = None
    company_id: int | None = None
    area_id: int | None = None
    res_model: str | None = None
    res_id: int | None = None
    subject: str | None = None
    digest: str | None = None
    version_digest: str | None = None
    details: Mapping[str, Any] | None = None

    def details_text(self) -> str | None:
        """``details`` as canonical JSON, so that equal facts are equal texts."""
        if not self.details:
            return None
        return canonical(self.details)


def canonical(value: Mapping[str, Any]) -> str:
    """Sorted keys, no spaces, no NaN; dates in ISO form.

    >>> canonical({"b": 1, "a": [True, None]})
    '{"a":[true,null],"b":1}'
    """
    return json.dumps(
        value,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
        default=_plain,
    )


def canonical_list(value: Sequence[Any]) -> str:
    """A list in the same form.

    >>> canonical_list([[1, 2], [5, 5]])
    '[[1,2],[5,5]]'
    """
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in the audit trail")
