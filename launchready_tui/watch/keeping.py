"""What a watch leaves behind: raw samples in their file, figures and incidents in the session."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from checks.finding import timestamp
from launchready_tui.session.errors import SessionError
from launchready_tui.session.model import Watch
from launchready_tui.sprint import Sprint
from launchready_tui.watch.samples import Samples
from launchready_tui.watch.schedule import Sample

SAVE_SECONDS = 30.0
"""Between two writes of one address's figures, where it went neither down nor up."""
INCIDENTS = 100
"""The latest are kept in the session; the samples tell of all."""


@dataclass(slots=True)
class _State:
    """How an address stands. A probe that ends late, after a later one, changes nothing here."""

    slot: int = -1
    ok: bool | None = None
    reason: str = ""
    incidents: list[dict[str, Any]] = field(default_factory=list)
    saved: float = float("-inf")


class Keeper:
    """Takes what the schedule reports.

    Args:
        sprint: where figures go; None where the session cannot be written.
        complain: called with a sentence when something cannot be kept, and again only when that changes.
        seconds: a clock for the pace of saving.
    """

    def __init__(
        self, samples: Samples, sprint: Sprint | None, complain: Callable[[str], None], seconds: Callable[[], float]
    ) -> None:
        self.samples, self._sprint, self._complain, self._seconds = samples, sprint, complain, seconds
        self._states: dict[str, _State] = {}
        self._said: dict[str, str] = {}

    def took(self, sample: Sample) -> None:
        """Keep a probe that was taken."""
        self.samples.add(sample)
        self._say("samples", self.samples.problem)
        state = self._state(sample.url)
        if sample.slot > state.slot:
            turned = self._enter(state, sample)
            if turned or self._seconds() - state.saved >= SAVE_SECONDS:
                self.save([sample.url])

    def missed(self, url: str, at: datetime, slots: int, reason: str) -> None:
        """Keep that probes were not taken."""
        self.samples.miss(url, timestamp(at), slots)
        self._complain(f"{url}: {slots:,} missed: {reason}")

    def save(self, urls: Iterable[str]) -> None:
        """Write the figures of addresses to the session."""
        if self._sprint is None:
            return
        rows: list[Watch] = []
        for url in urls:
            state, figures = self._state(url), self.samples.figures(url)
            state.saved = self._seconds()
            names = ("scheduled", "taken", "missed", "failed", "p50", "p95", "p99", "since", "until")
            old = self.row(url)
            rows.append(
                Watch(
                    url=url,
                    **{name: getattr(figures, name) for name in names},
                    last_ok=old.last_ok if state.ok is None and old else state.ok,
                    last_reason=state.reason,
                    incidents=list(state.incidents),
                    regions=old.regions if old else [],
                )
            )
        self.put(*rows)

    def put(self, *rows: Watch) -> None:
        """Write rows to the session, where there is one."""
        if self._sprint is None:
            return
        try:
            self._sprint.put(*rows)
        except SessionError as problem:
            self._say("session", problem.reason)
        else:
            self._say("session", self._sprint.saved.reason)

    def is_down(self, url: str) -> bool:
        """Whether the last probe of an address failed."""
        return self._state(url).ok is False

    @staticmethod
    def _enter(state: _State, sample: Sample) -> bool:
        """Bring a state up to date. Returns whether the address went down or came up."""
        ok, at = bool(sample.outcome.ok), timestamp(sample.at)
        turned = ok is not state.ok
        state.slot, state.ok, state.reason = sample.slot, ok, sample.outcome.reason
        is_open = bool(state.incidents) and not state.incidents[-1].get("end")
        if ok and is_open:
            state.incidents[-1] = state.incidents[-1] | {"end": at}
        elif not ok and not is_open:
            state.incidents = [*state.incidents, {"begin": at, "end": "", "reason": state.reason}][-INCIDENTS:]
        return turned

    def _state(self, url: str) -> _State:
        if url not in self._states:
            row = self.row(url)
            self._states[url] = _State(incidents=list(row.incidents) if row else [])
        return self._states[url]

    def row(self, url: str) -> Watch | None:
        """What the session has of an address."""
        if self._sprint is None:
            return None
        return next((row for row in self._sprint.session.watch if row.url == url), None)

    def _say(self, what: str, problem: str) -> None:
        if problem != self._said.get(what, ""):
            self._complain(f"the {what} cannot be written, the watch goes on: {problem}" if problem
                           else f"the {what} can be written again")  # fmt: skip
        self._said[what] = problem
