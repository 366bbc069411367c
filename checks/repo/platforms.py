"""Where a product is deployed: told from its files, its names and its answers, with the way back."""

from __future__ import annotations

import asyncio
import functools
import re
import tomllib
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from checks.catalogue import check
from checks.errors import NotApplicable, Untold
from checks.facts import Facts, fact
from checks.finding import Verdict, failed, passed
from checks.repo.project import Project, fits, project


@dataclass(frozen=True, slots=True)
class Platform:
    """A hosting platform. `rollback` is empty where the platform itself knows none."""

    name: str
    files: tuple[str, ...] = ()
    cnames: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    secrets: str = ""
    rollback: str = ""
    keeps: str = ""
    """What going back does not bring back."""
    release: tuple[str, ...] = ()
    sure: bool = True
    """Whether the vendor's own pages say so."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The platforms found, each with what showed it; the first is the likeliest."""

    platforms: tuple[Platform, ...] = ()
    evidence: tuple[str, ...] = ()
    documents: tuple[str, ...] = field(default=())
    """Files of the repository that say how to go back."""


@functools.cache
def platforms() -> tuple[Platform, ...]:
    """The table of platforms."""
    data = tomllib.loads(resources.files(__package__ or "checks.repo").joinpath("platforms.toml").read_text("utf-8"))
    return tuple(_platform(row) for row in data["platform"])


def _platform(row: dict[str, Any]) -> Platform:
    typed: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Platform(**typed)


def by_files(found: Project) -> list[tuple[Platform, str]]:
    """Platforms that a project's files show, each with the file."""
    paths = [path for path in found.files if path.count("/") < 3]
    shown = []
    for platform in platforms():
        path = next((path for path in paths for pattern in platform.files if _places(path, pattern)), None)
        if path is not None:
            shown.append((platform, path))
    return shown


def _places(path: str, pattern: str) -> bool:
    return path == pattern or ("*" in pattern and fits(path, (pattern,)))


def by_name(name: str) -> Platform | None:
    """The platform that a person named, whatever the case."""
    wanted = re.sub(r"[^a-z]", "", name.lower())
    if not wanted:
        return None
    for platform in platforms():
        known = re.sub(r"[^a-z]", "", platform.name.lower())
        if wanted in known or known in wanted:
            return platform
    return None


def by_cname(target: str) -> Platform | None:
    """The platform that a CNAME leads to; whole labels only."""
    return next((p for p in platforms() if any(target == c or target.endswith(f".{c}") for c in p.cnames)), None)


_ROLLBACK_FILE = re.compile(
    r"(?:^|/)(?:rollback|roll-back|release|releasing|runbook|deploy(?:ment)?)[\w-]*\.(?:md|txt|rst|adoc)$", re.I
)
_ROLLBACK_WORD = re.compile(r"\broll(?:ing)?[ -]?back\b", re.I)


def rollback_documents(found: Project) -> list[str]:
    """Files of a project that say how to go back: a document, a heading of the README, a script or a target."""
    documents = []
    for path in found.files:
        if path.count("/") > 2:
            continue
        name = path.rpartition("/")[2].lower()
        if _ROLLBACK_FILE.search(path):
            if name.startswith("roll") or _ROLLBACK_WORD.search(found.read(path)):
                documents.append(path)
        elif name in ("readme.md", "readme.rst", "readme.txt", "contributing.md"):
            if re.search(r"^(?:#+\s*.*roll[ -]?back|.*roll[ -]?back.*\n[=~-]{3,})", found.read(path), re.I | re.M):
                documents.append(path)
        elif name in ("makefile", "justfile") and re.search(r"^rollback\b.*:", found.read(path), re.M):
            documents.append(f"{path} (rollback)")
        elif name == "package.json" and re.search(r'"[\w:-]*rollback"\s*:', found.read(path)):
            documents.append(f"{path} (rollback)")
        elif re.fullmatch(r"roll[_-]?back[\w-]*\.(?:sh|py|js|mjs|rb)", name):
            documents.append(path)
    return documents


@fact
async def deployment(facts: Facts) -> Deployment:
    """Where the product is deployed, from the user's word, the repository, DNS and the site's headers."""
    subject = facts.subject
    rows: list[tuple[Platform, str]] = []
    documents: list[str] = []
    if (named := by_name(subject.platform)) is not None:
        rows.append((named, f"named: {subject.platform}"))
    if subject.deploy.repo is not None:
        found = await project(facts)
        rows += await asyncio.to_thread(by_files, found)
        documents = await asyncio.to_thread(rollback_documents, found)
    if not rows:
        rows += await _by_network(facts)
    kept = dict.fromkeys(platform for platform, _ in rows)
    return Deployment(tuple(kept), tuple(f"{p.name}: {seen}" for p, seen in rows), tuple(documents))


async def _by_network(facts: Facts) -> list[tuple[Platform, str]]:
    """Platforms that CNAMEs and headers of the site show; nothing where the network says nothing."""
    from checks.dns.lookup import addresses
    from checks.web.pages import homepage

    rows: list[tuple[Platform, str]] = []
    for name in (facts.subject.www, facts.subject.domain):
        try:
            chain = (await addresses(facts, name)).a.chain
        except Untold:
            continue
        rows += [(p, f"{name} leads to {link.target}") for link in chain if (p := by_cname(link.target)) is not None]
    try:
        headers = (await homepage(facts)).response.headers
    except Untold:
        return rows
    for platform in platforms():
        rows += [(platform, f"the site sends {header}") for header in platform.headers if header in headers]
    return rows


@check(
    "deploy.rollback-missing",
    title="There is no way back from a bad release",
    when="neither the detected platform nor the user gives a rollback command or document",
    status="fail",
    triage="now",
    risk="downtime",
    item=("S4.5", "S7.4"),
    source="roadmap",
    cost="One bad release keeps the site broken for as long as it takes to find and mend the fault.",
)
async def rollback_missing(facts: Facts, domain: str) -> Verdict:
    plan = facts.subject.deploy
    if plan.rollback.strip():
        return passed(domain, "there is a way back from a bad release", evidence=[f"as given: {plan.rollback}"])
    shown = await deployment(facts)
    if shown.documents:
        return passed(domain, "the way back is written down", evidence=shown.documents)
    known = next((platform for platform in shown.platforms if platform.rollback), None)
    if known is not None:
        return passed(
            domain,
            f"{known.name} can go back to the previous release",
            evidence=[*shown.evidence, known.rollback, f"What it does not bring back: {known.keeps}"],
        )
    if plan.repo is None and not shown.platforms:
        raise NotApplicable("where the product is deployed is not known; name the platform or the repository")
    return failed(
        domain,
        "neither the platform nor the repository gives a way back from a bad release",
        evidence=shown.evidence or ["no file of a known platform, no document about going back"],
        fix="Write ROLLBACK.md with the one command that brings the previous release back (for containers: "
        "`docker compose up -d` with the previous image's tag), try it once, and name it in [deploy] rollback.",
    )
