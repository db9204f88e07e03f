"""A pack's guide as HTML: paragraphs, headings, lists, **bold**, *emphasis* and `code`, no more.

The text comes from outside. It is escaped first, so none of it can become markup of its own; there
are no links and no pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

_BOLD = re.compile(r"\*\*([^*\n]{1,200})\*\*")
_EMPHASIS = re.compile(r"\*(?! )([^*\n]{1,200})(?<! )\*")
_CODE = re.compile(r"`([^`\n]{1,200})`")


def guide_html(text: str) -> Markup:
    """HTML that is safe to show, of any text."""
    return Markup("").join(_blocks(text.replace("\r\n", "\n").split("\n")))


def _blocks(lines: list[str]) -> Iterator[Markup]:
    gathered: list[Markup] = []
    kind = ""
    for line in [*lines, ""]:
        stripped = line.strip()
        item = re.match(r"(- |[0-9]{1,3}\. )", stripped)
        now = ("ul" if item[1] == "- " else "ol") if item else ("p" if stripped else "")
        heading = stripped.startswith("#")
        if gathered and (now != kind or heading):
            yield _block(kind, gathered)
            gathered = []
        if heading:
            yield Markup("<h4>%s</h4>") % _inline(stripped.lstrip("#").strip())
            now = ""
        elif stripped:
            gathered.append(_inline(stripped[len(item[1]) :] if item else stripped))
        kind = now


def _block(kind: str, gathered: list[Markup]) -> Markup:
    if kind == "p":
        return Markup("<p>%s</p>") % Markup(" ").join(gathered)
    items = Markup("").join(Markup("<li>%s</li>") % each for each in gathered)
    return Markup("<{0}>{1}</{0}>").format(Markup(kind), items)


def _inline(text: str) -> Markup:
    safe = str(escape(text))
    safe = _BOLD.sub(r"<strong>\1</strong>", safe)
    safe = _EMPHASIS.sub(r"<em>\1</em>", safe)
    return Markup(_CODE.sub(r"<code>\1</code>", safe))
