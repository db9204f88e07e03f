"""Comparing keys with a partner after a restore: which of our messages does it have already?

Two ways. A **file**: we export the keys in doubt (`keys_file`), the partner answers with a CSV of
the keys that it has (`read_answer`): a column ``key`` and, if it likes, ``received_at`` (ISO
8601). Over **HTTP**: ``POST {"keys": […]}`` is answered with ``{"known": […]}`` (`question`,
`read_reply`). In both a known key may be told as an object or a row with its time.

>>> known = read_answer(b"key,received_at\\nk1,2026-11-26T05:00:00Z\\nk2,\\n")
>>> [(each.key, each.at) for each in known]
[('k1', datetime.datetime(2026, 11, 26, 5, 0)), ('k2', None)]
>>> read_reply(b'{"known": ["k1", {"key": "k3", "at": "2026-11-26T05:00:00+01:00"}]}')[1].at
datetime.datetime(2026, 11, 26, 4, 0)
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

MAX_BYTES = 50 * 1024 * 1024
MAX_KEY = 200
_COLUMNS = ("key", "document", "accepted_at")


class AnswerError(ValueError):
    """What the partner sent cannot be read. The text says where, and never what stands there."""


@dataclass(frozen=True, slots=True)
class Known:
    """A key that the partner has, and since when (naive UTC), if it says so."""

    key: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """What an answer means. Keys are in no particular order.

    `known`: in doubt, and the partner has them. `missing`: in doubt, and it does not.
    `lost`: the partner has them, and we have never heard of them.
    """

    known: tuple[Known, ...]
    missing: tuple[str, ...]
    lost: tuple[Known, ...]


def keys_file(rows: Iterable[Sequence[str]]) -> bytes:
    """The CSV for the partner; each of `rows` is key, document and when it was accepted."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode()


def read_answer(data: bytes) -> list[Known]:
    """The keys in a partner's CSV (UTF-8; comma, semicolon or tab). Raises AnswerError."""
    if len(data) > MAX_BYTES:
        raise AnswerError("The file is larger than 50 MB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise AnswerError("The file is not text in UTF-8.") from None
    head = text.splitlines()[0] if text.strip() else ""
    mark = next((mark for mark in ",;\t" if mark in head), ",")
    reader = csv.reader(io.StringIO(text), delimiter=mark, strict=True)
    try:
        lines = list(reader)
    except csv.Error:
        raise AnswerError(f"Line {reader.line_num} is no CSV.") from None
    names = [name.strip().lower() for name in lines[0]] if lines else []
    if "key" not in names:
        raise AnswerError("The first line has to name a column “key”.")
    at = names.index("received_at") if "received_at" in names else None
    found = []
    for number, line in enumerate(lines[1:], 2):
        if not any(cell.strip() for cell in line):
            continue
        cells = [*line, *[""] * len(names)]
        found.append(_known(cells[names.index("key")], cells[at] if at is not None else "", number))
    return found


def question(keys: Sequence[str]) -> bytes:
    """What a partner is asked over HTTP."""
    return json.dumps({"keys": list(keys)}).encode()


def read_reply(body: bytes) -> list[Known]:
    """What it answers. Raises AnswerError."""
    try:
        known = json.loads(body)["known"]
        pairs = [(k["key"], k.get("at") or "") if isinstance(k, dict) else (k, "") for k in known]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise AnswerError("The answer is not what a partner says to this question.") from None
    return [_known(key, at, number) for number, (key, at) in enumerate(pairs, 1)]


def compare(
    doubtful: Collection[str], answered: Iterable[Known], ours: Collection[str]
) -> Compared:
    """What a complete answer means. `ours` are the keys that we know of at all.

    A key that comes twice counts once, with its earliest time.
    """
    first: dict[str, Known] = {}
    for known in answered:
        before = first.get(known.key)
        if before is None or (known.at and (before.at is None or known.at < before.at)):
            first[known.key] = known
    return Compared(
        tuple(known for key, known in first.items() if key in doubtful),
        tuple(key for key in doubtful if key not in first),
        tuple(known for key, known in first.items() if key not in doubtful and key not in ours),
    )


def _known(key: object, at: object, number: int) -> Known:
    if not isinstance(key, str) or not isinstance(at, str):
        raise AnswerError(f"Entry {number} is no key.")
    key, at = key.strip(), at.strip()
    if not key or len(key) > MAX_KEY or not key.isprintable():
        raise AnswerError(f"Line or entry {number} has no key that makes sense.")
    if not at:
        return Known(key)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise AnswerError(f"The time in line or entry {number} is not in ISO 8601.") from None
    if moment.tzinfo:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return Known(key, moment)
