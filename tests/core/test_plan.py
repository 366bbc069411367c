"""The plan and the catalogue hold every id that they must, and each leads to the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from checks.catalogue import catalogue
from launchready_tui import documented
from launchready_tui.cli import main
from launchready_tui.plan import plan
from tests.core.ids import CHECKS, ROADMAP

FAMILIES = {check.partition(".")[0] for check in CHECKS}


def test_the_lists_are_whole() -> None:
    assert len(set(ROADMAP)) == len(ROADMAP) == 103
    assert len(set(CHECKS)) == len(CHECKS) == 129


def test_every_id_of_the_roadmap_is_in_the_plan() -> None:
    assert sorted(plan().ids) == sorted(ROADMAP)


def test_every_check_is_in_the_catalogue() -> None:
    assert set(CHECKS) <= set(catalogue())


def test_every_check_feeds_what_its_items_name() -> None:
    entries = {entry.id: entry for part in (plan().steps, plan().bars, plan().automations) for entry in part}
    missing = [
        (check.id, item)
        for check in catalogue().values()
        for item in check.item
        if check.id not in entries[item].checks
    ]
    assert missing == []


def test_the_plan_names_no_check_that_does_not_exist() -> None:
    restrained = {check for restraint in plan().restraints for check in restraint.never_now}
    assert set(plan().checks) | restrained <= set(CHECKS) | set(catalogue())


def test_the_blocks_fill_the_48_hours_without_a_gap() -> None:
    hours = [block.hours for block in plan().blocks]
    assert [start for start, _ in hours] == [0, *(end for _, end in hours[:-1])]
    assert hours[-1][1] == 48
    assert [[stage.id for stage in block.stages] for block in plan().blocks] == [
        ["S1"], ["S2", "S3"], ["S4", "S5"], ["S6"], ["S7"],
    ]  # fmt: skip


def test_what_is_not_measured_asks_a_person_or_shows_a_part_of_the_session() -> None:
    for step in plan().steps:
        assert step.why, step.id
        assert step.title and len(step.title) <= 46, step.id
        assert bool(step.ask) == (step.how != "live"), step.id
        assert step.checks or step.ask or step.shows, step.id
        assert step.shows == "" or step.shows in documented.PARTS, step.id
    for bar in plan().bars:
        assert bar.checks or bar.shows, bar.id
        assert (bar.how == "both") == bool(bar.steps), bar.id


def test_every_family_has_a_name_for_a_founder() -> None:
    assert FAMILIES <= {family.id for family in plan().families}
    assert plan().family_title("dns") != "dns"
    assert plan().family_title("unheard") == "unheard"


def test_a_part_of_the_plan_is_found_by_its_id() -> None:
    assert plan().block("H3").title == "Mail and deploy"
    assert plan().bar("B08").risk == "mail"
    assert {step.id for step in plan().steps_of("dns.www-missing")} == {"S2.2"}
    assert [bar.id for bar in plan().bars_of("dns.www-missing")] == ["B03"]
    assert "B03" in plan().step("S2.2").bars
    with pytest.raises(KeyError):
        plan().step("S9.9")


def test_a_run_takes_in_the_families_and_ids_it_was_asked_for() -> None:
    assert plan().scope(None) == set(plan().checks)
    assert plan().scope({"spf", "dns.takeover"}) == {c for c in plan().checks if c.startswith("spf.")} | {
        "dns.takeover"
    }


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for entry in value.values():
            yield from strings(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from strings(entry)


def test_plan_json_has_every_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--json"]) == 0
    assert set(ROADMAP) <= set(strings(json.loads(capsys.readouterr().out)))


def test_plan_as_text_names_every_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan"]) == 0
    text = capsys.readouterr().out
    assert all(step.title in text for step in plan().steps)


def test_checks_json_has_every_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checks", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(CHECKS) <= {row["id"] for row in told["checks"]}
    assert {"id", "title", "item", "risk", "triage", "source"} <= set(told["checks"][0])


def test_one_check_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checks", "dns.name-missing"]) == 0
    text = capsys.readouterr().out
    check = catalogue()["dns.name-missing"]
    assert check.title in text and "DNS points to the right place" in text
    assert main(["checks", "dns.name-missing", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "dns.name-missing"


def test_a_misspelt_check_gets_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checks", "dns.name-misin"]) == 2
    assert "dns.name-missing" in capsys.readouterr().err
    assert main(["checks", "xyzzy"]) == 2
    assert "lists them all" in capsys.readouterr().err
