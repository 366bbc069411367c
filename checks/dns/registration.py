"""The domain's registration: when it ends, whether it is on hold, and whether it can be moved away."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from urllib.parse import urljoin

from checks.catalogue import check
from checks.dns.rdap import BadAnswer, Registration, parse_bootstrap, parse_registration
from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts, fact
from checks.finding import Verdict, failed, passed, skipped, warned
from checks.network import Response

BOOTSTRAP = "https://data.iana.org/rdap/dns.json"
MAX_REDIRECTS = 3
DAY = 86400
WARN_DAYS, FAIL_DAYS = 30, 14


@fact
async def registration(facts: Facts) -> Registration:
    """Ask the registry for the registration of the domain, or of the domain above that is registered.

    Raises NotApplicable where the registry offers no RDAP, CannotTell, Offline.
    """
    labels = facts.subject.domain.split(".")
    base = facts.subject.rdap_base or await _base_of(facts, labels[-1])
    for at in range(max(1, len(labels) - 1)):
        name = ".".join(labels[at:])
        response = await _get(facts, f"{base.rstrip('/')}/domain/{name}")
        # Only the registered name is known there, and nothing says which of the names above it is; some registries
        # refuse a name with too many labels as malformed.
        if response.status in (400, 404, 422):
            continue
        if response.status == 429:
            raise CannotTell("the registry's RDAP service was asked too often from here (429): run this again later")
        if response.status != 200:
            raise CannotTell(f"the registry's RDAP service answers {response.status}")
        try:
            return parse_registration(response.body, name)
        except BadAnswer as problem:
            raise CannotTell(f"the registry's RDAP answer cannot be read: {problem}") from problem
    raise CannotTell(f"the registry's RDAP service does not know {facts.subject.domain}")


async def _base_of(facts: Facts, tld: str) -> str:
    response = await _get(facts, BOOTSTRAP)
    try:
        base = parse_bootstrap(response.body, tld) if response.status == 200 else ""
    except BadAnswer as problem:
        raise CannotTell(f"IANA's list of RDAP services cannot be read: {problem}") from problem
    if response.status != 200:
        raise CannotTell(f"IANA's list of RDAP services answers {response.status}")
    if not base:
        raise NotApplicable(f"the registry of .{tld} offers no RDAP service; look at your registrar's page instead")
    return base


async def _get(facts: Facts, url: str) -> Response:
    """GET a JSON answer, redirects followed. Raises NetworkError, CannotTell, Offline."""
    for _ in range(MAX_REDIRECTS + 1):
        response = await facts.network.http(
            "GET", url, headers={"accept": "application/rdap+json, application/json"}, verify=url.startswith("https:")
        )
        location = response.headers.get("location")
        if response.status not in (301, 302, 303, 307, 308) or not location:
            return response
        url = urljoin(url, location)
        if not url.startswith(("https:", "http:")):
            break
    raise CannotTell("the RDAP service redirects without end")


def _at_registrar(found: Registration) -> str:
    return f"At {found.registrar} (your registrar)" if found.registrar else "At your registrar"


def _said(found: Registration) -> list[str]:
    """What the registry tells of a registration, a line each."""
    told = {
        "status": ", ".join(found.statuses or ()),
        "expires": f"{found.expires:%Y-%m-%d %H:%M} UTC" if found.expires is not None else "",
        "registrar": found.registrar,
        "name servers": ", ".join(found.nameservers),
    }
    return [f"{what}: {value}" for what, value in told.items() if value]


@check(
    "dns.registration-expiring",
    title="The domain is about to be lost",
    when="RDAP gives an expiry less than 30 days away (fail under 14), or a status of redemption, pending delete or "
    "hold",
    status="fail",
    triage="now",
    risk="downtime",
    item=["S1.1"],
    source="RFC 9083, ICANN status codes",
    cost="When the registration ends, the site and all mail stop at once, and somebody else may register the name.",
)
async def registration_expiring(facts: Facts, domain: str) -> Verdict:
    found = await registration(facts)
    name = found.domain
    seen = _said(found)
    if found.ending:
        return failed(
            name,
            f"The registration of {name} is in trouble: {', '.join(found.ending)}.",
            evidence=seen,
            fix=f"{_at_registrar(found)}, ask today what is needed to restore {name}: pay what is due, or confirm the "
            "owner's mail address.",
        )
    if found.expires is None:
        return skipped(name, "the registry does not tell when the registration ends; look at your registrar's page")
    left = (found.expires - datetime.now(UTC)).total_seconds()
    if left >= WARN_DAYS * DAY:
        return passed(name, f"The registration of {name} lasts {math.floor(left / DAY)} more days.", evidence=seen)
    when = f"ends in {math.floor(left / DAY)} days" if left > 0 else "has ended"
    return (failed if left < FAIL_DAYS * DAY else warned)(
        name,
        f"The registration of {name} {when}.",
        evidence=seen,
        fix=f"{_at_registrar(found)}, renew {name} today, turn on automatic renewal, and see that the card on file is "
        "valid.",
    )


@check(
    "dns.registration-unlocked",
    title="The domain can be moved away",
    when="RDAP shows no transfer lock (client or server transfer prohibited)",
    status="warn",
    triage="later",
    risk="data",
    item=["S1.1"],
    source="RFC 9083",
    cost="Whoever gets into the registrar's account or its mailbox can take the domain, and the business with it.",
)
async def registration_unlocked(facts: Facts, domain: str) -> Verdict:
    found = await registration(facts)
    if found.statuses is None:
        return skipped(found.domain, "the registry tells no status of the registration; look at your registrar's page")
    seen = (f"status: {', '.join(found.statuses) or 'none'}",)
    if found.locked:
        return passed(found.domain, f"A transfer of {found.domain} is prohibited.", evidence=seen)
    return warned(
        found.domain,
        f"Nothing prohibits a transfer of {found.domain} to another registrar.",
        evidence=seen,
        fix=f"{_at_registrar(found)}, turn on the transfer lock (clientTransferProhibited) for {found.domain}.",
    )
