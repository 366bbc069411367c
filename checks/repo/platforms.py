"""Where a product is deployed: told from its files, its names and its answers, with the way back."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

from checks.catalogue import check
from checks.errors import NotApplicable, Untold
from checks.facts import Facts, fact
from checks.finding import Verdict, failed, passed
from checks.repo.platform_table import Platform, by_cname, by_headers, by_name, platforms
from checks.repo.project import Project, fits, is_foreign, is_test, project


@dataclass(frozen=True, slots=True)
class Deployment:
    """The platforms found, each with what showed it; the first is the likeliest."""

    platforms: tuple[Platform, ...] = ()
    evidence: tuple[str, ...] = ()
    documents: tuple[str, ...] = field(default=())
    """Files of the repository that say how to go back."""


def by_files(found: Project) -> list[tuple[Platform, str]]:
    """Platforms that a project's files show, each with the file; those at the root before those of its parts."""
    paths = [path for path in found.files if path.count("/") < 4 and not is_foreign(path) and not _is_sample(path)]
    paths.sort(key=lambda path: (path.count("/") - (path.startswith(".") and "/" in path), path))
    taken: set[str] = set()
    shown = []
    for platform in platforms():
        for path in paths:
            if path not in taken and _stands_at(path, platform.files) and platform.marks in found.read(path):
                taken.add(path)
                shown.append((platform, path))
                break
    if not shown:
        hinted = ((platform, next((p for p in paths if _stands_at(p, platform.hints)), "")) for platform in platforms())
        shown = [(platform, path) for platform, path in hinted if path]
    depth = {path: path.count("/") for _, path in shown}
    return sorted(shown, key=lambda pair: 0 if pair[1].startswith(".") else depth[pair[1]])


def _is_sample(path: str) -> bool:
    """Whether a file shows how it is done somewhere, rather than how this product is deployed."""
    folders = path.lower().split("/")[:-1]
    return is_test(path) or any(part.startswith(("example", "sample", "template", "demo", "doc")) for part in folders)


def _stands_at(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether a file stands where a pattern says, in the root or in a part of the product (apps/web/...)."""
    return any(path == p or path.endswith(f"/{p}") or ("*" in p and fits(path, (p, f"*/{p}"))) for p in patterns)


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
    return rows + [(platform, f"the site sends {header}") for platform, header in by_headers(headers.fields)]


def _can_go_back(found: tuple[Platform, ...]) -> str:
    """What can go back; where several platforms are found, that it is not told which of them has the product."""
    able = " and ".join(platform.name for platform in found if platform.rollback)
    if len(found) == 1:
        return f"{able} can go back to the previous release"
    return f"{len(found)} platforms are found ({', '.join(p.name for p in found)}): name yours; {able} can go back"


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
    shown = await deployment(facts)
    if plan.rollback.strip():
        evidence = [f"as given: {plan.rollback}", *shown.evidence]
        return passed(domain, "there is a way back from a bad release", evidence=evidence)
    if shown.documents:
        return passed(domain, "the way back is written down", evidence=[*shown.documents, *shown.evidence])
    known = [platform for platform in shown.platforms if platform.rollback]
    if known:
        ways = [line for p in known for line in (p.rollback, f"What it does not bring back: {p.keeps}")]
        if len(known) > 1:
            ways = [line for p in known for line in (f"{p.name}: {p.rollback}", f"What {p.name} keeps: {p.keeps}")]
        return passed(domain, _can_go_back(shown.platforms), evidence=[*shown.evidence, *ways])
    if plan.repo is None and not shown.platforms:
        raise NotApplicable("where the product is deployed is not known; name the platform or the repository")
    return failed(
        domain,
        "neither the platform nor the repository gives a way back from a bad release",
        evidence=shown.evidence or ["no file of a known platform, no document about going back"],
        fix="Write ROLLBACK.md with the one command that brings the previous release back (for containers: "
        "`docker compose up -d` with the previous image's tag), try it once, and name it in [deploy] rollback.",
    )
