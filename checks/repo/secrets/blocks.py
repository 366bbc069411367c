"""The end of a PEM block, where a comment allows its key: within the block none can stand (RFC 7468, section 2)."""

from __future__ import annotations

import re

LONGEST = 12 << 10
"""Bytes of a block that are looked back over: an RSA key of 16,384 bits has as many."""
ALLOW = re.compile(rb"(?i)launchready:\s?allow")
_MARK = b"-----END "
_END = re.compile(rb"-----END (?:[A-Z0-9]{2,8} ){0,2}PRIVATE KEY(?: BLOCK)?-----")
_COMMENT = re.compile(
    rb"(?i)[^\n]{0,200}?launchready:\s?allow"
    rb"|[^\n]{0,40}\r?\n[ \t]{0,24}(?:#|//|--|;|/?\*|<!--)[^\n]{0,200}?launchready:\s?allow"
)
"""In the rest of the last line, or in a line after it that is a comment."""


def block_before(data: bytes, end: int) -> tuple[int, int] | None:
    """The block whose last line holds the byte before `end`.

    Returns:
        where it begins, and where the comment ends that allows it, or 0 where there is none; None where no block ends.
    """
    mark = data.rfind(_MARK, max(0, end - 48), end)
    last = _END.match(data, mark) if mark >= 0 else None
    if last is None or last.end() < end:
        return None
    begin = data.rfind(b"-----BEGIN ", max(0, mark - LONGEST), mark)
    if begin < 0:
        return None
    comment = _COMMENT.match(data, last.end())
    return begin, comment.end() if comment else 0
