"""The checks of the mail exchangers."""

from __future__ import annotations

import asyncio

from checks.catalogue import check
from checks.errors import CannotTell, DnsFailed, NetworkError
from checks.facts import Facts
from checks.finding import Triage, Verdict, errored, failed, passed, skipped, warned
from checks.mail.asking import tried as asked
from checks.mail.mta_sts import mta_sts
from checks.mail.mx.certificate import faults, told
from checks.mail.mx.conversation import KNOWN_GOOD, Conversation, conversation, port_25_is_open, reverse_names
from checks.mail.mx.exchangers import Exchanger, Exchangers, exchanger_hosts, exchangers
from checks.network import Answer, is_address

NO_MX = "the domain has no MX record; mx.missing tells"
NOT_DELIVERED = "Gmail, Outlook and others that honour MTA-STS do not deliver mail to this server."
NULL_MX = "the domain says that it receives no mail (null MX)"


@check(
    "mx.missing",
    title="Mail to the domain does not arrive",
    when="the domain has no MX, or a null MX, while the user says that it receives mail",
    status="fail",
    triage="now",
    risk="mail",
    item=("S1.6", "S5.D1"),
    source="RFC 5321 s5, RFC 7505",
    cost="Nobody can write to you: replies, invoices and sign-up confirmations bounce or get lost.",
)
async def mx_missing(facts: Facts, domain: str) -> Verdict:
    found = await exchangers(facts)
    if found.real:
        return passed(domain, f"{len(found.real)} mail exchanger(s)", evidence=found.evidence)
    if not facts.subject.receives_mail:
        return passed(domain, "no mail exchanger, and none is wanted", evidence=found.evidence)
    said = "says that it receives no mail (null MX)" if found.has_null else "has no MX record"
    return failed(
        domain,
        f"{domain} {said}",
        evidence=[*found.evidence, *(() if found.has_null else await _implicit(facts, domain))],
        fix=f"Publish the MX records that your mailbox provider shows, for example for Google Workspace:"
        f" {domain} MX 1 smtp.google.com.",
    )


async def _implicit(facts: Facts, domain: str) -> list[str]:
    """Where senders try without an MX: the domain's own addresses (RFC 5321 s5.1)."""
    answers = await asyncio.gather(asked(facts, domain, "A"), asked(facts, domain, "AAAA"))
    addresses = [text for answer in answers if isinstance(answer, Answer) for text in answer.texts]
    where = ", ".join(addresses)
    return [f"without it senders try port 25 of the web site's own address, {where}"] if where else []


@check(
    "mx.target",
    title="An MX record leads nowhere",
    when="an MX names an IP address, a CNAME, or a name without address; or a null MX stands beside others",
    status="fail",
    triage="now",
    risk="mail",
    item=("S5.D1",),
    source="RFC 5321 s5.1, RFC 2181 s10.3, RFC 7505",
    cost="Some senders cannot deliver to you, and their mail bounces or is late.",
)
async def mx_target(facts: Facts, domain: str) -> Verdict | list[Verdict]:
    found = await exchangers(facts)
    if not found.real:
        return skipped(domain, NULL_MX if found.has_null else NO_MX)
    verdicts = [_target(domain, mx) for mx in found.real]
    if found.has_null:
        verdicts.append(
            failed(
                domain,
                "a null MX, which means no mail at all, stands beside other exchangers",
                evidence=found.evidence,
                fix=f"Delete {domain} MX 0 .",
            )
        )
    return verdicts


def _target(domain: str, mx: Exchanger) -> Verdict:
    seen = [mx.describe]
    if mx.is_address:
        return failed(
            mx.host,
            f"the MX names the IP address {mx.host} where a host name must stand",
            evidence=seen,
            fix=f"Give the server a name with an A record and publish it: {domain} MX {mx.preference} mail.{domain}.",
        )
    delete = f"delete {domain} MX {mx.preference} {mx.host}."
    if mx.alias:
        lost = not mx.addresses and mx.problem is None
        itself = f"Name the host itself: {domain} MX {mx.preference} {mx.alias}."
        return failed(
            mx.host,
            f"the MX names {mx.host}, which is a CNAME" + (" that leads nowhere" if lost else ""),
            evidence=seen,
            fix=f"Name a host that has an address, or {delete}" if lost else itself,
        )
    if mx.problem:
        return errored(mx.host, f"could not check: {mx.problem.reason}", evidence=seen)
    if not mx.addresses:
        return failed(
            mx.host,
            f"the MX names {mx.host}, which has no address",
            evidence=seen,
            fix=_undotted(domain, mx) or f"Publish an A record for {mx.host}, or {delete}",
        )
    if mx.hidden:
        return failed(
            mx.host,
            f"the MX names {mx.host}, which has no address that the public reaches: {mx.hidden}",
            evidence=seen,
            fix=f"Publish the public address of {mx.host} as its A record, or {delete}",
        )
    if all(":" in address for address in mx.addresses):
        seen.append("a note: it has IPv6 addresses alone, and senders without IPv6 cannot deliver to it")
    return passed(mx.host, "a host name with an address", evidence=seen)


def _undotted(domain: str, mx: Exchanger) -> str:
    """What to do where the final dot was forgotten, so that the zone's name was added once more; else empty."""
    meant = mx.host.removesuffix(f".{domain}")
    if meant == mx.host or not (meant.endswith(f".{domain}") or is_address(meant)):
        return ""
    if is_address(meant):
        return f"Name a host and no address: {domain} MX {mx.preference} mail.{domain}, with {meant} as its A record."
    return f"Write the name with its final dot: {domain} MX {mx.preference} {meant}."


