"""What is looked for, and in which field: the connector's clearance and the document type decide.

=================  ============================================================================
Cleared for        Looked for
=================  ============================================================================
up to              everything
confidential
personal           SSN, cards, medical record numbers, dates of birth. E-mail addresses, telephone
                   numbers, names and provider identifiers are what such a connector is for.
health, secret     SSN and cards: they are asked for in a field of their own or not at all
                   (45 CFR 164.502(b), minimum necessary; PCI DSS 4, requirement 4.2).
=================  ============================================================================

A connector in a region to which personal or health data may not go is treated as if it were not
cleared for them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from odoo.addons.interop_document.lib.fields import Field
from odoo.addons.interop_document.lib.gs1 import is_gln, is_gtin, is_sscc
from odoo.addons.interop_document.lib.sensitivity import Sensitivity

_ALWAYS = frozenset({"ssn", "card"})
_UP_TO_PERSONAL = _ALWAYS | {"mrn", "birth_date"}
_UP_TO_CONFIDENTIAL = _UP_TO_PERSONAL | {"email", "phone", "name", "npi"}

ALL_KINDS = _UP_TO_CONFIDENTIAL
NUMBER_KINDS = frozenset({"ssn", "npi", "card"})

# Decisions of a policy that put something in the value's place (a mask, a token, a fixed text): it
# may look like a number and is none. After all others, and those of other modules, the value may
# still be the document's own.
REPLACED = frozenset({"mask", "tokenise", "hash", "generalise", "constant", "encrypt"})

# Decisions after which a field certainly leaves as it is: what it says is no secret any more.
SENT = frozenset({"send", "require"})

# Formats with check digits or a fixed shape: the validator has looked at these already.
_CHECKED = frozenset({"date", "date-time", "time", "gtin", "gln", "sscc", "udi-di", "uuid"})
# From this length on (in characters) a field is more than a code or a title.
_FREE_FROM = 1000
_FREE_NAMES = frozenset(
    {"notes", "note", "instructions", "comment", "comments", "remarks", "reason", "text", "message"}
)

_BY_NAME = {
    "email": "email", "email_address": "email",
    "phone": "phone", "mobile": "phone", "fax": "phone", "telephone": "phone",
    "birth_date": "birth_date", "date_of_birth": "birth_date", "birthdate": "birth_date",
    "npi": "npi", "ssn": "ssn", "mrn": "mrn", "medical_record_number": "mrn",
}  # fmt: skip
_NAME_FIELDS = frozenset(
    {"name", "full_name", "first_name", "given_name", "last_name", "family_name", "patient"}
)


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked for in one field."""

    kinds: frozenset[str]
    bare: bool = True
    """Numbers count that only their digits speak for: not in fields that are meant for codes."""


# Schemes of identifiers whose numbers can be checked: all digits, a length of their own and the
# check digit of GS1 (General Specifications, section 7.9), as in fields of these formats.
_SCHEMES: Mapping[str, Callable[[str], bool]] = {"gln": is_gln, "gtin": is_gtin, "sscc": is_sscc}
_SCHEME, _VALUE = "scheme", "value"


@dataclass(frozen=True, slots=True)
class Identifier:
    """The value in a list of identifiers, of which the scheme beside it says what it is."""

    look: Look
    schemes: frozenset[str]
    """Those the document type knows and that can be checked."""

    def of(self, value: Any, group: Mapping[str, Any]) -> Look | None:
        """What is looked for in `value`, a member of `group`; None if it is what it is called.

        A location number may have the digits of a card. It passes only with the right check digit
        for its scheme: a card's number does not become a GLN because somebody calls it one.
        """
        scheme = group.get(_SCHEME)
        if isinstance(scheme, str) and scheme in self.schemes and isinstance(value, str):
            return None if _SCHEMES[scheme](value) else self.look
        return self.look


def kinds_for(
    clearance: Sensitivity, personal_may_go: bool = True, health_may_go: bool = True
) -> frozenset[str]:
    """What must not leave to a connector of that clearance and region: the table above."""
    if clearance < Sensitivity.personal or not personal_may_go:
        return _UP_TO_CONFIDENTIAL
    if clearance < Sensitivity.health or not health_may_go:
        return _UP_TO_PERSONAL
    return _ALWAYS


def own_kind(field: Field) -> str:
    """The kind of thing a field is meant to hold, "" if none: `x-kind`, or what its name says.

    A free text is meant for anything, so it has none.
    """
    if field.free_text:
        return ""
    if field.holds:
        return "name" if field.holds == "person-name" else field.holds
    plain = field.name.lower()
    if plain in _NAME_FIELDS and field.sensitivity >= Sensitivity.personal:
        return "name"
    return _BY_NAME.get(plain, "")


def is_free(field: Field) -> bool:
    """Whether people write in it what they like."""
    if field.format or field.values or not field.type.endswith("string"):
        return False
    if field.free_text or field.name.lower() in _FREE_NAMES:
        return True
    bounded = 0 < field.max_length < _FREE_FROM
    return not bounded and not own_kind(field)


def look_at(field: Field, kinds: frozenset[str]) -> Look | None:
    """What of `kinds` is looked for in `field`; None if there is nothing to look at.

    A field passes for its own kind: an order's `contact.email` that the policy sends is an e-mail
    address. Telephone numbers have many forms, so that only what is unmistakable counts there, as
    in fields for codes.
    """
    if field.values or field.format in _CHECKED or field.type.endswith("boolean"):
        return None
    if field.encoded:
        return None  # bytes of a file: digits in it mean nothing
    own = own_kind(field)
    wanted = kinds - {own}
    if own == "phone":
        wanted -= {"npi"}
    kind_of_value = field.type.removeprefix("list of ")
    if kind_of_value in ("number", "integer"):
        # Amounts and quantities may have nine digits; a whole number may be somebody's.
        return Look(wanted & NUMBER_KINDS, kind_of_value == "integer")
    if not wanted:
        return None
    is_code = kind_of_value == "string" and not is_free(field) and not own
    return Look(wanted, not is_code and own != "phone")


Tree = dict[str, Any]
"""Group → its members, field → its `Look`, `Identifier` or None. Lists are looked through."""


def plant(fields: Iterable[Field], decisions: Mapping[str, str], kinds: frozenset[str]) -> Tree:
    """The looks in the shape of the document, for the fields whose own values may leave."""
    root: Tree = {}
    fields = tuple(fields)
    schemes = _schemes(fields, decisions)
    for field in fields:
        if not field.is_leaf:
            continue
        node = root
        *groups, last = field.path.replace("[]", "").split(".")
        for name in groups:
            node = node.setdefault(name, {})
        replaced = decisions.get(field.path) in REPLACED
        look = None if replaced else look_at(field, kinds)
        known = schemes.get(field.path.rpartition(".")[0])
        is_value = field.name == _VALUE and field.type == "string"
        node[last] = Identifier(look, known) if look and known and is_value else look
    return root


def _schemes(fields: Iterable[Field], decisions: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """By group, the schemes that can be checked: of a list of values, that leaves as it is.

    What a policy puts in a scheme's place says nothing about the number, and neither does a text
    that may be anything.
    """
    return {
        field.path.rpartition(".")[0]: known
        for field in fields
        if field.name == _SCHEME and field.type == "string" and decisions.get(field.path) in SENT
        for known in [frozenset(_SCHEMES.keys() & set(field.values))]
        if known
    }
