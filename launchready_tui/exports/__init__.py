"""Ready configurations of other programs, written from the session: monitors that go on after the sprint."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

from launchready_tui.session.model import Session


@dataclass(frozen=True, slots=True)
class Export:
    """One kind of configuration. Its module has `files(session)` and, where it is a monitor, `covered(session)`."""

    title: str
    module: str
    start: str = ""
    """How to start it, in a sentence for the handover."""
    is_monitor: bool = False
    """Whether it goes on probing after the sprint, so that what it covers counts as covered."""
    only_with_ai: bool = False
    """Whether there is nothing to write where the session names no AI endpoint."""

    def fits(self, session: Session) -> bool:
        """Whether the session has what it is written from."""
        return bool(session.ai.endpoint) or not self.only_with_ai

    def files(self, session: Session) -> dict[str, str]:
        """The files by name, all of them text. Raises BadName where the session declares what cannot be."""
        made: dict[str, str] = importlib.import_module(f"launchready_tui.exports.{self.module}").files(session)
        return made

    def covered(self, session: Session) -> list[str]:
        """The addresses that it probes after the sprint, as the session names them. Raises BadName."""
        if not self.is_monitor:
            return []
        urls: list[str] = importlib.import_module(f"launchready_tui.exports.{self.module}").covered(session)
        return urls


EXPORTS: Mapping[str, Export] = {
    "prometheus": Export(
        "Prometheus with blackbox_exporter and Alertmanager, every minute",
        "prometheus",
        "Install prometheus, prometheus-blackbox-exporter and prometheus-alertmanager, copy the files to "
        "/etc/prometheus, and restart the three.",
        is_monitor=True,
    ),
    "gatus": Export(
        "Gatus, every minute, with a status page",
        "gatus",
        "Put config.yaml into a folder config, write the variables into an .env file, and run the image "
        "ghcr.io/twin/gatus with both.",
        is_monitor=True,
    ),
    "upptime": Export(
        "Upptime on GitHub, every five minutes at best, with a status page",
        "upptime",
        "Make a repository from the template upptime/upptime and put .upptimerc.yml into it.",
        is_monitor=True,
    ),
    "github-actions": Export(
        "GitHub Actions smoke job, now and then: a test of releases, no monitor",
        "github_actions",
        "Commit .github/workflows/launch-smoke.yml; it runs when called, and on GitHub's schedule when there is room.",
    ),
    "promptfoo": Export(
        "promptfoo: the red team of the product's AI, for its developers to run",
        "promptfoo",
        "Set the variables that its README.md names, and run: promptfoo eval --no-share.",
        only_with_ai=True,
    ),
}
"""By the name that the command line takes."""


def record(session: Session, name: str) -> list[object]:
    """`[monitor] probes` with what the monitor `name` covers in place of what it covered before. Raises BadName."""
    kept: list[object] = [
        entry for entry in session.monitor.probes if not (isinstance(entry, dict) and entry.get("monitor") == name)
    ]
    return [*kept, *({"url": url, "monitor": name} for url in EXPORTS[name].covered(session))]


def chosen(session: Session) -> list[str]:
    """The monitors whose coverage the session notes, in the order of `EXPORTS`."""
    noted = {entry.get("monitor") for entry in session.monitor.probes if isinstance(entry, dict)}
    return [name for name in EXPORTS if name in noted]
