"""Check digits and inner structure of credentials: what tells a real one from text that only resembles it.

Each function takes the credential and the text around it, and returns how it is to be judged.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Callable
from enum import StrEnum
from typing import Any
from urllib.parse import unquote_to_bytes

from checks.repo.secrets.likely import (
    entropy,
    in_words,
    is_hex,
    is_jumbled,
    is_placeholder,
    is_random,
    is_reference,
    is_uuid,
)


class Judgement(StrEnum):
    """What the structure says."""

    LIVE = "fail"
    WEAK = "warn"
    """Good for a test account only, encrypted, or its check digits are wrong."""
    PUBLIC = "public"
    NONE = "none"
    """No credential at all."""


Check = Callable[[bytes, bytes], Judgement]
CHECKS: dict[str, Check] = {}

_BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def named(name: str) -> Callable[[Check], Check]:
    def register(check: Check) -> Check:
        CHECKS[name] = check
        return check

    return register


def base62(number: int, width: int) -> bytes:
    """`number` in base 62 (digits, upper, lower), filled with zeros to `width`."""
    digits = bytearray()
    while number:
        number, rest = divmod(number, 62)
        digits.append(_BASE62[rest])
    return bytes(reversed(digits)).rjust(width, b"0")


def unbase64(text: bytes) -> bytes:
    """Decode either alphabet of base64 with or without padding; empty where it is none."""
    text = text.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def is_public_key(text: bytes) -> bool:
    """Whether this is the public half of a key pair, in base 64.

    It is a point of P-256 as Web Push has it (RFC 8292, section 3.2), or a certificate or SubjectPublicKeyInfo
    (RFC 5280), whose outer sequence begins with another one, where a private key begins with its version, or a key of
    SSH, which begins with the name of its kind (RFC 4253, section 6.6).
    """
    if text.startswith(b"AAAA"):
        return unbase64(text[:24])[4:].startswith((b"ssh-", b"ecdsa-sha2", b"sk-"))
    raw = unbase64(text) if len(text) >= 56 else b""
    if raw.startswith(b"\x04") and len(raw) == 65:
        return True
    skipped = 2 + (raw[1] & 0x7F if len(raw) > 1 and raw[1] & 0x80 else 0)
    return raw.startswith(b"\x30") and raw[skipped : skipped + 1] == b"\x30"


@named("crc32-base62")
def crc32_base62(value: bytes, _context: bytes) -> Judgement:
    """GitHub's and npm's tokens: after the prefix 30 characters, then the CRC-32 of those in base 62."""
    body, digits = value.rpartition(b"_")[2][:-6], value[-6:]
    return Judgement.LIVE if base62(zlib.crc32(body), 6) == digits else Judgement.WEAK


@named("aws-key-id")
def aws_key_id(value: bytes, context: bytes) -> Judgement:
    """An AWS key id is base 32 of the account's number: it decodes, and to more than nothing.

    A signed URL names the one that signed it, as it is meant to (AWS Signature Version 4).
    """
    if re.search(rb"X-Amz-Credential(?:=|%3D)" + re.escape(value), context):
        return Judgement.PUBLIC
    try:
        account = int.from_bytes(base64.b32decode(value[4:] + b"=" * (-len(value[4:]) % 8))[:6], "big")
    except binascii.Error:
        return Judgement.NONE
    return Judgement.LIVE if (account & 0x7FFFFFFFFF80) >> 7 else Judgement.NONE


@named("base64-secret")
def base64_secret(value: bytes, _context: bytes) -> Judgement:
    """Forty or more characters of base 64 from a random source, not a hash in hex and not a path."""
    if is_hex(value) or value.count(b"/") > max(4, len(value) // 10) or not is_random(value):
        return Judgement.NONE
    return Judgement.LIVE


@named("random")
def random_text(value: bytes, _context: bytes) -> Judgement:
    """Made by a machine; a name or a word in the same place is none."""
    return Judgement.LIVE if is_random(value) or is_uuid(value) else Judgement.NONE


@named("random-named")
def random_text_named(value: bytes, _context: bytes) -> Judgement:
    """The same beside the name of the vendor whose keys look so, or after a beginning that only its keys have."""
    random = is_random(value, named=True) or is_uuid(value) or is_jumbled(value.rpartition(b"_")[2])
    return Judgement.LIVE if random else Judgement.NONE


@named("set-apart")
def set_apart(value: bytes, context: bytes) -> Judgement:
    """A machine's text that is all of a quoted text, of what is assigned, or of a word: no piece of longer data."""
    at = context.find(value)
    before, after = context[:at][-1:], context[at + len(value) :][:1]
    if before not in (b"", b'"', b"'", b"`", b"=", b":", b" ", b"\t", b"\n", b">"):
        return Judgement.NONE
    if after not in (b"", b'"', b"'", b"`", b";", b" ", b"\t", b"\r", b"\n", b"\\", b"<"):
        return Judgement.NONE
    return random_text(value, context)


