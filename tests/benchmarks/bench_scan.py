"""The secret scan beside its peers, on one generated repository, in one run: seconds, memory, and what each finds.

    python -m tests.benchmarks.bench_scan [--commits 5000 | --shape files|loose|dumps | --repository PATH]
        [--gitleaks PROGRAM] [--betterleaks PROGRAM] [--kingfisher PROGRAM]

A peer that is not installed is left out; each is named by the program of an environment of its own, since one of their
packages brings a program by another's name. Each runs three times by turns; the median counts. No peer is let onto
the network.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.repositories import SHAPES
from tests.repo.secrets.worlds import World, git, world

RUNS = 3


@dataclass
class Contender:
    name: str
    command: Callable[[Path, Path], list[str]]
    """Of the repository and the file to write the report to."""
    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    """Seconds of the processor, of all its processes: what other work on the machine changes least."""
    memory: int = 0
    """Most kilobytes of one process."""
    report: str = ""


def contenders(args: argparse.Namespace) -> list[Contender]:
    """Ourselves, and the peers that are there."""
    found = [
        Contender(
            "launchready", lambda repo, out: [*_launchready(), "scan", str(repo), "--public", "--no-cache", "--json"]
        ),
        Contender("launchready, 2nd", lambda repo, out: [*_launchready(), "scan", str(repo), "--public", "--json"]),
    ]
    if program := shutil.which(args.gitleaks):
        found.append(Contender("gitleaks", lambda repo, out: [
            program, "git", str(repo), "--no-banner", "--exit-code", "0", "-f", "json", "-r", str(out), "--log-opts=--all"]))  # fmt: skip
    if other := shutil.which(args.betterleaks):
        found.append(Contender("betterleaks", lambda repo, out: [
            other, "git", str(repo), "--no-banner", "--exit-code", "0", "-o", str(out)]))  # fmt: skip
    if third := shutil.which(args.kingfisher):
        found.append(Contender("kingfisher", lambda repo, out: [
            third, "scan", str(repo), "--no-validate", "--no-update-check", "--format", "json", "-o", str(out)]))  # fmt: skip
    return found


def _launchready() -> list[str]:
    return [sys.executable, "-m", "launchready_tui"]


def _environment(cache: Path) -> dict[str, str]:
    """As installed: with the byte code that an installation has."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"XDG_CACHE_HOME": str(cache)}


def measure(contender: Contender, repository: Path, cache: Path) -> None:
    """Run once and note the time, the memory and the report."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "report.json"
        began = time.monotonic()
        process = subprocess.Popen(
            contender.command(repository, out), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=_environment(cache))  # fmt: skip
        assert process.stdout is not None
        told = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        contender.seconds.append(time.monotonic() - began)
        contender.processor.append(usage.ru_utime + usage.ru_stime)
        contender.memory = max(contender.memory, usage.ru_maxrss)
        contender.report = out.read_text(errors="replace") if out.exists() else told.decode(errors="replace")
        if not contender.report.lstrip().startswith(("{", "[")):
            raise SystemExit(f"{contender.name} wrote no report; it ended with status {process.returncode}")


def recall(contender: Contender, made: World) -> int:
    """How many of the planted fakes the report names: ours by rule and path, theirs by the value, unmasked in theirs."""
    if contender.name.startswith("launchready"):
        told = {(each["rule"], each["path"]) for each in json.loads(contender.report)["findings"]}
        named = {rule for rule, path in told if path.startswith("(")}
        return sum((e.fake.rule, e.path) in told if e.path else e.fake.rule in named for e in made.planted)
    report = contender.report.replace("\\", "")
    return sum(_core(each.fake.value) in report for each in made.planted)


def _core(value: str) -> str:
    """A part of a fake that nothing else holds."""
    runs = sorted("".join(c if c.isalnum() else " " for c in value).split(), key=len)
    return runs[-1][-10:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commits", type=int, default=5000, help="of a repository with a fake of every rule")
    parser.add_argument("--shape", choices=SHAPES, help="scan one without any secret, but much of one kind of content")
    parser.add_argument("--repository", type=Path, help="scan this instead of a generated one")
    for peer in ("gitleaks", "betterleaks", "kingfisher"):
        parser.add_argument(f"--{peer}", default=peer)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made, repository = None, args.repository
        if repository is None:
            repository = Path(folder) / "shop"
            # In a process of its own: a program started by a large one would be charged with its memory.
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                if args.shape:
                    pool.apply(SHAPES[args.shape], (repository,))
                else:
                    made = pool.apply(world, (repository,), {"commits": args.commits})
                    git(repository, "repack", "-adfq")
        every = contenders(args)
        for _ in range(RUNS):
            for contender in every:
                measure(contender, repository, Path(folder) / "cache")
        print(f"{'':18}{'seconds':>9}{'CPU s':>8}{'MB':>7}{'found':>12}")
        for contender in every:
            found = f"{recall(contender, made)} of {len(made.planted)}" if made else ""
            print(
                f"{contender.name:18}{statistics.median(contender.seconds):9.2f}"
                f"{statistics.median(contender.processor):8.2f}{contender.memory / 1024:7.0f}{found:>12}"
            )


if __name__ == "__main__":
    main()
