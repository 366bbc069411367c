"""How configuration files are written: by a YAML library, every text of the session quoted, so that it stays data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import yaml

_PLAIN = re.compile(r"[A-Za-z_/.][A-Za-z0-9_./-]*")
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", ".nan", ".inf"))
"""What some reader of YAML takes for something else than text."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    """Plain where every reader of YAML 1.1 and 1.2 sees text, else in double quotes with escapes."""
    plain = _PLAIN.fullmatch(text) is not None and text.lower() not in _WORDS
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


class Block(str):
    """Lines of a script, shown as such."""

    __slots__ = ()


def _list(dumper: _Dumper, rows: list[Any]) -> yaml.SequenceNode:
    """Numbers stand in one line."""
    flow = all(isinstance(row, int) for row in rows)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", rows, flow_style=flow)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)
_Dumper.add_representer(
    Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|")
)


def yaml_text(data: Any, *comments: str) -> str:
    """A YAML file. Comments are our own words and never the session's."""
    head = "".join(f"# {line}\n" for line in comments)
    return head + yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, default_flow_style=False, width=2**30, allow_unicode=False
    )


def readme(title: str, steps: Iterable[str], notes: Iterable[str] = ()) -> str:
    """A README.md that says how to start a monitor. `notes` may hold text of the session: indented, it stays text."""
    lines = [
        f"# {title}",
        "",
        "Written by Launch Ready from the sprint's session. No credential is in these files.",
        "",
    ]
    lines += [f"{number}. {step}" for number, step in enumerate(steps, 1)]
    told = list(notes)
    if told:
        lines += ["", "## What to know", ""]
        lines += [f"    {note}" for note in told]
    return "\n".join(lines) + "\n"
