"""Where a value stands: the name before it, and whether anything is set there at all."""

from __future__ import annotations

import re

from checks.repo.secrets.likely import in_words

_NAME = re.compile(
    rb"([A-Za-z][\w.\- ]{0,80})[\\\"'`\])]{0,4}"
    rb"(?:[?!]?[ ]?:[ ]?(?:&(?:'static[ ])?)?(?:[Ss]tring|str)\??(?=[ ]?=)|[ ]{1,4}[vV]alue)?"
    rb"[ \t]{0,4}(?:->|=>|:{1,3}=|:-|<-|\?=|\|\|=?|\?\?=?|[=:,>(]|[ ]is:?[ ])[ \t]{0,4}[\\\"'`]{0,3}$"
)
_NAME_LONGEST = 120
_WITHOUT_SPACES = re.compile(rb"[\w\])]=$")
"""A single word stands before it: `docker run -e TOKEN=...`."""
_DECLARED = re.compile(
    rb"^(?:(?:public|private|protected|internal|static|final|const|constexpr|readonly|override|let|var|val|export|"
    rb"[Ss]tring|char|str|type|default)[ ]{1,4})+(?=[\w])"
)
"""What languages write before the name of a constant."""
_PROMPT = re.compile(rb"(?:^|\n)[ \t]*(?:>>>|\.\.\.)[^\n]*$")
_COMMENT = re.compile(rb"(?:^|\n)[ \t]*(?:#|//(?![\w.:\-]+/[^\s]*:_)|/?\*|--|;)[^\n]*$")
"""A line of .npmrc begins with the address of a registry, which is none: `//npm.acme.io/:_authToken=...`."""
_LIST_BEFORE = re.compile(rb"[\"'`\w][\"'`]?,[ \t\r\n]{0,24}[\"'`][\w.\- ]{1,80}[\"'`],[ \t\r\n]{0,24}[\"'`]$")
_LIST_AFTER = re.compile(rb"^[\"'`],[ \t\r\n]{0,24}[\"'`]")
_PAIR_BEFORE = re.compile(rb"[(\[{][ \t]*(?:\d{1,12},[ \t]*)?[\"'`][\w.\-]{2,80}[\"'`][ \t]*,[ \t]*[\"'`]$")
_PAIR_AFTER = re.compile(rb"^[\"'`][ \t]*(?:,[ \t]*'(?:yes|no|on|off|auto)')?[)\]}]")
"""A row of settings in a dump may begin with its number, and WordPress ends it with whether it loads it at once."""
_RESULT = re.compile(rb"\)[ ]?=>[ ]?[\"'`]?$")
_OPTION = re.compile(rb"(?:[ \t\[\"'`]--?[A-Za-z][\w\-]*|^[ \t$]*(?:export )?[A-Z][A-Z_0-9]*)=$")
_LOGGED = re.compile(rb"(?:^|[ \t,;])[A-Za-z][\w.\-]*=$")
_DEFAULT = re.compile(rb"\$\{[\w.\-]+:-?$")
"""What a variable is where it is not set, in shells and in Spring."""
_ROW = re.compile(rb"(?:^|\n)(?:[\w.\-]{1,40},){0,3}[\w.\-]{1,80},$")
"""A line of a table whose columns commas part, up to the value."""
_TOLD = re.compile(rb"[A-Za-z](?:[ ]is:?|:|[ ]=|[ ]?->)[ ][\"'`]?$")
"""What people write between the name and the value where they tell each other one."""
_EXPORTED = re.compile(rb";[ ]?export ")
_COOKIE = re.compile(rb"(?i)cookie[\"']?:[ ]?[\"']?(?:[^\n]*;[ ]?)?[\w.\-]+=$")
_QUERY = re.compile(rb"[?#](?:[^\s\"']*&)?[\w.\-]+=$")


def name_at(text: bytes, at: int) -> bytes:
    """The name that the value at `at` is assigned to; empty where it is to none."""
    named = _NAME.search(text[max(0, at - _NAME_LONGEST) : at])
    if not named:
        return b""
    name = _DECLARED.sub(b"", named[1].rstrip(b"- ").lstrip())
    return name.rpartition(b" ")[2] if _WITHOUT_SPACES.search(text, max(0, at - 2), at) else name


def name_before(value: bytes, context: bytes) -> tuple[bytes, bytes]:
    """The name that the value is assigned to, and the byte that stands before the value."""
    at = context.find(value)
    return name_at(context, at), context[at - 1 : at]


