"""What the receiver's own Authentication-Results say of a message: the same verdict for fetched and pasted ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from checks.finding import Verdict, errored, failed, passed
from checks.mail.auth_results import AuthResults, MethodResult, parse_auth_results
from checks.mail.message import Message, address_domain
from checks.mail.seeds.hops import read_hop, related, within
from checks.mail.seeds.mailbox import DOMAINS

METHODS = ("spf", "dkim", "dmarc")
_GMAIL = DOMAINS["gmail"]
_OUTLOOK = DOMAINS["outlook"]
_MICROSOFT = (".protection.outlook.com", ".prod.outlook.com", ".mx.microsoft")
_FOREIGN_NAMES = {
    "mx.google.com": _GMAIL,
    "icloud.com": frozenset({"me.com", "mac.com", "icloud.com"}),
    "messagingengine.com": frozenset({"fastmail.com", "fastmail.fm"}),
    "zohomail.com": frozenset({"zoho.com", "zohomail.com", "zohomail.eu"}),
    "yahoo.com": frozenset({"yahoo.com", "ymail.com", "rocketmail.com", "aol.com"}),
}
"""Authserv-ids (or the domain that they lie in) of mailbox services that bear another name than their mailboxes."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """The results that the receiving server itself wrote. `untrusted` is a field by somebody else, instead."""

    results: tuple[MethodResult, ...] = ()
    server: str = ""
    untrusted: str = ""

    def of(self, method: str) -> tuple[MethodResult, ...]:
        return tuple(result for result in self.results if result.method == method)


def receiver_results(message: Message, mailbox: str = "") -> Receiver:
    """The results of the topmost Authentication-Results, where it is the receiver's own (RFC 8601 s5).

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
        return mailbox_domain in _OUTLOOK or any(hop.endswith(_MICROSOFT) for hop in hops)
    for name, mailboxes in _FOREIGN_NAMES.items():
        if mailbox_domain in mailboxes and (server == name or server.endswith(f".{name}")):
            return True
    return any(server == host or related(server, host) for host in {mailbox_domain, *hops} if host)


Aligned = Callable[[MethodResult], bool]
"""Whether the domain that a method authenticated speaks for the author's."""


def judge(message: Message, author: str, target: str, *, mailbox: str, aligned: Aligned, more: list[str]) -> Verdict:
    """The verdict of mail.seed-auth.

    Args:
        author: the From domain.
        more: further lines of evidence.
    """
    receiver = receiver_results(message, mailbox)
    seen = [*(result.describe for result in receiver.results), *more]
    if receiver.untrusted:
        seen.append(f"the topmost Authentication-Results is by {receiver.untrusted}, which is not the receiver")
    shown = [method for method in METHODS if receiver.of(method)]
    if not shown:
        return errored(target, "the receiver wrote no verdict of its own into the message", evidence=seen)
    seen += [f"the receiver says nothing of {method}" for method in METHODS if method not in shown]
    wrong = [best for method in shown if (best := _best(receiver, method)).result != "pass"]
    passing = [result for method in ("spf", "dkim") for result in receiver.of(method) if result.result == "pass"]
    speaking = [result for result in passing if result.domain and aligned(result)]
    confirmed = any(result.result == "pass" and result.domain in ("", author) for result in receiver.of("dmarc"))
    said = [f"{result.method}={result.result}" for result in wrong]
    if not speaking and not confirmed:
        said.append(f"neither SPF nor DKIM passed for {author} or its organisation")
    if said:
        return failed(target, "; ".join(said), evidence=seen, fix=_fix(wrong, author))
    return passed(target, f"{', '.join(f'{method}=pass' for method in shown)}, aligned with {author}", evidence=seen)


def _best(receiver: Receiver, method: str) -> MethodResult:
    """The result that counts: a pass where there is one; of SPF that of the return path, not of the greeting."""
    results = receiver.of(method)
    if method == "spf":
        results = tuple(r for r in results if r.get("smtp.mailfrom") or r.get("smtp.mail")) or results
    return next((result for result in results if result.result == "pass"), results[0])


def _fix(wrong: list[MethodResult], author: str) -> str:
    methods = {result.method for result in wrong}
    steps = []
    if "spf" in methods:
        steps.append("let the SPF record of the return path include the server that sent this")
    if "dkim" in methods:
        steps.append(f"turn DKIM on for {author} at the service that sent this and publish its key")
    if not steps:
        steps.append(
            f"have the service that sent this sign with DKIM as {author}, so that a pass counts for your domain"
        )
    return f"At your DNS host: {'; '.join(steps)}; then send the test again."
