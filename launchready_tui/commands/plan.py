"""`launchready plan`: the sprint's blocks, stages and steps, to read or as JSON."""

from __future__ import annotations

import argparse
import json

from launchready_tui.plan import Plan, plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the whole plan as one JSON object")


def run(args: argparse.Namespace) -> int:
    if args.json:
        print(json.dumps(plan().as_dict(), indent=2, ensure_ascii=False))
    else:
        print(_text(plan()))
    return 0


def _text(whole: Plan) -> str:
    lines = []
    for block in whole.blocks:
        lines += [f"{block.id}  {block.title} (hours {block.hours[0]} to {block.hours[1]})", f"    {block.outcome}"]
        for stage in block.stages:
            lines += ["", f"  {stage.id}  {stage.title}: {stage.goal}"]
            lines += [f"    {step.id:6} {step.title}{_how(len(step.checks), step.ask)}" for step in stage.steps]
        lines.append("")
    lines.append("The minimum bar")
    lines += [f"    {bar.id:6} {bar.title}" for bar in whole.bars]
    lines += ["", "What runs by itself"]
    lines += [f"    {entry.id:6} {entry.title}" for entry in whole.automations]
    lines += ["", "What the sprint leaves alone"]
    lines += [f"    {entry.id:6} {entry.title}: {entry.why}" for entry in whole.restraints]
    return "\n".join(lines)


def _how(checks: int, ask: str) -> str:
    parts = [f"{checks} check{'' if checks == 1 else 's'}"] if checks else []
    parts += ["asks a person"] if ask else []
    return f"  [{', '.join(parts)}]" if parts else ""
