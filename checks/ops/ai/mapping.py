"""How an AI endpoint is spoken to: the body of a request, and where its answer and its tool calls stand. No I/O.

A path names a place in a JSON document: names parted by dots, `[2]` or `.2` for an entry of a list, `*` for every
entry, `["odd.name"]` for a name with dots in it; a `$.` at the beginning is allowed. A request is a JSON object in
whose texts `{{prompt}}` stands for the prompt. Where neither is given, both are OpenAI's chat completions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

MARKS = frozenset({"prompt", "document", "url", "model", "id"})
"""What may stand in double braces: the prompt; a document or a page's address apart from it; the model's name; a text
that is new with every request, for a conversation's id."""

OPENAI_ANSWER = "choices[0].message.content"
OPENAI_TOOLS = "choices[*].message.tool_calls"
OPENAI_OLD_TOOLS = "choices[*].message.function_call"

_MARK = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_NAME = re.compile(r"[^.\[\]\"'*$\s][^.\[\]]*")
_INDEX = re.compile(r"\[\s*(-?\d{1,9}|\*)\s*\]")
_QUOTED = re.compile(r"""\[\s*(?:"([^"]*)"|'([^']*)')\s*\]""")
_DEEPEST = 40
"""Levels of a document that are looked at."""


class BadMapping(ValueError):
    """A path or a request that cannot be used; the message says where and why."""


class Unreadable(Exception):
    """An answer that holds no text where the mapping looks. `reason` is a sentence without the answer's content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Every(Enum):
    """The step of a path that takes every entry."""

    ENTRY = "*"


Step = str | int | Every


@dataclass(frozen=True, slots=True)
class Path:
    """A place in a JSON document."""

    text: str
    steps: tuple[Step, ...]

    def find(self, document: Any) -> list[Any]:
        """Every value at this place; none where the document has no such place."""
        found = [document]
        for step in self.steps:
            found = [value for here in found for value in _below(here, step)]
        return found


def _below(value: Any, step: Step) -> list[Any]:
    if isinstance(step, Every):
        return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if isinstance(value, dict):
        return [value[str(step)]] if str(step) in value else []
    if isinstance(value, list) and re.fullmatch(r"-?[0-9]{1,9}", str(step)):
        place = int(step)
        return [value[place]] if -len(value) <= place < len(value) else []
    return []


def parse_path(text: str) -> Path:
    """Read a path. Raises BadMapping."""
    rest = text.strip()
    at = 1 if rest.startswith("$") else 0
    steps: list[Step] = []
    while at < len(rest):
        if rest[at] == "[":
            match = _INDEX.match(rest, at) or _QUOTED.match(rest, at)
            if match is None:
                raise BadMapping(f'{text!r}: a bracket at character {at + 1} needs a number, * or a "name" in it')
            steps.append(_bracketed(match))
        else:
            if rest[at] == ".":
                at += 1
                at += len(rest[at:]) - len(rest[at:].lstrip())
            elif steps or at:
                raise BadMapping(f"{text!r}: a dot is missing before character {at + 1}")
            if rest[at : at + 1] == "*":
                steps.append(Every.ENTRY)
                at += 1
                continue
            match = _NAME.match(rest, at)
            if match is None:
                raise BadMapping(f"{text!r}: a name is missing at character {at + 1}")
            steps.append(match[0].strip())
        at = match.end()
    if not steps:
        raise BadMapping("the path is empty; it reads like data.reply or choices[0].message.content")
    return Path(text.strip(), tuple(steps))


def _bracketed(match: re.Match[str]) -> Step:
    if match.re is _INDEX:
        return Every.ENTRY if match[1] == "*" else int(match[1])
    return match[1] if match[1] is not None else match[2]


# -------------------------------------------------------------------- the request


@dataclass(frozen=True, slots=True)
class Template:
    """The body of a request, with marks in its texts."""

    body: Mapping[str, Any]
    marks: frozenset[str]
    """Those that stand in it."""

    def fill(self, values: Mapping[str, str]) -> bytes:
        """The body as JSON. What is filled in is never read as a mark again."""
        return json.dumps(_filled(self.body, values)).encode()


def parse_template(body: Mapping[str, Any], *, model: str = "") -> Template:
    """Read a request; an empty one is OpenAI's chat completions. Raises BadMapping."""
    if not body:
        openai: dict[str, Any] = {"messages": [{"role": "user", "content": "{{prompt}}"}], "stream": False}
        body = {"model": "{{model}}", **openai} if model else openai
    marks = frozenset(mark for text in _strings(body) for mark in _MARK.findall(text))
    if odd := sorted(marks - MARKS):
        known = ", ".join(f"{{{{{mark}}}}}" for mark in sorted(MARKS))
        raise BadMapping(f"{{{{{odd[0]}}}}} stands for nothing; there are {known}")
    if "prompt" not in marks:
        raise BadMapping("no text in it says {{prompt}}, so that no prompt would be sent")
    return Template(body, marks)


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _MARK.sub(lambda mark: values.get(mark[1], ""), value)
    if isinstance(value, Mapping):
        return {key: _filled(below, values) for key, below in value.items()}
    return [_filled(below, values) for below in value] if isinstance(value, list | tuple) else value


