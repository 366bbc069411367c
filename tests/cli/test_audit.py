"""`launchready audit` as others build on it: exit status, JSON, many subjects, wrong words."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from checks.subject import Consent, MailPlan, Seed, Subject
from launchready_tui.commands.audit import DEADLINE, parse_route, seconds_for
from launchready_tui.lab.world import World
from tests.cli.conftest import launchready


async def test_the_json_is_as_its_schema_says(site: list[str]) -> None:
    done = await launchready("audit", "example.com", "--json", "--only", "dns,tls,web", *site)
    assert done.err == ""
    schema = (await launchready("audit", "--schema")).json
    jsonschema.validate(done.json, schema, format_checker=jsonschema.FormatChecker())
    result = done.json
    assert result["domain"] == "example.com"
    assert {f["check"].partition(".")[0] for f in result["findings"]} == {"dns", "tls", "web"}
    assert result["counters"]["dns_queries"] >= result["counters"]["dns_questions"] > 0
    assert sum(result["summary"].values()) == len(result["findings"])
    assert done.code == int(result["summary"]["now"] > 0)


async def test_fail_on_says_what_counts(site: list[str]) -> None:
    for fail_on, key in (("now", "now"), ("later", "later"), ("never", None)):
        done = await launchready("audit", "example.com", "--json", "--only", "headers", "--fail-on", fail_on, *site)
        summary = done.json["summary"]
        expected = key is not None and (summary["now"] > 0 or (key == "later" and summary["later"] > 0))
        assert done.code == int(expected)


async def test_several_subjects_give_a_line_each(site: list[str], tmp_path: Path) -> None:
    good = tmp_path / "good.launch.toml"
    good.write_text('schema = 1\n[site]\ndomain = "example.com"\n')
    bad = tmp_path / "bad.launch.toml"
    bad.write_text("schema = 1\n[site\n")
    done = await launchready(
        "audit", str(good), str(bad), str(tmp_path / "gone.launch.toml"), "not a name", "example.com",
        "--json", "--only", "dns.apex-address-missing", "--jobs", "2", *site,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert len(lines) == 5
    assert sum("findings" in line for line in lines) == 2
    assert all("error" in line for line in lines if "findings" not in line)
    assert done.code == 2
    assert {line.get("file") for line in lines if "error" in line} >= {str(bad), str(tmp_path / "gone.launch.toml")}


async def test_audit_of_a_file_leaves_it_as_it_is_and_save_records_the_run(site: list[str], tmp_path: Path) -> None:
    path = tmp_path / "x.launch.toml"
    text = '# mine\nschema = 1\n[site]\ndomain = "example.com"\n'
    path.write_text(text)
    await launchready("audit", str(path), "--json", "--only", "dns", *site)
    assert path.read_text() == text
    assert sorted(p.name for p in tmp_path.iterdir()) == [path.name]
    await launchready("audit", str(path), "--json", "--only", "dns", "--save", *site)
    assert "[[finding]]" in path.read_text()


async def test_offline_is_said_at_once_and_exits_3() -> None:
    done = await launchready("audit", "example.com", "--json", "--offline")
    assert done.code == 3
    assert all(f["status"] in ("skipped", "info") for f in done.json["findings"])
    # Nothing was sent, so nothing was waited for.
    assert set(done.json["counters"].values()) == {0}


async def test_no_resolver_that_answers_exits_3(world: World) -> None:
    done = await launchready("audit", "example.com", "--json", "--nameserver", "127.0.0.1:1", "--only", "dns")
    assert done.code == 3
    assert {f["status"] for f in done.json["findings"]} <= {"error", "skipped"}


@pytest.mark.parametrize(
    "words",
    [
        ["audit"],
        ["audit", "example.com", "--only", "nonsense"],
        ["audit", "example.com", "--nameserver", "not-an-address"],
        ["audit", "example.com", "--connect-to", "a:b"],
        ["audit", "example.com", "--ca-file", "gone.pem"],
        ["audit", "example.com", "--connect-map", "gone.txt"],
        ["audit", "--no-such-option"],
        ["no-such-command"],
    ],
)
async def test_a_wrong_command_line_exits_2_with_a_sentence(words: list[str]) -> None:
    done = await launchready(*words)
    assert done.code == 2
    assert done.out == ""
    assert "Traceback" not in done.err
    assert done.err.strip()


async def test_a_connect_map_file_works_as_the_option(world: World, site: list[str], tmp_path: Path) -> None:
    path = tmp_path / "map.txt"
    path.write_text("# all of it\n" + "\n".join(world.connect_to) + "\n\n")
    done = await launchready(
        "audit", "example.com", "--json", "--only", "web.unreachable", "--nameserver", world.nameservers[0],
        "--connect-map", str(path), "--ca-file", world.ca_file,
    )  # fmt: skip
    assert [f["status"] for f in done.json["findings"]] == ["pass"]


async def test_the_plain_report_has_no_escape_and_one_line_of_counts(site: list[str]) -> None:
    done = await launchready("audit", "example.com", "--plain", "--only", "headers", *site)
    assert "\x1b" not in done.out
    assert "could not be checked" in done.out.splitlines()[-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://x.example/a", ("GET", "https://x.example/a", None, "")),
        ("https://x.example/a=204", ("GET", "https://x.example/a", 204, "")),
        ("/login=200", ("GET", "https://example.com/login", 200, "")),
        ("POST /api 201 created", ("POST", "https://example.com/api", 201, "created")),
        ("x.example/a?b=c", ("GET", "https://x.example/a?b=c", None, "")),
    ],
)
def test_routes(text: str, expected: tuple[str, str, int | None, str]) -> None:
    route = parse_route(text, "example.com")
    assert (route.method, route.url, route.status, route.contains) == expected


@pytest.mark.parametrize(
    ("consent", "seeds", "waits"),
    [
        (Consent(), (Seed("seed@example.org"),), False),
        (Consent(seeds=True), (), False),
        (Consent(seeds=True), (Seed("seed@example.org"),), True),
        (Consent(forms=True), (), True),
    ],
)
def test_an_audit_lasts_as_long_as_what_it_sends_may_travel(
    consent: Consent, seeds: tuple[Seed, ...], waits: bool
) -> None:
    subject = Subject("example.com", consent=consent, mail=MailPlan(seeds=seeds, deadline_minutes=7))
    assert seconds_for(subject) == DEADLINE + (7 * 60 if waits else 0)
