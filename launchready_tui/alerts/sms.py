"""SMS by Twilio's Messages resource (API 2010-04-01)."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from checks.secret import Secret
from checks.text import one_line
from launchready_tui.alerts.delivery import Delivery
from launchready_tui.alerts.destinations import Destination
from launchready_tui.alerts.errors import NotTaken
from launchready_tui.alerts.message import Message
from launchready_tui.alerts.post import Answer, post, refusal

if TYPE_CHECKING:
    from checks.network import Network

API = "https://api.twilio.com"
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
"""E.164."""
_SAID = {
    20003: "Twilio does not know the account and token in the vault (20003): set them anew",
    20404: "Twilio knows no such account (20404): look at the account SID in the vault",
    20429: "Twilio takes no more messages for now (20429): try again in a few minutes",
    21211: "Twilio says that the number to alert is none (21211): write it as +49170...",
    21212: "Twilio says that the number it should send from is none (21212)",
    21266: "the numbers to send from and to are the same (21266)",
    21408: "the Twilio account may not send to that country (21408): allow it under Geo permissions",
    21606: "the number to send from is not one of this Twilio account, or sends no SMS (21606)",
    21608: "a trial account of Twilio sends to verified numbers only (21608): verify this one, or upgrade",
    21610: "the person has answered STOP to this sender (21610): let them text START to it",
    21611: "the sender's queue at Twilio is full (21611): try again later",
    21614: "the number to alert cannot take SMS (21614): give a mobile number",
}
"""Error codes of Twilio's dictionary that an alert can meet."""
_LOST = ("failed", "undelivered", "canceled")
_LOST_BY = {
    30003: "the phone is switched off or out of reach",
    30004: "the phone or its operator blocks messages of this sender",
    30005: "the operator knows no such number",
    30006: "the number is a landline, or its operator takes no SMS",
    30007: "the operator filtered it as unwanted",
    30008: "the operator gave no reason",
    30032: "the toll-free number to send from is not verified",
    30034: "the number to send from is not registered for messages to the United States (A2P 10DLC)",
}
"""Error codes of a message that Twilio took and an operator did not deliver."""


async def send(network: Network, message: Message, destination: Destination, account: Secret) -> str:
    """Hand one SMS to Twilio. Returns its message SID. Raises Untaken."""
    for number, what in ((destination.to, "to alert"), (destination.sender, "to send from")):
        if not (_NUMBER.fullmatch(number) or (what == "to send from" and number)):
            raise NotTaken(f"the number {what} is not in the form +49170...: {number or 'none is given'}")
    url, authorization = _messages(destination, account)
    service = destination.sender.startswith("MG")
    form = {
        "To": destination.to,
        "MessagingServiceSid" if service else "From": destination.sender,
        "Body": message.text.reveal(),
    }
    answer = await post(
        network,
        Secret(f"{url}.json"),
        body=urlencode(form).encode(),
        headers={"authorization": authorization, "content-type": "application/x-www-form-urlencoded"},
        who="Twilio",
    )
    told = answer.json()
    sent = str(told.get("sid") or "")
    if answer.status == 201 and sent and told.get("status") not in _LOST:
        return sent
    raise _refused(answer)


async def delivery(network: Network, destination: Destination, account: Secret, message: str) -> Delivery:
    """Ask Twilio how a message that it took goes on, by its SID. Raises Untaken."""
    url, authorization = _messages(destination, account)
    answer = await post(
        network,
        Secret(f"{url}/{quote(message, safe='')}.json"),
        body=None,
        headers={"authorization": authorization, "accept": "application/json"},
        who="Twilio",
        method="GET",
    )
    told = answer.json()
    status = told.get("status") if answer.ok else None
    if status in ("delivered", "read"):
        return Delivery(True)
    if status in _LOST:
        number = told.get("error_code")
        words = one_line(str(told.get("error_message") or ""), limit=100)
        why = _LOST_BY.get(number, words) if isinstance(number, int) else words
        return Delivery(False, f"Twilio took the SMS and could not deliver it ({number or status}): "
                               f"{why or 'no reason given'}")  # fmt: skip
    return Delivery(None)


def _messages(destination: Destination, account: Secret) -> tuple[str, str]:
    """The address of the account's messages, without its end, and the Authorization to use there. Raises NotTaken."""
    sid, user, token = credential(account)
    basic = base64.b64encode(f"{user}:{token}".encode()).decode()
    return f"{destination.api.rstrip('/') or API}/2010-04-01/Accounts/{quote(sid, safe='')}/Messages", f"Basic {basic}"


def credential(account: Secret) -> tuple[str, str, str]:
    """Account SID, user and password of "SID:token" or "SID:key:secret". Raises NotTaken, without the value."""
    parts = re.split(r"[:\s]+", account.reveal().strip())
    if len(parts) == 2:
        return parts[0], parts[0], parts[1]
    if len(parts) == 3:
        return parts[0], parts[1], parts[2]
    raise NotTaken("the vault's entry for Twilio must read ACCOUNT_SID:AUTH_TOKEN")


def _refused(answer: Answer) -> Exception:
    told = answer.json()
    number = told.get("code") or told.get("error_code")
    if isinstance(number, int) and number in _SAID:
        return NotTaken(_SAID[number])
    words = str(told.get("message") or told.get("error_message") or "")
    if answer.status == 201 and told.get("status") in _LOST:
        return NotTaken(f"Twilio could not send it ({told['status']}): {words or number or 'no reason given'}")
    return refusal(answer, "Twilio", words or answer.text[:200], credential="account and token")
