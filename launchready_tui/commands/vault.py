"""`launchready vault`: list, set, test and delete credentials. A value is never an argument."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from checks.secret import Secret
from launchready_tui.commands.network_options import (
    BadOption,
    NetworkOptions,
    add_network_arguments,
    complain,
    network_options,
)

if TYPE_CHECKING:
    from launchready_tui.vault import Vault

ACTIONS = ("list", "set", "test", "delete")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=ACTIONS, help="what to do")
    parser.add_argument("target", metavar="DOMAIN|FILE", help="whose credentials: a domain, or a session file")
    parser.add_argument("purpose", nargs="?", metavar="PURPOSE", help="which one, such as cloudflare, smtp or slack")
    parser.epilog = (
        "`set` asks for the value without showing it, or reads it from standard input. `test` reads it; a Cloudflare "
        "token is also shown to Cloudflare (not with --offline): it exits 1 where the token is not good, 3 where "
        "Cloudflare could not be asked."
    )
    add_network_arguments(parser)


def run(args: argparse.Namespace) -> int:
    from launchready_tui.session.errors import SessionError
    from launchready_tui.vault import Vault, VaultError

    if args.action != "list" and not args.purpose:
        return complain(f"name the credential to {args.action}, such as: launchready vault {args.action} DOMAIN smtp")
    try:
        options = network_options(args)
        return asyncio.run(_do(Vault(_domain(args.target)), args.action, args.purpose, options))
    except BadOption as problem:
        return complain(str(problem))
    except (VaultError, SessionError) as problem:
        return complain(str(problem))


async def _do(vault: Vault, action: str, purpose: str, options: NetworkOptions) -> int:
    if action == "list":
        entries = await vault.entries()
        for entry in entries:
            print(f"{entry.name}{f'  {entry.what}' if entry.what else ''}")
        if not entries:
            print(f"no credentials are kept for {vault.domain}", file=sys.stderr)
    elif action == "set":
        name = vault.name(purpose)
        entry = await vault.set(purpose, _value(name))
        print(f"{entry.name} is kept in {await vault.place()}")
    elif action == "test":
        entry = await vault.test(purpose)
        print(f"{entry.name} is there and can be read")
        if entry.purpose == "cloudflare":
            return await _try_token(vault, options)
    else:
        await vault.delete(purpose)
        print(f"{vault.name(purpose)} is deleted")
    return 0


async def _try_token(vault: Vault, options: NetworkOptions) -> int:
    """Show a Cloudflare token to Cloudflare, and say what it answers."""
    from checks.text import one_line
    from launchready_tui.cloudflare import try_token

    token = await vault.get("cloudflare")
    assert token is not None  # noqa: S101 - `test` has just read it
    async with options.network() as network:
        told = await try_token(network, token, vault.domain)
    print(one_line(told.sentence, limit=1000))
    return {"good": 0, "bad": 1, "unasked": 3}[told.word]


def _value(name: str) -> Secret:
    """The value, typed unseen or from standard input, without the line's end."""
    if sys.stdin.isatty():
        return Secret(getpass.getpass(f"Value of {name} (it is not shown): "))
    return Secret(sys.stdin.read().rstrip("\r\n"))


def _domain(target: str) -> str:
    path = Path(target)
    if target.endswith(".toml") or path.is_file():
        from launchready_tui.session.store import load

        return load(path).session.site.domain
    return target
