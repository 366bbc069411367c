"""Subdomains: those that were declared and lead nowhere, and those that exist and were not declared."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from checks.catalogue import check
from checks.dns.addresses import Addresses, addresses, same_answer
from checks.dns.alias import alias, exists_for_mail
from checks.dns.apex import https_record_addresses
from checks.dns.dns_hosts import at_dns_host
from checks.dns.lookup import public_names, public_web_names
from checks.dns.names_in_text import names_under
from checks.dns.standing import Standing, lookup, require_lookup, told
from checks.dns.wildcard import made_up
from checks.errors import CannotTell, NotApplicable, Untold
from checks.facts import Facts, fact
from checks.finding import Verdict, failed, noted, passed, skipped, warned
from checks.web.pages import homepage
from checks.web.tls.facts import sent
from checks.web.url import host

USUAL_LABELS = (
    "admin api app beta blog cdn demo dev docs files ftp help mail old panel portal preview shop staging static "
    "status store support test vpn webmail"
).split()
MOST_NAMES = 80
"""More names than these are not asked for: a page may mention any number."""

Mentions = dict[str, list[str]]
"""Names, each with where it was met."""


@dataclass(frozen=True, slots=True)
class Subdomain:
    """A name below the domain that exists by itself."""

    name: str
    met: tuple[str, ...]
    """Where: "the usual labels", "the certificate of www.example.com" ..."""
    addresses: Addresses

    @property
    def evidence(self) -> tuple[str, ...]:
        return (f"met in {', '.join(self.met)}", *self.addresses.evidence)


@dataclass(frozen=True, slots=True)
class Discovery:
    """The subdomains that were found beside the apex, www and the declared ones."""

    found: tuple[Subdomain, ...]
    """With an address."""
    dangling: tuple[Subdomain, ...]
    """CNAMEs that lead to no address."""
    unread: tuple[str, ...]
    """What could not be looked at, and why."""


@fact
async def discovery(facts: Facts) -> Discovery:
    """Look for subdomains politely: in a short list of labels and in what the site itself shows.

    Raises NotApplicable where the domain cannot be looked up, CannotTell, Offline.
    """
    await require_lookup(facts)
    made = await made_up(facts)
    mentions: Mentions = {f"{label}.{facts.subject.domain}": ["the usual labels"] for label in USUAL_LABELS}
    unread: list[str] = []
    for names, problem in await asyncio.gather(*(_read(facts, source) for source in _SOURCES)):
        for name, where in names:
            mentions.setdefault(name, []).append(where)
        unread += problem
    known = named_by_user(facts)
    wanted = [name for name in mentions if name not in known][:MOST_NAMES]
    answers = await asyncio.gather(*(_exists(facts, name) for name in wanted), return_exceptions=True)
    found: list[Subdomain] = []
    dangling: list[Subdomain] = []
    for name, answer in zip(wanted, answers, strict=True):
        if isinstance(answer, CannotTell):
            unread.append(answer.reason)
        elif isinstance(answer, BaseException):
            raise answer
        elif answer is not None and not (made and same_answer(answer, made)):
            kind = found if answer.all else dangling
            kind.append(Subdomain(name, tuple(dict.fromkeys(mentions[name])), answer))
    return Discovery(tuple(found), tuple(dangling), tuple(unread))


def named_by_user(facts: Facts) -> frozenset[str]:
    """The hosts that the user named anywhere: what they know of, they declared."""
    subject = facts.subject
    urls = (
        subject.canonical,
        subject.ai.endpoint,
        *subject.campaign_urls,
        *(route.url for route in (*subject.routes, *subject.monitor.urls)),
        *(form.page for form in subject.forms),
    )
    return frozenset((subject.domain, subject.www, *subject.subdomains, *(host(url) for url in urls)))


async def _exists(facts: Facts, name: str) -> Addresses | None:
    """The addresses of a name that has any, or is a CNAME; None where there is nothing."""
    first = await facts.network.resolve(name, "A")
    if first.nxdomain and not first.chain:
        return None
    found = await addresses(facts, name)
    return found if found.all or (found.chain and found.told) else None


@fact
async def every_name(facts: Facts) -> tuple[str, ...]:
    """The public names and every subdomain that was found, dangling ones included. Raises Offline only."""
    public = await public_names(facts)
    try:
        seen = await discovery(facts)
    except (CannotTell, NotApplicable):
        return public
    return tuple(dict.fromkeys((*public, *(one.name for one in (*seen.found, *seen.dangling)))))


# -------------------------------------------------------------------- where names are met

Source = Callable[[Facts], Awaitable[Iterable[tuple[str, str]]]]


async def _read(facts: Facts, source: Source) -> tuple[list[tuple[str, str]], list[str]]:
    """What a source mentions as (name, where), or why it could not be read."""
    try:
        return list(await source(facts)), []
    except NotApplicable:
        # No site, no mail: there is nothing to read, which other checks report.
        return [], []
    except CannotTell as problem:
        return [], [problem.reason]


async def _in_certificates(facts: Facts) -> Iterable[tuple[str, str]]:
    hosts = await public_web_names(facts)
    shown = await asyncio.gather(*(sent(facts, name) for name in hosts), return_exceptions=True)
    mentioned = []
    for name, one in zip(hosts, shown, strict=True):
        if isinstance(one, BaseException):
            if not isinstance(one, Untold):
                raise one
            continue
        under = names_under(facts.subject.domain, " ".join(one.leaf.dns_names).replace("*.", " "))
        mentioned += [(found, f"the certificate of {name}") for found in sorted(under)]
    return mentioned


async def _in_page(facts: Facts) -> Iterable[tuple[str, str]]:
    page = await homepage(facts)
    policy = " ".join(
        (
            *page.response.headers.all("content-security-policy"),
            *page.response.headers.all("content-security-policy-report-only"),
            *page.document.policies,
        )
    )
    texts = {"the homepage": page.response.text, "its content security policy": policy.replace("*.", " ")}
    domain = facts.subject.domain
    return [(name, where) for where, text in texts.items() for name in sorted(names_under(domain, text))]


async def _in_mail_records(facts: Facts) -> Iterable[tuple[str, str]]:
    domain = facts.subject.domain
    kinds = {
        "MX": (domain, "MX", ""),
        "SPF": (domain, "TXT", "v=spf1"),
        "DMARC": (f"_dmarc.{domain}", "TXT", "v=dmarc1"),
        "TLS-RPT": (f"_smtp._tls.{domain}", "TXT", "v=tlsrptv1"),
    }
    answers = await asyncio.gather(*(facts.network.resolve(name, rdtype) for name, rdtype, _ in kinds.values()))
    return [
        (name, f"the {kind} record")
        for (kind, (_, _, start)), answer in zip(kinds.items(), answers, strict=True)
        for text in answer.texts
        if text.lower().startswith(start)
        for name in sorted(names_under(domain, text.replace("%{", " ")))
    ]


_SOURCES: tuple[Source, ...] = (_in_certificates, _in_page, _in_mail_records)


# -------------------------------------------------------------------- checks


@check(
    "dns.subdomain-undeclared",
    title="A subdomain that nobody declared",
    when="a subdomain was found (common names, certificate names, zone mentions) that the user did not declare as "
    "intentional",
    status="warn",
    triage="later",
    risk="data",
    item=["B04", "S2.4"],
    source="roadmap",
    cost="A forgotten test or admin system is an open side door that nobody watches or updates.",
)
async def subdomain_undeclared(facts: Facts, domain: str) -> list[Verdict]:
    seen = await discovery(facts)
    at_host = await at_dns_host(facts)
    verdicts = [
        warned(
            one.name,
            f"{one.name} exists and was not declared.",
            evidence=one.evidence,
            fix=f"If it is meant, declare it: add {one.name} to the sprint's subdomains. "
            f"If not, shut it down and, {at_host[0].lower()}{at_host[1:]}, delete its record.",
        )
        for one in seen.found
    ]
    if seen.unread:
        verdicts.append(noted(domain, "Some places that name subdomains could not be read.", evidence=seen.unread))
    elif not seen.found:
        verdicts.append(passed(domain, f"No subdomain beside the declared ones was met under {domain}."))
    return verdicts


async def declared(facts: Facts) -> tuple[str, ...]:
    return facts.subject.subdomains


@check(
    "dns.subdomain-broken",
    title="A subdomain leads nowhere",
    when="a declared subdomain has no address",
    status="fail",
    triage="now",
    risk="onboarding",
    item=["B04", "S2.4"],
    source="roadmap",
    cost="Customers who follow a link to it see an error page.",
    each=declared,
    nothing="no subdomain was declared",
)
async def subdomain_broken(facts: Facts, name: str) -> Verdict:
    chain = await alias(facts, name)
    if chain is not None and chain.broken:
        return skipped(name, f"{name} is a CNAME that leads nowhere: dns.cname-broken or dns.takeover tells")
    found = await told(facts, name)
    if found.all or await https_record_addresses(facts, name):
        return passed(name, f"{name} has an address.", evidence=found.evidence)
    whole = await lookup(facts)
    if whole.standing is Standing.MISSING:
        return skipped(name, whole.standing.value)
    if not found.missing and await exists_for_mail(facts, name):
        return noted(name, f"{name} has no address; it exists for mail.", evidence=found.evidence)
    return failed(
        name,
        f"{name} was declared and has no address.",
        evidence=found.evidence,
        fix=f"{await at_dns_host(facts)}, publish {name} with an A, AAAA or CNAME record to where it is served; "
        "or take it off the list if it is no longer used.",
    )
