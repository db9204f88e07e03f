"""The numbers that a document is looked for by: of orders, invoices, deliveries, partners.

The keyword `x-business-key` of a document type's schema says which fields hold such a number, and
of which kind. It stands at the field, or at the group around it with a kind for each member: there
it says what a shared block is about (a reference to a document is one to an invoice here, to a
delivery there).

They are kept as text beside the message, so what may point to a person is none: a field that is
personal, health or secret, free text, or meant for something of a person (`x-kind`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from odoo.addons.interop_base.lib.registry import Registry

from .fields import Field, SchemaError, resolve, walk_fields
from .people import MOST as MOST_PEOPLE
from .sensitivity import Sensitivity

KEYWORD = "x-business-key"

#: Of one document, at most.
MOST = 100
#: In characters. A field that may be longer cannot be one.
LONGEST = 100


@dataclass(frozen=True, slots=True)
class KeyKind:
    """A kind of number: its code and what people call it."""

    code: str
    label: str
    relates: bool = False
    """It names one document or delivery: messages that have it in common belong together."""


KINDS: Registry[KeyKind] = Registry("kind of business key")


def register(kind: KeyKind) -> KeyKind:
    return KINDS.register(kind.code, kind)


register(KeyKind("order", "Order number", relates=True))
register(KeyKind("invoice", "Invoice number", relates=True))
register(KeyKind("shipment", "Delivery or parcel number", relates=True))
register(KeyKind("receipt", "Receipt or return number", relates=True))
register(KeyKind("contract", "Contract number"))
register(KeyKind("partner", "Partner number or GLN"))
register(KeyKind("item", "Item number"))
register(KeyKind("lot", "Lot number"))

#: A kind and a value.
Key = tuple[str, str]


class BusinessKeys:
    """Finds them by the paths of one document type. Immutable, safe to share between threads."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        """What the schema states wrongly is passed over: better not found than found wrongly."""
        self._paths = [
            (str(kind), tuple(field.path.replace("[]", "").split(".")))
            for field, kind in _stated(schema)
            if not _objection(field, kind)
        ]

    def __bool__(self) -> bool:
        """Whether documents of this type have such fields at all."""
        return bool(self._paths)

    def values(self, body: Mapping[str, Any], people: Collection[str] = ()) -> dict[Key, None]:
        """Those of a document that need not be valid, at most :data:`MOST`.

        `people` is what points to a person in it (see `People.values`). A value that is among them
        is left out wherever it stands; of a document about too many people to tell, all are.
        """
        found: dict[Key, None] = {}
        if not self._paths or len(people) >= MOST_PEOPLE:
            return found
        personal = {_plain(each) for each in people}
        left = [(kind, iter(_at(body, steps))) for kind, steps in self._paths]
        # Each field in turn gives its next value: a long list does not crowd out the others.
        while left:
            still = []
            for kind, values in left:
                value = next((each for each in values if (kind, each) not in found), None)
                if value is None:
                    continue
                still.append((kind, values))
                if _plain(value) not in personal:
                    found[kind, value] = None
                    if len(found) == MOST:
                        return found
            left = still
        return found


def business_keys(schema: Mapping[str, Any]) -> dict[str, str]:
    """The kind of each field that is a business key, by path; raises `SchemaError`."""
    found = {}
    for field, kind in _stated(schema):
        objection = _objection(field, kind)
        if objection:
            raise SchemaError(f"{field.path}: {objection}")
        found[field.path] = str(kind)
    return found


def _stated(schema: Mapping[str, Any]) -> Iterator[tuple[Field, Any]]:
    """Every field for which the keyword stands somewhere, with what it says."""
    root = resolve(schema, schema)
    above: dict[str, Mapping[str, Any]] = {"": root}
    # walk_fields has refused what contains itself, so each field's group is known before it.
    for field in walk_fields(schema):
        group = above[field.path.rpartition(".")[0]]
        node = resolve(schema, group["properties"][field.name])
        said = node.get(KEYWORD)
        while "items" in node:
            node = resolve(schema, node["items"])
            said = node.get(KEYWORD) if said is None else said
        above[field.path] = {**node, KEYWORD: said}
        of_members = group.get(KEYWORD)
        if isinstance(of_members, Mapping) and field.name in of_members:
            said = of_members[field.name]
        if said is None or (not field.is_leaf and _names_members(said, node)):
            continue
        yield field, said


def _names_members(said: Any, node: Mapping[str, Any]) -> bool:
    return isinstance(said, Mapping) and said.keys() <= node.get("properties", {}).keys()


def _objection(field: Field, kind: Any) -> str:
    """Why the field cannot be a business key; "" if it can."""
    if not field.is_leaf:
        return f"{KEYWORD} of a group must say the kind of each of its members that is a key."
    if not isinstance(kind, str) or kind not in KINDS:
        return f"{KEYWORD} must be one of {', '.join(KINDS.codes())}."
    if field.sensitivity >= Sensitivity.personal:
        return f"what is {field.sensitivity.name} must not have {KEYWORD}: keys are kept as text."
    if field.free_text or field.encoded or field.holds:
        return f"{KEYWORD} is for numbers and codes, not for what may tell of a person."
    if field.type.removeprefix("list of ") != "string" or not 0 < field.max_length <= LONGEST:
        return f"{KEYWORD} is for texts with a maxLength of up to {LONGEST}."
    return ""


def _at(value: Any, steps: tuple[str, ...]) -> Iterable[str]:
    """The texts at a path that can be kept and typed; whatever has an odd form is passed over."""
    if type(value) is list:
        for inner in value:
            yield from _at(inner, steps)
    elif steps:
        if type(value) is dict and steps[0] in value:
            yield from _at(value[steps[0]], steps[1:])
    elif type(value) is str:
        text = value.strip()
        # Nothing that a database could not store, and nothing that nobody could type.
        if 0 < len(text) <= LONGEST and text.isprintable():
            yield text


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
