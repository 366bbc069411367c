"""Finds a planted text in an answer, however it was written down: spaced, reversed, shifted, encoded, once or twice.

The text is looked at in several views: as it is, and after each decoding that it could bear. In every view, letters
and digits alone are compared (NFKC, case folded), so that spaces, dashes, invisible characters and marks play no part.
Everything is linear in the text's length.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

SHORTEST = 6
"""Letters and digits that a canary needs at least: what is shorter finds itself everywhere."""
LONGEST = 60_000
"""Characters of an answer that are looked at."""
BUDGET = 1_500_000
"""Characters in all views together."""
PARTIAL = 6
"""Hex digits in a row, of a canary's eight, that a person must look at."""

_OURS = re.compile(r"[A-Za-z]{2,6}-([0-9a-f]{8})", re.IGNORECASE)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_NOT_WORD = re.compile(r"[\W_]+")
_SPACE = re.compile(r"\s+")
_LOOKALIKES = str.maketrans(
    "\u0430\u0441\u0501\u0435\u0456\u0458\u043e\u0440\u0455\u0445\u0443\u029f\u0280\u1d04\u1d00\u0299\u1d05\u1d07\ua730",
    "acdeijopsxylrcabdef",
)
"""Cyrillic letters and small capitals that read like Latin ones."""
_LEET = str.maketrans("oilzeastbg@$!|+\u20ac", "0112345789451173")
_SPELLED = {
    **{word: str(number) for number, word in enumerate("zero one two three four five six seven eight nine".split())},
    **{
        word: word[0]
        for word in (
            "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa "
            "quebec romeo sierra tango uniform victor whiskey xray yankee zulu"
        ).split()
    },
    **dict.fromkeys(("dash", "hyphen", "minus", "space"), ""),
}
_SPELLED_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Found:
    """A canary that is in a text."""

    canary: str
    how: str
    """How it was written: "as it is", "in base64" ..."""
    partial: bool = False


def find(text: str, canaries: Iterable[str]) -> list[Found]:
    """Which of the canaries a text holds, each once: whole before partial, the simplest way of writing first."""
    wanted = [canary for canary in dict.fromkeys(canaries) if usable(canary)]
    found: dict[str, Found] = {}
    for how, view in views(text[:LONGEST]):
        for canary in wanted:
            if canary in found and not found[canary].partial:
                continue
            told = _in_view(view, canary)
            if told is not None and (not told[1] or canary not in found):
                way = " and ".join(word for word in (how, told[0]) if word) or "as it is"
                found[canary] = Found(canary, way, told[1])
        if len(found) == len(wanted) and not any(hit.partial for hit in found.values()):
            break
    return [found[canary] for canary in wanted if canary in found]


def usable(canary: str) -> bool:
    """Whether a canary is long enough to mean something."""
    return len(plain(canary)) >= SHORTEST


def plain(text: str) -> str:
    """Letters and digits alone, in compatibility form, case folded."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _NOT_WORD.sub("", folded.translate(_LOOKALIKES))


@dataclass(frozen=True, slots=True)
class _Needle:
    """A canary in every form that is searched for in a view."""

    direct: tuple[tuple[str, str], ...]
    """Pairs of (how, text)."""
    leet: str
    partial: tuple[str, ...]


@lru_cache(maxsize=64)
def _needle(canary: str) -> _Needle:
    whole = plain(canary)
    ours = _OURS.fullmatch(canary.strip())
    # Without its beginning, one of ours is as unique.
    cores = [whole, *([ours[1].lower()] if ours else [])]
    direct = [("", core) for core in cores] + [("reversed", core[::-1]) for core in cores]
    for by in (13, *(n for n in range(1, 26) if n != 13)):
        shifted = whole.translate(str.maketrans(_LETTERS, _LETTERS[by:] + _LETTERS[:by]))
        if shifted != whole:
            direct.append(("in rot13" if by == 13 else f"with its letters shifted by {by}", shifted))
    parts = [ours[1].lower()[at : at + PARTIAL] for at in range(8 - PARTIAL + 1)] if ours else []
    return _Needle(tuple(direct), whole.translate(_LEET), (*parts, *(part[::-1] for part in parts)))


def _in_view(view: _View, canary: str) -> tuple[str, bool] | None:
    """How the canary stands in a view, and whether only a part does; None where it does not."""
    needle = _needle(canary)
    for how, wanted in needle.direct:
        if wanted in view.plain:
            return how, False
    if needle.leet in view.leet:
        return "in leet", False
    if needle.direct[0][1] in view.spelled:
        return "spelled out", False
    if view.trusted and any(part in view.plain for part in needle.partial):
        return "in part", True
    return None


class _View:
    """A text, as it is compared."""

    def __init__(self, text: str, *, trusted: bool = True, deep: bool = False) -> None:
        self.trusted = trusted
        """Whether it is more than the garbage that a wrong decoding gives: only then a part means something."""
        self.plain = plain(text)
        self.leet = self.spelled = ""
        if not deep:
            folded = unicodedata.normalize("NFKC", text).casefold()
            self.leet = _NOT_WORD.sub("", folded.translate(_LEET))
            self.spelled = "".join(_SPELLED.get(word, word) for word in _SPELLED_WORD.findall(folded))


# -------------------------------------------------------------------- views


def views(text: str) -> Iterator[tuple[str, _View]]:
    """The text as it is, then as each decoding gives it, and that decoded once more; until the budget is spent."""
    left = BUDGET - len(text)
    yield "", _View(text)
    waiting, seen = [("", text)], {text}
    while waiting:
        how, source = waiting.pop(0)
        for name, decode in _DECODINGS:
            whole, clean = decode(source)
            way = f"{how} and {name}" if how else name
            for told in (whole, clean):
                if told and told not in seen:
                    seen.add(told)
                    left -= len(told)
                    if left < 0:
                        return
                    yield way, _View(told, trusted=told == clean, deep=bool(how))
                    if told == clean and not how:
                        waiting.append((way, clean))


Decoded = tuple[str, str]
"""All that came out, and what of it looks like text and may be decoded once more."""


def _same(text: str, decoded: str) -> Decoded:
    return ("", "") if decoded == text else (decoded, decoded)


def _url(text: str) -> Decoded:
    for _ in range(3):
        if "%" not in text:
            break
        text = unquote(text, errors="ignore")
    return text, text


_ESCAPE = re.compile(r"\\(?:u\{?([0-9a-fA-F]{4,6})\}?|x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8}))")


def _escapes(text: str) -> Decoded:
    def character(match: re.Match[str]) -> str:
        code = int(match[1] or match[2] or match[3], 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""

    return _same(text, _ESCAPE.sub(character, text)) if "\\" in text else ("", "")


def _tags(text: str) -> Decoded:
    """Unicode's tag characters, which no screen shows and which carry ASCII (U+E0020 to U+E007E)."""
    hidden = "".join(chr(ord(c) - 0xE0000) for c in text if "\U000e0020" <= c <= "\U000e007e")
    return hidden, hidden


