"""What a DKIM signature is made over: canonical header fields and bodies (RFC 6376 s3.4, s3.7)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from checks.mail.message import Field

_SPACE = re.compile(rb"[ \t]+")
_SPACE_OR_FOLD = re.compile(rb"[ \t\r\n]+")
_B_VALUE = re.compile(rb"(\A[^:]*:[ \t\r\n]*b[ \t\r\n]*=|;[ \t\r\n]*b[ \t\r\n]*=)[^;]*")


def header(field: bytes, method: str) -> bytes:
    """One header field by "simple" or "relaxed", without its last line break."""
    if method == "simple":
        return field
    name, _, value = field.partition(b":")
    # Space and tab alone are white space here (RFC 6376 s2.8): a form feed is signed like a letter.
    return name.rstrip(b" \t").lower() + b":" + _SPACE_OR_FOLD.sub(b" ", value).strip(b" ")


def body(data: bytes, method: str) -> bytes:
    """A body with CRLF line breaks by "simple" or "relaxed"."""
    if method == "relaxed":
        data = b"\r\n".join(_SPACE.sub(b" ", line.rstrip(b" \t")) for line in data.split(b"\r\n"))
    end = len(data)
    while data.endswith(b"\r\n", 0, end):
        end -= 2
    if not end:
        return b"" if method == "relaxed" else b"\r\n"
    return data[:end] + b"\r\n"


def without_signature(field: bytes) -> bytes:
    """A DKIM-Signature field with the value of b= taken out and nothing else changed."""
    return _B_VALUE.sub(rb"\1", field, count=1)


def signed_fields(fields: Sequence[Field], names: Sequence[str]) -> list[bytes]:
    """The fields that h= names, each name taking the lowest field not yet taken (s5.4.2).

    A name without a field left stands for nothing: that is how a header is signed as absent.
    """
    left: dict[str, list[bytes]] = {}
    for field in fields:
        left.setdefault(field.name, []).append(field.raw)
    return [left[name].pop() for name in names if left.get(name)]


def signed_data(fields: Sequence[Field], names: Sequence[str], signature: bytes, method: str) -> bytes:
    """Everything that the signature in `signature` (a whole DKIM-Signature field) is made over."""
    parts = [header(field, method) + b"\r\n" for field in signed_fields(fields, names)]
    return b"".join(parts) + header(without_signature(signature), method)
