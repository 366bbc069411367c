"""SQL text cut into its statements: bodies of functions and triggers stay whole, whatever delimiter ends them."""

from __future__ import annotations

import re
from collections.abc import Iterator

ROUTINE = re.compile(
    r"\s*create\s+(?:or\s+replace\s+|or\s+alter\s+)?(?:definer\s*=\s*\S+\s+)?(?:temp(?:orary)?\s+)?(?:constraint\s+)?"
    r"(?:aggregate\s+)?(?:function|procedure|trigger|event)\b",
    re.I,
)
"""A statement that only writes code down: it runs later, if at all."""
_DELIMITER = re.compile(r"^[ \t]*delimiter[ \t]+(\S+)[ \t]*$", re.I | re.M)
INCLUDES = re.compile(r"^[ \t]*(?:\\i(?:r|nclude|nclude_relative)?|source|\\\.)[ \t]+\S+[ \t]*;?[ \t]*$", re.I | re.M)
"""A line by which the client reads another file."""


_COPIED = re.compile(r"[^\n]*\n.*?(?:^\\\.[ \t]*$|\Z)", re.S | re.M)
_COPY = re.compile(r"^[ \t]*copy\b[^;]*\bfrom\s+stdin\b[^;]*;", re.I | re.M)
_META = re.compile(r"^\\(?!\.|ir?\b|include)[a-z!?][^\n]*", re.I | re.M)
_EXECUTABLE = re.compile(r"/\*!\d*(?P<code>.*?)\*/", re.S)
_KEPT = re.compile(r"[^\n]")
_TOOLS_OWN = re.compile(r"^([ \t]*--)[^\s-]", re.M)
_PLACEHOLDER = re.compile(r"\$\{[\w:.-]+\}")
_BREAKPOINT = re.compile(r"-->[ \t]*statement-breakpoint")


def _as_name(match: re.Match[str]) -> str:
    return re.sub(r"\W", "x", match[0])


def _as_end(match: re.Match[str]) -> str:
    """The end of a statement, unless it is ended already."""
    before = match.string[max(0, match.start() - 200) : match.start()].rstrip()
    return ("" if before.endswith(";") else ";").ljust(len(match[0]))


def placeholders(text: str) -> dict[str, str]:
    """Names of the same length that stand for what Flyway puts in, each with how it is written: ${schema}."""
    return {_as_name(match): match[0] for match in _PLACEHOLDER.finditer(text)}


def as_the_server_gets_it(text: str, dialect: str) -> str:
    """SQL without what the client or the tool keeps to itself, each statement at its place.

    Flyway's placeholders stand as names, and Drizzle's breakpoints end a statement.
    PostgreSQL: the rows after COPY ... FROM stdin, and psql's own commands. MySQL: code in comments (/*!40101 ... */)
    is code.
    """
    text = _PLACEHOLDER.sub(_as_name, text)
    text = _BREAKPOINT.sub(_as_end, text)
    if dialect == "mysql":
        # Only the tool may read a line that begins so: to MySQL, a comment needs a space behind its dashes.
        text = _TOOLS_OWN.sub(r"\1 ", text)
        return _EXECUTABLE.sub(lambda m: f"{' ' * (m.start('code') - m.start())}{m['code']}  ", text)
    if dialect != "postgres":
        return text
    place = 0
    while (head := _COPY.search(text, place)) is not None:
        rows = _COPIED.match(text, head.end())
        place = rows.end() if rows is not None else head.end()
        text = text[: head.end()] + _KEPT.sub(" ", text[head.end() : place]) + text[place:]
    return _META.sub(lambda match: " " * len(match[0]), text)


def statements(text: str, dialect: str) -> Iterator[tuple[int, str]]:
    """Pairs of (line of its first token, statement)."""
    from sqlglot.dialects.dialect import Dialect
    from sqlglot.errors import SqlglotError

    text = INCLUDES.sub(lambda match: " " * len(match[0]), _with_one_delimiter(text))
    try:
        tokens = Dialect.get_or_raise(dialect).tokenize(text)
    except SqlglotError:
        yield from _by_semicolons(text)
        return
    first = last = None
    depth = 0
    for place, token in enumerate(tokens):
        if token.token_type.name == "SEMICOLON" and depth <= 0:
            if first is not None and last is not None:
                yield first.line, text[first.start : last.end + 1]
            first, depth = None, 0
            continue
        if first is None:
            first = token
            routine = ROUTINE.match(text, first.start) is not None
        if routine:
            depth += _opens(token.text, tokens[place + 1].text if place + 1 < len(tokens) else "")
        last = token
    if first is not None and last is not None:
        yield first.line, text[first.start : last.end + 1]


def _opens(word: str, following: str) -> int:
    """By how many blocks a word of a routine's body goes deeper."""
    word, following = word.upper(), following.upper()
    if word in ("BEGIN", "CASE"):
        return 1
    return -1 if word == "END" and following not in ("IF", "LOOP", "WHILE", "REPEAT", "FOR") else 0


def _with_one_delimiter(text: str) -> str:
    """The text with the delimiters that MySQL's client was told of written as semicolons; places stay."""
    marks = list(_DELIMITER.finditer(text))
    for mark, end in zip(marks, [*(mark.start() for mark in marks[1:]), len(text)], strict=False):
        piece = text[mark.end() : end]
        if mark[1] != ";":
            piece = piece.replace(mark[1], ";" + " " * (len(mark[1]) - 1))
        text = text[: mark.start()] + " " * len(mark[0]) + piece + text[end:]
    return text


def _by_semicolons(text: str) -> Iterator[tuple[int, str]]:
    line = 1
    for piece in text.split(";"):
        if piece.strip():
            lead = len(piece) - len(piece.lstrip())
            yield line + piece.count("\n", 0, lead), piece.strip()
        line += piece.count("\n")


_BODY = re.compile(r"(?P<tag>\$\w*\$)(?P<body>.*?)(?P=tag)", re.S)
_ALTERS = re.compile(r"(?<!')\balter\s+table\b[^;]*", re.I)


def altered_within(block: str) -> Iterator[tuple[int, str]]:
    """The ALTER TABLE statements of a block of code (DO $$ ... $$), each with the lines that stand before it."""
    for body in _BODY.finditer(block):
        for match in _ALTERS.finditer(body["body"]):
            yield block.count("\n", 0, body.start("body") + match.start()), match[0]
