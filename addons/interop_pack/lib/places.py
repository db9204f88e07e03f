"""Where the answer to a pack's question goes, and what an answer may be.

The places are a closed list: a pack from outside cannot reach anything else.

=================================== ==============================================
``partner.gln``, ``company.gln``    the organisation's location number
``partner.account_number``          our customer number at the supplier
``endpoint.<purpose>.url``          the address of an endpoint
``connector.max_in_flight``         how much may be on its way at once
``flow.<code>.answer_hours``        within how many hours an answer is expected
``mapping.<code>.<target>``         the constant of that row
``crosswalk.<code>.default_in``     what stands for an unknown code (or ``default_out``)
``note``                            nowhere: kept with the answers, for people
=================================== ==============================================
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_document.lib.gs1 import is_gln

#: Answers that belong to an organisation and not to what is made from the pack.
PARTY_PLACES = {
    "partner.gln": ("partner", "global_location_number"),
    "partner.account_number": ("partner", "interop_account_number"),
    "company.gln": ("company", "global_location_number"),
}
_DEFAULTS = ("default_in", "default_out")


class AnswerError(DataError):
    """An answer that cannot be used. The sentence names the question, never the answer."""


def read_answer(question: Mapping[str, Any], text: str) -> Any:
    """The value of an answer as people type it; None if there is none. Raises `AnswerError`."""
    title, text = question["title"], text.strip()
    if not text:
        if question.get("required", True):
            raise AnswerError(f"Answer the question “{title}”.")
        return None
    if len(text) > 2_000:
        raise AnswerError(f"“{title}”: the answer is too long.")
    problem = None
    match question["kind"]:
        case "url" if not _is_address(text):
            problem = "write a full address, with https://."
        case "gln" if not is_gln(text):
            problem = "a GLN has 13 digits, the last of which is its check digit."
        case "integer" if not _is_number(text, 9):
            problem = "write a whole number."
        case "number" if not _is_number(text.replace(".", "", 1), 15):
            problem = "write a number, with a point if it has places."
        case "choice" if text not in (choices := [c["value"] for c in question.get("choices", ())]):
            problem = f"choose one of {', '.join(choices)}."
    if problem:
        raise AnswerError(f"“{title}”: {problem}")
    return {"integer": int, "number": float}.get(question["kind"], str)(text)


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _is_number(digits: str, longest: int) -> bool:
    return digits.isascii() and digits.isdigit() and len(digits) <= longest


def place_problem(body: Mapping[str, Any], place: str) -> str | None:
    """Why an answer cannot go there, or None."""
    if place == "note" or place in PARTY_PLACES or place == "connector.max_in_flight":
        return None
    return None if _spot(body, place) else "its answer would go to a place that is not there"


def fill_in(body: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The pack with the answers (by code of the question) at their places."""
    filled = copy.deepcopy(dict(body))
    for question in body.get("questions", ()):
        value = answers.get(question["code"])
        if value is None or question["goes"] in PARTY_PLACES or question["goes"] == "note":
            continue
        if question["goes"] == "connector.max_in_flight":
            filled["connector"]["max_in_flight"] = value
        elif spot := _spot(filled, question["goes"]):
            holder, name = spot
            holder[name] = value
    return filled


def _spot(body: Mapping[str, Any], place: str) -> tuple[dict[str, Any], str] | None:
    """The group of the pack that the answer is put into, and its name there."""
    kind, _dot, rest = place.partition(".")
    code, _dot, name = rest.partition(".")
    if kind == "endpoint" and name == "url":
        return _one(body["connector"].get("endpoints", ()), "purpose", code, "url")
    if kind == "flow" and name == "answer_hours":
        return _one(body.get("flows", ()), "code", code, name)
    if kind == "crosswalk" and name in _DEFAULTS:
        return _one(body.get("crosswalks", ()), "code", code, name)
    if kind == "mapping":
        for mapping in body.get("mappings", ()):
            if mapping["code"] == code:
                found = _one(mapping["rows"], "target", name, "constant")
                return None if found and found[0].get("source") else found
    return None


def _one(entries: Any, key: str, wanted: str, name: str) -> tuple[dict[str, Any], str] | None:
    for entry in entries:
        if entry[key] == wanted:
            return entry, name
    return None
