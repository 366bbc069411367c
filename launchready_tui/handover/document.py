"""The handover as a document: sections of a few kinds of block, before any file format.

Every text in it has passed `clean`: harmless to show, and without the name of any vault entry.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from checks.text import harmless

Tone = Literal["", "good", "bad", "warn", "soft"]

_VAULT_NAME = re.compile(r"launchready/[\w.-]+/[\w.@+:-]+")


def clean(text: str) -> str:
    """Foreign or personal text as it may stand in the handover."""
    return _VAULT_NAME.sub("(an entry of the vault)", harmless(text)).strip()


@dataclass(frozen=True, slots=True)
class Word:
    """A short text with a meaning, such as a state. The tone only repeats what the text says."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Points:
    """A list, each entry in a line of its own."""

    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels with what they say, one below the other."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headers; `widths` are their shares of the page."""

    headers: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str | Word, ...], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One problem of the risk list."""

    number: int
    title: str
    word: Word
    facts: tuple[tuple[str, str], ...]
    fix: str
    """To be copied: shown in a fixed-width face."""
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Empty lines for a signature by hand, each with its label."""

    labels: tuple[str, ...]


Part = Paragraph | Points | Facts | Table | Card | Lines


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Document:
    title: str
    subtitle: str
    verdict: Word
    verdict_text: str
    about: Facts
    sections: tuple[Section, ...]


def table_or(text: str, headers: tuple[str, ...], widths: tuple[int, ...], rows: list[tuple[str | Word, ...]]) -> Part:
    """A table, or a sentence where there is nothing to put in it."""
    return Table(headers, widths, tuple(rows)) if rows else Paragraph(text, "soft")
