"""Find credentials in one text: gates first, then each candidate read closely by its rule."""

from __future__ import annotations

import functools
import re
from bisect import bisect_right
from collections.abc import Sequence

from checks.repo.secrets import assigned as assigned  # registers its checks
from checks.repo.secrets import layers, likely
from checks.repo.secrets.gates import Gate, Gates, Store, open_gates
from checks.repo.secrets.hit import Match
from checks.repo.secrets.rule import ASSIGNED, LONGEST, Rule, rules, version
from checks.repo.secrets.structure import CHECKS, Judgement

BEFORE = 512
"""Bytes before the end of a gate within which a match may begin."""
REACH = 2048
"""No verdict depends on a byte further than this from the match, nor beyond the line after it."""
_CONTEXT = 200
_NAME_PREFIX = 16
_NAME_REACH = 128
_ASSIGNED = re.compile(ASSIGNED.encode())
ALLOW = re.compile(rb"(?i)launchready:\s?allow")
_SEPARATOR = b"\n\n\n"

Window = tuple[int, int]


class Finder:
    """Finds credentials. Not shared between threads that search at the same time without need: it waits its turn."""

    def __init__(self, *, store: Store | None = None, stdlib: bool = False) -> None:
        self._rules: tuple[Rule, ...] = rules()
        behind: dict[Gate, list[int]] = {}
        for number, rule in enumerate(self._rules):
            for gate in rule.gates:
                behind.setdefault(gate, []).append(number)
        self._gate = [*behind, *layers.GATES]
        self._rules_behind = list(behind.values())
        self._layers = len(behind)
        self._gates: Gates = open_gates(self._gate, version(), store=store, stdlib=stdlib)
        self.gaps: dict[str, int] = {}
        """What was not looked at, and how often, since this was last emptied."""

    def find(self, data: bytes, windows: Sequence[Window] | None = None) -> list[Match]:
        """Return every credential of `data` once, in order.

        Args:
            windows: only these parts have changed; what is found must touch the surroundings of one.
        """
        found = self._in_text(data, windows, 0)
        if layers.is_archive(data):
            found += self._in_archive(data, 0)
        return _best(found, self._rules)

    def _in_archive(self, data: bytes, depth: int) -> list[Match]:
        found: list[Match] = []
        for part in layers.unpack(data):
            if part.gap:
                self.gaps[part.gap] = self.gaps.get(part.gap, 0) + 1
            if not part.text:
                continue
            inner = self._in_text(part.text, None, depth + 1)
            if layers.is_archive(part.text) and depth < layers.DEPTH:
                inner += self._in_archive(part.text, depth + 1)
            found += [_moved(match, 0, len(data), part.layer) for match in inner]
        return found

    def _in_text(self, data: bytes, windows: Sequence[Window] | None, depth: int) -> list[Match]:
        passed = self._gates.passed(data) if windows is None else self._passed(data, windows)
        found: list[Match] = []
        done: dict[int, int] = {}
        for number, end in passed:
            if end <= done.get(number, -1):
                continue
            if number < self._layers:
                found += self._behind(number, data, end)
            elif depth < layers.DEPTH:
                piece = layers.decoded(number - self._layers, data, end)
                done[number] = max(end, piece.end - layers.OVERLAP)
                inner = self._in_text(piece.text, None, depth + 1)
                found += [_moved(match, piece.start, piece.end, piece.layer) for match in inner]
        return found

    def _behind(self, number: int, data: bytes, end: int) -> list[Match]:
        """What the rules behind a gate say of the place where it was passed."""
        gate = self._gate[number]
        if not self._rules[self._rules_behind[number][0]].near:
            starts: Sequence[int] | None = None
        elif gate.pattern:
            starts = _named_before(data, end, gate.literals[0])
        elif _ASSIGNED.match(data, end):
            starts = _just_before(end - len(gate.literals[0]))
        else:
            return []
        read = (self._read(rule, data, end, starts) for rule in self._rules_behind[number])
        return [match for match in read if match is not None]

    def _passed(self, data: bytes, windows: Sequence[Window]) -> list[tuple[int, int]]:
        """The gates within the windows, which are looked at in one go, each end as a place in `data`."""
        starts, shifts, at = [], [], 0
        parts = []
        for low, high in windows:
            starts.append(at)
            shifts.append(low - at)
            parts.append(data[low:high])
            at += high - low + len(_SEPARATOR)
        passed = self._gates.passed(_SEPARATOR.join(parts))
        return [(gate, end + shifts[bisect_right(starts, end - 1) - 1]) for gate, end in passed]

    def _read(self, number: int, data: bytes, end: int, starts: Sequence[int] | None) -> Match | None:
        """The match of one rule that includes `end`, beginning at one of `starts` where they are known."""
        rule = self._rules[number]
        high = min(len(data), end + LONGEST)
        if starts is not None:
            matches = (rule.compiled().match(data, start, high) for start in starts)
            match = next((each for each in matches if each is not None and each.end() >= end), None)
            return self._judge(number, rule, data, match) if match else None
        at = max(0, end - BEFORE)
        search = rule.compiled().search
        while (match := search(data, at, high)) and match.start() < end:
            if match.end() >= end and (told := self._judge(number, rule, data, match)):
                return told
            at = match.start() + 1
        return None

    def _judge(self, number: int, rule: Rule, data: bytes, match: re.Match[bytes]) -> Match | None:
        group = match.lastindex or 0
        value = match[group]
        start, end = match.span(group)
        if likely.entropy(value) < rule.entropy or likely.is_placeholder(value) or likely.is_published(value):
            return None
        context = _surroundings(data, match.start(), end)
        status, public = rule.status, rule.public
        if rule.check:
            told = CHECKS[rule.check](value, context)
            if told is Judgement.NONE:
                return None
            public = public or told is Judgement.PUBLIC
            status = "warn" if told is Judgement.WEAK else status
        line = data[_line_start(data, start) : _line_end(data, end)]
        return Match(number, start, end, value, status, public, allowed=ALLOW.search(line) is not None)


