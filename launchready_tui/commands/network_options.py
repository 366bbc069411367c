"""The options that say which resolver, which places and which roots a command uses."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checks.network import Network


class BadOption(ValueError):
    """An option that cannot be used; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class NetworkOptions:
    """What `Network` is made with, checked once so that a wrong option is told before anything starts."""

    nameservers: tuple[str, ...] = ()
    connect_to: tuple[str, ...] = ()
    ca_file: str | None = None
    offline: bool = False

    def network(self, **options: Any) -> Network:
        """A new network with these options."""
        from checks.network import Network

        return Network(
            nameservers=self.nameservers,
            connect_to=self.connect_to,
            ca_file=self.ca_file,
            offline=self.offline,
            **options,
        )


def add_network_arguments(parser: argparse.ArgumentParser, *, offline: bool = True) -> None:
    """Add --nameserver, --connect-to, --connect-map, --ca-file and --offline."""
    group = parser.add_argument_group("network")
    group.add_argument(
        "--nameserver",
        action="append",
        default=[],
        metavar="ADDRESS[:PORT]",
        help="ask this resolver instead of the system's (repeatable)",
    )
    group.add_argument(
        "--connect-to",
        action="append",
        default=[],
        metavar="HOST:PORT:HOST2:PORT2",
        help="whatever would go to the first goes to the second, as in curl; an empty HOST or PORT matches any "
        "(repeatable)",
    )
    group.add_argument(
        "--connect-map",
        action="append",
        default=[],
        metavar="FILE",
        help="read such lines from a file, one a line, # starts a comment",
    )
    group.add_argument("--ca-file", metavar="FILE", help="trust these roots (PEM) beside the system's")
    if offline:
        group.add_argument("--offline", action="store_true", help="stay off the network")


def network_options(args: argparse.Namespace) -> NetworkOptions:
    """Read and check the options. Raises BadOption."""
    from checks.network import BadRule, BadServer, parse_map, parse_nameserver, parse_rule
    from checks.network.tls import verifying_context

    rules: list[str] = list(args.connect_to)
    try:
        for rule in rules:
            parse_rule(rule)
        for name in args.connect_map:
            text = Path(name).read_text(encoding="utf-8")
            parse_map(text)
            rules += [line for raw in text.splitlines() if (line := raw.partition("#")[0].strip())]
        for server in args.nameserver:
            parse_nameserver(server)
        if args.ca_file:
            verifying_context(args.ca_file)
    except (BadRule, BadServer) as problem:
        raise BadOption(str(problem)) from problem
    except (OSError, UnicodeDecodeError) as problem:
        # ssl.SSLError is an OSError too: a file without a certificate.
        named = args.ca_file if args.ca_file else ", ".join(args.connect_map)
        reason = getattr(problem, "strerror", None) or "it holds no certificate or is no text"
        raise BadOption(f"cannot use {named}: {reason}") from problem
    return NetworkOptions(
        tuple(args.nameserver), tuple(rules), args.ca_file or None, bool(getattr(args, "offline", False))
    )


def given_options(args: argparse.Namespace) -> NetworkOptions | None:
    """The options where any was given; None leaves the app at its own. Raises BadOption."""
    given = args.nameserver or args.connect_to or args.connect_map or args.ca_file or args.offline
    return network_options(args) if given else None


def complain(message: str) -> int:
    """Say on standard error what is wrong and give the exit status for it."""
    from checks.text import harmless

    print(f"launchready: {harmless(message)}", file=sys.stderr)
    return 2
