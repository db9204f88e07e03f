"""JSON on the wire: one object is one document, an array of objects is several."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, NoReturn

from odoo.addons.interop_document.lib.canonical import quick_json
from odoo.addons.interop_document.lib.document import Document

from .codec import CODECS, CodecError, Decoded, Envelope, Verdict

# A whole string, or one bracket. Possessive and never failing on an unterminated string, so that
# no input makes the scan slower than linear.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.?)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)
# Half of a surrogate pair or NUL written as an escape. May see one that is none (`\\ud800`), never
# misses one: only then are the decoded strings looked at.
_SUSPECT_ESCAPE = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
_SURROGATE = re.compile(r"[\ud800-\udfff]")

# A list of verdicts is short. What is larger is something else, and not worth a parser's time.
MAX_REPLY_BYTES = 1024 * 1024
_VERDICT_KEYS = {"position", "status"}

# Python's messages, without the parts in which a decoder might quote the input.
_SYNTAX = (
    ("Expecting property name", "a name in double quotes is missing"),
    ("Expecting ':'", "a colon is missing"),
    ("Expecting ','", "a comma is missing"),
    ("Expecting value", "a value is missing"),
    ("Illegal trailing comma", "a comma before the end of an object or array"),
    ("Unterminated string", "a text without closing quote"),
    ("Invalid control character", "a control character inside a text"),
    ("Invalid \\", "an escape that JSON does not know"),
    ("Extra data", "more text after the end of the value"),
)


class JsonCodec:
    """Strict RFC 8259 with I-JSON's (RFC 7493) rules: UTF-8, no duplicate names, finite numbers.

    Strict because two readers that resolve a doubtful text differently is how a value that was
    checked becomes another one that is used.
    """

    code = "json"
    label = "JSON"
    content_type = "application/json"
    acknowledges = False

    def __init__(
        self,
        *,
        max_bytes: int = 32 * 1024 * 1024,
        max_depth: int = 64,
        max_documents: int = 10_000,
    ) -> None:
        self.max_bytes = max_bytes
        self.max_depth = max_depth
        self.max_documents = max_documents

    def encode(self, documents: Sequence[Document], envelope: Envelope) -> bytes:
        """One document as an object, several as an array, in canonical form."""
        if not documents:
            raise CodecError("", "there is no document to write")
        bodies = [document.body for document in documents]
        plain = all(document.plain for document in documents)
        return quick_json(bodies[0] if len(bodies) == 1 else bodies, plain=plain)

    def decode(self, payload: BinaryIO | bytes) -> Iterator[Decoded]:
        """All or nothing: a later document that is wrong refuses the earlier ones too."""
        value = self._parse(self._text(payload))
        if isinstance(value, dict):
            bodies = [value]
        elif isinstance(value, list):
            bodies = value
        else:
            raise CodecError("top level", "an object or an array of objects is expected")
        if not bodies:
            raise CodecError("top level", "the array holds no document")
        if len(bodies) > self.max_documents:
            raise CodecError("top level", f"more than {self.max_documents} documents")
        for position, body in enumerate(bodies, 1):
            if not isinstance(body, dict):
                raise CodecError(f"document {position}", "an object is expected")
        facts = {"documents": str(len(bodies))}
        return iter([Decoded(body, facts) for body in bodies])

    def acknowledge(self, envelope: Envelope, verdicts: Sequence[Verdict]) -> bytes | None:
        """JSON has no technical acknowledgement of its own."""
        return None

    def verdicts(self, reply: bytes, count: int) -> list[Verdict] | None:
        """Read ``{"documents": [{"position": 1, "status": "accepted" | "rejected"}]}``.

        Positions count from 1. Whatever else a reply holds is no concern of ours; an array of
        other things under that name (an echo, say) is no list of verdicts.
        """
        if len(reply) > MAX_REPLY_BYTES:
            return None
        try:
            value = self._parse(self._text(reply))
        except CodecError:
            return None
        entries = value.get("documents") if isinstance(value, dict) else None
        if not isinstance(entries, list) or not entries:
            return None
        if not all(isinstance(each, dict) and each.keys() >= _VERDICT_KEYS for each in entries):
            return None
        if len(entries) > count:
            raise CodecError("documents", f"more than the {count} that were sent")
        found: dict[int, Verdict] = {}
        for number, entry in enumerate(entries, 1):
            verdict = _verdict(f"documents, entry {number}", entry, count)
            if verdict.position in found:
                raise CodecError(f"documents, entry {number}", "a position for the second time")
            found[verdict.position] = verdict
        return [found[position] for position in sorted(found)]

    def _text(self, payload: BinaryIO | bytes) -> str:
        data = payload if isinstance(payload, bytes) else payload.read(self.max_bytes + 1)
        if len(data) > self.max_bytes:
            raise CodecError("", f"the payload is larger than {self.max_bytes} bytes")
        if not data.strip(b" \t\r\n"):
            raise CodecError("", "the payload is empty")
        if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:4]:
            raise CodecError("byte 1", "the text is UTF-16 or UTF-32, UTF-8 is expected")
        if data.startswith(b"\xef\xbb\xbf"):
            raise CodecError("byte 1", "a byte order mark, which JSON must not begin with")
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            where = error.start + 1
        # Outside the handler: the original exception holds the payload and must not travel along.
        raise CodecError(f"byte {where}", "the text is not valid UTF-8")

    def _parse(self, text: str) -> Any:
        self._check_depth(text)
        problem: CodecError
        try:
            value = _DECODER.decode(text)
        except json.JSONDecodeError as error:
            why = next((ours for theirs, ours in _SYNTAX if error.msg.startswith(theirs)), None)
            problem = CodecError(_place(text, error.pos), why or "this is not JSON")
        except _Refused as refused:
            problem = CodecError(_locate(text, refused.reason), refused.reason)
        except RecursionError:
            problem = CodecError("", "the value is nested too deep")
        else:
            if _SUSPECT_ESCAPE.search(text):
                _check_texts(text)
            return value
        raise problem

    def _check_depth(self, text: str) -> None:
        if text.count("{") + text.count("[") <= self.max_depth:
            return
        depth = 0
        for match in _TOKEN.finditer(text):
            token = match[0]
            if token in ("{", "["):
                depth += 1
                if depth > self.max_depth:
                    raise CodecError(
                        _place(text, match.start()), f"nested deeper than {self.max_depth} levels"
                    )
            elif token in ("}", "]"):
                depth -= 1


def _verdict(where: str, entry: dict[str, Any], count: int) -> Verdict:
    position, status = entry["position"], entry["status"]
    if type(position) is not int or not 1 <= position <= count:
        raise CodecError(where, f"the position is not a whole number from 1 to {count}")
    if status not in ("accepted", "rejected"):
        raise CodecError(where, "the status is neither accepted nor rejected")
    accepted = status == "accepted"
    return Verdict(position - 1, accepted, failure_class="" if accepted else "partner")


class _Refused(Exception):
    """Raised inside the parser, which does not tell where it is."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_DUPLICATE = "a name appears twice in one object"