def _just_before(at: int) -> range:
    """Where a name may begin that holds a word at `at`, such as "client_" before "secret"; the nearest first."""
    return range(at, max(-1, at - _NAME_PREFIX), -1)


def _named_before(data: bytes, end: int, word: str) -> list[int]:
    """The same for every place of the word not far before `end`."""
    low = max(0, end - _NAME_REACH)
    text, needle = data[low:end].lower(), word.encode()
    starts: list[int] = []
    at = text.rfind(needle)
    while at >= 0:
        starts += _just_before(low + at)
        at = text.rfind(needle, 0, at)
    return starts


def _line_start(data: bytes, at: int) -> int:
    return max(data.rfind(b"\n", max(0, at - BEFORE), at) + 1, at - BEFORE, 0)


def _line_end(data: bytes, at: int) -> int:
    found = data.find(b"\n", at, at + BEFORE)
    return found if found >= 0 else min(len(data), at + BEFORE)


def _surroundings(data: bytes, start: int, end: int) -> bytes:
    """The rest of the line before a match, and after it up to the end of the next line, not too far."""
    low = max(_line_start(data, start), start - _CONTEXT)
    high = min(_line_end(data, _line_end(data, end) + 1), end + _CONTEXT)
    return data[low:high]


def _moved(match: Match, start: int, end: int, layer: str) -> Match:
    """The same match, at the place of its encoded form."""
    name = f"{layer}, {match.layer}" if match.layer else layer
    return Match(match.rule, start, end, match.value, match.status, match.public, name, match.allowed)


def _best(found: list[Match], every: Sequence[Rule]) -> list[Match]:
    """Of what overlaps, only what the most particular rule says; a decoded secret may be there many times."""
    if len(found) < 2:
        return found
    kept: list[Match] = []
    taken: list[tuple[int, int]] = []
    seen: set[tuple[int, bytes]] = set()
    for match in sorted(found, key=lambda each: (-every[each.rule].rank, each.start, -each.end)):
        if match.layer:
            if (match.rule, match.value) not in seen:
                kept.append(match)
        elif not any(low < match.end and match.start < high for low, high in taken):
            kept.append(match)
            taken.append((match.start, match.end))
        seen.add((match.rule, match.value))
    return sorted(kept, key=lambda each: (each.start, each.rule))


@functools.cache
def shared() -> Finder:
    """The finder of this process, made once."""
    return Finder()
