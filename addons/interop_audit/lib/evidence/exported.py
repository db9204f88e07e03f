"""Reads an export back, a folder or a zip, as a trail to verify."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .export import FORMAT
from .records import as_line
from .source import Chunk, Dropped, Epoch, Proven, Start, StoredSeal


class ExportError(ValueError):
    """The export is damaged, or is none. The sentence says where."""


class Exported:
    """A trail in files. Raises :class:`ExportError` wherever it cannot be read."""

    has_leaves = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._zip: zipfile.ZipFile | None = None
        if path.is_file():
            try:
                self._zip = zipfile.ZipFile(path)
            except zipfile.BadZipFile:
                raise ExportError(f"{path.name} is neither a folder nor a zip.") from None
        self.manifest = self._read_manifest()
        self._first = int(self.manifest.get("first_seal") or 0)
        self._loose: list[bytes] = []

    @property
    def is_complete(self) -> bool:
        return self.manifest.get("complete") is True

    def start(self) -> Start | None:
        """The seal before, if this is a part of a trail."""
        first = next(self._objects("seals.ndjson"), None)
        if first is None or "frontier" not in first:
            return None
        return Start(_seal(first), bytes.fromhex(first["frontier"]))

    def anchors(self) -> list[str]:
        """The anchors that came with it."""
        return [line for line in self._lines("anchors.ndjson", must=False) if line.strip()]

    def epochs(self) -> Sequence[Epoch]:
        return [Epoch(**each) for each in self._objects("epochs.ndjson")]

    def dropped(self) -> Sequence[Dropped]:
        return [Dropped(**each) for each in self._objects("dropped.ndjson")]

    def drops_elsewhere(self) -> Sequence[Proven]:
        return []

    def chunks(self) -> Iterator[Chunk]:
        leaves = self._objects("leaves.ndjson")
        packed = next(leaves, None)
        entries = self._objects("entries.ndjson")
        entry = next(entries, None)
        for data in self._objects("seals.ndjson"):
            if "frontier" in data:
                continue
            seal = _seal(data)
            own: dict[int, bytes] = {}
            while packed is not None and packed["number"] <= seal.number:
                own[packed["number"]] = base64.b64decode(packed["leaves"], validate=True)
                packed = next(leaves, None)
            lines: list[bytes] = []
            while entry is not None and (entry["seal"] is None or entry["seal"] <= seal.number):
                # What stands behind its seal, or in none, is looked at in the end.
                (lines if entry["seal"] == seal.number else self._loose).append(as_line(entry))
                entry = next(entries, None)
            yield Chunk([seal], lines, own)
        while entry is not None:
            self._loose.append(as_line(entry))
            entry = next(entries, None)

    def loose(self) -> Sequence[bytes]:
        return self._loose

    # -- files ---------------------------------------------------------------------------------

    def _read_manifest(self) -> dict[str, Any]:
        try:
            manifest = json.loads("\n".join(self._lines("manifest.json")))
        except ValueError:
            raise ExportError("manifest.json cannot be read.") from None
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise ExportError("This is not an export of an audit trail.")
        return manifest

    def _lines(self, name: str, *, must: bool = True) -> Iterator[str]:
        try:
            file = self._zip.open(name) if self._zip else (self._path / name).open("rb")
        except (KeyError, OSError):
            if must:
                raise ExportError(f"{name} is missing.") from None
            return
        # An end of line in an entry's text is written as \\n: only this one ends a line.
        with io.TextIOWrapper(file, encoding="utf-8", newline="\n") as text:
            for line in text:
                yield line.removesuffix("\n")

    def _objects(self, name: str) -> Iterator[dict[str, Any]]:
        for place, line in enumerate(self._lines(name), 1):
            try:
                thing = json.loads(line)
            except ValueError:
                thing = None
            if not isinstance(thing, dict):
                raise ExportError(f"Line {place} of {name} cannot be read.")
            yield thing


def _seal(data: dict[str, Any]) -> StoredSeal:
    return StoredSeal(
        int(data["number"]),
        str(data["statement"]),
        bytes.fromhex(data["signature"]),
        bytes.fromhex(data["endorsement"]) or None,
    )
