"""The handover as a PDF of A4 pages, in PDF's own fonts where they have every letter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from launchready_tui.handover.document import (
    Card,
    Document,
    Facts,
    Lines,
    Paragraph,
    Part,
    Points,
    Section,
    Table,
    Tone,
    Word,
)
from launchready_tui.handover.letters import Letters, needs_more, system_font

_COLOURS: dict[Tone, tuple[int, int, int]] = {
    "": (29, 35, 43),
    "good": (19, 105, 58),
    "bad": (163, 33, 27),
    "warn": (138, 83, 0),
    "soft": (93, 103, 115),
}
_RULE, _PANEL = (200, 206, 212), (245, 247, 249)

_CELL = 600
"""Characters shown of a table's cell, since a row must fit on a page. The other formats have the whole text."""

_LOST = (
    "Some letters could not be shown in this PDF and are written by their code, such as [U+4E2D]. The HTML has them."
)


def to_pdf(document: Document) -> bytes:
    """The document as the content of a PDF file."""
    font = system_font() if needs_more(_texts(document)) else None
    page = _Page(font)
    page.document(document)
    return page.content()


class _Page:
    """Writes blocks one below the other."""

    def __init__(self, font: Path | None) -> None:
        self._pdf = FPDF(format="A4")
        self._pdf.set_margins(18, 18)
        self._pdf.set_auto_page_break(True, margin=20)
        self._text_font, self._code_font = "Helvetica", "Courier"
        self._letters = Letters()
        if font:
            self._text_font = self._code_font = "System"
            for style in ("", "B"):
                self._pdf.add_font("System", style, font)
            self._letters = Letters({chr(code) for code in self._pdf.fonts["system"].cmap})  # type: ignore[union-attr]
        self._pdf.add_page()

    def document(self, document: Document) -> None:
        self._pdf.set_title(self._letters.fit(document.title))
        self._pdf.set_lang("en")
        self._write(document.title, size=20, bold=True, height=9)
        self._write(document.subtitle, tone="soft")
        self._gap(3)
        self._write(f"{document.verdict.text}: {document.verdict_text}", size=13, bold=True, tone=document.verdict.tone)
        self._gap(2)
        self._facts(document.about)
        for section in document.sections:
            self._section(section)
        if self._letters.lost:
            self._gap(6)
            self._write(_LOST, tone="soft")

    def content(self) -> bytes:
        return bytes(self._pdf.output())

    def _section(self, section: Section) -> None:
        self._gap(6)
        self._keep_together(30)
        self._pdf.start_section(self._letters.fit(section.title))
        self._write(section.title, size=14, bold=True, height=8)
        self._rule()
        for part in section.parts:
            self._part(part)
            self._gap(2)

    def _part(self, part: Part) -> None:
        match part:
            case Paragraph(text=text, tone=tone):
                self._write(text, tone=tone)
            case Points(entries=entries):
                for entry in entries:
                    self._write(f"-  {entry}", indent=3)
            case Facts():
                self._facts(part)
            case Table():
                self._table(part)
            case Card():
                self._card(part)
            case Lines(labels=labels):
                for label in labels:
                    self._gap(14)
                    self._rule(width=90)
                    self._write(label, tone="soft")

    def _facts(self, facts: Facts) -> None:
        for label, text in facts.rows:
            self._keep_together(12)
            top = self._pdf.get_y()
            self._write(label, tone="soft", width=38)
            below = self._pdf.get_y()
            self._pdf.set_y(top)
            self._write(text, indent=40)
            self._pdf.set_y(max(below, self._pdf.get_y()) if self._pdf.get_y() >= top else self._pdf.get_y())

    def _card(self, card: Card) -> None:
        self._keep_together(45)
        self._gap(2)
        self._write(f"{card.number}. {card.title}", size=11, bold=True)
        self._write(card.word.text, bold=True, tone=card.word.tone)
        self._facts(Facts(card.facts))
        for title, text in (("How to mend it", card.fix), ("What was seen", "\n".join(card.evidence))):
            if text:
                self._write(title, tone="soft")
                self._code(text)

    def _table(self, table: Table) -> None:
        self._font(8)
        self._pdf.set_draw_color(*_RULE)
        head = FontFace(emphasis="BOLD", color=_COLOURS["soft"], fill_color=_PANEL)
        with self._pdf.table(
            col_widths=table.widths,
            text_align="LEFT",
            line_height=4,
            headings_style=head,
            borders_layout="HORIZONTAL_LINES",
        ) as rows:
            rows.row(tuple(self._letters.fit(header) for header in table.headers))
            for row in table.rows:
                line = rows.row()
                for cell in row:
                    word = cell if isinstance(cell, Word) else Word(cell)
                    line.cell(self._letters.fit(_short(word.text)), style=FontFace(color=_COLOURS[word.tone]))

    def _code(self, text: str) -> None:
        self._font(8, code=True)
        self._pdf.set_fill_color(*_PANEL)
        self._pdf.multi_cell(
            0, 4, self._letters.fit(text), fill=True, padding=(1, 2), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )

    def _write(
        self,
        text: str,
        *,
        size: float = 9.5,
        bold: bool = False,
        tone: Tone = "",
        indent: float = 0,
        width: float = 0,
        height: float = 5,
    ) -> None:
        self._font(size, bold=bold, tone=tone)
        self._pdf.set_x(self._pdf.l_margin + indent)
        self._pdf.multi_cell(width, height, self._letters.fit(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _font(self, size: float, *, bold: bool = False, tone: Tone = "", code: bool = False) -> None:
        self._pdf.set_font(self._code_font if code else self._text_font, "B" if bold else "", size)
        self._pdf.set_text_color(*_COLOURS[tone])

    def _rule(self, width: float = 0) -> None:
        self._pdf.set_draw_color(*_RULE)
        left, y = self._pdf.l_margin, self._pdf.get_y()
        self._pdf.line(left, y, left + (width or self._pdf.epw), y)
        self._gap(2)

    def _gap(self, height: float) -> None:
        self._pdf.ln(height)

    def _keep_together(self, height: float) -> None:
        """Begin a new page where less than this is left of the present one."""
        if self._pdf.will_page_break(height):
            self._pdf.add_page()


def _short(text: str) -> str:
    return text if len(text) <= _CELL else f"{text[:_CELL]}..."


def _texts(value: Any) -> Iterator[str]:
    """Every text of a document."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))
    elif isinstance(value, Iterable):
        for entry in value:
            yield from _texts(entry)
