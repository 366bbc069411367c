"""What a person does with the Cloudflare token: see whether it is good, and let it put one record of a fix in place.

Nothing is changed without the record that stands there having been shown before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from checks.errors import CannotTell, NotApplicable, Offline
from checks.facts import Facts
from checks.network import Network
from checks.secret import Secret
from checks.subject import Subject
from checks.web.edge.cloudflare.envelope import Refused
from checks.web.edge.cloudflare.records import Applied, DnsRecord, apply_record, dns_records, replaced_by
from checks.web.edge.cloudflare.zone import SECRET, Zone, client_of, edge_settings, zone
from launchready_tui.fix_record import FixRecord
from launchready_tui.session.model import Change


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done: `before` is None where nothing stands there yet."""

    zone: Zone
    before: DnsRecord | None
    wanted: DnsRecord
    holds: bool
    """Whether it stands there already, so that nothing would be sent."""


def _facts(network: Network, token: Secret, domain: str) -> Facts:
    return Facts(Subject.of(domain), network, secrets={SECRET: token})


async def plan(network: Network, token: Secret, domain: str, record: FixRecord) -> Plan:
    """Look what putting `record` in place would change. Raises CannotTell, Offline, BadName."""
    wanted = DnsRecord(record.type, record.name, record.content)
    facts = _facts(network, token, domain)
    here, client = await zone(facts), client_of(facts)
    before, holds = await replaced_by(client, here.id, wanted)
    if before is not None:
        wanted = replace(wanted, ttl=before.ttl)
    elif wanted.type == "CNAME":
        # www goes to the domain: where the edge stands before the one, it must stand before the other.
        proxied = any(record.proxied for record in await dns_records(client, here.id, name=wanted.content))
        wanted = replace(wanted, proxied=proxied)
    return Plan(here, before, wanted, holds)


async def carry_out(network: Network, token: Secret, domain: str, agreed: Plan) -> Applied:
    """Do what was shown and agreed to. Raises CannotTell where it stands otherwise by now, Offline."""
    client = client_of(_facts(network, token, domain))
    before, _ = await replaced_by(client, agreed.zone.id, agreed.wanted)
    if before != agreed.before:
        raise CannotTell("the record at Cloudflare is another one than was shown, so nothing was changed; look again")
    return await apply_record(client, agreed.zone.id, agreed.wanted)


def change_of(applied: Applied, *, by: str, check: str) -> Change:
    """The change as the list of changes keeps it."""
    return Change(
        what=f"DNS at Cloudflare: {applied.after.name} {applied.after.type} ({check})",
        by=by,
        before=applied.before.describe() if applied.before else "no such record",
        after=applied.after.describe(),
        undo=applied.undo,
    )


@dataclass(frozen=True, slots=True)
class TokenWord:
    """What became of asking. "unasked": Cloudflare gave no answer, which proves nothing."""

    word: Literal["good", "bad", "unasked"]
    sentence: str


async def try_token(network: Network, token: Secret, domain: str) -> TokenWord:
    """Ask Cloudflare whether the token is good, and what of the zone it may read. Changes nothing."""
    facts = _facts(network, token, domain)
    try:
        told = await client_of(facts).verify()
        if not told.active:
            return TokenWord("bad", f"Cloudflare says that this token is {told.describe}: make a new one.")
        configured = await edge_settings(facts)
    except Offline:
        return TokenWord("unasked", "It can be read; Cloudflare could not be asked: there is no network.")
    except (CannotTell, NotApplicable) as problem:
        if isinstance(problem, Refused) and problem.of_the_token:
            return TokenWord("bad", f"Cloudflare does not take this token: {problem.reason}.")
        return TokenWord("unasked", f"It can be read; what Cloudflare says of it is not known: {problem.reason}.")
    ends = f" until {told.expires[:10]}" if told.expires else ""
    said = f"The token is active{ends} and reads the zone {configured.zone.name}"
    if configured.lacking:
        return TokenWord("bad", f"{said}, but not all of it. Give it, for this zone: {', '.join(configured.lacking)}.")
    if configured.unread:
        return TokenWord("good", f"{said}; not all was told: {configured.unread[0]}.")
    idle = f". The zone {configured.zone.idle}" if configured.zone.idle else ""
    return TokenWord("good", f"{said} and its settings{idle}.")
