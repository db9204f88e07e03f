"""Turns the Markdown of an addon's readme/ fragments into reStructuredText.

Only what such fragments need is understood: headings, paragraphs, lists, tables, fenced code,
quotes, and in a line code, emphasis and links. The rest is refused rather than guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_HEADING = re.compile(r"^(#{1,4})\s+(.*)$")
_ITEM = re.compile(r"^(\s*)([-*]|\d+\.)\s+(.*)$")
_FENCE = re.compile(r"^```\s*(\w*)\s*$")
_REFUSED = re.compile(r"^\s*(<[a-zA-Z/!]|!\[)")
_INLINE = re.compile(
    r"(?P<code>`[^`]+`)"
    r"|\[(?P<text>[^\]]+)\]\((?P<target>[^)\s]+)\)"
    r"|(?P<bold>\*\*[^*]+\*\*)"
    r"|(?<![\w*])(?P<em>\*[^*\s][^*]*\*|_[^_\s][^_]*_)(?![\w*])"
    r"|(?P<special>[\\*`|]|\b\w+_\b)"
)


class MarkdownError(ValueError):
    """A fragment holds something that is not understood."""


def to_rst(text: str, underlines: str = "-~^'") -> str:
    """The same text as reStructuredText; `underlines` are those of `#`, `##` and so on."""
    lines = text.replace("\t", "    ").splitlines()
    return "\n".join(_blocks(lines, underlines)).strip() + "\n"


def _blocks(lines: list[str], underlines: str) -> Iterator[str]:
    position = 0
    while position < len(lines):
        line = lines[position]
        if _REFUSED.match(line):
            raise MarkdownError(f"line {position + 1}: HTML and images are not understood: {line}")
        if heading := _HEADING.match(line):
            title = _inline(heading[2].strip())
            yield from ("", title, underlines[len(heading[1]) - 1] * len(title), "")
            position += 1
        elif fence := _FENCE.match(line):
            end = next(
                (n for n in range(position + 1, len(lines)) if lines[n].strip() == "```"), None
            )
            if end is None:
                raise MarkdownError(f"line {position + 1}: a code block that does not end")
            yield from ("", f".. code-block:: {fence[1] or 'text'}", "")
            yield from (f"    {code}".rstrip() for code in lines[position + 1 : end])
            yield ""
            position = end + 1
        elif line.startswith("|"):
            end = _end(lines, position, lambda text: text.startswith("|"))
            yield from _table(lines[position:end])
            position = end
        elif _ITEM.match(line):
            end = _end(lines, position, lambda text: bool(_ITEM.match(text)) or text[:2] == "  ")
            yield from _list(lines[position:end])
            position = end
        elif line.startswith(">"):
            end = _end(lines, position, lambda text: text.startswith(">"))
            yield ""
            yield from (f"    {_inline(text.lstrip('> '))}" for text in lines[position:end])
            yield ""
            position = end
        else:
            yield _inline(line.strip())
            position += 1


def _end(lines: list[str], start: int, belongs: object) -> int:
    assert callable(belongs)
    end = start
    while end < len(lines) and belongs(lines[end]):
        end += 1
    return end


def _list(lines: list[str]) -> Iterator[str]:
    """reStructuredText wants an empty line wherever the depth changes."""
    yield ""
    depth = column = 0
    for line in lines:
        item = _ITEM.match(line)
        if item is None:
            yield f"{' ' * column}{_inline(line.strip())}"
            continue
        if len(item[1]) != depth:
            yield ""
            depth = len(item[1])
        mark = "*" if item[2] in "-*" else item[2]
        column = depth + len(mark) + 1
        yield f"{item[1]}{mark} {_inline(item[3])}"
    yield ""


def _table(lines: list[str]) -> Iterator[str]:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    if len(rows) < 2 or any(set(cell) - set(":-") for cell in rows[1]):
        raise MarkdownError(f"a table without a line under its heading: {lines[0]}")
    yield from ("", ".. list-table::", "    :header-rows: 1", "")
    for row in [rows[0], *rows[2:]]:
        for number, cell in enumerate(row):
            yield f"    {'* -' if number == 0 else '  -'} {_inline(cell)}".rstrip()
    yield ""


def _inline(text: str) -> str:
    return _INLINE.sub(_translated, text)


def _translated(found: re.Match[str]) -> str:
    if found["code"]:
        return f"`{found['code']}`"
    if found["text"]:
        return f"`{found['text'].replace('`', '')} <{found['target']}>`__"
    if found["bold"]:
        return found["bold"]
    if found["em"]:
        return f"*{found['em'][1:-1]}*"
    special = found["special"]
    return f"\\{special}" if len(special) == 1 else f"{special[:-1]}\\_"
