"""All rules at once over a text: hyperscan where it is installed, else literals and `re`.

A gate is a short pattern that is passed on the way to a rule; what passes is looked at closely afterwards.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from checks.store import NoStore, Store

hyperscan: Any
try:
    import hyperscan
except ImportError:  # no wheel for this machine
    hyperscan = None


@dataclass(frozen=True, slots=True)
class Gate:
    pattern: str
    """Read by hyperscan and by `re`; `.` matches any byte. Empty: the literals alone, in any case of letters."""
    literals: tuple[str, ...] = ()
    """Lower case; one of them is in every match. None: the pattern itself is searched for."""

    @property
    def expression(self) -> str:
        return self.pattern or f"(?i:{'|'.join(map(re.escape, self.literals))})"


class Gates(Protocol):
    def passed(self, text: bytes) -> list[tuple[int, int]]:
        """Number of the gate and end of its match, for every match, in the order of the ends."""
        ...


class HyperscanGates:
    """Every gate in one pass of the text."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._lock = threading.Lock()

    def passed(self, text: bytes) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []

        def note(gate: int, _start: int, end: int, _flags: int, _context: object) -> None:
            found.append((gate, end))

        with self._lock:
            self._database.scan(text, match_event_handler=note)
        return found


class StdlibGates:
    """The same by `bytes.find` for the literals and `re` where one is found: some six times slower."""

    def __init__(self, gates: Sequence[Gate]) -> None:
        self._gates = gates
        self._patterns: dict[int, re.Pattern[bytes]] = {}
        """Those that were wanted so far: to compile all takes longer than most small texts."""
        self._always = [number for number, gate in enumerate(gates) if not gate.literals]
        self._by_literal: dict[bytes, list[int]] = {}
        for number, gate in enumerate(gates):
            for literal in gate.literals:
                self._by_literal.setdefault(literal.encode(), []).append(number)

    def passed(self, text: bytes) -> list[tuple[int, int]]:
        low = text.lower()
        wanted = set(self._always)
        for literal, numbers in self._by_literal.items():
            if literal in low:
                wanted.update(numbers)
        found = []
        for number in wanted:
            search, at = self._pattern(number).search, 0
            while match := search(text, at):
                found.append((number, match.end()))
                at = match.start() + 1
        found.sort(key=lambda each: each[1])
        return found

    def _pattern(self, number: int) -> re.Pattern[bytes]:
        if number not in self._patterns:
            self._patterns[number] = re.compile(self._gates[number].expression.encode(), re.DOTALL)
        return self._patterns[number]


BRIEF = 256 << 10
"""Bytes of text at which to do without hyperscan has taken half as long as to compile its database would."""


class PutOffGates:
    """Does without hyperscan until there is more text than a database takes to compile."""

    def __init__(self, gates: Gates, make: Callable[[], Gates]) -> None:
        self._gates, self._make = gates, make
        self._left = BRIEF

    def passed(self, text: bytes) -> list[tuple[int, int]]:
        if self._left >= 0:
            self._left -= len(text)
            if self._left < 0:
                self._gates = self._make()
        return self._gates.passed(text)


def open_gates(
    gates: Sequence[Gate], *, store: Store | None = None, stdlib: bool = False, brief: bool = False
) -> Gates:
    """The fastest gates that this machine has.

    Args:
        store: keeps the compiled form, which takes half a second to make.
        stdlib: do without hyperscan.
        brief: there seems to be little to look at: compile nothing before it proves to be more.
    """
    if stdlib or hyperscan is None:
        return StdlibGates(gates)
    store = store or NoStore()
    expressions = [gate.expression.encode() for gate in gates]
    digest = hashlib.sha256(b"\0".join(expressions)).hexdigest()
    name = f"gates-{hyperscan.__version__}-{digest[:16]}"
    database = _kept(store.get(name))
    if database is not None:
        return HyperscanGates(database)

    def make() -> Gates:
        database = _compiled(expressions)
        store.put(name, hyperscan.dumpb(database))
        return HyperscanGates(database)

    return PutOffGates(StdlibGates(gates), make) if brief else make()


def _kept(form: bytes | None) -> Any:
    """The database that was kept in this form; None where it is damaged or another machine's."""
    if form is None:
        return None
    try:
        database = hyperscan.loadb(form, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
    except Exception:  # the library tells every fault by a class of its own
        return None
    return database


def _compiled(expressions: Sequence[bytes]) -> Any:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=expressions,
        ids=list(range(len(expressions))),
        elements=len(expressions),
        flags=hyperscan.HS_FLAG_DOTALL,
    )
    return database
