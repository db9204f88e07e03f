"""A crosswalk's entries as a workbook (XLSX)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped]
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
from openpyxl.styles import Font  # type: ignore[import-untyped]

from .crosswalk_columns import (
    COLUMNS,
    LIVE,
    MAX_PARTS,
    MAX_ROWS,
    MAX_UNPACKED,
    UNWRITABLE,
    BadCell,
    Column,
    SheetError,
    SheetRow,
    require_narrow,
    text_of,
)

_WIDTH = 18


def write_xlsx(rows: Iterable[SheetRow]) -> bytes:
    """The rows as a workbook of one sheet, all cells of it texts."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Crosswalk")
    sheet.freeze_panes = "A2"
    for number in range(len(COLUMNS)):
        sheet.column_dimensions["ABCDEFGHIJ"[number]].width = _WIDTH
    sheet.append([_cell(sheet, column.title, bold=True) for column in COLUMNS])
    for row in rows:
        sheet.append([_cell(sheet, text_of(row, column)) for column in COLUMNS])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _cell(sheet: Any, text: str, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value="")
    cell._value = UNWRITABLE.sub("", text)
    # A text, also when it begins with an equals sign, and it stays one when somebody edits it.
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = bool(LIVE.match(text))
    if bold:
        cell.font = Font(bold=True)
    return cell


def xlsx_lines(data: bytes) -> Iterator[tuple[int, Sequence[Any]]]:
    """The first sheet's rows with their numbers. Raises `SheetError`."""
    _require_harmless(data)
    try:
        # With formulas, so that a cell that holds one is told and not its last result taken.
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # What a file says about its own size is not believed.
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(max_row=MAX_ROWS * 2 + 1), 1):
            require_narrow(cells)
            yield number, [_raw(cell) for cell in cells]
    except SheetError:
        raise
    except Exception:
        # Libraries fail in many ways at what is no workbook, and may quote it.
        raise SheetError(
            "The workbook cannot be read. Open it in a spreadsheet program, save it as .xlsx, and "
            "try again."
        ) from None


def _require_harmless(data: bytes) -> None:
    """Bounded when unpacked, and no document type anywhere: the library below reads XML plainly."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(each.file_size for each in parts) > MAX_UNPACKED:
                raise SheetError("The workbook is too large when unpacked. Save the sheet alone.")
            for part in parts:
                # Read no further than the size that it claims, which is what was counted.
                with archive.open(part) as stream:
                    content = stream.read(part.file_size + 1).replace(b"\x00", b"")
                if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
                    raise SheetError(
                        "The workbook has parts in it that no spreadsheet needs. Save it anew."
                    )
    except SheetError:
        raise
    except Exception:
        raise SheetError("The workbook is damaged. Save it as .xlsx anew.") from None


class _Formula(str):
    """A cell whose value is computed."""


def _raw(cell: Any) -> Any:
    value = cell.value
    if getattr(cell, "data_type", "") == "f":
        return _Formula("formula")
    return _Formula("error") if getattr(cell, "data_type", "") == "e" else value


def from_xlsx(cell: Any, column: Column) -> Any:
    """The text that a cell stands for, or a day. Raises `BadCell`."""
    match cell:
        case None:
            return ""
        case _Formula():
            raise BadCell(f"{column.title} holds a formula. Put its value there as text.")
        case bool():
            return "yes" if cell else "no"
        case datetime() if column.name in ("start", "end"):
            return cell.date()
        case datetime() | date():
            raise BadCell(
                f"{column.title} was made a date by the spreadsheet program. Format the column as "
                "text, and write the code again."
            )
        case int():
            return str(cell)
        case float():
            return str(int(cell)) if cell.is_integer() else repr(cell)
        case str():
            return cell
        case _:
            raise BadCell(f"{column.title} holds what is no text. Format the column as text.")
