"""What the sprint leaves alone (N1 to N7): no advice pushes anybody into it, and a whole audit ranks none of it first."""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import checks
from checks.catalogue import catalogue
from checks.runner import collect
from launchready_tui.lab.demo import demo_sprint
from launchready_tui.plan import Restraint, plan

PUSHING = {
    "N1": ("microservice", "micro-service", "split the backend", "service mesh", "kubernetes"),
    "N2": ("memcached", "varnish", "second cache", "cache layer", "layer of cache", "multi-layer"),
    "N3": ("opentelemetry", "datadog", "jaeger", "grafana", "distributed trac", "log aggregat"),
    "N4": ("soc 2", "iso 27001", "compliance programme", "dpia", "penetration test"),
    "N5": ("query tuning", "tune the quer", "tune your quer", "explain analyze", "denormal", "read replica"),
    "N6": ("sonarqube", "coverage gate", "quality gate", "mutation test", "required reviewer", "merge queue"),
}
"""Words of advice that would push a founder past what the restraint says."""
ADVICE = {"fix", "cost", "title", "summary"}
NOW_BY_DATA = {
    "dns.takeover", "tls.key-weak", "web.http-open", "web.redirect-downgrade", "web.mixed-content", "edge.ssl-mode",
    "edge.private-cached", "headers.cookies", "headers.cors", "exposure.env-file",
    "exposure.git", "exposure.bundle-secret", "exposure.debug", "deploy.env-committed", "deploy.env-shared",
    "secrets.in-tree", "secrets.in-history", "errors.log-leak", "form.insecure", "spf.sender-unapproved",
    "ai.leak", "ai.tool-abuse",
}  # fmt: skip
"""What counts as an exposed secret or as customer data in danger, and so at once (N7)."""
RISKS = {"downtime", "mail", "onboarding", "data"}


@functools.cache
def advice() -> tuple[tuple[str, str], ...]:
    """Every text of the checks that a person reads as advice, as (file and line, text in lower case)."""
    return tuple(_advice())


def _advice() -> Iterator[tuple[str, str]]:
    for path in sorted(Path(checks.__path__[0]).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            given: list[ast.expr] = []
            if isinstance(node, ast.Call):
                given = [keyword.value for keyword in node.keywords if keyword.arg in ADVICE]
                given += node.args[1:2] if getattr(node.func, "id", "") in ("failed", "warned") else []
            elif isinstance(node, ast.Assign) and any("_FIX" in getattr(t, "id", "") for t in node.targets):
                given = [node.value]
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
                "fix" in node.name or "mend" in node.name
            ):
                given = [part.value for part in ast.walk(node) if isinstance(part, ast.Return) and part.value]
            for value in given:
                words = [str(part.value) for part in ast.walk(value) if isinstance(part, ast.Constant)]
                yield f"{path.name}:{node.lineno}", " ".join(words).lower()  # type: ignore[attr-defined]


def test_every_restraint_of_the_roadmap_is_in_the_plan_and_is_looked_at_here() -> None:
    assert {restraint.id for restraint in plan().restraints} == {*PUSHING, "N7"}


def test_the_texts_of_advice_are_found() -> None:
    assert len(advice()) > 400
    assert any("publish: " in text for _, text in advice())


@pytest.mark.parametrize("restraint", PUSHING)
def test_no_advice_pushes_anybody_into_it(restraint: str) -> None:
    assert [(where, word) for where, text in advice() for word in PUSHING[restraint] if word in text] == []


@pytest.mark.parametrize("restraint", [one for one in plan().restraints if one.never_now], ids=lambda one: one.id)
def test_no_check_that_it_names_can_raise_itself_to_now(restraint: Restraint) -> None:
    for check in (catalogue()[name] for name in restraint.never_now):
        assert check.triage != "now"
        source = inspect.getsource(check.look)
        assert "Triage.NOW" not in source, check.id


def test_only_secrets_and_customer_data_are_urgent_among_what_is_no_trouble_this_week() -> None:
    urgent = {check.id for check in catalogue().values() if check.triage == "now" and check.risk == "data"}
    assert urgent == NOW_BY_DATA


async def test_a_whole_audit_of_a_faulty_business_puts_nothing_of_it_first(tmp_path: Path) -> None:
    never = {check for restraint in plan().restraints for check in restraint.never_now}
    async with demo_sprint(tmp_path) as (lab, sprint), lab.network() as network:
        problems = [f for f in await collect(sprint.subject(), network) if f.is_problem]
    seen = {finding.check for finding in problems}
    assert seen & never, "the lab shows nothing that a restraint names, so this proves nothing"
    for finding in problems:
        if finding.check in never:
            assert finding.triage != "now", finding
        if finding.triage == "now":
            assert finding.risk in RISKS
            assert finding.risk != "data" or finding.check in NOW_BY_DATA
