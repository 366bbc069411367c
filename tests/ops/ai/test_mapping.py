"""Requests and answers of every shape, and what cannot be one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.ops.ai.mapping import (
    BadMapping,
    Call,
    Every,
    Unreadable,
    parse_document,
    parse_mapping,
    parse_path,
    parse_template,
)

documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=6), below, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("reply", ("reply",)),
        ("data.reply.text", ("data", "reply", "text")),
        ("choices[0].message.content", ("choices", 0, "message", "content")),
        ("choices.0.message", ("choices", "0", "message")),
        ("$.output[*].text", ("output", Every.ENTRY, "text")),
        ("$[0].text", (0, "text")),
        ("output.*.text", ("output", Every.ENTRY, "text")),
        ('a["odd.name"].b', ("a", "odd.name", "b")),
        ("['x'][-1]", ("x", -1)),
        (" my field . x ", ("my field", "x")),
    ],
)
def test_paths(text: str, steps: tuple[Any, ...]) -> None:
    assert parse_path(text).steps == steps


@pytest.mark.parametrize(
    "text", ["", " ", "$", "$.", "a.", ".", "a..b", "a[", "a[x]", "a[]", "a]b", "a[0]b", '["x', "a[0", "a.$b", "*b"]
)
def test_what_is_no_path_says_so(text: str) -> None:
    with pytest.raises(BadMapping):
        parse_path(text)


@given(st.text(max_size=60))
def test_any_text_is_a_path_or_refused(text: str) -> None:
    try:
        path = parse_path(text)
    except BadMapping as problem:
        assert str(problem)
        return
    assert path.steps


@given(st.text("ab.[]*$\"'01 -", max_size=14), documents)
def test_a_path_finds_something_or_nothing_in_any_document(text: str, document: Any) -> None:
    try:
        path = parse_path(text)
    except BadMapping:
        return
    assert isinstance(path.find(document), list)


@given(
    st.lists(st.text(min_size=1, max_size=6).filter(lambda name: '"' not in name), min_size=1, max_size=5), documents
)
def test_a_quoted_path_finds_what_was_put_there(names: list[str], leaf: Any) -> None:
    document = leaf
    for name in reversed(names):
        document = {name: document}
    (found,) = parse_path("".join(f'["{name}"]' for name in names)).find(document)
    assert found is leaf


def test_places_that_are_not_there() -> None:
    document = {"a": [{"b": 1}, {"b": 2}, {}], "c": "text"}
    assert parse_path("a[*].b").find(document) == [1, 2]
    assert parse_path("a[-1]").find(document) == [{}]
    for text in ("a[3]", "a[-4]", "a.b", "c.d", "c[0]", "c.*", "d", "a.1.2"):
        assert parse_path(text).find(document) == [], text


def test_openai_is_what_goes_without_saying() -> None:
    body = json.loads(parse_mapping().template.fill({"prompt": "Hi"}))
    assert body == {"messages": [{"role": "user", "content": "Hi"}], "stream": False}
    named = json.loads(parse_mapping(model="m-1").template.fill({"prompt": "Hi", "model": "m-1"}))
    assert named["model"] == "m-1"


def test_a_request_of_any_shape_is_filled_everywhere() -> None:
    template = parse_template(
        {
            "in": [{"text": "Q: {{prompt}}!"}, 7, None, True],
            "chat": "{{ id }}",
            "doc": "{{document}}",
            "n": {"u": "{{url}}"},
        }
    )
    assert template.marks == {"prompt", "id", "document", "url"}
    filled = json.loads(template.fill({"prompt": 'say "{{id}}"\n', "id": "7", "document": "", "url": "x"}))
    assert filled == {"in": [{"text": 'Q: say "{{id}}"\n!'}, 7, None, True], "chat": "7", "doc": "", "n": {"u": "x"}}


@given(st.text())
def test_whatever_the_prompt_is_the_body_holds_it_whole(prompt: str) -> None:
    template = parse_template({"q": "{{prompt}}"})
    assert json.loads(template.fill({"prompt": prompt}))["q"] == prompt


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"request": {"q": "hello"}}, "[ai] request: no text in it says {{prompt}}"),
        ({"request": {"q": "{{promt}}"}}, "[ai] request: {{promt}} stands for nothing"),
        ({"answer": "a..b"}, "[ai] answer: 'a..b'"),
        ({"tools": "["}, "[ai] tools: '['"),
    ],
)
def test_what_cannot_be_used_names_its_field(given_: dict[str, Any], words: str) -> None:
    with pytest.raises(BadMapping, match="^" + words.replace("[", r"\[").replace("{", r"\{")):
        parse_mapping(**given_)


def openai(message: Any) -> str:
    return json.dumps({"choices": [{"message": message}]})


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Hello", "Hello"),
        (None, ""),
        ([{"type": "text", "text": "A"}, {"type": "text", "text": "B"}], "A\nB"),
        (7, "7"),
        ("", ""),
    ],
)
def test_the_words_of_an_answer(content: Any, text: str) -> None:
    assert parse_mapping().read(openai({"content": content})).text == text


@pytest.mark.parametrize(
    ("tools", "document", "calls"),
    [
        ("", {"choices": [{"message": {"content": None, "tool_calls": [{"function": {"name": "a", "arguments": "{}"}}]}}]}, [("a", "{}")]),
        ("", {"choices": [{"message": {"content": "", "function_call": {"name": "a", "arguments": "{}"}}}]}, [("a", "{}")]),
        ("tools", {"choices": [], "tools": [{"name": "a", "args": {"x": 1}}, {"tool": "b"}]}, [("a", '{"x": 1}'), ("b", "")]),
        ("tools", {"tools": ["a", "b"]}, [("a", ""), ("b", "")]),
        ("content", {"content": [{"type": "text", "text": "x"}, {"type": "tool_use", "name": "a", "input": {}}]}, [("a", "{}")]),
        ("steps[*].action", {"steps": [{"action": "a"}, {"action": {"name": "b"}}]}, [("a", ""), ("b", "")]),
    ],
)  # fmt: skip
def test_tool_calls_of_every_form(tools: str, document: Any, calls: list[tuple[str, str]]) -> None:
    answer = parse_mapping(tools=tools).read(json.dumps(document))
    assert list(answer.calls) == [Call(*call) for call in calls]


def test_everything_in_a_document_is_kept_for_the_search() -> None:
    answer = parse_mapping(answer="reply").read('{"reply": "x", "sources": [{"text": "secret"}], "debug": {"p": "q"}}')
    assert answer.text == "x"
    assert {"secret", "q", "p"} <= set(answer.everything.split("\n"))


@pytest.mark.parametrize(
    ("body", "media", "words"),
    [
        ("data: {}\n\n", "text/event-stream", "streams its answer"),
        ('event: x\ndata: {"choices": []}\n\n', "text/plain", "server-sent events"),
        ('{"a": 1}\n{"a": 2}\n', "application/x-ndjson", "JSON lines"),
        ("<html>", "text/html", "no valid JSON but text/html"),
        ("{", "application/json", "no valid JSON"),
        ("", "", "no valid JSON"),
        ("[" * 100_000, "", "no valid JSON"),
        ('{"error": {"message": "private words"}}', "", "nothing at choices[0].message.content; it holds: error"),
        ("[1]", "", "it holds: list"),
    ],
)
def test_what_cannot_be_read_says_why_and_quotes_nothing(body: str, media: str, words: str) -> None:
    with pytest.raises(Unreadable) as told:
        parse_mapping().read(body, media)
    assert words in told.value.reason
    assert "private" not in told.value.reason


@given(st.text(max_size=200), st.sampled_from(["", "application/json", "text/event-stream", "text/html"]))
def test_any_body_is_read_or_refused(body: str, media: str) -> None:
    try:
        parse_document(body, media)
    except Unreadable as problem:
        assert problem.reason


@given(documents)
def test_any_document_is_read_or_refused(document: Any) -> None:
    try:
        answer = parse_mapping(answer="*", tools="*").read(json.dumps(document))
    except Unreadable:
        return
    assert isinstance(answer.text, str)
