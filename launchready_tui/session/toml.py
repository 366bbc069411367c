"""A session as TOML text and back: typed where this version knows a key, kept as it was where it does not."""

from __future__ import annotations

import functools
import re
import threading
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

import msgspec
import tomli_w

from checks.finding import timestamp
from launchready_tui.session.model import SCHEMA, UNKNOWN, Session
from launchready_tui.session.table import Table


class Unreadable(Exception):
    """Text that is no session. `line` is 0 and `where` empty where they are not known."""

    def __init__(self, reason: str, line: int = 0, where: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.where = where


def dumps(session: Session) -> bytes:
    """The text of a session file. Empty tables and what equals its default are left out."""
    return text(plain(session))


def plain(session: Session) -> dict[str, Any]:
    """A session as plain values of its own, which `text` can take its time over while the session goes on."""
    return {key: value for key, value in _writable(session).items() if value not in ({}, [])}


def text(values: Mapping[str, Any]) -> bytes:
    """The text of a session file from the values of `plain`."""
    rows = {key: value for key, value in values.items() if _is_row_table(key, value)}
    head = tomli_w.dumps({key: value for key, value in values.items() if key not in rows})
    return "\n".join([head, *(_row(key, row) for key, table in rows.items() for row in table)]).encode()


def _is_row_table(key: str, value: Any) -> bool:
    """Whether it is an array of tables whose key needs no quotes."""
    bare = re.fullmatch(r"[A-Za-z0-9_-]+", key)
    return bool(bare) and isinstance(value, list) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _row(key: str, row: Mapping[str, Any]) -> str:
    """One row of a top-level array under its own header, however short it is, so that a person finds it."""
    text = tomli_w.dumps({key: row})
    header, newline, rest = text.partition("\n")
    return f"[{header}]{newline}{rest}" if header == f"[{key}]" else f"[[{key}]]\n{text}"


def loads(raw: bytes) -> Session:
    """Read a session.

    What a later schema has changed is left out of it. Raises Unreadable.
    """
    try:
        return _session(_parsed(raw), raw)
    except RecursionError as problem:
        raise Unreadable("its tables are nested too deeply") from problem


def _session(data: dict[str, Any], raw: bytes) -> Session:
    schema = data.get("schema", SCHEMA)
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise Unreadable("schema must be a number, 1 or more", _line_of(raw, ["schema"]), "schema")
    return _salvaged(data, raw) if schema > SCHEMA else _typed(data, raw)


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise Unreadable("it is not UTF-8 text", raw.count(b"\n", 0, problem.start) + 1) from problem
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        message = str(problem)
        found = re.search(r"\(at line (\d+), column \d+\)", message)
        line = int(found[1]) if found else text.count("\n") + 1
        reason = re.sub(r" \(at .*\)$", "", message)
        raise Unreadable(f"line {line} is not valid TOML: {reason[:1].lower()}{reason[1:]}", line) from problem


_converting = threading.Lock()
"""msgspec makes its plan of a type at the first use, and two threads that do so at once bring the interpreter down."""


def typed(values: Any) -> Session:
    """Plain values as a session; from any thread. Raises msgspec.ValidationError."""
    with _converting:
        return msgspec.convert(values, Session)


def _typed(data: dict[str, Any], raw: bytes) -> Session:
    try:
        session = typed(_timed(data))
    except msgspec.ValidationError as problem:
        message, _, path = str(problem).partition(" - at `")
        where = _words(path)
        line = _line_of(raw, _keys(path))
        place = f"{where}, line {line}" if line and where else where or "the file"
        raise Unreadable(f"{place}: {message[:1].lower()}{message[1:]}", line, where) from problem
    _keep_unknown(session, data)
    return session


def _salvaged(data: dict[str, Any], raw: bytes) -> Session:
    """What this version understands of a file of a later schema: enough to look at, never to write."""
    known = {"schema": data["schema"], "site": data.get("site")}
    session = _typed(known, raw)
    for key, value in data.items():
        if key in known:
            continue
        try:
            session = _typed({**known, key: value}, raw)
        except Unreadable:
            continue
        known[key] = value
    return session


def _timed(value: Any) -> Any:
    """Dates and times that a person wrote without quotes, as the text that the model wants."""
    if isinstance(value, Mapping):
        return {key: _timed(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_timed(entry) for entry in value]
    if isinstance(value, datetime) and value.tzinfo is not None:
        return timestamp(value)
    return value.isoformat() if isinstance(value, (date, time)) else value


def _keep_unknown(typed: Any, raw: Any) -> None:
    """Give each table the keys of the file that the model does not know, and free-form tables as they were."""
    if isinstance(typed, Table) and isinstance(raw, Mapping):
        fields = {key: name for key, name, _ in _fields(type(typed))}
        typed.unknown = {key: value for key, value in raw.items() if key not in fields}
        for key, name in fields.items():
            if key in raw:
                _keep_unknown(getattr(typed, name), raw[key])
    elif isinstance(typed, list) and isinstance(raw, list):
        for place, entry in enumerate(raw):
            if isinstance(typed[place], dict):
                typed[place] = entry
            _keep_unknown(typed[place], entry)
    elif isinstance(typed, dict) and isinstance(raw, Mapping):
        for key, entry in raw.items():
            if isinstance(typed.get(key), Table):
                _keep_unknown(typed[key], entry)
            else:
                typed[key] = entry


def _writable(value: Any) -> Any:
    """A value as TOML can hold it: unknown keys in their places, no None, no defaults, no lone surrogates."""
    if isinstance(value, Table):
        given = {key: getattr(value, name) for key, name, _ in _fields(type(value))}
        defaults = {key: default for key, _, default in _fields(type(value))}
        known = {key: entry for key, entry in given.items() if key == "schema" or entry != defaults[key]}
        return _writable(known | value.unknown)
    if isinstance(value, Mapping):
        return {_text(key): _writable(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, list | tuple):
        return [_writable(entry) for entry in value if entry is not None]
    return _text(value) if isinstance(value, str) else value


@functools.cache
def _fields(cls: type[Table]) -> tuple[tuple[str, str, Any], ...]:
    """The key, the name and the default of each field that the file may hold."""
    return tuple(
        (field.encode_name, field.name, field.default if field.default_factory is msgspec.NODEFAULT else _made(field))
        for field in msgspec.structs.fields(cls)
        if field.encode_name != UNKNOWN
    )


def _made(field: msgspec.structs.FieldInfo) -> Any:
    """An empty list or table, for comparison; a section's own default is its empty table."""
    made = field.default_factory()
    return None if isinstance(made, Table) else made


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode()
    return value


def _keys(path: str) -> list[str | int]:
    """The steps of a msgspec path such as "$.finding[3].status`"."""
    return [int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]`$]+", path) if part != "..."]


def _words(path: str) -> str:
    """A path as a person says it: "finding 4, status"."""
    words = ""
    for key in _keys(path):
        words += f" {key + 1}" if isinstance(key, int) else f"{', ' if words else ''}{key}"
    return words


def _line_of(raw: bytes, keys: list[str | int]) -> int:
    """The line of a key in the file as this program lays it out; 0 where it is laid out otherwise."""
    names = [key for key in keys if isinstance(key, str)]
    places = [key for key in keys if isinstance(key, int)]
    if not names:
        return 0
    lines = raw.decode("utf-8", "replace").splitlines()
    line, last = 0, names[-1]
    for depth in range(len(names), 0, -1):
        header = re.compile(rf"\s*\[{{1,2}}\s*{re.escape('.'.join(names[:depth]))}\s*\]{{1,2}}\s*(#.*)?$")
        hits = [number for number, text in enumerate(lines) if header.match(text)]
        place = places[0] if places else 0
        if place < len(hits):
            line = hits[place] + 1
            break
    for number in range(line, len(lines)):
        if re.match(rf"\s*{re.escape(last)}\s*=", lines[number]):
            return number + 1
        if line and number >= line and lines[number].lstrip().startswith("["):
            break
    return line