@named("letters")
def letters_only(value: bytes, _context: bytes) -> Judgement:
    """A token that may be of letters alone: mixed case all through or in no words at all, unlike any name."""
    body = value.rpartition(b"_")[2]
    return Judgement.LIVE if is_jumbled(body) or not body.isalpha() else Judgement.NONE


@named("hex-guard")
def hex_guard(value: bytes, context: bytes) -> Judgement:
    """A shape of hexadecimal groups that must not be a part of a longer one, such as a UUID's."""
    at = context.find(value)
    around = context[max(0, at - 1) : at] + context[at + len(value) : at + len(value) + 1]
    return Judgement.NONE if re.search(rb"[0-9A-Za-z\-]", around) else Judgement.LIVE


@named("app-password")
def app_password(value: bytes, _context: bytes) -> Judgement:
    """Google's passwords for applications: sixteen small letters, or in groups of four as they are shown."""
    groups = value.split()
    jumbled = is_jumbled(value) if len(groups) == 1 else _OF_FOUR.isdisjoint(groups)
    return Judgement.LIVE if jumbled else Judgement.NONE


_OF_FOUR = frozenset(
    b"also back been code data each file form four from give good have help here hint host into just keep know "
    b"last less like line list long look main make many more most much must name need next none note once only "
    b"open over pass pick real same save seen send show site some sort sure take test text than that them then "
    b"they this time tool true type used user very want well were what when will with word work your zero".split()
)
"""Words of four letters without one of which hardly four in a row make sense."""


@named("phrase")
def phrase(value: bytes, _context: bytes) -> Judgement:
    """The words that a wallet is made anew from (BIP 39); those of test networks repeat one or are known."""
    words = value.split()
    return Judgement.LIVE if len(set(words)) >= len(words) - 2 else Judgement.NONE


@named("putty")
def putty(_value: bytes, context: bytes) -> Judgement:
    """PuTTY says in the line after the kind of a key whether a phrase encrypts it."""
    return Judgement.WEAK if b"Encryption: aes" in context else Judgement.LIVE


@named("uptimerobot")
def uptimerobot(value: bytes, _context: bytes) -> Judgement:
    """A key of the account; one that begins with m reads a single monitor."""
    return Judgement.LIVE if value.startswith(b"u") else Judgement.WEAK


@named("freemius")
def freemius(value: bytes, _context: bytes) -> Judgement:
    """Freemius' keys use signs beside letters and digits, which other keys with this prefix do not."""
    return Judgement.LIVE if len(re.findall(rb"[^A-Za-z0-9]", value[3:])) >= 2 else Judgement.NONE


@named("docker-auth")
def docker_auth(value: bytes, _context: bytes) -> Judgement:
    """A user and a password in base 64, as HTTP's basic authentication has them (RFC 7617)."""
    user, colon, secret = unbase64(value).partition(b":")
    if not colon or not user or not secret.isascii() or not (user + secret).decode("latin-1").isprintable():
        return Judgement.NONE
    return url_password(secret, b"")


def _json(part: bytes) -> dict[str, Any]:
    try:
        told = json.loads(unbase64(part))
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


@named("jwt")
def jwt(value: bytes, _context: bytes) -> Judgement:
    """A signed JSON web token: Supabase's `service_role` opens everything, its `anon` is public (RFC 7519)."""
    header, _, rest = value.partition(b".")
    body, _, signature = rest.partition(b".")
    if not _json(header).get("alg") or len(signature) < 20:
        return Judgement.NONE
    claims = _json(body)
    if claims.get("role") in ("service_role", "supabase_admin"):
        return Judgement.LIVE
    if claims.get("role") == "anon":
        return Judgement.PUBLIC
    texts = [claim for claim in claims.values() if isinstance(claim, str)]
    if not claims or "1234567890" in texts or "John Doe" in texts or any(is_placeholder(t.encode()) for t in texts):
        return Judgement.NONE
    return Judgement.WEAK


