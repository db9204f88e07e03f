"""Which fields a document has, by name only: what an auditor is told about content that is gone.

A shape is addressed by its content, so the audit trail holds a short digest and the names lie once
in a table. Nothing of it comes from outside: a member that the document type does not know is
counted under `….*`, its own name is not repeated.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from odoo.addons.interop_base.lib.registry import UnknownCode
from odoo.addons.interop_document.lib.fields import walk_fields
from odoo.addons.interop_policy.lib.actions import ACTIONS

#: The action noted for a field of a document that came in.
TAKEN = "taken"
#: Hexadecimal digits of a shape's address: 128 bits of SHA-256.
DIGITS = 32
#: So many forms of one version's documents are remembered; beyond, all are worked out anew.
REMEMBERED = 2048

# (path, action) of each field, in the order of the document type.
Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """`text` is canonical JSON: `{"document":"PurchaseOrder 1.0","fields":[["number","send"],…]}`.

    `digest` is the beginning of its SHA-256, in hexadecimal digits.
    """

    digest: str
    text: str


def shape_of(document: str, fields: Iterable[tuple[str, str]]) -> Shape:
    """The shape of a document of that type and version. `fields`: (path, action) of each.

    >>> shape_of("Note 1.0", [("number", "send")]).text
    '{"document":"Note 1.0","fields":[["number","send"]]}'
    """
    told = {"document": document, "fields": sorted(set(fields))}
    text = json.dumps(told, separators=(",", ":"), sort_keys=True, ensure_ascii=True)
    return Shape(digest_of(text), text)


def digest_of(text: str) -> str:
    """The address of a shape with this text."""
    return sha256(text.encode()).hexdigest()[:DIGITS]


def read_shape(text: str) -> tuple[str, Fields]:
    """Type and version, and the fields with what was done about each. ValueError if it is none."""
    told = json.loads(text)
    try:
        return told["document"], tuple((str(path), str(action)) for path, action in told["fields"])
    except (KeyError, TypeError) as problem:
        raise ValueError("This is not the shape of a document.") from problem


class Shapes:
    """The shapes of one published version's documents. Safe to share between threads.

    The same few occur again and again: each is put into words once, found by which fields there
    are, and that costs microseconds.
    """

    def __init__(self, document: str, schema: Mapping[str, Any]) -> None:
        self._document = document
        self._outline = _Outline(schema)
        self._left: dict[Fields, Shape] = {}
        self._came: dict[bytes, Shape] = {}

    def left(self, decided: Fields) -> Shape:
        """Of a document that leaves. `decided`: (path, decision) of each field that it had."""
        shape = self._left.get(decided)
        if shape is None:
            shape = shape_of(self._document, (each for each in decided if _leaves(each[1])))
            _remember(self._left, decided, shape)
        return shape

    def came(self, body: Mapping[str, Any]) -> Shape:
        """Of a document that came in, as it was taken in."""
        marks = self._outline.marks(body)
        shape = self._came.get(marks)
        if shape is None:
            there = (path for path, mark in zip(self._outline.paths, marks, strict=True) if mark)
            shape = shape_of(self._document, ((path, TAKEN) for path in there))
            _remember(self._came, marks, shape)
        return shape


def _remember(known: dict[Any, Shape], key: object, shape: Shape) -> None:
    if len(known) >= REMEMBERED:
        known.clear()
    known[key] = shape


def _leaves(decision: str) -> bool:
    try:
        return ACTIONS.get(decision).leaves
    except UnknownCode:
        return False


class _Group:
    """The members of an object by name: a field's mark, or a group of its own."""

    __slots__ = ("members", "stranger")

    def __init__(self, stranger: int) -> None:
        self.stranger = stranger
        self.members: dict[str, int | _Group] = {}


class _Outline:
    """Marks which fields a document has, in one walk."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.paths: list[str] = ["*"]
        self._root = _Group(0)
        for field in walk_fields(schema):
            names = field.path.replace("[]", "").split(".")
            group = self._root
            for name in names[:-1]:
                inner = group.members[name]
                assert isinstance(inner, _Group)  # groups come before their members
                group = inner
            self.paths.append(field.path if field.is_leaf else f"{field.path}.*")
            mark = len(self.paths) - 1
            group.members[names[-1]] = mark if field.is_leaf else _Group(mark)

    def marks(self, body: Mapping[str, Any]) -> bytes:
        """One byte for each of `paths`: 1 if the document has it."""
        marks = bytearray(len(self.paths))
        _mark(self._root, body, marks)
        return bytes(marks)


def _mark(place: int | _Group, value: Any, marks: bytearray) -> None:
    kind = type(value)
    if kind is list:
        for each in value:
            _mark(place, each, marks)
    elif isinstance(place, int):
        marks[place] = 1
    elif kind is dict:
        members = place.members
        for name, inner in value.items():
            found = members.get(name)
            if isinstance(found, int) and type(inner) is not list:
                marks[found] = 1
            elif found is None:
                marks[place.stranger] = 1
            else:
                _mark(found, inner, marks)
    elif value is not None:
        marks[place.stranger] = 1
