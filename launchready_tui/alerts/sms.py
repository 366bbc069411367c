"""SMS by Twilio's Messages resource (API 2010-04-01)."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from checks.secret import Secret
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


async def send(network: Network, message: Message, destination: Destination, account: Secret) -> str:
    """Hand one SMS to Twilio. Returns its message SID. Raises Untaken."""
    for number, what in ((destination.to, "to alert"), (destination.sender, "to send from")):
        if not (_NUMBER.fullmatch(number) or (what == "to send from" and number)):
            raise NotTaken(f"the number {what} is not in the form +49170...: {number or 'none is given'}")
    sid, user, token = credential(account)
    url = f"{destination.api.rstrip('/') or API}/2010-04-01/Accounts/{quote(sid, safe='')}/Messages.json"
    service = destination.sender.startswith("MG")
    form = {
        "To": destination.to,
        "MessagingServiceSid" if service else "From": destination.sender,
        "Body": message.text.reveal(),
    }
    basic = base64.b64encode(f"{user}:{token}".encode()).decode()
    answer = await post(
        network,
        Secret(url),
        body=urlencode(form).encode(),
        headers={"authorization": f"Basic {basic}", "content-type": "application/x-www-form-urlencoded"},
        who="Twilio",
    )
    told = answer.json()
    sent = str(told.get("sid") or "")
    if answer.status == 201 and sent and told.get("status") not in ("failed", "undelivered", "canceled"):
        return sent
    raise _refused(answer)


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
    if answer.status == 201 and told.get("status") in ("failed", "undelivered", "canceled"):
        return NotTaken(f"Twilio could not send it ({told['status']}): {words or number or 'no reason given'}")
    return refusal(answer, "Twilio", words or answer.text[:200], credential="account and token")
