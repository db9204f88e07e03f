"""A crosswalk's entries as CSV (RFC 4180)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .crosswalk_columns import (
    COLUMNS,
    LIVE,
    QUOTED,
    UNWRITABLE,
    Column,
    SheetError,
    SheetRow,
    require_narrow,
    text_of,
)

_DELIMITERS = ",;\t"


def write_csv(rows: Iterable[SheetRow]) -> bytes:
    """The rows as CSV (RFC 4180) in UTF-8 with a byte order mark, so that Excel knows it.

    A cell that a program would take for a formula gets an apostrophe before it; reading takes it
    away again.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column.title for column in COLUMNS])
    for row in rows:
        cells = (UNWRITABLE.sub("", text_of(row, column)) for column in COLUMNS)
        writer.writerow([f"'{cell}" if LIVE.match(cell) else cell for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def csv_lines(data: bytes) -> Iterator[tuple[int, Sequence[Any]]]:
    """The file's rows with their numbers. Raises `SheetError`."""
    text = _decoded(data)
    head = text.lstrip().partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            require_narrow(cells)
            yield reader.line_num, cells
    except csv.Error:
        raise SheetError(
            f"Line {reader.line_num} of the file cannot be read: look at its quotation marks."
        ) from None


def _decoded(data: bytes) -> str:
    encoding = "utf-8-sig"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"  # what Excel calls Unicode text
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise SheetError(
            f"Line {line} of the file is not in UTF-8. Save it as “CSV UTF-8”, or as an Excel "
            "workbook (.xlsx)."
        ) from None
    if "\x00" in text:
        raise SheetError("This is no CSV file and no Excel workbook (.xlsx).")
    return text


def from_csv(cell: Any, column: Column) -> str:
    """The text that a cell stands for: an apostrophe before a formula was put there by us."""
    text = cell or ""
    return text[1:] if QUOTED.match(text) else text
