"""The user's build command, run with consent and a time limit, its last lines kept without secrets."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from checks.catalogue import check
from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts
from checks.finding import Verdict, failed, passed
from checks.repo.project import project
from checks.text import decoded, harmless

LAST_LINES = 12


@dataclass(frozen=True, slots=True)
class Build:
    """How a build command ended. `code` is None where it outlived its time."""

    code: int | None
    seconds: float
    tail: tuple[str, ...]


async def run_build(command: str, folder: Path, limit: float) -> Build:
    """Run a build command in a shell of its own process group, for `limit` seconds at most."""
    started = time.monotonic()
    group = {"start_new_session": True} if sys.platform != "win32" else {}
    process = await asyncio.create_subprocess_shell(
        command,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "CI": "true"},
        **group,  # type: ignore[arg-type]
    )
    tail: list[str] = []
    try:
        async with asyncio.timeout(limit):
            await _drain(process, tail)
            code: int | None = await process.wait()
    except TimeoutError:
        code = None
    finally:
        # Also when the user stops the run: nothing that was started goes on.
        _kill(process)
    await process.wait()
    seconds = time.monotonic() - started
    # The rules of the secret scan are compiled for the first line, which takes far longer than the loop may be held.
    last = await asyncio.to_thread(lambda: tuple(scrubbed(line) for line in tail[-LAST_LINES:]))
    return Build(code, seconds, last)


async def _drain(process: asyncio.subprocess.Process, tail: list[str]) -> None:
    assert process.stdout is not None  # noqa: S101 - asked for above
    pending = b""
    while chunk := await process.stdout.read(65536):
        *lines, pending = (pending + chunk).split(b"\n")
        pending = pending[-10_000:]
        tail += [line.decode("utf-8", "replace").rstrip() for line in lines]
        del tail[: -4 * LAST_LINES]
    if pending:
        tail.append(pending.decode("utf-8", "replace"))


def _kill(process: asyncio.subprocess.Process) -> None:
    try:
        if sys.platform != "win32":
            os.killpg(process.pid, signal.SIGKILL)
        elif process.returncode is None:
            process.kill()
    except ProcessLookupError:
        return


def scrubbed(line: str) -> str:
    """A line of output without escape sequences, and with everything that looks like a secret masked."""
    from checks.repo.secrets.finder import shared
    from checks.repo.secrets.hit import masked

    data = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line[:500]).encode("utf-8", "replace")
    for match in sorted(shared().find(data), key=lambda match: match.start, reverse=True):
        data = data[: match.start] + masked(match.value).encode() + data[match.end :]
    return harmless(decoded(data))


@check(
    "deploy.build-fails",
    title="The production build fails",
    when="the build command that the user gave exits other than 0, or outlives its time limit",
    status="fail",
    triage="now",
    risk="downtime",
    item=("S4.1", "A2"),
    source="roadmap",
    cost="Nothing can be released, and no fix for any other problem either.",
)
async def build_fails(facts: Facts, domain: str) -> Verdict:
    plan = facts.subject.deploy
    if not plan.build:
        raise NotApplicable("no build command was given; add [deploy] build to have it run")
    # The command may bear a password of its own, and what is said here is handed on.
    command = await asyncio.to_thread(scrubbed, plan.build)
    if not facts.subject.consent.build:
        raise NotApplicable(f"would run `{command}` in the repository; say yes to it with [consent] build")
    found = await project(facts)
    try:
        done = await run_build(plan.build, found.root, plan.build_limit)
    except OSError as error:
        raise CannotTell(f"the build command cannot be started: {error.strerror}") from error
    seen = [f"$ {command}", f"ended after {done.seconds:.0f} s with " + _ended(done, plan.build_limit), *done.tail]
    if done.code == 0:
        return passed(found.root.name, f"the build passes ({done.seconds:.0f} s)", evidence=seen[:2])
    return failed(
        found.root.name,
        f"the build command ended with {_ended(done, plan.build_limit)}",
        evidence=seen,
        fix="Run the command in a fresh clone, mend what its last lines say, and run this check again.",
    )


def _ended(done: Build, limit: float) -> str:
    return f"status {done.code}" if done.code is not None else f"no end within its limit of {limit:.0f} s"