@named("jwt-service-role")
def jwt_service_role(value: bytes, context: bytes) -> Judgement:
    """A JSON web token whose role is `service_role`."""
    return Judgement.LIVE if jwt(value, context) is Judgement.LIVE else Judgement.NONE


@named("private-key")
def private_key(value: bytes, context: bytes) -> Judgement:
    """The body of a PEM private key begins with an ASN.1 sequence, or OpenSSH's or PGP's own mark (RFC 7468)."""
    if b"ENCRYPTED" in context[:80] or b"Proc-Type" in value:
        return Judgement.WEAK
    body = re.sub(rb"\\r|\\n|[^A-Za-z0-9+/]", b"", value)
    if len(body) < 24 or is_placeholder(body):
        return Judgement.NONE
    raw = unbase64(body[: len(body) // 4 * 4])
    if raw.startswith((b"openssh-key-v1", b"PuTTY")) or (raw[:1] == b"\x30" and entropy(body) > 3.0):
        return Judgement.LIVE
    return Judgement.LIVE if b"PGP" in context[:80] and raw[:1] >= b"\x80" else Judgement.NONE


@named("google-key")
def google_key(value: bytes, context: bytes) -> Judgement:
    """A Google key of Firebase in a browser or an app, or of Maps, is made to be seen; elsewhere it is a secret."""
    before = context[: context.find(value)].rpartition(b"\n")[2][-GOOGLE_REACH:]
    if GOOGLE_ON_SERVERS.search(before):
        return Judgement.LIVE  # whatever its neighbours are for
    return Judgement.PUBLIC if _LOADS_MAPS.search(before) or _IN_AN_APP.search(context) else Judgement.LIVE


GOOGLE_REACH = 80
"""Bytes before a key that tell which of Google's services it is for: one kind of key opens them all."""
GOOGLE_ON_SERVERS = re.compile(
    rb"(?i)gemini|generative|gen_?ai|vertex_?ai|aiplatform|(?:translate|translation|vision|speech|language)\.googleapis"
)
"""What stands before one that a page must not show."""
_LOADS_MAPS = re.compile(rb"(?i)maps?[_\-. ]?(?:api|js|key|token|embed)|maps/|maps\.google|googlemap|new Loader\(")
_IN_AN_APP = re.compile(
    rb"(?i)authDomain|firebase|messagingSenderId|measurementId|storageBucket|projectId|GCM_SENDER_ID|\"current_key"
    rb"|android:value"
)
"""What stands beside one in Firebase's configuration of a page, an Android or an iOS app."""


@named("discord-bot")
def discord_bot(value: bytes, _context: bytes) -> Judgement:
    """The first part of a bot's token is its numeric id in base 64."""
    number = unbase64(value.partition(b".")[0])
    return Judgement.LIVE if number.isdigit() and 17 <= len(number) <= 20 else Judgement.NONE


@named("url-password")
def url_password(value: bytes, context: bytes) -> Judgement:
    """The password inside a URL, unless it is a placeholder or the server is this machine's own."""
    low = unquote_to_bytes(value).lower()
    if low in _COMMON or is_placeholder(value) or value.startswith((b"$", b"%", b"{", b"<", b":", b"[")):
        return Judgement.NONE
    if _PASSWORD.fullmatch(low):
        return Judgement.NONE
    if b" " in low or len(value) < 3 or len(set(low)) < 3 or b"'" in value or b'"' in value or b"+" in value[:1]:
        return Judgement.NONE
    if b"scott:tiger" in context or b"//anonymous:" in context:  # Oracle's sample, and FTP's visitor (RFC 1635)
        return Judgement.NONE
    if re.search(rb"(?:^|[_\-])pass(?:word|wd)?$", low):
        return Judgement.NONE
    host = re.search(rb"@\[?([\w.:-]+)", context)
    if host and b"." not in host[1] and value.isalpha() and value.islower():
        return Judgement.NONE  # a word for a server of the same network, as compose files of manuals have it
    if host and _is_own(host[1].lower()):
        return Judgement.WEAK if is_random(value) else Judgement.NONE
    if host and re.search(
        rb"(?:^|\.)(?:example\.(?:com|org|net)|test|invalid|local|domain\.com|host|server|hostname)(?::|$)", host[1]
    ):
        return Judgement.NONE
    return Judgement.LIVE


_PASSWORD = re.compile(rb"p[a4@][s5$]{1,2}.?w[o0]r[dt]\d{0,3}")
"""The word for it, as manuals write it in addresses: `p%40ss%3Aword`."""


def _is_own(host: bytes) -> bool:
    name = host.split(b":")[0]
    return name in (b"localhost", b"127.0.0.1", b"0.0.0.0", b"host.docker.internal", b"")


_COMMON = frozenset(
    b"password pass passwd pwd secret postgres mysql mariadb mongo mongodb redis root admin guest user username test "
    b"rabbitmq amqp changeme db pw p pword pswd mypass mypassword my_password dbpass dbpassword db_password userpass "
    b"token key apikey api_key hunter2 foo bar baz foobar qwerty letmein 1234 12345 123456 pass123 password123 "
    b"passw0rd p@ssword p@ssw0rd pa$$word password1 default dev development local docker postgresql none null "
    b"undefined tiger scott sa passwort kennwort senha wachtwoord parola contrasena contrase\xc3\xb1a "
    b"motdepasse".split()
)


@named("netrc")
def netrc(value: bytes, context: bytes) -> Judgement:
    """The password of a line of .netrc; manuals and messages speak of "your login and password" too."""
    if re.search(rb"login\s+(?:and|or|/|&)\s", context):
        return Judgement.NONE
    return password(value, context)


_WORDS = re.compile(rb"[A-Z\xc3]?[a-z\x80-\xff]+(?:[\-_' ][A-Za-z]?[a-z\x80-\xff]+)+")
"""Words that a dash joins, as translations have them: `Palavra-passe`."""


@named("password")
def password(value: bytes, _context: bytes) -> Judgement:
    """A password that somebody set: more than one kind of character, and no word of a manual."""
    low = value.lower()
    if low in _COMMON or is_placeholder(value) or len(set(value)) < 6:
        return Judgement.NONE
    if _WORDS.fullmatch(value):
        return Judgement.NONE
    kinds = sum(bool(re.search(kind, value)) for kind in (rb"[a-z\x80-\xff]", rb"[A-Z]", rb"[0-9]", rb"[!-/:-@[-`{-~]"))
    return Judgement.LIVE if kinds >= 3 or is_random(value) else Judgement.NONE


@named("sentry-org")
def sentry_org(value: bytes, _context: bytes) -> Judgement:
    """The middle of an organisation token is JSON that names the server; what else has its ends is a doubtful one."""
    _, middle, *rest = value.split(b"_")
    claims = _json(middle)
    if "url" in claims or "org" in claims or "iat" in claims:
        return Judgement.LIVE
    return Judgement.WEAK if rest and len(rest[-1]) >= 40 and is_random(rest[-1]) else Judgement.NONE


@named("header")
def header(value: bytes, _context: bytes) -> Judgement:
    """What a command sends in a header whose name says that it lets somebody in; a short one is a doubtful one."""
    digits, letters = len(re.findall(rb"[0-9]", value)), len(re.findall(rb"[A-Za-z]", value))
    if value.startswith(b"eyJ") or is_reference(value) or value.lower() in _COMMON:
        return Judgement.NONE  # what a token says of itself weighs more
    if is_random(value, named=True) or is_uuid(value) or (is_hex(value) and len(value) >= 12 and digits and letters):
        return Judgement.LIVE
    doubtful = is_jumbled(value) or (digits >= 2 and letters >= 3 and not in_words(value))
    return Judgement.WEAK if doubtful else Judgement.NONE


@named("test-or-live")
def test_or_live(value: bytes, _context: bytes) -> Judgement:
    """A key whose own prefix says that it belongs to a test account."""
    return Judgement.WEAK if re.search(rb"(?i)test|sandbox|_dev_|sbox", value[:20]) else Judgement.LIVE