_NOT_FINITE = "NaN and Infinity are not JSON numbers"
_TOO_LARGE = "a number is too large"
# Time to read a number grows with the square of its digits; Python itself refuses at 4,300.
_MAX_DIGITS = 1000


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused(_DUPLICATE)
    return found


def _refuse_constant(_name: str) -> NoReturn:
    raise _Refused(_NOT_FINITE)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _Refused(_TOO_LARGE)
    return number


def _bounded_int(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise _Refused(_TOO_LARGE)
    return int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_constant=_refuse_constant,
    parse_float=_finite,
    parse_int=_bounded_int,
)


def _place(text: str, position: int) -> str:
    line = text.count("\n", 0, position) + 1
    return f"line {line}, column {position - text.rfind(chr(10), 0, position)}"


_NUMBER = re.compile(r"-?(?:Infinity|NaN|[0-9][0-9.eE+-]*)")
_PART = re.compile(f"{_TOKEN.pattern}|{_NUMBER.pattern}", re.DOTALL)
_COLON = re.compile(r"[ \t\r\n]*:")


def _locate(text: str, reason: str) -> str:
    """Where the parser met `reason`. Only read for a text that is refused already."""
    names: list[set[str]] = []
    for match in _PART.finditer(text):
        token = match[0]
        if token in ("{", "["):
            names.append(set())
        elif token in ("}", "]"):
            del names[-1:]
        elif token[0] != '"':
            if reason != _DUPLICATE and _is_refused_number(token, reason):
                return _place(text, match.start())
        elif reason == _DUPLICATE and names and _COLON.match(text, match.end()):
            name = _decoded_name(token)
            if name in names[-1]:
                return _place(text, match.start())
            names[-1].add(name)
    return ""


def _decoded_name(token: str) -> str:
    # `"a"` and `"\\u0061"` are the same name.
    try:
        return str(json.loads(token))
    except ValueError:
        return token


def _is_refused_number(token: str, reason: str) -> bool:
    if reason == _NOT_FINITE:
        return token.lstrip("-") in ("NaN", "Infinity")
    if len(token) > _MAX_DIGITS:
        return True
    try:
        return not math.isfinite(float(token))
    except ValueError:
        return False


def _check_texts(text: str) -> None:
    """Refuse texts that are valid JSON and yet no text: half of a surrogate pair, and NUL."""
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token[0] != '"' or not _SUSPECT_ESCAPE.search(token):
            continue
        value = json.loads(token)
        if _SURROGATE.search(value):
            raise CodecError(_place(text, match.start()), "half of a surrogate pair in a text")
        if "\x00" in value:
            raise CodecError(_place(text, match.start()), "a NUL character in a text")


CODECS.register(JsonCodec.code, JsonCodec())
