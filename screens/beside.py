"""The screens beside the blocks of a sprint, each imported when it is opened."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from textual.screen import Screen


@dataclass(frozen=True, slots=True)
class Beside:
    """A screen as keys and the command palette know it."""

    kind: str
    """Its class, in the module `screens.NAME`."""
    title: str
    words: str


BESIDE = {
    "mail": Beside("MailScreen", "Mail table", "Which services send for this domain, and the three records"),
    "watch": Beside("WatchScreen", "Watch", "Uptime and response time of every watched address"),
    "verify": Beside("VerifyScreen", "Verify all", "Key pages, forms and APIs in one run, with one table"),
    "drill": Beside("DrillScreen", "Alert drill", "Fire a test alert and see who reads it, and when"),
    "ai": Beside("AiScreen", "The product's AI", "Test the product's AI, where there is one"),
    "compare": Beside("CompareScreen", "Before and after", "What changed from run to run"),
    "handover": Beside("HandoverScreen", "Handover", "The document as it stands, and its export"),
    "vault": Beside("VaultScreen", "Vault", "Credentials by name: set, test, delete"),
}
"""Every such screen by its name."""


def screen_beside(name: str) -> Screen[None]:
    """Make the screen of that name."""
    module = importlib.import_module(f"screens.{name}")
    screen: Screen[None] = getattr(module, BESIDE[name].kind)()
    return screen
