"""A pack made of what was read from a connector: codes, questions for what differs, no secrets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .pack import FORMAT, Pack, make_pack

#: What is asked of each partner, whatever the pack.
_ACCOUNT = {
    "code": "account",
    "title": "Our customer number there",
    "help": "Put on the partner if it has none for the company yet.",
    "kind": "text",
    "required": False,
    "goes": "partner.account_number",
}
_GLNS = [
    {
        "code": f"{who}_gln",
        "title": title,
        "help": "13 digits. Put there if there is none yet.",
        "kind": "gln",
        "required": False,
        "goes": f"{who}.gln",
    }
    for who, title in (("partner", "Partner's GLN"), ("company", "Our GLN"))
]


def code_of(name: str, taken: Iterable[str] = ()) -> str:
    """A code for a name that no other of `taken` has.

    >>> code_of("Orders to Müller", ["orders-to-muller"])
    'orders-to-muller-2'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:36].strip("-") or "part"
    known, code, number = set(taken), base, 2
    while code in known:
        code, number = f"{base}-{number}", number + 1
    return code


def pack_of(
    found: Mapping[str, Any],
    about: Mapping[str, Any],
    secrets: Sequence[Mapping[str, Any]],
) -> Pack:
    """The pack of a connector: `found` as a reader gives it, `about` with code, name, version,
    partner_kind, system, summary and guide. Addresses become questions: they differ from partner to
    partner. Raises `PackError`."""
    endpoints, questions = [], []
    for endpoint in found["connector"].get("endpoints", ()):
        endpoints.append({name: value for name, value in endpoint.items() if name != "url"})
        questions.append(
            {
                "code": f"url-{endpoint['purpose']}",
                "title": f"Address: {endpoint['name']}"[:200],
                "kind": "url",
                "goes": f"endpoint.{endpoint['purpose']}.url",
            }
        )
    body = {
        **found,
        "format": FORMAT,
        **{name: value for name, value in about.items() if value},
        "connector": {**found["connector"], "endpoints": endpoints},
        "secrets": list(secrets),
        "questions": [*questions, _ACCOUNT, *_GLNS],
    }
    return make_pack(body)
