"""What the session declares, as the subject that the checks look at."""

from __future__ import annotations

from pathlib import Path

from checks.subject import Subject
from launchready_tui.session.model import Session


def subject_of(session: Session, folder: Path | None) -> Subject:
    """Build the subject. Raises BadName."""
    site = session.site
    return Subject.of(site.domain, subdomains=site.subdomains, variants=site.variants, canonical=site.canonical)
