"""Made-up credentials of every rule, built at run time so that none stands in this repository.

A fake is made from the rule's own row: random text of its shape, with the check digits or the inner structure that the
kind has. `of(rule_id, seed)` gives a line of a file that holds one.
"""

from __future__ import annotations

import base64
import functools
import json
import random
import re
import string
import tomllib
import zlib
from dataclasses import dataclass
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from checks.repo.secrets import rule as rule_module
from checks.repo.secrets.structure import base62

ALNUM = string.ascii_letters + string.digits
PRINTABLE = [chr(c) for c in range(0x21, 0x7F)]
WORD = ALNUM + "_"


@dataclass(frozen=True, slots=True)
class Fake:
    rule: str
    line: str
    """What to write into a file."""
    value: str
    """The secret in it."""


@functools.cache
def rows() -> dict[str, dict[str, Any]]:
    """Every row of the rule tables, by id."""
    tables = (tomllib.loads(table.decode()) for table in rule_module._tables())
    return {row["id"]: row for table in tables for vendor in table.values() for row in vendor["rules"]}


def _pick(rng: random.Random, members: list[Any]) -> str:
    """One character of a class."""
    negated = members[0][0] is sre.NEGATE
    chars: set[str] = set()
    for kind, value in members[1:] if negated else members:
        if kind is sre.LITERAL:
            chars.add(chr(value))
        elif kind is sre.RANGE:
            chars.update(map(chr, range(value[0], value[1] + 1)))
        elif kind is sre.CATEGORY:
            chars.update({sre.CATEGORY_DIGIT: string.digits, sre.CATEGORY_WORD: WORD, sre.CATEGORY_SPACE: " "}[value])
    pool = sorted(set(ALNUM) - chars) if negated else sorted(chars & set(PRINTABLE) or chars)
    # Underscores and dashes are rarer in real tokens than one in every class would make them.
    letters = [c for c in pool if c.isalnum()]
    return rng.choice(letters) if letters and rng.random() < 0.95 else rng.choice(pool)


