"""The DNS map: every record of the domain that a run saw, with what it is for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import dns.rdatatype
import dns.rrset

from checks.dns.wildcard import PROBE, star
from checks.network import Answer
from checks.network.dns import text_of
from checks.text import decoded

_LEFT_OUT = frozenset({dns.rdatatype.RRSIG, dns.rdatatype.NSEC, dns.rdatatype.NSEC3, dns.rdatatype.OPT})
_BY_TYPE = {
    "NS": "name server of the zone",
    "SOA": "head of the zone",
    "MX": "where mail arrives",
    "CAA": "who may issue certificates",
    "DS": "trust in the zone's signatures",
    "DNSKEY": "key of the zone's signatures",
    "HTTPS": "how to reach the site",
}
_BY_TEXT = {
    "v=spf1": "who may send mail (SPF)",
    "v=dmarc1": "what receivers do with forged mail (DMARC)",
    "v=dkim1": "key of mail signatures (DKIM)",
    "v=stsv1": "mail must come encrypted (MTA-STS)",
    "v=tlsrptv1": "where reports on mail encryption go (TLS-RPT)",
    "v=bimi1": "logo in mailboxes (BIMI)",
}
_BY_LABEL = {"_domainkey": "key of mail signatures (DKIM)", "_acme-challenge": "proof for a certificate"}


@dataclass(frozen=True, slots=True)
class MapRow:
    """One record. Text from outside is in it as it came."""

    name: str
    type: str
    value: str
    ttl: int
    purpose: str


def dns_map(answers: Iterable[Answer], domain: str) -> tuple[MapRow, ...]:
    """Draw the map from answers such as `Network.resolved`; records outside the domain are left out.

    Of one record that was met several times the longest TTL counts. Sorted: the apex first, then by name.
    """
    rows: dict[tuple[str, str, str], MapRow] = {}
    for answer in answers:
        for rrset in answer.message.answer:
            owner = text_of(rrset.name)
            if rrset.rdtype in _LEFT_OUT or not (owner == domain or owner.endswith(f".{domain}")):
                continue
            if owner.startswith(PROBE):
                owner = star(domain)
            for row in _rows(owner, rrset, domain):
                key = (row.name, row.type, row.value)
                if key not in rows or rows[key].ttl < row.ttl:
                    rows[key] = row
    return tuple(sorted(rows.values(), key=lambda row: (row.name != domain, row.name, row.type, row.value)))


def _rows(owner: str, rrset: dns.rrset.RRset, domain: str) -> Iterable[MapRow]:
    kind = dns.rdatatype.to_text(rrset.rdtype)
    for record in rrset:
        if rrset.rdtype == dns.rdatatype.TXT:
            value = decoded(b"".join(record.strings))
        else:
            value = record.to_text()
        yield MapRow(owner, kind, value, rrset.ttl, _purpose(owner, kind, value, domain))


def _purpose(owner: str, kind: str, value: str, domain: str) -> str:
    if kind in _BY_TYPE:
        return _BY_TYPE[kind]
    for label, purpose in _BY_LABEL.items():
        if label in owner.split("."):
            return purpose
    if kind == "TXT":
        start = value.partition(";")[0].partition(" ")[0].lower()
        return _BY_TEXT.get(start, "proof of ownership for a service" if "verification" in value.lower() else "")
    if owner == domain:
        return "the site"
    if owner == f"www.{domain}":
        return "the site by its www name"
    return "any other name" if owner == star(domain) else "a subdomain"