def is_typed(value: bytes, context: bytes) -> bool:
    """Whether this was typed at a prompt of Python, as manuals show it."""
    return _PROMPT.search(context[: context.find(value)]) is not None


def is_commented(value: bytes, context: bytes) -> bool:
    return _COMMENT.search(context[: context.find(value)]) is not None


def is_result(value: bytes, context: bytes) -> bool:
    """Whether a manual says so what a call returns: `sign("", "secret") => "..."`."""
    return _RESULT.search(context[: context.find(value)]) is not None


def is_among_strings(value: bytes, context: bytes) -> bool:
    """Whether the name is not assigned to at all, but one text of a list, and the value is the next."""
    at = context.find(value)
    return bool(_LIST_BEFORE.search(context[:at]) and _LIST_AFTER.match(context[at + len(value) :]))


def is_listed(value: bytes, context: bytes) -> bool:
    """Whether a comma or a parenthesis stands before a value: an argument or an import, no assignment.

    A name and a value that are all of a call or of a tuple are one: `getenv("NAME", "value")`.
    """
    at = context.find(value)
    if not context[:at].rstrip(b" \t\r\n\\\"'`").endswith((b",", b"(")) or _is_in_a_row(value, context):
        return False
    return not (
        _PAIR_BEFORE.search(context[max(0, at - _NAME_LONGEST) : at]) and _PAIR_AFTER.match(context[at + len(value) :])
    )


def _is_in_a_row(value: bytes, context: bytes) -> bool:
    """Whether a name and its value are columns of a table. In code names stand so, hardly one with two digits."""
    at = context.find(value)
    if context[at + len(value) :][:1] not in (b"", b",", b"\r", b"\n"):
        return False
    if sum(48 <= c <= 57 for c in value) < 2 or in_words(value) * 2 >= len(value):
        return False
    return _ROW.search(context[max(0, at - _NAME_LONGEST) : at]) is not None


def is_called(value: bytes, context: bytes) -> bool:
    """Whether the value is what a function is called with, whose name stands before it."""
    return context[: context.find(value)].rstrip(b" \t\r\n\\\"'`").endswith(b"(")


def stands_alone(value: bytes, context: bytes) -> bool:
    """Whether an unquoted value is all that is set: the rest of its line, an element, an option or a variable."""
    at = context.find(value)
    rest = context[at + len(value) :].split(b"\n", 1)[0]
    after = rest.strip()
    before = context[max(0, at - 200) : at].rpartition(b"\n")[2]
    if (
        not after
        or after.startswith((b"#", b"\\n", b"\\r"))
        or (after.startswith(b"</") and re.search(rb"<[\w.:\-]+>$", before))
    ):
        return True
    if rest[:1] in (b'"', b"'", b"`") and re.search(
        re.escape(rest[:1]) + rb"(?:[%!]?(?:env|export|set) )?[\w.\-]+(?:=|:[ ]?)$", before
    ):
        return True  # `-e "TOKEN=..."`, ``set `TOKEN=...` ``, `-H "X-Api-Key: ..."`, `["%env TOKEN=..."]`
    if rest[:1] == b"}" and _DEFAULT.search(before):
        return True
    if rest[:1] in (b" ", b"\t") and (_OPTION.search(before) or _LOGGED.search(before)):
        return True  # `--token=... run`, `TOKEN=... run`, `level=info token=... pid=1`
    if rest[:1] == b";" and (_EXPORTED.match(rest) or _OPTION.search(before) or _COOKIE.search(before)):
        return True  # `TOKEN=...; export TOKEN`
    return rest[:1] in (b"&", b" ", b'"', b"'", b"#") and _QUERY.search(before) is not None


def is_set(value: bytes, before: bytes, context: bytes) -> bool:
    """Whether the value is in quotes, or else stands as values do without any."""
    if before in (b'"', b"'", b"`", b"\\"):
        return True
    return _is_in_a_row(value, context) or (stands_alone(value, context) and not is_listed(value, context))


def is_told(value: bytes, context: bytes) -> bool:
    """Whether somebody tells a value in a sentence: `the key is VALUE, please keep it`, `our token: VALUE`."""
    at = context.find(value)
    return (
        _TOLD.search(context[max(0, at - _NAME_LONGEST) : at]) is not None
        and re.match(rb"[\"'`]?(?:[ ,.;!?)\r\n]|\\[nr]|$)", context[at + len(value) :]) is not None
    )