def text_of(pattern: str, rng: random.Random) -> tuple[str, str]:
    """Random text that a pattern matches, and its last group (all of it where there is none)."""
    groups: list[str] = []

    def build(parsed: Any) -> str:
        out = []
        for kind, value in parsed:
            if kind is sre.LITERAL:
                out.append(chr(value))
            elif kind is sre.NOT_LITERAL:
                out.append(rng.choice([c for c in ALNUM if ord(c) != value]))
            elif kind is sre.IN:
                out.append(_pick(rng, value))
            elif kind is sre.ANY:
                out.append("_")
            elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
                low, high, inner = value
                count = low if high - low < 2 or low == 0 else rng.randint(low, min(high, low + 8))
                if low == 0 and any(part[0] is sre.ANY for part in inner):
                    count = 1
                out += [build(inner) for _ in range(count)]
            elif kind is sre.SUBPATTERN:
                inner = build(value[-1])
                if value[0]:
                    groups.append(inner)
                out.append(inner)
            elif kind is sre.BRANCH:
                out.append(build(rng.choice(value[1])))
        return "".join(out)

    whole = build(parser.parse(pattern))
    return whole, groups[-1] if groups else whole


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwt(claims: dict[str, Any], rng: random.Random) -> str:
    head = _b64(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    return f"{head}.{_b64(json.dumps(claims).encode())}.{_b64(rng.randbytes(32))}"


def password(rng: random.Random, length: int = 16) -> str:
    return "k7R" + "".join(rng.choice(ALNUM) for _ in range(length - 4)) + "q"


def pem(rng: random.Random) -> str:
    der = b"\x30\x82\x04\xa4\x02\x01\x00\x02\x82\x01\x01\x00" + rng.randbytes(600)
    body = base64.b64encode(der).decode()
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    # Put together so that no header of a key stands here in one piece.
    word = "PRIVATE" + " KEY"
    return f"-----BEGIN RSA {word}-----\n{lines}\n-----END RSA {word}-----"


def _basic(rng: random.Random) -> str:
    return base64.b64encode(f"deploy:{password(rng)}".encode()).decode()


def _crc(prefix: str, rng: random.Random) -> str:
    body = "".join(rng.choice(ALNUM) for _ in range(30))
    return prefix + body + base62(zlib.crc32(body.encode()), 6).decode()


def _special(rule: str, row: dict[str, Any], rng: random.Random) -> tuple[str, str] | None:
    """Kinds whose inside must fit together: the line and the secret."""
    check = row.get("check", "")
    if check == "crc32-base62":
        token = _crc(row["shape"][:4], rng)
        return f'token = "{token}"', token
    if check == "jwt-service-role":
        token = jwt({"iss": "supabase", "role": "service_role", "ref": password(rng)}, rng)
        return f'key = "{token}"', token
    if check == "jwt":
        token = jwt({"sub": password(rng), "name": password(rng), "iat": 1718203941}, rng)
        return f'const t = "{token}"', token
    if rule == "private-key":
        return pem(rng), "BEGIN"
    if rule == "google-service-account":
        text = pem(rng).replace("RSA ", "").replace("\n", "\\n")
        return f'{{"type": "service_account", "private_key": "{text}"}}', "BEGIN"
    if check == "discord-bot":
        first = _b64(str(rng.randint(10**17, 10**18 - 1)).encode())
        token = f"{first}.{''.join(rng.choices(ALNUM, k=6))}.{''.join(rng.choices(ALNUM, k=38))}"
        return f'bot = "{token}"', token
    if check == "sentry-org":
        middle = base64.b64encode(json.dumps({"iat": 1700000000.1, "url": "https://sentry.io", "org": "acme"}).encode())
        token = f"sntrys_{middle.decode()}_{''.join(rng.choices(ALNUM, k=43))}"
        return f'auth = "{token}"', token
    return None


_BY_HAND = {
    "docker-config-auth": lambda rng: f'"auth": "{_basic(rng)}"',
    "basic-auth-header": lambda rng: f'"Authorization": "Basic {_basic(rng)}"',
    "header-secret": lambda rng: f"curl -H 'X-Api-Key: {password(rng, 24)}' https://api.acme.io/",
    "curl-user": lambda rng: f"curl -u deploy:{password(rng)} https://api.acme.io/",
    "token-url": lambda rng: f"https://{password(rng, 40)}@github.com/acme/shop.git",
    "connection-string-password": lambda rng: f"Server=db.acme.io;Database=shop;User Id=sa;Password={password(rng)};",
    "bearer-token": lambda rng: f'"Authorization": "Bearer {password(rng, 40)}"',
    "basic-auth-url": lambda rng: f"https://deploy:{password(rng)}@ci.acme.io/job",
    "generic-secret": lambda rng: f'client_secret = "{password(rng, 40)}"',
    "generic-password": lambda rng: f'db_password = "{password(rng)}"',
    "django-secret-key": lambda rng: f"SECRET_KEY = '{password(rng, 50)}'",
    "wordpress-salt": lambda rng: f"define('AUTH_KEY', '{password(rng, 64)}');",
    "sql-password": lambda rng: f"CREATE USER shop WITH PASSWORD '{password(rng)}';",
    "docker-login-password": lambda rng: f"docker login -u deploy -p {password(rng)} registry.acme.io",
    "netrc-password": lambda rng: f"login deploy password {password(rng)}",
    "ssh-password": lambda rng: f"sshpass -p {password(rng)} ssh deploy@acme.io",
    "nuget-config-password": lambda rng: f'<add key="ClearTextPassword" value="{password(rng)}" />',
    "freemius-secret-key": lambda rng: "sk_" + "".join(rng.choices(ALNUM, k=24)) + "!@#%~",
    "smtp-url": lambda rng: f"smtp://mailer:{password(rng)}@smtp.acme.io:587",
    "kubernetes-bootstrap-token": lambda rng: f'token: "a7k2m9.{"".join(rng.choices(string.ascii_lowercase, k=8))}4k9x2m7q"',
    "dropbox-long-token": lambda rng: f'dropbox_token = "{"".join(rng.choices("abcdefgh2345", k=11))}AAAAAAAAAA{password(rng, 43)}"',
}  # fmt: skip


def _database(row: dict[str, Any], rng: random.Random) -> str:
    scheme = row["has"].split("|")[0]
    return f'url = "{scheme}://shop:{password(rng)}@db.acme.io:5432/shop"'


def of(rule: str, seed: int) -> Fake:
    """One fake of a rule; the same seed gives the same."""
    row, rng = rows()[rule], random.Random(f"{rule} {seed}")
    if (made := _special(rule, row, rng)) is not None:
        return Fake(rule, *made)
    if rule in _BY_HAND:
        line = _BY_HAND[rule](rng)
        return Fake(rule, line, line)
    if row.get("check") == "url-password":
        line = _database(row, rng)
        return Fake(rule, line, line)
    whole, value = text_of(row["shape"], rng)
    if row.get("check") == "password":
        whole = value = password(rng)
    if "near" in row:
        name = text_of(f"(?:{row['near']})", rng)[0]
        suffix = "" if re.search(r"(?i)(?:key|token|secret|pass\w*)$", name) else "_token"
        return Fake(rule, f'{name}{suffix} = "{whole}"', value)
    return Fake(rule, f'x = "{whole}" ;' if '"' not in whole else whole, value)
