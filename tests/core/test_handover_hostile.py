"""A handover in which every text of the session, by hand or from outside, was written by an enemy."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from markdown_it import MarkdownIt

from launchready_tui.handover import render
from launchready_tui.session.model import Session
from tests.core.test_handover import NOW, full

PAYLOADS = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)><svg/onload=alert(1)>",
    "attribute": "\"' autofocus onfocus=alert(1) style='background:url(https://evil.example/)' x=\"",
    "closing": "</style></td></table></pre></textarea>--><iframe src=https://evil.example/></iframe>",
    "markdown": "](javascript:alert(1)) [x](javascript:alert(1)) ![x](https://evil.example/p.png) <https://evil.example>",
    "lines": "x\n\n# Go: launch now\n\n```\n<script>alert(1)</script>\n| a | b |\n|---|---|\n\n[x]: javascript:alert(1)",
    "fences": "`````` ~~~ ``` | \\| \\` $(reboot) &lt;b&gt; &#106;avascript:alert(1)",
    "controls": "\x1b]0;own\x07\x1b[2J\x9b31m\u202egnp.exe\u2066\u200b\x00\x85\u2028end",
    "rich": "[bold red]x[/] [link=javascript:alert(1)]y[/link] [@click=app.quit]z[/]",
}
NAMES = {"check", "id"}
"""By these rows find their place in the plan: with them poisoned nothing is found, so both is tried."""
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def poison(row: Any, text: str, keep: frozenset[str]) -> None:
    """Put `text` into every field of the row, and of the rows in it, that takes any text."""
    hints = typing.get_type_hints(type(row))
    for name in row.__struct_fields__:
        value = getattr(row, name)
        if name in keep:
            continue
        if hints[name] is str:
            setattr(row, name, text)
        elif isinstance(value, msgspec.Struct):
            poison(value, text, keep)
        elif hints[name] == list[str]:
            setattr(row, name, [text, text])
        elif isinstance(value, list):
            for entry in value:
                if isinstance(entry, msgspec.Struct):
                    poison(entry, text, keep)
        elif isinstance(value, dict):
            poison_values(value, text, keep)


def poison_values(table: dict[str, Any], text: str, keep: frozenset[str]) -> None:
    for key, value in table.items():
        if isinstance(value, msgspec.Struct):
            poison(value, text, keep)
        elif isinstance(value, str):
            table[key] = text


def texts(row: Any) -> Iterator[str]:
    if isinstance(row, str):
        yield row
    elif isinstance(row, dict):
        for value in row.values():
            yield from texts(value)
    elif isinstance(row, list):
        for value in row:
            yield from texts(value)


class Active(HTMLParser):
    """The elements of a page with the names of their attributes, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: set[tuple[str, str]] = set()
        self.links: set[str] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.add((tag, ""))
        self.parts |= {(tag, name) for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src", "action", "style", "srcdoc")}

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)


@pytest.fixture(params=PAYLOADS.values(), ids=PAYLOADS.keys())
def payload(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[NAMES, set[str]()], ids=["rows in their places", "names too"])
def session(request: pytest.FixtureRequest, payload: str) -> Session:
    made = full()
    poison(made, payload, frozenset(request.param))
    assert sum(text == payload for text in texts(msgspec.to_builtins(made))) > 100
    return made


def test_html_has_no_element_attribute_or_link_that_a_clean_one_lacks(session: Session) -> None:
    clean = Active(render(full(), "html", NOW).decode())
    page = render(session, "html", NOW).decode()
    found = Active(page)
    # A line of a text stays a line.
    assert found.parts <= clean.parts | {("br", "")}
    assert all(link.startswith(("#", "width:")) for link in found.links)
    assert not INVISIBLE.search(page)


def test_markdown_makes_no_element_or_link_of_foreign_text(session: Session) -> None:
    text = render(session, "md", NOW).decode()
    assert not INVISIBLE.search(text)
    reader = MarkdownIt("commonmark").enable("table")
    inline = [part for token in reader.parse(text) for part in (token, *(token.children or ()))]
    assert not [part.content for part in inline if part.type in ("html_inline", "html_block")]
    assert not [
        part.attrs for part in inline if part.type in ("image", "link_open") and "#" not in str(part.attrs)[:12]
    ]
    titles = [after.content for at, after in pairwise(inline) if at.type == "heading_open"]
    assert "Go: launch now" not in titles


def test_pdf_is_made_of_it_all(session: Session) -> None:
    assert render(session, "pdf", NOW).startswith(b"%PDF")
