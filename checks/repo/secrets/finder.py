"""Find credentials in one text: gates first, then each candidate read closely by its rule."""

from __future__ import annotations

import dataclasses
import re
import threading
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from checks.repo.secrets import assigned as assigned  # registers its checks
from checks.repo.secrets import layers, likely
from checks.repo.secrets import passwords as passwords
from checks.repo.secrets.blocks import ALLOW, block_before
from checks.repo.secrets.gates import Gate, Gates, open_gates
from checks.repo.secrets.hit import Match
from checks.repo.secrets.rule import ASSIGNED, LONGEST, Rule, bridge, rules
from checks.repo.secrets.structure import CHECKS, Judgement
from checks.store import Store

BEFORE = 512
"""Bytes before the end of a gate within which a match may begin."""
REACH = 2048
"""No verdict depends on a byte further than this from the match, nor beyond the line after it."""
_CONTEXT = 400
_NAME_PREFIX = 16
_NAME_REACH = 128
_ASSIGNED = re.compile(ASSIGNED.encode())
_TOO_DEEP = f"an archive lies within more than {layers.DEPTH} others; it was not read"
_SEPARATOR = b"\n\n\n"
_PADDING = re.compile(rb"A{6,}")

Window = tuple[int, int]


class Finder:
    """Finds credentials. Not shared between threads that search at the same time without need: it waits its turn."""

    def __init__(self, *, store: Store | None = None, stdlib: bool = False, brief: bool = False) -> None:
        self._rules: tuple[Rule, ...] = rules(store)
        behind: dict[tuple[Gate, bool], list[int]] = {}  # what a rule assigns to a name is read in another way
        for number, rule in enumerate(self._rules):
            for gate in rule.gates:
                behind.setdefault((gate, bool(rule.near)), []).append(number)
        self._gate = [*(gate for gate, _ in behind), *layers.GATES]
        self._rules_behind = list(behind.values())
        self._leads = [
            len(gate.literals[0]) if _leads(gate, [self._rules[rule] for rule in rules_behind]) else 0
            for (gate, _), rules_behind in behind.items()
        ]
        """Length of each gate that is what every match of the rules behind it begins with; 0 for another."""
        self._layers = len(behind)
        self._gates: Gates = open_gates(self._gate, store=store, stdlib=stdlib, brief=brief)
        self.gaps: dict[str, int] = {}
        """What was not looked at, and how often, since this was last emptied."""

    def find(self, data: bytes, windows: Sequence[Window] | None = None) -> list[Match]:
        """Return every credential of `data` once, in order.

        Args:
            windows: only these parts have changed; what is found must touch the surroundings of one.
        """
        return next(self.find_each([(data, windows)]))

    def find_each(self, texts: Sequence[tuple[bytes, Sequence[Window] | None]]) -> Iterator[list[Match]]:
        """What `find` returns for each of several texts, at the cost of a single search.

        Windows are for what is no archive. Each text's gaps are told with what is found in it.
        """
        passed = self._passed(texts)
        for number, (data, windows) in enumerate(texts):
            found = self._behind_all(passed[number], data, 0) if number in passed else []
            if windows is None and layers.is_archive(data):
                found += self._in_archive(data, 0)
            yield best(found)

    def _in_archive(self, data: bytes, depth: int) -> list[Match]:
        found: list[Match] = []
        for part in layers.unpack(data):
            if part.gap:
                self.gaps[part.gap] = self.gaps.get(part.gap, 0) + 1
            if not part.text:
                continue
            inner = self._in_text(part.text, depth + 1)
            if layers.is_archive(part.text):
                if depth < layers.DEPTH:
                    inner += self._in_archive(part.text, depth + 1)
                else:
                    self.gaps[_TOO_DEEP] = self.gaps.get(_TOO_DEEP, 0) + 1
            found += [_moved(match, 0, 0, len(data), part.layer) for match in inner]
        return found

    def _in_text(self, data: bytes, depth: int) -> list[Match]:
        return self._behind_all(self._gates.passed(data), data, depth)

    def _behind_all(self, passed: Sequence[tuple[int, int]], data: bytes, depth: int) -> list[Match]:
        """What the rules say of every place where a gate was passed."""
        found: list[Match] = []
        done: dict[int, int] = {}
        for number, end in passed:
            if number < self._layers:
                found += self._behind(number, data, end, done)
            elif depth < layers.DEPTH and end > done.get(number, -1):
                piece = layers.decoded(number - self._layers, data, end)
                done[number] = piece.end if piece.whole else max(end, piece.end - layers.OVERLAP)
                found += [
                    _decoded_at(piece, match, data)
                    for match in self._in_text(piece.text, depth + 1)
                    if piece.whole or match.end < len(piece.text)  # else the next piece has all of it
                ]
        return found

    def _behind(self, number: int, data: bytes, end: int, done: dict[int, int]) -> list[Match]:
        """What the rules behind a gate say of the place where it was passed.

        Args:
            done: where the word of each gate stood that was read last; one word passes its gate with several ends.
        """
        gate = self._gate[number]
        behind = self._rules_behind[number]
        if not self._rules[behind[0]].near:
            low = max(0, end - (self._leads[number] or BEFORE))
            read = [self._read(rule, data, low, end) for rule in behind]
        elif gate.pattern:
            at = _places(data, end, gate.literals[0])
            if not at or done.get(number) == at[0]:
                return []
            done[number] = at[0]
            read = [self._read_near(rule, data, end, at) for rule in behind]
        elif _ASSIGNED.match(data, end):
            at = [end - len(gate.literals[0])]
            read = [self._read_near(rule, data, end, at) for rule in behind if self._has_value(rule, data, end)]
        else:
            return []
        return [match for match in read if match is not None]

    def _passed(self, texts: Sequence[tuple[bytes, Sequence[Window] | None]]) -> dict[int, list[tuple[int, int]]]:
        """The gates within all windows of all texts, searched in one go: by text, each end as a place in it."""
        parts: list[bytes] = []
        starts: list[int] = []
        shifts: list[int] = []  # how much further on each part stands in its text
        firsts: list[int] = []  # number of the first part of each text
        at = 0
        for data, windows in texts:
            firsts.append(len(parts))
            for low, high in ((0, len(data)),) if windows is None else windows:
                starts.append(at)
                shifts.append(low - at)
                parts.append(data[low:high])
                at += high - low + len(_SEPARATOR)
        passed: dict[int, list[tuple[int, int]]] = {}
        for gate, end in self._gates.passed(_SEPARATOR.join(parts)):
            part = bisect_right(starts, end - 1) - 1
            passed.setdefault(bisect_right(firsts, part) - 1, []).append((gate, end + shifts[part]))
        return passed

    def _read(self, number: int, data: bytes, low: int, end: int) -> Match | None:
        """The match of one rule that begins from `low` on and includes `end`."""
        rule = self._rules[number]
        if rule.check == "private-key" and (block := block_before(data, end)):
            return self._read_block(number, rule, data, *block)
        for match in _matches(rule, data, low, end, min(len(data), end + LONGEST)):
            if match.end() >= end and (told := self._judge(number, rule, data, match.start(), match)):
                return told
        return None

    def _read_block(self, number: int, rule: Rule, data: bytes, begin: int, comment: int) -> Match | None:
        """The key of a block that is known by its last line. It reaches to the comment that allows it, if any."""
        match = rule.compiled().match(data, begin, min(len(data), begin + LONGEST))
        told = self._judge(number, rule, data, begin, match) if match else None
        return dataclasses.replace(told, end=comment, allowed=True) if told and comment else told

    def _has_value(self, number: int, data: bytes, end: int) -> bool:
        """Whether something like the rule's secret stands after a name that ends at `end`."""
        rule = self._rules[number]
        # The whole pattern takes long to compile, and in most places it would find nothing.
        return rule.inside or rule.compiled_value().search(data, end, min(len(data), end + LONGEST)) is not None

    def _read_near(self, number: int, data: bytes, end: int, places: Sequence[int]) -> Match | None:
        """The same of a rule whose secret is assigned to a name that holds a word at one of `places`."""
        rule = self._rules[number]
        high = min(len(data), end + LONGEST)
        value = rule.compiled_value()
        name = rule.compiled_near().match
        for place in places:
            for start in _just_before(place) if rule.prefixed else (place,):
                if not (named := name(data, start, high)):
                    continue
                # The way that the whole pattern tries first.
                between = bridge().match(data, named.end(), high)
                match = value.match(data, between.end(), high) if between else None
                match = match or rule.compiled().match(data, start, high)
                if match is not None and match.end() >= end:
                    return self._judge(number, rule, data, start, match)
        return None

    def _judge(self, number: int, rule: Rule, data: bytes, begin: int, match: re.Match[bytes]) -> Match | None:
        group = match.lastindex or 0
        value = match[group]
        start, end = match.span(group)
        # Where a run of A belongs to the kind, it is the rest that tells a real one from a placeholder.
        telling = _PADDING.sub(b"", value) if rule.padded else value
        low, high = footprint(data, begin, end)
        status, public = rule.status, rule.public
        if rule.check:
            # First of all: on most of what comes here, which is code, its first look suffices.
            told = CHECKS[rule.check](telling, _context(data, low, start, high, value))
            if told is Judgement.NONE:
                return None
            public = public or told is Judgement.PUBLIC
            status = "warn" if told is Judgement.WEAK else status
        if likely.entropy(telling) < rule.entropy or likely.is_placeholder(telling) or likely.is_published(value):
            return None
        line_end = data.find(b"\n", end, high)
        allowed = ALLOW.search(data, low, line_end if line_end >= 0 else high) is not None
        return Match(number, begin, start, end, value, status, public, allowed=allowed)


