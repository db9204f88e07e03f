"""What stands in a sheet of a crosswalk's entries, whatever form the file has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from odoo.addons.interop_base.lib.failures import DataError

MAX_BYTES = 5_000_000
MAX_UNPACKED = 60_000_000
MAX_PARTS = 200
MAX_ROWS = 20_000
MAX_TEXT = 500
MAX_COLUMNS = 50

XLSX, CSV = "xlsx", "csv"

# What a spreadsheet program takes for the beginning of a formula (OWASP, CSV Injection), after
# apostrophes that were put before such a text already.
LIVE = re.compile(r"'*[=+\-@\t\r\n]")
QUOTED = re.compile(r"'+[=+\-@\t\r\n]")
# XML 1.0 has no form for these (section 2.2).
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class SheetError(DataError):
    """A file that cannot be read as a whole; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One entry as it stands in a sheet."""

    ours: str = field(repr=False)
    theirs: str = field(repr=False)
    ours_label: str = field(default="", repr=False)
    theirs_label: str = field(default="", repr=False)
    company: str = ""
    start: date | None = None
    end: date | None = None
    preferred: bool = False
    note: str = field(default="", repr=False)
    number: int = field(default=0, compare=False)
    """Which row of the sheet it is, as the spreadsheet program counts; 0: none."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot be used, and why."""

    number: int
    sentence: str
    ours: str = field(default="", repr=False)
    theirs: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    name: str
    required: bool = False


COLUMNS = (
    Column("Our code", "ours", required=True),
    Column("Our label", "ours_label"),
    Column("Their code", "theirs", required=True),
    Column("Their label", "theirs_label"),
    Column("Company", "company"),
    Column("Valid from", "start"),
    Column("Valid until", "end"),
    Column("Preferred", "preferred"),
    Column("Note", "note"),
)


class BadCell(Exception):
    """Why one cell of a row cannot be used."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def text_of(row: SheetRow, column: Column) -> str:
    """The cell of `column` as it is written."""
    value = getattr(row, column.name)
    if isinstance(value, bool):
        return "yes" if value else ""
    return value.isoformat() if isinstance(value, date) else value or ""


def require_narrow(cells: Sequence[Any]) -> None:
    if len(cells) > MAX_COLUMNS:
        raise SheetError(f"The file has more than {MAX_COLUMNS} columns.")
