"""ntfy: a topic on ntfy.sh or on a server of one's own. The topic's name is a secret: who knows it reads along."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from checks.secret import Secret
from launchready_tui.alerts.errors import NotTaken
from launchready_tui.alerts.message import Message
from launchready_tui.alerts.post import Answer, post, refusal

if TYPE_CHECKING:
    from checks.network import Network

SERVER = "https://ntfy.sh"
_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")


async def send(network: Network, message: Message, topic: Secret, *, server: str = "") -> str:
    """Publish to the topic. Returns ntfy's id of the message. Raises Untaken.

    Args:
        server: base address of another server than ntfy.sh.
    """
    address, token = place(topic, server or SERVER)
    headers = {"title": message.subject, "priority": "urgent", "tags": "rotating_light"}
    if token:
        headers["authorization"] = f"Bearer {token.reveal()}"
    answer = await post(network, address, body=message.text.reveal().encode(), headers=headers, who="ntfy")
    told = answer.json()
    sent = told.get("id")
    if answer.status == 200 and isinstance(sent, str) and sent and told.get("event") == "message":
        return sent
    raise _refused(answer)


def place(secret: Secret, server: str) -> tuple[Secret, Secret]:
    """The topic's address, and the access token where one follows it. Raises NotTaken, without the value."""
    address, _, token = secret.reveal().strip().partition(" ")
    base, slash, topic = address.rstrip("/").rpartition("/")
    base = base if slash else server.rstrip("/")
    base = base if "://" in base else f"https://{base}"
    if not _TOPIC.fullmatch(topic) or not re.fullmatch(r"[!-~]*", token.strip()):
        raise NotTaken("the vault's entry for ntfy must be a topic, or its address, with a token behind it if needed")
    return Secret(f"{base}/{quote(topic)}"), Secret(token.strip())


def _refused(answer: Answer) -> Exception:
    told = answer.json()
    words = str(told.get("error") or "") or answer.text[:200]
    return refusal(answer, "ntfy", words, credential="topic or token")
