"""The order of the risk list, and what may never be pushed to its top."""

from __future__ import annotations

import itertools
import random

import pytest

from checks.catalogue import catalogue
from launchready_tui.plan import plan
from launchready_tui.ranking import ranked, risk_list, triage_by_rule
from tests.core.make import finding

WORST_FIRST = [
    finding("dns.apex-address-missing", risk="downtime"),
    finding("dns.answers-differ", status="warn", risk="downtime"),
    finding("exposure.env-file", risk="data"),
    finding("web.mixed-content", status="warn", risk="data"),
    finding("dns.www-missing", target="www.a.example", risk="onboarding"),
    finding("dns.www-missing", target="www.b.example", risk="onboarding"),
    finding("web.campaign-broken", risk="onboarding"),
    finding("spf.missing", risk="mail"),
    finding("dns.ns-single", status="warn", triage="later", risk="downtime"),
    finding("web.redirect-chain", status="warn", triage="later", risk="onboarding"),
    finding("dmarc.policy-none", status="warn", triage="later", risk="mail"),
    finding("headers.csp", status="warn", triage="later", risk="data"),
]


def test_the_rule_puts_the_costliest_first() -> None:
    for seed in range(20):
        shuffled = random.Random(seed).sample(WORST_FIRST, len(WORST_FIRST))
        assert risk_list(shuffled) == WORST_FIRST


def test_what_can_wait_never_comes_before_what_must_be_fixed_now() -> None:
    for one, other in itertools.product(("downtime", "mail", "onboarding", "data"), repeat=2):
        later, now = finding(triage="later", risk=one), finding(status="warn", risk=other)
        assert risk_list([later, now]) == [now, later]


def test_notes_and_what_is_no_problem_are_not_in_the_risk_list() -> None:
    others = [finding(status=status) for status in ("pass", "info", "skipped", "error")]
    note = finding("dns.ttl-high", status="warn", triage="note")
    assert risk_list([*others, note]) == []
    problem = finding()
    assert ranked([*others, note, problem])[:2] == [problem, note]


@pytest.mark.parametrize("restraint", [restraint for restraint in plan().restraints if restraint.never_now])
def test_nothing_that_a_restraint_names_is_to_be_fixed_now(restraint: object) -> None:
    for check in restraint.never_now:  # type: ignore[attr-defined]
        assert triage_by_rule(check, "now", "downtime") == "later"
        assert triage_by_rule(check, "note", "downtime") == "note"
        assert catalogue()[check].triage != "now", "the catalogue and the restraint disagree"


def test_what_lowers_none_of_the_risks_is_not_to_be_fixed_now() -> None:
    assert triage_by_rule("x.y", "now", "style") == "later"
    assert triage_by_rule("exposure.env-file", "now", "data") == "now"


def test_the_advice_pushes_nobody_into_what_the_sprint_leaves_alone() -> None:
    pushed = ("microservice", "kubernetes", "soc 2", "iso 27001", "opentelemetry", "datadog", "query tuning")
    said = {check.id: f"{check.title} {check.cost}".lower() for check in catalogue().values()}
    assert [(check, word) for check, text in said.items() for word in pushed if word in text] == []
