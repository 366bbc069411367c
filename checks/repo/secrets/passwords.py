"""Passwords that are set in so many words: people choose them, so that hardly one looks random."""

from __future__ import annotations

import re

from checks.repo.secrets.assigned import HARMLESS_NAME, MADE_UP_NAME, is_code, is_prose
from checks.repo.secrets.context import is_among_strings, is_typed, name_before, stands_alone
from checks.repo.secrets.likely import is_hex, is_jumbled, is_placeholder, is_random, is_reference
from checks.repo.secrets.structure import Judgement, named, password

_SAYS_PASSWORD = re.compile(rb"(?i)passw|pwd|(?:db|[_\-.]|^)pass(?:$|_)|[a-z](?-i:Pass)$")
_MADE_UP = re.compile(rb"(?=(?:[0-9]*[a-z]){3})[0-9]{0,8}(?:[a-z]{1,6}[0-9]{1,6}){2}[a-z0-9]{0,8}(?<=.{8})")
"""Small letters and digits that take turns, as generated passwords have them."""
_ENVIRONMENT = re.compile(rb"^[ \t\-\"'$]*(?:(?:export|ENV|ARG|set|SET) )?[A-Z][A-Z_0-9]*=$")
"""The beginning of a line of an env file, of a list of variables, or of a Dockerfile."""
_SETTING = re.compile(rb"^[ \t\-\"'$]*(?:(?:export|ENV|ARG|set|SET) )?[\w.\-]+[ \t]*(?:[?:]{0,3}=|:)[ \t]*$")
"""The same of YAML, properties and INI."""
_CONNECTION = re.compile(rb"(?i)(?:jdbc:\S+|\bhost=[^\n]*|\bdbname=[^\n]*)[?&; ](?:password|pwd)=$")
_NAMES_ITSELF = re.compile(
    rb"(?i)^[a-z]+(?:_[a-z0-9]+)*_?(?:pass\w*|secrets?|tokens?|keys?|pwd)(?:_[a-z0-9]+)*\d{0,2}$"
)
"""A name such as `old_password`, whose next in a list is taken for its value."""
_LEET = bytes.maketrans(b"0134579@$!", b"oieastgasi")
_MANUAL = re.compile(
    rb"(?i)passw|pass?.?w.rd|secret|s[eo]+cr[ei]t|admin|test|demo|welcome|qwert|letmein|cisco|p.ssp.ss|asdf"
)
"""Words of which manuals make passwords, once the digits and signs in them are read as letters."""
_COUNTED = re.compile(rb"(?i)[a-z]+[@#!_.\-]?(?:0?123\d*|12|1)[!@#$%]*")
"""A word and the first numbers, as in `Shop@123`."""
_HASHED = re.compile(
    rb"(?i)(?:md5|sha\d{1,3}|pbkdf2\w*|bcrypt\w*|argon2\w*|scrypt|crypt)\$|md5[0-9a-f]{32}$|0x[0-9a-f]{32,}$|U2FsdGVkX1"
)
"""What databases, frameworks and devices keep in the place of a password: its hash, or an encrypted form of it."""


@named("assigned-password")
def assigned_password(value: bytes, context: bytes) -> Judgement:
    """A password that is set in so many words, in quotes or as the rest of the line."""
    if (
        is_reference(value)
        or is_code(value.partition(b"&")[0] if b"://" in context else value)
        or value.startswith((b"*", b"$", b"%", b"{", b"<"))
        or value.endswith(b":")
        or _NAMES_ITSELF.search(value)
        or (not _MADE_UP.fullmatch(value) and password(value.partition(b"&")[0], context) is Judgement.NONE)
    ):
        return Judgement.NONE
    name, before = name_before(value, context)
    if (
        HARMLESS_NAME.search(name)
        or (name.lower() not in (b"", b"value") and not _SAYS_PASSWORD.search(name))
        or is_prose(value)
        or is_among_strings(value, context)
        or is_typed(value, context)
        or not _is_assigned(value, before, context)
    ):
        return Judgement.NONE
    value = value if before in _QUOTES else value.partition(b"&")[0]
    made_up = _MADE_UP.fullmatch(value) and not is_placeholder(value)
    told = _by_manual(value, Judgement.LIVE if made_up else password(value, context))
    return Judgement.WEAK if told is Judgement.LIVE and MADE_UP_NAME.search(name) else told


_QUOTES = (b'"', b"'", b"`")


def _is_assigned(value: bytes, before: bytes, context: bytes) -> bool:
    """Whether the value is all of a quoted text, or else all that a line sets."""
    at = context.find(value)
    if before in _QUOTES:
        return context[at + len(value) : at + len(value) + 1] not in (b" ", b"\t")  # the first word of a sentence
    line = context[:at].rpartition(b"\n")[2]
    value = value.partition(b"&")[0]
    if _CONNECTION.search(line):
        return True
    if not stands_alone(value, context):
        return False
    if _SETTING.search(line):
        # A line of a program may look the same.
        return _ENVIRONMENT.search(line) is not None or _is_no_name(value)
    return not line.endswith((b" ", b"(", b","))


def _by_manual(value: bytes, told: Judgement) -> Judgement:
    """A password that a manual could print is a doubtful one."""
    if told is Judgement.LIVE and (
        _MANUAL.search(value.translate(_LEET)) or _COUNTED.fullmatch(value) or _HASHED.match(value)
    ):
        return Judgement.WEAK
    return told


def _is_no_name(value: bytes) -> bool:
    """Whether no program could mean one of its names by this."""
    if is_random(value) or (is_hex(value) and _MADE_UP.fullmatch(value) and len(value) >= 12):
        return True
    if not re.search(rb"[^\w.$:/\-]", value):
        return False
    return re.search(rb"\d", value) is not None or is_jumbled(re.sub(rb"[^A-Za-z]", b"", value))
