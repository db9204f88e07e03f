"""The fields of a document type, read from its JSON Schema in document order.

Only `properties`, `items` and local `$ref` are followed. Fields that a schema hides in `anyOf`,
`if` and the like are not seen here, so no policy can name them and they never leave.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .sensitivity import Sensitivity

MAX_FIELDS = 5_000
# A limit that only keeps numbers within reason is not worth telling.
_ENDLESS = 10**9
_SCALARS = frozenset({"string", "number", "integer", "boolean", "null"})

_TYPE_WORDS = {"string": "text", "integer": "whole number", "boolean": "yes or no"}
_FORMAT_WORDS = {
    "date": "date",
    "date-time": "date and time",
    "gtin": "GTIN",
    "gln": "GLN",
    "sscc": "SSCC",
    "udi-di": "UDI-DI",
}
# Units of UN/ECE Recommendation 20 as people write them; any other is shown by its code.
_UNITS = {"CEL": "°C", "P1": "%", "DAY": "days", "MIN": "minutes"}


class SchemaError(ValueError):
    """A document type's schema that cannot be used; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a document type, as people read it."""

    path: str
    name: str
    depth: int
    title: str
    description: str
    type: str
    required: bool
    is_leaf: bool
    sensitivity: Sensitivity
    stated: bool
    """Whether the schema itself states the sensitivity, here or above."""
    format: str = ""
    encoded: bool = False
    """Its text stands for bytes (`contentEncoding`, JSON Schema 2020-12 validation, 8.3)."""
    holds: str = ""
    """What kind of thing it is meant to hold (`x-kind`): phone, email, name …"""
    max_length: int = 0
    """In characters; 0 if nothing bounds it."""
    values: tuple[str, ...] = ()
    unit: str = ""
    """The unit of a number (`x-unit`): a code of UN/ECE Recommendation 20, such as CEL."""
    code_list: str = ""
    """The list that its values are taken from (`x-code-list`), by name."""
    limits: str = ""
    """How long, how large or how many, in words: `up to 64 characters`, `0 to 100`."""
    example: str = ""
    unique_by: str = ""
    free_text: bool = False
    """People write in it what they like, so anything may be found there."""

    @property
    def unit_word(self) -> str:
        """The unit as people write it: °C, days."""
        return _UNITS.get(self.unit, self.unit)

    @property
    def kind(self) -> str:
        """Type and format in words: `text`, `date`, `GTIN`, `list of whole number`."""
        plain = self.type.removeprefix("list of ")
        shown = _FORMAT_WORDS.get(self.format) or _TYPE_WORDS.get(plain, plain)
        return f"list of {shown}" if plain != self.type else shown


def walk_fields(schema: Mapping[str, Any]) -> tuple[Field, ...]:
    """All fields below the document itself: groups before their members."""
    fields: list[Field] = []
    for field in _members(schema, schema, "", 0, None, ()):
        fields.append(field)
        if len(fields) > MAX_FIELDS:
            raise SchemaError(f"The schema has more than {MAX_FIELDS} fields.")
    return tuple(fields)


def resolve(root: Mapping[str, Any], node: Any) -> Mapping[str, Any]:
    """`node` with its local references followed; what stands beside a reference wins."""
    merged: dict[str, Any] = {}
    seen: list[str] = []
    while isinstance(node, Mapping):
        merged = {**node, **merged}
        ref = node.get("$ref")
        if ref is None:
            return merged
        if ref in seen:
            raise SchemaError(f"{ref} refers to itself.")
        seen.append(ref)
        node = target(root, ref)
        merged.pop("$ref", None)
    raise SchemaError("A field is described by something that is not an object.")


def target(root: Mapping[str, Any], ref: Any) -> Any:
    if not isinstance(ref, str) or not ref.startswith("#/"):
        raise SchemaError(f"{ref} is not a reference into this schema (#/$defs/…).")
    node: Any = root
    for step in ref[2:].split("/"):
        step = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, Mapping) or step not in node:
            raise SchemaError(f"{ref} refers to nothing.")
        node = node[step]
    return node


