"""`launchready handover`: the handover as Markdown, HTML or PDF, from the session file alone."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from launchready_tui.commands.network_options import complain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="the session file")
    parser.add_argument("--format", choices=("md", "html", "pdf"), help="default: by --output's ending, else md")
    parser.add_argument("--output", metavar="PATH", type=Path, help="where to write it (standard output otherwise)")


def run(args: argparse.Namespace) -> int:
    from launchready_tui.handover import FORMATS, render
    from launchready_tui.session.errors import SessionError
    from launchready_tui.session.store import load, why, write

    ending = args.output.suffix.lstrip(".").lower() if args.output else ""
    wanted = args.format or (ending if ending in FORMATS else "md")
    if wanted == "pdf" and args.output is None:
        return complain("a PDF needs a file to go to: add --output handover.pdf")
    try:
        opened = load(args.file)
        content = render(opened.session, wanted)
        if args.output:
            write(args.output, content)
    except SessionError as problem:
        return complain(str(problem))
    except OSError as problem:
        return complain(f"{args.output} could not be written: {why(problem)}")
    if opened.word:
        print(opened.word, file=sys.stderr)
    if args.output:
        print(f"wrote {args.output}", file=sys.stderr)
    else:
        sys.stdout.buffer.write(content)
    return 0
