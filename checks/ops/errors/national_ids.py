"""The grammar of numbers by which states know people: each told by its own check digits, where it has any."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_SSN = re.compile(r"(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])")
_NINO = re.compile(r"\b(?![DFIQUV])[A-Z](?![DFIQUVO])[A-Z](?<!BG|GB|KN|NK|NT|TN|ZZ)(?: ?\d\d){3} ?[A-D]\b")
_TAX = re.compile(r"\b(?:tax|steuer|tin|idnr)[\w .:=-]{0,24}?([1-9]\d(?: ?\d{3}){3})(?!\d)", re.I)
_DNI = re.compile(r"(?<![\w-])([XYZ]?\d{7,8})-?([A-HJ-NP-TV-Z])(?![\w-])")
_FISCALE = re.compile(r"(?<!\w)[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z](?!\w)")
_CPF = re.compile(r"(?<![\d.-])\d{3}\.\d{3}\.\d{3}-\d\d(?!\d)")
_INSEE = re.compile(r"(?<!\d)[12] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d(?!\d)")
_BSN = re.compile(r"\b(?:bsn|sofi)[\w\"' .:=-]{0,16}?(\d{9})(?!\d)", re.I)
_PESEL = re.compile(r"\bpesel[\"' :=]{0,4}(\d{11})(?!\d)", re.I)
_AADHAAR = re.compile(r"\b(?:aadhaar|aadhar|uidai)[\w\"' .:=-]{0,16}?([2-9]\d{3} ?\d{4} ?\d{4})(?!\d)", re.I)

_VERHOEFF = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
"""The multiplication of the dihedral group D5 (Verhoeff 1969)."""
_TURN = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16,
         10, 22, 25, 24, 23),
        strict=True,
    )
)  # fmt: skip


def german_tax_id(digits: str) -> bool:
    """Whether an eleven-digit German tax number's check digit fits (ISO 7064, MOD 11,10)."""
    if len(digits) != 11:
        return False
    product = 10
    for digit in digits[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[10])


def spanish_id(number: str, letter: str) -> bool:
    """Whether the letter of a Spanish DNI or NIE fits (remainder by 23)."""
    plain = number.translate(str.maketrans("XYZ", "012"))
    return len(plain) == 8 and "TRWAGMYFPDXBNJZSQVHLCKE"[int(plain) % 23] == letter


def italian_code(code: str) -> bool:
    """Whether the last letter of an Italian codice fiscale fits (DM 23/12/1976)."""
    total = sum(
        _ODD[character] if place % 2 == 0 else (int(character) if character.isdigit() else ord(character) - 65)
        for place, character in enumerate(code[:15])
    )
    return chr(65 + total % 26) == code[15]


def brazilian_id(text: str) -> bool:
    """Whether both check digits of a Brazilian CPF fit (remainder by 11)."""
    digits = [int(character) for character in text if character.isdigit()]
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    for count in (9, 10):
        total = sum(digit * weight for digit, weight in zip(digits[:count], range(count + 1, 1, -1), strict=True))
        if total * 10 % 11 % 10 != digits[count]:
            return False
    return True


def french_number(text: str) -> bool:
    """Whether the key of a French NIR fits (97 less the remainder by 97)."""
    plain = text.replace(" ", "")
    number = plain[:13].replace("2A", "19").replace("2B", "18")
    return len(plain) == 15 and 97 - int(number) % 97 == int(plain[13:])


def dutch_number(digits: str) -> bool:
    """Whether a Dutch BSN passes its test by eleven."""
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return any(c != "0" for c in digits) and sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11 == 0


def polish_number(digits: str) -> bool:
    """Whether the check digit of a Polish PESEL fits."""
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
    total = sum(int(digit) * weight for digit, weight in zip(digits[:10], weights, strict=True))
    return (10 - total % 10) % 10 == int(digits[10])


def indian_number(text: str) -> bool:
    """Whether the check digit of an Indian Aadhaar number fits (Verhoeff)."""
    check = 0
    for place, character in enumerate(reversed(text.replace(" ", ""))):
        turned = int(character)
        for _ in range(place % 8):
            turned = _TURN[turned]
        check = _VERHOEFF[check][turned]
    return check == 0


_RULES: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    ("a social security number", _SSN, lambda match: True),
    ("a national insurance number", _NINO, lambda match: True),
    ("a tax number", _TAX, lambda match: german_tax_id(match[1].replace(" ", ""))),
    ("a Spanish identity number", _DNI, lambda match: spanish_id(match[1], match[2])),
    ("an Italian tax code", _FISCALE, lambda match: italian_code(match[0])),
    ("a Brazilian tax number", _CPF, lambda match: brazilian_id(match[0])),
    ("a French social security number", _INSEE, lambda match: french_number(match[0])),
    ("a Dutch citizen number", _BSN, lambda match: dutch_number(match[1])),
    ("a Polish identity number", _PESEL, lambda match: polish_number(match[1])),
    ("an Aadhaar number", _AADHAAR, lambda match: indian_number(match[1])),
)


def national_ids(line: str) -> Iterator[tuple[str, str]]:
    """The numbers of people in a line: (kind, masked form)."""
    for kind, pattern, fits in _RULES:
        for match in pattern.finditer(line):
            if fits(match):
                yield kind, f"***{match[0][-2:]}"
