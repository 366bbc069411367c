"""The handover drawn as text: the same document that is exported, as wide as the screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from textual.content import Content

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
    Word,
)
from screens.text import columns, hanging, shown, wrapped

TONES = {
    "": "",
    "good": "$status-pass",
    "bad": "$status-fail",
    "warn": "$status-warn",
    "soft": "$quiet",
}
LABEL = 16


def document_head(document: Document, width: int) -> Content:
    """Title, verdict and what it is about."""
    verdict = Content.assemble((f" {document.verdict.text} ", f"bold reverse {TONES[document.verdict.tone]}"), "  ")
    return _lines(
        [
            shown(document.title, "bold $strong"),
            shown(document.subtitle, "$quiet"),
            Content(""),
            *wrapped(verdict.append(shown(document.verdict_text)), width),
            Content(""),
            _facts(document.about.rows, width),
        ]
    )


def section_text(section: Section, width: int) -> Content:
    """One section with its heading."""
    parts = [_part(part, width) for part in section.parts]
    heading = shown(section.title, "bold $primary")
    return _lines([Content(""), heading, Content.styled("─" * min(width, heading.cell_length), "$rule"), *parts])


def _part(part: Part, width: int) -> Content:
    match part:
        case Paragraph(text=text, tone=tone):
            return _lines(wrapped(shown(text, TONES[tone]), width))
        case Points(entries=entries):
            return _lines(hanging(Content("•"), shown(entry), width, 2) for entry in entries)
        case Facts(rows=rows):
            return _facts(rows, width)
        case Table():
            return _table(part, width)
        case Card():
            return _card(part, width)
        case Lines(labels=labels):
            return _lines(Content.assemble(shown(label, "$quiet"), "  ", ("_" * 24, "$rule")) for label in labels)


def _facts(rows: Sequence[tuple[str, str]], width: int) -> Content:
    return _lines(hanging(shown(label, "$quiet"), shown(text), width, LABEL) for label, text in rows)


def _table(table: Table, width: int) -> Content:
    room = width - 2 * (len(table.widths) - 1)
    widths = [max(4, room * share // sum(table.widths)) for share in table.widths]
    lines = [columns([(shown(text, "$quiet"), cells) for text, cells in zip(table.headers, widths, strict=True)], 2)]
    for row in table.rows:
        cells = [wrapped(_cell(cell), cells) for cell, cells in zip(row, widths, strict=True)]
        lines += [
            columns(list(zip(line, widths, strict=True)), 2) for line in zip_longest(*cells, fillvalue=Content(""))
        ]
    return _lines(lines)


def _cell(cell: str | Word) -> Content:
    return shown(cell.text, TONES[cell.tone]) if isinstance(cell, Word) else shown(cell)


def _card(card: Card, width: int) -> Content:
    title = Content.assemble(shown(card.title, "bold"), "  ", shown(card.word.text, TONES[card.word.tone]))
    lines = [hanging(Content.styled(f"{card.number}.", "$quiet"), title, width, 4)]
    rows = [(label, shown(text)) for label, text in card.facts]
    if card.fix:
        rows.append(("How to mend it", shown(card.fix, "$primary")))
    if card.evidence:
        rows.append(("What was seen", shown("\n".join(card.evidence), "$quiet")))
    lines += [hanging(shown(f"    {label}", "$quiet"), text, width, LABEL + 4) for label, text in rows]
    return _lines([*lines, Content("")])


def _lines(lines: Iterable[Content]) -> Content:
    return Content("\n").join(lines)
