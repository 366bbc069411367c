"""Slack, by an incoming webhook: its address is the credential, and "ok" the whole answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from checks.secret import Secret
from launchready_tui.alerts.errors import NotTaken
from launchready_tui.alerts.message import Message
from launchready_tui.alerts.post import Answer, post, refusal

if TYPE_CHECKING:
    from checks.network import Network

_SAID = {
    "no_service": "Slack knows no such webhook (404 no_service): it was removed, or its app was; make a new one",
    "no_team": "Slack knows no such workspace (404 no_team): make a new webhook",
    "no_active_hooks": "the webhook is switched off (404 no_active_hooks): switch it on, or make a new one",
    "channel_not_found": "the webhook's channel is gone (404 channel_not_found): make a new webhook",
    "channel_is_archived": "the webhook's channel is archived (410): nobody reads it; make one for a live channel",
    "action_prohibited": "a rule of the workspace forbids this webhook to post (403 action_prohibited)",
    "posting_to_general_channel_denied": "the webhook may not post to #general (403): make one for another channel",
    "invalid_token": "Slack does not know the webhook's address (403 invalid_token): copy it again, or make a new one",
    "team_disabled": "the Slack workspace is switched off (403 team_disabled)",
}
"""Error words of Slack's documentation of incoming webhooks."""


async def send(network: Network, message: Message, webhook: Secret) -> str:
    """Post to the webhook. Returns Slack's id of the request, or its "ok". Raises Untaken."""
    body = json.dumps({"text": message.text.reveal()}).encode()
    answer = await post(
        network, Secret(webhook.reveal().strip()), body=body, headers={"content-type": "application/json"}, who="Slack"
    )
    said = answer.text.strip()
    if answer.status == 200 and said == "ok":
        return _id(answer) or "ok"
    if not answer.ok and (known := _SAID.get(said)):
        raise NotTaken(known)
    raise refusal(answer, "Slack", said, credential="webhook")


def _id(answer: Answer) -> str:
    return answer.headers.get("x-slack-unique-id") or answer.headers.get("x-slack-req-id")
