"""What an exchanger's certificate would be to a sender that verifies it."""

from __future__ import annotations

from checks.network import Handshake
from checks.web.tls.certificate import BadCertificate, read_certificate
from checks.web.tls.trust import trust_store


def told(handshake: Handshake) -> str:
    """One line of evidence."""
    if not handshake.chain:
        return "no certificate was shown (anonymous TLS)"
    try:
        return f"certificate: {read_certificate(handshake.chain[0]).describe()}"
    except BadCertificate as problem:
        return f"certificate: {problem}"


def faults(handshake: Handshake, host: str, ca_file: str | None) -> list[str]:
    """Why a sender that verifies would refuse the certificate, a sentence's half each; none where it would not."""
    try:
        leaf, *others = [read_certificate(der) for der in handshake.chain]
    except BadCertificate:
        return ["it cannot be read"]
    except ValueError:
        return ["none is shown"]
    found = []
    if not leaf.covers(host):
        found.append(f"it is made out to {', '.join(leaf.dns_names[:3]) or leaf.subject} and not to {host}")
    path = trust_store(ca_file).path(leaf, others)
    if not path.trusted:
        found.append(f"no trusted authority vouches for it ({path.reason})")
    found += [f"{late.subject} is out of date" for late in path.out_of_date]
    return found
