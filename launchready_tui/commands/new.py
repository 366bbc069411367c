"""`launchready new DOMAIN`: a new sprint; the app asks for what it needs and opens block 1."""

from __future__ import annotations

import argparse

from launchready_tui.commands.network_options import BadOption, add_network_arguments, complain, given_options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("domain", metavar="DOMAIN", help="the site's domain, such as example.com")
    add_network_arguments(parser)


def run(args: argparse.Namespace) -> int:
    from checks.subject import BadName, host_name
    from launchready_tui.commands.demo import has_screen

    try:
        domain = host_name(args.domain)
    except BadName as problem:
        return complain(str(problem))
    if not has_screen():
        return complain("the app asks its questions at a terminal; without one, write a file that holds "
                        f'`schema = 1` and `[site]` with `domain = "{domain}"`, and audit that')  # fmt: skip
    try:
        options = given_options(args)
    except BadOption as problem:
        return complain(str(problem))
    from launchready_tui.app import LaunchReady, run_app

    return run_app(LaunchReady(new=domain, network=options, theme=args.theme or ""))
