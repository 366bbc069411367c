"""The alert drill: fires test alerts at a sprint's destinations, and measures until a person gives their code back."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from checks.errors import CannotTell, NotApplicable
from checks.finding import timestamp
from checks.ops.errors.burst import burst
from checks.ops.errors.envelope import Dsn, parse_dsn
from checks.ops.errors.handing import hand_over
from checks.secret import Secret
from launchready_tui.alerts.apprise_bridge import INSTALL, installed
from launchready_tui.alerts.codes import Codes, NotACode, Taken
from launchready_tui.alerts.delivery import LOOKS, Delivery
from launchready_tui.alerts.destinations import KINDS, TRACKER, Destination, find
from launchready_tui.alerts.errors import NotSent, NotTaken, Unsure, Untaken
from launchready_tui.alerts.message import Message, compose
from launchready_tui.alerts.send import delivery, send
from launchready_tui.alerts.standing import CLOSED, READ_SECONDS, give_up_waiting, outcome
from launchready_tui.session.model import Alert
from launchready_tui.watch.clock import Clock, SystemClock

if TYPE_CHECKING:
    from checks.network import Network
    from launchready_tui.sprint import Sprint
    from launchready_tui.vault import Vault

CHECKS = ("alert.undelivered", "alert.unread")
STOPPED = "it was stopped while it was sent"


class NotFired(Exception):
    """No alert was fired; the reason in a sentence, and what to do."""

    def __init__(self, reason: str, way_on: str = "") -> None:
        super().__init__(f"{reason} {way_on}".strip())
        self.reason, self.way_on = reason, way_on


@dataclass(slots=True)
class _Waiting:
    alert: Alert
    since: float
    """The clock's `elapsed` when the service took it."""
    destination: Destination | None = None
    """Where the service can tell what becomes of it; None where it cannot."""
    looks: list[float] = field(default_factory=lambda: list(LOOKS))
    """When to ask that, in seconds from `since`."""


