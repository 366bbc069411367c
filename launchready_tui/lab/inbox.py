"""Where the contact form's messages go: the business's inbox, with a webhook's page that shows what is in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from launchready_tui.lab.web_server import NOT_FOUND, Reply, Request

HOST = "hooks.dns-lab.example"
ADDRESS = "192.0.43.33"
PATH = "/harbor-tea"
URL = f"https://{HOST}{PATH}"


@dataclass(slots=True)
class Inbox:
    """The messages that came through the form. While `loses` is true, none does, and nobody is told."""

    loses: bool = True
    messages: list[dict[str, str]] = field(default_factory=list)

    def deliver(self, message: Mapping[str, str]) -> None:
        """Take a message from the form's handler, which thanks the visitor in any case."""
        if not self.loses:
            self.messages.append(dict(message))

    def answer(self, request: Request) -> Reply:
        """The page of the webhook: what arrived, newest last."""
        if request.path != PATH:
            return NOT_FOUND
        body = json.dumps({"received": self.messages}).encode()
        return Reply(200, (("content-type", "application/json"), ("cache-control", "no-store")), body)
