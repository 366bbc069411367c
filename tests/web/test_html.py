"""HTML read as browsers read it, whatever it is made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.web.html import MOST_ELEMENTS, Document, parse
from checks.web.markup import Comment, EndTag, StartTag, Text, Token, tokens, unescape
from checks.web.redirects import parse_refresh
from checks.web.references import css_urls, references, srcset, style_references
from tests.growth import assert_linear

PAGE = "https://example.com/dir/page"


def simple(text: str) -> list[object]:
    def short(token: Token) -> object:
        match token:
            case StartTag(name, attributes):
                return (name, dict(attributes))
            case EndTag(name):
                return f"/{name}"
            case Text(text):
                return text
            case Comment(text):
                return f"!{text}"

    return [short(token) for token in tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<P CLASS='a' class=b x>hi</P >", [("p", {"class": "a", "x": ""}), "hi", "/p"]),
        ("<a href=x/y?a=1&copy=2&amp;b>", [("a", {"href": "x/y?a=1&copy=2&b"})]),
        ("<a b = 'c>d' / e>", [("a", {"b": "c>d", "e": ""})]),
        ("<a =b=c>", [("a", {"=b": "c"})]),
        ("1 < 2 & <3", ["1 ", "<", " 2 & ", "<", "3"]),
        ("<!doctype html><!-- a -- b --!>x<!-->y<!--->z<!-- open", ["! a -- b ", "x", "!", "y", "!", "z", "! open"]),
        ("<?php x ?><!element></3></>", ["!php x ?", "!element", "!3"]),
        ("<script><b>'</scripty>'</SCRIPT\n>x", [("script", {}), "<b>'</scripty>'", "/script", "x"]),
        ("<title>a &amp; <b></title>", [("title", {}), "a & <b>", "/title"]),
        ("<style>a &amp; b", [("style", {}), "a &amp; b"]),
        ("<noscript><img></noscript>", [("noscript", {}), "<img>", "/noscript"]),
        ("<a href='open", []),
        ("<a <b>", [("a", {"<b": ""})]),
        ("<", ["<"]),
        ("</", ["!"]),
        ("&#x41;&#99999999999;&eacute;&bogus;", ["A\ufffdé&bogus;"]),
    ],
)
def test_tokens(text: str, expected: list[object]) -> None:
    assert simple(text) == expected


def test_numbers_of_any_length_are_no_trouble() -> None:
    assert unescape(f"&#{'9' * 10_000};&{'a' * 10_000};") == "\ufffd&" + "a" * 10_000 + ";"


def test_a_document() -> None:
    document = parse(
        """<!doctype html><head><title> Tea &amp;
        more </title><base href="/b/"><base href="/no/">
        <meta name=Robots content=noindex><meta http-equiv=REFRESH content="1;x">
        <link rel="Stylesheet" href=a.css><script src=a.js></script><script>inline()</script>
        <style>b{}</style></head><body style="color:red"><h1>Hello <b>you</b></h1><p>One<p>two
        <svg><title>icon</title></svg><img src=i.png><template><img src=no.png></template>
        <iframe src=f></iframe><noscript>unseen</noscript><!-- note --><script>unseen()</script>
        <form action=go method=POST id=f1><input name=a type=email><select name=b></select></form>
        <input form=f1 name=c><input name=stray><form><button>x</button></body>"""
    )
    assert document.title == "Tea & more"
    assert document.base_url(PAGE) == "https://example.com/b/"
    assert document.meta("robots") == ("noindex",)
    assert document.http_equiv("refresh") == ("1;x",)
    assert [script.text for script in document.scripts] == ["", "inline()", "unseen()"]
    assert [image.get("src") for image in document.images] == ["i.png"]
    assert [heading.text for heading in document.headings] == ["Hello you"]
    assert document.text == "Hello you One two x"
    assert [[field.get("name") for field in form.fields] for form in document.forms] == [["a", "b", "c"], [""]]
    assert [form.method for form in document.forms] == ["post", "get"]
    assert document.style_attributes == ("color:red",)
    assert document.comments == (" note ",)


def test_an_inert_template_is_left_out_and_a_shadow_root_is_not() -> None:
    document = parse(
        "<template><template shadowrootmode=open><img></template></template><template shadowrootmode=open><img>"
    )
    assert len(document.images) == 1


def test_no_html_at_all() -> None:
    assert parse("") == Document()
    assert parse("{}").text == "{}"


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    document = parse(text)
    references(document, PAGE)


@given(st.text(alphabet="<>/!-='\" \nabscript&;#title", max_size=60))
def test_no_markup_breaks_it(text: str) -> None:
    document = parse(text)
    references(document, PAGE)
    # Nothing of the text is read twice.
    assert sum(len(token.text) for token in tokens(text) if isinstance(token, Text)) <= len(text)


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<a ", "<a b='", "<!", "<?", "</", "<script>", "<title>", "<svg>", "<", "&", "&#1", "<h1>", "<form>", "<![",
     "<template>", "a=", "<p style=x>", "<noscript>", "</script", "<a b"],
)  # fmt: skip
def test_long_pages_are_read_in_linear_time(piece: str) -> None:
    assert_linear(lambda text: references(parse(text), PAGE), piece)


def test_references() -> None:
    document = parse(
        """<base href=/b/><script src=a.js></script><link rel="preload" as=font href=f.woff2><link rel=icon href=i.ico>
        <link rel="alternate stylesheet" href=no.css><link rel=preconnect href=//no.example><img src=1.png srcset="2.png 2x">
        <picture><source srcset="3.png, 4.png 2x"></picture><video src=v.mp4 poster=5.png></video><object data=o></object>
        <iframe src=about:blank></iframe><form action=go><button formaction=/other></button></form>
        <style>@import url("s.css"); @font-face{src:url(g.woff)}</style><input type=image src=6.png><a href=no></a>"""
    )
    found = {(r.url.removeprefix("https://example.com"), r.kind) for r in references(document, PAGE)}
    assert found == {
        ("/b/a.js", "script"),
        ("/b/f.woff2", "font"),
        ("/b/i.ico", "image"),
        *{(f"/b/{n}.png", "image") for n in range(1, 7)},
        ("/b/v.mp4", "media"),
        ("/b/o", "object"),
        ("about:blank", "frame"),
        ("/b/go", "form"),
        ("/other", "form"),
        ("/b/s.css", "style"),
        ("/b/g.woff", "font"),
    }


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("a.png", ("a.png",)),
        ("a.png 1x, b.png 2x", ("a.png", "b.png")),
        ("a.png, b.png", ("a.png", "b.png")),
        (" ,, a,b.png 100w ,c.png (x, y) 2x, d", ("a,b.png", "c.png", "d")),
        ("data:image/png;base64,AA== 1x, e.png 2x", ("data:image/png;base64,AA==", "e.png")),
        ("", ()),
    ],
)
def test_srcset(text: str, urls: tuple[str, ...]) -> None:
    assert srcset(text) == urls


@pytest.mark.parametrize(
    ("css", "urls"),
    [
        ("a{b:url( 'x.png' )}", [("x.png", "image")]),
        ("a{b:URL(x.woff2?v=1)}", [("x.woff2?v=1", "font")]),
        ("@import 'x.css';@import url(y.css);", [("x.css", "style"), ("y.css", "style")]),
        ("/* url(no.png) */ a{b:url(\\66 oo.png)}", [("foo.png", "image")]),
        ("a{b:url(data:x);c:url(#frag)}", []),
        ("/* open url(no.png)", []),
    ],
)
def test_css(css: str, urls: list[tuple[str, str]]) -> None:
    assert list(css_urls(css)) == urls


@pytest.mark.parametrize("piece", ["url(", "url('", "/*", "@import ", "@import '", "\\", "url( ", "a "])
def test_long_style_sheets_are_read_in_linear_time(piece: str) -> None:
    assert_linear(lambda text: style_references(text, PAGE), piece)
    assert_linear(srcset, piece)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0; url=/x", (0.0, "/x")),
        ("5;URL = '/a b'", (5.0, "/a b")),
        ('1, url="/x"y', (1.0, "/x")),
        ("0.5;/x", (0.0, "/x")),
        ("0 /x", (0.0, "/x")),
        (".5;url=/x", (0.0, "/x")),
        ("30", None),
        ("5;", None),
        ("url=/x", None),
        ("5x;url=/y", None),
    ],
)
def test_refresh(text: str, expected: tuple[float, str] | None) -> None:
    assert parse_refresh(text) == expected


@given(st.text())
def test_no_text_breaks_the_small_grammars(text: str) -> None:
    parse_refresh(text)
    assert all(srcset(text)) or not srcset(text)
    style_references(text, PAGE)


@pytest.mark.parametrize("tag", ["a href=x", "input", "h1", "script", "div style=x", "form"])
def test_a_page_of_nothing_but_tags_stays_small(tag: str) -> None:
    closing = "</script>" if tag == "script" else ""
    document = parse(f"<{tag}>{closing}" * (MOST_ELEMENTS + 500) + "<p>the end")
    groups = (document.anchors, document.inputs, document.headings, document.scripts, document.forms)
    kept = sum(len(group) for group in groups) + sum(len(form.fields) for form in document.forms)
    assert max(kept, len(document.style_attributes)) <= MOST_ELEMENTS
    assert document.text.endswith("the end")
