"""The handover as one HTML file: no script, nothing from elsewhere, every text escaped, fit to print."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from importlib import resources

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

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def to_html(document: Document) -> str:
    """The document as a whole HTML page."""
    style = resources.files("launchready_tui.handover").joinpath("handover.css").read_text("utf-8")
    links = "".join(f'<li><a href="#{s.id}">{escape(s.title)}</a></li>' for s in document.sections)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
        f"<title>{escape(document.title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f'<header>\n<h1>{escape(document.title)}</h1>\n<p class="soft">{escape(document.subtitle)}</p>\n'
        f'<p class="verdict {document.verdict.tone}"><strong>{escape(document.verdict.text)}</strong> '
        f"{escape(document.verdict_text)}</p>\n{_facts(document.about.rows)}\n</header>\n"
        f"<nav><h2>Contents</h2><ol>{links}</ol></nav>\n<main>\n"
        + "\n".join(map(_section, document.sections))
        + "\n</main>\n</body>\n</html>\n"
    )


def _section(section: Section) -> str:
    body = "\n".join(map(_part, section.parts))
    return f'<section id="{section.id}">\n<h2>{escape(section.title)}</h2>\n{body}\n</section>'


def _part(part: Part) -> str:
    match part:
        case Paragraph(text=text, tone=tone):
            return f'<p class="{tone}">{_lines(text)}</p>' if tone else f"<p>{_lines(text)}</p>"
        case Points(entries=entries):
            return f"<ul>{''.join(f'<li>{_lines(entry)}</li>' for entry in entries)}</ul>"
        case Facts(rows=rows):
            return _facts(rows)
        case Table():
            return _table(part)
        case Card():
            return _card(part)
        case Lines(labels=labels):
            return "".join(f'<p class="line">{escape(label)}</p>' for label in labels)


def _facts(rows: Iterable[tuple[str, str]]) -> str:
    return f"<dl>{''.join(f'<dt>{escape(label)}</dt><dd>{_lines(text)}</dd>' for label, text in rows)}</dl>"


def _table(table: Table) -> str:
    columns = "".join(f'<col style="width:{width}%">' for width in table.widths)
    head = "".join(f'<th scope="col">{escape(header)}</th>' for header in table.headers)
    rows = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in table.rows)
    return (
        f'<div class="wide"><table><colgroup>{columns}</colgroup><thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table></div>"
    )


def _cell(cell: str | Word) -> str:
    if isinstance(cell, Word):
        return f'<td class="{cell.tone or "plain"}">{_lines(cell.text)}</td>'
    return f"<td>{_lines(cell)}</td>"


def _card(card: Card) -> str:
    fix = f"<h4>How to mend it</h4><pre>{escape(card.fix)}</pre>" if card.fix else ""
    seen = escape("\n".join(card.evidence))
    evidence = f"<details open><summary>What was seen</summary><pre>{seen}</pre></details>" if seen else ""
    return (
        f'<article class="{card.word.tone}"><h3>{card.number}. {escape(card.title)} '
        f'<span class="{card.word.tone}">{escape(card.word.text)}</span></h3>'
        f"{_facts(card.facts)}{fix}{evidence}</article>"
    )


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
