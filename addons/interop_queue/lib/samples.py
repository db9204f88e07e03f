"""Golden samples: what a flow makes of an invented document or payload, and whether that changed.

A sample runs through the functions of the pipeline itself, over a plan that was compiled for a
trial. Nothing is read from a partner, sent, stored or unsealed, and no keyring is needed:

* tokens and digests are made with a fixed key that is known to everybody, so they are not those
  that the partner knows; tokens that a partner would return stay tokens;
* what is encrypted for the recipient is a digest of it, since ciphertexts differ each time;
* the day on which ages are counted, and the ids of message and envelope, are always the same.

Codes are translated by the crosswalks as they are today: they are live, and a changed code is
something that a sample should show.
"""

from __future__ import annotations

import difflib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from itertools import islice, zip_longest
from typing import Any

from odoo.addons.interop_base.lib.failures import DataError, InteropError
from odoo.addons.interop_document.lib.canonical import canonical_json
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_document.lib.fields import Field
from odoo.addons.interop_document.lib.lookup import NO_LOOKUP, Lookup
from odoo.addons.interop_policy.lib.guard import MASK, Finding, Guard
from odoo.addons.interop_policy.lib.looks import ALL_KINDS
from odoo.addons.interop_policy.lib.names import Names
from odoo.addons.interop_policy.lib.sightings import label_of

from .plan import Plan, compile_plan
from .screening import Trial

SAME, DIFFERENCE, ERROR = "same", "difference", "error"

# A sample is read by people: an order of some hundred lines fits.
MAX_CHARACTERS = 256 * 1024
MAX_CHANGES = 200

_TEST_KEY = b"interop/samples: a fixed key that protects nothing"
_DAY = date(2026, 1, 1)
# Facts that an envelope gets of the exchange, as they never are.
FIXED_FACTS: Mapping[str, str] = {"message": "00000000-0000-4000-8000-000000000000"}


def _encrypt(value: Any) -> str:
    return f"encrypted:{sha256(canonical_json(value)).hexdigest()[:16]}"


TRIAL = Trial(_DAY, _encrypt)


def test_mac(label: str, data: bytes) -> bytes:
    """In the place of the keyring's: the same for everybody, always."""
    return hmac.digest(_TEST_KEY, label.encode() + b"\0" + data, "sha256")


def trial_plan(text: str) -> Plan:
    """The plan of a snapshot's `text`, for samples only. Raises what `compile_plan` does."""
    return compile_plan("", text, TRIAL)


@dataclass(frozen=True, slots=True)
class Sample:
    """`given`: outbound a document (or a list of them, which travel together) as JSON; inbound the
    partner's payload. `expected`: the payload, or what is taken in; "" if nothing was accepted."""

    given: str = field(repr=False)
    expected: str = field(default="", repr=False)
    company: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One value that is not as expected; None where there is none. JSON texts."""

    path: str
    expected: str | None
    produced: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a sample: `same`, `difference` or `error`, and what there is to say."""

    outcome: str
    sentence: str = ""
    """For people; never empty but for `same`."""
    produced: str = field(default="", repr=False)
    """What came out, as it would be accepted; "" for an error."""
    diff: tuple[str, ...] = field(default=(), repr=False)
    """Unified diff from expected to produced, without the two lines that name files."""
    changes: tuple[Change, ...] = field(default=(), repr=False)


def run(sample: Sample, plan: Plan, lookup: Lookup = NO_LOOKUP) -> Verdict:
    """Run `sample` through `plan` (see `trial_plan`) and compare. Raises nothing about either."""
    try:
        produced = produce(sample, plan, lookup)
    except InteropError as problem:
        return Verdict(ERROR, problem.sentence)
    except Exception as fault:
        # A fault of a codec or mapper. Its words may quote the sample: only its kind is told.
        return Verdict(
            ERROR,
            f"The flow fails on this sample with a fault of its own ({type(fault).__name__}).",
        )
    return compare(sample.expected, produced)


