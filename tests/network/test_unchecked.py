"""A check that could not do its work says so in a field of its own, whatever its reason's words are."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from checks.catalogue import catalogue
from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts
from checks.finding import Finding, Verdict, errored, passed
from checks.network import Network
from checks.runner import collect
from checks.subject import Subject
from launchready_tui.audit import Audit
from launchready_tui.commands.validate import NOT_RUN, _status
from launchready_tui.json_schema import audit_schema

ID = "deploy.build-fails"


async def found(monkeypatch: pytest.MonkeyPatch, told: Exception | list[Verdict]) -> Finding:
    """What comes of one check that ends like this."""

    async def look(facts: Facts, target: str) -> list[Verdict]:
        if isinstance(told, Exception):
            raise told
        return told

    registry = dict(catalogue())
    monkeypatch.setattr("checks.runner.catalogue", lambda: {ID: replace(registry[ID], look=look)})
    async with Network(offline=True) as network:
        (finding,) = await collect(Subject.of("example.com"), network)
    return finding


@pytest.mark.parametrize(
    ("told", "status", "unchecked"),
    [
        (CannotTell("the base is gone"), "error", True),
        (KeyError("a fault of ours"), "error", True),
        ([], "error", True),
        (NotApplicable("nothing to look at"), "skipped", False),
        ([errored("a.sql:3", "could not check: one statement of many")], "error", False),
        ([passed("shop", "could not be better")], "pass", False),
    ],
)
async def test_only_what_did_not_run_ends_with_three(
    monkeypatch: pytest.MonkeyPatch, told: Exception | list[Verdict], status: str, unchecked: bool
) -> None:
    finding = await found(monkeypatch, told)
    assert (finding.status, finding.unchecked) == (status, unchecked)
    result_schema = json.dumps(audit_schema())
    assert all(f'"{key}"' in result_schema for key in finding.as_dict())
    assert "unchecked" not in finding.as_dict() and '"unchecked"' not in result_schema, "the JSON form is fixed"
    result = Audit("example.com", finding.observed, findings=[finding])
    assert _status(result, "now") == (NOT_RUN if unchecked else 0)
    assert _status(result, "never") == 0
