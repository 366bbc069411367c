"""An alert that another monitor sent and a person acknowledged, recorded with the times that a person tells."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from checks.finding import timestamp
from checks.subject import BadName
from launchready_tui.alerts.standing import outcome
from launchready_tui.session.model import Alert

_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?")


def recorded(
    destination: str, sent_by: str, sent: str, read: str, *, announced: bool = True, now: datetime | None = None
) -> Alert:
    """The alert as the session keeps it. Raises BadName, whose message says which time is wrong.

    Args:
        sent: when it was sent, and `read` when a person read it: "09:12", "09:12:30" (the last such time of day here),
            or with a date before it, "2026-11-24 09:12". An empty `read` says that nobody did.
    """
    now = now or datetime.now(UTC)
    began = moment(sent, now)
    alert = Alert(
        destination=destination,
        fired=timestamp(began),
        accepted=timestamp(began),
        announced=announced,
        sent_by=sent_by or "another monitor",
    )
    if not read.strip():
        alert.outcome = "unread"
        return alert
    ended = moment(read, now)
    if ended < began:
        raise BadName(f"it cannot be read ({read.strip()}) before it was sent ({sent.strip()})")
    alert.acknowledged, alert.seconds = timestamp(ended), (ended - began).total_seconds()
    alert.outcome = outcome(alert.seconds)
    return alert


def moment(text: str, now: datetime) -> datetime:
    """A time as a person writes it, in this machine's zone unless it names another. Raises BadName."""
    text = text.strip()
    clock = _CLOCK.fullmatch(text)
    try:
        if clock:
            local = now.astimezone()
            found = local.replace(hour=int(clock[1]), minute=int(clock[2]), second=int(clock[3] or 0), microsecond=0)
            found = found if found <= local else found - timedelta(days=1)
        else:
            found = datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise BadName(f"{text!r} is no time: write 09:12, or 2026-11-24 09:12") from None
    if found > now:
        raise BadName(f"{text!r} is still to come")
    return found.astimezone(UTC)
