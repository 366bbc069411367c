"""Whether those whom DMARC reports are sent to agree to get them (RFC 9990 s4, RFC 7489 s7.1)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from checks.errors import CannotTell
from checks.facts import Facts
from checks.mail.asking import texts
from checks.mail.dmarc.record import DmarcRecord, begins_dmarc
from checks.mail.dmarc.tree import organizational_domain


@dataclass(frozen=True, slots=True)
class Permission:
    """What one report domain of another organisation says. `granted` is None where it could not be asked."""

    name: str
    """Where the permission stands, or would."""
    uris: tuple[str, ...]
    granted: bool | None
    texts: tuple[str, ...] = ()
    reason: str = ""
    """Why it could not be asked."""


def permission_name(domain: str, theirs: str) -> str:
    """Where `theirs` allows reports about `domain`; a wildcard *._report._dmarc.<theirs> answers here too."""
    return f"{domain}._report._dmarc.{theirs}"


async def permissions(facts: Facts, domain: str, record: DmarcRecord) -> list[Permission]:
    """Ask every report domain that lies in another organisation than `domain`, all at once.

    Args:
        domain: where the record stands.

    Raises Offline.
    """
    uris: dict[str, list[str]] = {}
    for uri in (*record.rua, *record.ruf):
        if uri.domain and uri.domain != domain:
            uris.setdefault(uri.domain, []).append(uri.text)
    found = await asyncio.gather(*(_permission(facts, domain, theirs, tuple(uris[theirs])) for theirs in uris))
    return [permission for permission in found if permission is not None]


async def _permission(facts: Facts, domain: str, theirs: str, uris: tuple[str, ...]) -> Permission | None:
    """None where both are one organisation."""
    name = permission_name(domain, theirs)
    ours, other, said = await asyncio.gather(
        organizational_domain(facts, domain),
        organizational_domain(facts, theirs),
        texts(facts, name),
        return_exceptions=True,
    )
    if isinstance(ours, str) and ours == other:
        return None
    # Where they agree, it does not matter whether they had to.
    if isinstance(said, tuple) and any(begins_dmarc(text) for text in said):
        return Permission(name, uris, True, said)
    for answer in (ours, other, said):
        if isinstance(answer, CannotTell):
            return Permission(name, uris, None, reason=answer.reason)
        if isinstance(answer, BaseException):
            raise answer
    assert isinstance(said, tuple)  # noqa: S101 - every exception was dealt with above
    return Permission(name, uris, False, said)
