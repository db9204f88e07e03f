"""The bytes of an audit entry, and the hash that a seal covers.

The *line* of an entry is what PostgreSQL's ``COPY … TO STDOUT`` gives for it in text format and
UTF-8: the columns in order, with TAB between them; NULL is ``\\N``; in a text a backslash is
doubled and the control characters BS, HT, LF, VT, FF and CR are written as a backslash and a
letter. So a million entries are read as fast as the server can copy them, and no two entries have
the same line: TAB stands between columns and nowhere else, and no text has the form of NULL.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Final

#: In the order in which they stand in the line.
COLUMNS: Final[tuple[str, ...]] = (
    "id",
    "ts",
    "txid",
    "act",
    "outcome",
    "actor_kind",
    "actor_id",
    "actor_name",
    "remote_addr",
    "company_id",
    "area_id",
    "res_model",
    "res_id",
    "subject",
    "digest",
    "version_digest",
    "details",
)

#: First byte of what is hashed for a leaf (RFC 6962, section 2.1), then what these bytes are.
PREFIX: Final[bytes] = b"\x00interop-audit-entry/1\n"

_NULL = b"\\N"
_WRITTEN = {
    "\\": "\\\\",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\v": "\\v",
    "\f": "\\f",
    "\r": "\\r",
}
_TABLE = str.maketrans(_WRITTEN)
_READ = {written[1]: char for char, written in _WRITTEN.items()}
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_RAW = re.compile("[\b\n\v\f\r]")


def line(values: Sequence[str | None]) -> bytes:
    """The line of an entry, from its columns as text (`COLUMNS`); None is NULL.

    >>> line(["7", None, "a\\tb"])
    b'7\\t\\\\N\\ta\\\\tb'
    """
    return b"\t".join(
        _NULL if value is None else value.translate(_TABLE).encode() for value in values
    )


def values(data: bytes) -> list[str | None]:
    """The columns again. Raises ValueError if `line` makes no such bytes.

    >>> values(b'7\\t\\\\N\\ta\\\\tb')
    ['7', None, 'a\\tb']
    """
    return [None if part == _NULL else _text(part) for part in data.split(b"\t")]


def entry_id(data: bytes) -> int:
    """The number of the entry whose line this is."""
    return int(data[: data.index(b"\t")])


def leaf_hash(data: bytes) -> bytes:
    """What the Merkle tree of a seal has for the entry with this line (32 bytes)."""
    return hashlib.sha256(PREFIX + data).digest()


def _text(part: bytes) -> str:
    text = part.decode()
    if _RAW.search(text):
        raise ValueError("a control character stands in the line of an entry")
    return _ESCAPE.sub(_char, text)


def _char(found: re.Match[str]) -> str:
    try:
        return _READ[found[1]]
    except KeyError:
        raise ValueError("an unknown escape stands in the line of an entry") from None
