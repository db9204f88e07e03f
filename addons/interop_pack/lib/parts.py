"""A pack taken apart into small pieces with names, and put together again.

Pieces are what is compared when a pack is updated: a setting, a row of a mapping, a rule of a
policy, an entry of a crosswalk. What is empty (missing, false, an empty text, zero) is no piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from odoo.addons.interop_policy.lib.policy import ACTIONS

from .traffic import WEEKDAYS, in_order

Key = tuple[str, ...]
Parts = dict[Key, Any]

#: The settings of each kind that follow the pack. Names do not: each clone has its own.
CONNECTOR_FIELDS = (
    "transport", "codec", "clearance", "auth_header", "max_in_flight", "rate_limit", "rate_unit",
    "rate_burst", "inbound_rate", "inbound_burst", "inbound_kb_rate", "inbound_backlog",
    "inbound_max_kb", "inbound_unsigned_rate",
)  # fmt: skip
WINDOW_FIELDS = ("name", "days", "from", "to")
ENDPOINT_FIELDS = (
    "url", "method", "timeout_connect", "timeout_total", "idempotent", "max_response_kb",
    "probe_method", "probe_path", "breaker_failures", "breaker_rate", "breaker_window",
    "breaker_wait", "breaker_wait_most",
)  # fmt: skip
CROSSWALK_FIELDS = (
    "kind", "unknown_out", "default_out", "unknown_in", "default_in", "ignore_case",
    "ignore_spaces", "note",
)  # fmt: skip
MAPPING_FIELDS = ("direction", "document_type", "version", "note")
POLICY_FIELDS = ("document_type", "version", "note")
FLOW_FIELDS = (
    "direction", "event", "document_type", "version", "handler", "mapping", "policy",
    "retention_class", "order_by", "expects_answer", "answer_hours", "retry_strategy",
    "retry_max_attempts", "retry_max_hours", "retry_pause_minutes", "batch_size", "batch_minutes",
    "purpose", "guard", "mode", "direct_seconds", "direct_at_most", "answer_type",
    "answer_version", "answer_policy", "priority", "batch_times", "batch_days", "batch_zone",
    "batch_kilobytes", "batch_release", "batch_release_hours", "batch_totals", "coalesce",
    "content_as_of", "condition", "route_group", "route_sequence",
)  # fmt: skip
#: Those of a flow that name something else.
FLOW_REFERENCES = (
    "document_type", "version", "mapping", "policy", "retention_class", "answer_type",
    "answer_version", "answer_policy",
)  # fmt: skip
#: Those of a flow that a pack says in words of its own, see `traffic`.
FLOW_WORDS = ("priority", "batch_days", "condition")
RULE_FIELDS = (
    "path", "action", "pattern", "parameter", "reversible", "purpose", "condition", "reason",
)  # fmt: skip
ROW_FIELDS = (
    "target", "each", "source", "constant", "converter", "arguments", "crosswalk", "default",
    "required", "when", "note",
)  # fmt: skip
ENTRY_FIELDS = (
    "ours", "ours_label", "theirs", "theirs_label", "preferred", "valid_from", "valid_until",
    "note",
)  # fmt: skip
WAIT_FIELDS = ("flow", "path")

# What holds if a pack does not say it, as the models have it.
_USUAL: dict[str, dict[str, Any]] = {
    "connector": {
        "clearance": "internal", "auth_header": "X-API-Key", "max_in_flight": 8,
        "rate_unit": "second", "rate_burst": 10, "inbound_unsigned_rate": 120,
    },
    "endpoint": {
        "method": "POST", "timeout_connect": 5, "timeout_total": 30, "max_response_kb": 1024,
        "probe_method": "HEAD", "breaker_failures": 5, "breaker_rate": 50, "breaker_window": 20,
        "breaker_wait": 30, "breaker_wait_most": 900,
    },
    "crosswalk": {
        "kind": "other", "unknown_out": "fail", "unknown_in": "fail", "ignore_spaces": True,
    },
    "mapping": {},
    "policy": {},
    "flow": {
        "answer_hours": 48, "retry_strategy": "exponential", "retry_max_attempts": 12,
        "retry_max_hours": 72, "retry_pause_minutes": 15, "batch_size": 1, "guard": "hold",
        "retention_class": "standard", "mode": "realtime", "direct_seconds": 10,
        "direct_at_most": 4, "priority": "normal", "batch_days": list(WEEKDAYS),
        "batch_release_hours": 4, "content_as_of": "latest", "route_sequence": 10,
    },
}  # fmt: skip

#: What packs could not say at first. Left out where it is as usual, so that an installation that
#: does not know it yet takes the pack as well.
_LATER = {
    "connector": frozenset(CONNECTOR_FIELDS[5:]),
    "endpoint": frozenset(ENDPOINT_FIELDS[6:]),
    "flow": frozenset(FLOW_FIELDS[FLOW_FIELDS.index("mode") :]),
}

#: kind → (list in the pack, its settings, its inner list, its key in pieces, fields of an entry)
LISTED: dict[str, tuple[str, tuple[str, ...], str, str, tuple[str, ...]]] = {
    "crosswalk": ("crosswalks", CROSSWALK_FIELDS, "entries", "entry", ENTRY_FIELDS),
    "mapping": ("mappings", MAPPING_FIELDS, "rows", "row", ROW_FIELDS),
    "policy": ("policies", POLICY_FIELDS, "rules", "rule", RULE_FIELDS),
    "flow": ("flows", FLOW_FIELDS, "waits", "wait", WAIT_FIELDS),
}


def take_apart(body: Mapping[str, Any]) -> Parts:
    """All pieces of a pack (or of what was read back from a clone), in their order."""
    parts: Parts = {}
    connector = body["connector"]
    _settings(parts, ("connector",), "connector", connector, (*CONNECTOR_FIELDS, "time_zone"))
    for name, window in _named("window", connector.get("windows", ()), WINDOW_FIELDS):
        parts["connector", "window", name] = window
    for endpoint in connector.get("endpoints", ()):
        place = ("endpoint", endpoint["purpose"])
        _settings(parts, place, "endpoint", endpoint, ENDPOINT_FIELDS)
    for kind, (listed, fields, inner, part, names) in LISTED.items():
        for entry in body.get(listed, ()):
            place = (kind, entry["code"])
            _settings(parts, place, kind, _flow(entry) if kind == "flow" else entry, fields)
            for name, value in _named(kind, entry.get(inner, ()), names):
                parts[(*place, part, name)] = value
    return parts


def put_together(parts: Mapping[Key, Any]) -> dict[str, Any]:
    """The pieces as a pack has them, without names, samples, questions and guide."""
    endpoints: dict[str, dict[str, Any]] = {}
    body: dict[str, Any] = {"connector": {}}
    found: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in LISTED}
    for key, value in parts.items():
        if key[0] == "connector" and len(key) == 3:
            body["connector"].setdefault("windows", []).append(value)
        elif key[0] == "connector":
            body["connector"][key[1]] = value
        elif key[0] == "endpoint":
            endpoints.setdefault(key[1], {"purpose": key[1]})[key[2]] = value
        else:
            entry = found[key[0]].setdefault(key[1], {"code": key[1]})
            inner, part = LISTED[key[0]][2:4]
            if len(key) == 4 and key[2] == part:
                entry.setdefault(inner, []).append(value)
            else:
                entry[key[2]] = value
    body["connector"]["endpoints"] = list(endpoints.values())
    for kind, (listed, _fields, _inner, _part, _names) in LISTED.items():
        body[listed] = list(found[kind].values())
    return body


def only_set(entry: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Those of `names` that say something."""
    return {name: entry[name] for name in names if entry.get(name)}


