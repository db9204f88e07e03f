"""Writes a trail, or some seals of it, as files that are verified without the database.

Everything streams: the files may be larger than the memory.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from .records import HEADS, as_object, as_row
from .seal import Statement
from .source import Source, Start, StoredSeal, share

FORMAT: Final = "interop-audit-export/1"
VERIFIER: Final = "interop_verify.pyz"

README: Final = """\
The audit trail of Interop, exported
====================================

entries.ndjson   one entry in a line, in the order in which they were sealed; "seal" is the seal
                 that holds it, null if it was younger than the last seal
entries.csv      the same for people (a ' stands before what a spreadsheet takes for a formula)
seals.ndjson     the seals: statement and signature; the first line of a part is the seal before it
leaves.ndjson    for each seal the numbers and hashes of its entries, base64
epochs.ndjson    where the database stood, from which entry on
dropped.ndjson   months that were dropped at the end of their retention
anchors.ndjson   if there: anchors known to who exported; trust those that you keep yourself
manifest.json    what this export is of
interop_verify.pyz   the verifier. It needs Python 3.11 or newer and the package "cryptography"

To verify, with the public key that you were given on another way than this export:

    python3 interop_verify.pyz --public-key KEY --anchors YOUR_ANCHORS .

An export tells what the database held. Changed, removed, reordered or slipped-in entries, and seals
of another key, are found with the public key alone. That the end was cut off, or everything was
written anew by who has the key, is found with an anchor only. Better than the verifier in here is
one that you have from elsewhere: it is the folder addons/interop_audit/lib/evidence of Interop.

The line of an entry is its columns in the order id, ts, txid, act, outcome, actor_kind, actor_id,
actor_name, remote_addr, company_id, area_id, res_model, res_id, subject, digest, version_digest,
details, with TAB between them; ts is microseconds since 1970-01-01 UTC, NULL is \\N, and in a text
backslash, BS, HT, LF, VT, FF, CR are \\\\ \\b \\t \\n \\v \\f \\r.
leaf = SHA-256(0x00 || "interop-audit-entry/1" LF || line)
node = SHA-256(0x01 || left || right)          (RFC 6962, section 2.1)
signature = Ed25519("interop-audit-seal/1" 0x00 || statement)
"""


@dataclass(frozen=True, slots=True)
class Written:
    """What an export holds; ``digest`` is that of its manifest, which names those of all files."""

    entries: int
    seals: int
    first_seal: int
    last_seal: int
    digest: str


def write(
    source: Source,
    folder: Path,
    *,
    facts: dict[str, Any],
    start: Start | None = None,
    anchors: Iterable[str] = (),
    verifier: bytes | None = None,
    progress: Callable[[int], None] = lambda entries: None,
) -> Written:
    """Write the files into an empty folder. ``facts`` (who, when, of what) go into the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers: list[int] = []
    entries = 0
    with ExitStack() as stack:

        def opened(name: str) -> IO[str]:
            return stack.enter_context((folder / name).open("w", encoding="utf-8", newline="\n"))

        told, seals, leaves = (
            opened("entries.ndjson"),
            opened("seals.ndjson"),
            opened("leaves.ndjson"),
        )
        # Excel takes a file for UTF-8 only if it begins so.
        people = opened("entries.csv")
        people.write("\ufeff")
        rows = csv.writer(people)
        rows.writerow(HEADS)
        if start is not None:
            _write_line(seals, _seal(start.seal) | {"frontier": start.frontier.hex()})
        for chunk in source.chunks():
            for stored in chunk.seals:
                numbers.append(stored.number)
                _write_line(seals, _seal(stored))
                packed = chunk.leaves.get(stored.number)
                if packed is not None:
                    text = base64.b64encode(packed).decode()
                    _write_line(leaves, {"number": stored.number, "leaves": text})
            statements = [each for each in map(_statement, chunk.seals) if each is not None]
            for held in share(chunk.lines, statements):
                for line in (*held.outside, *held.lines):
                    _write_line(told, as_object(line, held.statement.number))
                    rows.writerow(as_row(line, held.statement.number))
                entries += len(held.outside) + len(held.lines)
            progress(entries)
        complete = source.is_complete
        for line in source.loose() if complete else ():
            _write_line(told, as_object(line))
            rows.writerow(as_row(line))
            entries += 1
        _write_lines(opened("epochs.ndjson"), map(_plain, source.epochs()))
        _write_lines(opened("dropped.ndjson"), map(_plain, source.dropped()))
        lines = list(anchors)
        if lines:
            opened("anchors.ndjson").writelines(f"{line}\n" for line in lines)
    (folder / "README.txt").write_text(README)
    if verifier is not None:
        (folder / VERIFIER).write_bytes(verifier)
    first, last = min(numbers, default=0), max(numbers, default=0)
    manifest = {
        **facts,
        "format": FORMAT,
        "complete": complete,
        "entries": entries,
        "first_seal": first,
        "last_seal": last,
        "files": {path.name: _digest(path) for path in sorted(folder.iterdir())},
    }
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False)
    (folder / "manifest.json").write_text(text + "\n")
    return Written(entries, len(numbers), first, last, hashlib.sha256(text.encode()).hexdigest())


def pack(folder: Path, target: Path) -> None:
    """All files of a folder as one zip."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)


def lines_as_json(lines: Iterable[bytes]) -> Iterator[str]:
    """Entries one in a line, without their seals: an extract proves nothing by itself."""
    for line in lines:
        made = as_object(line)
        del made["seal"]
        yield _text(made)


def _statement(stored: StoredSeal) -> Statement | None:
    try:
        return Statement.parse(stored.statement)
    except ValueError:
        return None


def _seal(stored: StoredSeal) -> dict[str, Any]:
    return {
        "number": stored.number,
        "statement": stored.statement,
        "signature": stored.signature.hex(),
        "endorsement": (stored.endorsement or b"").hex(),
    }


def _plain(thing: Any) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in thing.__slots__}


def _write_lines(file: IO[str], things: Iterable[dict[str, Any]]) -> None:
    for thing in things:
        _write_line(file, thing)


def _write_line(file: IO[str], thing: dict[str, Any]) -> None:
    file.write(_text(thing) + "\n")


def _text(thing: dict[str, Any]) -> str:
    return json.dumps(thing, ensure_ascii=False, separators=(",", ":"))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
