"""tls.unreachable: whether a TLS connection comes about at all."""

from __future__ import annotations

from checks.catalogue import check
from checks.dns.lookup import addresses, public_web_names
from checks.errors import ConnectFailed, TlsFailed
from checks.facts import Facts
from checks.finding import Verdict, failed, passed
from checks.web.tls.facts import handshake, others, out_of_reach

_NO_CLIENT_CERTIFICATE = (
    'The server wants a certificate of the visitor: ask for none (nginx: "ssl_verify_client off;").'
)
_FIXES = {
    "WRONG_VERSION_NUMBER": "Port 443 answers, but not with TLS: let the server speak TLS there "
    '(nginx: "listen 443 ssl;"; a container platform: map 443 to the TLS port).',
    "UNRECOGNIZED_NAME": "The server knows no site of this name: add {host} to the site at the hosting platform or "
    "to the server's configuration, and let it issue a certificate.",
    "HANDSHAKE_FAILURE": "The server found no common cipher, has no certificate for this name or wants one of the "
    "visitor: add {host} to the site, let it issue a certificate, allow TLS 1.2 and 1.3 with their usual ciphers, and "
    'ask visitors for no certificate (nginx: "ssl_verify_client off;").',
    "BAD_CERTIFICATE": _NO_CLIENT_CERTIFICATE,
    "CERTIFICATE_REQUIRED": _NO_CLIENT_CERTIFICATE,
    "INTERNAL_ERROR": "The server has no certificate for this name yet: add {host} to the site at the hosting "
    "platform and wait until its certificate is issued.",
}
"""By the end of OpenSSL's name for what went wrong."""


@check(
    "tls.unreachable",
    title="No secure connection can be made",
    when="no TLS connection can be made on 443 of a public web name that has an address",
    status="fail",
    triage="now",
    risk="onboarding",
    item=("B02", "S1.3"),
    source="roadmap",
    cost="Visitors who open this address over https see a browser error instead of your site.",
    each=public_web_names,
    nothing="no public name has an address",
)
async def unreachable(facts: Facts, host: str) -> Verdict:
    try:
        shown = await handshake(facts, host)
    except (ConnectFailed, TlsFailed) as problem:
        if out_of_reach(facts, problem):
            raise
        found = await addresses(facts, host)
        return failed(
            host,
            f"no TLS connection to {host} can be made: {problem.reason}",
            evidence=(*found.evidence, problem.reason),
            fix=how_to_mend(host, problem),
        )
    beside = await others(facts, host)
    said = f"{host} answered at {shown.address} with {shown.version}, ALPN {shown.alpn or 'not negotiated'}"
    summary = f"{host} takes TLS connections"
    if beside.failed:
        summary += f" at {shown.address}, but not at every address"
    return passed(host, summary, evidence=(said, *beside.evidence))


def how_to_mend(host: str, problem: ConnectFailed | TlsFailed) -> str:
    """The fix for a connection to `host`:443 that fails for this reason."""
    if isinstance(problem, ConnectFailed):
        return (
            f"Let a web server listen on port 443 at {problem.address}, and let the firewall pass TCP 443 from "
            f"everywhere; or point {host} to the address where the site is."
        )
    for ending, fix in _FIXES.items():
        if problem.alert.endswith(ending):
            return fix.format(host=host)
    return (
        f'Look why the server breaks the handshake off ("openssl s_client -connect {host}:443 -servername {host}"): '
        "usually the certificate or its key is not set up for this name."
    )
