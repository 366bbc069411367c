"""Where each step, block and minimum bar stands, and whether the site may launch."""

from __future__ import annotations

import pytest

from launchready_tui.documented import PARTS, missing
from launchready_tui.plan import plan
from launchready_tui.progress import Progress, State
from launchready_tui.session.model import (
    Alert,
    Contact,
    Deploy,
    Monitor,
    Record,
    Redirect,
    Run,
    SecretEntry,
    Session,
    StoredFinding,
    Subdomain,
    Watch,
)
from launchready_tui.sprint import Sprint
from tests.core.make import finding, session


@pytest.fixture
def sprint() -> Sprint:
    return Sprint.in_memory(session())


def report(sprint: Sprint, step: str, status: str = "pass", **rest: str) -> None:
    """Let every check of a step report this."""
    sprint.begin_run()
    for check in plan().step(step).checks:
        sprint.record(finding(check, status=status, **rest))
    sprint.end_run(complete=False)


def state(sprint: Sprint, step: str) -> State:
    return sprint.step_state(step).state


def test_a_live_step_goes_from_open_by_way_of_running_to_done(sprint: Sprint) -> None:
    assert state(sprint, "S2.2") is State.OPEN
    sprint.begin_run(["dns", "web"])
    assert state(sprint, "S2.2") is State.RUNNING
    checks = plan().step("S2.2").checks
    for check in checks:
        sprint.record(finding(check, status="pass"))
        part = sprint.step_state("S2.2")
        assert part.total == len(checks) and part.reported <= part.total
    sprint.end_run()
    assert state(sprint, "S2.2") is State.DONE
    assert sprint.step_state("S2.2").reported == len(checks)


@pytest.mark.parametrize(
    ("status", "triage", "wanted"),
    [
        ("fail", "now", State.PROBLEM),
        ("warn", "later", State.PROBLEM),
        ("warn", "note", State.DONE),
        ("info", "note", State.DONE),
        ("error", "now", State.UNKNOWN),
        ("skipped", "now", State.SKIPPED),
    ],
)
def test_a_live_step_is_what_its_checks_say(sprint: Sprint, status: str, triage: str, wanted: State) -> None:
    report(sprint, "S2.2", status, triage=triage)
    assert state(sprint, "S2.2") is wanted


def test_a_step_of_which_a_check_was_never_run_is_open(sprint: Sprint) -> None:
    sprint.record(finding(status="pass"))
    assert state(sprint, "S2.2") is State.OPEN


def test_a_reason_is_given_for_what_was_not_looked_at(sprint: Sprint) -> None:
    report(sprint, "S3.5", "skipped", summary="no page to look at")
    assert sprint.step_state("S3.5").reason == "no page to look at"
    assert "the redirect rules" in sprint.step_state("S7.2").reason


def test_a_step_of_both_kinds_asks_a_person_once_its_checks_are_content(sprint: Sprint) -> None:
    report(sprint, "S1.1")
    assert state(sprint, "S1.1") is State.ASK
    sprint.mark("S1.1", "done")
    assert state(sprint, "S1.1") is State.DONE


def test_a_mark_does_not_hide_a_problem(sprint: Sprint) -> None:
    report(sprint, "S1.1", "fail")
    sprint.mark("S1.1", "done")
    assert state(sprint, "S1.1") is State.PROBLEM
    sprint.mark("S1.1", "not-applicable")
    assert state(sprint, "S1.1") is State.NOT_APPLICABLE
    sprint.mark("S1.1", "blocked")
    assert state(sprint, "S1.1") is State.BLOCKED


def test_a_guided_step_asks(sprint: Sprint) -> None:
    assert state(sprint, "S7.1") is State.ASK
    sprint.mark("S7.1", "done", note="founder's own account")
    assert state(sprint, "S7.1") is State.DONE


def test_a_deliverable_is_done_when_the_session_holds_it(sprint: Sprint) -> None:
    assert state(sprint, "D5") is State.OPEN
    sprint.put(SecretEntry(name="KEY", place="Vercel"))
    assert state(sprint, "D5") is State.DONE


def test_a_block_closes_when_nothing_is_left_and_opens_again_with_a_new_problem(sprint: Sprint) -> None:
    settled = [step.id for block in plan().blocks for step in block.steps]
    sprint.mark(settled[0], "done")
    assert sprint.session.sprint.blocks == {}, "a block that nobody opened is not closed either"
    for block in plan().blocks:
        sprint.open_block(block.id)
        for step in block.steps[:-1]:
            sprint.mark(step.id, "not-applicable")
        assert not sprint.block_state(block.id).closed
        sprint.mark(block.steps[-1].id, "not-applicable")
        assert sprint.block_state(block.id).closed
        assert bool(sprint.session.sprint.finished) is (block is plan().blocks[-1])
    last = plan().blocks[-1]
    opened = sprint.block_state(last.id).opened
    sprint.mark(last.steps[0].id, "open")
    again = sprint.block_state(last.id)
    assert (again.opened, again.closed, sprint.session.sprint.finished) == (opened, "", "")


def test_a_block_with_nothing_left_is_closed_when_it_is_opened(sprint: Sprint) -> None:
    for step in plan().block("H2").steps:
        sprint.mark(step.id, "not-applicable")
    sprint.open_block("H2")
    assert sprint.block_state("H2").closed