# -------------------------------------------------------------------- the answer


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call that an answer holds."""

    name: str
    arguments: str
    """As text: JSON where it was an object."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint said."""

    text: str
    calls: tuple[Call, ...] = ()
    everything: str = ""
    """Every text of the document, a line each: sources and debug fields too."""


@dataclass(frozen=True, slots=True)
class Wire:
    """How to speak with one endpoint."""

    template: Template
    answer: Path
    tools: tuple[Path, ...]

    def read(self, body: str, media_type: str = "") -> Answer:
        """Read an answer's body. Raises Unreadable."""
        document = parse_document(body, media_type)
        found = self.answer.find(document)
        calls = tuple(call for path in self.tools for value in path.find(document) for call in _calls(value))
        if not found and not calls:
            has = ", ".join(sorted(map(str, document))[:12]) if isinstance(document, dict) else type(document).__name__
            raise Unreadable(f"the answer has nothing at {self.answer.text}; it holds: {has or 'nothing'}")
        return Answer("\n".join(_texts(found)), calls, "\n".join(_strings(document)))


def parse_mapping(
    *, request: Mapping[str, Any] | None = None, answer: str = "", tools: str = "", model: str = ""
) -> Wire:
    """Put a mapping together. Raises BadMapping, whose message begins with the field."""
    template = _field("request", lambda: parse_template(request or {}, model=model))
    place = _field("answer", lambda: parse_path(answer or OPENAI_ANSWER))
    wanted = [tools] if tools.strip() else []
    # OpenAI's own places are looked at too: products hand them on beside a form of their own.
    paths = _field("tools", lambda: tuple(map(parse_path, (*wanted, OPENAI_TOOLS, OPENAI_OLD_TOOLS))))
    return Wire(template, place, paths)


def _field(name: str, read: Any) -> Any:
    try:
        return read()
    except BadMapping as problem:
        raise BadMapping(f"[ai] {name}: {problem}") from None


def parse_document(body: str, media_type: str = "") -> Any:
    """Read JSON. Raises Unreadable, which tells a stream from garbage."""
    streamed = "the endpoint streams its answer, and only whole answers are read"
    way_on = 'ask it for one, such as "stream": false in [ai] request'
    if media_type == "text/event-stream" or re.match(r"\s*(?:data|event|id|retry):", body):
        raise Unreadable(f"{streamed} (server-sent events); {way_on}")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        lines = [line for line in body.splitlines() if line.strip()][:2]
        if len(lines) == 2 and all(line.lstrip().startswith("{") and _is_json(line) for line in lines):
            raise Unreadable(f"{streamed} (JSON lines); {way_on}") from None
        kind = f" but {media_type}" if media_type and "json" not in media_type else ""
        raise Unreadable(f"the answer is no valid JSON{kind}") from None
    return document


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _strings(value: Any, depth: int = 0) -> Iterator[str]:
    """Every text of a document, names too."""
    if isinstance(value, str):
        yield value
    elif depth < _DEEPEST and isinstance(value, Mapping):
        for key, below in value.items():
            yield str(key)
            yield from _strings(below, depth + 1)
    elif depth < _DEEPEST and isinstance(value, list | tuple):
        for below in value:
            yield from _strings(below, depth + 1)


def _texts(values: list[Any], depth: int = 0) -> Iterator[str]:
    """The words of an answer, whether they are a text, or parts with a text each."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from _texts([value[key] for key in ("text", "content", "value") if key in value][:1], depth + 1)
        elif isinstance(value, list) and depth < _DEEPEST:
            yield from _texts(value, depth + 1)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield str(value)


def _calls(value: Any, depth: int = 0) -> Iterator[Call]:
    """The tool calls at a place: one or a list, in any of the usual forms."""
    if isinstance(value, list) and depth < _DEEPEST:
        for below in value:
            yield from _calls(below, depth + 1)
    elif isinstance(value, str) and value.strip():
        yield Call(value.strip(), "")
    elif isinstance(value, dict):
        call = call_of(value)
        if call is not None:
            yield call


def call_of(value: Mapping[str, Any]) -> Call | None:
    """A tool call in any of the usual forms; None where it is none."""
    inner = value.get("function")
    if isinstance(inner, Mapping):
        return call_of(inner)
    names = (value.get(key) for key in ("name", "tool", "tool_name", "function", "action", "recipient_name"))
    name = next((name for name in names if isinstance(name, str) and name.strip()), None)
    if name is None:
        return None
    given = next(
        (value[key] for key in ("arguments", "args", "input", "parameters", "action_input") if key in value), ""
    )
    return Call(name.strip(), given if isinstance(given, str) else json.dumps(given, ensure_ascii=False))