_BASE64 = re.compile(r"[A-Za-z0-9+/]{8,}")
_BASE32 = re.compile(r"[A-Z2-7]{10,}")
_HEX = re.compile(r"[0-9a-fA-F]{12,}")
_BITS = re.compile(r"[01]{42,}")
_HEX_BETWEEN = re.compile(r"0[xX]|\\[xX]|%|[\s,:;.\-|]+")
_BITS_BETWEEN = re.compile(r"0[bB]|[\s,:;.\-|]+")


def _invisible_gone(text: str) -> str:
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return text


def _runs(runs: Iterable[str], decode: Callable[[str], bytes]) -> Decoded:
    """Decode each run; a run that gives mostly printable text is what somebody meant."""
    whole: list[str] = []
    clean: list[str] = []
    for run in runs:
        try:
            raw = decode(run)
        except (binascii.Error, ValueError):
            continue
        # Every other byte of UTF-16 is null.
        raw = raw.replace(b"\0", b"")
        told = raw.decode("utf-8", "ignore")
        whole.append(told)
        if raw and sum(32 <= byte < 127 or byte in (9, 10, 13) for byte in raw) >= 0.75 * len(raw):
            clean.append(told)
    return "\n".join(whole), "\n".join(clean)


def _base64(prepare: Callable[[str], str], offset: int) -> Callable[[str], Decoded]:
    def decode(run: str) -> bytes:
        run = run[offset:]
        run = run[: len(run) - 1] if len(run) % 4 == 1 else run
        return base64.b64decode(run + "=" * (-len(run) % 4))

    return lambda text: _runs(_BASE64.findall(prepare(_invisible_gone(text))), decode)


def _base64_joined(text: str) -> str:
    return _SPACE.sub("", text).replace("-", "+").replace("_", "/")


def _base64_split(text: str) -> str:
    """Dashes, dots and the like between letters are no part of it."""
    return re.sub(r"[\s\-_.,|*`]+", "", text)


def _base64_words(text: str) -> str:
    return text.replace("-", "+").replace("_", "/")


def _base32(text: str) -> Decoded:
    def decode(run: str) -> bytes:
        run = run[: len(run) - {1: 1, 3: 1, 6: 1}.get(len(run) % 8, 0)]
        return base64.b32decode(run + "=" * (-len(run) % 8))

    return _runs(_BASE32.findall(_SPACE.sub("", _invisible_gone(text))), decode)


def _hex(offset: int) -> Callable[[str], Decoded]:
    def decode(run: str) -> bytes:
        run = run[offset:]
        return bytes.fromhex(run[: len(run) // 2 * 2])

    return lambda text: _runs(_HEX.findall(_HEX_BETWEEN.sub("", _invisible_gone(text))), decode)


def _binary(bits: int) -> Callable[[str], Decoded]:
    def decode(run: str) -> bytes:
        return bytes(int(run[at : at + bits], 2) for at in range(0, len(run) - bits + 1, bits))

    return lambda text: _runs(_BITS.findall(_BITS_BETWEEN.sub("", text)), decode)


_NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?![\w])")


def _decimal(text: str) -> Decoded:
    """Character codes, such as 76 82 67."""
    codes = [int(number) for number in _NUMBER.findall(text)]
    told = "".join(chr(code) if 32 <= code < 127 else "\n" for code in codes)
    return (told, told) if len(told) >= SHORTEST else ("", "")


_DECODINGS: tuple[tuple[str, Callable[[str], Decoded]], ...] = (
    ("URL-encoded", lambda text: _same(text, _url(text)[0])),
    ("in HTML references", lambda text: _same(text, html.unescape(text)) if "&" in text else ("", "")),
    ("in escapes", _escapes),
    ("in invisible characters", _tags),
    *(("in base64", _base64(_base64_joined, offset)) for offset in range(4)),
    ("in base64", _base64(_base64_words, 0)),
    *(("in base64", _base64(_base64_split, offset)) for offset in range(4)),
    *(("in hex", _hex(offset)) for offset in range(2)),
    ("in base32", _base32),
    ("in binary", _binary(8)),
    ("in binary", _binary(7)),
    ("in character codes", _decimal),
    ("reversed", lambda text: (text[::-1], text[::-1])),
    ("in rot13", lambda text: _same(text, codecs.encode(text, "rot13"))),
)
