"""`launchready scan`: the secret scan of a folder and of its repository's whole history."""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checks.repo.secrets.allow import Exemption
    from checks.repo.secrets.exposure import Exposure, Report

OK, FOUND, USAGE, NOT_RUN = 0, 1, 2, 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="a repository, any folder or a file (.)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument("--sarif", action="store_true", help="print SARIF 2.1.0, for code scanning")
    form.add_argument(
        "--print-allow", action="store_true", help="print a .launchready-scan.toml that allows all that is found"
    )
    parser.add_argument("--staged", action="store_true", help="only what is about to be committed")
    parser.add_argument("--no-history", action="store_true", help="only the files, not the object store")
    parser.add_argument("--no-cache", action="store_true", help="look at everything again")
    parser.add_argument("--public", action="store_true", help="also report keys that are public by design")
    parser.add_argument(
        "--fail-on",
        choices=("fail", "warn", "incomplete", "never"),
        default="fail",
        help="what makes the exit 1: live-looking secrets, test-mode ones too, or also a scan that is incomplete",
    )
    parser.add_argument("--plain", action="store_true", help="print line by line, without colour or drawing")
    parser.add_argument("--jobs", type=int, default=0, metavar="N", help="processes (one a core)")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


COLLECT = 100_000
"""New containers after which Python looks for cycles among them: a scan makes many, hardly one of them in a cycle."""


def run(args: argparse.Namespace) -> int:
    gc.set_threshold(COLLECT)
    from checks.errors import CannotTell
    from checks.repo.secrets.scan import Options, scan
    from launchready_tui.scan_cache import FolderStore

    folder = Path(args.path)
    if not folder.is_dir() and not folder.is_file():
        print(f"launchready scan: there is no file or folder {args.path}", file=sys.stderr)
        return USAGE
    store = FolderStore.usual()
    progress = _Progress(shown=sys.stderr.isatty() and not args.quiet)
    options = Options(
        history=not args.no_history,
        staged=args.staged,
        index=_given("GIT_INDEX_FILE"),
        git_dir=_given("GIT_DIR"),
        public=args.public,
        store=store,
        use_memory=not args.no_cache,
        workers=max(0, args.jobs),
        progress=progress if progress.shown else None,
        stop=threading.Event(),
    )
    try:
        report = scan(folder, options)
    except CannotTell as problem:
        progress.clear()
        print(f"launchready scan: {problem.reason}", file=sys.stderr)
        return NOT_RUN
    progress.clear()
    _print(report, args, folder)
    return _status(report, args.fail_on)


def _given(name: str) -> str:
    """A path that git gives a commit hook, where this runs in one."""
    path = os.environ.get(name, "")
    return str(Path(path).absolute()) if path else ""


def _status(report: Report, fail_on: str) -> int:
    statuses = {exposure.status for exposure in report.exposures}
    if fail_on == "never":
        return OK
    if fail_on == "incomplete" and (report.gaps or report.outside):
        return FOUND
    wanted = {"fail"} if fail_on == "fail" else {"fail", "warn"}
    return FOUND if statuses & wanted else OK


class _Progress:
    """One line on standard error, drawn over itself."""

    def __init__(self, *, shown: bool) -> None:
        self.shown = shown
        self._drawn = False

    def __call__(self, done: int, total: int) -> None:
        share = done * 100 // total if total else 100
        print(f"\rlooking for secrets: {share:3d}% of {total / 1e6:.1f} MB", end="", file=sys.stderr, flush=True)
        self._drawn = True

    def clear(self) -> None:
        if self._drawn:
            print("\r" + " " * 60 + "\r", end="", file=sys.stderr, flush=True)


def _print(report: Report, args: argparse.Namespace, folder: Path) -> None:
    if args.json:
        print(json.dumps(as_dict(report)))
    elif args.sarif:
        from launchready_tui.sarif import sarif

        print(json.dumps(sarif(report)))
    elif args.print_allow:
        print(_allow_file(report, folder), end="")
    else:
        for line in _lines(report):
            print(line)


