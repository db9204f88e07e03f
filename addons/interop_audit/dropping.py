"""How a month of the trail is looked at and dropped: the steps, each with the cursor it is given.

Everything that takes long happens before the lock that writers notice, and with a transaction that
has written nothing, so that it holds up no seal.
"""

import hashlib
import io
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2.errors import LockNotAvailable, UndefinedTable

from odoo.sql_db import Cursor
from odoo.tools import SQL

from . import sql_retention as sql
from .lib.entry import canonical_list
from .lib.evidence import leaf, merkle, seal
from .lib.months import Month
from .lib.ranges import Ranges, runs
from .sql_seals import LINE

TRIES = 40


class NotDropped(Exception):
    """The month stays. ``is_finding``: because something is wrong with it, not only for now."""

    def __init__(self, sentence: str, *, is_finding: bool = False) -> None:
        self.sentence, self.is_finding = sentence, is_finding
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Looked:
    """A month that may go: how many entries, which ids, and the seals that lose all entries.

    ``last_seal`` is the newest seal that holds an entry of it; ``ranges`` and ``seals`` are JSON.
    """

    entries: int
    last_seal: int
    ranges: str
    seals: str

    @property
    def ids_digest(self) -> str:
        return hashlib.sha256(self.ranges.encode()).hexdigest()


def table_of(month: Month) -> str:
    return f"interop_audit_entry_{month.code}"


def on_table(statement: str, month: Month) -> SQL:
    """One of the statements that name a month's own table."""
    return SQL(statement, table=SQL.identifier(table_of(month)))


def hold(cr: Cursor, month: Month) -> None:
    """From now on to the end of the transaction nobody else drops the month."""
    cr.execute(sql.HOLD_TIMEOUT)
    try:
        cr.execute(on_table(sql.HOLD_MONTH, month), log_exceptions=False)
    except UndefinedTable:
        raise NotDropped("There is no such month (any more).") from None
    except LockNotAvailable:
        raise NotDropped("Somebody is at work on this month. Try again later.") from None


def look(cr: Cursor, month: Month) -> Looked:
    """Compare each entry of the month with the seals; raises `NotDropped`.

    An entry that was changed, or is missing though it was sealed, is evidence of something: such a
    month does not go.
    """
    table = table_of(month)
    cr.execute(on_table(sql.BOUNDS, month))
    first, last = cr.fetchone()
    if first is None:
        raise NotDropped("This month has no entries.")
    cr.execute(on_table(sql.COUNT, month))
    entries = cr.fetchone()[0]
    cr.execute(sql.DROPPED)
    dropped = cr.fetchall()
    gone_ids = Ranges(each for ranges, _seals in dropped for each in json.loads(ranges))
    gone_seals = Ranges(each for _ranges, seals in dropped for each in json.loads(seals))
    found, after, whole = 0, 0, []
    while True:
        cr.execute(sql.SEALS_OF_IDS, {"first": first, "last": last, "after": after})
        row = cr.fetchone()
        if row is None:
            break
        after = row[0]
        if after in gone_seals:
            continue
        mine, is_whole = _look_at_seal(cr, table, row, gone_ids)
        found += mine
        if mine and is_whole:
            whole.append(after)
    if found != entries:
        raise NotDropped(f"{entries - found} entries of this month are not sealed yet.")
    cr.execute(sql.RANGES, {"table": table, "first": first, "last": last})
    ranges = [list(row) for row in cr.fetchall()]
    cr.execute(sql.NUMBERS, [min(whole, default=0), max(whole, default=0)])
    numbers = [number for [number] in cr.fetchall()]
    return Looked(
        entries=entries,
        last_seal=after,
        ranges=canonical_list(ranges),
        seals=canonical_list(runs(whole, of=numbers)),
    )


def _look_at_seal(cr: Cursor, table: str, row: tuple, gone: Ranges) -> tuple[int, bool]:
    """How many entries of the seal lie in the month, and whether no others of it are left."""
    number, count, statement, signature, leaves = row
    ids, hashes = seal.unpack_leaves(bytes(leaves or b""))
    facts = seal.Statement.parse(statement)
    if (
        len(ids) != count
        or merkle.root(hashes).hex() != facts.root
        or not seal.verify(facts.key, statement, bytes(signature))
    ):
        raise NotDropped(f"Seal {number} does not verify.", is_finding=True)
    there = _leaves_there(cr, table, ids)
    rest = []
    for entry_id, sealed in zip(ids, hashes, strict=True):
        if entry_id not in there:
            rest.append(entry_id)
        elif there[entry_id] != sealed:
            raise NotDropped(
                f"Entry {entry_id} is not what was sealed: it was changed.", is_finding=True
            )
    cr.execute(sql.EXISTING, [rest])
    elsewhere = {entry_id for [entry_id] in cr.fetchall()}
    for entry_id in rest:
        if entry_id not in elsewhere and entry_id not in gone:
            raise NotDropped(
                f"Entry {entry_id} was sealed and is not there: it was removed.", is_finding=True
            )
    return len(there), not elsewhere


def _leaves_there(cr: Cursor, table: str, ids: Sequence[int]) -> dict[int, bytes]:
    """The leaves of those entries that lie in the table, made from what stands there now."""
    out = io.BytesIO()
    statement = (
        f"COPY (SELECT {LINE} FROM {table} WHERE id = ANY(%s::bigint[])) "
        "TO STDOUT (ENCODING 'UTF8')"
    )
    cr.copy_expert(cr._obj.mogrify(statement, [list(ids)]), out)
    lines = out.getvalue().split(b"\n")[:-1]
    return {leaf.entry_id(line): leaf.leaf_hash(line) for line in lines}


def as_list(text: str) -> list[list[int]]:
    """What `Looked` holds as JSON."""
    found: list[list[int]] = json.loads(text)
    return found


def lock(cr: Cursor, month: Month, tries: int = TRIES) -> None:
    """Have the trail to oneself, for a moment; raises `NotDropped` if it is too busy.

    Waits for 150 ms at most, since all who want to write would wait behind us, and tries again.
    """
    cr.execute(sql.TRY_TIMEOUT)
    for number in range(1, tries + 1):
        try:
            with cr.savepoint(flush=False):
                cr.execute(on_table(sql.TRY_LOCK, month), log_exceptions=False)
            return
        except LockNotAvailable:
            if number < tries:
                time.sleep(random.uniform(0.1, 0.5))
    raise NotDropped("The trail is busy: the month could not be taken out. It is tried again.")


def drop(cr: Cursor, month: Month, looked: Looked) -> None:
    """With the lock held: take the month out, and note what went."""
    cr.execute(on_table(sql.DETACH, month))
    cr.execute(on_table(sql.DROP_MONTH, month))
    cr.execute(sql.NOTE, [month.name, looked.ranges, looked.seals])
