"""A secret scan as SARIF 2.1.0, which GitHub, GitLab and editors show."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote

from checks.repo.secrets.exposure import Exposure, Report, rule_of
from checks.text import one_line
from launchready_tui import __version__

_LEVELS = {"fail": "error", "warn": "warning"}


def sarif(report: Report) -> dict[str, Any]:
    """The report as one SARIF log."""
    names = sorted({exposure.rule for exposure in report.exposures})
    return {
        "version": "2.1.0",
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "launchready",
                        "version": __version__,
                        "rules": [_rule(name) for name in names],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(exposure, names.index(exposure.rule)) for exposure in report.exposures],
                "invocations": [
                    {
                        "executionSuccessful": not report.stopped,
                        "toolExecutionNotifications": [
                            {"level": "warning", "message": {"text": one_line(f"incomplete: {gap}")}}
                            for gap in (*report.gaps, *report.outside)
                        ],
                    }
                ],
            }
        ],
    }


def _rule(name: str) -> dict[str, Any]:
    rule = rule_of(name)
    return {
        "id": name,
        "shortDescription": {"text": rule.name},
        "help": {"text": f"Rotate it: {rule.rotate}."},
        "properties": {"tags": ["security", "external/cwe/cwe-798"], "security-severity": "8.0"},
    }


def _result(exposure: Exposure, index: int) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(os.fsencode(exposure.path))}}
    if exposure.line:
        place["region"] = {"startLine": exposure.line}
    return {
        "ruleId": exposure.rule,
        "ruleIndex": index,
        "level": _LEVELS[exposure.status],
        "message": {"text": one_line(f"{exposure.title} {exposure.masked} in {exposure.place}")},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"secret/v1": exposure.fingerprint},
        "properties": {
            "commit": exposure.commit or None,
            "blob": exposure.blob or None,
            "date": exposure.date or None,
            "inTree": exposure.in_tree,
        },
    }
