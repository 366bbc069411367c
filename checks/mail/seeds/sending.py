"""Hands a test message to the user's own mail server, as a mail program does."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import formataddr, formatdate

from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts
from checks.mail.message import address_domain, envelope_address
from checks.mail.seeds.oauth import access
from checks.mail.smtp import NOT_KNOWN, Smtp, SmtpRefused, keywords
from checks.network import Network
from checks.secret import Secret
from checks.subject import MailPlan

IMPLICIT_TLS_PORT = 465


def need_a_server(facts: Facts) -> None:
    """Raises NotApplicable where nothing is declared to send with."""
    plan = facts.subject.mail
    if not plan.smtp_host or not plan.from_address:
        raise NotApplicable("no mail server or From address is declared to send the test message with")
    if not envelope_address(plan.from_address):
        raise NotApplicable("the declared From address is no plain mail address")
    if plan.smtp_user and not facts.secrets.get("smtp"):
        raise NotApplicable("the vault has no entry smtp with the password of your mail server")


async def send(facts: Facts, recipient: str, nonce: str) -> str:
    """Send the test message and return what the server said to it. Raises CannotTell and its kin, Offline."""
    plan = facts.subject.mail
    message = test_message(plan.from_address, recipient, nonce)
    token = await access(facts, "smtp") if plan.smtp_user else None
    return await hand_over(facts.network, plan, facts.secrets.get("smtp"), token, recipient, message)


async def hand_over(
    network: Network, plan: MailPlan, password: Secret | None, token: Secret | None, recipient: str, message: bytes
) -> str:
    """Hand one message to the declared server and return what it said to it. Raises CannotTell and its kin, Offline.

    An access `token` goes before the password.
    """
    smtp = Smtp(await network.open(plan.smtp_host, plan.smtp_port))
    try:
        secure, offers = await _greet(network, plan, smtp)
        if plan.smtp_user and password:
            if not secure:
                raise CannotTell(f"{plan.smtp_host} offers no TLS, and a password is not sent without it")
            await _log_in(smtp, plan.smtp_user, password, token, offers)
        sender = envelope_address(plan.from_address) or plan.from_address
        reply = await smtp.send_message(sender, envelope_address(recipient) or recipient, message)
    except BaseException:
        await smtp.stream.aclose()
        raise
    await smtp.quit()
    return reply.text


async def _greet(network: Network, plan: MailPlan, smtp: Smtp) -> tuple[bool, dict[str, str]]:
    """Whether the connection is under TLS, and what the server offers."""
    host = plan.smtp_host
    context, seconds = network.verifying_context(), network.step_seconds
    secure = plan.smtp_port == IMPLICIT_TLS_PORT
    if secure:
        await smtp.start_tls(context, host, seconds=seconds)
    greeting = await smtp.reply()
    if greeting.code != 220:
        raise SmtpRefused(f"{host} does not serve us", greeting)
    offers = await _offers(smtp)
    if not secure and "STARTTLS" in offers:
        ready = await smtp.say("STARTTLS")
        if ready.code != 220:
            raise SmtpRefused(f"{host} does not turn TLS on", ready)
        await smtp.start_tls(context, host, seconds=seconds)
        return True, await _offers(smtp)
    return secure, offers


async def _offers(smtp: Smtp) -> dict[str, str]:
    """Greet, and tell what the server offers. Raises SmtpRefused where it does not let us in."""
    reply = await smtp.hello()
    if not reply.ok and reply.code not in NOT_KNOWN:
        raise SmtpRefused(f"{smtp.stream.host} does not take our greeting", reply)
    return keywords(reply)


async def _log_in(smtp: Smtp, user: str, password: Secret, token: Secret | None, offers: dict[str, str]) -> None:
    if token is not None:
        await smtp.log_in_with_token(user, token)
    else:
        await smtp.log_in(user, password, frozenset(offers.get("AUTH", "").split()))


def test_message(sender: str, recipient: str, nonce: str) -> bytes:
    """A plain, honest message with the nonce in its subject, which no service on the way rewrites."""
    message = EmailMessage()
    address = envelope_address(sender)
    # What stands before the address is the owner's name for it, and header fields take no raw letters beyond ASCII.
    name = sender.partition("<")[0].strip().strip('"') if "<" in sender else ""
    message["From"] = formataddr((name, address))
    message["To"] = recipient
    message["Subject"] = f"Delivery test {nonce}"
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = f"<{nonce}@{address_domain(address)}>"
    message.set_content(
        "Hello,\n\nthis message tests whether mail from our domain arrives. It was sent with the owner's consent as"
        f"\npart of a launch check, and needs no answer.\n\nReference: {nonce}\n"
    )
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
