"""Starts a sprint from a person's answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from checks.subject import Subject, host_name
from launchready_tui.declared import url
from launchready_tui.session.model import Site
from launchready_tui.sprint import Sprint


def start(path: Path, answers: Mapping[str, str], *, holder: str = "") -> Sprint:
    """Start a sprint in a new file.

    Args:
        answers: by question: domain (required), canonical, subdomains, senders, consultant, client.

    Raises BadName with the answer that cannot be, AlreadyThere, NotSaved, Held.
    """
    domain = host_name(answers["domain"])
    canonical = answers.get("canonical", "").strip()
    names = listed(answers.get("subdomains", ""))
    subject = Subject.of(domain, subdomains=names)
    site = Site(domain=domain, canonical=url(canonical) if canonical else "", subdomains=list(subject.subdomains))
    sprint = Sprint.new(
        path,
        site,
        holder=holder,
        consultant=answers.get("consultant", "").strip(),
        client=answers.get("client", "").strip(),
    )
    senders = listed(answers.get("senders", ""), spaces=False)
    if senders:
        sprint.edit("mail", senders=senders)
    return sprint


def listed(text: str, *, spaces: bool = True) -> list[str]:
    """The entries of a list as people type it: parted by commas or semicolons, and by spaces where `spaces`."""
    parts = re.split(r"[,;\s]+" if spaces else r"[,;\n]+", text)
    return [part.strip() for part in parts if part.strip()]
