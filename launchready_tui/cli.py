"""The command line: finds the sub-command and imports nothing that another one needs."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Protocol, cast

from launchready_tui import __version__

COMMANDS: dict[str, tuple[str, str]] = {
    "new": ("launchready_tui.commands.new", "start a new sprint for a domain, then open the app"),
    "open": ("launchready_tui.commands.open_", "resume a saved sprint; works offline"),
    "demo": ("launchready_tui.commands.demo", "play the whole sprint against a built-in lab; no network needed"),
    "audit": ("launchready_tui.commands.audit", "run the live checks without a screen, of one site or of many"),
    "watch": ("launchready_tui.commands.watch", "probe the uptime of a sprint's URLs without a screen"),
    "scan": ("launchready_tui.commands.scan", "scan a folder and its git history for secrets"),
    "validate": ("launchready_tui.commands.validate", "validate a deployment in CI: build, env, migrations, routes"),
    "handover": ("launchready_tui.commands.handover", "write the handover as Markdown, HTML or PDF"),
    "export": ("launchready_tui.commands.export", "write configurations for a monitor that stays after the sprint"),
    "vault": ("launchready_tui.commands.vault", "list, set, test and delete credentials"),
    "checks": ("launchready_tui.commands.checks_", "show the catalogue of checks, or explain one"),
    "plan": ("launchready_tui.commands.plan", "show the sprint's blocks, stages and steps"),
}
"""Sub-command to the module that has its `add_arguments(parser)` and `run(args)`, and its help."""

OK, TO_FIX, USAGE, NOT_RUN = 0, 1, 2, 3
"""Exit statuses: nothing to fix now; something to fix now; wrong command line or file; checks could not run."""


BROKEN_PIPE = 141
"""As a program that SIGPIPE ended."""


class Command(Protocol):
    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> int: ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser, name = _parser(words)
    args = parser.parse_args(words)
    module = COMMANDS[name][0] if name else "launchready_tui.commands.home"
    command = cast(Command, importlib.import_module(module))
    try:
        status = command.run(args)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # A reader that closes the pipe early (`| head`) is no fault of ours. SIGPIPE stays ignored all the same:
        # else a server that closes its connection in the midst of a check would end the program.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


def _parser(words: Sequence[str]) -> tuple[argparse.ArgumentParser, str | None]:
    """The parser, complete for the sub-command that is called and with one line for each other."""
    parser = argparse.ArgumentParser(
        prog="launchready",
        description="Walk a small business's site through a 48-hour launch sprint. Without a command: the app.",
    )
    parser.add_argument("--version", action="version", version=f"launchready {__version__}")
    parser.add_argument("--theme", choices=("dark", "light"), help="how the app looks")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    called = next((word for word in words if word in COMMANDS), None)
    for name, (module, help_text) in COMMANDS.items():
        sub = commands.add_parser(name, help=help_text, description=help_text[0].upper() + help_text[1:] + ".")
        if name == called:
            cast(Command, importlib.import_module(module)).add_arguments(sub)
    return parser, called


if __name__ == "__main__":
    sys.exit(main())
