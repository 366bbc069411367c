"""Lists of variables as people and platforms write them: env files, and the output of the platforms' own tools."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_ASSIGNMENT = re.compile(rf"^\s*(?:export\s+|set\s+)?({NAME})\s*=(.*)$")
_TABLE_NAME = re.compile(r"^\s*[│|┃║]?[\s*•-]*([A-Z][A-Z0-9_]{1,})(?=[\s│|┃║:=]|$)")
_HEADINGS = frozenset(
    "NAME VALUE VALUES KEY DIGEST ENVIRONMENTS ENVIRONMENT STATUS CREATED AT SCOPE UPDATED SECRET TYPE NOTE VARIABLE "
    "VARIABLES REPLICATION_POLICY LOCATIONS SLOTSETTING VISIBILITY".split()
)
_RULED = re.compile(r"^[ \t]*(?:[│|┃║╔┌├]|[.+'][-=+.]{3})", re.MULTILINE)
"""A table with lines drawn around it, whose cells may hold what looks like an assignment."""
_SPEC_KEY = re.compile(rf"^[ \t]*(?:-[ \t]+)?key:[ \t]+[\"']?({NAME})[\"']?[ \t]*$", re.MULTILINE)
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_JSON = re.compile(r"^[ \t]*(?:\[(?=\s{0,40}[\[{\"\]])|\{(?=\s{0,40}[\"}]))", re.MULTILINE)
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
    `railway variables`, `wrangler secret list`, `gh secret list`, `doppler secrets`, `doctl apps spec get`,
    `kubectl get secret`, `aws ssm`, `az`, `gcloud`, Render's API and `printenv`. Values are not kept.
    """
    text = _ESCAPE.sub("", text)
    if (names := _in_json(text)) is not None:
        return names
    if keyed := set(_SPEC_KEY.findall(text)):
        return keyed
    if not _RULED.search(text) and (assigned := {item.name for item in parse_dotenv(text)}):
        return assigned
    found = {match[1] for line in text.splitlines() if (match := _TABLE_NAME.match(line)) and not _heads(line)}
    return found or _bare(text)


def _heads(line: str) -> bool:
    """Whether a line of a table names its columns."""
    words = re.findall(r"[A-Za-z_]+", line)
    known = sum(word.upper() in _HEADINGS for word in words)
    return known == len(words) or (known > 1 and words[0].upper() in _HEADINGS)


def _bare(text: str) -> set[str]:
    """A list of names and nothing else, in lines or with commas."""
    words = [word.strip() for word in re.split(r"[,\n]", text.replace("\r", "")) if word.strip()]
    return set(words) if words and all(re.fullmatch(NAME, word) for word in words) else set()


def _in_json(text: str) -> set[str] | None:
    """The names of the JSON value that begins a line; None where there is none."""
    start = _JSON.search(text)
    if start is None:
        return None
    try:
        data, _ = json.JSONDecoder().raw_decode(text, start.end() - 1)
        return set(_json_names(data))
    except (ValueError, RecursionError):
        return None


_LISTS = ("envs", "variables", "env", "environment", "secrets", "Parameters", "SecretList", "items", "envVars", "data")
_MAPS = ("data", "stringData", "Variables", "env", "variables", "vars")


def _json_names(data: Any) -> Iterator[str]:
    if isinstance(data, list):
        for item in data:
            if isinstance(item, str):
                yield item
            elif isinstance(item, dict):
                yield from _row_names(item)
    elif isinstance(data, dict):
        inner = data["Environment"] if isinstance(data.get("Environment"), dict) else data
        lists = [inner[key] for key in _LISTS if isinstance(inner.get(key), list)]
        maps = [inner[key] for key in _MAPS if isinstance(inner.get(key), dict)]
        for rows in lists:
            yield from _json_names(rows)
        for table in maps if lists or maps else [data]:
            yield from (key for key in table if re.fullmatch(NAME, key))


def _row_names(row: dict[str, Any]) -> Iterator[str]:
    """The name of a row of a list, which may be wrapped in a table of one key (Render's API)."""
    name = next((row[key] for key in ("name", "key", "Name", "secretKey") if isinstance(row.get(key), str)), "")
    if name:
        yield name.rpartition("/")[2]
    else:
        yield from (name for inner in row.values() if isinstance(inner, dict) for name in _row_names(inner))


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
