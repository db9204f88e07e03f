"""Which codes may be kept in the clear when a crosswalk does not know them.

People look at such codes in order to map them. A code is withheld when it may be what a person's
field holds, put there by mistake or by a mapping, and when it is too long to be a code at all. What
cannot be told for sure is withheld.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from .fields import Field
from .lookup import Lookup, Unmapped, UnmappedCodes
from .mapping.expression import ExpressionError, names_in, plain_path
from .mapping.registry import Mapper
from .mapping.rows import Row, row_of
from .sensitivity import Sensitivity

LONGEST = 64
PERSONAL, TOO_LONG = "personal", "too_long"
WITHHELD: dict[str, str] = {
    PERSONAL: "A code of a personal field",
    TOO_LONG: f"Longer than {LONGEST} characters",
}


def careful(mapper: Mapper, snapshot: Mapping[str, Any], fields: Iterable[Field]) -> Mapper:
    """`mapper`, whose unknown codes say whether they may be kept in the clear."""
    harmless = harmless_places(snapshot, fields)

    def mapped(body: dict[str, Any], lookup: Lookup) -> dict[str, Any]:
        try:
            return mapper(body, lookup)
        except UnmappedCodes as unmapped:
            judged = [_judged(lookup.noted(each), harmless) for each in unmapped.missing]
            raise UnmappedCodes(unmapped.sentence, judged) from None

    return mapped


def _judged(missing: Unmapped, harmless: frozenset[str]) -> Unmapped:
    if missing.path not in harmless:
        return replace(missing, withheld=PERSONAL)
    if len(missing.code) > LONGEST or not missing.code.isprintable():
        return replace(missing, withheld=TOO_LONG)
    return missing


def harmless_places(snapshot: Mapping[str, Any], fields: Iterable[Field]) -> frozenset[str]:
    """The places whose codes come from fields that are at most confidential.

    Places are what rows name in `Unmapped.path`: their targets. Of other mappers nothing is known.
    """
    leaves = {field.path: field.sensitivity for field in fields if field.is_leaf}
    calm = {path for path, level in leaves.items() if level <= Sensitivity.confidential}
    if snapshot.get("code") != "rows":
        return frozenset()
    rows = [row_of(given) for given in snapshot.get("rows", ())]
    if snapshot.get("direction") == "in":
        return frozenset(row.target for row in rows if row.target in calm)
    names = _names(calm) - _names(leaves.keys() - calm)
    return frozenset(_calm_targets(rows, calm, names))


def _names(paths: Iterable[str]) -> set[str]:
    return {name for path in paths for name in path.replace("[]", "").split(".")}


# Where the sources of a list's rows are looked for: the path of its items, or None if that is not
# a plain one, and the same of the list around it.
_Scope = tuple[str | None, "_Scope | None"]
_TOP: _Scope = ("", None)


def _calm_targets(rows: Iterable[Row], calm: set[str], names: set[str]) -> Iterable[str]:
    scopes: dict[str, _Scope] = {"": _TOP}
    for row in rows:
        around = row.target.removesuffix("[]").rpartition("[]")
        scope = scopes.get(around[0] + around[1], (None, None))
        if row.each:
            path = _path(row.each, scope)
            scopes[row.target] = (None if path is None else f"{path}[].", scope)
        elif not row.source or _is_calm(row.source, scope, calm, names):
            yield row.target


def _path(source: str, scope: _Scope) -> str | None:
    """The document's path that a plain source is; None for all others."""
    text, prefix = _stripped(source, scope)
    if prefix is None or plain_path(text) is None:
        return None
    return f"{prefix}{text}"


def _stripped(source: str, scope: _Scope) -> tuple[str, str | None]:
    text = source.strip()
    if text.startswith("/"):
        return text[1:].strip(), ""
    outer: _Scope | None = scope
    while text.startswith("^"):
        text = text[1:].lstrip(".").strip()
        outer = outer[1] if outer else None
    return text, outer[0] if outer else None


def _is_calm(source: str, scope: _Scope, calm: set[str], names: set[str]) -> bool:
    text, prefix = _stripped(source, scope)
    if text in ("", "@"):
        # The item itself: a list of plain codes.
        return prefix is not None and prefix.removesuffix(".") in calm
    if plain_path(text) is not None and prefix is not None:
        # A list of plain values may be read as a whole, by a converter that takes its first.
        return f"{prefix}{text}" in calm or f"{prefix}{text}[]" in calm
    try:
        named = names_in(text)
    except ExpressionError:
        return False
    return named is not None and named <= names
