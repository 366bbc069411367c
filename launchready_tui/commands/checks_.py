"""`launchready checks`: the catalogue, or one check explained."""

from __future__ import annotations

import argparse
import difflib
import json
import textwrap
from typing import TYPE_CHECKING

from launchready_tui.commands.network_options import complain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checks.catalogue import Check


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", nargs="?", metavar="ID", help="explain this check, such as dns.www-missing")
    parser.add_argument("--json", action="store_true", help="print the catalogue, or the one check, as JSON")


def run(args: argparse.Namespace) -> int:
    from checks.catalogue import catalogue

    every = catalogue()
    if args.id and args.id not in every:
        near = difflib.get_close_matches(args.id, every, n=3)
        hint = f"; did you mean {', '.join(near)}?" if near else "; `launchready checks` lists them all"
        return complain(f"there is no check {args.id!r}{hint}")
    chosen = [every[args.id]] if args.id else list(every.values())
    if args.json:
        rows = [check.as_dict() for check in chosen]
        print(json.dumps(rows[0] if args.id else {"schema": 1, "checks": rows}, indent=2, ensure_ascii=False))
    else:
        print(_explained(chosen[0]) if args.id else _listed(every))
    return 0


def _listed(every: Mapping[str, Check]) -> str:
    from launchready_tui.plan import plan

    families: dict[str, list[Check]] = {}
    for check in every.values():
        families.setdefault(check.family, []).append(check)
    width = max(map(len, every), default=0)
    lines = []
    for family, checks in families.items():
        lines.append(plan().family_title(family))
        lines += [f"  {check.id:{width}}  {check.triage:5}  {check.title}" for check in checks]
        lines.append("")
    return "\n".join(lines).rstrip()


def _explained(check: Check) -> str:
    from launchready_tui.plan import plan

    titles = {entry.id: entry.title for part in (plan().steps, plan().bars, plan().automations) for entry in part}
    serves = [f"{item}  {titles[item]}" for item in check.item if item in titles]
    lines = [
        f"{check.id}: {check.title}",
        "",
        *_field("Reported when", check.when),
        *_field("What it costs", check.cost),
        *_field("Fix", {"now": "now", "later": "within 30 days", "note": "good to know"}[check.triage]),
        *_field("Risk", check.risk),
        *_field("Source", check.source),
        "Serves",
        *(f"  {line}" for line in serves),
    ]
    return "\n".join(lines)


def _field(title: str, text: str) -> list[str]:
    return textwrap.wrap(f"{title:15}{text}", 78, subsequent_indent=" " * 15)
