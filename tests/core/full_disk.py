"""Runs in a mount namespace of its own, on a disk of 256 KiB that fills up and is freed again.

Prints, as JSON, what a sprint, a watch, the app and the command line made of it.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from launchready_tui.app import LaunchReady
from launchready_tui.session.errors import SessionError
from launchready_tui.session.model import Site
from launchready_tui.session.saver import Saver
from launchready_tui.session.store import load
from launchready_tui.sprint import Sprint
from launchready_tui.watch.probe import Outcome
from launchready_tui.watch.samples import Samples
from launchready_tui.watch.schedule import Sample
from tests.core.make import finding
from tests.screens.waiting import seen, until, words

KIB = 1024
SECONDS = 60.0


URL = "https://example.com/"


class Disk:
    """A small disk at `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k,mode=0755", "tmpfs", str(folder)], check=True)

    def fill(self) -> None:
        """Leave no byte free."""
        with self._filler.open("ab", buffering=0) as file:
            for size in (KIB, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    continue

    def free(self) -> None:
        self._filler.unlink()

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if path.name != "filler")


def started(path: Path) -> Sprint:
    return Sprint.new(path, Site(domain="example.com"))


def waits_for(sprint: Sprint, word: str, change: Callable[[], object]) -> None:
    """Make a change and wait until the sprint's state of saving is `word`."""
    reached = threading.Event()

    def told(_: object) -> None:
        if sprint.saved.word == word:
            reached.set()

    stop = sprint.subscribe(told)
    change()
    told(None)
    if not reached.wait(SECONDS):
        raise TimeoutError(f"not {word}: {sprint.saved}")
    stop()


def a_sprint(disk: Disk) -> dict[str, Any]:
    """Findings are recorded while the disk is full; then space is made."""
    path = disk.folder / "full.launch.toml"
    with started(path) as sprint:
        disk.fill()
        waits_for(sprint, "not saved", lambda: [sprint.record(finding(target=f"w{n}.example.com")) for n in range(50)])
        told = {"reason": sprint.saved.reason, "names": disk.names(), "kept": len(load(path).session.finding)}
        waits_for(sprint, "saved", disk.free)
        told["after"] = len(load(path).session.finding)
    return told


def opened_when_full(disk: Disk) -> dict[str, Any]:
    """The disk is full before the sprint is opened."""
    path = disk.folder / "later.launch.toml"
    started(path).close()
    disk.fill()
    with Sprint.open(path) as sprint:
        told: dict[str, Any] = {"read_only": sprint.read_only}
        waits_for(sprint, "not saved", lambda: sprint.mark("S1.1", "done", by="Mara"))
        waits_for(sprint, "saved", disk.free)
    told["after"] = [step.id for step in load(path).session.step]
    return told


def new_when_full(disk: Disk) -> dict[str, Any]:
    """A sprint is started on the full disk."""
    path = disk.folder / "new.launch.toml"
    before = disk.names()
    disk.fill()
    try:
        started(path).close()
    except SessionError as problem:
        return {"reason": problem.reason, "left": sorted(set(disk.names()) - set(before))}
    finally:
        disk.free()
    return {}


def sample(reason: str = "") -> Sample:
    return Sample(URL, 0, datetime.now(UTC), Outcome(True, 200, reason))


def a_watch(disk: Disk) -> dict[str, Any]:
    """Samples are taken while the disk is full; then space is made."""
    path = disk.folder / "site.watch.sqlite"
    samples = Samples(path)
    disk.fill()
    taken = 0
    while not samples.problem:
        samples.add(sample(reason="x" * 500))
        taken += 1
    told: dict[str, Any] = {"problem": samples.problem, "lost": taken - samples.figures(URL).taken}
    disk.free()
    samples.add(sample())
    told["after"] = samples.problem
    samples.close()
    again = Samples(path)
    told["missing"] = taken + 1 - again.figures(URL).taken
    again.close()
    return told


async def the_app(disk: Disk) -> dict[str, Any]:
    """A step is marked in the app while the disk is full; then space is made."""
    path = disk.folder / "app.launch.toml"
    sprint = started(path)
    async with LaunchReady(sprint=sprint).run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "saved" in seen(pilot))
        disk.fill()
        sprint.mark("S1.1", "done", by="Mara")
        await until(pilot, lambda: "not saved" in seen(pilot))
        await until(pilot, lambda: "kept in memory" in words(pilot))
        told: dict[str, Any] = {"line": seen(pilot).splitlines()[0], "notice": words(pilot)}
        disk.free()
        await until(pilot, lambda: "saved again" in words(pilot))
        told["after"] = [step.id for step in load(path).session.step]
    return told


def command(*words: str, without_rights: bool = False) -> dict[str, Any]:
    """Run the command line; `without_rights` as somebody whom the folder's permissions bind."""
    bound = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"] if without_rights else []
    done = subprocess.run(
        [*bound, sys.executable, "-m", "launchready_tui", *words], capture_output=True, text=True, timeout=SECONDS
    )
    return {"code": done.returncode, "out": done.stdout, "err": done.stderr}


def the_command_line(disk: Disk) -> dict[str, Any]:
    """Audits that save, and a handover that is written: with a full disk, a foreign folder and a read-only disk."""
    path = disk.folder / "cli.launch.toml"
    started(path).close()
    before = path.read_bytes()
    audit = ("audit", str(path), "--json", "--only", "deploy", "--offline", "--save")
    handover = ("handover", str(path), "--format", "md", "--output", str(disk.folder / "handover.md"))
    told: dict[str, Any] = {}
    disk.fill()
    told["full"] = [command(*audit), command(*handover)]
    disk.free()
    # As for somebody to whom neither belongs; whoever is root in a namespace alone cannot give them away.
    path.chmod(0o444)
    disk.folder.chmod(0o555)
    told["foreign"] = [command(*line, without_rights=True) for line in (audit, handover)]
    subprocess.run(["mount", "-o", "remount,bind,ro", str(disk.folder)], check=True)
    told["read_only"] = [command(*audit), command(*handover)]
    told["untouched"] = path.read_bytes() == before
    told["names"] = [name for name in disk.names() if name.startswith(("cli", ".cli", "handover", ".handover"))]
    return told


def main(folder: Path) -> None:
    Saver.__init__.__kwdefaults__["retry"] = 0.05  # type: ignore[index]
    disk = Disk(folder)
    parts = (a_sprint, opened_when_full, new_when_full, a_watch, the_command_line)
    told = {"the_app": asyncio.run(the_app(disk))} | {part.__name__: part(disk) for part in parts}
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
