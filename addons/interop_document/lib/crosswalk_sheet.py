"""A crosswalk's entries as a sheet that people edit: XLSX and CSV, out and in.

What is written is inert: a spreadsheet program finds no formula in it, whatever a code looks like.
What is read is untrusted: bounded before it is opened, no formulas, no entities, one encoding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from .crosswalk_columns import (
    COLUMNS,
    MAX_BYTES,
    MAX_ROWS,
    MAX_TEXT,
    UNWRITABLE,
    BadCell,
    Column,
    Refusal,
    SheetError,
    SheetRow,
)
from .crosswalk_csv import csv_lines, from_csv, write_csv
from .crosswalk_xlsx import from_xlsx, write_xlsx, xlsx_lines

XLSX, CSV = "xlsx", "csv"
WRITERS = {XLSX: write_xlsx, CSV: write_csv}

_BY_TITLE = {column.title.casefold(): column for column in COLUMNS}
_YES = frozenset({"yes", "y", "true", "x", "1"})
_NO = frozenset({"", "no", "n", "false", "0"})


def read_sheet(data: bytes) -> tuple[list[SheetRow], list[Refusal]]:
    """The rows of a workbook or CSV file, and those that cannot be used.

    Raises `SheetError` for a file that cannot be read as a whole.
    """
    if len(data) > MAX_BYTES:
        raise SheetError(
            f"The file is larger than {MAX_BYTES // 1_000_000} MB. Split it into smaller ones."
        )
    if not data.strip():
        raise SheetError("The file is empty.")
    if data.startswith(b"PK"):
        lines, cells = xlsx_lines(data), from_xlsx
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        raise SheetError("This is an old or encrypted Excel file. Save it as .xlsx or CSV UTF-8.")
    else:
        lines, cells = csv_lines(data), from_csv
    return _rows(lines, cells)


_Read = Callable[[Any, Column], Any]


def _rows(
    lines: Iterator[tuple[int, Sequence[Any]]], read: _Read
) -> tuple[list[SheetRow], list[Refusal]]:
    first = next(((number, cells) for number, cells in lines if any(map(_filled, cells))), None)
    if first is None:
        raise SheetError("The file is empty.")
    places = _places(first[1])
    rows: list[SheetRow] = []
    refused: list[Refusal] = []
    for number, cells in lines:
        if not any(map(_filled, cells)):
            continue
        if len(rows) + len(refused) >= MAX_ROWS:
            raise SheetError(f"The file has more than {MAX_ROWS} rows. Split it into smaller ones.")
        try:
            rows.append(_row(number, cells, places, read))
        except BadCell as bad:
            refused.append(Refusal(number, bad.sentence, *_codes(cells, places)))
    return rows, refused


def _filled(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""


def _places(cells: Sequence[Any]) -> list[tuple[int, Column]]:
    """Where each column stands, in any order."""
    found: list[tuple[int, Column]] = []
    for place, cell in enumerate(cells):
        if not _filled(cell):
            continue
        column = _BY_TITLE.get(" ".join(str(cell).split()).casefold())
        if column is None:
            known = ", ".join(each.title for each in COLUMNS)
            raise SheetError(
                f"The heading of column {place + 1} is not known. Known are: {known}. Export the "
                "crosswalk to see how a file looks."
            )
        if column in (each for _place, each in found):
            raise SheetError(f"There are two columns {column.title}. Take one of them away.")
        found.append((place, column))
    for column in COLUMNS:
        if column.required and column not in (each for _place, each in found):
            raise SheetError(
                f"There is no column {column.title}. The first row must hold the headings; export "
                "the crosswalk to see how a file looks."
            )
    return found


def _row(
    number: int, cells: Sequence[Any], places: list[tuple[int, Column]], read: _Read
) -> SheetRow:
    values: dict[str, Any] = {}
    for place, column in places:
        cell = cells[place] if place < len(cells) else None
        values[column.name] = _value(read(cell, column), column)
    for column in COLUMNS:
        if column.required and not values[column.name]:
            raise BadCell(f"{column.title} is missing.")
    row = replace(SheetRow(**values), number=number)
    if row.start and row.end and row.end < row.start:
        raise BadCell("The last day is before the first.")
    return row


def _codes(cells: Sequence[Any], places: list[tuple[int, Column]]) -> tuple[str, str]:
    found = {
        column.name: str(cells[place])[:MAX_TEXT]
        for place, column in places
        if column.required and place < len(cells) and _filled(cells[place])
    }
    return found.get("ours", ""), found.get("theirs", "")


def _value(text: Any, column: Column) -> Any:
    if column.name in ("start", "end"):
        if isinstance(text, date):
            return text
        try:
            return date.fromisoformat(text.strip()) if text.strip() else None
        except ValueError:
            raise BadCell(f"{column.title} is no day. Write it as 2026-03-31.") from None
    if column.name == "preferred":
        word = text.strip().casefold()
        if word not in _YES | _NO:
            raise BadCell("Preferred is “yes” or empty.")
        return word in _YES
    if len(text) > MAX_TEXT:
        raise BadCell(f"{column.title} is longer than {MAX_TEXT} characters.")
    if UNWRITABLE.search(text):
        raise BadCell(f"{column.title} has characters in it that cannot be shown.")
    return text if column.required and text.strip() else text.strip()
