"""Where the product of a session is deployed, and whether a way back is written down: from the session alone."""

from __future__ import annotations

from checks.repo.platform_table import Platform, by_name
from launchready_tui.session.model import Session


def platforms_of(session: Session) -> tuple[Platform, ...]:
    """Where the product is deployed: as a person named it, and else as the last run saw it."""
    named = by_name(session.site.platform)
    if named is not None:
        return (named,)
    seen = (by_name(line.partition(":")[0]) for line in session.deploy.seen)
    return tuple(dict.fromkeys(platform for platform in seen if platform is not None))


def has_way_back(session: Session) -> bool:
    """Whether a way back is written down, by a person or by the platform's own row."""
    return bool(session.deploy.rollback.strip()) or any(platform.rollback for platform in platforms_of(session))
