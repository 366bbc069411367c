"""JSON Schema (2020-12) of what `audit --json` prints, made from the types so that it cannot go stale."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from checks.finding import Finding, Risk, Status, Triage
from checks.network.counters import Counters
from launchready_tui.audit import SCHEMA, SUMMARY_KEYS

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_SPECIAL: dict[str, Any] = {
    "status": {"enum": [str(status) for status in Status]},
    "triage": {"enum": [str(triage) for triage in Triage]},
    "risk": {"enum": [str(risk) for risk in Risk]},
    "evidence": {"type": "array", "items": _TEXT},
    "observed": {"type": "string", "format": "date-time"},
    "check": {"type": "string", "pattern": r"^[a-z0-9-]+\.[a-z0-9-]+$"},
}


def audit_schema() -> dict[str, Any]:
    """The schema of one line: a finished audit, or an `error` in place of the findings."""
    head = {"schema": {"const": SCHEMA}, "tool": {"type": "string", "pattern": "^launchready "}}
    finding = _closed(
        {field.name: _SPECIAL.get(field.name, _TEXT) for field in fields(Finding) if field.metadata.get("json", True)}
    )
    done = _closed(
        {
            **head,
            "domain": _TEXT,
            "started": {"type": "string", "format": "date-time"},
            "seconds": {"type": "number", "minimum": 0},
            "counters": _closed(dict.fromkeys(Counters().as_dict(), _COUNT)),
            "summary": _closed(dict.fromkeys(SUMMARY_KEYS, _COUNT)),
            "findings": {"type": "array", "items": finding},
        }
    )
    failed = {
        **_closed({**head, "domain": _TEXT, "file": _TEXT, "error": _TEXT}),
        "required": ["schema", "tool", "error"],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "launchready audit --json",
        "oneOf": [done, failed],
    }


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