def as_said(kind: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """What a pack says of the settings that a record of `kind` has.

    >>> as_said("endpoint", {"method": "POST", "probe_method": "HEAD", "breaker_failures": 0})
    {'method': 'POST', 'breaker_failures': 0}
    """
    usual, later = _USUAL.get(kind, {}), _LATER.get(kind, frozenset())
    said = {}
    for name, value in kept.items():
        if name in later and value == usual.get(name):
            continue
        # None at all has to be said where there usually is something.
        if value or isinstance(usual.get(name), (int, float, list)):
            said[name] = value
    return said


def _settings(
    parts: Parts, place: Key, kind: str, entry: Mapping[str, Any], names: Sequence[str]
) -> None:
    whole = {**_USUAL[kind], **entry}
    for name, value in only_set(whole, names).items():
        parts[(*place, name)] = value


def _flow(entry: Mapping[str, Any]) -> dict[str, Any]:
    usual = "record" if entry.get("direction") == "out" else "none"
    said = {"order_by": usual, **entry}
    return said | ({"batch_days": in_order(entry["batch_days"])} if "batch_days" in entry else {})


def _named(
    kind: str, entries: Iterable[Mapping[str, Any]], names: Sequence[str]
) -> list[tuple[str, dict[str, Any]]]:
    """Entries of an inner list under names that stay the same when others come and go."""
    found: list[tuple[str, dict[str, Any]]] = []
    seen: dict[str, int] = {}
    for given in entries:
        entry = only_set(given, names)
        if kind == "mapping":
            name = str(entry["target"])
        elif kind == "policy":
            name = str(entry["path"])
            usual = ACTIONS.get(entry["action"]).default_pattern if _known(entry) else None
            if usual and "pattern" not in entry:
                entry["pattern"] = usual
        elif kind == "window":
            name = str(entry["name"])
            entry["days"] = in_order(entry["days"])
        elif kind == "flow":
            name = ", ".join(filter(None, [entry["flow"], entry.get("path")]))
        else:
            name = " – ".join(
                [entry["ours"], entry["theirs"], *filter(None, [entry.get("valid_from")])]
            )
        seen[name] = seen.get(name, 0) + 1
        found.append((name if seen[name] == 1 else f"{name} ({seen[name]})", entry))
    return found


def _known(rule: Mapping[str, Any]) -> bool:
    return rule["action"] in ACTIONS
