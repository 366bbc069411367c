"""Secrets of no known shape, told by the name that they are assigned to."""

from __future__ import annotations

import re

from checks.repo.secrets.context import (
    is_among_strings,
    is_called,
    is_commented,
    is_listed,
    is_result,
    is_set,
    is_told,
    is_typed,
    name_before,
)
from checks.repo.secrets.likely import holds_a_word, is_hex, is_mixed, is_random, is_reference, is_uuid
from checks.repo.secrets.pages import of_a_page
from checks.repo.secrets.structure import Judgement, is_public_key, named, unbase64

_KINDS = r"(?:secret|token|key|salt|pass\w*|credential)s?"
_UNRELATED = (
    "public|pub|header|field|column|param|max|min|num|count|limit|length|size|content|translation|message|locale|i18n|"
    "label|title|placeholder"
)  # fmt: skip
"""Words before any of these kinds that say it is none of ours."""
_OTHER_KEYS = (
    "gpg|pgp|public|pub|publishable|site|csrf|xsrf|cache|sort|primary|foreign|partition|object|query|index|lookup|hash|map|dict|"
    "integrity|checksum|etag|digest|sha\\d*|md5|commit|revision|build|content|translation|message|locale|i18n|label|title|"
    "placeholder|header|cookie|field|column|param|keycode|keyboard|shortcut|hot|storage|class|max|min|num|count|limit|"
    "length|size|per|total|usage|used|page|sentry|websocket|sync|cursor|continuation|next|previous|prev|design|color|css|eos|bos|pad|unk|mask|"
    "special|sep|cls|end|start|stop|tokenizer|idempotency|dedup\\w*|react|row|item|prop|grid|ref|id|ssh_host|host|tracking|"
    "change|achievement|csrfmiddleware|mon|tur|don|joc|hoc|whis"
)
"""The same before "key", "token" or "credential" alone: a cookie's secret is one, its key is not."""
_ABOUT = (
    "id|ids|name|names|type|types|path|url|uri|file|filename|format|length|size|count|index|algorithm|prefix|suffix|label|"
    "hash|arn|ref|field|param|header|endpoint|regex|pattern|policy|hint|error|message|placeholder|class|code|group|map|"
    "ring|words|manager|provider|certificate|certificate_?chain"
)
"""Words after it that say it only describes one."""
HARMLESS_NAME = re.compile(
    (
        r"(?i)(?:^|[^A-Za-z]|(?-i:(?<=[a-z])(?=[A-Z])))"
        rf"(?:(?:{_UNRELATED})[_\-. ]?{_KINDS}|(?:{_OTHER_KEYS})[_\-. ]?(?:token|key|credential)s?)"
        rf"(?:[_\-. ]?(?:{_ABOUT}))?$"
        rf"|{_KINDS}[_\-. ]?(?:{_ABOUT})$|[_\-.]version$|token_?data$"
    ).encode()
)
MADE_UP_NAME = re.compile(rb"(?i)(?:^|[_\-. ])(?:dummy|fake|mock|sample|example)")
"""Names that say that the value is none that anybody uses."""
_CODE = re.compile(
    rb"^[A-Za-z_$][\w$]*[(\[]|^https?:|^\w+://|^(?:true|false|null|none|undefined)$|\$\d$|^my_[A-Za-z]|^\w+=[^&=]*&\w+="
    rb"|^[\w.\-]+\.(?:json|ya?ml|toml|ini|conf|xml|html?|txt|md|csv|log|py|[cm]?[jt]sx?|pem|crt|key|zip|gz|pdf|png|jpe?g|svg)$"
    rb"|[&|!=]{2}.|^@|^#|^__\w|^\d+\.\d+\.\d+|^\d+(?:\.\d+)*(?:px|em|rem|s|ms|%)?$|^data:|^--"
    rb"|^(?:[A-Z][a-z]+\d*){2,}(?:V\d)?$|^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|^\d{4}-\d\d-\d\d(?:[T ]|$)|-\d{4}-\d\d-\d\d$"
    rb"|^[a-z]{2,}(?:V\d[a-z])?(?:[A-Z]+[a-z]{2,})+$|^v\d(?:[A-Z][a-z]{2,})+$|^\d{4}_[a-z]+_[a-z\d_]+$|^(?:[A-Z][a-z]+-)+[A-Z][a-z]+$|^X-[A-Z][\w\-]*-Token$"
    rb"|^_[a-z]+(?:[A-Z][a-z]+)+$|^[A-Z]\d{3,5}(?:[A-Z][a-z]{2,})+$|^A\d{3}(?:GCM|CBC|KW)|^[A-Z][A-Za-z]+(?:_[A-Z][A-Za-z]+)+$|^[a-z]+(?:_[a-z0-9]+)*_(?:token|key|secret)s?$"
)
"""What code writes where a secret could stand: names of every style, files, sizes, dates, versions."""
_DOTTED_OR_PATH = re.compile(rb"^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+(?:[:=]\w+)?$|^[./~]|^@?[\w.\-]+/[\w./\-]+$")
_DOUBTFUL = (b"U2FsdGVkX1", b"eyJ")
"""How what OpenSSL has encrypted with a password and a JSON web token begin, in base 64."""
_PROSE_WORDS = 4
_DATA = 200
"""Characters beyond which a key that nothing more is said of is taken for data."""


