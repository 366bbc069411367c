"""Lists of variables as platforms' own tools print them, and people paste them. Names alone are kept, never values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from checks.repo.env.dotenv import NAME, parse_dotenv

_TABLE_NAME = re.compile(r"^\s*[│|┃║]?[\s*•`-]*(?:/?(?:[\w.-]+/)+)?([A-Z][A-Z0-9_]{1,})(?=[\s│|┃║:=`]|$)")
_HEROKU = re.compile(r"^=+>?[ \t]", re.MULTILINE)
_SAID = (
    re.compile(rf"^Secret Name: ({NAME})\s*$", re.MULTILINE),
    re.compile(rf"^# ({NAME}) from (?:secret|configmap) ", re.MULTILINE),
)
"""Names in a sentence, as wrangler and `kubectl set env --list` write them."""
_DESCRIBED = re.compile(
    r"^(?P<lead>[ \t]*)(?:Env vars|Secrets|Environment|Data)[ \t]*:?[ \t]*(?:\n====)?\n"
    r"(?P<body>(?:(?P=lead)[ \t]+\S[^\n]*(?:\n|\Z))+|(?:[\w.-]+:(?:[ \t]+\d+ bytes\n?|\n----\n))(?s:.*))",
    re.MULTILINE,
)
"""A section of what `kubectl describe` and `gcloud run services describe` tell of a service."""
_DESCRIBED_NAME = re.compile(rf"^[ \t]+({NAME}):?(?=[ \t]|$)|^({NAME}):(?:[ \t]+\d+ bytes$|\n----$)", re.MULTILINE)
_IN_BRACKETS = re.compile(rf"\[(?={NAME}=)([^\n]*)\]\s*")
"""A list as Go prints it: `docker inspect --format '{{.Config.Env}}'`."""
_HEADINGS = frozenset(
    "NAME VALUE VALUES KEY DIGEST ENVIRONMENTS ENVIRONMENT STATUS CREATED AT SCOPE UPDATED SECRET TYPE NOTE VARIABLE "
    "VARIABLES REPLICATION_POLICY LOCATIONS SLOTSETTING VISIBILITY".split()
)
_RULED = re.compile(r"^[ \t]*(?:[│|┃║╔┌├]|[.+'][-=+.]{3})", re.MULTILINE)
"""A table with lines drawn around it, whose cells may hold what looks like an assignment."""
_INDENT = re.compile(r"^[ \t]{40,}", re.MULTILINE)
"""Deeper than any tool prints; what follows is no name anyway."""
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_KEY_BLOCK = re.compile(r"-----BEGIN [A-Z ]{1,40}-----[A-Za-z0-9+/=\s]*(?:-----END [A-Z ]{1,40}-----)?")
"""A value over many lines, any of which may look like an assignment."""
_JSON = re.compile(r"^[ \t]*(?:\[(?=\s{0,40}[\[{\"\]])|\{(?=\s{0,40}[\"}]))", re.MULTILINE)
_YAML = re.compile(
    r"^[ \t]*(?:-[ \t]+)?(?:env|envs|environment|envVars|env_variables|variables|data|stringData|Parameters|"
    r"environmentVariables|secretEnvironmentVariables):[ \t]*$|^- (?:name|key|Name): ",
    re.M,
)
_YAML_LIMIT = 200_000
_SSM = re.compile(
    rf"^PARAMETERS\t.*?(?<=\t)/(?:[\w.-]+/)*({NAME})(?=\t|$)|^\|+\s*Name\s*\|\s*(?:/?[\w.-]+/)*({NAME})\s*\|",
    re.MULTILINE,
)
_PATHS = re.compile(rf"\s*(?:/(?:[\w.-]+/)*{NAME}\s*)+")
"""Names of the parameter store and nothing else."""
_UNIT = re.compile(r"^Environment=", re.MULTILINE)
_UNIT_NAME = re.compile(rf"(?:(?<=Environment=)|(?<=[ \t]))[\"']?({NAME})=")


def names_in(text: str) -> set[str]:
    """The variable names in any list of them: an env file, JSON, YAML, a bare list, or a platform's table.

    Understood are the outputs of `vercel env ls`, `netlify env:list`, `heroku config`, `fly secrets list`,
    `railway variables`, `wrangler secret list`, `gh secret list`, `doppler secrets`, `doctl apps spec get`,
    `kubectl get secret`, `aws` (ssm, secretsmanager, ecs, lambda, elasticbeanstalk), `az`, `gcloud run services
    describe`, Render's API, `docker inspect` and `printenv`. Values are not kept.
    """
    text = _INDENT.sub(" " * 40, _KEY_BLOCK.sub("", _ESCAPE.sub("", text)))
    if (data := _parsed(text)) is not None:
        return {name for name in _names(data) if re.fullmatch(NAME, name)}
    if parameters := {one or other for one, other in _SSM.findall(text)}:
        return parameters
    if _PATHS.fullmatch(text):
        return {path.rpartition("/")[2] for path in text.split()}
    if (listed := _IN_BRACKETS.fullmatch(text)) is not None:
        return set(re.findall(rf"(?:^|(?<=\s))({NAME})=", listed[1]))
    if described := {
        one or other for part in _DESCRIBED.finditer(text) for one, other in _DESCRIBED_NAME.findall(part["body"])
    }:
        return described
    if _UNIT.search(text):
        return set(_UNIT_NAME.findall(text))
    said = {name for pattern in _SAID for name in pattern.findall(text)}
    if _HEROKU.search(text) and (lines := re.findall(rf"^({NAME}):(?=[ \t]|$)", text, re.MULTILINE)):
        return set(lines)
    if not _RULED.search(text) and (assigned := said | {item.name for item in parse_dotenv(text)}):
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


def _parsed(text: str) -> Any:
    """The JSON value that begins a line, or the YAML document that the text is; None where it is neither."""
    if (start := _JSON.search(text)) is not None:
        try:
            return json.JSONDecoder().raw_decode(text, start.end() - 1)[0]
        except (ValueError, RecursionError):
            return None
    if len(text) > _YAML_LIMIT or not _YAML.search(text):
        return None
    import yaml

    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    if isinstance(data, list) and all(isinstance(row, dict) for row in data):
        return data
    return data if isinstance(data, dict) and any(True for _ in _nested(data, set())) else None


_LISTS = frozenset(
    "envs variables env environment secrets Parameters SecretList items envVars data OptionSettings Env "
    "secretEnvironmentVariables".split()
)
_MAPS = frozenset(
    "data stringData Variables env variables vars environment env_variables EnvironmentVariables environmentVariables "
    "RuntimeEnvironmentVariables RuntimeEnvironmentSecrets".split()
)


def _names(data: Any) -> Iterator[str]:
    if isinstance(data, list) and not any(True for _ in _nested(data, set())):
        yield from _of_rows(data)
    else:
        nested = list(_nested(data, set()))
        yield from nested or [key for key in data if isinstance(data, dict) and re.fullmatch(NAME, key)]


def _nested(data: Any, seen: set[int]) -> Iterator[str]:
    """Names under the keys that platforms use for variables, at any depth."""
    if not isinstance(data, dict | list) or id(data) in seen:
        return
    seen.add(id(data))
    if isinstance(data, list):
        for item in data:
            yield from _nested(item, seen)
        return
    for key, value in data.items():
        if key == "SecretString" and isinstance(value, str):
            yield from _nested({"vars": _parsed(value)}, seen)
        elif key in _MAPS and isinstance(value, dict):
            yield from (name for name in value if re.fullmatch(NAME, str(name)))
        elif key in _LISTS and isinstance(value, list):
            deeper = list(_nested(value, seen))
            yield from deeper or _of_rows(value)
        else:
            yield from _nested(value, seen)


def _of_rows(rows: list[Any]) -> Iterator[str]:
    for row in rows:
        if isinstance(row, str):
            yield row.partition("=")[0].rpartition("/")[2]
        elif isinstance(row, dict):
            yield from _of_row(row)


def _of_row(row: dict[str, Any]) -> Iterator[str]:
    """The name of a row of a list, which may be wrapped in a table of one key (Render's API)."""
    if str(row.get("Namespace", "")).startswith("aws:") and not row["Namespace"].endswith("application:environment"):
        return
    names = (row[key] for key in ("name", "key", "Name", "secretKey", "OptionName") if isinstance(row.get(key), str))
    if name := next(names, ""):
        yield name.rpartition("/")[2]
    else:
        yield from (name for inner in row.values() if isinstance(inner, dict) for name in _of_row(inner))
