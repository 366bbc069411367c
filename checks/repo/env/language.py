"""What there is to know of a language to find the environment variables that its code reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

V = r"([A-Za-z_][A-Za-z0-9_]*)"
UPPER = r"([A-Z][A-Z0-9_]*)"
Q = r"""['"`]"""
NAME, NAME_UPPER = rf"\s*{Q}{V}{Q}\s*", rf"\s*{Q}{UPPER}{Q}\s*"


@dataclass(frozen=True, slots=True)
class Language:
    """Patterns are texts, compiled where they are first used; the group of each is the name, or a list of names."""

    files: tuple[str, ...]
    needed: tuple[str, ...]
    """The code needs the variable, unless what stands around it says otherwise."""
    optional: tuple[str, ...] = ()
    """The code has a value of its own. These are looked for first."""
    lists: tuple[str, ...] = ()
    """The code needs every name that the group holds."""
    free_lists: tuple[str, ...] = ()
    """The code can do without every name that the group holds."""
    comments: str = "/"
    strings: str = ""
    """The style of strings in which nothing is read; empty where strings are read as code is."""
    otherwise: str = ""
    """What may follow, and gives another value or only asks whether there is one."""
    assigned: str = ""
    """What follows where the variable is set, not read."""
    asks: tuple[str, ...] = ()
    """Asks whether the variable is there: the whole file can do without."""
    demands: tuple[str, ...] = ()
    """Stops where it is not there: the whole file needs it."""
    computed: tuple[str, ...] = ()
    """Reads a variable whose name is worked out at run time."""
    words: tuple[str, ...] = ("env", "Env", "ENV")
    """A file that reads a variable holds one of them at least."""
    upper: bool = False
    """Whether the variable is the group in capitals."""

    def may_read(self, text: str) -> bool:
        """Whether a file may read a variable at all: a quick look, since most files hold none of the words."""
        return any(word in text for word in self.words)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of a language; one that is empty matches nothing."""
    return re.compile(pattern or r"(?!)")