def _members(
    root: Mapping[str, Any],
    node: Mapping[str, Any],
    prefix: str,
    depth: int,
    inherited: Sensitivity | None,
    trail: tuple[str, ...],
) -> Iterator[Field]:
    node = resolve(root, node)
    inherited = _stated(node, prefix) if "x-sensitivity" in node else inherited
    required = node.get("required", ())
    for name, raw in node.get("properties", {}).items():
        if not name or any(mark in name for mark in ".[]*"):
            raise SchemaError(f"{prefix or 'The document'} has a field name with . [ ] or * in it.")
        path = f"{prefix}.{name}" if prefix else name
        yield from _field(root, raw, path, name, depth, name in required, inherited, trail)


def _field(
    root: Mapping[str, Any],
    raw: Any,
    path: str,
    name: str,
    depth: int,
    required: bool,
    inherited: Sensitivity | None,
    trail: tuple[str, ...],
) -> Iterator[Field]:
    trail = _extend(trail, raw, path)
    node = resolve(root, raw)
    stated = _stated(node, path) if "x-sensitivity" in node else inherited
    outer = node
    while "items" in node:
        trail = _extend(trail, node["items"], path)
        node = resolve(root, node["items"])
        stated = _stated(node, path) if "x-sensitivity" in node else stated
        path += "[]"
    is_leaf = "properties" not in node
    yield Field(
        path=path,
        name=name,
        depth=depth,
        title=str(outer.get("title", name)),
        description=str(outer.get("description") or node.get("description", "")),
        type=_type(node, path.endswith("[]"), is_leaf),
        required=required,
        is_leaf=is_leaf,
        sensitivity=Sensitivity.secret if stated is None else stated,
        stated=stated is not None,
        format=str(node.get("format", "")),
        encoded="contentEncoding" in node,
        holds=str(node.get("x-kind", "")),
        max_length=_length(node.get("maxLength")),
        values=tuple(str(value) for value in node.get("enum", ())),
        unit=str(node.get("x-unit", "")),
        code_list=str(node.get("x-code-list", "")),
        limits=_limits(node if outer is node else outer),
        example=str(next(iter(node.get("examples", ())), "")) if is_leaf else "",
        unique_by=str(outer.get("x-unique-by", "")),
        free_text=outer.get("x-free-text") is True or node.get("x-free-text") is True,
    )
    if not is_leaf:
        yield from _members(root, node, path, depth + 1, stated, trail)


def _extend(trail: tuple[str, ...], raw: Any, path: str) -> tuple[str, ...]:
    """The references followed to get here; a schema that contains itself has no list of fields."""
    ref = raw.get("$ref") if isinstance(raw, Mapping) else None
    if ref is None:
        return trail
    if ref in trail:
        raise SchemaError(f"{path} contains itself through {ref}.")
    return (*trail, ref)


def _stated(node: Mapping[str, Any], path: str) -> Sensitivity:
    try:
        return Sensitivity.parse(node["x-sensitivity"])
    except (ValueError, TypeError) as problem:
        raise SchemaError(f"{path or 'The document'}: {problem}") from None


def _limits(node: Mapping[str, Any]) -> str:
    if "items" in node:
        return _range(node.get("minItems"), node.get("maxItems"), "entries")
    if "exclusiveMinimum" in node:
        most = _range(None, node.get("maximum"), "")
        return f"more than {node['exclusiveMinimum']}{', ' if most else ''}{most}"
    if node.get("type") in ("number", "integer"):
        return _range(node.get("minimum"), node.get("maximum"), "")
    if "enum" in node or "pattern" in node:
        return str(node.get("x-expects", ""))
    # That a text is not empty goes without saying.
    return _range(None, node.get("maxLength"), "characters")


def _range(least: Any, most: Any, noun: str) -> str:
    if isinstance(most, int | float) and abs(most) >= _ENDLESS:
        most = None
    if isinstance(least, int | float) and abs(least) >= _ENDLESS:
        least = None
    if least is None and most is None:
        return ""
    if most is None:
        told = f"{least} or more"
    else:
        told = f"up to {most}" if least is None else f"{least} to {most}"
    return f"{told} {noun}".rstrip()


def _length(stated: Any) -> int:
    return stated if type(stated) is int and stated > 0 else 0


def _type(node: Mapping[str, Any], repeated: bool, is_leaf: bool) -> str:
    if not is_leaf:
        return "list" if repeated else "group"
    stated = node.get("type")
    kinds = [stated] if isinstance(stated, str) else list(stated or ())
    text = " or ".join(kind if kind in _SCALARS else "value" for kind in kinds) or "value"
    return f"list of {text}" if repeated else text
