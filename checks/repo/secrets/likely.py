"""Whether a text looks like a real secret: placeholders that people write, and how random it is."""

from __future__ import annotations

import functools
import hashlib
import itertools
import math
import re
from collections import Counter
from pathlib import Path

_PLACEHOLDER = re.compile(
    rb"(?i)example|sample|placeholder|changeme|change[-_]me|change[-_]this|replace|dummy|redacted|insert[-_]|goes[-_]?here"
    rb"|your[-_]?(?:own|api|key|token|secret|pass|account|project|app|auth|client|org|user|name|domain|access)"
    rb"|(?:my|some|any|the|put|enter|fake|mock|foo|bar|super)[-_]?(?:secret|token|key|pass|api)"
    rb"|sekret|very[-_]?long[-_]?secret|my[-_]?test|some[-_]?kind|must[-_]?be|at[-_]?least|lorem|ipsum|foobar|not[-_]?a?[-_]?(?:real|secret)|(?:^|[^a-z\d])todo(?:[^a-z\d]|$)|fixme|deadbeef|cafebabe"
    rb"|x{4,}|\*{3,}|\.{3}|-{5,}|_{4,}|#{3,}|<[^>]*>|\$\{|\{\{|%\(|\$\(|\[\[|#\{"
    rb"|(?:0123|1234)5678|98765432|-1234-|abcdefg|abcd1234|a1b2c3|0{8,}|(.)\1{6,}"
)
_ENVIRONMENT = re.compile(
    rb"(?i)^(?:process\.env|import\.meta|os\.environ|os\.getenv|getenv|env[.\[(]|secrets?\.|vars?\.|config[.\[(]|settings?\.|self\.|this\.|"
    rb"ctx\.|req\.|request\.|options?\.|params?\.|props\.|data\.|args?\.|node\.|window\.|vault:|ref\+|arn:|op://|sm://|keyring:|file:|env:|\$[A-Za-z_{(]|%[A-Za-z_])"
)


def entropy(value: bytes) -> float:
    """Shannon's bits per character."""
    if not value:
        return 0.0
    total = len(value)
    return math.log2(total) - sum(n * math.log2(n) for n in Counter(value).values() if n > 1) / total


def is_placeholder(value: bytes) -> bool:
    """Whether a person wrote this to say where a secret belongs."""
    return _PLACEHOLDER.search(value) is not None


@functools.cache
def _published() -> frozenset[str]:
    text = Path(__file__).with_name("published.txt").read_text("ascii")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))


def is_published(value: bytes) -> bool:
    """Whether this is a sample that RFCs and manuals print."""
    return hashlib.sha256(value).hexdigest()[:16] in _published()


def is_reference(value: bytes) -> bool:
    """Whether this names a place that holds the secret, as environment references do."""
    return _ENVIRONMENT.match(value) is not None


_HEX = re.compile(rb"[0-9a-fA-F]+")
_UUID = re.compile(rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ONE_KIND = re.compile(rb"[^0-9A-Z]*|[^0-9a-z]*")
"""No digit, and letters of one case at most: told from a machine's text without counting anything."""
_WORDS = re.compile(rb"[a-z]{3,}|[A-Z][a-z]{2,}|[A-Z]{3,}")
_VOWELS = frozenset(b"aeiouAEIOU")


def is_hex(value: bytes) -> bool:
    return _HEX.fullmatch(value) is not None


def is_uuid(value: bytes) -> bool:
    return _UUID.fullmatch(value) is not None


def _is_word(part: bytes) -> bool:
    """A run of letters that could be spoken: vowels and consonants take turns."""
    run = longest = vowels = 0
    for letter in part:
        if letter in _VOWELS:
            run, vowels = 0, vowels + 1
        else:
            run += 1
            longest = max(longest, run)
    return longest <= (3 if len(part) > 6 else 2) and vowels * 5 >= len(part)


def _case_turns(value: bytes) -> int:
    """How often the case of letters changes from one to the next; names change it once a word at most."""
    letters = [65 <= c <= 90 for c in value if 65 <= c <= 90 or 97 <= c <= 122]
    return sum(a != b for a, b in itertools.pairwise(letters))


def is_mixed(value: bytes) -> bool:
    """Whether the case of letters turns as often as no name lets it turn."""
    letters = sum(65 <= c <= 90 or 97 <= c <= 122 for c in value)
    return _case_turns(value) * 10 >= letters * 3


def in_words(value: bytes) -> int:
    """How many letters stand in words that could be spoken."""
    return sum(len(word) for word in _WORDS.findall(value) if len(word) >= 4 and _is_word(word))


def holds_a_word(value: bytes) -> bool:
    """Whether a longer word stands in it, as hardly in what is random."""
    return any(len(word) >= 6 and _is_word(word) for word in _WORDS.findall(value))


def is_jumbled(letters: bytes) -> bool:
    """Whether letters alone show that a machine put them together: none of the words that make up names."""
    if len(letters) < 10:
        return False
    spoken = in_words(letters)
    return spoken * 2 < len(letters) or (_case_turns(letters) * 4 >= len(letters) and spoken * 3 < len(letters) * 2)


def is_random(value: bytes, *, named: bool = False) -> bool:
    """Whether a machine made this up: digits among letters or case all mixed, and few letters in speakable words.

    Args:
        named: it has the shape of a vendor's keys and the vendor's name beside it, so that less doubt is left.
    """
    if len(value) < 12 or _ONE_KIND.fullmatch(value) or entropy(value) < min(3.2, 0.75 * math.log2(len(value))):
        return False
    digits = sum(48 <= c <= 57 for c in value)
    letters = sum(65 <= c <= 90 or 97 <= c <= 122 for c in value)
    if is_hex(value):
        return len(value) >= 16 and digits >= 3 and letters >= 2
    if not letters:
        return False
    mixed = is_mixed(value)
    if digits < (1 if mixed else 1 + len(value) // 24) and not (mixed and letters >= 16):
        return False
    return in_words(value) < len(value) * (0.75 if named else 0.5 if mixed else 0.6)
