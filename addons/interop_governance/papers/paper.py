"""What the papers of governance have in common: A4, a head and a foot on every page, tables."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as PlainTable

INK = colors.HexColor("#1f2933")
SOFT = colors.HexColor("#616e7c")
LINE = colors.HexColor("#cbd2d9")
BAND = colors.HexColor("#f1f5f8")
ACCENT = colors.HexColor("#17617a")
ALARM = colors.HexColor("#a61b1b")

MARGIN = 18 * mm

# Bitstream Vera comes with ReportLab and is written into the file: a reader who lacks Helvetica
# would see another font, and lines that run over. Where somebody packed ReportLab without it,
# Helvetica must do.
PLAIN, BOLD = "Vera", "VeraBd"
try:
    registerFont(TTFont(PLAIN, "Vera.ttf"))
    registerFont(TTFont(BOLD, "VeraBd.ttf"))
except TTFError:
    PLAIN, BOLD = "Helvetica", "Helvetica-Bold"
WIDTH = A4[0] - 2 * MARGIN

BODY = ParagraphStyle("body", fontName=PLAIN, fontSize=8.2, leading=11.8, textColor=INK)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=6.8, leading=9)
FAINT = ParagraphStyle("faint", parent=SMALL, textColor=SOFT)
MONO = ParagraphStyle("mono", parent=SMALL, fontName="Courier", fontSize=6.8, leading=8.6)
COLUMN = ParagraphStyle("column", parent=SMALL, fontName=BOLD, textColor=SOFT)
BAD = ParagraphStyle("bad", parent=SMALL, fontName=BOLD, textColor=ALARM)
TITLE = ParagraphStyle("title", parent=BODY, fontName=BOLD, fontSize=19, leading=23, textColor=INK)
KICKER = ParagraphStyle("kicker", parent=BODY, fontName=BOLD, textColor=ACCENT)
HEADING = ParagraphStyle(
    "heading", parent=BODY, fontName=BOLD, fontSize=12, leading=15, spaceBefore=13,
    spaceAfter=4, textColor=ACCENT, keepWithNext=1,
)  # fmt: skip
SUBHEADING = ParagraphStyle(
    "subheading", parent=BODY, fontName=BOLD, spaceBefore=7, spaceAfter=2,
    keepWithNext=1,
)  # fmt: skip


def text(value: object, style: ParagraphStyle = BODY) -> Paragraph:
    """A paragraph of plain text. What the fonts lack is written as its number in Unicode."""
    shown = "" if value is None else str(value)
    fit = shown.encode("cp1252", "backslashreplace").decode("cp1252")
    return Paragraph(escape(fit).replace("\n", "<br/>"), style)


def table(
    columns: Sequence[tuple[str, float]], rows: Sequence[Sequence[Flowable | str]]
) -> PlainTable:
    """A table with a head that stands again on every page; widths are shares of the page's."""
    whole = sum(share for _title, share in columns)
    cells: list[list[Any]] = [[text(title, COLUMN) for title, _share in columns]]
    cells += [
        [text(cell, SMALL) if isinstance(cell, str) else cell for cell in row] for row in rows
    ]
    made = PlainTable(cells, [WIDTH * share / whole for _title, share in columns], repeatRows=1)
    made.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, ACCENT),
            ("LINEBELOW", (0, 1), (-1, -1), 0.3, LINE),
            ("LEFTPADDING", (0, 0), (-1, -1), 2.5),
            ("RIGHTPADDING", (0, 0), (-1, -1), 2.5),
            ("TOPPADDING", (0, 0), (-1, -1), 2.2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.4),
        ]
    )
    return made


def pairs(rows: Sequence[tuple[str, Flowable | str]]) -> PlainTable:
    """Names at the left, what they are at the right."""
    cells = [
        [text(name, FAINT), text(value, BODY) if isinstance(value, str) else value]
        for name, value in rows
    ]
    made = PlainTable(cells, [WIDTH * 0.2, WIDTH * 0.8])
    made.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, -1), BAND),
            ("LEFTPADDING", (0, 0), (-1, -1), 6),
            ("TOPPADDING", (0, 0), (-1, -1), 2.4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.4),
        ]
    )
    return made


def together(*parts: Flowable) -> KeepTogether:
    """Parts that no page's end divides, if they fit on a page."""
    return KeepTogether(list(parts))


def gap(height: float = 3) -> Spacer:
    return Spacer(1, height * mm)


def paper(story: Sequence[Flowable], head: str, foot: str, title: str) -> bytes:
    """A PDF of `story`. Equal stories are equal bytes: no date and no random id is written."""
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=22 * mm,
        bottomMargin=20 * mm, title=title, author="Interop", invariant=1,
    )  # fmt: skip
    document.build(list(story), canvasmaker=_numbered(head, foot))
    return out.getvalue()


def _numbered(head: str, foot: str) -> Callable[..., Canvas]:
    class Numbered(Canvas):
        """Draws a page's head and foot when it is known how many pages there are."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for page in self._pages:
                self.__dict__.update(page)
                self._around(len(self._pages))
                super().showPage()
            return super().save()

        def _around(self, count: int) -> None:
            width, height = A4
            self.setStrokeColor(LINE)
            self.setLineWidth(0.5)
            self.setFillColor(SOFT)
            self.setFont(PLAIN, 7)
            self.line(MARGIN, height - 15 * mm, width - MARGIN, height - 15 * mm)
            self.drawString(MARGIN, height - 13 * mm, _cut(head, 105))
            self.line(MARGIN, 14 * mm, width - MARGIN, 14 * mm)
            self.setFont("Courier", 6.8)
            self.drawString(MARGIN, 10 * mm, foot)
            self.setFont(PLAIN, 7)
            page = f"Page {self.getPageNumber()} of {count}"
            self.drawRightString(width - MARGIN, 10 * mm, page)

    return Numbered


def _cut(line: str, most: int) -> str:
    fit = line.encode("cp1252", "backslashreplace").decode("cp1252")
    return fit if len(fit) <= most else f"{fit[: most - 1]}\u2026"
