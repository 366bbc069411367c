"""Which names of the subject are public: the lists that the checks of every room go through."""

from __future__ import annotations

import asyncio

from checks.dns.addresses import Addresses, addresses
from checks.dns.wildcard import made_by_wildcard
from checks.errors import NetworkError
from checks.facts import Facts, fact

__all__ = ["MAIL_LABELS", "Addresses", "addresses", "public_names", "public_web_names"]

MAIL_LABELS = frozenset(
    "mail smtp imap pop pop3 mx mx1 mx2 autodiscover autoconfig mta-sts send bounce bounces".split()
)
"""First labels of names that exist for mail."""


@fact
async def public_names(facts: Facts) -> tuple[str, ...]:
    """The apex, www, and every declared subdomain that a declared wildcard does not make (catalogue: "public name")."""
    subject = facts.subject
    declared = subject.subdomains
    if subject.wildcard:
        made = await asyncio.gather(*(made_by_wildcard(facts, name) for name in declared))
        declared = tuple(name for name, by_wildcard in zip(declared, made, strict=True) if not by_wildcard)
    return tuple(dict.fromkeys((subject.domain, subject.www, *declared)))


@fact
async def public_web_names(facts: Facts) -> tuple[str, ...]:
    """Public names with an address, those that exist for mail alone aside (catalogue: "public web name").

    A name whose address cannot be asked for stays in, so that its checks say why they cannot tell.
    """
    names = await public_names(facts)
    found = await asyncio.gather(*(addresses(facts, name) for name in names), return_exceptions=True)
    kept = []
    for name, result in zip(names, found, strict=True):
        if isinstance(result, BaseException) and not isinstance(result, NetworkError):
            raise result
        for_mail = name != facts.subject.domain and name.split(".", 1)[0] in MAIL_LABELS
        if not for_mail and (isinstance(result, NetworkError) or result.all):
            kept.append(name)
    return tuple(kept)
