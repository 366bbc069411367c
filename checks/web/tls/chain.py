"""tls.cert-untrusted, tls.chain-incomplete and tls.key-weak: the way from the leaf to a trusted root."""

from __future__ import annotations

from checks.catalogue import check
from checks.dns.lookup import public_web_names
from checks.errors import CannotTell
from checks.facts import Facts
from checks.finding import Verdict, failed, passed, skipped
from checks.web.tls.certificate import BadCertificate, Certificate
from checks.web.tls.every_address import at_every_address
from checks.web.tls.facts import Judgement
from checks.web.tls.trust import misordered

RSA_BITS = 2048
EC_BITS = 224


@check(
    "tls.cert-untrusted",
    title="Browsers do not trust the certificate",
    when="no path to a trusted root exists even with the intermediates found by the AIA of the leaf (self-signed, "
    "private CA, distrusted root)",
    status="fail",
    triage="now",
    risk="onboarding",
    item=("B02", "S1.3"),
    source="RFC 5280 s6",
    cost="Every visitor is warned away by a full-page browser alarm, and apps refuse to connect.",
    each=public_web_names,
    nothing="no public name has an address",
)
async def untrusted(facts: Facts, host: str) -> Verdict:
    return await at_every_address(facts, host, _untrusted)


def _untrusted(judged: Judgement, where: str) -> Verdict:
    host = judged.sent.host
    if judged.path.trusted:
        root = judged.path.certificates[-1]
        return passed(
            host, f"the certificate of {where} leads to a trusted root ({root.subject})", evidence=_path(judged)
        )
    leaf = judged.sent.leaf
    if not leaf.serves:
        said = f"the certificate of {where} is not made for web servers: its extended key usage leaves them out"
    elif leaf.self_issued:
        said = f"the certificate of {where} is self-signed: nobody but itself vouches for it"
    else:
        said = f"the certificate of {where} leads to no root that browsers trust (issued by {leaf.issuer})"
    return failed(
        host,
        said,
        evidence=(*judged.sent.evidence, f"verification: {judged.path.reason}", *judged.search),
        fix="Install a certificate of a public authority together with its intermediates, for example from Let's "
        f'Encrypt: "certbot certonly -d {host}", with fullchain.pem as the server\'s certificate file.',
    )


@check(
    "tls.chain-incomplete",
    title="The server leaves out a certificate",
    when="the server leaves out an intermediate, so that the chain as sent does not verify while the same leaf "
    "verifies with the missing one added (by its AIA, or because another host of the same sprint sent it)",
    status="fail",
    triage="now",
    risk="onboarding",
    item=("B02", "S3.2"),
    source="RFC 8446 s4.4.2",
    cost="Some visitors get in and others are refused: phones, apps, webhooks and mail services fail to connect.",
    each=public_web_names,
    nothing="no public name has an address",
)
async def incomplete(facts: Facts, host: str) -> Verdict:
    return await at_every_address(facts, host, _incomplete)


def _incomplete(judged: Judgement, where: str) -> Verdict:
    host = judged.sent.host
    if not judged.path.trusted:
        return skipped(host, "no chain leads to a trusted root: tls.cert-untrusted reports it")
    if not judged.missing:
        evidence = list(judged.sent.evidence)
        if misordered(judged.sent.certificates):
            evidence.append("sent out of order: a certificate does not sign the one before it; clients cope today")
        return passed(host, f"{where} sends a chain that verifies", evidence=evidence)
    names = ", ".join(c.subject for c in judged.missing)
    return failed(
        host,
        f"{where} does not send the intermediate certificate {names}",
        evidence=(*judged.sent.evidence, *judged.search),
        fix=f"Append the certificate of {names} to the server's certificate file after your own (with certbot: use "
        "fullchain.pem instead of cert.pem), then reload the server.",
    )


@check(
    "tls.key-weak",
    title="The certificate's cryptography is too weak",
    when="the leaf's key is RSA below 2048 bits or EC below 224 bits, or a signature in the chain (the root aside) "
    "uses MD5 or SHA-1",
    status="fail",
    triage="now",
    risk="data",
    item=("S3.2",),
    source="CA/Browser Forum baseline requirements s6.1.5",
    cost="The lock in the address bar can be forged or broken, and current browsers refuse such a certificate.",
    each=public_web_names,
    nothing="no public name has an address",
)
async def key_weak(facts: Facts, host: str) -> Verdict:
    return await at_every_address(facts, host, _key_weak)


def _key_weak(judged: Judgement, where: str) -> Verdict:
    host = judged.sent.host
    leaf = judged.sent.leaf
    try:
        kind, bits = leaf.key
    except BadCertificate as problem:
        raise CannotTell(f"the certificate of {where}: {problem}") from problem
    weak = [f"the leaf's {kind} key has {bits} bits"] if _too_short(kind, bits) else []
    weak += [
        f"the signature on {c.subject} uses {c.signature_hash.upper()}" for c in _signed(judged) if c.weakly_signed
    ]
    evidence = (*judged.sent.evidence, f"key: {kind}, {bits} bits", *weak)
    if not weak:
        return passed(host, f"the key ({kind}, {bits} bits) and the signatures are strong enough", evidence=evidence)
    return failed(
        host,
        f"the certificate of {where} is too weak: {weak[0]}",
        evidence=evidence,
        fix="Issue a new certificate for a new key of at least RSA 2048 or EC P-256, signed with SHA-256 (every public "
        f'authority does: "certbot certonly --key-type ecdsa -d {host}").',
    )


def _too_short(kind: str, bits: int) -> bool:
    return (kind == "RSA" and bits < RSA_BITS) or (kind == "EC" and bits < EC_BITS)


def _signed(judged: Judgement) -> tuple[Certificate, ...]:
    """Those whose issuer's signature counts: a root is trusted for being known, not for its signature."""
    trusted = judged.path.certificates[-1] if judged.path.trusted else None
    return tuple(c for c in judged.path.needed if c != trusted and (c == judged.sent.leaf or not c.self_issued))


def _path(judged: Judgement) -> tuple[str, ...]:
    return (*judged.sent.evidence, "path: " + " <- ".join(c.subject for c in judged.path.certificates))
