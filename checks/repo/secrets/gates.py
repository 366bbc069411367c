"""All rules at once over a text: hyperscan where it is installed, else literals and `re`.

A gate is a short pattern that is passed on the way to a rule; what passes is looked at closely afterwards.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
from collections.abc import Sequence
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

    def __init__(self, gates: Sequence[Gate], store: Store) -> None:
        expressions = [gate.expression.encode() for gate in gates]
        digest = hashlib.sha256(b"\0".join(expressions)).hexdigest()
        name = f"gates-{hyperscan.__version__}-{digest[:16]}"
        self._lock = threading.Lock()
        self._database: Any = None
        kept = store.get(name)
        if kept is not None:
            with contextlib.suppress(Exception):  # another machine's or a damaged one: made anew
                self._database = hyperscan.loadb(kept, hyperscan.HS_MODE_BLOCK)
                self._database.scratch = hyperscan.Scratch(self._database)
        if self._database is None:
            self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
            self._database.compile(
                expressions=expressions,
                ids=list(range(len(gates))),
                elements=len(gates),
                flags=hyperscan.HS_FLAG_DOTALL,
            )
            store.put(name, hyperscan.dumpb(self._database))

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
        self._patterns = [re.compile(gate.expression.encode(), re.DOTALL) for gate in gates]
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
            search, at = self._patterns[number].search, 0
            while match := search(text, at):
                found.append((number, match.end()))
                at = match.start() + 1
        found.sort(key=lambda each: each[1])
        return found


def open_gates(gates: Sequence[Gate], *, store: Store | None = None, stdlib: bool = False) -> Gates:
    """The fastest gates that this machine has.

    Args:
        store: keeps the compiled form, which takes a third of a second to make.
        stdlib: do without hyperscan.
    """
    if stdlib or hyperscan is None:
        return StdlibGates(gates)
    return HyperscanGates(gates, store or NoStore())
