"""`launchready new DOMAIN`: a new sprint; the app asks for what it needs and opens block 1."""

from __future__ import annotations

import argparse

from launchready_tui.commands.network_options import BadOption, add_network_arguments, complain, network_options


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
    options = None
    if args.nameserver or args.connect_to or args.connect_map or args.ca_file or args.offline:
        try:
            options = network_options(args)
        except BadOption as problem:
            return complain(str(problem))
    from launchready_tui.app import LaunchReady, run_app

    return run_app(LaunchReady(new=domain, network=options, theme=getattr(args, "theme", None) or ""))
