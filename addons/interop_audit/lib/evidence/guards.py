"""Whether the guards of the trail's tables stand: triggers, rules, partitions, settings.

A superuser can switch a trigger off, change the trail, and switch it on again: then only the seals
tell. These findings tell what is switched off now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from .findings import CODES, Finding

#: Bits of ``pg_trigger.tgtype`` (PostgreSQL, src/include/catalog/pg_trigger.h).
ROW, BEFORE, INSERT, DELETE, UPDATE, TRUNCATE = 1, 2, 4, 8, 16, 32

_EVENTS: Final = {UPDATE: "UPDATE", DELETE: "DELETE", TRUNCATE: "TRUNCATE"}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the trail. ``refuses`` are the events that a trigger has to refuse."""

    name: str
    refuses: int
    #: ``pg_class.relkind``: r is a table, p a partitioned one.
    kind: str = "r"
    has_row_security: bool = False
    has_rules: bool = False


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger on a table of the trail. ``enabled`` is ``pg_trigger.tgenabled``."""

    table: str
    name: str
    enabled: str
    type: int
    function: str
    #: Whether it has a condition or looks at some columns only.
    is_partial: bool = False

    @property
    def stands(self) -> bool:
        """Whether it fires in ordinary sessions."""
        return self.enabled in ("O", "A")


@dataclass(frozen=True, slots=True)
class Guards:
    """What the database's catalogue says. Function bodies by name, as they are and should be."""

    tables: Sequence[Table]
    triggers: Sequence[Trigger]
    functions: dict[str, str]
    expected_functions: dict[str, str]
    #: Tables that are named like months of the trail but are not part of it.
    detached: Collection[str] = ()
    #: Parts of the trail that this suite did not make.
    foreign: Collection[str] = ()
    #: Where ``session_replication_role`` is set, which silences triggers.
    silenced: Collection[str] = ()
    #: Tables of the trail that are not there.
    missing: Collection[str] = ()

    def findings(self) -> Iterator[Finding]:
        """One for each guard that does not stand."""
        for table in self.tables:
            yield from self._of_table(table)
        for trigger in self.triggers:
            if trigger.function not in self.expected_functions:
                yield _found(
                    f"Table {trigger.table} has a trigger that is not the suite's: {trigger.name}."
                )
        for name, body in self.expected_functions.items():
            found = self.functions.get(name)
            if found is None:
                yield _found(f"The function {name}, which refuses changes, is missing.")
            elif found.split() != body.split():
                yield _found(f"The function {name}, which refuses changes, was changed.")
        for name in self.missing:
            yield _found(f"The table {name} is missing.")
        for name in sorted(self.detached):
            yield _found(f"The month {name} was detached from the trail.")
        for name in sorted(self.foreign):
            yield _found(f"The trail has a part that the suite did not make: {name}.")
        for place in sorted(self.silenced):
            yield _found(f"Triggers are silenced by session_replication_role, set for {place}.")

    def _of_table(self, table: Table) -> Iterator[Finding]:
        own = [each for each in self.triggers if each.table == table.name]
        for event, word in _EVENTS.items():
            if not table.refuses & event:
                continue
            fitting = [
                each
                for each in own
                if each.type & event
                and each.type & BEFORE
                and bool(each.type & ROW) == (event != TRUNCATE)
                and each.function in self.expected_functions
                and not each.is_partial
            ]
            if any(each.stands for each in fitting):
                continue
            how = "is disabled" if fitting else "is missing"
            yield _found(f"On table {table.name} the trigger that refuses {word} {how}.")
        if table.has_row_security:
            yield _found(f"Row security on table {table.name} may hide entries.")
        if table.has_rules:
            yield _found(f"Table {table.name} has a rule, which may turn writing into nothing.")
        if table.kind not in ("r", "p"):
            yield _found(f"{table.name} is no table (kind {table.kind}).")


def _found(sentence: str) -> Finding:
    return Finding("trigger_disabled", CODES["trigger_disabled"][0], None, None, sentence)
