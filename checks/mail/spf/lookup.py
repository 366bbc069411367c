"""DNS questions of SPF: what a name's TXT records say, a character a byte."""

from __future__ import annotations

import dns.name

from checks.errors import DnsFailed
from checks.network import Answer, Network

CHAIN_LIMIT = 8


async def ask(network: Network, name: str | dns.name.Name, rdtype: str) -> Answer:
    """The answer to a question, with CNAMEs followed even where the server left that to its asker.

    Raises DnsFailed, Offline.
    """
    answer = await network.resolve(name, rdtype)
    for _ in range(CHAIN_LIMIT):
        if not answer.ok or answer.records or not answer.chain:
            break
        answer = await network.resolve(answer.owner, rdtype)
    return answer


async def settled(network: Network, name: str | dns.name.Name, rdtype: str) -> Answer:
    """As `ask`, but a server's failure is raised too: what comes back is an answer or NXDOMAIN."""
    answer = await ask(network, name, rdtype)
    if not answer.ok and not answer.nxdomain:
        raise DnsFailed(f"the question for {answer.name} {rdtype} is answered with {answer.rcode} by {answer.server}")
    return answer


def joined_texts(answer: Answer) -> tuple[str, ...]:
    """TXT records with their strings joined (RFC 7208 s3.3), so decoded that every byte is one character."""
    return tuple(b"".join(record.strings).decode("latin-1") for record in answer.records)  # type: ignore[attr-defined]
