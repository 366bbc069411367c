"""Env files: names and values, and which of them are secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_ASSIGNMENT = re.compile(rf"^\s*(?:export\s+|set\s+|declare\s+-\w+\s+)?({NAME})\s*=(.*)$")
_PLACEHOLDER = re.compile(
    r"^(?:|x{3,}|\*{3,}|\.{3,}|change[-_ ]?me.*|replace[-_ ]?(?:me|this).*|your[-_ ].*|my[-_ ].*|<.*>|\[.*\]|"
    r"\{\{.*\}\}|\$\{.*\}|todo.*|example.*|placeholder.*|dummy.*|none|null|undefined|secret|password|insert[-_ ].*|"
    r"put[-_ ].*|.*_here)$",
    re.IGNORECASE,
)


_ELSEWHERE = re.compile(r"^(?:encrypted:|ENC\[|\$\(|op://|vault:|arn:aws:)")
"""A value that is sealed (dotenvx, SOPS), or only says where the real one is kept."""
_SEALED_FILE = re.compile(r"^DOTENV_(?:VAULT|PUBLIC_KEY)(?:_|$)")


@dataclass(frozen=True, slots=True)
class Assignment:
    """One line of an env file. `value` is foreign and may be a secret: compare it, never show it."""

    name: str
    value: str
    line: int

    @property
    def is_real(self) -> bool:
        """Whether the value says anything: neither empty nor a placeholder, and not kept or sealed elsewhere."""
        told = self.value.strip()
        return not (_PLACEHOLDER.match(told) or _ELSEWHERE.match(told) or _SEALED_FILE.match(self.name))


def parse_dotenv(text: str) -> list[Assignment]:
    """Read an env file: `export`, comments, quotes, and quoted values over several lines."""
    found: list[Assignment] = []
    lines = text.removeprefix("\ufeff").splitlines()
    number = 0
    while number < len(lines):
        start = number
        match = _ASSIGNMENT.match(lines[number])
        number += 1
        if match is None or lines[start].lstrip().startswith("#"):
            continue
        value = match[2].strip()
        quote = value[:1]
        if quote in ("'", '"', "`"):
            body = value[1:]
            while quote not in body and number < len(lines):
                body += "\n" + lines[number]
                number += 1
            value = body.partition(quote)[0]
        else:
            value = re.split(r"\s+#", value, maxsplit=1)[0].strip()
        found.append(Assignment(match[1], value, start + 1))
    return found


_SECRET = re.compile(
    r"(?:^|_)(?:KEY|SECRET|TOKEN|PASSWORD|PASSWD|PASS|PWD|CREDENTIALS?|PRIVATE|SALT|SIGNATURE|APIKEY|AUTH|DSN|JWT|PAT)(?:_|$)",
    re.IGNORECASE,
)
_PUBLIC = re.compile(r"^(?:NEXT_PUBLIC|VITE|PUBLIC|REACT_APP|NUXT_PUBLIC|EXPO_PUBLIC|GATSBY)_|PUBLISHABLE|PUBLIC_KEY")


def is_secret(name: str, value: str) -> bool:
    """Whether a variable is a secret, by its name, or by a password in the URL that it holds."""
    if _PUBLIC.search(name.upper()):
        return False
    return bool(_SECRET.search(name)) or bool(
        re.match(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@", value, re.IGNORECASE)
    )
