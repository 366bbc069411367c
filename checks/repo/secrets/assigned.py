"""Secrets of no known shape, told by the name that they are assigned to."""

from __future__ import annotations

import re

from checks.repo.secrets.likely import is_hex, is_placeholder, is_random, is_reference, is_uuid
from checks.repo.secrets.structure import Judgement, named, password, unbase64

_KINDS = r"(?:secret|token|key|salt|pass\w*|credential)s?"
_OTHER_KEYS = (
    "gpg|pgp|public|pub|publishable|site|csrf|xsrf|cache|sort|primary|foreign|partition|object|query|index|lookup|hash|map|dict|"
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
    (
        rf"(?i)(?:^|[^A-Za-z]|(?-i:(?<=[a-z])(?=[A-Z])))(?:{_OTHER_KEYS})[_\-. ]?{_KINDS}(?:[_\-. ]?(?:{_ABOUT}))?$"
        rf"|{_KINDS}[_\-. ]?(?:{_ABOUT})$"
    ).encode()
)
_NAME = re.compile(
    rb"([A-Za-z][\w.\- ]{0,80})[\\\"'`\])]{0,4}"
    rb"(?:[?!]?[ ]?:[ ]?(?:&(?:'static[ ])?)?(?:[Ss]tring|str)\??(?=[ ]?=)|[ ]{1,4}[vV]alue)?"
    rb"[ \t]{0,4}(?:=>|:{1,3}=|\?=|\|\||\?\?|[=:,>(])[ \t]{0,4}[\\\"'`]{0,3}$"
)
_CODE = re.compile(
    rb"^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+(?::\w+)?$|^[A-Za-z_$][\w$]*[(\[]|^[./~]|^https?:|^\w+://|^[\w.]+/[\w./\-]+$|^(?:true|false|null|none|undefined)$"
    rb"|[&|!=]{2}|^@|^#|^\d+\.\d+\.\d+|^\d+(?:\.\d+)*(?:px|em|rem|s|ms|%)?$|^data:|^--"
    rb"|^(?:[A-Z][a-z]+\d*){2,}$|^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|^\d{4}-\d\d-\d\d(?:[T ]|$)"
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


_NAME_LONGEST = 120


def name_before(text: bytes, at: int) -> bytes:
    """The name that the value at `at` is assigned to; empty where it is to none."""
    found = _NAME.search(text[max(0, at - _NAME_LONGEST) : at])
    return found[1].strip() if found else b""


def _name_before(value: bytes, context: bytes) -> tuple[bytes, bytes]:
    """The name that the value is assigned to, and the byte that stands before the value."""
    at = context.find(value)
    return name_before(context, at), context[at - 1 : at]


@named("generic")
def generic(value: bytes, context: bytes) -> Judgement:
    """A random text that is assigned to a name which says "secret".

    Entropy helps, but a name that says it is an identifier, a digest or a public key weighs more.
    """
    whole, value = value, value.rstrip(b";,").partition(b"&")[0]
    # First what the value alone tells: most of what comes here is code.
    if is_reference(value) or _CODE.search(value) or not (is_random(value) or is_uuid(value)):
        return Judgement.NONE
    if is_hex(value) and len(value) not in (16, 20, 24, 32, 40, 48, 56, 64, 96, 128):
        return Judgement.NONE
    if re.search(re.escape(value) + rb"[\"\']?[ \t]*[:=][ \t]*" + re.escape(value), context):
        return Judgement.NONE  # `"max_tokens": max_tokens`
    name, before = _name_before(whole, context)
    if _HARMLESS_NAME.search(name):
        return Judgement.NONE
    said = name if name.lower() not in (b"", b"value") else _VALUE_OF.sub(b"", context[: context.find(value)])
    if is_uuid(value) and not (_SAYS_SECRET.search(said) and _is_set(value, before, context)):
        return Judgement.NONE
    if not _SAYS_MORE.search(said) and not (_is_long_key(value, said) and not _is_listed(value, context)):
        return Judgement.NONE
    if _is_prose(value) or _is_among_strings(value, context) or name.count(b" ") >= _PROSE_WORDS:
        return Judgement.NONE
    if not _is_set(value, before, context) or _PROMPT.search(context[: context.find(value)]):
        return Judgement.NONE
    return Judgement.WEAK if _COMMENT.search(context[: context.find(value)]) else Judgement.LIVE


def _is_set(value: bytes, before: bytes, context: bytes) -> bool:
    """Whether the value is in quotes, or else stands as values do without any."""
    if before in (b'"', b"'", b"`", b"\\"):
        return True
    return _stands_alone(value, context) and not _is_listed(value, context)


_VALUE_OF = re.compile(rb"(?i)[\\\"',\s]{0,40}value[\\\"'\s:=]{0,12}$")
_SAYS_SECRET = re.compile(
    rb"(?i)secret|api[_\-. ]?key|pass(?:word|wd|phrase)|(?:access|auth|api)[_\-. ]?token|private[_\-. ]?key"
)
"""Names that leave no doubt, under which even a UUID is a secret."""
_SAYS_MORE = re.compile(
    rb"(?i)secret|token|credential|salt|pass(?:word|wd|phrase)"
    rb"|(?:api|access|private|signing|encryption|auth|webhook)[_\-. ]?key"
)
"""Names that say more than that it is a key or that it has to do with authentication."""


def _is_long_key(value: bytes, name: bytes) -> bool:
    """Whether a value is a key of somebody for sure: after an owner's name, and long."""
    if not re.search(rb"(?i)(?:[a-z]{3,}\d*[_\-. ]?key|auth)$", name):
        return False
    run = max(map(len, re.findall(rb"[A-Za-z0-9+/=]+", value)), default=0)
    return run >= 16 and len(value) >= 20 and sum(48 <= c <= 57 for c in value) >= 3


def _is_prose(value: bytes) -> bool:
    """Whether this is a sentence in base 64, as manuals have it: `user:not my real password`."""
    text = unbase64(value) if _BASE64.fullmatch(value) else b""
    return b" " in text and text.isascii() and text.decode("ascii").isprintable()


_BASE64 = re.compile(rb"[A-Za-z0-9+/]{16,}={0,2}")


def _is_among_strings(value: bytes, context: bytes) -> bool:
    """Whether the name is not assigned to at all, but one text of a list, and the value is the next."""
    at = context.find(value)
    return bool(_LIST_BEFORE.search(context[:at]) and _LIST_AFTER.match(context[at + len(value) :]))


def _is_listed(value: bytes, context: bytes) -> bool:
    """Whether a comma or a parenthesis stands before a value: an argument or an import, no assignment."""
    return context[: context.find(value)].rstrip(b" \t\r\n\\\"'`").endswith((b",", b"("))


def _stands_alone(value: bytes, context: bytes) -> bool:
    """Whether an unquoted value is all that is set: the rest of its line, an element, an option or a variable."""
    at = context.find(value)
    rest = context[at + len(value) :].split(b"\n", 1)[0]
    after = rest.strip()
    before = context[max(0, at - 200) : at].rpartition(b"\n")[2]
    if not after or after.startswith(b"#") or (after.startswith(b"</") and re.search(rb"<[\w.:\-]+>$", before)):
        return True
    if rest[:1] in (b'"', b"'") and re.search(re.escape(rest[:1]) + rb"[\w.\-]+(?:=|:[ ]?)$", before):
        return True  # `-e "TOKEN=..."`, `-H "X-Api-Key: ..."`
    if rest[:1] in (b" ", b"\t") and re.search(
        rb"(?:[ \t\[\"'`]--?[A-Za-z][\w\-]*|^[ \t$]*(?:export )?[A-Z][A-Z_0-9]*)=$", before
    ):
        return True  # `--token=... run`, `TOKEN=... run`
    return rest[:1] in (b"&", b" ", b'"', b"'", b"#") and re.search(rb"\?(?:[^\s\"']*&)?[\w.\-]+=$", before) is not None


@named("assigned-password")
def assigned_password(value: bytes, context: bytes) -> Judgement:
    """A password that is set in so many words, in quotes or as the rest of the line."""
    if (
        is_reference(value)
        or _CODE.search(value.partition(b"&")[0] if b"://" in context else value)
        or value.startswith((b"*", b"$", b"%", b"{", b"<"))
        or value.endswith(b":")
        or _NAMES_ITSELF.search(value)
        or (not _MADE_UP.fullmatch(value) and password(value.partition(b"&")[0], context) is Judgement.NONE)
    ):
        return Judgement.NONE
    name, before = _name_before(value, context)
    if (
        _HARMLESS_NAME.search(name)
        or (name.lower() not in (b"", b"value") and not _SAYS_PASSWORD.search(name))
        or _is_prose(value)
        or _is_among_strings(value, context)
        or _PROMPT.search(context[: context.find(value)])
    ):
        return Judgement.NONE
    if before in (b'"', b"'", b"`"):
        return Judgement.LIVE if _MADE_UP.fullmatch(value) and not is_placeholder(value) else password(value, context)
    value = value.partition(b"&")[0]
    line = context[: context.find(value)].rpartition(b"\n")[2]
    if _CONNECTION.search(line):
        return password(value, context)
    if not _stands_alone(value, context):
        return Judgement.NONE
    if _SETTING.search(line) and not _ENVIRONMENT.search(line) and not _is_no_name(value):
        return Judgement.NONE  # a line of a program may look the same
    return (
        password(value, context) if _SETTING.search(line) or not line.endswith((b" ", b"(", b",")) else Judgement.NONE
    )


_SAYS_PASSWORD = re.compile(rb"(?i)passw|pwd|(?:db|[_\-.]|^)pass(?:$|_)|[a-z](?-i:Pass)$")
_MADE_UP = re.compile(rb"(?=(?:[0-9]*[a-z]){3})(?:[a-z]{1,5}[0-9]{1,2}){2}[a-z0-9]{0,8}(?<=.{8})")
"""Small letters and digits that take turns, as generated passwords have them."""
_ENVIRONMENT = re.compile(rb"^[ \t\-\"'$]*(?:(?:export|ENV|ARG|set|SET) )?[A-Z][A-Z_0-9]*=$")
"""The beginning of a line of an env file, of a list of variables, or of a Dockerfile."""
_SETTING = re.compile(rb"^[ \t\-\"'$]*(?:(?:export|ENV|ARG|set|SET) )?[\w.\-]+[ \t]*(?:[?:]{0,3}=|:)[ \t]*$")
"""The same of YAML, properties and INI."""
_CONNECTION = re.compile(rb"(?i)(?:jdbc:\S+|\bhost=[^\n]*|\bdbname=[^\n]*)[?&; ](?:password|pwd)=$")


def _is_no_name(value: bytes) -> bool:
    """Whether no program could mean one of its names by this."""
    return is_random(value) or (re.search(rb"\d", value) is not None and re.search(rb"[^\w.$:/\-]", value) is not None)
