"""Times as people read them: in their own zone, the date only where it is another day."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(text: str) -> datetime | None:
    """RFC 3339 text as a time; None where it is none (a file can be edited by hand)."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def day_and_time(text: str, *, now: datetime | None = None) -> str:
    """ "12:04" of today, else "21 Nov 12:04"; empty where there is no time."""
    found = moment(text)
    if found is None:
        return ""
    local = found.astimezone()
    today = (now or datetime.now(UTC)).astimezone().date()
    return f"{local:%H:%M}" if local.date() == today else f"{local.day} {local:%b %H:%M}"


def duration(seconds: float) -> str:
    """ "0.8 s", "42 s", "3 min 20 s", "2 h 5 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def hours_since(text: str, *, now: datetime | None = None) -> float | None:
    """Hours from `text` until now; None where it is no time."""
    found = moment(text)
    if found is None:
        return None
    return ((now or datetime.now(UTC)) - found).total_seconds() / 3600
