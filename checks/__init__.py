"""What the world says: live checks of a site. No screen, no disk of ours, no keyring; usable from a script.

async with checks.network.Network() as network:
    async for finding in checks.run(checks.Subject.of("example.com"), network):
        print(finding.status, finding.summary)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checks import catalogue as catalogue
    from checks import dns as dns
    from checks import errors as errors
    from checks import facts as facts
    from checks import finding as finding
    from checks import mail as mail
    from checks import network as network
    from checks import ops as ops
    from checks import repo as repo
    from checks import runner as runner
    from checks import subject as subject
    from checks import text as text
    from checks import web as web
    from checks.finding import Finding, Risk, Status, Triage
    from checks.runner import run
    from checks.secret import Secret
    from checks.subject import Subject

__all__ = ["Finding", "Risk", "Secret", "Status", "Subject", "Triage", "run"]

_FROM = {
    "Finding": "checks.finding",
    "Risk": "checks.finding",
    "Secret": "checks.secret",
    "Status": "checks.finding",
    "Subject": "checks.subject",
    "Triage": "checks.finding",
    "run": "checks.runner",
}
_MODULES = frozenset("catalogue dns errors facts finding mail network ops repo runner secret subject text web".split())


def __getattr__(name: str) -> Any:
    """Import what is asked for only now: a script that reads the catalogue needs no network stack."""
    if name in _FROM:
        return getattr(importlib.import_module(_FROM[name]), name)
    if name in _MODULES:
        return importlib.import_module(f"checks.{name}")
    raise AttributeError(f"module 'checks' has no attribute {name!r}")
