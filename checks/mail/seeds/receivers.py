"""Whose Authentication-Results a field is: the receiver's own, or one that came with the message (RFC 8601 s5)."""

from __future__ import annotations

from dataclasses import dataclass

from checks.mail.auth_results import AuthResults, MethodResult, parse_auth_results
from checks.mail.message import Message, address_domain
from checks.mail.seeds.hops import read_hop, related, within
from checks.mail.seeds.mailbox import service_of

_MICROSOFT = (".protection.outlook.com", ".prod.outlook.com", ".mx.microsoft")


@dataclass(frozen=True, slots=True)
class Service:
    """A mailbox service that signs its results with another name than its mailboxes bear."""

    name: str
    """The authserv-id, or the domain that it lies in."""
    mailboxes: frozenset[str]
    """As `mailbox.service_of` names them, or domains where it does not know the service."""
    hosts: tuple[str, ...] = ()
    """Domains of its receiving hosts where they are another; they tell it for a customer's own domain too."""

    def wrote(self, server: str, mailbox_domain: str, hops: set[str]) -> bool:
        """Whether `server` is its authserv-id, and the mailbox or a host that took the message in is its own."""
        if server != self.name and not server.endswith(f".{self.name}"):
            return False
        known = not self.mailboxes.isdisjoint({mailbox_domain, service_of(mailbox_domain)})
        return known or any(hop.endswith(self.hosts) for hop in hops)


_SERVICES = (
    Service("mx.google.com", frozenset({"gmail"})),
    # A field for each method: dmarc.icloud.com, dkim-verifier.icloud.com, spf.icloud.com.
    Service("icloud.com", frozenset({"icloud"}), (".me.com", ".icloud.com")),
    Service("messagingengine.com", frozenset({"fastmail"})),
    Service("mx.zohomail.com", frozenset({"zoho.com", "zoho.eu", "zohomail.com", "zohomail.eu"})),
    Service("yahoo.com", frozenset({"yahoo", "aol"})),
    Service("mail.protonmail.ch", frozenset({"proton.me", "protonmail.com", "protonmail.ch", "pm.me"})),
    Service("gmx.net", frozenset({"gmx.net", "gmx.de", "gmx.at", "gmx.ch", "gmx.com"})),
)


@dataclass(frozen=True, slots=True)
class Receiver:
    """The results that the receiving server itself wrote. `untrusted` is a field by somebody else, instead."""

    results: tuple[MethodResult, ...] = ()
    server: str = ""
    untrusted: str = ""

    def of(self, method: str) -> tuple[MethodResult, ...]:
        return tuple(result for result in self.results if result.method == method)


def receiver_results(message: Message, mailbox: str = "") -> Receiver:
    """The results of the topmost Authentication-Results, where it is the receiver's own.

    Further fields of the receiver count as long as no other hop stands between. What stands below the hop at which
    the message came in was written by its sender's side, by whatever name.

    Args:
        mailbox: the address that received it; empty where that is not known.
    """
    hops = [read_hop(field.value) for field in message.fields if field.name == "received"]
    inside = within(hops)
    # A server writes its field right above or right below its own Received.
    near = {hop.by for hop in hops[:inside]} - {""}
    passed = 0
    found: list[AuthResults] = []
    untrusted = ""
    for field in message.fields:
        if field.name == "received":
            passed += 1
            if found:
                break
        elif field.name == "authentication-results":
            parsed = parse_auth_results(field.value)
            if passed <= inside and _is_own(parsed.server, address_domain(mailbox), near):
                found.append(parsed)
            elif found:
                break
            else:
                untrusted = untrusted or parsed.server or "a server without name"
    if not found:
        return Receiver(untrusted=untrusted)
    return Receiver(tuple(result for field in found for result in field.results), found[0].server)


def recipient(message: Message) -> str:
    """The mailbox that a pasted message was delivered to, as far as it says."""
    return message.get("delivered-to") or message.get("to")


def _is_own(server: str, mailbox_domain: str, hops: set[str]) -> bool:
    """Whether an authserv-id belongs to the system that took the message in."""
    if not server:
        # Microsoft names no server.
        return service_of(mailbox_domain) == "outlook" or any(hop.endswith(_MICROSOFT) for hop in hops)
    if any(service.wrote(server, mailbox_domain, hops) for service in _SERVICES):
        return True
    return any(server == host or related(server, host) for host in {mailbox_domain, *hops} if host)
