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
from checks.repo.env.dotenv import parse_dotenv
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
    for path in found.own(*_MANIFESTS):
        for data in _documents(found.read(path)):
            for name in _in_containers(data):
                given.setdefault(name, path)
    for path in found.own("config/deploy.yml", "config/deploy.*.yml"):
        for name in _valued(_at(_parsed(yaml.safe_load, found.read(path)), ("env", "clear"))):
            given.setdefault(name, path)
    if [platform.name for platform, _ in by_repository(found)] == ["a server with Docker"]:
        for path in found.own(*COMPOSE.files):
            for service in (_at(_parsed(yaml.safe_load, found.read(path)), ("services",)) or {}).values():
                for name in (*_valued(_at(service, ("environment",))), *_from_files(found, path, service)):
                    given.setdefault(name, path)
    return given


_MANIFESTS = (
    "k8s/*.y*ml", "*/k8s/*.y*ml", "kubernetes/*.y*ml", "*/kubernetes/*.y*ml", "manifests/*.y*ml", "deployment*.y*ml",
    "service.yaml", "taskdef*.json", "task-definition*.json", "ecs-task*.json",
)  # fmt: skip
"""Manifests of Kubernetes and Cloud Run, and the task definitions of ECS: what a container gets is written in them."""


def listed_names(found: Project) -> set[str]:
    """Variables that a file of the platform or of the build names without a value, for a person to give. Blocking."""
    names: set[str] = set()
    for path in found.own("app.json"):
        names |= set(_at(_parsed(json.loads, found.read(path)), ("env",)))
    for path in found.own("netlify.toml"):
        names |= set(_at(_parsed(tomllib.loads, found.read(path)), ("template", "environment")))
    for path in found.own("render.yaml", ".do/app.yaml"):
        names |= set(_in_rows(_parsed(yaml.safe_load, found.read(path)), valued=False))
    for path in found.own("config/deploy.yml", "config/deploy.*.yml"):
        env = _at(_parsed(yaml.safe_load, found.read(path)), ("env",))
        secret = env.get("secret")
        names |= {str(name).partition(":")[0] for name in secret} if isinstance(secret, list) else set()
    for path in found.own("turbo.json"):
        names |= set(_of_turbo(_parsed(_json, found.read(path))))
    return names


def _of_turbo(data: Any) -> Iterator[str]:
    tasks = [*_at(data, ("tasks",)).values(), *_at(data, ("pipeline",)).values()]
    for each in (data, *tasks):
        for key in ("globalEnv", "globalPassThroughEnv", "env", "passThroughEnv"):
            listed = each.get(key) if isinstance(each, dict) else None
            yield from (n for n in listed if re.fullmatch(r"[A-Za-z_]\w*", str(n))) if isinstance(listed, list) else ()


def _documents(text: str) -> list[Any]:
    """The documents of a YAML file (JSON is YAML too); none where it cannot be read, as a template of Helm."""
    try:
        return list(yaml.safe_load_all(text))
    except (ValueError, yaml.YAMLError, RecursionError):
        return []


def _in_containers(data: Any) -> Iterator[str]:
    """Variables that a container gets: a value of its own, or one that the platform keeps under a name."""
    if isinstance(data, list):
        for item in data:
            yield from _in_containers(item)
    elif isinstance(data, dict):
        for key, value in data.items():
            if key in ("env", "environment", "secrets") and isinstance(value, list):
                rows = (row for row in value if isinstance(row, dict) and isinstance(row.get("name"), str))
                yield from (row["name"] for row in rows if row.get("value") not in (None, "") or row.get("valueFrom"))
            else:
                yield from _in_containers(value)


def _from_files(found: Project, path: str, service: Any) -> Iterator[str]:
    """Names of the env files in the repository that a service of a compose file is given."""
    listed = service.get("env_file") if isinstance(service, dict) else None
    for each in listed if isinstance(listed, list) else [listed]:
        name = each.get("path") if isinstance(each, dict) else each
        file = (PurePosixPath(path).parent / str(name)).as_posix() if name else ""
        if found.has(file):
            yield from (item.name for item in parse_dotenv(found.read(file)) if item.value)


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


def _in_rows(data: Any, valued: bool = True) -> Iterator[str]:
    """Rows of Render's and DigitalOcean's files; where `valued`, those alone that hold a value or say where it is."""
    if isinstance(data, list):
        for item in data:
            yield from _in_rows(item, valued)
    elif isinstance(data, dict):
        if isinstance(data.get("key"), str):
            if not valued or any(data.get(each) for each in ("value", "generateValue", "fromDatabase", "fromService")):
                yield data["key"]
        else:
            for value in data.values():
                yield from _in_rows(value, valued)