def _context(data: bytes, low: int, start: int, high: int, value: bytes) -> bytes:
    """The footprint, in which the value that is judged is the first of its kind.

    Where it begins within a line a byte says so, lest what stands there pass for the beginning of one.
    """
    before = data[low:start]
    if value in before:
        before = before.replace(value, b" " * len(value))
    cut = b"" if low == 0 or data[low - 1 : low] == b"\n" else b"\0"
    return cut + before + data[start:high]


def footprint(data: bytes, begin: int, end: int) -> Window:
    """The part of `data` that the verdict on a match depends on.

    It is the match, the rest of its line before it, and the line after it; of a match that goes on in a second line
    the rest of that. So it lies in three lines at most, and nowhere is it more than `_CONTEXT` bytes wider.
    """
    floor, limit = max(0, begin - _CONTEXT), min(len(data), end + _CONTEXT)
    low = max(floor, data.rfind(b"\n", floor, begin) + 1)
    high = data.find(b"\n", end, limit)
    if high >= 0 and b"\n" not in data[begin:end]:
        high = data.find(b"\n", high + 1, limit)
    return low, high if high >= 0 else limit


def _leads(gate: Gate, behind: Sequence[Rule]) -> bool:
    """Whether a literal gate begins the matches of the rules behind it, so that each match has its own."""
    if gate.pattern or len(gate.literals) != 1:
        return False
    word = gate.literals[0].encode()
    every = [[text.lower() for text in rule.beginnings] for rule in behind]
    return all(any(text.startswith(word) or word.startswith(text) for text in texts) for texts in every)


