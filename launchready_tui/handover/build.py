"""Puts the handover together from the session alone, offline."""

from __future__ import annotations

from datetime import UTC, datetime

from checks.finding import timestamp
from launchready_tui.decision import decide
from launchready_tui.handover import checklist, inventory, standing, verified
from launchready_tui.handover.document import Document, Facts, Word, clean
from launchready_tui.handover.mail import mail
from launchready_tui.handover.release import deployment
from launchready_tui.handover.words import moment
from launchready_tui.progress import Progress
from launchready_tui.session.model import Session

_VERDICTS = {"go": Word("GO", "good"), "no-go": Word("NO-GO", "bad"), "not yet": Word("NOT YET", "warn")}


def build(session: Session, now: datetime | None = None) -> Document:
    """The handover as it stands. Private notes, names of vault entries and values of secrets are never in it."""
    decision = decide(session)
    progress = Progress(session)
    now_section, later_section = standing.risks(session)
    sections = (
        standing.go_or_no_go(decision),
        now_section,
        later_section,
        standing.minimum_bar(progress),
        standing.changes(session),
        standing.measured(session),
        verified.verified(session),
        verified.forms(session),
        inventory.dns_map(session),
        inventory.redirects(session),
        inventory.subdomains(session),
        inventory.of_families(session, "tls", "TLS certificates", "tls"),
        inventory.edge(session),
        mail(session),
        inventory.environments(session),
        inventory.secrets(session),
        inventory.monitoring(session),
        inventory.drills(session),
        deployment(session),
        inventory.contacts(session),
        inventory.what_to_watch(session),
        checklist.steps(progress),
        checklist.not_tested(session),
        checklist.left_alone(),
        checklist.sign_off(session),
    )
    return Document(
        title=f"Launch handover: {clean(session.site.domain)}",
        subtitle=f"as of {moment(timestamp(now or datetime.now(UTC)))}",
        verdict=_VERDICTS[decision.word],
        verdict_text=decision.sentence,
        about=Facts(tuple((label, text) for label, text in _about(session) if text)),
        sections=sections,
    )


def _about(session: Session) -> list[tuple[str, str]]:
    sprint = session.sprint
    return [
        ("Site", clean(session.site.canonical or session.site.domain)),
        ("Client", clean(sprint.client)),
        ("Consultant", clean(sprint.consultant)),
        ("Sprint started", moment(sprint.started)),
        ("Sprint finished", moment(sprint.finished)),
        ("How it was done", checklist.way_of_working(session)),
    ]
