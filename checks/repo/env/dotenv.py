"""Lists of variables as people and platforms write them: env files, and the output of the platforms' own tools."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_ASSIGNMENT = re.compile(rf"^\s*(?:export\s+|set\s+)?({NAME})\s*=(.*)$")
_TABLE_NAME = re.compile(r"^[\s│|┃║*•-]*([A-Z][A-Z0-9_]{1,})(?=[\s│|┃║:=]|$)")
_HEADINGS = frozenset(
    {"NAME", "VALUE", "VALUES", "KEY", "DIGEST", "ENVIRONMENTS", "STATUS", "CREATED", "SCOPE", "UPDATED"}
)
_PLACEHOLDER = re.compile(
    r"^(?:|x{3,}|\*{3,}|\.{3,}|change[-_ ]?me.*|replace[-_ ]?(?:me|this).*|your[-_ ].*|my[-_ ].*|<.*>|\[.*\]|"
    r"\{\{.*\}\}|\$\{.*\}|todo.*|example.*|placeholder.*|dummy.*|none|null|undefined|secret|password|insert[-_ ].*|"
    r"put[-_ ].*|.*_here)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One line of an env file. `value` is foreign and may be a secret: compare it, never show it."""

    name: str
    value: str
    line: int

    @property
    def is_real(self) -> bool:
        """Whether the value says anything: neither empty nor a placeholder."""
        return _PLACEHOLDER.match(self.value.strip()) is None


def parse_dotenv(text: str) -> list[Assignment]:
    """Read an env file: `export`, comments, quotes, and quoted values over several lines."""
    found: list[Assignment] = []
    lines = text.removeprefix("\ufeff").splitlines()
    number = 0
    while number < len(lines):
        start = number
        match = _ASSIGNMENT.match(lines[number])
        number += 1
        if match is None or lines[start].lstrip().startswith("#"):
            continue
        value = match[2].strip()
        quote = value[:1]
        if quote in ("'", '"', "`"):
            body = value[1:]
            while quote not in body and number < len(lines):
                body += "\n" + lines[number]
                number += 1
            value = body.partition(quote)[0]
        else:
            value = re.split(r"\s+#", value, maxsplit=1)[0].strip()
        found.append(Assignment(match[1], value, start + 1))
    return found


def names_in(text: str) -> set[str]:
    """The variable names in any list of them: an env file, JSON, a bare list, or a platform's table.

    Understood are the outputs of `vercel env ls`, `netlify env:list`, `heroku config`, `fly secrets list`,
    `railway variables`, `wrangler secret list`, `gh secret list` and `printenv`. Values are not kept.
    """
    stripped = text.strip()
    if stripped[:1] in ("{", "["):
        try:
            return set(_json_names(json.loads(stripped)))
        except (ValueError, RecursionError):
            pass
    assigned = {item.name for item in parse_dotenv(text)}
    if assigned:
        return assigned
    found = {match[1] for line in text.splitlines() if (match := _TABLE_NAME.match(line))}
    return {name for name in found if name not in _HEADINGS}


def _json_names(data: Any) -> Iterator[str]:
    if isinstance(data, list):
        for item in data:
            if isinstance(item, str):
                yield item
            elif isinstance(item, dict):
                name = item.get("name") or item.get("key") or item.get("Name")
                if isinstance(name, str):
                    yield name
    elif isinstance(data, dict):
        inner = next((data[key] for key in ("envs", "variables", "env") if isinstance(data.get(key), list)), None)
        if inner is not None:
            yield from _json_names(inner)
        else:
            yield from (key for key in data if re.fullmatch(NAME, key))


_SECRET = re.compile(
    r"(?:^|_)(?:KEY|SECRET|TOKEN|PASSWORD|PASSWD|PASS|PWD|CREDENTIALS?|PRIVATE|SALT|SIGNATURE|APIKEY|AUTH|DSN|JWT|PAT)(?:_|$)",
    re.IGNORECASE,
)
_PUBLIC = re.compile(r"^(?:NEXT_PUBLIC|VITE|PUBLIC|REACT_APP|NUXT_PUBLIC|EXPO_PUBLIC|GATSBY)_|PUBLISHABLE|PUBLIC_KEY")


def is_secret(name: str, value: str) -> bool:
    """Whether a variable is a secret, by its name, or by a password in the URL that it holds."""
    if _PUBLIC.search(name.upper()):
        return False
    return bool(_SECRET.search(name)) or bool(
        re.match(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@", value, re.IGNORECASE)
    )
