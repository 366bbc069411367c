"""What the core loads: nothing of the screens, the network or the keyring before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.programs import LONG

HEAVY = {"textual", "rich", "dns", "httpx", "h2", "keyring", "cryptography", "OpenSSL", "fpdf", "sqlglot", "hyperscan"}


def loaded(script: str) -> set[str]:
    """The top-level packages that a fresh interpreter has after a script."""
    script += "\nimport json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=LONG, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "module",
    [
        "launchready_tui.plan",
        "launchready_tui.sprint",
        "launchready_tui.session.store",
        "launchready_tui.progress",
        "launchready_tui.subject",
        "launchready_tui.vault",
        "launchready_tui.handover.build",
        "launchready_tui.api",
        "launchready_tui.commands.plan",
        "launchready_tui.commands.vault",
        "launchready_tui.commands.handover",
        "launchready_tui.commands.checks_",
        "checks.catalogue",
    ],
)
def test_the_core_is_light(module: str) -> None:
    assert not loaded(f"import {module}") & HEAVY


def test_a_sprint_can_be_opened_looked_at_and_handed_over_without_the_network(tmp_path: object) -> None:
    script = """
        from datetime import UTC, datetime
        from launchready_tui.handover import render
        from launchready_tui.session.model import Session, Site
        from launchready_tui.sprint import Sprint
        sprint = Sprint.in_memory(Session(site=Site(domain="example.com")))
        sprint.decision(), sprint.progress().blocks(), sprint.subject(), sprint.risks()
        render(sprint.session, "html"), render(sprint.session, "md")
    """
    assert not loaded("\n".join(line.strip() for line in script.splitlines())) & HEAVY
