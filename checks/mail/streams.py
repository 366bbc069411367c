"""Whether transactional and marketing mail keep apart."""

from __future__ import annotations

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, passed, skipped, warned
from checks.subject import Stream


def identity(stream: Stream, domain: str) -> tuple[str, str]:
    """From domain and selector of a stream; an undeclared From domain is the site's."""
    selector = stream.selector.strip().lower().partition("._domainkey")[0]
    return stream.from_domain.strip().rstrip(".").lower() or domain, selector


@check(
    "mail.streams-mixed",
    title="Newsletters can drag password resets into spam",
    when="transactional and marketing mail are both declared and share one From domain and one selector",
    status="warn",
    triage="later",
    risk="mail",
    item=("S5.4",),
    source="roadmap",
    cost="Complaints about a newsletter lower the reputation that receipts and password resets depend on.",
)
async def streams_mixed(facts: Facts, domain: str) -> Verdict | list[Verdict]:
    streams = facts.subject.mail.streams
    kinds = {kind: [s for s in streams if s.kind.strip().lower() == kind] for kind in ("transactional", "marketing")}
    if not all(kinds.values()):
        return skipped(domain, "transactional and marketing mail are not both declared")
    sets = {kind: {identity(stream, domain) for stream in found} for kind, found in kinds.items()}
    shared = sorted(pair for pair in sets["transactional"] & sets["marketing"] if pair[1])
    if shared:
        return [_mixed(name, selector, streams, domain) for name, selector in shared]
    domains = [{name for name, _ in found} for found in sets.values()]
    nameless = any(not selector for found in sets.values() for _, selector in found)
    if nameless and domains[0] & domains[1]:
        return skipped(domain, "both kinds share a From domain; declare the selector of each to tell whether they mix")
    return passed(domain, "transactional and marketing mail keep apart")


def _mixed(name: str, selector: str, streams: tuple[Stream, ...], domain: str) -> Verdict:
    seen = [
        f"{s.kind}: From {name}, selector {selector}" + (f", by {s.service}" if s.service else "")
        for s in streams
        if identity(s, domain) == (name, selector)
    ]
    return warned(
        name,
        f"transactional and marketing mail both go out as {name} with the selector {selector}",
        evidence=seen,
        fix=f"Send marketing from a name of its own, such as news.{name}, with its own DKIM selector and return path.",
    )
