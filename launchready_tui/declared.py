"""Reads one value that a person declared: an address, a path, a number. What cannot be one is a `BadName`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit, urlunsplit

from checks.subject import BadName, host_name

T = TypeVar("T")


def url(value: Any, base: str = "") -> str:
    """A whole URL: https where no scheme is given, its host in canonical form, without a fragment."""
    text = str(value or "").strip()
    if text.startswith("/") and base:
        text = urljoin(base, text)
    elif "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname or ""
    except ValueError as problem:
        raise BadName(f"{value!r} is not an address of a page: {problem}") from problem
    if parts.scheme not in ("http", "https"):
        raise BadName(f"{value!r} must begin with https:// or http://")
    if parts.username is not None:
        raise BadName("an address with a user name or password in it does not belong in the session file")
    host = f"[{host}]" if ":" in host else host_name(host)
    netloc = host if port is None else f"{host}:{port}"
    return urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))


def path(text: str) -> str:
    """A path with its leading slash; of a whole URL its path and query."""
    parts = urlsplit(text.strip())
    path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
    return f"{path}?{parts.query}" if parts.query else path


def selector(text: str) -> str:
    return host_name(text.strip().removesuffix("._domainkey"))


def purpose(text: str) -> str:
    """A vault entry's purpose, given alone or as the whole name `launchready/<domain>/<purpose>`."""
    return text.split("/", 2)[-1] if text.startswith("launchready/") else text


def file(text: str, folder: Path) -> Path:
    return folder / Path(text).expanduser()


def json_object(value: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    try:
        body = json.loads(value) if value.strip() else {}
    except ValueError as problem:
        raise BadName(f"not valid JSON ({problem})") from problem
    if not isinstance(body, dict):
        raise BadName("must be a JSON object")
    return body


def table(entry: Any, key: str) -> Mapping[str, Any]:
    """An entry as a table; a bare value is its `key`."""
    return entry if isinstance(entry, Mapping) else {key: entry}


def text(row: Mapping[str, Any], key: str, default: str = "") -> str:
    value = row.get(key, default)
    if not isinstance(value, str):
        raise BadName(f"{key} must be text in quotes")
    return value


def number(row: Mapping[str, Any], key: str, default: int | None) -> int | None:
    value = row.get(key, default)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise BadName(f"{key} must be a whole number")
    return value


def texts(value: Any) -> tuple[str, ...]:
    entries = [value] if isinstance(value, str) else value
    if not isinstance(entries, list | tuple) or not all(isinstance(entry, str) for entry in entries):
        raise BadName("must be a list of texts in quotes")
    return tuple(entry.strip() for entry in entries if entry.strip())


def one(field: str, value: Any, read: Callable[[Any], T]) -> T:
    """Read one field, named in the message where it is wrong."""
    try:
        return read(value)
    except BadName as problem:
        raise BadName(f"{field}: {problem}") from problem


def each(field: str, values: Iterable[Any], read: Callable[[Any], T]) -> tuple[T, ...]:
    """Read every entry of a list, empty ones and repetitions left out."""
    wanted = [value for value in values if not (isinstance(value, str) and not value.strip())]
    return tuple(dict.fromkeys(one(f"{field}, entry {n}", value, read) for n, value in enumerate(wanted, 1)))
