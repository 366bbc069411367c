"""`launchready open FILE`: resume a saved sprint in the app, with or without a network."""

from __future__ import annotations

import argparse
from pathlib import Path

from launchready_tui.commands.network_options import BadOption, add_network_arguments, complain, given_options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a session file (NAME.launch.toml)")
    add_network_arguments(parser)


def run(args: argparse.Namespace) -> int:
    from launchready_tui.commands.demo import has_screen

    if not args.file.is_file():
        return complain(f"there is no session file {args.file}; `launchready new DOMAIN` starts a sprint")
    if not has_screen():
        return complain(f"the app needs a terminal; without one: launchready audit {args.file} --plain")
    try:
        options = given_options(args)
    except BadOption as problem:
        return complain(str(problem))
    from launchready_tui.app import LaunchReady, run_app

    return run_app(LaunchReady(path=args.file, network=options, theme=args.theme or ""))