class AlertDrill:
    """The drills of one open sprint. A code lives as long as this object; what it comes to stands in the session.

    Args:
        network: makes a network.
        vault: the credentials of the sprint's domain.
    """

    def __init__(
        self,
        sprint: Sprint,
        network: Callable[[], Network],
        vault: Callable[[], Awaitable[Vault]],
        *,
        clock: Clock | None = None,
    ) -> None:
        self._sprint, self._network, self._vault = sprint, network, vault
        self._clock = clock or SystemClock()
        self._codes = Codes()
        self._waiting: dict[str, _Waiting] = {}
        self._firing = asyncio.Lock()

    # ---------------------------------------------------------------- firing

    async def fire(self, name: str, *, announced: bool) -> str:
        """Send a test alert to the destination of this name, and say what became of it.

        Raises NotFired, BadName, VaultError and ReadOnly where none is fired.
        """
        destination = find(self._sprint.session, name)
        if destination is None or not destination.kind:
            raise NotFired(f"The app knows no way to alert {name}.", "a adds one; h records what another monitor sent.")
        self._allow(destination)
        async with self._firing:
            credential = await self._credential(destination)
            if destination.kind == TRACKER:
                dsn = self._dsn()
                return await self._fire(destination, announced, lambda network, code: self._burst(network, dsn, code))
            plan = self._sprint.subject().mail

            async def hand(network: Network, code: Secret) -> str:
                renewed: list[Secret] = []
                receipt = await send(network, destination, self._message(code), credential, plan, renewed.append)
                for secret in renewed:
                    await (await self._vault()).renew(destination.vault, secret)
                return receipt

            return await self._fire(destination, announced, hand)

    def _allow(self, destination: Destination) -> None:
        consent, word = self._sprint.session.consent, "errors" if destination.kind == TRACKER else "alerts"
        if destination.kind == "apprise" and not installed():
            raise NotFired(INSTALL)
        if not getattr(consent, word):
            what = "test errors are sent to the tracker" if word == "errors" else "test alerts are fired"
            raise NotFired(f"The owner has not agreed that {what}.", "k at the blocks writes down what they agree to.")

    async def _credential(self, destination: Destination) -> Secret | None:
        kind = KINDS.get(destination.kind)
        if kind is None:
            return None
        user = self._sprint.session.mail.smtp_user
        if kind.id == "mail" and not user:
            return None
        credential = await (await self._vault()).get(destination.vault)
        if not credential:
            raise NotFired(
                f"The vault has no credential {destination.vault} for {destination.name}.", "s at the drill sets it."
            )
        return credential

    def _dsn(self) -> Dsn:
        dsn = parse_dsn(self._sprint.subject().monitor.errors.dsn)
        if dsn is None:
            raise NotFired("The DSN of the error tracker is none.", "It reads https://KEY@HOST/PROJECT.")
        return dsn

    def _message(self, code: Secret) -> Message:
        session = self._sprint.session
        return compose(session.site.domain, session.sprint.consultant, code)

    async def _fire(
        self, destination: Destination, announced: bool, hand: Callable[[Network, Secret], Awaitable[str]]
    ) -> str:
        name = destination.name
        self._end_before(name)
        # It stands in the session before it is sent: what is fired and comes to nothing was fired.
        alert = self._keep(Alert(destination=name, fired=self._moment_of_firing(name), announced=announced))
        code, began = self._codes.issue(name), self._clock.elapsed()
        try:
            async with self._network() as network:
                receipt = await hand(network, code)
        except Unsure as problem:
            self._wait(self._keep(replace(alert, note=problem.reason)), began)
            words = f"{_sentence(problem.reason)} If somebody reads its code, type it."
        except Untaken as problem:
            self._codes.drop(name)
            refused = isinstance(problem, NotTaken)
            told = {"error": problem.reason} if refused else {"note": problem.reason}
            self._keep(replace(alert, outcome="undelivered" if refused else "unknown", **told))
            words = f"Not sent: {problem.reason}."
        except BaseException:
            self._codes.drop(name)
            self._keep(replace(alert, outcome="unknown", note=STOPPED))
            raise
        else:
            # Counted from here: until now it was the app and the service who had it.
            began = self._clock.elapsed()
            kind = KINDS.get(destination.kind)
            tells = destination if kind is not None and kind.tells else None
            self._wait(self._keep(replace(alert, accepted=self._now(), receipt=receipt)), began, tells)
            words = f"Taken for {name}. Whoever reads it tells you its code: type it here."
        await self.judge()
        return words

    async def _burst(self, network: Network, dsn: Dsn, code: Secret) -> str:
        """Send the test errors. Returns what was sent. Raises Untaken."""
        words = self._message(code).text
        events = burst(words)
        for number, event in enumerate(events):
            try:
                refusal = await hand_over(network, dsn, event)
            except (CannotTell, NotApplicable) as problem:
                if number:
                    raise Unsure(f"only {number} of {len(events)} test errors went out: {problem.reason}") from None
                raise NotSent(problem.reason) from None
            if refusal:
                raise NotTaken(f"the tracker does not take a test error: {refusal.replace(code.reveal(), '***')}")
        return f"{len(events)} events, the first {events[0].id}"

    def _wait(self, alert: Alert, since: float, tells: Destination | None = None) -> None:
        self._waiting[alert.destination] = _Waiting(alert, since, tells)

    def _end_before(self, name: str) -> None:
        """One code a channel: the alert that waits there ends."""
        before = self._waiting.pop(name, None)
        if before is not None and not before.alert.outcome:
            self._keep(_unread(before.alert, "another one was fired before its code was typed"))

    # ---------------------------------------------------------------- codes

    async def answer(self, typed: str) -> str:
        """Take the code that a person read, and say what it means."""
        if not self._codes:
            return self._nothing_waits()
        try:
            taken = self._codes.take(typed)
        except NotACode as problem:
            return str(problem)
        for channel in taken.spent:
            waiting = self._waiting.pop(str(channel))
            if not waiting.alert.outcome:
                self._keep(_unread(waiting.alert, "too many wrong codes were typed"))
        words = self._read(str(taken.channel)) if taken.channel is not None else _wrong(taken)
        await self.judge()
        return words

    def _read(self, name: str) -> str:
        waiting = self._waiting.pop(name)
        seconds = round(self._clock.elapsed() - waiting.since, 1)
        alert = waiting.alert
        ended = outcome(seconds)
        self._keep(
            replace(
                alert,
                # Whoever has its code has got it, whatever the service answered.
                accepted=alert.accepted or alert.fired,
                acknowledged=self._now(),
                seconds=seconds,
                outcome=ended,
                error="",
                note=_note(alert),
            )
        )
        took = f"{seconds / 60:.1f} minutes" if seconds >= 60 else f"{seconds:.0f} seconds"
        return f"{name}: read after {took}, {'in time' if ended == 'read' else 'too late: T3 wants 15 minutes'}."

    def _nothing_waits(self) -> str:
        lost = [alert.destination for alert in self._sprint.session.alert if alert.note == CLOSED]
        if not lost:
            return "No test alert waits for a code."
        return (
            f"The app was closed while the alert to {lost[-1]} waited. Its code was kept in memory alone, so it cannot "
            "be judged any more: fire it again, or record by hand (h) when it was read."
        )

    # ---------------------------------------------------------------- time

    def waiting(self) -> dict[tuple[str, str], float]:
        """Seconds that each alert has waited for its code, by destination and when it was fired."""
        now = self._clock.elapsed()
        return {(row.alert.destination, row.alert.fired): now - row.since for row in self._waiting.values()}

    async def run_out(self) -> None:
        """Wait for every alert that waits, and end those that do not arrive or that nobody reads in time."""
        while (left := self._next_turn()) is not None:
            await self._clock.sleep(max(0.05, left))
            await self._look_after()
            await self.settle()

    async def _look_after(self) -> None:
        """Ask the services that can tell what became of what they took; their word for "arrived" is no reading."""
        changed = False
        for row in list(self._waiting.values()):
            if row.destination is None or row.alert.outcome or self._next_look(row) > 0:
                continue
            del row.looks[0]
            told = await self._delivery(row.destination, row.alert.receipt)
            # Its code may have been typed meanwhile.
            if told.arrived is None or self._waiting.get(row.alert.destination) is not row or row.alert.outcome:
                continue
            row.looks.clear()
            news = {"receipt": f"{row.alert.receipt}, delivered"} if told.arrived else {"error": told.reason}
            row.alert = self._keep(replace(row.alert, outcome="" if told.arrived else "undelivered", **news))
            changed = True
        if changed:
            await self.judge()

    async def settle(self) -> None:
        """End the alerts whose time is up. Their codes are still taken, and tell then that they were read late."""
        over = [row for row in self._waiting.values() if not row.alert.outcome and self._left(row) <= 0]
        for row in over:
            row.alert = self._keep(_unread(row.alert, row.alert.note))
        if over:
            await self.judge()

    async def _delivery(self, destination: Destination, receipt: str) -> Delivery:
        from launchready_tui.vault import VaultError

        try:
            credential = await self._credential(destination)
        except (NotFired, VaultError):
            credential = None
        if credential is None:
            return Delivery(None)
        async with self._network() as network:
            return await delivery(network, destination, receipt, credential)

    def _next_turn(self) -> float | None:
        """Seconds until an alert ends or a service is asked; None where nothing is waited for."""
        rows = [row for row in self._waiting.values() if not row.alert.outcome]
        return min((min(self._left(row), self._next_look(row)) for row in rows), default=None)

    def _next_look(self, row: _Waiting) -> float:
        if row.destination is None or not row.looks:
            return math.inf
        return row.since + row.looks[0] - self._clock.elapsed()

    def _left(self, row: _Waiting) -> float:
        return row.since + READ_SECONDS - self._clock.elapsed()

    def close(self) -> None:
        """Forget every code: what still waits for one can never be judged."""
        for row in self._waiting.values():
            self._codes.drop(row.alert.destination)
        self._waiting.clear()
        give_up_waiting(self._sprint)

    # ---------------------------------------------------------------- what it comes to

    async def judge(self) -> None:
        """Let the two checks of the drill say at once what they say on every run."""
        from launchready_tui.live import load_checks

        if self._sprint.read_only:
            return
        await asyncio.to_thread(load_checks)
        from checks.network import Network
        from checks.runner import collect

        # They look at the session alone.
        async with Network(offline=True) as network:
            findings = await collect(self._sprint.subject(), network, only=CHECKS)
        alone = not self._sprint.running
        if alone:
            self._sprint.begin_run(CHECKS)
        for finding in findings:
            self._sprint.record(finding)
        if alone:
            self._sprint.end_run()

    def _keep(self, alert: Alert) -> Alert:
        self._sprint.put(alert)
        return alert

    def _now(self) -> str:
        return timestamp(self._clock.now())

    def _moment_of_firing(self, name: str) -> str:
        """The present second, or the next that no alert to this destination was fired in: it is the row's key."""
        taken = {alert.fired for alert in self._sprint.session.alert if alert.destination == name}
        moment = self._clock.now()
        while timestamp(moment) in taken:
            moment += timedelta(seconds=1)
        return timestamp(moment)


def _unread(alert: Alert, note: str) -> Alert:
    """Nobody gave the code back; where it was never clear that there was one to read, that is not known."""
    return replace(alert, outcome="unread" if alert.accepted else "unknown", note=note)


def _note(alert: Alert) -> str:
    """What is odd about an alert whose code was typed."""
    if alert.error:
        return f"read all the same, though {alert.error}"
    return "" if alert.accepted else "its acceptance was never confirmed: counted from firing"


def _wrong(taken: Taken) -> str:
    if taken.spent:
        return "That is not the code, and it was one try too many: the alert ends as unread. Fire it again."
    tries = "1 try is" if taken.tries_left == 1 else f"{taken.tries_left} tries are"
    return f"That is not the code of an alert that waits: {tries} left."


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