def as_dict(report: Report) -> dict[str, object]:
    """The form of `scan --json`."""
    from launchready_tui import __version__

    return {
        "schema": 1,
        "tool": f"launchready {__version__}",
        "findings": [exposure.as_dict() for exposure in report.exposures],
        "complete": not report.gaps and not report.outside,
        "gaps": [*report.gaps, *report.outside],
        "counters": report.counters,
    }


def _lines(report: Report) -> list[str]:
    """A short report for a person: what is live first, then what to do, then one line of counts."""
    from checks.text import one_line

    lines: list[str] = []
    for status, heading in (("fail", "Rotate now"), ("warn", "Look at these")):
        chosen = [exposure for exposure in report.exposures if exposure.status == status]
        if chosen:
            lines += ["", f"{heading}: {len(chosen)}"]
            for exposure in chosen:
                lines += [f"  {line}" for line in map(one_line, _told(exposure))]
    if report.exposures:
        lines += ["", *advice(report)]
    lines += [one_line(f"Incomplete: {gap}") for gap in (*report.gaps, *report.outside)]
    counts = report.counters
    looked = "only the files" if not report.history else "files and history"
    lines += [
        "",
        f"{counts['fail']} live-looking, {counts['warn']} doubtful or test-mode, {counts['allowed']} allowed; "
        f"{looked}: {counts['files']:,} files, {counts['objects']:,} objects, {counts['seconds']} s"
        + (" (the history is as at the last scan)" if report.remembered else ""),
    ]
    return lines[1:] if lines[0] == "" else lines


def _told(exposure: Exposure) -> list[str]:
    since = f", first in commit {exposure.commit[:12]} of {exposure.date[:10]}" if exposure.commit else ""
    notes = [note for note in (exposure.standing, exposure.layer and f"inside {exposure.layer}") if note]
    return [
        f"{exposure.title} {exposure.masked} in {exposure.place}{since}",
        f"    {'; '.join(notes)} · {exposure.rule} · {exposure.fingerprint}",
        f"    rotate: {exposure.rotate}",
    ]


def advice(report: Report) -> list[str]:
    """What to do, in order, about what was found."""
    past = [exposure for exposure in report.exposures if exposure.where == "history" or exposure.commit]
    lines = ["What to do: rotate each key where it was made, put the new one into the platform's variables, then"]
    if past:
        lines += [
            "remove the old one from the history: git filter-repo --replace-text FILE (a line VALUE==>REMOVED each),",
            "push with --force, and ask everybody to clone anew. Rotating comes first: whoever has a copy keeps it.",
        ]
    else:
        lines += ["take it out of the file. It is in no commit yet, so no history needs to be purged."]
    if any(exposure.status == "warn" for exposure in report.exposures):
        lines.append("Test-mode keys and doubtful finds are warnings: they open no customer's data, but look at them.")
    return lines


def _allow_file(report: Report, folder: Path) -> str:
    """The repository's own key, and every fingerprint that was found with it."""
    import secrets

    from checks.repo.secrets.allow import read_allowed
    from checks.repo.secrets.scan import Options, root_of, scan
    from launchready_tui.scan_cache import FolderStore

    allowed = read_allowed(root_of(folder))
    key = allowed.key or secrets.token_bytes(16)
    if not allowed.key:  # the machine's key would not be known elsewhere
        report = scan(folder, Options(key=key, store=FolderStore.usual(), use_memory=False))
    kept = {exposure.fingerprint: exposure for exposure in report.exposures}
    lines = [f'key = "{key.hex()}"', "fingerprints = ["]
    lines += [f'    "{name}",' for name in sorted(allowed.fingerprints)]
    lines += [f'    "{name}",  # {_comment(exposure)}' for name, exposure in sorted(kept.items())]
    return "\n".join([*lines, "]", *_exemptions(allowed.exemptions)]) + "\n"


def _comment(exposure: Exposure) -> str:
    from checks.text import one_line

    return one_line(f"{exposure.rule} in {exposure.path}", limit=100)


def _exemptions(exemptions: Iterable[Exemption]) -> list[str]:
    lines: list[str] = []
    for exempt in exemptions:
        paths = ", ".join(json.dumps(path) for path in exempt.paths)
        lines += ["", "[[allow]]", f"rule = {json.dumps(exempt.rule)}", f"paths = [{paths}]"]
    return lines