def produce(sample: Sample, plan: Plan, lookup: Lookup = NO_LOOKUP) -> str:
    """What comes out of it, readable. Raises an `InteropError` for what the flow would refuse."""
    if plan.flow["direction"] == "out":
        bodies = [
            plan.shown(
                Document(plan.document_type, plan.document_version, body),
                sample.company,
                test_mac,
                lookup=lookup,
            ).body
            for body in documents_of(sample.given)
        ]
        # Each control number is the first one, so that a sample says the same tomorrow.
        payload = plan.encode(bodies, FIXED_FACTS, dict.fromkeys(plan.rules, 1))
        return readable(payload.decode("utf-8", "backslashreplace"))
    taken = [
        plan.taken_in(decoded.document_body, sample.company, test_mac, lookup=lookup).body
        for decoded in plan.codec.decode(sample.given.encode())
    ]
    if not taken:
        raise DataError("The payload holds no document.")
    return _set_out(taken[0] if len(taken) == 1 else taken)


def documents_of(given: str) -> list[dict[str, Any]]:
    """The documents in an outbound sample; raises `DataError` that says what is wrong."""
    try:
        value = _parse(given)
    except (ValueError, RecursionError) as problem:
        line = getattr(problem, "lineno", 1)
        raise DataError(f"The sample is no JSON: look at line {line}.") from None
    bodies = value if isinstance(value, list) else [value]
    if not bodies or not all(isinstance(body, dict) for body in bodies):
        raise DataError("The sample must be a JSON object, or a list of them.")
    return bodies


def readable(text: str) -> str:
    """`text` set out for reading if it is JSON; otherwise with what cannot be seen made visible.

    Doing it twice changes nothing.

    >>> print(readable('{"b":1,"a":[2]}'))
    {
      "a": [
        2
      ],
      "b": 1
    }
    >>> readable("UNB+UNOC\\r\\nUNH+1\\x1d")
    'UNB+UNOC␍␊\\nUNH+1␝'
    """
    try:
        value = _parse(text)
    except (ValueError, RecursionError):
        return text.replace("\r\n", "␍␊\n").replace("\r", "␍\n").translate(_PICTURES)
    return _set_out(value) if isinstance(value, (dict, list)) else text


# Control characters but for tab and line feed as their pictures (Unicode, Control Pictures).
_PICTURES = {code: 0x2400 + code for code in range(32) if code not in (9, 10)}


def _parse(text: str) -> Any:
    return json.loads(text, parse_constant=_refuse)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON.")


def _set_out(value: Any) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)


# -- samples are invented ------------------------------------------------------------------------


def suspicions(
    sample: Sample,
    direction: str,
    fields: tuple[Field, ...],
    plan: Plan | None = None,
    lookup: Lookup = NO_LOOKUP,
    why: str = "",
    *,
    examples: Iterable[Any] = (),
    templates: tuple[str, ...] = (),
    countries: tuple[str, ...] = (),
) -> tuple[Finding, ...]:
    """What in it the last look would hold for a partner that is cleared for nothing.

    Samples lie in the open for all who see the flow. As everywhere, one of the document's `fields`
    passes for what it is meant to hold: an order's contact may have an (invented) e-mail address.
    Where a partner's payload cannot be read as a document, or there is no `plan`, nothing passes.
    Values of the document type's own `examples` are known to be invented: a location number may
    look like that of a card. `templates` are the organisation's own patterns, `countries` those of
    its telephone numbers.
    """
    documents, wires = sample.given, sample.expected
    if direction == "in":
        documents, wires = wires, documents
    decisions = {each.path: "send" for each in fields if each.is_leaf}
    guard = Guard(fields, decisions, ALL_KINDS, mode=MASK, templates=templates, regions=countries)
    found: list[Finding] = []
    passed: list[Any] = [_as_texts(each) for each in examples]
    invented = frozenset(_texts(passed))
    for value in _values(documents):
        passed.append(value)
        found += guard.look(_without(value, invented), _NOBODY, masking=True).findings
    if direction == "in" and plan is not None:
        passed += _taken(sample, plan, guard, lookup, invented)
    for value in [*_values(wires), {"why": why}]:
        found += guard.look_mapped(value, _NOBODY, {"": passed}, masking=True).findings
    return tuple(dict.fromkeys(found))


