"""A second evaluator, as slow and plain as possible: each value is looked at on its own.

It shares the functions that make what is shown of a single value (they have tests of their own),
and nothing of how rules are found, weighed and applied.
"""

import re

from odoo.addons.interop_document.lib.sensitivity import Sensitivity
from odoo.addons.interop_policy.lib.generalise import GROUPINGS, bounds_of
from odoo.addons.interop_policy.lib.mask import MASKS
from odoo.addons.interop_policy.lib.redact import redact
from odoo.addons.interop_policy.lib.tokens import (
    SHAPES,
    keyed_hash,
    length_of,
    scope_key,
    tokenise,
)

CONSTANTS = {"text": "fixed", "number": 7, "boolean": True, "null": None}


class Stopped(Exception):
    """The document must not go on."""


def expected(rules, fields, document, frame, context):
    """What is shown of `document`; raises `Stopped`."""
    for path in fields:
        rule = rule_for(rules, path, document, frame)
        if rule and rule.action == "require":
            if capped(rule, fields[path], frame) or not everywhere(document, path.split(".")):
                raise Stopped
    shown = walk(document, "", rules, fields, document, frame, context)
    return {} if shown is GONE else shown


GONE = object()


def walk(value, path, rules, fields, document, frame, context):
    if path in fields:
        return one(value, path, rules, fields, document, frame, context)
    if isinstance(value, dict) and not path.endswith("[]" * 9):
        if path and not any(f.startswith(f"{path}.") for f in fields):
            return GONE
        inner = {
            name: walk(
                each, f"{path}.{name}" if path else name, rules, fields, document, frame, context
            )
            for name, each in value.items()
        }
        return {name: each for name, each in inner.items() if each is not GONE} or GONE
    if isinstance(value, list) and path and not path.endswith("."):
        inner = [walk(each, f"{path}[]", rules, fields, document, frame, context) for each in value]
        if all(each is GONE for each in inner):
            return GONE
        if f"{path}[]" in fields:
            return [each for each in inner if each is not GONE]
        # Lists of lists: an entry that shows nothing is an empty group, whatever it was.
        return [{} if each is GONE else each for each in inner]
    return GONE


def one(value, path, rules, fields, document, frame, context):
    rule = rule_for(rules, path, document, frame)
    if rule is None or rule.action == "drop":
        return GONE
    if rule.action == "refuse":
        if value is None or isinstance(value, str) and not value.strip():
            return GONE
        raise Stopped
    if isinstance(value, dict | list) or capped(rule, fields[path], frame):
        return GONE
    if rule.action in ("send", "require"):
        return value
    return made(rule, value, context)


def made(rule, value, context):
    """What is made of a value that does not leave as it is."""
    match rule.action, rule.pattern:
        case (("send" | "require"), _):
            return value
        case "mask", pattern:
            return MASKS[pattern or "full"](value)
        case "tokenise", pattern:
            return tokenise(
                value,
                scope_key("token", context),
                SHAPES[pattern or "letters"],
                length_of(rule.parameter),
            )
        case "hash", _:
            return keyed_hash(value, scope_key("hash", context))
        case "generalise", pattern:
            bounds = bounds_of(rule.parameter) if pattern == "band" else ()
            return GROUPINGS[pattern or "year"].show(value, context, bounds)
        case "redact", _:
            return redact(value)
        case "constant", pattern:
            return CONSTANTS[pattern or "text"]
        case "encrypt", _:
            return "(encrypted)"
    raise AssertionError(rule.action)


def everywhere(value, names):
    """Whether the way `names` leads to something at each entry of each list on it."""
    if not names:
        return not isinstance(value, dict | list) and not (
            value is None or isinstance(value, str) and not value.strip()
        )
    name, *rest = names
    bare = name.replace("[]", "")
    if not isinstance(value, dict) or bare not in value:
        return False
    found = [value[bare]]
    for _level in range(name.count("[]")):
        if not all(isinstance(each, list) and each for each in found):
            return False
        found = [entry for each in found for entry in each]
    return all(everywhere(each, rest) for each in found)


def rule_for(rules, path, document, frame):
    """The rule that counts for the field at `path`, or None."""
    named = [rule for rule in rules if regex(rule.path).fullmatch(path)]
    if not named:
        return None
    nearest = max((specific(rule.path), rule.path) for rule in named)[1]
    for rule in named:
        if (
            rule.path == nearest
            and rule.purpose in (None, frame.purpose)
            and rule.company in (None, frame.company)
            and all(holds(condition, document) for condition in rule.conditions)
        ):
            return rule
    return None


def regex(path):
    """`*` is one step, `**` any number of them, anything else itself."""
    steps = [
        ".+" if step == "**" else "[^.]+" if step == "*" else re.escape(step)
        for step in path.split(".")
    ]
    return re.compile(r"\.".join(steps))


def specific(path):
    last = path.split(".")[-1]
    return {"**": 0, "*": 1}.get(last, 2), len(path.split("."))


def holds(condition, document):
    value = document
    for name in condition.path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    there = value is not None and not (isinstance(value, str) and not value.strip())
    if condition.operator in ("present", "absent"):
        return there == (condition.operator == "present")
    if not there or not isinstance(value, str):
        # The random documents hold texts only; anything else is compared with none of them.
        return there and condition.operator == "ne"
    first = condition.values[0]
    return {
        "eq": value == first,
        "ne": value != first,
        "in": value in condition.values,
        "lt": value < first,
        "le": value <= first,
        "gt": value > first,
        "ge": value >= first,
    }[condition.operator]


def capped(rule, sensitivity, frame):
    action, pattern = rule.action, rule.pattern
    if action in ("drop", "refuse", "constant"):
        return False
    if sensitivity > frame.clearance:
        if sensitivity is Sensitivity.secret:
            return True
        if action not in ("mask", "tokenise", "hash", "generalise", "encrypt"):
            return True
    if action == "mask" and pattern in (None, "full"):
        return False
    if action == "generalise" and pattern != "month":
        return False
    if frame.residency.unbound or sensitivity < Sensitivity.personal:
        return False
    listed = frame.residency.personal
    if sensitivity is not Sensitivity.personal:
        listed = frame.residency.health
    return frame.residency.region not in listed
