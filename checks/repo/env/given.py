"""Variables to which the repository itself gives a value where the product runs: images and the platforms' files."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import yaml

from checks.repo.env.comments import without_comments
from checks.repo.env.declared import COMPOSE, DOCKER
from checks.repo.platform_files import by_repository
from checks.repo.project import Project

_TOML = {
    "fly.toml": (("env",),),
    "wrangler.toml": (("vars",), ("env", "production", "vars")),
    "netlify.toml": (("build", "environment"), ("context", "production", "environment")),
}
_JSON = {
    "vercel.json": (("env",), ("build", "env")),
    "wrangler.json": (("vars",), ("env", "production", "vars")),
    "wrangler.jsonc": (("vars",), ("env", "production", "vars")),
    "app.json": (("env",),),
}
_YAML = {"app.yaml": (("env_variables",),), "app.yml": (("env_variables",),)}


def given_names(found: Project) -> dict[str, str]:
    """Each variable to which a file gives a value, with that file. Blocking."""
    given: dict[str, str] = {}
    for path in found.own(*DOCKER.files):
        for name in _in_image(found.read(path)):
            given.setdefault(name, path)
    for table, read in ((_TOML, tomllib.loads), (_JSON, _json), (_YAML, yaml.safe_load)):
        for path in found.own(*table):
            data = _parsed(read, found.read(path))
            for way in table[PurePosixPath(path).name]:
                for name in _valued(_at(data, way)):
                    given.setdefault(name, path)
            if PurePosixPath(path).stem == "wrangler":
                for name in _bound(data):
                    given.setdefault(name, path)
    for path in found.own("render.yaml", ".do/app.yaml"):
        for name in _in_rows(_parsed(yaml.safe_load, found.read(path))):
            given.setdefault(name, path)
    if [platform.name for platform, _ in by_repository(found)] == ["a server with Docker"]:
        for path in found.own(*COMPOSE.files):
            for service in (_at(_parsed(yaml.safe_load, found.read(path)), ("services",)) or {}).values():
                for name in _valued(_at(service, ("environment",))):
                    given.setdefault(name, path)
    return given


def _json(text: str) -> Any:
    """JSON, with the comments and the last commas that wrangler.jsonc may have."""
    return json.loads(re.sub(r",(?=\s*[}\]])", "", without_comments(text, "/")))


def _bound(data: Any) -> Iterator[str]:
    """What Cloudflare itself puts beside the variables of a Worker: databases, buckets, queues, other Workers."""
    if isinstance(data, list):
        for item in data:
            yield from _bound(item)
    elif isinstance(data, dict):
        for key, value in data.items():
            if key == "binding" and isinstance(value, str):
                yield value
            elif key == "bindings" and isinstance(value, list):
                yield from (str(row["name"]) for row in value if isinstance(row, dict) and "name" in row)
            yield from _bound(value)


def _parsed(read: Any, text: str) -> Any:
    try:
        return read(text)
    except (ValueError, yaml.YAMLError, RecursionError):
        return None


def _at(data: Any, way: tuple[str, ...]) -> dict[str, Any]:
    for key in way:
        data = data.get(key) if isinstance(data, dict) else None
    if isinstance(data, list):
        pairs = (item.partition("=") for item in data if isinstance(item, str))
        return {name: value for name, sign, value in pairs if sign}
    return data if isinstance(data, dict) else {}


def _valued(table: dict[str, Any]) -> Iterator[str]:
    """Keys with a value of their own; one that is taken from elsewhere ($X, a secret's name) is none."""
    for name, value in table.items():
        if isinstance(value, dict):
            value = value.get("value")
        if value not in (None, "") and not re.match(r"[$@]", str(value)):
            yield str(name)


def _in_image(text: str) -> Iterator[str]:
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        if match := re.match(r"\s*ENV\s+(.*)", line, re.IGNORECASE):
            pairs = re.findall(r"(\w+)=(\"[^\"]*\"|'[^']*'|\S*)", match[1])
            pairs = pairs or [tuple(match[1].split(None, 1))] if " " in match[1] or pairs else []
            yield from (name for name, value in pairs if value.strip("\"'") and "$" not in value)


def _in_rows(data: Any) -> Iterator[str]:
    """Rows of Render's and DigitalOcean's files that hold a value, or say where the platform takes it from."""
    if isinstance(data, list):
        for item in data:
            yield from _in_rows(item)
    elif isinstance(data, dict):
        if isinstance(data.get("key"), str):
            if any(data.get(each) for each in ("value", "generateValue", "fromDatabase", "fromService")):
                yield data["key"]
        else:
            for value in data.values():
                yield from _in_rows(value)
