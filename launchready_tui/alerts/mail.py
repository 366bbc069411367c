"""Mail, through the user's own mail server, as a mail program sends it."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import TYPE_CHECKING

from checks.errors import CannotTell, ConnectFailed, DnsFailed, NotApplicable, Offline, TlsFailed
from checks.mail.message import address_domain
from checks.mail.seeds.oauth import token_of
from checks.mail.seeds.sending import hand_over
from checks.mail.smtp import SmtpRefused
from checks.secret import Secret
from checks.text import one_line
from launchready_tui.alerts.errors import NotSent, NotTaken, Unsure, Untaken
from launchready_tui.alerts.message import Message
from launchready_tui.alerts.post import explained

if TYPE_CHECKING:
    from collections.abc import Callable

    from checks.network import Network
    from checks.subject import MailPlan


async def send(
    network: Network,
    message: Message,
    recipient: str,
    plan: MailPlan,
    credential: Secret | None,
    renew: Callable[[Secret], None],
) -> str:
    """Hand one mail to the declared server. Returns what it answered to the message. Raises Untaken."""
    if not plan.smtp_host or not plan.from_address:
        raise NotTaken("no mail server or sender is declared to send it with: [mail] smtp_host and from_address")
    for address in (recipient, plan.from_address):
        if not re.fullmatch(r"[^\s<>@]+@[^\s<>@]+", address):
            raise NotTaken(f"{one_line(address, limit=60)} is no mail address")
    mail = _mail(plan.from_address, recipient, message)
    problem: CannotTell | NotApplicable | None = None
    try:
        token = await token_of(network, credential, renew)
        return await hand_over(network, plan, credential, token, recipient, mail)
    except (CannotTell, NotApplicable) as told:
        problem = told.with_traceback(None)
    raise await _explained(network, problem, plan.smtp_host)


async def _explained(network: Network, problem: CannotTell | NotApplicable, host: str) -> Untaken:
    who = "the mail server"
    match problem:
        case SmtpRefused():
            return NotTaken(problem.reason)
        case Offline() | ConnectFailed() | DnsFailed() | TlsFailed():
            told = await explained(network, problem, host, who) if not isinstance(problem, TlsFailed) else None
            return told or NotSent(problem.reason)
        case NotApplicable():
            return NotSent(problem.reason)
        case _ if "offers no TLS" in problem.reason:
            return NotTaken(problem.reason)
        case _:
            return Unsure(f"{problem.reason}, so it may have been taken or not")


def _mail(sender: str, recipient: str, message: Message) -> bytes:
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = recipient
    mail["Subject"] = message.subject
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = make_msgid(domain=address_domain(sender))
    mail["Importance"] = "high"
    mail.set_content(f"{message.text.reveal()}\n")
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
