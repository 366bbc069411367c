"""Secrets of no known shape, told by the name that they are assigned to."""

from __future__ import annotations

import re

from checks.repo.secrets.likely import is_hex, is_random, is_reference, is_uuid
from checks.repo.secrets.structure import Judgement, named, password

_KINDS = r"(?:secret|token|key|salt|pass\w*|credential)s?"
_OTHER_KEYS = (
    "public|pub|publishable|site|csrf|xsrf|cache|sort|primary|foreign|partition|object|query|index|lookup|hash|map|dict|"
    "integrity|checksum|etag|digest|sha\\d*|md5|commit|revision|build|content|translation|message|locale|i18n|label|title|"
    "placeholder|header|cookie|field|column|param|keycode|keyboard|shortcut|hot|storage|class|max|min|num|count|limit|"
    "length|size|per|total|usage|used|page|sync|cursor|continuation|design|color|css|eos|bos|pad|unk|mask|special|sep|cls|"
    "end|start|stop|tokenizer|idempotency|dedup\\w*|react|row|item|prop|grid|ref|id|ssh_host|host|tracking|achievement|"
    "mon|tur|don|joc|hoc|whis"
)
"""Words before "key" or "token" that say it is none of ours."""
_ABOUT = (
    "id|ids|name|names|type|types|path|url|uri|file|filename|format|length|size|count|index|algorithm|prefix|suffix|label|"
    "hash|arn|ref|field|param|header|endpoint|regex|pattern|policy|hint|error|message|placeholder|class|code|group|map|"
    "ring|words"
)
"""Words after it that say it only describes one."""
_HARMLESS_NAME = re.compile(
    rf"(?i)(?:{_OTHER_KEYS})[_\-. ]?{_KINDS}(?:[_\-. ]?(?:{_ABOUT}))?$|{_KINDS}[_\-. ]?(?:{_ABOUT})$".encode()
)
_NAME = re.compile(
    rb"([A-Za-z][\w.\- ]{0,80})[\\\"'`\])]{0,4}[ \t]{0,4}(?:=>|:=|\|\||\?\?|[=:,>(])[ \t]{0,4}[\\\"'`]{0,3}$"
)
_CODE = re.compile(
    rb"^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+(?::\w+)?$|^[A-Za-z_$][\w$]*[(\[]|^[./~]|^https?:|^\w+://|^[\w.]+/[\w./\-]+$|^(?:true|false|null|none|undefined)$"
    rb"|[&|!=]{2}|^@|^#|^\d+(?:\.\d+)*(?:px|em|rem|s|ms|%)?$|^data:|^--"
    rb"|^(?:[A-Z][a-z]+\d*){2,}$|^[A-Z]+(?:_[A-Z0-9]+)+$|^\d{4}-\d\d-\d\d(?:[T ]|$)"
)
"""What code writes where a secret could stand: names of every style, paths, sizes, dates."""
_NAMES_ITSELF = re.compile(
    rb"(?i)^[a-z]+(?:_[a-z0-9]+)*_?(?:pass\w*|secrets?|tokens?|keys?|pwd)(?:_[a-z0-9]+)*\d{0,2}$"
)
"""A name such as `old_password`, whose next in a list is taken for its value."""


_LIST_BEFORE = re.compile(rb"[\"'`\w][\"'`]?,[ \t\r\n]{0,24}[\"'`][\w.\- ]{1,80}[\"'`],[ \t\r\n]{0,24}[\"'`]$")
_LIST_AFTER = re.compile(rb"^[\"'`],[ \t\r\n]{0,24}[\"'`]")
_PROSE_WORDS = 4
_PROMPT = re.compile(rb"(?:^|\n)[ \t]*(?:>>>|\.\.\.)[^\n]*$")
_COMMENT = re.compile(rb"(?:^|\n)[ \t]*(?:#|//|/?\*|--|;)[^\n]*$")


def _name_before(value: bytes, context: bytes) -> tuple[bytes, bytes]:
    """The name that the value is assigned to, and the byte that stands before the value."""
    at = context.find(value)
    named = _NAME.search(context[:at])
    return (named[1].strip() if named else b""), context[at - 1 : at]


@named("generic")
def generic(value: bytes, context: bytes) -> Judgement:
    """A random text that is assigned to a name which says "secret".

    Entropy helps, but a name that says it is an identifier, a digest or a public key weighs more.
    """
    name, before = _name_before(value, context)
    value = value.rstrip(b";,").partition(b"&")[0]
    if re.search(re.escape(value) + rb"[\"\']?[ \t]*[:=][ \t]*" + re.escape(value), context):
        return Judgement.NONE  # `"max_tokens": max_tokens`
    if _HARMLESS_NAME.search(name) or is_reference(value) or _CODE.search(value) or is_uuid(value):
        return Judgement.NONE
    if _is_among_strings(value, context) or name.count(b" ") >= _PROSE_WORDS:
        return Judgement.NONE
    if before not in (b'"', b"'", b"`", b"\\") and (not _stands_alone(value, context) or _is_listed(value, context)):
        return Judgement.NONE
    if is_hex(value) and len(value) not in (16, 20, 24, 32, 40, 48, 56, 64, 96, 128):
        return Judgement.NONE
    if not is_random(value) or _PROMPT.search(context[: context.find(value)]):
        return Judgement.NONE
    return Judgement.WEAK if _COMMENT.search(context[: context.find(value)]) else Judgement.LIVE


def _is_among_strings(value: bytes, context: bytes) -> bool:
    """Whether the name is not assigned to at all, but one text of a list, and the value is the next."""
    at = context.find(value)
    return bool(_LIST_BEFORE.search(context[:at]) and _LIST_AFTER.match(context[at + len(value) :]))


def _is_listed(value: bytes, context: bytes) -> bool:
    """Whether a comma or a parenthesis stands before an unquoted value: an argument or an import, no assignment."""
    return context[: context.find(value)].rstrip(b" \t").endswith((b",", b"("))


def _stands_alone(value: bytes, context: bytes) -> bool:
    """Whether an unquoted value is the rest of its line, as in an env file, YAML or an INI file."""
    at = context.find(value)
    after = context[at + len(value) :].split(b"\n", 1)[0].strip()
    return not after or after.startswith(b"#")


@named("assigned-password")
def assigned_password(value: bytes, context: bytes) -> Judgement:
    """A password that is set in so many words, in quotes or as the rest of the line."""
    name, before = _name_before(value, context)
    if (
        _HARMLESS_NAME.search(name)
        or is_reference(value)
        or _CODE.search(value)
        or value.startswith((b"*", b"$", b"%", b"{", b"<"))
        or value.endswith(b":")
        or _NAMES_ITSELF.search(value)
        or _is_among_strings(value, context)
        or _PROMPT.search(context[: context.find(value)])
    ):
        return Judgement.NONE
    quoted = before in (b'"', b"'", b"`")
    if not quoted and not (
        _stands_alone(value, context) and re.search(rb"(?m)^[ \t]*(?:export )?[A-Z_0-9]+=", context)
    ):
        return Judgement.NONE
    return password(value, context)
