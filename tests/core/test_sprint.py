"""The sprint: what a run does to the session, what people said, and who is told of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from launchready_tui.audit import Audit
from launchready_tui.events import Edited, Event, FindingRecorded, RunEnded, RunStarted, StepMarked
from launchready_tui.session.errors import AlreadyThere, NotSaved, ReadOnly
from launchready_tui.session.model import (
    Alert,
    Change,
    Contact,
    Record,
    SecretEntry,
    Site,
    StatusChange,
    Subdomain,
)
from launchready_tui.session.store import load
from launchready_tui.sprint import Sprint, hours_since
from tests.core.make import finding, session


@pytest.fixture
def sprint() -> Sprint:
    made = Sprint.in_memory(session())
    made.clock = lambda: datetime(2026, 11, 24, 12, tzinfo=UTC)
    return made


def run(sprint: Sprint, *findings: object, only: list[str] | None = None, complete: bool = True) -> None:
    sprint.begin_run(only)
    for found in findings:
        sprint.record(found)  # type: ignore[arg-type]
    sprint.end_run(complete=complete)


def test_the_latest_finding_of_a_check_and_target_is_kept(sprint: Sprint) -> None:
    run(sprint, finding(), finding(target="other.example.com"))
    run(sprint, finding(status="pass"), finding(target="other.example.com"))
    assert [(row.target, row.status, row.run) for row in sprint.session.finding] == [
        ("www.example.com", "pass", 2),
        ("other.example.com", "fail", 2),
    ]
    assert sprint.session.run[1].before == [
        StatusChange(check="dns.www-missing", target="www.example.com", was="fail", now="pass")
    ]
    assert sprint.session.run[1].counts == {"pass": 1, "fail": 1}


def test_what_a_complete_run_no_longer_reports_is_dropped(sprint: Sprint) -> None:
    run(sprint, finding(target="old.example.com"), finding("spf.missing", "example.com"))
    run(sprint, finding(status="pass"), only=["dns"])
    assert {row.key for row in sprint.session.finding} == {
        ("dns.www-missing", "www.example.com"),
        ("spf.missing", "example.com"),
    }
    gone = StatusChange(check="dns.www-missing", target="old.example.com", was="fail", now="")
    assert gone in sprint.session.run[1].before


def test_a_stopped_run_drops_nothing(sprint: Sprint) -> None:
    run(sprint, finding(target="old.example.com"))
    run(sprint, finding(status="pass"), complete=False)
    assert len(sprint.session.finding) == 2
    assert not sprint.session.run[1].complete


@pytest.mark.parametrize("status", ["error", "skipped"])
def test_a_check_that_could_not_look_drops_nothing(sprint: Sprint, status: str) -> None:
    run(sprint, finding(target="old.example.com"))
    run(sprint, finding(status=status, summary="offline: no network"))
    assert sprint.finding("dns.www-missing", "old.example.com") is not None


def test_a_problem_stays_one_until_it_was_really_seen_gone(sprint: Sprint) -> None:
    run(sprint, finding())
    run(sprint, finding(status="error", summary="could not check: timed out"))
    run(sprint, finding(status="error", summary="could not check: refused"))
    row = sprint.finding("dns.www-missing", "www.example.com")
    assert row is not None and row.status == "error" and row.standing == "fail"
    assert row.known is not None and row.known.summary == "dns.www-missing at www.example.com"
    assert sprint.risks() == [row]
    assert not sprint.decision().go
    run(sprint, finding(status="pass"))
    assert sprint.risks() == []


def test_being_offline_wipes_nothing_out(sprint: Sprint) -> None:
    run(sprint, finding(), finding("spf.missing", status="pass"))
    run(sprint, finding(status="skipped", summary="offline: this check needs the network"))
    row = sprint.finding("dns.www-missing", "www.example.com")
    assert row is not None and row.status == "fail"
    assert sprint.session.run[1].before == []


def test_a_check_with_nothing_to_look_at_drops_what_it_saw_before(sprint: Sprint) -> None:
    run(sprint, finding())
    run(sprint, finding(target="example.com", status="skipped", summary="no name has an address"))
    assert sprint.risks() == []


def test_a_triage_that_a_person_set_outlives_every_run(sprint: Sprint) -> None:
    run(sprint, finding())
    sprint.triage("dns.www-missing", "www.example.com", "later", "nobody uses www", by="Ann")
    sprint.note_finding("dns.www-missing", "www.example.com", "ask Bo")
    run(sprint, finding(status="pass"))
    run(sprint, finding())
    row = sprint.finding("dns.www-missing", "www.example.com")
    assert row is not None
    assert (row.triage, row.rule, row.triage_reason, row.triage_by) == ("later", "now", "nobody uses www", "Ann")
    assert row.private_note == "ask Bo"
    with pytest.raises(KeyError):
        sprint.triage("x.y", "z", "now", "")


def test_a_triage_that_a_person_wrote_into_the_file_stays_as_well(tmp_path: Path) -> None:
    path = tmp_path / "x.launch.toml"
    with Sprint.new(path, Site(domain="example.com")) as sprint:
        run(sprint, finding())
    path.write_text(path.read_text().replace('triage = "now"', 'triage = "later"'))
    with Sprint.open(path) as sprint:
        run(sprint, finding())
        assert [row.triage for row in sprint.session.finding] == ["later"]


def test_a_rule_that_changed_is_followed_where_nobody_objected(sprint: Sprint) -> None:
    run(sprint, finding(triage="later"))
    run(sprint, finding(triage="now"))
    assert [row.triage for row in sprint.session.finding] == ["now"]


def test_a_whole_audit_is_kept_as_one_run(sprint: Sprint) -> None:
    audit = Audit("example.com", "2026-11-24T09:00:00Z", 1.5, {"dns_queries": 3}, [finding()])
    sprint.record_audit(audit, only={"dns"})
    kept = sprint.session.run[0]
    assert (kept.only, kept.seconds, kept.counters, kept.complete) == (["dns"], 1.5, {"dns_queries": 3}, True)
    sprint.end_run()
    assert len(sprint.session.run) == 1


def test_a_step_is_marked_with_name_and_time(sprint: Sprint) -> None:
    sprint.mark("S1.1", "done", by="Ann", note="Gandi", private_note="call back")
    sprint.mark("S1.1", "blocked", by="Bo")
    (step,) = sprint.session.step
    assert (step.state, step.by, step.note, step.private_note) == ("blocked", "Bo", "Gandi", "call back")
    assert step.at == "2026-11-24T12:00:00Z"
    sprint.mark("B04", "done")
    assert len(sprint.session.step) == 2


def test_rows_take_the_place_of_their_older_version(sprint: Sprint) -> None:
    sprint.put(Record(name="example.com", type="A", value="203.0.113.1", purpose="site"))
    sprint.session.record[0].unknown["colour"] = "blue"
    sprint.put(Record(name="example.com", type="A", value="203.0.113.1", ttl=60))
    (record,) = sprint.session.record
    assert (record.purpose, record.ttl, record.unknown) == ("site", 60, {"colour": "blue"})
    sprint.put(Contact(name="Ann"), Contact(name="Ann", role="founder"), Alert(destination="mail", fired="x"))
    assert [contact.role for contact in sprint.session.contact] == ["founder"]
    sprint.put(Subdomain(name="app.example.com"), SecretEntry(name="KEY", place="Vercel"), Change(what="www added"))
    assert sprint.session.change[0].at == "2026-11-24T12:00:00Z"
    assert sprint.remove(Contact(name="Ann")) and not sprint.remove(Contact(name="Ann"))


def test_fields_are_edited_by_name(sprint: Sprint) -> None:
    sprint.edit("site", canonical="https://www.example.com/", subdomains=["app"])
    sprint.edit("consent", forms=True, by="Ann")
    subject = sprint.subject()
    assert subject.canonical == "https://www.example.com/" and subject.subdomains == ("app.example.com",)
    assert subject.consent.forms and subject.consent.by == "Ann"
    with pytest.raises(AttributeError):
        sprint.edit("site", nonsense=1)


def test_listeners_hear_of_everything(sprint: Sprint) -> None:
    heard: list[Event] = []
    stop = sprint.subscribe(heard.append)
    run(sprint, finding(), only=["dns"])
    sprint.mark("S1.1", "done")
    sprint.put(Contact(name="Ann"))
    sprint.open_block("H2")
    stop()
    sprint.close_block("H2")
    assert [type(event) for event in heard] == [RunStarted, FindingRecorded, RunEnded, StepMarked, Edited, Edited]
    started = heard[0]
    assert isinstance(started, RunStarted) and all(check.startswith("dns.") for check in started.checks)
    assert sprint.session.sprint.blocks["H2"].closed
    with pytest.raises(KeyError):
        sprint.open_block("H9")


def test_the_hour_and_the_block_that_it_is(sprint: Sprint) -> None:
    assert sprint.hour is None and sprint.block_now.id == "H1"
    for started, hour, block in (
        ("2026-11-24T11:30:00Z", 0.5, "H1"),
        ("2026-11-24T00:00:00Z", 12.0, "H2"),
        ("2026-11-20T12:00:00Z", 96.0, "H5"),
        ("2026-11-25T00:00:00Z", 0.0, "H1"),
        ("2026-11-24T13:00:00+02:00", 1.0, "H1"),
    ):
        sprint.session.sprint.started = started
        assert (sprint.hour, sprint.block_now.id) == (hour, block)
    assert hours_since("soon", datetime.now(UTC)) is None


def test_a_new_sprint_is_on_the_disk_at_once(tmp_path: Path) -> None:
    path = tmp_path / "x.launch.toml"
    with Sprint.new(path, Site(domain="example.com"), consultant="Ann", client="Harbor") as sprint:
        kept = load(path).session.sprint
        assert kept.started and kept.client == "Harbor" and kept.blocks["H1"].opened
        assert sprint.saved.word == "saved"
        with pytest.raises(AlreadyThere):
            sprint.save_copy(path)
        sprint.save_copy(tmp_path / "copy.launch.toml")
        rescued = sprint.rescue()
        assert load(rescued).session == load(path).session
    with pytest.raises(AlreadyThere):
        Sprint.new(path, Site(domain="other.example"))
    assert load(path).session.site.domain == "example.com"
    with pytest.raises(NotSaved):
        Sprint.new(tmp_path / "gone" / "x.launch.toml", Site(domain="example.com"))


def test_a_later_version_is_looked_at_only(tmp_path: Path) -> None:
    path = tmp_path / "x.launch.toml"
    path.write_text('schema = 9\n[site]\ndomain = "example.com"\n')
    with Sprint.open(path) as sprint:
        assert sprint.read_only and "later version" in sprint.word
        with pytest.raises(ReadOnly):
            sprint.begin_run()
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_in_memory_everything_works_but_the_disk(sprint: Sprint) -> None:
    assert sprint.saved.word == "in memory" and not sprint.read_only
    assert sprint.flush_now() and sprint.close()


def test_being_offline_adds_no_row_beside_what_was_seen(sprint: Sprint) -> None:
    run(sprint, finding(target="www.example.com"))
    run(sprint, finding(target="example.com", status="skipped", summary="offline: this check needs the network"))
    assert [row.target for row in sprint.session.finding] == ["www.example.com"]
    assert sprint.session.run[1].counts == {"skipped": 1}
    assert sprint.session.run[1].before == []


def test_what_was_seen_is_told_where_the_last_look_came_to_no_answer(sprint: Sprint) -> None:
    run(sprint, finding(summary="www has no address", fix="Publish www."))
    run(sprint, finding(status="error", summary="could not check: timed out", fix=""))
    (row,) = sprint.risks()
    assert (row.summary, row.seen.summary, row.seen.fix) == (
        "could not check: timed out", "www has no address", "Publish www.",
    )  # fmt: skip
