"""tls.cert-expired, tls.cert-expiring and tls.cert-name: the leaf itself, whoever issued it."""

from __future__ import annotations

import functools
from datetime import timedelta

from checks.catalogue import check
from checks.dns.lookup import public_web_names
from checks.errors import CannotTell
from checks.facts import Facts
from checks.finding import Verdict, failed, passed, skipped, warned
from checks.web.tls.certificate import Certificate, now
from checks.web.tls.every_address import at_every_address
from checks.web.tls.facts import Judgement

NOTICE = timedelta(days=14)
"""Before the end of a certificate, as time to renew it by hand."""
SHORT_LIFE = timedelta(days=47)
"""Certificates that live no longer are renewed by a machine, so that less notice is due."""
SHORT_NOTICE = timedelta(days=7)

_RENEW = (
    'Renew the certificate and let the server load it ("certbot renew" and "nginx -s reload", or the renewal at '
    "your hosting platform), then see that renewal runs by itself."
)


@check(
    "tls.cert-expired",
    title="The certificate has expired",
    when="the leaf or a needed intermediate is past its end date, or not yet valid",
    status="fail",
    triage="now",
    risk="onboarding",
    item=("B02", "S1.3", "S3.2"),
    source="RFC 5280 s4.1.2.5",
    cost="Every visitor is warned away by a full-page browser alarm, and apps refuse to connect.",
    each=public_web_names,
    nothing="no public name has an address",
)
async def expired(facts: Facts, host: str) -> Verdict:
    return await at_every_address(facts, host, _expired)


def _expired(judged: Judgement, host: str) -> Verdict:
    wrong = judged.path.out_of_date
    if not wrong:
        leaf = judged.sent.leaf
        return passed(
            judged.sent.host, f"the certificate of {host} is valid until {_day(leaf)}", evidence=judged.sent.evidence
        )
    first = wrong[0]
    if first == judged.sent.leaf:
        what, fix = f"the certificate of {host}", _RENEW
    else:
        what = f"the issuer's certificate {first.subject} that {host} depends on"
        fix = "Install the issuer's current intermediate certificates beside your own, or issue the certificate anew."
    if first.not_before > now():
        said = f"{what} is not valid before {first.not_before:%Y-%m-%d %H:%M} UTC"
        fix = f"Install a certificate that is valid today, or wait until {first.not_before:%Y-%m-%d %H:%M} UTC."
    else:
        said = f"{what} ended {_span(now() - first.not_after)} ago"
    return failed(
        judged.sent.host,
        said,
        evidence=(*judged.sent.evidence, *(f"out of date: {c.describe()}" for c in wrong)),
        fix=fix,
    )


@check(
    "tls.cert-expiring",
    title="The certificate ends soon",
    when="the leaf ends within 14 days, or within 7 days where its whole life is 47 days or less",
    status="warn",
    triage="now",
    risk="onboarding",
    item=("B02", "S1.3"),
    source="CA/Browser Forum lifetimes",
    cost="Unless it is renewed in time, every visitor will meet a browser alarm from that day on.",
    each=public_web_names,
    nothing="no public name has an address",
)
async def expiring(facts: Facts, host: str) -> Verdict:
    return await at_every_address(facts, host, _expiring)


def _expiring(judged: Judgement, host: str) -> Verdict:
    shown = judged.sent
    left = shown.leaf.not_after - now()
    if left < timedelta(0):
        return skipped(shown.host, "the certificate has ended already: tls.cert-expired reports it")
    notice = SHORT_NOTICE if shown.leaf.lifetime <= SHORT_LIFE else NOTICE
    if left >= notice:
        return passed(shown.host, f"the certificate of {host} lasts another {_span(left)}", evidence=shown.evidence)
    return warned(
        shown.host,
        f"the certificate of {host} ends in {_span(left)}, on {_day(shown.leaf)}",
        evidence=shown.evidence,
        fix=_RENEW,
    )


@check(
    "tls.cert-name",
    title="The certificate is for another name",
    when="the leaf's subjectAltName does not cover the host asked for",
    status="fail",
    triage="now",
    risk="onboarding",
    item=("B02", "S1.3"),
    source="RFC 9525",
    cost="Every visitor of this address is warned away by a full-page browser alarm.",
    each=public_web_names,
    nothing="no public name has an address",
)
async def name(facts: Facts, host: str) -> Verdict:
    return await at_every_address(facts, host, functools.partial(_named, facts))


def _named(facts: Facts, judged: Judgement, where: str) -> Verdict:
    host, shown, leaf = judged.sent.host, judged.sent, judged.sent.leaf
    if leaf.unreadable:
        raise CannotTell(f"the extensions of the certificate of {where} cannot be read ({leaf.unreadable})")
    names = (*leaf.dns_names, *leaf.addresses)
    evidence = [*shown.evidence, f"its subjectAltName: {', '.join(names) or 'none'}"]
    if leaf.covers(host):
        return passed(host, f"the certificate of {where} covers {host}", evidence=evidence)
    if leaf.subject.lower() == host:
        evidence.append("the common name is this host, but browsers look at subjectAltName only")
    return failed(
        host,
        f"the certificate that {where} sends does not cover that name",
        evidence=evidence,
        fix=f"Issue a certificate whose subjectAltName lists {host}: add the name to the site at the hosting platform, "
        f'or "certbot certonly {_asked_for(facts, leaf, host)}".',
    )


def _asked_for(facts: Facts, leaf: Certificate, host: str) -> str:
    """certbot's options for `host` beside what the certificate has of this domain; wildcards need another proof."""
    own = [name for name in leaf.dns_names if facts.subject.under(name) and "*" not in name][:5]
    names = " ".join(f"-d {name}" for name in (*own, host))
    return f"--expand {names}" if own else names


def _day(leaf: Certificate) -> str:
    return f"{leaf.not_after:%Y-%m-%d}"


def _span(time: timedelta) -> str:
    """ "3 days", "1 day", "5 hours" or "less than an hour"."""
    for unit, size in (("day", timedelta(days=1)), ("hour", timedelta(hours=1))):
        if number := time // size:
            return f"{number} {unit}{'s' * (number > 1)}"
    return "less than an hour"
