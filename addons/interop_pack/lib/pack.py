"""A partner pack: what it takes to talk to a kind of partner, as one JSON text.

A pack is data and comes from outside. It is bounded before it is read, checked against its own
schema (``pack-1.schema.json``), and may refer only to what it brings along itself. It holds no
code, no path of a file, and no secret: only which secrets are needed, and for what.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_document.lib.canonical import canonical_json, digest
from odoo.addons.interop_document.lib.mapping.compiled import MappingError, compile_mapping
from odoo.addons.interop_document.lib.plain import NotPlain, require_plain

from .places import place_problem
from .traffic import traffic_problems

FORMAT = "interop.pack/1"
MAX_BYTES = 2 * 1024 * 1024
#: A pack nests no deeper than a mapping's row with a table as an argument.
MAX_DEPTH = 12
MAX_VALUES = 50_000
MAX_PROBLEMS = 10

#: The lists of a pack whose entries are known by a code of their own.
KINDS = ("crosswalks", "mappings", "policies", "flows")

#: What a flow names of the pack, and in which list it stands.
_FLOW_NAMES = {"mapping": "mappings", "policy": "policies", "answer_policy": "policies"}


class PackError(DataError):
    """A text that is no pack. The problems say where and what kind, never a value."""

    def __init__(self, problems: Sequence[str]) -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"This is no usable pack: {problems[0]}{more}.", problems=list(problems))


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that was checked. `text` is its canonical form, over which the digest is."""

    body: Mapping[str, Any] = field(repr=False)
    text: str = field(repr=False)
    digest: str

    @property
    def code(self) -> str:
        return str(self.body["code"])

    @property
    def version(self) -> str:
        return str(self.body["version"])


def read_pack(data: bytes) -> Pack:
    """The pack in `data`; raises `PackError`. Work and memory are bounded by `MAX_BYTES`."""
    if len(data) > MAX_BYTES:
        raise PackError([f"it is larger than {MAX_BYTES // 1024} KB"])
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise PackError(["it is not a JSON object"])
    return make_pack(body)


def make_pack(body: Mapping[str, Any]) -> Pack:
    """The pack of a value that was not read from bytes; raises `PackError`."""
    try:
        require_plain(body, MAX_DEPTH, MAX_VALUES)
    except NotPlain as problem:
        reason = str(problem)
    else:
        reason = ""
    if reason:
        raise PackError([reason])
    problems = list(_problems(body))
    if problems:
        raise PackError(problems[:MAX_PROBLEMS])
    text = canonical_json(body)
    if len(text) > MAX_BYTES:
        raise PackError([f"it is larger than {MAX_BYTES // 1024} KB"])
    return Pack(body, text.decode(), digest(text))


def version_key(version: str) -> tuple[int, ...]:
    """For sorting.

    >>> version_key("1.10") > version_key("1.9.3")
    True
    """
    return tuple(int(number) for number in version.split("."))


@cache
def _validator() -> Any:
    schema = json.loads((Path(__file__).parent / "pack-1.schema.json").read_text())
    return jsonschema_rs.validator_for(schema)


def _problems(body: Mapping[str, Any]) -> Iterator[str]:
    found = [_told(error) for error in islice(_validator().iter_errors(body), 20)]
    if found:
        yield from dict.fromkeys(found)
        return
    codes = {kind: [entry["code"] for entry in body.get(kind, ())] for kind in KINDS}
    for kind, listed in codes.items():
        yield from _twice(f"the {kind} name the code", listed)
    yield from _twice("there is the question", (q["code"] for q in body.get("questions", ())))
    yield from _twice("there is the endpoint", (e["purpose"] for e in _endpoints(body)))
    yield from _twice("there is the secret", (s["use"] for s in body.get("secrets", ())))
    for mapping in body.get("mappings", ()):
        yield from _mapping_problems(mapping, codes["crosswalks"])
    for flow in body.get("flows", ()):
        for name, kind in _FLOW_NAMES.items():
            if flow.get(name) and flow[name] not in codes[kind]:
                what = "policy of the answer" if name == "answer_policy" else name
                yield f"flow {flow['code']} names a {what} that is not in the pack"
        for problem in dict.fromkeys(traffic_problems(flow, codes["flows"])):
            yield f"flow {flow['code']} {problem}"
    for question in body.get("questions", ()):
        misplaced = place_problem(body, question["goes"])
        if misplaced:
            yield f"question {question['code']}: {misplaced}"


def _mapping_problems(mapping: Mapping[str, Any], crosswalks: Sequence[str]) -> Iterator[str]:
    for number, row in enumerate(mapping["rows"], 1):
        if row.get("crosswalk") and row["crosswalk"] not in crosswalks:
            yield f"mapping {mapping['code']}, row {number}: its crosswalk is not in the pack"
    try:
        compile_mapping(mapping)
    except MappingError as problem:
        yield f"mapping {mapping['code']}: {problem.sentence.rstrip('.')}"


def _endpoints(body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = body["connector"].get("endpoints", ())
    return found


def _twice(what: str, listed: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for code in listed:
        if code in seen:
            yield f"{what} {code} twice"
        seen.add(code)


def _told(error: Any) -> str:
    """Where and which rule; the error's own message would repeat the value."""
    steps = [str(step) if isinstance(step, int) else _name(step) for step in error.instance_path]
    where = ".".join(steps) or "the pack"
    rule = str(list(error.schema_path)[-1]) if list(error.schema_path) else "its schema"
    return f"{where} does not keep the rule “{_name(rule)}” of the format"


def _name(step: str) -> str:
    return step if step.isascii() and step.isidentifier() and len(step) <= 40 else "?"
