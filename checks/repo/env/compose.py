"""Variables that the services and builds of a compose file take from their host: names without a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from checks.repo.env.reads import Read


def compose_names(path: str, text: str) -> Iterator[Read]:
    """Names under `environment:` and `build: args:` that stand without a value."""
    from checks.repo.env.reads import Read

    try:
        data: Any = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        # What is no YAML: whoever reads the list is told that it may lack names.
        yield Read("", path, 1, optional=True)
        return
    services = data.get("services") if isinstance(data, dict) else None
    for service in services.values() if isinstance(services, dict) else ():
        build = service.get("build") if isinstance(service, dict) else None
        listed = service.get("environment") if isinstance(service, dict) else None
        for name in (*_valueless(listed), *_valueless(build.get("args") if isinstance(build, dict) else None)):
            yield Read(name, path, _line_of(text, name))


def _valueless(listed: Any) -> list[str]:
    names: list[Any] = []
    if isinstance(listed, list):
        names = [item for item in listed if isinstance(item, str) and "=" not in item]
    elif isinstance(listed, dict):
        names = [key for key, value in listed.items() if value is None]
    return [str(name) for name in names if re.fullmatch(r"[A-Za-z_]\w*", str(name))]


def _line_of(text: str, word: str) -> int:
    place = text.find(word)
    return text.count("\n", 0, place) + 1 if place >= 0 else 1
