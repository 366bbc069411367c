"""`launchready export`: ready configurations for a monitor that stays, from the session file alone."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from launchready_tui.commands.network_options import complain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from launchready_tui.exports import EXPORTS

    listed = "; ".join(f"{name}: {export.title}" for name, export in EXPORTS.items())
    parser.add_argument("file", metavar="FILE", type=Path, help="the session file")
    parser.add_argument("--format", required=True, choices=tuple(EXPORTS), help=listed.replace("%", "%%"))
    parser.add_argument("--output", required=True, metavar="DIR", type=Path, help="the folder to write into")
    parser.add_argument(
        "--save", action="store_true", help="note in the session that this monitor covers these addresses from now on"
    )


def run(args: argparse.Namespace) -> int:
    from checks.subject import BadName
    from launchready_tui.exports import EXPORTS
    from launchready_tui.exports.writing import write_files
    from launchready_tui.session.errors import SessionError
    from launchready_tui.session.store import load, why

    try:
        opened = load(args.file)
        files = EXPORTS[args.format].files(opened.session)
        covered = EXPORTS[args.format].covered(opened.session)
        written = write_files(args.output, files)
    except (SessionError, BadName) as problem:
        return complain(str(problem))
    except OSError as problem:
        return complain(f"{args.output} could not be written: {why(problem)}")
    if opened.word:
        print(opened.word, file=sys.stderr)
    for path in written:
        print(f"wrote {path}", file=sys.stderr)
    if args.save:
        try:
            _note(args.file, args.format)
        except SessionError as problem:
            return complain(f"not noted in the session: {problem}")
    elif covered:
        print(
            f"It covers {len(covered)} address{'' if len(covered) == 1 else 'es'}; once it runs, --save notes that in "
            "the session.",
            file=sys.stderr,
        )
    return 0


def _note(path: Path, name: str) -> None:
    from launchready_tui.exports import record
    from launchready_tui.sprint import Sprint

    with Sprint.open(path) as sprint:
        sprint.edit("monitor", probes=record(sprint.session, name))
