"""Control numbers of what leaves: one for each payload, the same one on every further try.

Locks are taken in this order, and never one of them by who holds the next: the messages that the
lane holds by its lease, then counters, then what is inserted. Nothing here takes a runtime lock,
and nobody who holds one wants a counter, so that claims and settles never wait for numbers.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from odoo.api import Environment
from odoo.modules.registry import Registry

from odoo.addons.interop_connector.lib.control_numbers import NumberRule

from .transaction import read_committed, retrying, run


@dataclass(frozen=True, slots=True)
class Numbered:
    """What a payload needs: numbers by these rules, for so many documents, under this key."""

    connector_id: int
    key: str
    documents: int
    rules: Mapping[str, NumberRule] = field(repr=False)

    def count(self, kind: str) -> int:
        return self.documents if self.rules[kind].per_document else 1


class Numbering:
    """The counters of a batch, held from `lock` to the end of the transaction in `env`.

    A number that a standard wants without gaps is taken in the very transaction that stores the
    payload: if it is rolled back, the number was never taken. The others are taken in transactions
    of one statement.
    """

    def __init__(self, env: Environment, registry: Registry, wanted: list[Numbered]) -> None:
        self.env = env
        self.registry = registry
        self._counters: dict[int, dict] = {}
        self._known: dict[tuple[int, str], dict[str, int]] = {}
        gapless: dict[int, dict[str, NumberRule]] = defaultdict(dict)
        for each in wanted:
            for kind, rule in each.rules.items():
                if rule.gapless:
                    gapless[each.connector_id][kind] = rule
        counters = env["interop.control.number"]
        for connector_id in sorted(gapless):
            self._counters[connector_id] = counters._lock(
                connector_id, "out", gapless[connector_id]
            )
        rows = run(env.cr, "find_numbers", keys=[each.key for each in wanted])
        for row in rows:
            numbers = json.loads(row["control_numbers"])
            self._known[row["connector_id"], row["idempotency_key"]] = numbers

    def numbers(self, wanted: Numbered) -> dict[str, int]:
        """The numbers of a payload. Raises NumbersUsedUp. `keep` says that it is made with them."""
        known = self._known.get((wanted.connector_id, wanted.key), {})
        found = {}
        for kind, rule in wanted.rules.items():
            count = wanted.count(kind)
            if kind in known:
                found[kind] = known[kind]
            elif rule.gapless:
                found[kind] = self._counters[wanted.connector_id][kind].look(count)
            else:
                found[kind] = self._at_once(wanted.connector_id, kind, rule, count)
        return found

    def keep(self, wanted: Numbered) -> None:
        """The payload could be made: its numbers are taken."""
        known = self._known.get((wanted.connector_id, wanted.key), {})
        for kind, rule in wanted.rules.items():
            if rule.gapless and kind not in known:
                self._counters[wanted.connector_id][kind].take(wanted.count(kind))

    def note(self) -> None:
        """Write what was taken, once for the batch."""
        counters = [each for kinds in self._counters.values() for each in kinds.values()]
        self.env["interop.control.number"]._advance(counters)

    def _at_once(self, connector_id: int, kind: str, rule: NumberRule, count: int) -> int:
        def action() -> int:
            with read_committed(self.registry) as cr:
                counters = self.env(cr=cr)["interop.control.number"]
                return counters._take(connector_id, "out", kind, rule, count)

        return retrying(action)
