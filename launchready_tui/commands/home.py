"""`launchready` alone: the app at its list of sprints."""

from __future__ import annotations

import argparse


def run(args: argparse.Namespace) -> int:
    from launchready_tui.commands.demo import has_screen
    from launchready_tui.commands.network_options import complain

    if not has_screen():
        return complain("the app needs a terminal; without one, see: launchready --help")
    from launchready_tui.app import LaunchReady, run_app

    return run_app(LaunchReady(theme=args.theme or ""))
