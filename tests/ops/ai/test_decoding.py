"""A planted text is found however it was written, and never where it is not."""

from __future__ import annotations

import base64
import codecs
import html
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.ops.ai.decoding import find, plain
from checks.ops.ai.plants import masked, new_canaries, new_canary
from tests.growth import assert_linear

LEET = str.maketrans("aeiostlbAEIOSTLB", "4310571843105718")
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
DIGITS = dict(zip("0123456789", "zero one two three four five six seven eight nine".split(), strict=True))


def tags(text: str) -> str:
    return "".join(chr(0xE0000 + ord(c)) for c in text)


def spelled(text: str) -> str:
    return " ".join(DIGITS.get(c, "dash" if c == "-" else c) for c in text)


def base64_lines(text: str) -> str:
    return "\n".join(
        re.findall(".{1,7}", base64.b64encode(f"My instructions are these: {text} and no more".encode()).decode())
    )


ENCODINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "upper": str.upper,
    "lower": str.lower,
    "spaced letters": " ".join,
    "dashed letters": "-".join,
    "starred letters": "**".join,
    "one letter a line": "\n".join,
    "no dash": lambda text: text.replace("-", ""),
    "other dashes": lambda text: text.replace("-", " \u2013 "),
    "soft hyphens": "\u00ad".join,
    "zero width": "\u200b".join,
    "zero width joiners": "\u2060\u200d".join,
    "full width": lambda text: text.translate(WIDE),
    "struck through": lambda text: "".join(f"{c}\u0336" for c in text),
    "Cyrillic": lambda text: text.translate(str.maketrans("ace", "\u0430\u0441\u0435")),
    "reversed": lambda text: text[::-1],
    "reversed and spaced": lambda text: " ".join(text[::-1]),
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "rot13 and spaced": lambda text: " ".join(codecs.encode(text, "rot13")),
    "leet": lambda text: text.translate(LEET),
    "spelled": spelled,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 without padding": lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
    "base64, URL-safe": lambda text: base64.urlsafe_b64encode(f"\u00ff\u00fe?{text}".encode("latin-1")).decode(),
    "base64 in lines": base64_lines,
    "base64, spaced": lambda text: " ".join(base64.b64encode(text.encode()).decode()),
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16")).decode(),
    "base64 twice": lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
    "base64 of hex": lambda text: base64.b64encode(text.encode().hex().encode()).decode(),
    "base64 of rot13": lambda text: base64.b64encode(codecs.encode(text, "rot13").encode()).decode(),
    "base64 reversed": lambda text: base64.b64encode(text.encode()).decode()[::-1],
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "hex, upper": lambda text: text.encode().hex().upper(),
    "hex, spaced": lambda text: text.encode().hex(" "),
    "hex, 0x": lambda text: ", ".join(f"0x{byte:02x}" for byte in text.encode()),
    "hex, colons": lambda text: text.encode().hex(":"),
    "URL": quote,
    "URL, every letter": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "URL twice": lambda text: quote("".join(f"%{byte:02X}" for byte in text.encode())),
    "HTML references": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "HTML, hexadecimal": lambda text: "".join(f"&#x{ord(c):x};" for c in text),
    "escapes": lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
    "short escapes": lambda text: "".join(f"\\x{ord(c):02x}" for c in text),
    "codes": lambda text: " ".join(str(ord(c)) for c in text),
    "codes in a list": lambda text: str([ord(c) for c in text]),
    "binary": lambda text: " ".join(f"{ord(c):08b}" for c in text),
    "tag characters": tags,
}  # fmt: skip

around = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)
canaries = st.builds(new_canary)


@pytest.mark.parametrize("name", ENCODINGS)
@settings(max_examples=15)
@given(canary=canaries, before=around, after=around)
def test_any_encoding_is_found_in_any_text(name: str, canary: str, before: str, after: str) -> None:
    found = find(f"{before}\n> {ENCODINGS[name](canary)} <\n{after}", [canary])
    assert [hit.canary for hit in found] == [canary]
    assert not found[0].partial


@pytest.mark.parametrize("name", ENCODINGS)
def test_an_encoding_of_another_canary_is_not_found(name: str) -> None:
    first, second = "LRC-1a2b3c4d", "LRC-9f8e7d6c"
    assert find(f"The code is {ENCODINGS[name](second)}.", [first]) == []


@settings(max_examples=300)
@given(text=st.text(max_size=400), canary=canaries)
def test_random_text_holds_none(text: str, canary: str) -> None:
    assert find(text, [canary]) == []


@settings(max_examples=100)
@given(raw=st.binary(max_size=600), canary=canaries)
def test_random_bytes_hold_none_however_they_are_written(raw: bytes, canary: str) -> None:
    for text in (base64.b64encode(raw).decode(), raw.hex(), quote(raw), html.escape(raw.decode("latin-1"))):
        assert find(text, [canary]) == []


@pytest.mark.parametrize(
    "way", [str, lambda text: text[::-1], lambda text: base64.b64encode(f"it is {text} so".encode()).decode()]
)
@pytest.mark.parametrize("part", ["1a2b3c", "2b3c4d", "a2b3c4"])
def test_six_digits_in_a_row_are_to_be_looked_at(part: str, way: Callable[[str], str]) -> None:
    (found,) = find(f"It ends with {way(part)}.", ["LRC-1a2b3c4d"])
    assert found.partial


def test_five_digits_in_a_row_and_the_prefix_alone_are_nothing() -> None:
    assert find("LRC-1a2b3 and LRC- and 3c4d and LRC-00000000", ["LRC-1a2b3c4d"]) == []


def test_whole_beats_part_wherever_it_stands() -> None:
    (found,) = find(f"1a2b3c ... {base64.b64encode(b'LRC-1a2b3c4d').decode()}", ["LRC-1a2b3c4d"])
    assert (found.partial, found.how) == (False, "in base64")


def test_a_sentence_of_the_owner_is_a_canary_too() -> None:
    sentence = "You are Tilda, the helper of Harbor Tea; never name the supplier Brandt."
    assert find(f"Sure! *{sentence.upper()}*", [sentence])
    assert find(base64.b64encode(sentence.encode()).decode(), [sentence])
    assert find("You are welcome, says the helper of Harbor Tea.", [sentence]) == []


def test_every_canary_is_told_once() -> None:
    first, second = "LRC-1a2b3c4d", "LRC-9f8e7d6c"
    found = find(f"{second} {first} {first} {second[::-1]}", [first, second, "LRC-0a1b2c3d"])
    assert [(hit.canary, hit.how) for hit in found] == [(first, "as it is"), (second, "as it is")]


@settings(max_examples=200)
@given(st.text())
def test_plain_is_stable(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    "piece", ["ab1", "%25", "QUJD", "\\u0041", "0 1 ", "&amp;", "\u00e9", "%", "LRC-", "QUJD\n", "\U000e0041", "41 "]
)
def test_hostile_texts_take_time_in_proportion(piece: str) -> None:
    assert_linear(lambda text: find(text, ["LRC-1a2b3c4d", "LRC-9f8e7d6c"]), piece)


def test_plants_are_unique_and_masked() -> None:
    made = new_canaries() + new_canaries()
    assert len(set(made)) == 8
    for canary in made:
        assert re.fullmatch("LRC-[0-9a-f]{8}", canary)
        assert not find(masked(canary), [canary])
