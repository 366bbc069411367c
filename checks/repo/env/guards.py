"""Whether code that braces hold together can do without a value that it reads: what it asks first, by its words."""

from __future__ import annotations

import re
from functools import cache

_NEAR = 300
"""Characters after a question in which the code says what it does without the value."""
_STOPS = re.compile(
    r"\b(?:throw|raise|panic|exit|abort|fatal\w*|die|bail|error\w*|reject|unreachable)\b|\breturn\b[^;\n]*\berr", re.I
)
_NOTHING = r"(?:undefined|null|nil|false|None|\"\"|''|0)"
_IS_ABSENT = re.compile(
    rf"!?\s*\)*\s*(?:===?\s*{_NOTHING}|\.(?:nil|blank|empty)\?|\.isEmpty\(\)|\.isBlank\(\)|\.is_(?:err|none)\(\))"
)
_IS_PRESENT = re.compile(
    rf"!?\s*\)*\s*(?:!==?\s*{_NOTHING}|&&|"
    r"\?(?=[ \t]*[^\s.?:\]);,])|\.(?:present)\?|\.is_(?:ok|some)\(\)|\.isPresent\(\))"
)
_CONDITION = re.compile(
    r"(?:\b(?:if|elsif|elif|while|unless|not)\b[\s(!]*(?:[^;{}\n]*(?:&&|\|\||\band\b|\bor\b)[\s(!]*)?|!)"
    r"(?:Boolean\(|empty\(|isset\()?\s*$"
)
_ABSENT_BEFORE = re.compile(r"(?:!|\bunless\b|\bnot\b|\bempty\(|!\s*isset\()[\s(]*$")
_HELD = re.compile(r"([A-Za-z_$][\w$]*)\s*(?::\s*[\w<>|?. ]{1,60})?\s*:?=\s*(?:\w+\.)?(?:String\(|\()?$")
_HELD_OK = re.compile(r"([A-Za-z_]\w*)\s*,\s*([A-Za-z_]\w*)\s*:?=\s*$")


def can_do_without(code: str, start: int, end: int) -> bool | None:
    """Whether the code asks for a value and goes on without it.

    Args:
        start: where the read begins in `code`, and `end` where it ends.

    Returns:
        True where it goes on, False where it stops, None where it does not ask.
    """
    before = code[max(0, start - 120) : start].rpartition("\n")[2]
    if (asked := _asked(code, before, end)) is not None:
        return asked
    if (pair := _HELD_OK.search(before)) is not None:
        found, value = held_asked(code, pair[2], end), held_asked(code, pair[1], end)
        return next((answer for answer in (found, value) if answer is not None), True)
    if (held := _HELD.search(before)) is not None:
        return held_asked(code, held[1], end)
    return None


def _asked(code: str, before: str, end: int) -> bool | None:
    after = code[end : end + _NEAR]
    absent = _IS_ABSENT.match(after) is not None
    if not (absent or _IS_PRESENT.match(after) or _CONDITION.search(before)):
        return None
    if absent or _ABSENT_BEFORE.search(before):
        # Ruby may say what it does before it says when: raise "..." unless ENV["X"].
        said_before = re.split(r"\b(?:if|unless)\b", before)[0] if re.search(r"\b(?:if|unless)\b", before) else ""
        return not (_STOPS.search(said_before) or _STOPS.search(_block(after)))
    return True


def _block(after: str) -> str:
    """What is done where a condition holds: its block, its line, or the line after it."""
    opened = after.find("{")
    if 0 <= opened < 80:
        return after[opened:].partition("}")[0]
    return "\n".join(after.split("\n")[:2])


@cache
def _question(name: str) -> re.Pattern[str]:
    word = re.escape(name)
    return re.compile(rf"(?<![\w.$]){word}(?![\w$]|\s*:?=(?!=)|\s*[:,]\s*\w*\s*:?=)")


def held_asked(code: str, name: str, start: int) -> bool | None:
    """The same for a value that the code holds under a name of its own."""
    answer: bool | None = None
    again = re.compile(rf"(?<![\w$]){re.escape(name)}\s*:=").search(code, start)
    for place in _question(name).finditer(code, start, min(start + 4000, again.start() if again else len(code))):
        before = code[max(0, place.start() - 80) : place.start()].rpartition("\n")[2]
        if re.search(r";\s*!?\s*$", before) and re.match(r"\s*\{", code[place.end() : place.end() + 3]):
            asked: bool | None = "!" not in before[-3:] or not _STOPS.search(
                _block(code[place.end() : place.end() + _NEAR])
            )
        elif re.match(r"\s*(?:\?\?|\|\||\?:)", code[place.end() : place.end() + 8]):
            asked = True
        else:
            asked = _asked(code, before, place.end())
        if asked is False:
            return False
        answer = answer or asked
    return answer
