"""The handover as Markdown (GitHub flavour): plain to read as it is, and safe to render."""

from __future__ import annotations

import re
from collections.abc import Iterable

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


def to_markdown(document: Document) -> str:
    """The document as Markdown text."""
    parts = [
        f"# {_escape(document.title)}",
        _escape(document.subtitle),
        f"> **{document.verdict.text}** {_escape(document.verdict_text)}",
        _facts(document.about),
        *(_section(section) for section in document.sections),
    ]
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> str:
    return "\n\n".join([f"## {_escape(section.title)}", *map(_part, section.parts)])


def _part(part: Part) -> str:
    match part:
        case Paragraph(text=text):
            return _escape(text)
        case Points(entries=entries):
            return "\n".join(f"- {_escape(entry)}" for entry in entries)
        case Facts():
            return _facts(part)
        case Table():
            return _table(part)
        case Card():
            return _card(part)
        case Lines(labels=labels):
            return "\n\n".join(f"{_escape(label)}: \\_\\_\\_\\_\\_\\_\\_\\_\\_\\_" for label in labels)


def _facts(facts: Facts) -> str:
    return "\n".join(f"- **{_escape(label)}:** {_escape(text)}" for label, text in facts.rows)


def _table(table: Table) -> str:
    rows = [table.headers, tuple("---" for _ in table.headers)]
    lines = [_row(rows[0]), f"| {' | '.join(rows[1])} |", *(_row(row) for row in table.rows)]
    return "\n".join(lines)


def _row(cells: Iterable[str | Word]) -> str:
    texts = (_escape(cell.text if isinstance(cell, Word) else cell) for cell in cells)
    return f"| {' | '.join(texts)} |"


def _card(card: Card) -> str:
    lines = [f"### {card.number}. {_escape(card.title)}", f"**{_escape(card.word.text)}**", _facts(Facts(card.facts))]
    if card.fix:
        lines += ["**How to mend it:**", _fenced(card.fix)]
    if card.evidence:
        lines += ["**What was seen:**", _fenced("\n".join(card.evidence))]
    return "\n\n".join(lines)


def _fenced(text: str) -> str:
    """A code block whose fence is longer than any in the text."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _escape(text: str) -> str:
    """Text that Markdown and HTML show as it is, on one line."""
    line = " ".join(text.split())
    line = re.sub(r"([\\`*_{}\[\]|~#])", r"\\\1", line)
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"^([-+=]|\d+[.)])", r"\\\1", line)
