"""A first policy for a document type and a clearance: a rule and a reason for each field.

It is a proposal to be reviewed, on the cautious side: what is at or below the clearance is sent,
what is above leaves in the least telling form that is still of use, and free text only redacted.
"""

import re
from collections.abc import Iterable

from odoo.addons.interop_document.lib.fields import Field
from odoo.addons.interop_document.lib.sensitivity import Sensitivity

from .rules import Rule

_WORDS = re.compile(r"[^\W_]+")
_IDENTIFIERS = frozenset("id identifier mrn number reference account policy member npi".split())
_PHONES = frozenset({"phone", "mobile", "fax", "telephone"})
_ZIPS = frozenset({"zip", "postcode", "postal"})
_NAMES = frozenset({"name", "surname", "patient", "contact"})


def propose(fields: Iterable[Field], clearance: Sensitivity) -> list[Rule]:
    """One rule with its reason for each field of a document type, in the type's order."""
    return [_rule(field, clearance) for field in fields if field.is_leaf]


def _rule(field: Field, clearance: Sensitivity) -> Rule:
    name = field.sensitivity.name
    if field.sensitivity is Sensitivity.secret:
        return Rule(field.path, "drop", reason="Secret: it never leaves")
    if field.sensitivity <= clearance:
        if field.free_text:
            reason = "Free text may name people: what is found is taken out"
            return Rule(field.path, "redact", reason=reason)
        cleared = "at" if field.sensitivity is clearance else "below"
        return Rule(field.path, "send", reason=f"{name.capitalize()}: {cleared} the clearance")
    action, pattern, why = _reduced(field)
    return Rule(field.path, action, pattern, f"{name.capitalize()}, above the clearance: {why}")


def _reduced(field: Field) -> tuple[str, str | None, str]:
    """What is done with a field above the clearance: action, pattern and why, by kind of field."""
    words = frozenset(word.lower() for word in _WORDS.findall(field.name.replace("_", " ")))
    texts = field.type.removeprefix("list of ") == "string"
    if field.sensitivity < Sensitivity.personal:
        # About the business, not about people: nothing of it is needed in another form.
        return "drop", None, "not needed"
    if field.free_text:
        return "drop", None, "free text cannot be made safe"
    if field.format in ("date", "date-time"):
        pattern = "age" if words & {"birth", "born", "dob"} else "year"
        return "generalise", pattern, "the year is enough"
    if words & _ZIPS:
        return "generalise", "zip3", "the area is enough"
    if "age" in words:
        return "generalise", "age", "the age group is enough"
    if "email" in words or field.format == "email":
        return "mask", "domain", "the organisation is enough"
    if words & _PHONES:
        return "mask", "last4", "enough to recognise a caller"
    if texts and words & _IDENTIFIERS:
        return "tokenise", "letters", "to be matched, not read"
    if texts and words & _NAMES:
        return "mask", "initials", "initials are enough"
    return "drop", None, "not needed"
