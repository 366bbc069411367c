"""`launchready demo`: the whole sprint against the built-in lab, with the app or line by line."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plain", action="store_true", help="without a screen: run, save, write the handover, report")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="where the session and the handover go")
    parser.add_argument("--mend", action="store_true", help="with --plain: mend every fault, then run again")


def run(args: argparse.Namespace) -> int:
    if not args.plain and not has_screen():
        print("launchready: no terminal here, so the demo runs line by line (--plain)", file=sys.stderr)
        args.plain = True
    if args.plain:
        return asyncio.run(_play(args.into, mend=args.mend))
    from launchready_tui.app import LaunchReady, run_app

    return run_app(LaunchReady(demo=True, demo_folder=args.into, theme=args.theme or ""))


def has_screen() -> bool:
    """Whether a person sits at a terminal that can show the app."""
    # Textual draws on standard error.
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(stream.isatty() for stream in streams) and os.environ.get("TERM", "dumb") != "dumb"


async def _play(folder: Path | None, *, mend: bool) -> int:
    """The same sprint without a screen. Returns the exit status, as `audit` has it."""
    from launchready_tui.handover import render
    from launchready_tui.lab.demo import demo_sprint
    from launchready_tui.live import check
    from launchready_tui.report import print_report
    from launchready_tui.session.store import write

    async with demo_sprint(folder) as (lab, sprint):
        print(f"Harbor Tea, a made-up business on this computer alone: {len(lab.faults)} faults to find.")
        result = await check(sprint, lab.network)
        if mend:
            for fault in lab.faults:
                await lab.mend(fault.id)
                print(f"Mended: {fault.title} ({fault.how})")
            result = await check(sprint, lab.network)
        print_report(result, plain=True)
        assert sprint.path is not None  # noqa: S101 - demo_sprint opens a file
        document = sprint.path.with_name("harbor-tea-handover.md")
        await asyncio.to_thread(sprint.flush_now)
        await asyncio.to_thread(write, document, render(sprint.session, "md"))
        print(f"Session: {sprint.path}")
        print(f"Handover: {document}")
        return result.exit_status()
