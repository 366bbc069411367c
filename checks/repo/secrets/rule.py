"""Rules: what a kind of credential looks like, read from the tables in `rules/`.

A table names a vendor, where its credentials are rotated, and one row a kind:

    shape      the credential itself, as a regular expression that both hyperscan and `re` read (no look-around);
               one group, where there is one, is the secret part
    near       a name that must stand before it on the same line, as in `name = "value"` or `"name": "value"`;
               what an underscore joins there may be joined by a dash or by nothing: `fal_key` is `falKey` as well
    has        literals, one of which every match contains, where the shape begins with none; empty: there is none
    gate       a part of the shape that is cheap to search for, where the shape begins with what stands everywhere
    check      the name of a function in `structure` that reads check digits or inner structure
    entropy    bits per character that the secret must have at least
    status     "warn" for what is only good for a test account
    inside     true where the name may be the end of a longer word, as in `dbpassword`; then every literal is a name
    padded     true where a run of the letter A is a part of every one
    public     true for what is made to be seen by everybody
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from checks.repo.secrets.gates import Gate
from checks.store import NoStore, Store, sealed, unsealed

ENGINE = 14
"""Raised with every change of the code that can change what is found; it belongs to the version of a cache."""

LONGEST = 640
"""Bytes of a credential that are looked at; what is longer is known by its beginning."""

_GATE_TAIL = 10
"""Characters of an open-ended or long tail that the gate waits for; `re` reads the rest."""

_NEAR_TAIL = 16
"""The same behind a common name, to which most that is assigned is short."""

_DISTINCT = 4
"""A beginning of at least so many characters is a gate by itself: a plain literal costs next to nothing."""

_GUARDED = 5
"""A credential whose beginning is shorter than this stands apart from other letters and digits."""
_GUARDED_LETTERS = 6
"""The same of a beginning without any sign, which base 64 may hold by chance."""
_NO_PIECE = r"(?<!\+)(?<![0-9A-Za-z+]/)(?<![^:]//)"
"""What does not stand before one: more of base 64. An address may hold one as its user."""

_WEAK = frozenset(
    "key token pass secret line stream access private segment credential salt github http test_ live_ "
    "authorization webhook privatekey spaces login auth make live ion_ _key _salt atta key_ nfo_ goog".split()
)
"""Names that stand everywhere: their gate waits until something is assigned."""

_APART = r"(?:(?<![{}])|(?<=\\[nrt]))"
"""What stands before a short name or token: no such character, unless it ends a line break as JSON writes it."""

_INNER = rf"(?:{_APART.format('A-Za-z')}|(?<=[a-z])(?=[A-Z]))"
"""What stands before a short name: no letter, unless the name is a part of one in camel case."""

_QUOTE = r"""(?:\\{0,2}["'`])"""
_TYPE = r"(?:[?!]?[ ]?:[ ]?(?:&(?:\x27static[ ])?)?(?:[Ss]tring|str)\??(?=[ ]?=))"
"""What some languages write between a name and what is assigned to it."""
_ASSIGN = (
    rf"""{_QUOTE}?[\])]?{_TYPE}?[ \t]{{0,4}}"""
    rf"""(?:=>|:{{1,3}}=|:-|<-|\?=|\|\|=?|\?\?=?|[=:,>(]|[ ]is:?[ ])[ \t]{{0,4}}{_QUOTE}?"""
    r"""(?:(?:Bearer|Token|Basic)[ ]|u["'])?"""
)
ASSIGNED = (
    r"""[\w.\-\[\]()"\x27`\\ ]{0,64}"""
    r"""(?:(?:: ?[&a-zS\x27 ]{0,9}(?:tring|str)\?? ?)?(?:[?:|]{0,3}[=:,>|?(]|<-| is:? )"""
    r"""|,?[ \t]{0,4}\r?\n[ \t]{0,24}["\x27\\]{0,3}value["\x27\\]{0,3}[ \t]{0,3}[:=])"""
    r"""[ \t>]{0,4}["\x27`\\u]{0,4}(?:Bearer |Token |Basic )?[^\s"\x27`]{6}"""
)
"""What follows a name to which something is assigned: a cheap first look at what `pattern` says exactly."""
_NEXT_LINE = (
    rf"""{_QUOTE}?,?[ \t]{{0,4}}\r?\n[ \t]{{0,24}}{_QUOTE}?value{_QUOTE}?[ \t]{{0,3}}[:=][ \t]{{0,3}}{_QUOTE}?"""
)
_ATTRIBUTE = r"""["\x27][ ]{1,4}(?:value|Value)=["\x27]"""
"""As in `<add key="name" value="...">`."""
_BRIDGE = rf"[\w.\- \[]{{0,32}}(?:{_ASSIGN}|{_NEXT_LINE}|{_ATTRIBUTE})"
_AFTER_NAME = rf"""[\w.\-\[\]()"\x27`\\ ]{{0,64}}(?:{_ASSIGN.replace("(?=[ ]?=)", "")}|{_NEXT_LINE})"""
"""What lies between a word of a name and the secret, as a gate reads it: all that `_BRIDGE` lets through, and more."""
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
_GROUP = re.compile(r"(?<!\\)\((?!\?)")
_TAIL = re.compile(r"\{(\d+)(?:,\d*)?\}(\)?)$")
_LAST = re.compile(r"(?:\[[^\]]*\]|\\.|.)$")
_NESTED = re.compile(r"\\.|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.|\([^()]*\))*\))*\)")
_CHOICE = re.compile(r"\(\?:([A-Za-z0-9_]+(?:\|[A-Za-z0-9_]+)*)\)(?![{?*+])")
_RUN = re.compile(r"([A-Za-z0-9])\{(\d+)[,}]")
_JOINED = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")
_LITERAL = re.compile(r"(?:[A-Za-z0-9_:/@~%-]|\\[.\-+$/|])+")


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of credential."""

    id: str
    vendor: str
    title: str
    rotate: str
    """Where a person makes a new one and withdraws the old."""
    pattern: str
    """What `re` searches, as text of bytes; its last group, if any, is the secret."""
    value: str
    """The part of the pattern from the secret on."""
    beginnings: tuple[bytes, ...]
    """Every match of `pattern` begins with one of these, where it is known."""
    gates: tuple[Gate, ...]
    """Every match of `pattern` contains a match of one of these."""
    near: str = ""
    """The part of the pattern that is a name; then its gates are names, and what is assigned to one is the secret."""
    prefixed: bool = False
    """The name may begin before the word that is the gate."""
    inside: bool = False
    """The name is that word, wherever it stands."""
    check: str = ""
    entropy: float = 0.0
    status: str = "fail"
    public: bool = False
    padded: bool = False
    rank: int = 0
    """Where two rules find the same text the higher one is told."""

    @property
    def name(self) -> str:
        return f"{self.vendor} {self.title}"

    def compiled(self) -> re.Pattern[bytes]:
        return _compiled(self.pattern)

    def compiled_near(self) -> re.Pattern[bytes]:
        return _compiled(self.near)

    def compiled_value(self) -> re.Pattern[bytes]:
        return _compiled(self.value)


@functools.cache
def _compiled(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode("ascii"))


def bridge() -> re.Pattern[bytes]:
    """What stands between a name and the secret, in every pattern that has a name."""
    return _compiled(_BRIDGE)


def _gate(shape: str, limit: int = _GATE_TAIL) -> str:
    """Shorten the last repetition to `limit`: a match of the shape contains a match of this."""
    tail = _TAIL.search(shape)
    if tail is None:
        return shape
    if tail[1] == "0":  # padding that may be absent
        return _gate(_LAST.sub("", shape[: tail.start()]) + tail[2], limit)
    return f"{shape[: tail.start()]}{{{min(int(tail[1]), limit)}}}{tail[2]}"


def _beginning(shape: str) -> str:
    """The literal text that a shape begins with."""
    found = _LITERAL.match(shape)
    if found is None:
        return ""
    text = found[0]
    if shape[found.end() : found.end() + 1] in ("{", "?", "*"):
        text = text[:-1]
    return text.replace("\\", "")


def _beginnings(shape: str) -> tuple[bytes, ...]:
    """The literal texts with one of which every match of a shape begins; nothing where that is not plain to see."""
    if "|" in _NESTED.sub("", _CLASS.sub("", shape)):
        return ()
    choice = _CHOICE.match(shape)
    texts = choice[1].split("|") if choice else [_beginning(shape)]
    run = _RUN.match(shape)  # as in A{20,22}
    texts = [run[1] * int(run[2])] if run else texts
    return tuple(text.encode() for text in texts) if all(texts) else ()


def _has_group(shape: str) -> bool:
    """Whether a shape says which part of it is the secret. To compile it only to ask would take far longer."""
    return _GROUP.search(_CLASS.sub("", shape)) is not None


def _gates(shape: str, literals: tuple[str, ...], *, near: bool) -> tuple[Gate, ...]:
    """Plain literals where they are rare enough in ordinary text, else the beginning of the shape."""
    if near:
        assigned = f"{_AFTER_NAME}{_gate(shape, _NEAR_TAIL)}"
        return tuple(
            Gate(f"(?i:{re.escape(word)}){assigned}", (word,)) if len(word) < 4 or word in _WEAK else Gate("", (word,))
            for word in literals
        )
    if literals and min(map(len, literals)) >= _DISTINCT and not _WEAK.intersection(literals):
        return tuple(Gate("", (word,)) for word in literals)
    return (Gate(_gate(shape), literals),)


def _guarded(shape: str, beginning: str) -> str:
    """The shape where it stands apart from other letters and digits."""
    by_chance = beginning.isalnum() and "A-Za-z0-9" in shape
    apart = f"{_APART.format('0-9A-Za-z_')}(?<![0-9A-Za-z_]-)"
    return f"{apart}{_NO_PIECE if by_chance else ''}{shape}(?![0-9A-Za-z_])"


def _ways(words: str) -> tuple[str, ...]:
    """How a name joins its words."""
    return words, words.replace("_", "-"), words.replace("_", "")


def _however_joined(near: str) -> str:
    return _JOINED.sub(lambda words: f"(?:{'|'.join(_ways(words[0]))})", near)


def _literals(row: dict[str, Any], beginning: str) -> tuple[str, ...]:
    """The texts in lower case one of which every match holds."""
    given = row.get("has", row.get("near", beginning)).lower()
    texts = given.split("|") if given else []
    if "near" in row:
        texts = [way for text in texts for way in (_ways(text) if _JOINED.fullmatch(text) else (text,))]
    return tuple(dict.fromkeys(texts))


def _rule(vendor: str, rotate: str, row: dict[str, Any]) -> Rule:
    shape, near = row["shape"], _however_joined(row.get("near", "")).replace(".{", r"[\w.\- ]{")
    beginning = _beginning(shape)
    literals = _literals(row, beginning)
    if any(len(literal) < 2 or re.search(r"[?(\[{\\]", literal) for literal in literals):
        raise ValueError(f"rule {row['id']} needs a literal in 'has'")
    name = ""
    if near:
        left = _INNER if min(map(len, literals)) < 6 and not row.get("inside") else ""
        name = f"{left}(?i:{near})"
        value = rf"{shape if _has_group(shape) else f'({shape})'}(?![\w\-(]|\.[A-Za-z_]|!=)"
        pattern = f"{name}{_BRIDGE}{value}"
    else:
        guarded = len(beginning) < (_GUARDED_LETTERS if beginning.isalnum() else _GUARDED) and not row.get("open")
        value = pattern = _guarded(shape, beginning) if guarded else shape
    return Rule(
        id=row["id"],
        vendor=vendor,
        title=row["title"],
        rotate=row.get("rotate", rotate),
        pattern=pattern,
        value=value,
        beginnings=() if near else _beginnings(shape),
        gates=(Gate(row["gate"], literals),) if "gate" in row else _gates(shape, literals, near=bool(near)),
        near=name,
        prefixed="has" in row and not row.get("inside"),
        inside=row.get("inside", False),
        check="random-named" if near and row.get("check") == "random" else row.get("check", ""),
        entropy=row.get("entropy", 3.0 if near else 2.5),
        status=row.get("status", "fail"),
        public=row.get("public", False),
        padded=row.get("padded", False),
        rank=row.get("rank", 1 if near else 2),
    )


@functools.cache
def _tables() -> tuple[bytes, ...]:
    # `importlib.resources` takes longer to import than all of them to read.
    return tuple(path.read_bytes() for path in sorted(Path(__file__).with_name("rules").glob("*.toml")))


_every: tuple[Rule, ...] = ()


def rules(store: Store | None = None) -> tuple[Rule, ...]:
    """Every rule, in the order of the tables.

    Args:
        store: lent by the first who asks; keeps the rules in a form that is read in a tenth of the time.
    """
    global _every
    if not _every:
        store = store or NoStore()
        # The file's own text belongs to the name: no change of it can leave rules behind that it would not make.
        name = f"rules-{hashlib.sha256(b''.join((Path(__file__).read_bytes(), *_tables()))).hexdigest()[:16]}"
        kept = unsealed(store.get(name))
        if kept is not None:
            _every = tuple(_from_form(form) for form in json.loads(kept))
        else:
            _every = _built()
            store.put(name, sealed(json.dumps([_form(rule) for rule in _every]).encode()))
    return _every


def _built() -> tuple[Rule, ...]:
    import tomllib  # only now: most often they are kept

    every = tuple(
        _rule(vendor["name"], vendor["rotate"], row)
        for table in _tables()
        for vendor in tomllib.loads(table.decode()).values()
        for row in vendor["rules"]
    )
    if len({rule.id for rule in every}) != len(every):
        raise ValueError("two rules have the same id")
    return every


def _form(rule: Rule) -> list[Any]:
    """The fields of a rule as JSON holds them; its pattern, where it is put together of others, is left out."""
    told = {each.name: getattr(rule, each.name) for each in fields(rule)}
    told["pattern"] = "" if rule.near else rule.pattern
    told["beginnings"] = [text.decode("ascii") for text in rule.beginnings]
    told["gates"] = [(gate.pattern, gate.literals) for gate in rule.gates]
    return list(told.values())


def _from_form(form: list[Any]) -> Rule:
    form[_PATTERN] = form[_PATTERN] or f"{form[_NEAR]}{_BRIDGE}{form[_VALUE]}"
    form[_BEGINNINGS] = tuple(text.encode("ascii") for text in form[_BEGINNINGS])
    form[_GATES] = tuple(Gate(pattern, tuple(literals)) for pattern, literals in form[_GATES])
    return Rule(*form)


_PATTERN, _VALUE, _NEAR, _BEGINNINGS, _GATES = (
    [each.name for each in fields(Rule)].index(name) for name in ("pattern", "value", "near", "beginnings", "gates")
)


def count() -> int:
    """How many rules there are, without the time that it takes to read them."""
    return sum(table.count(b"{ id = ") for table in _tables())


@functools.cache
def version() -> str:
    """Short name of this very set of rules and of the code that reads them: part of every cache's key."""
    digest = hashlib.sha256(str(ENGINE).encode())
    for table in _tables():
        digest.update(table)
    return digest.hexdigest()[:16]
