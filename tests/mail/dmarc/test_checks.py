"""The findings of the dmarc checks, and the tree walk below them."""

from __future__ import annotations

import pytest

from checks.mail.dmarc.tree import names_to_walk
from launchready_tui.lab.world import World
from tests.mail.auditing import Findings, audit
from tests.mail.signing import zone_txt

OURS = "rua=mailto:dmarc@example.com"


async def dmarc(
    world: World, *texts: str, at: str = "_dmarc", domain: str = "example.com", **more: list[str]
) -> Findings:
    records = {"@": ["A 192.0.2.1"], **more}
    if texts:
        records[at] = [zone_txt(text) for text in texts]
    world.zone("example.com", records)
    return await audit(world, "dmarc", domain=domain)


def test_walk_of_many_labels() -> None:
    long = "a.b.c.d.e.f.g.h.i.j.mail.example.com"
    assert names_to_walk(long) == (
        long,
        "g.h.i.j.mail.example.com",
        "h.i.j.mail.example.com",
        "i.j.mail.example.com",
        "j.mail.example.com",
        "mail.example.com",
        "example.com",
        "com",
    )
    assert names_to_walk("example.com") == ("example.com", "com")
    assert len(names_to_walk("1.2.3.4.5.6.7.8")) == 8


async def test_healthy(world: World) -> None:
    found = await dmarc(world, f"v=DMARC1; p=reject; {OURS}")
    assert {str(finding.status) for finding in found} == {"pass"}


async def test_missing(world: World) -> None:
    found = await dmarc(world)
    assert found.problems == {"dmarc.missing"}
    missing = found.one("dmarc.missing")
    assert "_dmarc.example.com TXT" in missing.fix and "p=none" in missing.fix
    assert {str(finding.status) for finding in found} == {"fail", "pass", "skipped"}
    assert (await dmarc(world, "v=spf1 -all")).problems == {"dmarc.missing"}


async def test_record_in_the_wrong_place_is_told(world: World) -> None:
    found = await dmarc(world, f"v=DMARC1; p=reject; {OURS}", at="@")
    assert any("wrong place" in line for line in found.one("dmarc.missing").evidence)


async def test_missing_where_nothing_is_sent_is_closed_at_once(world: World) -> None:
    world.zone("example.com", {"@": ["MX 0 .", zone_txt("v=spf1 -all")]})
    found = await audit(world, "dmarc")
    assert "p=reject" in found.one("dmarc.missing").fix


async def test_several_records(world: World) -> None:
    found = await dmarc(world, f"v=DMARC1; p=reject; {OURS}", "v=DMARC1; p=none", "other text")
    assert found.problems == {"dmarc.multiple"}
    assert "p=reject" in found.one("dmarc.multiple").fix
    assert found.status("dmarc.missing") == "skipped"


@pytest.mark.parametrize(
    "text",
    ["v=dmarc1; p=none", "p=none; v=DMARC1", "v=DMARC1 p=none", "v=DMARC1", "v=DMARC1; p=block", " v=DMARC1; p=none"],
)
async def test_unusable_instead_of_missing(world: World, text: str) -> None:
    found = await dmarc(world, text)
    assert found.problems == {"dmarc.syntax"}
    assert found.one("dmarc.syntax").target == "_dmarc.example.com"
    assert found.status("dmarc.missing") == "skipped"


async def test_fault_beside_another_problem(world: World) -> None:
    found = await dmarc(world, f"v=DMARC1; p=none; adkim=x; {OURS}")
    assert found.problems == {"dmarc.syntax", "dmarc.policy-none"}
    invalid = await dmarc(world, f"v=DMARC1; p=rejekt; {OURS}")
    assert invalid.problems == {"dmarc.syntax"}
    address = await dmarc(world, "v=DMARC1; p=reject; rua=dmarc@example.com")
    assert address.problems == {"dmarc.syntax"}
    assert "rua=mailto:dmarc@example.com" in address.one("dmarc.syntax").fix


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("p=none", True),
        ("p=quarantine", False),
        ("p=quarantine; t=y", True),
        ("p=reject; t=y", False),
        ("sp=reject", True),
        ("p=reject; sp=reject", False),
    ],
)
async def test_policy_none(world: World, text: str, problem: bool) -> None:
    found = await dmarc(world, f"v=DMARC1; {text}; {OURS}")
    assert found.problems == ({"dmarc.policy-none"} if problem else set())
    if problem:
        assert found.one("dmarc.policy-none").fix


