"""Which sprints there are on this machine: a line each for the home screen, read from the files themselves."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checks.finding import timestamp
from launchready_tui.plan import plan
from launchready_tui.progress import Progress
from launchready_tui.ranking import risk_list
from launchready_tui.session.errors import SessionError
from launchready_tui.session.model import Consent, Session, SprintTimes
from launchready_tui.session.store import SUFFIX, Store, load
from launchready_tui.sprint import hours_since

MOST = 200


@dataclass(frozen=True, slots=True)
class Summary:
    """One sprint in a line. `problem` says why a file cannot be read; all else is empty then."""

    path: Path
    name: str
    """The file's name."""
    domain: str = ""
    client: str = ""
    hour: str = ""
    """ "7:42", "done", or empty before the start."""
    block: str = ""
    blockers: int = 0
    next_step: str = ""
    saved: str = ""
    """RFC 3339."""
    problem: str = ""


class Shelf:
    """The folder for new sprints, and the list of files opened elsewhere.

    Args:
        folder: default: LAUNCHREADY_HOME, else "launchready" in the user's home.
        here: a folder whose session files are listed too; the one that the program was started in.
    """

    def __init__(self, folder: Path | None = None, here: Path | None = None) -> None:
        chosen = os.environ.get("LAUNCHREADY_HOME")
        self.folder = folder or (Path(chosen) if chosen else Path.home() / "launchready")
        self.here = here or Path.cwd()
        self._list = self.folder / "sprints.json"

    def summaries(self) -> list[Summary]:
        """All sprints that are not put away, the one saved last first. Reads the disk."""
        known = self._read()
        put_away = set(known["archived"])
        paths = [Path(text) for text in known["opened"]]
        for folder in (self.folder, self.here):
            with contextlib.suppress(OSError):
                paths += sorted(folder.glob(f"*{SUFFIX}"))[:MOST]
        seen = dict.fromkeys(path.resolve() for path in paths)
        found = [summary(path) for path in seen if str(path) not in put_away and path.exists()]
        return sorted(found, key=lambda sprint: sprint.saved, reverse=True)

    def path_for(self, domain: str) -> Path:
        """A free file name for a new sprint of this domain."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path, number = self.folder / f"{domain}{SUFFIX}", 1
        while path.exists():
            number += 1
            path = self.folder / f"{domain}-{number}{SUFFIX}"
        return path

    def remember(self, path: Path) -> None:
        """List a file from now on, wherever it lies."""
        known, name = self._read(), str(path.resolve())
        known["opened"] = [name, *(other for other in known["opened"] if other != name)][:MOST]
        known["archived"] = [other for other in known["archived"] if other != name]
        self._write(known)

    def put_away(self, path: Path) -> None:
        """List a file no longer. The file itself stays where it is; opening it lists it again."""
        known, name = self._read(), str(path.resolve())
        known["archived"] = [name, *(other for other in known["archived"] if other != name)]
        self._write(known)

    def duplicate(self, path: Path) -> Path:
        """Start a new file with what was declared in another: no findings, no marks, no consent.

        Raises SessionError.
        """
        old = load(path).session
        fresh = Session(site=old.site, mail=old.mail, deploy=old.deploy, monitor=old.monitor, ai=old.ai)
        fresh.consent = Consent()
        fresh.sprint = SprintTimes(started=timestamp(), consultant=old.sprint.consultant, client=old.sprint.client)
        copy = self.path_for(old.site.domain)
        Store(copy, None).save(fresh)
        return copy

    def _read(self) -> dict[str, list[str]]:
        known: Any = None
        with contextlib.suppress(OSError, ValueError):
            known = json.loads(self._list.read_text("utf-8"))
        known = known if isinstance(known, dict) else {}
        return {name: _texts(known.get(name)) for name in ("opened", "archived")}

    def _write(self, known: dict[str, list[str]]) -> None:
        """Losing this list loses no sprint, so a disk that refuses is no reason to stop."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            spare = self._list.with_suffix(".tmp")
            spare.write_text(json.dumps(known, indent=1), "utf-8")
            spare.replace(self._list)


def _texts(value: object) -> list[str]:
    entries: Iterable[object] = value if isinstance(value, list) else ()
    return [entry for entry in entries if isinstance(entry, str)]


def summary(path: Path) -> Summary:
    """One session file in a line. Reads the disk."""
    try:
        opened = load(path)
        saved = timestamp(datetime.fromtimestamp(path.stat().st_mtime, UTC))
    except SessionError as problem:
        return Summary(path, path.name, problem=problem.reason)
    except OSError as problem:
        return Summary(path, path.name, problem=f"cannot be read: {problem.strerror}")
    session = opened.session
    blocks = Progress(session).blocks()
    steps = (block.next_step for block in blocks)
    waiting = next((step for step in steps if step is not None), None)
    hours = hours_since(session.sprint.started, datetime.now(UTC))
    now = next((block for block in plan().blocks if (hours or 0) < block.hours[1]), plan().blocks[-1])
    return Summary(
        path=path,
        name=path.name,
        domain=session.site.domain,
        client=session.sprint.client,
        hour="done" if session.sprint.finished else _clock(hours),
        block=now.short,
        blockers=sum(row.triage == "now" for row in risk_list(session.finding)),
        next_step=waiting.step.title if waiting else "nothing is open",
        saved=saved,
    )


def _clock(hours: float | None) -> str:
    if hours is None:
        return ""
    return f"{int(hours)}:{int(hours * 60) % 60:02d}" if hours < 100 else f"{int(hours)} h"
