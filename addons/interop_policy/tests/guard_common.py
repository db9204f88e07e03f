"""Invented people and numbers, and document types to plant them in."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from odoo.addons.interop_document.lib.fields import walk_fields
from odoo.addons.interop_policy.lib.guard import Guard
from odoo.addons.interop_policy.lib.looks import ALL_KINDS
from odoo.addons.interop_policy.lib.names import Names
from odoo.addons.interop_policy.lib.numbers import has_luhn, is_ssn

PEOPLE = ("Mariela Quintana-Roth", "Zoë Ørsted Müllner")
NAMES = Names(PEOPLE)
TEMPLATE = "NF-######"

NOTES = {"type": "string", "x-sensitivity": "internal"}
CODE = {"type": "string", "maxLength": 64, "x-sensitivity": "internal"}
SCHEMA = {
    "type": "object",
    "properties": {
        "number": CODE,
        "notes": NOTES,
        "amount": {"type": "number", "x-sensitivity": "internal"},
        "serial": {"type": "integer", "x-sensitivity": "internal"},
        "due": {"type": "string", "format": "date", "x-sensitivity": "internal"},
        "remarks": {"type": "array", "items": NOTES},
        "contact": {
            "type": "object",
            "x-sensitivity": "personal",
            "properties": {
                "name": {"type": "string", "maxLength": 200},
                "phone": {"type": "string", "maxLength": 40},
                "email": {"type": "string", "maxLength": 254},
            },
        },
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "code": CODE,
                    "notes": NOTES,
                    "parts": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"reason": NOTES}},
                    },
                },
            },
        },
    },
}
FIELDS = walk_fields(SCHEMA)


def guard_of(decisions: dict[str, str] | None = None, **settings: Any) -> Guard:
    """A guard over `SCHEMA`: all is sent unless `decisions` say otherwise."""
    told = {each.path: "send" for each in FIELDS if each.is_leaf} | (decisions or {})
    kinds = settings.pop("kinds", ALL_KINDS)
    return Guard(FIELDS, told, kinds, templates=[TEMPLATE], **settings)


def with_check_digit(body: str, prefix: str = "") -> str:
    return next(f"{body}{digit}" for digit in range(10) if has_luhn(f"{prefix}{body}{digit}"))


DIGITS = "0123456789"
SEPARATORS = st.sampled_from(["-", " ", ".", " - ", "/", "‑", "\u00a0", "\u2009", "_", "\t", "\n"])


def _joined(sizes: tuple[int, ...], number: str, separator: str) -> str:
    pieces, place = [], 0
    for size in sizes:
        pieces.append(number[place : place + size])
        place += size
    return separator.join(pieces)


SSNS = st.builds(
    _joined, st.sampled_from([(3, 2, 4), (9,), (1,) * 9]),
    st.text(DIGITS, min_size=9, max_size=9).filter(is_ssn), SEPARATORS,
)  # fmt: skip
NPIS = st.text(DIGITS, min_size=8, max_size=8).map(
    lambda rest: with_check_digit(f"1{rest}", "80840")
)
CARDS = st.builds(
    _joined, st.sampled_from([(4, 4, 4, 4), (16,), (1,) * 16, (8, 8)]),
    st.text(DIGITS, min_size=14, max_size=14).map(lambda rest: with_check_digit(f"4{rest}")),
    SEPARATORS,
)  # fmt: skip
EMAILS = st.builds(
    "{}@{}.example".format,
    st.text("abcxyz0189._+-", min_size=1, max_size=20),
    st.from_regex(r"[a-z]{1,9}(-[a-z0-9]{1,5})?", fullmatch=True),
)
MRNS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["NF", "nf", "Nf"]),
    st.sampled_from(["-", " ", "", ".", "/"]),
    st.text(DIGITS, min_size=6, max_size=6),
)
WRITTEN_NAMES = st.sampled_from(
    [
        "Mariela Quintana-Roth", "MARIELA  QUINTANA ROTH", "Quintana-Roth, Mariela",
        "zoe orsted mullner", "Müllner, Zoë Ørsted", "ZOË MÜLLNER", "Mullner Zoe",
    ]
)  # fmt: skip
PLANTED = st.one_of(SSNS, NPIS, CARDS, EMAILS, MRNS, WRITTEN_NAMES)

# Harmless, and such that nothing of it grows together with what is planted beside it.
FILLERS = st.text("abc xyz,;:!?äß\n", max_size=40)


def texts_of(value: Any) -> Iterator[str]:
    """Every text of a document."""
    match value:
        case dict():
            for inner in value.values():
                yield from texts_of(inner)
        case list():
            for inner in value:
                yield from texts_of(inner)
        case str():
            yield value
