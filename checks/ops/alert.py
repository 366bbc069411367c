"""Fired test alerts, judged: whether they were handed over, and whether a person read them in time."""

from __future__ import annotations

from datetime import UTC, datetime

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, errored, failed, passed, skipped
from checks.subject import Drill

READ_SECONDS = 15 * 60.0
NO_DRILL = "no test alert was fired yet; fire one, and write down when it was taken and when a person read it"


async def destinations(facts: Facts) -> list[str]:
    """Where test alerts were fired to."""
    return list(dict.fromkeys(drill.destination for drill in facts.subject.monitor.drills))


def _last(facts: Facts, destination: str) -> Drill:
    """The latest drill at a destination."""
    rows = [drill for drill in facts.subject.monitor.drills if drill.destination == destination]
    return max(rows, key=lambda drill: drill.fired)


def _left(drill: Drill) -> float:
    """Seconds until an alert that was taken counts as unread; none where its time cannot be read."""
    try:
        taken = datetime.fromisoformat(drill.accepted)
    except ValueError:
        return 0.0
    # A clock that was set back meanwhile makes nobody wait longer than that.
    return min(READ_SECONDS, READ_SECONDS - (datetime.now(UTC) - taken.astimezone(UTC)).total_seconds())


@check(
    "alert.undelivered",
    title="An alert cannot reach its destination",
    when="a test alert could not be handed to its destination",
    status="fail",
    triage="now",
    risk="downtime",
    item=("S6.2", "B11"),
    source="roadmap",
    cost="When the site goes down, nobody is told.",
    each=destinations,
    nothing=NO_DRILL,
)
async def undelivered(facts: Facts, destination: str) -> Verdict:
    drill = _last(facts, destination)
    if drill.error:
        return failed(
            destination,
            f"the test alert {'did not arrive' if drill.accepted else 'was not taken'}: {drill.error}",
            evidence=[f"fired {drill.fired}", *([f"taken {drill.accepted}"] if drill.accepted else []), drill.error],
            fix="Renew this destination's address or credential in the vault, and fire the drill again.",
        )
    if not drill.accepted:
        why = f": {drill.note}" if drill.note else ""
        return errored(destination, f"the drill was fired, and whether it was taken is not known{why}")
    receipt = [f"the service's own word for it: {drill.receipt}"] if drill.receipt else []
    seen = [f"fired {drill.fired}, taken {drill.accepted}", *receipt]
    return passed(destination, "the test alert was taken", evidence=seen)


@check(
    "alert.unread",
    title="Nobody read the test alert in time",
    when="nobody gave back the code that the test alert carried within 15 minutes",
    status="fail",
    triage="now",
    risk="downtime",
    item=("S6.2", "T3"),
    source="roadmap",
    cost="An outage goes on until somebody happens to look.",
    each=destinations,
    nothing=NO_DRILL,
)
async def unread(facts: Facts, destination: str) -> Verdict:
    drill = _last(facts, destination)
    if drill.error or not drill.accepted:
        return skipped(destination, "the alert did not arrive, so nobody could read it: alert.undelivered tells")
    seen = [f"taken {drill.accepted}", f"read {drill.acknowledged or 'never'}"]
    if drill.acknowledged and drill.seconds is None:
        return errored(destination, "it was read, and how long that took was not measured", evidence=seen)
    if drill.acknowledged and drill.seconds is not None and drill.seconds <= READ_SECONDS:
        return passed(destination, f"read after {drill.seconds / 60:.1f} minutes", evidence=seen)
    if drill.outcome == "unknown":
        return errored(destination, f"whether it was read is not known: {drill.note}", evidence=seen)
    if not drill.acknowledged and drill.outcome != "unread" and (left := _left(drill)) > 0:
        return skipped(destination, f"waiting for its code for {left / 60:.0f} more minutes", evidence=seen)
    return failed(
        destination,
        f"read only after {drill.seconds / 60:.1f} minutes" if drill.seconds else "the code was not given back",
        evidence=seen,
        fix="Send alerts to a phone that somebody carries, name a second person, and fire the drill again.",
    )
