"""Variables that Go's libraries read: struct tags (env, envconfig, cleanenv, kong), viper's keys, and flags."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

Found = tuple[str, int, bool]
"""Name, place in the code, and whether the code can do without."""

MOST = 64
"""Prefixes that one struct may stand under; types that hold each other would make them without end."""
HINT = re.compile(r"\benv|viper|BindEnv|ExpandEnv|Env(?:ar|Vars?)\b")
_STRUCT = re.compile(r"\btype\s+(\w+)\s+struct\s*\{")
_FIELD = re.compile(r"(?P<name>\w+)[ \t]+(?P<type>[\w.*\[\]]+)[ \t]*`(?P<tag>[^`\n]{0,400})`")
_TAG = re.compile(r"\b(?:env|envconfig):\"(\w+)")
_PREFIX = re.compile(r"\b(?:envPrefix|env-prefix):\"(\w+)\"|\benv:\"[^\"]*\bprefix=(\w+)")
_REQUIRED = re.compile(r",\s*(?:required|notEmpty)\b|\b(?:env-)?required:\"(?:true)?\"")
_FILLED = re.compile(r"\b(?:envDefault|env-default|default):\"|,\s*default=")
_PROCESS = re.compile(r"\benvconfig\.(?:Must)?Process\(\s*\"(\w*)\"")
_UNNAMED = re.compile(r"\b(?:required|default|split_words):\"")
_OPTIONS = re.compile(r"\benv\.Options\s*\{[^{}]{0,400}?\bPrefix:\s*\"(\w+)\"")
_BOUND = re.compile(r"\b\w+\.(?:Must)?BindEnv\(\s*\"([\w.-]+)\"([^()\n]{0,200})\)")
_GOT = re.compile(r"\bviper\.(?:Get\w*|IsSet)\(\s*\"([\w.-]+)\"\s*\)")
_FLAG = re.compile(
    r"(?:\bEnvVars:\s*\[\]string\{|\bEnvVar:|\bSources:\s*cli\.EnvVars\(|\.(?:Envar|OverrideDefaultFromEnvar)\()\s*\"(\w+)\""
)
_EXPANDED = re.compile(r"\bos\.ExpandEnv\(\s*(?:\"[^\"\n]{0,300}\"|`[^`]{0,300}`)")


def read_go(code: str) -> Iterator[Found]:
    """Every variable that tags, viper and flags of a file name; comments are blanked out in `code`."""
    yield from _tags(code)
    yield from _viper(code)
    for flag in _FLAG.finditer(code):
        yield flag[1], flag.start(1), not _is_required(code, flag)
    for expanded in _EXPANDED.finditer(code):
        for name in re.finditer(r"\$\{?([A-Za-z_]\w*)", expanded[0]):
            yield name[1], expanded.start() + name.start(1), False


def _is_required(code: str, flag: re.Match[str]) -> bool:
    """Whether a flag must be given, be it by its variable; one with a value of its own need not."""
    if flag[0].startswith("."):
        chain = re.match(r"[^;\n]{0,300}(?:\.\s*\n[^;\n]{0,200})*", code[flag.end() : flag.end() + 600])
        return chain is not None and ".Required()" in chain[0]
    head = code.rfind("Flag{", max(0, flag.start() - 400), flag.start())
    around = (
        code[head if head >= 0 else flag.start() : flag.start()]
        + code[flag.end() : flag.end() + 400].partition("Flag{")[0]
    )
    return re.search(r"\bRequired:\s*true\b", around) is not None


def _tags(code: str) -> Iterator[Found]:
    prefixes = _prefixes(code)
    process = _PROCESS.search(code)
    head = f"{process[1].upper()}_" if process is not None and process[1] else ""
    all_needed = re.search(r"\bRequiredIfNoDef:\s*true\b", code) is not None
    for owner, field in _fields(code):
        tag = field["tag"]
        named = _TAG.search(tag)
        filled = _FILLED.search(tag) is not None
        needed = not filled and (_REQUIRED.search(tag) is not None or (all_needed and 'env:"' in tag))
        if named is not None and named[0].startswith("envconfig"):
            yield head + named[1].upper(), field.start("tag"), not needed
        elif named is not None and named[1][:1].isupper():
            for prefix in prefixes[owner]:
                yield prefix + named[1], field.start("tag"), not needed
        elif named is None and process is not None and _UNNAMED.search(tag) and 'ignored:"true"' not in tag:
            words = field["name"]
            if 'split_words:"true"' in tag:
                words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", words)
            yield head + words.upper(), field.start("name"), not needed


def _fields(code: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Fields with a tag, each with the named struct that it stands in."""
    starts = [(match.start(), match[1]) for match in _STRUCT.finditer(code)]
    owner, waiting = "", iter([*starts, (len(code) + 1, "")])
    following = next(waiting)
    for field in _FIELD.finditer(code):
        while field.start() > following[0]:
            owner, following = following[1], next(waiting)
        yield owner, field


def _prefixes(code: str) -> dict[str, list[str]]:
    """What stands before the names of each struct: of the options, and of the fields that hold it."""
    given = _OPTIONS.search(code)
    root = given[1] if given is not None else ""
    inner: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for owner, field in _fields(code):
        if (prefix := _PREFIX.search(field["tag"])) is not None:
            inner[field["type"].strip("*[]").rpartition(".")[2]].append((owner, prefix[1] or prefix[2]))

    def of(name: str, depth: int) -> list[str]:
        if name not in inner or depth > 5:
            return [root]
        every = (above + prefix for owner, prefix in inner[name] for above in of(owner, depth + 1))
        return list(islice(every, MOST))

    return defaultdict(lambda: [root], {name: of(name, 0) for name in inner})


def _viper(code: str) -> Iterator[Found]:
    if "iper" not in code and "BindEnv" not in code:
        return
    prefix = re.search(r"\.SetEnvPrefix\(\s*\"(\w+)\"", code)
    head = f"{prefix[1].upper()}_" if prefix is not None else ""
    filled = set(re.findall(r"\.SetDefault\(\s*\"([\w.-]+)\"", code))

    def name_of(key: str) -> str:
        return head + (re.sub(r"[.-]", "_", key) if "SetEnvKeyReplacer" in code else key).upper()

    bound: set[str] = set()
    for match in _BOUND.finditer(code):
        bound.add(match[1])
        # Of several names, any one will do.
        named = re.search(r"\"(\w+)\"", match[2])
        yield named[1] if named else name_of(match[1]), match.start(), match[1] in filled
    if "AutomaticEnv()" in code:
        from_files = re.search(r"\.(?:ReadInConfig|ReadConfig|MergeInConfig|SetConfigFile)\(", code) is not None
        for match in _GOT.finditer(code):
            if match[1] not in bound:
                yield name_of(match[1]), match.start(), from_files or match[1] in filled
