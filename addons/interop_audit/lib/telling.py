"""The facts of an entry as lines that people read."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

#: What people read for a fact's name; any other is shown with blanks for underlines.
WORDS: Final[dict[str, str]] = {
    "acknowledged": "Acknowledged with",
    "attempts": "Tries",
    "before": "Before",
    "failure_class": "Kind of failure",
    "fields": "Fields",
    "found": "Found",
    "identity": "Password",
    "left": "Left the house",
    "masked": "Masked by the last look",
    "masked_count": "Masked in all",
    "minutes": "Minutes",
    "now": "Now",
    "reason": "Reason",
    "shape": "Form of the document",
    "size": "Bytes",
    "status": "Answer of the partner",
    "tokens": "Tokens",
    "tokens_resolved": "Tokens turned back",
    "view": "Shown",
    "words": "In their words",
}

#: People cannot compare these by eye, and a list has no room; exports have them whole.
_DIGEST: Final = re.compile("[0-9a-f]{32,}")


def tell(facts: Mapping[str, Any]) -> Iterator[str]:
    """One line for each fact, those first that people ask for first. Digests are cut.

    >>> list(tell({"attempts": 2, "fields": ["name", "code"], "masks_once": True}))
    ['Tries: 2', 'Fields: name, code', 'Masks once: yes']
    """
    for name, value in sorted(facts.items(), key=lambda fact: (fact[0] not in WORDS, fact[0])):
        text = _plain(value)
        if text:
            yield f"{word_of(name)}: {text}"


def word_of(name: str) -> str:
    """
    >>> word_of("retention_months")
    'Retention months'
    """
    return WORDS.get(name) or name.replace("_", " ").capitalize()


def _plain(value: object) -> str:
    match value:
        case None | "":
            return ""
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(_plain(each) for each in value)
        case dict():
            return "; ".join(f"{name} {_plain(inner)}" for name, inner in value.items())
    text = str(value)
    return f"{text[:12]}…" if _DIGEST.fullmatch(text) else text
