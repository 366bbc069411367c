"""Rules of a zone at Cloudflare, those of its phases and the older page rules, each as a line for people."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.web.edge.cloudflare.envelope import Json

_TEXT = re.compile(r'\[?r?"(?:[^"\\]|\\.)*"')
"""A text that something is compared with; after an opening bracket it is a name."""
_MAY_HOLD_SECRETS = re.compile(r"header|cookie|authori[sz]ation|token|body|\.args|query", re.IGNORECASE)
_HARMLESS = frozenset({"log", "skip"})
"""Actions that let every request through."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a phase, or a page rule."""

    description: str
    expression: str
    action: str
    enabled: bool
    effect: str = ""
    """What it does in figures: where a redirect leads, how many requests are allowed."""
    ssl_mode: str = ""
    """The SSL mode that it sets in place of the zone's own."""

    @property
    def restrains(self) -> bool:
        """Whether it is on and holds requests back where it matches."""
        return self.enabled and self.action not in _HARMLESS

    def describe(self) -> str:
        """A line for people. What a header, cookie or query is compared with may be a secret, and is left out."""
        state = "" if self.enabled else " (off)"
        when = self.expression
        if _MAY_HOLD_SECRETS.search(when):
            when = _TEXT.sub(lambda match: match[0] if match[0].startswith("[") else '"(not shown)"', when)
        effect = f" -> {self.effect}" if self.effect else ""
        return f"{self.description or self.action}{state}: {when}{effect}"


def read_rule(row: Json) -> Rule:
    """A rule of a phase as the API gives it."""
    return Rule(
        str(row.get("description") or ""),
        str(row.get("expression") or ""),
        str(row.get("action") or ""),
        # A rule that says nothing of it is on.
        row.get("enabled") is not False,
        _effect(row),
        _text(_object(row.get("action_parameters")).get("ssl")),
    )


def read_page_rule(row: Json) -> Rule:
    """A page rule as the API gives it: the addresses that it is for, and all that it sets there."""
    actions = {_text(action.get("id") or action.get("name")): action.get("value") for action in _rows(row, "actions")}
    targets = (_text(_object(target.get("constraint")).get("value")) for target in _rows(row, "targets"))
    return Rule(
        description="",
        expression=", ".join(filter(None, targets)),
        action="page rule",
        enabled=row.get("status") == "active",
        effect=", ".join(f"{name} {_page_value(value)}".strip() for name, value in actions.items()),
        ssl_mode=_text(actions.get("ssl")),
    )


def _effect(row: Json) -> str:
    limit, given = _object(row.get("ratelimit")), _object(row.get("action_parameters"))
    if limit:
        return f"{limit.get('requests_per_period')} requests in {limit.get('period')} s"
    target, by_list = _object(given.get("from_value")), _object(given.get("from_list"))
    if target:
        to = _object(target.get("target_url"))
        return f"{target.get('status_code', '')} {to.get('value') or to.get('expression') or ''}".strip()
    if by_list:
        return f"the list {by_list.get('name', '')}"
    if "cache" in given:
        return "cached" if given["cache"] else "not cached"
    return f"ssl {given['ssl']}" if "ssl" in given else ""


def _page_value(value: Json) -> str:
    """A setting's value; of a redirect its status and where it leads."""
    if isinstance(value, dict):
        return " ".join(_text(value[key]) for key in ("status_code", "url") if key in value)
    return _text(value)


def _rows(row: Json, name: str) -> list[dict[str, Json]]:
    value = row.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Json) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