@pytest.mark.parametrize(
    ("text", "policy", "problems"),
    [
        ("p=reject; sp=none", "none (sp=none", {"dmarc.policy-none", "dmarc.subdomains-open"}),
        ("p=none; sp=reject", "reject (sp=reject", set()),
        ("p=reject", "reject (p=reject", set()),
        ("p=reject; np=none", "reject (p=reject", {"dmarc.subdomains-open"}),
    ],
)
async def test_subdomain_is_covered_by_the_tree(world: World, text: str, policy: str, problems: set[str]) -> None:
    found = await dmarc(world, f"v=DMARC1; {text}; {OURS}", domain="app.example.com", app=["A 192.0.2.2"])
    assert found.problems == problems
    assert policy in found.one("dmarc.missing").summary


async def test_name_that_does_not_exist_follows_np(world: World) -> None:
    found = await dmarc(world, f"v=DMARC1; p=none; sp=none; np=reject; {OURS}", domain="ghost.example.com")
    assert "np=reject" in found.one("dmarc.missing").summary
    assert found.problems == set()


async def test_record_of_an_intermediate_name_does_not_count(world: World) -> None:
    world.zone(
        "example.com",
        {
            "_dmarc": [zone_txt(f"v=DMARC1; p=reject; {OURS}")],
            "_dmarc.team": [zone_txt("v=DMARC1; p=none")],
            "app.team": ["A 192.0.2.1"],
        },
    )
    found = await audit(world, "dmarc", domain="app.team.example.com")
    assert found.problems == set()
    own = await audit(world, "dmarc", domain="team.example.com")
    assert own.problems == {"dmarc.policy-none", "dmarc.no-reports"}


@pytest.mark.parametrize("at", ["_dmarc", "_dmarc.team"])
async def test_the_fault_that_is_told_stands_where_the_policy_comes_from(world: World, at: str) -> None:
    faulty = "v=DMARC1; p=reject; adkim=x; rua=mailto:x@example.com"
    sound = faulty.replace("adkim=x; ", "")
    records = {name: [zone_txt(faulty if name == at else sound)] for name in ("_dmarc", "_dmarc.team")}
    world.zone("example.com", {**records, "app.team": ["A 192.0.2.1"]})
    found = await audit(world, "dmarc", domain="app.team.example.com")
    assert found.problems == ({"dmarc.syntax"} if at == "_dmarc" else set())


async def test_the_registry_does_not_stand_in_for_a_spoiled_record(world: World) -> None:
    world.zone("com", {"_dmarc": [zone_txt("v=DMARC1; p=reject; psd=y")]})
    found = await dmarc(world, "v=DMARC1; p=rejekt", domain="app.example.com", app=["A 192.0.2.2"])
    assert found.problems == {"dmarc.syntax"}
    assert found.status("dmarc.missing") == "skipped"


async def test_psd_n_ends_the_walk(world: World) -> None:
    world.zone(
        "example.com",
        {
            "_dmarc": [zone_txt(f"v=DMARC1; p=reject; {OURS}")],
            "_dmarc.team": [zone_txt("v=DMARC1; p=none; psd=n; rua=mailto:x@team.example.com")],
            "app.team": ["A 192.0.2.1"],
        },
    )
    found = await audit(world, "dmarc", domain="app.team.example.com")
    assert found.problems == {"dmarc.policy-none"}


async def test_registry_policy_applies(world: World) -> None:
    world.zone("com", {"_dmarc": [zone_txt("v=DMARC1; p=reject; psd=y; rua=mailto:x@registry.example; pct=5")]})
    found = await dmarc(world)
    assert found.problems == set()
    assert "registry" in " ".join(found.one("dmarc.missing").evidence)
    own = await dmarc(world, "v=DMARC1; p=none")
    assert {"dmarc.policy-none", "dmarc.no-reports"} == own.problems


@pytest.mark.parametrize("text", ["p=reject; sp=none", "p=quarantine; np=none", "p=reject; t=y; sp=none"])
async def test_subdomains_open(world: World, text: str) -> None:
    found = await dmarc(world, f"v=DMARC1; {text}; {OURS}")
    assert found.problems == {"dmarc.subdomains-open"}
    assert "=none" not in found.one("dmarc.subdomains-open").fix


