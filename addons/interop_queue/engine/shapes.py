"""Keeping the shapes of documents: each once, before anything names it for good."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import ref

from odoo.api import Environment
from odoo.modules.registry import Registry

from ..lib.shape import Shape
from .transaction import columns, run

# By database, what this process knows to be committed. Of that very registry: a database that is
# replaced gets a new one, and what the old one held counts no more.
_kept: dict[str, tuple[ref[Registry], set[str]]] = {}


def keep_shapes(env: Environment, shapes: Iterable[Shape]) -> None:
    """Write those that this process does not know to be there. Nearly always there is none."""
    known = _known(env.registry)
    fresh = {each.digest: each for each in shapes if each.digest not in known}
    if not fresh:
        return
    # In one order, so that two lanes never wait for each other; who loses a race is run again.
    rows = [{"digest": key, "shape": fresh[key].text} for key in sorted(fresh)]
    run(env.cr, "keep_shapes", quiet=True, **columns(rows, "digest", "shape"))
    # Only what is committed is there: after a rollback it is written again.
    env.cr.postcommit.add(lambda: known.update(fresh))


def _known(registry: Registry) -> set[str]:
    found = _kept.get(registry.db_name)
    if found is None or found[0]() is not registry:
        found = _kept[registry.db_name] = (ref(registry), set())
    return found[1]
