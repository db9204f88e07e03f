"""Which of several copies of one installation is alive: told by a pulse beside the keyring.

A physical copy of a database server (a base backup, a snapshot of its disk) has the same system
identifier and the same database number as its original: nothing inside tells them apart. So the
installation counts a *pulse* in the database and notes it in ``<keyring>.pulse``, outside. That
tells two things:

* The note is ahead of the database: the database was **set back** (a backup was restored in place,
  or this is an older copy that reads the note of its original).
* Another start of a database server, at another address, wrote the note a short while ago:
  **another copy is alive**. Who finds that stays silent until the other has been so for
  `SILENCE`.

A restart at the same address is no copy: two servers cannot listen at one address at once.

>>> noted = Pulse(7, at=1000.0, started="monday", addresses=("db1:5432",))
>>> judge(noted, Seen(7, "monday", "db1:5432"), now=1010.0)
<Verdict.OURS: 'ours'>
>>> judge(noted, Seen(6, "monday", "db1:5432"), now=1010.0)
<Verdict.SET_BACK: 'set_back'>
>>> judge(noted, Seen(7, "tuesday", "db1:5432"), now=1010.0)
<Verdict.FREE: 'free'>
>>> judge(noted, Seen(7, "tuesday", "db2:5432"), now=1010.0)
<Verdict.ELSEWHERE: 'elsewhere'>
>>> judge(noted, Seen(7, "tuesday", "db2:5432"), now=1000.0 + SILENCE)
<Verdict.FREE: 'free'>
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from . import places

SUFFIX = ".pulse"
#: Seconds between two beats.
BEAT = 20.0
#: Seconds without a beat after which another copy counts as dead.
SILENCE = 180.0
_ADDRESSES = 16


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the note says: the count, when it was written (seconds since 1970), the start of the
    database server that it was written for, and the addresses at which that server was found."""

    number: int
    at: float
    started: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the database says of itself now: its count, its server's start and address."""

    number: int
    started: str
    address: str


class Verdict(Enum):
    OURS = "ours"
    FREE = "free"
    ELSEWHERE = "elsewhere"
    SET_BACK = "set_back"


def judge(noted: Pulse | None, seen: Seen, now: float) -> Verdict:
    """Whether the note belongs to this database, at this start of its server."""
    if noted is None:
        return Verdict.FREE
    if noted.number > seen.number:
        return Verdict.SET_BACK
    if noted.started == seen.started:
        return Verdict.OURS
    if seen.address in noted.addresses or now - noted.at >= SILENCE:
        return Verdict.FREE
    return Verdict.ELSEWHERE


def read(keyring_path: str, place: str) -> Pulse | None:
    """The pulse that was noted for a place; None if there is none or it makes no sense."""
    try:
        facts = json.loads(_file(keyring_path).read_text(encoding="utf-8"))[place]
        return Pulse(
            int(facts["number"]),
            float(facts["at"]),
            str(facts["started"]),
            tuple(str(each) for each in facts["addresses"]),
        )
    except (OSError, ValueError, LookupError, TypeError):
        return None


def beat(keyring_path: str, place: str, seen: Seen, now: float) -> Verdict:
    """Judge once more, alone, and note the pulse if the place is ours to take.

    FREE becomes OURS. Raises OSError if the note cannot be written.
    """
    with _changing(keyring_path) as known:
        noted = read(keyring_path, place)
        verdict = judge(noted, seen, now)
        if verdict not in (Verdict.OURS, Verdict.FREE):
            return verdict
        former = noted.addresses if noted and noted.started == seen.started else ()
        fresh = Pulse(seen.number, now, seen.started, _with(former, seen.address))
        known[place] = asdict(fresh)
    return Verdict.OURS


def take(keyring_path: str, place: str, seen: Seen, now: float) -> int:
    """A person decided that the place is ours: note it, and return the count to go on from.

    The count in the note stays: if the caller's transaction is undone, the database is as far
    behind as before. Raises OSError if the note cannot be written.
    """
    with _changing(keyring_path) as known:
        noted = read(keyring_path, place)
        number = max(noted.number if noted else 0, seen.number)
        kept = replace(seen, number=noted.number if noted else seen.number)
        known[place] = asdict(Pulse(kept.number, now, kept.started, (kept.address,)))
    return number


def _with(addresses: tuple[str, ...], address: str) -> tuple[str, ...]:
    if address in addresses:
        return addresses
    return (*addresses, address)[-_ADDRESSES:]


@contextlib.contextmanager
def _changing(keyring_path: str) -> Iterator[dict[str, Any]]:
    target = _file(keyring_path)
    with places.locked(target):
        known = _known(target)
        yield known
        places.replace(target, known)


def _known(target: Path) -> dict[str, Any]:
    try:
        known = json.loads(target.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _file(keyring_path: str) -> Path:
    return Path(keyring_path + SUFFIX)