async def test_subdomains_of_an_open_domain_are_no_extra_problem(world: World) -> None:
    assert (await dmarc(world, f"v=DMARC1; p=none; sp=none; {OURS}")).problems == {"dmarc.policy-none"}
    lowered = await dmarc(world, f"v=DMARC1; p=quarantine; t=y; sp=none; {OURS}")
    assert lowered.problems == {"dmarc.policy-none"}


@pytest.mark.parametrize("text", ["p=reject", "p=reject; rua=https://r.example/", "p=reject; ruf=mailto:a@example.com"])
async def test_no_reports(world: World, text: str) -> None:
    found = await dmarc(world, f"v=DMARC1; {text}")
    assert found.problems == {"dmarc.no-reports"}


@pytest.mark.parametrize("text", ["pct=50", "pct=100", "ri=3600", "rf=afrf"])
async def test_obsolete_tags(world: World, text: str) -> None:
    found = await dmarc(world, f"v=DMARC1; p=reject; {text}; {OURS}")
    assert found.problems == {"dmarc.obsolete-tag"}
    note = found.one("dmarc.obsolete-tag")
    assert str(note.triage) == "note" and text not in note.fix
    assert ("50 %" in note.summary) is (text == "pct=50")


async def test_reports_to_others(world: World) -> None:
    record = "v=DMARC1; p=reject; rua=mailto:a@reports.example,mailto:b@in.example.com; ruf=mailto:c@other.example"
    refused = await dmarc(world, record)
    assert refused.problems == {"dmarc.reports-refused"}
    told = {f.target: str(f.status) for f in refused.of("dmarc.reports-refused")}
    assert told == {
        "example.com._report._dmarc.reports.example": "fail",
        "example.com._report._dmarc.other.example": "fail",
    }
    assert str(refused.of("dmarc.reports-refused")[0].triage) == "later"
    world.zone("reports.example", {"example.com._report._dmarc": [zone_txt("v=DMARC1"), zone_txt("noise")]})
    world.zone("other.example", {"*._report._dmarc": [zone_txt("v=DMARC1; rua=mailto:z@other.example")]})
    assert (await dmarc(world, record)).problems == set()
    world.zone("other.example", {"*._report._dmarc": [zone_txt("v=spf1 -all")]})
    assert (await dmarc(world, record)).problems == {"dmarc.reports-refused"}


async def test_same_organisation_needs_no_permission(world: World) -> None:
    found = await dmarc(world, "v=DMARC1; p=reject; rua=mailto:a@reports.team.example.com")
    assert found.problems == set()
    subdomain = await dmarc(world, f"v=DMARC1; p=reject; {OURS}", at="_dmarc.app", domain="app.example.com")
    assert subdomain.problems == {"dmarc.reports-refused"}
    both = {"_dmarc.app": [zone_txt(f"v=DMARC1; p=reject; {OURS}")]}
    assert (await dmarc(world, "v=DMARC1; p=none", domain="app.example.com", **both)).problems == set()


async def test_no_answer_is_never_missing(world: World) -> None:
    for break_it in (lambda: world.resolver.silent("_dmarc.example.com"),
                     lambda: world.resolver.says("SERVFAIL", "_dmarc.example.com")):  # fmt: skip
        break_it()
        found = await dmarc(world, f"v=DMARC1; p=none; {OURS}")
        assert found.problems == set()
        assert {str(finding.status) for finding in found} == {"error"}


async def test_permission_that_cannot_be_asked_is_an_error(world: World) -> None:
    world.resolver.says("SERVFAIL", "example.com._report._dmarc.reports.example")
    found = await dmarc(world, "v=DMARC1; p=reject; rua=mailto:a@reports.example")
    assert found.problems == set() and found.status("dmarc.reports-refused") == "error"


async def test_older_receivers_are_told_of(world: World) -> None:
    found = await dmarc(world, f"v=DMARC1; p=reject; t=y; {OURS}")
    assert any("RFC 7489" in line and "t=y" in line for line in found.one("dmarc.missing").evidence)


async def test_asks_each_name_once(world: World) -> None:
    await dmarc(world, f"v=DMARC1; p=reject; {OURS}")
    asked = world.resolver.queries
    assert len(asked) == len(set(asked)) <= 4