def refusal(found: tuple[Finding, ...]) -> str:
    """The sentence that refuses a sample in which something was found; "" if nothing was."""
    if not found:
        return ""
    told = list(dict.fromkeys(f"{each.path} ({label_of(each.kind)})" for each in found))
    more = f" and {len(told) - 5} more" if len(told) > 5 else ""
    return (
        f"Samples are invented, and this one may tell of a person: {', '.join(told[:5])}{more}. "
        "Put made-up values that no number or address of a person looks like in their place."
    )


_NOBODY = Names()


def _taken(
    sample: Sample, plan: Plan, guard: Guard, lookup: Lookup, invented: frozenset[str]
) -> list[Any]:
    """The documents that the flow makes of an inbound payload, if nothing is found in them."""
    taken = []
    try:
        for decoded in plan.codec.decode(sample.given.encode()):
            body = _as_texts(plan.mapper(decoded.document_body, lookup))
            if not guard.look(_without(body, invented), _NOBODY, masking=True).findings:
                taken.append(body)
    except Exception:
        return []  # nothing passes, so more is found
    return taken


def _values(text: str) -> list[dict[str, Any]]:
    """A JSON text's documents, or any other text as one value."""
    if not text.strip():
        return []
    try:
        value = _parse(text)
    except (ValueError, RecursionError):
        return [{"text": text}]
    values = value if isinstance(value, list) else [value]
    return [_as_texts(each if isinstance(each, dict) else {"value": each}) for each in values]


def _as_texts(value: Any) -> Any:
    """Whole numbers as texts: the guard masks these, and cannot mask those."""
    if isinstance(value, dict):
        return {name: _as_texts(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_texts(inner) for inner in value]
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return str(int(value)) if whole and not isinstance(value, bool) else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


def _without(value: Any, known: frozenset[str]) -> Any:
    """`value` without the texts that are `known`; everything else keeps its place."""
    if isinstance(value, dict):
        return {name: _without(inner, known) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, known) for inner in value]
    return "" if isinstance(value, str) and value in known else value


# -- comparing -------------------------------------------------------------------------------------


def compare(expected: str, produced: str) -> Verdict:
    """`produced` beside what was accepted.

    The order of names and the blanks of JSON do not count, nor do empty lines at the end.
    """
    before, after = readable(expected), readable(produced)
    if before.rstrip("\n") == after.rstrip("\n"):
        return Verdict(SAME, produced=after)
    diff = _diff(before, after)
    if not before.strip():
        told = "Nothing is accepted as expected yet. Look at the result, then accept it."
        return Verdict(DIFFERENCE, told, after, diff)
    changes = tuple(islice(changes_of(before, after), MAX_CHANGES))
    return Verdict(DIFFERENCE, _told(changes), after, diff, changes)


def changes_of(before: str, after: str) -> Iterator[Change]:
    """The values that differ, by path; nothing if either is no JSON."""
    try:
        one, other = _parse(before), _parse(after)
    except (ValueError, RecursionError):
        return
    yield from _walk(one, other, "")


def _walk(one: Any, other: Any, path: str) -> Iterator[Change]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            inner = f"{path}.{name}" if path else name
            yield from _member(one.get(name, _ABSENT), other.get(name, _ABSENT), inner)
    elif isinstance(one, list) and isinstance(other, list):
        for place, (here, there) in enumerate(zip_longest(one, other, fillvalue=_ABSENT)):
            yield from _member(here, there, f"{path}[{place}]")
    elif type(one) is not type(other) or one != other:
        yield Change(path, _text(one), _text(other))


def _member(one: Any, other: Any, path: str) -> Iterator[Change]:
    if one is _ABSENT or other is _ABSENT:
        yield Change(path, _text(one), _text(other))
    else:
        yield from _walk(one, other, path)


_ABSENT = object()


def _text(value: Any) -> str | None:
    return None if value is _ABSENT else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _diff(before: str, after: str) -> tuple[str, ...]:
    lines = difflib.unified_diff(_lines(before), _lines(after), lineterm="")
    return tuple(line for place, line in enumerate(lines) if place > 1)


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def _told(changes: tuple[Change, ...]) -> str:
    if not changes:
        return "The result is not as expected."
    paths = [change.path for change in changes]
    count = f"{len(paths)} values are" if len(paths) > 1 else "1 value is"
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return f"{count} not as expected: {', '.join(paths[:3])}{more}."
