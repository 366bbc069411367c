"""How an alert of the session stands: in time or late, and what cannot be told of it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from launchready_tui.sprint import Sprint

READ_SECONDS = 15 * 60.0
"""T3 of the roadmap: an alert is answered within 15 minutes in business hours."""
CLOSED = "the app was closed before its code was typed, and the code is kept nowhere else: fire it again"


def outcome(seconds: float) -> str:
    """ "read" or "late"."""
    return "read" if seconds <= READ_SECONDS else "late"


def give_up_waiting(sprint: Sprint) -> None:
    """End the alerts whose codes went with an earlier run of the app: how they end cannot be told any more."""
    lost = [row for row in sprint.session.alert if not (row.outcome or row.acknowledged or row.error or row.sent_by)]
    if lost and not sprint.read_only:
        sprint.put(*(replace(alert, outcome="unknown", note=CLOSED) for alert in lost))