@check(
    "mx.unreachable",
    title="No mail server takes mail in",
    when="no MX accepts a connection on port 25 (one of several that does not is told in the evidence; reported as"
    " skipped, with the reason, where outbound port 25 is blocked: a known-good probe fails too)",
    status="fail",
    triage="now",
    risk="mail",
    item=("S5.D1",),
    source="RFC 5321",
    cost="Mail to you waits at its senders for days and then bounces.",
)
async def mx_unreachable(facts: Facts, domain: str) -> Verdict:
    found = await exchangers(facts)
    if not found.real:
        return skipped(domain, NULL_MX if found.has_null else NO_MX)
    tried = [mx for mx in found.real if mx.can_be_tried]
    unknown = next((mx.problem for mx in found.real if mx.problem), None)
    if not tried and unknown is None:
        return skipped(domain, "no MX has an address to connect to; mx.target tells")
    talks = await asyncio.gather(*(conversation(facts, mx.host) for mx in tried))
    seen = [talk.describe for talk in talks]
    if any(talk.connected for talk in talks):
        seen += await reverse_names(facts, tuple(dict.fromkeys(talk.address for talk in talks if talk.connected)))
        return passed(domain, _accepting(talks), evidence=seen)
    if problem := unknown or _unclear(talks):
        raise problem
    if not facts.network.own_resolver and not await port_25_is_open(facts):
        return skipped(
            domain,
            f"outbound port 25 is blocked here: {' and '.join(KNOWN_GOOD)} cannot be reached either; check from another"
            " network",
            evidence=seen,
        )
    return failed(
        domain,
        "no mail exchanger accepts a connection on port 25",
        evidence=seen,
        fix=f"Start the mail server on {tried[0].host} and open TCP port 25 in its firewall, or publish the MX records"
        " of the provider that receives your mail now.",
    )


def _accepting(talks: list[Conversation]) -> str:
    mute = [talk.host for talk in talks if not talk.connected]
    accepting = len(talks) - len(mute)
    said = [f"{accepting} of {len(talks)} exchangers accept connections"]
    said += [f"not {', '.join(mute)}"] if mute else []
    return "; ".join([*said, *(f"{talk.host}: {talk.stopped}" for talk in talks if talk.stopped)])


def _unclear(talks: list[Conversation]) -> NetworkError | None:
    """Why it cannot be said that none accepts: something on our side kept a try from being made."""
    for talk in talks:
        if talk.unreachable_from_here:
            return NetworkError(f"this machine has no way to the addresses of {talk.host}")
        if isinstance(talk.refused, DnsFailed):
            return talk.refused
    return None


@check(
    "mx.starttls",
    title="Mail to you travels unencrypted",
    when="an MX does not offer STARTTLS, or its handshake fails",
    status="warn",
    triage="later",
    risk="mail",
    item=("S5.D1",),
    source="RFC 3207",
    cost="Anybody on the way can read what customers write to you, and some senders refuse to deliver.",
    each=exchanger_hosts,
    nothing="the domain has no mail exchanger",
)
async def mx_starttls(facts: Facts, host: str) -> Verdict:
    if reason := _no_try(await exchangers(facts), host):
        return skipped(host, reason)
    talk = await conversation(facts, host)
    seen = [talk.describe]
    if not talk.connected:
        return skipped(host, "no connection on port 25; mx.unreachable tells", evidence=seen)
    if talk.stopped or talk.starttls is None:
        return errored(host, f"could not check: {talk.stopped}", evidence=seen)
    certificate = f"an own certificate for {host} (certbot can renew it)"
    if not talk.starttls:
        how = f"Turn TLS on in the mail server, with {certificate}; in postfix: smtpd_tls_security_level = may"
        return _weak(host, f"{host} does not offer STARTTLS", seen, how, insisted=await _senders_insist(facts))
    if talk.handshake is None:
        said = f"{host} offers STARTTLS, but the handshake fails: {talk.tls_problem}"
        how = f"Mend the TLS settings of the mail server: TLS 1.2 and 1.3, with {certificate}"
        return _weak(host, said, seen, how, insisted=await _senders_insist(facts))
    seen += [f"{talk.handshake.version}, {talk.handshake.cipher}", told(talk.handshake)]
    wrong = faults(talk.handshake, host, facts.network.ca_file)
    if wrong and await _senders_insist(facts):
        said = f"MTA-STS makes senders verify the certificate of {host}, but {'; '.join(wrong)}"
        return _weak(host, said, seen, f"Install {certificate}", insisted=True)
    seen += [
        f"a note: {fault}; senders deliver all the same unless MTA-STS or DANE asks them to verify" for fault in wrong
    ]
    return passed(host, f"{host} offers STARTTLS, and the handshake succeeds", evidence=seen)


def _weak(host: str, said: str, seen: list[str], how: str, *, insisted: bool) -> Verdict:
    """The finding: a weakness, but for senders that `insisted` on TLS a closed door."""
    until = ", or change the MTA-STS policy to mode: testing until that is done" if insisted else ""
    cost, triage = (NOT_DELIVERED, Triage.NOW) if insisted else (None, None)
    return warned(host, said, evidence=seen, fix=f"{how}{until}.", cost=cost, triage=triage)


def _no_try(found: Exchangers, host: str) -> str:
    """Why there is nothing to connect to. Raises CannotTell."""
    mx = next(mx for mx in found.real if mx.host == host)
    if mx.problem:
        raise mx.problem
    return "" if mx.can_be_tried else "the MX has no address to connect to; mx.target tells"


async def _senders_insist(facts: Facts) -> bool:
    """Whether an MTA-STS policy in force makes senders insist on TLS and verify certificates."""
    try:
        return (await mta_sts(facts)).enforced
    except CannotTell:
        return False
