"""HTML cut into tags, text and comments, as the tokenizer of the HTML standard does it, in linear time.

The standard library's parser is not used: it needs quadratic time for a page of unclosed comments or tags, raises
on some declarations, and reads the same page differently from one Python version to the next.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

RAW_TEXT = frozenset("script style textarea title xmp iframe noembed noframes noscript".split())
"""Elements whose content is text up to their end tag; noscript among them, since a browser runs scripts."""
WITH_REFERENCES = frozenset({"title", "textarea"})
"""Those of them in which character references still count."""

_NAME = re.compile(r"[^\t\n\f\r />]+")
_ATTRIBUTE_NAME = re.compile(r"=?[^\t\n\f\r />=]*")
_BETWEEN = re.compile(r"[\t\n\f\r /]*")
_SPACE = re.compile(r"[\t\n\f\r ]*")
_UNQUOTED = re.compile(r"[^\t\n\f\r >]*")
_COMMENT_END = re.compile(r"--!?>")
# A name without semicolon is no reference before "=" or a letter: "?a=1&copy=2" is no copyright sign.
_REFERENCE = re.compile(r"&(?:#[xX][0-9a-fA-F]+;?|#[0-9]+;?|[A-Za-z][A-Za-z0-9]*(?:;|(?![A-Za-z0-9=])))")
_LONGEST_REFERENCE = 40


@dataclass(frozen=True, slots=True)
class StartTag:
    name: str
    attributes: Mapping[str, str]
    """Names in lower case; of a repeated attribute the first counts."""


@dataclass(frozen=True, slots=True)
class EndTag:
    name: str


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Comment:
    text: str


Token = StartTag | EndTag | Text | Comment


def unescape(text: str) -> str:
    """Resolve character references as in an attribute value."""
    return _REFERENCE.sub(_resolved, text) if "&" in text else text


def _resolved(match: re.Match[str]) -> str:
    reference = match[0]
    if len(reference) > _LONGEST_REFERENCE:
        # No such name; and a number of that length is no character.
        return "\ufffd" if reference[1] == "#" else reference
    return html.unescape(reference)


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of an HTML page; every text is read to its end, nothing is ever refused."""
    at, end = 0, len(text)
    while at < end:
        opening = text.find("<", at)
        if opening < 0:
            opening = end
        if opening > at:
            yield Text(unescape(text[at:opening]))
        if opening >= end:
            return
        token, at = _markup(text, opening)
        if token is not None:
            yield token
        if isinstance(token, StartTag) and token.name in RAW_TEXT:
            close = _end_of_raw_text(text, at, token.name)
            content = text[at:close]
            if content:
                yield Text(unescape(content) if token.name in WITH_REFERENCES else content)
            at = close


def _markup(text: str, at: int) -> tuple[Token | None, int]:
    """What stands at the "<" and where it ends. None for what a browser drops."""
    following = text[at + 1 : at + 2]
    if following.isalpha() and following.isascii():
        return _start_tag(text, at + 1)
    if following == "/":
        return _end_tag(text, at + 2)
    if text.startswith("<!--", at):
        return _comment(text, at + 4)
    if following in ("!", "?") and following:
        close = text.find(">", at)
        close = len(text) if close < 0 else close
        is_doctype = text[at + 2 : at + 9].lower() == "doctype"
        return (None if is_doctype else Comment(text[at + 2 : close])), close + 1
    return Text("<"), at + 1


def _comment(text: str, at: int) -> tuple[Comment, int]:
    for empty in (">", "->"):
        if text.startswith(empty, at):
            return Comment(""), at + len(empty)
    match = _COMMENT_END.search(text, at)
    if match is None:
        return Comment(text[at:]), len(text)
    return Comment(text[at : match.start()]), match.end()


def _end_tag(text: str, at: int) -> tuple[Token | None, int]:
    first = text[at : at + 1]
    if not (first.isalpha() and first.isascii()):
        close = text.find(">", at)
        close = len(text) if close < 0 else close
        return (Comment(text[at:close]) if first != ">" else None), close + 1
    tag, after = _start_tag(text, at)
    return (EndTag(tag.name) if tag else None), after


def _start_tag(text: str, at: int) -> tuple[StartTag | None, int]:
    """The tag whose name begins at `at`; None where the page ends inside of it."""
    name = _NAME.match(text, at)
    assert name is not None  # noqa: S101 - the caller saw a letter here
    at, end = name.end(), len(text)
    attributes: dict[str, str] = {}
    while True:
        at = _past(_BETWEEN, text, at)
        if at >= end:
            return None, end
        if text[at] == ">":
            return StartTag(name[0].lower(), MappingProxyType(attributes)), at + 1
        start, at = at, _past(_ATTRIBUTE_NAME, text, at)
        key, value = text[start:at].lower(), ""
        equals = _past(_SPACE, text, at)
        if text.startswith("=", equals):
            at = _past(_SPACE, text, equals + 1)
            quote = text[at : at + 1]
            if quote in ('"', "'") and quote:
                close = text.find(quote, at + 1)
                if close < 0:
                    return None, end
                value, at = text[at + 1 : close], close + 1
            else:
                start, at = at, _past(_UNQUOTED, text, at)
                value = text[start:at]
        attributes.setdefault(key, unescape(value))


def _past(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where a pattern that also matches nothing ends."""
    match = pattern.match(text, at)
    return match.end() if match else at


_RAW_ENDS = {name: re.compile(rf"</{name}(?=[\t\n\f\r />])", re.IGNORECASE) for name in RAW_TEXT}


def _end_of_raw_text(text: str, at: int, name: str) -> int:
    match = _RAW_ENDS[name].search(text, at)
    return match.start() if match else len(text)
