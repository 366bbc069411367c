"""The grammar of Alt-Svc (RFC 7838 s3), as far as it offers HTTP/3."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ALTERNATIVE = re.compile(r"""(?:\A|,)[ \t]*(h3(?:-[^=\s,;]+)?)[ \t]*=[ \t]*"[^"]*"((?:[ \t]*;[^,;]*)*)""")
_WITHDRAWN = re.compile(r""";[ \t]*ma[ \t]*=[ \t]*"?0+"?[ \t]*(?:;|\Z)""", re.IGNORECASE)


def offers_http3(lines: Iterable[str]) -> bool:
    """Whether one of the alternatives is HTTP/3 for longer than 0 seconds; "clear" takes all of them back."""
    lines = tuple(lines)
    if any(line.strip() == "clear" for line in lines):
        return False
    return any(not _WITHDRAWN.search(match[2]) for line in lines for match in _ALTERNATIVE.finditer(line))