def _matches(rule: Rule, data: bytes, low: int, end: int, high: int) -> Iterator[re.Match[bytes]]:
    """Each match of a rule that begins from `low` on and before `end`, in order."""
    pattern = rule.compiled()
    if not rule.beginnings:
        at = low
        while (match := pattern.search(data, at, high)) and match.start() < end:
            yield match
            at = match.start() + 1
        return
    starts = []
    for text in rule.beginnings:
        limit = end + len(text) - 1
        at = data.find(text, low, limit)
        while at >= 0:
            starts.append(at)
            at = data.find(text, at + 1, limit)
    for at in sorted(starts):
        if match := pattern.match(data, at, high):
            yield match


def _just_before(at: int) -> range:
    """Where a name may begin that holds a word at `at`, such as "client_" before "secret"; the nearest first."""
    return range(at, max(-1, at - _NAME_PREFIX), -1)


def _places(data: bytes, end: int, word: str) -> list[int]:
    """Where a word stands not far before `end`, the nearest first."""
    low = max(0, end - _NAME_REACH)
    text, needle = data[low:end].lower(), word.encode()
    places: list[int] = []
    at = text.rfind(needle)
    while at >= 0:
        places.append(low + at)
        at = text.rfind(needle, 0, at)
    return places


def _decoded_at(piece: layers.Piece, match: Match, data: bytes) -> Match:
    """The match of a decoded text, at the place of its encoded form, whose line may allow it."""
    begin, start, end = piece.place(match.begin), piece.place(match.start), piece.place(match.end)
    low, high = footprint(data, begin, end)
    found = dataclasses.replace(match, allowed=match.allowed or ALLOW.search(data, low, high) is not None)
    return _moved(found, begin, start, end, piece.layer)


def _moved(match: Match, begin: int, start: int, end: int, layer: str) -> Match:
    name = ", ".join(filter(None, (layer, match.layer)))
    return Match(match.rule, begin, start, end, match.value, match.status, match.public, name, match.allowed)


def best(found: Sequence[Match]) -> list[Match]:
    """Of what overlaps only what the most particular rule says, in the order of the text."""
    if not found:
        return []
    every = rules()
    taken: list[tuple[int, int]] = []  # disjoint, in order
    kept: dict[tuple[int, int, bytes], Match] = {}
    decoded = {match.start for match in found if match.layer}
    # Gates with the same end come in any order: of two ways to the same find the one with the longer name is kept.
    for match in sorted(
        found, key=lambda each: (-every[each.rule].rank, each.start, -each.end, not each.public, each.begin)
    ):
        if not match.layer:
            if not every[match.rule].rank and match.start in decoded:
                continue  # the encoded form of what is told already
            at = bisect_right(taken, (match.start, match.end))
            if (at and taken[at - 1][1] > match.start) or (at < len(taken) and taken[at][0] < match.end):
                continue
            taken.insert(at, (match.start, match.end))
        kept.setdefault((match.rule, match.start, match.value), match)
    return sorted(kept.values(), key=lambda each: (each.start, each.rule))


_making = threading.Lock()
_made: list[Finder] = []


def shared(store: Store | None = None) -> Finder:
    """The finder of this process, made once however many threads ask at once.

    Args:
        store: what the first who asks lends for the compiled rules, which take a third of a second to make.
    """
    with _making:
        if not _made:
            _made.append(Finder(store=store))
        return _made[0]
