"""Shared building blocks of document types: an address, an item, a lot are described once.

A type's file refers to a block as `urn:interop:block:<name>:<version>`. When the type is loaded the
blocks are bound: copied into the schema's own `$defs`. So what ships and runs is one self-contained
schema, read offline, whose digest tells all there is in it; a block that changes later changes no
type that was loaded before.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from .fields import SchemaError

PREFIX = "urn:interop:block:"

_REFERENCE = re.compile(r"urn:interop:block:([a-z][a-z0-9_]*):([0-9]+\.[0-9]+)")
# Keywords that hold data, in which a reference would be only a text.
_DATA = frozenset({"examples", "const", "enum", "default"})

SHIPPED = Path(__file__).parent.parent / "data" / "document_types" / "blocks"

Blocks = Mapping[str, Mapping[str, Any]]
"""The blocks there are, by reference."""


@lru_cache(maxsize=16)
def load_blocks(*folders: Path) -> Blocks:
    """The blocks in `folders`, files named `<name>-<version>.json`; raises `SchemaError`."""
    found: dict[str, Mapping[str, Any]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.json")):
            try:
                block = json.loads(path.read_text(encoding="utf-8"))
            except ValueError:
                raise SchemaError(f"The block {path.name} cannot be read as JSON.") from None
            if not isinstance(block, dict) or block.get("$id") != _reference_of(path):
                raise SchemaError(f"The block {path.name} must have the $id {_reference_of(path)}.")
            if block["$id"] in found:
                raise SchemaError(f"There are two blocks {block['$id']}.")
            if "$defs" in block:
                raise SchemaError(
                    f"The block {path.name} must refer to other blocks, not hold any."
                )
            found[block["$id"]] = block
    return found


def bind(schema: Mapping[str, Any], blocks: Blocks) -> dict[str, Any]:
    """`schema` with every block it refers to, directly or through other blocks, in its `$defs`.

    A block becomes `#/$defs/<name>`. Raises `SchemaError` for a block that does not exist, for two
    versions of one block, and for a definition of the schema's own that has a block's name.
    """
    binding = _Binding(blocks)
    own = dict(binding.rewrite(schema))
    definitions = own.pop("$defs", {})
    for name in definitions:
        if name in binding.bound:
            raise SchemaError(f"$defs/{name} has the name of a block that this type uses.")
    together = dict(sorted({**definitions, **binding.bound}.items()))
    return {**own, "$defs": together} if together else own


class _Binding:
    """What one schema takes from the blocks."""

    def __init__(self, blocks: Blocks) -> None:
        self.blocks = blocks
        self.bound: dict[str, Any] = {}
        self._versions: dict[str, str] = {}

    def rewrite(self, node: Any) -> Any:
        """`node` with references to blocks turned into local ones."""
        if isinstance(node, list):
            return [self.rewrite(inner) for inner in node]
        if not isinstance(node, Mapping):
            return node
        return {key: self._value(key, inner) for key, inner in node.items()}

    def _value(self, key: str, inner: Any) -> Any:
        if key in _DATA:
            return inner
        if key == "$ref" and isinstance(inner, str) and inner.startswith(PREFIX):
            return self._local(inner)
        return self.rewrite(inner)

    def _local(self, reference: str) -> str:
        match = _REFERENCE.fullmatch(reference)
        if match is None or reference not in self.blocks:
            raise SchemaError(f"There is no block {reference}.")
        name, version = match.groups()
        if self._versions.setdefault(name, version) != version:
            raise SchemaError(f"One document type cannot use two versions of the block {name}.")
        if name not in self.bound:
            self.bound[name] = None  # so that a block which contains itself ends; it has no fields
            block = self.blocks[reference].items()
            self.bound[name] = self.rewrite({key: inner for key, inner in block if key != "$id"})
        return f"#/$defs/{name}"


def bind_text(text: str, blocks: Blocks) -> str:
    """The text of a schema with its blocks bound; a text that refers to none stays as it is."""
    if PREFIX not in text:
        return text
    try:
        schema = json.loads(text)
    except ValueError:
        return text  # which whoever reads the schema tells
    if not isinstance(schema, dict):
        return text
    return json.dumps(bind(schema, blocks), indent=4, ensure_ascii=False)


def _reference_of(path: Path) -> str:
    name, _dash, version = path.stem.partition("-")
    return f"{PREFIX}{name}:{version}"