def is_code(value: bytes) -> bool:
    """Whether code writes this: a name, a path or the like; a dot or a slash within random text makes it none."""
    if _CODE.search(value):
        return True
    if not _DOTTED_OR_PATH.search(value):
        return False
    digits = sum(48 <= c <= 57 for c in value)
    return not (digits >= 2 and is_mixed(value) and is_random(value)) or holds_a_word(value)


@named("generic")
def generic(value: bytes, context: bytes) -> Judgement:
    """A random text that is assigned to a name which says "secret".

    Entropy helps, but a name that says it is an identifier, a digest or a public key weighs more.
    """
    whole, value = value, value.rstrip(b";,").partition(b"&")[0]
    # First what the value alone tells: most of what comes here is code.
    if is_reference(value) or is_code(value) or not (is_random(value) or is_uuid(value)) or is_public_key(value):
        return Judgement.NONE
    if _NAME_OR_PAIR.match(value):
        return Judgement.NONE
    if is_hex(value) and len(value) not in (16, 20, 24, 32, 40, 48, 56, 64, 96, 128):
        return Judgement.NONE
    if context[context.find(whole) + len(whole) :][:1] in (b"+", b"/"):
        return Judgement.NONE  # the beginning of longer data
    if any(map(_ONLY_ASSIGNS.fullmatch, context.split(value)[1:-1])):
        return Judgement.NONE  # `"max_tokens": max_tokens`
    name, before = name_before(whole, context)
    said = name if name.lower() not in (b"", b"value") else _VALUE_OF.sub(b"", context[: context.find(value)])
    if HARMLESS_NAME.search(name) or HARMLESS_NAME.search(said):
        return Judgement.NONE
    if is_called(whole, context):
        said = said.rpartition(b".")[2]  # the function, not what it is a part of
    if is_uuid(value) and not (_SAYS_SECRET.search(said) and is_set(value, before, context)):
        return Judgement.NONE
    says_more = _SAYS_MORE.search(said) is not None
    if not says_more and (len(value) > _DATA or is_listed(value, context) or not _is_long_key(value, said)):
        return Judgement.NONE
    if is_prose(value) or is_among_strings(value, context):
        return Judgement.NONE
    in_a_sentence = _TELLS.search(name) is not None and is_told(value, context) and is_sure(value)
    if name.count(b" ") >= _PROSE_WORDS and not in_a_sentence:
        return Judgement.NONE
    if not (in_a_sentence or is_set(value, before, context)) or is_typed(value, context) or is_result(value, context):
        return Judgement.NONE
    if _IS_PUBLIC.search(context) or (value.startswith(b"pk_") and b"public" in name.lower()):
        return Judgement.PUBLIC
    shown = of_a_page(name, value, context)
    if shown is not Judgement.LIVE:
        return shown
    doubtful = is_commented(value, context) or value.startswith(_DOUBTFUL) or MADE_UP_NAME.search(name) is not None
    return Judgement.WEAK if doubtful else Judgement.LIVE


_TELLS = re.compile(
    rb"(?i)(?:token|secret|passphrase|[a-z]{3,}[_\- ]?key)s?(?: for [\w.\-]{1,16}(?: [\w.\-]{1,16})?)?$"
)
"""How the name of a secret ends in a sentence."""


_PLAIN = re.compile(rb"[A-Za-z0-9+/=_.\-]{16,}")


def is_sure(value: bytes) -> bool:
    """Whether nobody writes this by hand: long, with more than a digit or two."""
    return _PLAIN.fullmatch(value) is not None and sum(48 <= c <= 57 for c in value) >= 2


_IS_PUBLIC = re.compile(rb"(?i)indexName\b|docsearch|search[_\-]?only")
"""What stands beside a key that may only search: DocSearch and InstantSearch put it into every page."""
_NAME_OR_PAIR = re.compile(rb"[a-z]+\d{0,3}(?:_[a-z]+\d{0,3})+$|[A-Za-z_]{2,16}=[\w%]")
"""What code names, such as `sha512_salted`, and a name with its value, as the query of a URL has them."""
_ONLY_ASSIGNS = re.compile(rb"[\"\']?[ \t]*[:=][ \t]*")
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
_MIXED = re.compile(rb"[a-z].*[A-Z]|[A-Z].*[a-z]")


def _is_long_key(value: bytes, name: bytes) -> bool:
    """Whether a value is a key of somebody for sure: after an owner's name and long, or longer still without one."""
    run = max(map(len, re.findall(rb"[A-Za-z0-9+/=]+", value)), default=0)
    digits, mixed = sum(48 <= c <= 57 for c in value), _MIXED.search(value) is not None
    if re.search(rb"(?i)(?:[a-z]{3,}\d*[_\-. ]?key|auth)$", name):
        if mixed:
            return (run >= 16 and digits >= 1) or (run >= 12 and digits >= 2)
        return run >= 16 and len(value) >= 20 and digits >= 3
    return name[-3:].lower() == b"key" and run >= 28 and digits >= 1 and mixed


def is_prose(value: bytes) -> bool:
    """Whether this is a sentence in base 64, as manuals have it: `user:not my real password`."""
    text = unbase64(value) if _BASE64.fullmatch(value) else b""
    return b" " in text and text.isascii() and text.decode("ascii").isprintable()


_BASE64 = re.compile(rb"[A-Za-z0-9+/]{16,}={0,2}")
