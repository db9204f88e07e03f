"""The statement that a person gets: what was disclosed, to whom, when and why, as a PDF.

What it tells of each disclosure is what 45 CFR 164.528(b)(2) asks for: the date, the name and, if
known, the address of who received it, a brief description of the information, and the purpose.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from xml.sax.saxutils import escape

from reportlab.lib import colors  # type: ignore[import-untyped]
from reportlab.lib.pagesizes import A4, landscape  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet  # type: ignore[import-untyped]
from reportlab.lib.units import mm  # type: ignore[import-untyped]
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle  # type: ignore[import-untyped]

_WIDTHS = (24 * mm, 52 * mm, 42 * mm, 30 * mm, 26 * mm, 92 * mm)
_HEADER = ("Date", "Recipient", "Document", "Purpose", "Arrived", "What was disclosed")


@dataclass(frozen=True, slots=True)
class Entry:
    """One disclosure, in words. `when` is in UTC."""

    when: datetime
    recipient: str
    address: str
    outcome: str
    document: str
    number: str
    why: str
    exempt: str
    fields: str
    sensitivity: str
    version: str
    content: str

    COLUMNS: ClassVar[Sequence[str]] = (
        "when", "recipient", "address", "outcome", "document", "number", "why", "exempt", "fields",
        "sensitivity", "version", "content",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    organisation: str
    address: str
    reference: str
    first: date
    last: date
    made_at: datetime
    made_by: str
    complete: bool
    """Also what a person need not be told of: treatment, payment and operations."""
    entries: tuple[Entry, ...]
    gaps: tuple[str, ...]


def statement_pdf(statement: Statement) -> bytes:
    """The statement on A4 pages across, with page numbers. The person's name is filled in by hand:
    it is kept nowhere."""
    styles = getSampleStyleSheet()
    small = ParagraphStyle("small", parent=styles["Normal"], fontSize=8, leading=10)
    grey = ParagraphStyle("grey", parent=small, textColor=colors.grey)
    head = ParagraphStyle("head", parent=small, fontName="Helvetica-Bold")
    period = f"{statement.first.isoformat()} to {statement.last.isoformat()}"
    kind = (
        "All disclosures to other parties."
        if statement.complete
        else "Disclosures other than for treatment, payment and health care operations "
        "(45 CFR 164.528(a)(1)(i))."
    )
    story: list[Any] = [
        Paragraph("Accounting of disclosures", styles["Title"]),
        Paragraph(_text(statement.organisation), styles["Heading3"]),
        *_lines(statement.address.splitlines(), small),
        Spacer(1, 4 * mm),
        Paragraph(f"Period: {period}. {kind}", small),
        Paragraph(f"Reference: {_text(statement.reference) or '—'}", small),
        Paragraph("About: ______________________________ (filled in by hand, kept nowhere)", small),
        Spacer(1, 4 * mm),
    ]
    if statement.entries:
        story.append(_table(statement.entries, small, head))
    else:
        story.append(Paragraph("Nothing was found in this period.", styles["Normal"]))
    story += [
        Spacer(1, 4 * mm),
        *_lines(statement.gaps, grey),
        Paragraph(
            f"Made on {statement.made_at:%Y-%m-%d %H:%M} UTC by {_text(statement.made_by)} from "
            "the audit trail. It names fields, never what was in them.",
            grey,
        ),
    ]
    out = io.BytesIO()
    page = SimpleDocTemplate(
        out,
        pagesize=landscape(A4),
        leftMargin=15 * mm,
        rightMargin=15 * mm,
        topMargin=14 * mm,
        bottomMargin=14 * mm,
        title="Accounting of disclosures",
        author=statement.organisation,
    )
    page.build(story, onFirstPage=_number, onLaterPages=_number)
    return out.getvalue()


def _table(entries: Iterable[Entry], small: ParagraphStyle, head: ParagraphStyle) -> Table:
    rows = [[Paragraph(name, head) for name in _HEADER]]
    for entry in entries:
        recipient = _text(entry.recipient)
        if entry.address:
            recipient += f"<br/><font color='grey'>{_text(entry.address)}</font>"
        document = _text(entry.document)
        if entry.number:
            document += f"<br/>{_text(entry.number)}"
        cells = (
            f"{entry.when:%Y-%m-%d %H:%M}",
            recipient,
            document,
            _text(entry.why) or "—",
            _text(entry.outcome),
            _text(entry.fields),
        )
        rows.append([Paragraph(cell, small) for cell in cells])
    table = Table(rows, colWidths=_WIDTHS, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
                ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.lightgrey),
            ]
        )
    )
    return table


def _lines(lines: Iterable[str], style: ParagraphStyle) -> list[Paragraph]:
    return [Paragraph(_text(line), style) for line in lines if line.strip()]


def _text(text: str) -> str:
    return escape(text)


def _number(canvas: Any, document: Any) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawRightString(document.pagesize[0] - 15 * mm, 8 * mm, f"Page {document.page}")