def test_a_block_counts_what_is_settled_and_names_what_is_next(sprint: Sprint) -> None:
    block = sprint.block_state("H1")
    assert (block.done, block.total) == (0, len(plan().block("H1").steps))
    assert block.next_step is not None and block.next_step.step.id == "S1.1"
    sprint.mark("S1.1", "done")
    assert sprint.block_state("H1").done == 1
    report(sprint, "S1.2", "fail", risk="downtime")
    block = sprint.block_state("H1")
    assert block.problems_now == len(plan().step("S1.2").checks)
    assert not block.running


FULL = Session(
    site=session().site,
    run=[Run(number=1, started="x", complete=True)],
    record=[Record(name="a.example", type="A", value="203.0.113.1")],
    redirect=[Redirect(source="a", to="b")],
    subdomain=[Subdomain(name="a")],
    finding=[StoredFinding(check=f"{family}.x", target="a", status="pass") for family in ("tls", "edge", "spf")],
    deploy=Deploy(environments={"production": []}, rollback="roll back"),
    monitor=Monitor(urls=["a"], destinations=["b"]),
    alert=[Alert(destination="a", acknowledged="x")],
    watch=[Watch(url="a", taken=1)],
    secret=[SecretEntry(name="KEY")],
    contact=[Contact(name="Ann")],
)


@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_the_session_is_missed_and_found(part: str) -> None:
    assert missing(session(), part)
    assert missing(FULL, part) == []


def all_well(sprint: Sprint) -> None:
    """A site at which everything is in order and confirmed."""
    sprint.begin_run()
    for check in plan().checks:
        sprint.record(finding(check, status="pass"))
    sprint.end_run()
    for name in ("record", "redirect", "subdomain", "deploy", "monitor", "alert", "watch", "secret", "contact"):
        setattr(sprint.session, name, getattr(FULL, name))
    for step in plan().steps:
        if step.how != "live":
            sprint.mark(step.id, "done")


def test_go_only_when_nothing_is_broken_and_the_bar_is_proven(sprint: Sprint) -> None:
    assert sprint.decision().word == "not yet"
    assert len(sprint.decision().unproven) == 12
    all_well(sprint)
    decision = sprint.decision()
    assert decision.go and decision.word == "go" and "bar is met" in decision.sentence
    assert all(block.done == block.total for block in sprint.progress().blocks())


@pytest.mark.parametrize(
    ("check", "status", "triage", "word"),
    [
        ("tls.cert-expired", "fail", "now", "no-go"),
        ("web.noindex", "warn", "now", "no-go"),
        ("headers.csp", "warn", "later", "go"),
        ("dns.ttl-high", "warn", "note", "go"),
        ("tls.cert-expired", "error", "now", "no-go"),
        ("tls.cert-name", "error", "now", "not yet"),
        ("headers.csp", "error", "now", "go"),
    ],
)
def test_one_finding_decides(sprint: Sprint, check: str, status: str, triage: str, word: str) -> None:
    all_well(sprint)
    if (check, status) == ("tls.cert-expired", "error"):
        sprint.record(finding(check))  # known to be broken, and then out of reach
        row = sprint.record(finding(check, status=status))
        assert row.known is not None
    elif status == "error":
        sprint.session.finding = [row for row in sprint.session.finding if row.check != check]
        sprint = Sprint.in_memory(sprint.session)
        sprint.record(finding(check, status=status))
    else:
        sprint.record(finding(check, status=status, triage=triage))
    assert sprint.decision().word == word


def test_a_blocked_step_is_a_blocker(sprint: Sprint) -> None:
    all_well(sprint)
    sprint.mark("S4.F2", "blocked", note="no way back yet")
    (blocker,) = sprint.decision().blockers
    assert (blocker.kind, blocker.id) == ("step", "S4.F2") and "no way back yet" in blocker.text
    assert "1 thing must" in sprint.decision().sentence


@pytest.mark.parametrize(("mark", "word"), [("open", "not yet"), ("not-applicable", "go")])
def test_the_bar_wants_a_persons_word_where_no_check_can_see(sprint: Sprint, mark: str, word: str) -> None:
    all_well(sprint)
    sprint.mark("S6.2", mark)  # type: ignore[arg-type]
    assert sprint.decision().word == word


def test_a_bar_can_be_met_by_a_persons_word(sprint: Sprint) -> None:
    sprint.mark("B09", "done", by="Ann")
    met = {state.bar.id: state.met for state in Progress(sprint.session).bars()}
    assert met["B09"] and not met["B01"]


def test_the_ai_is_a_step_only_where_the_product_uses_one(sprint: Sprint) -> None:
    def ids() -> list[str]:
        return [state.step.id for state in sprint.block_state("H4").steps]

    report(sprint, "A7")
    assert "A7" not in ids()
    sprint.edit("site", uses_ai=True)
    assert ids().count("A7") == 1
    assert sprint.step_state("A7").state is State.ASK
    before = sprint.block_state("H4").done
    sprint.mark("A7", "done", by="Ann")
    assert sprint.block_state("H4").done == before + 1
    report(sprint, "A7", "fail")
    assert sprint.step_state("A7").state is State.PROBLEM
    assert [step.id for step in plan().steps_of("ai.leak")] == ["A7"]
