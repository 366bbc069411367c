"""What a run saw of the site goes into the session, without a question of its own, and leaves people's words alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from checks.dns.dns_map import MapRow
from checks.network import Network
from checks.subject import DeployPlan, Subject
from checks.survey import RedirectSeen, SubdomainSeen, Survey
from launchready_tui.audit import audit
from launchready_tui.lab.web_server import page
from launchready_tui.lab.world import World
from launchready_tui.session.model import Record, Redirect, Subdomain
from launchready_tui.sprint import Sprint
from tests.core.make import session

EMPTY = Survey((), (), ())


async def test_a_run_fills_the_map(world: World) -> None:
    world.zone("example.com", {"@": ["A 203.0.113.10"], "www": ["A 203.0.113.10"], "app": ["A 203.0.113.10"]})
    await world.web(
        "203.0.113.10",
        lambda request: page("<title>Harbor</title>"),
        world.authority.issue("example.com", "*.example.com"),
    )
    sprint = Sprint.in_memory(session())
    async with world.network() as network:
        result = await audit(sprint.subject(), network, only={"dns", "web"})
        assert result.survey is not None
    sprint.record_audit(result, only={"dns", "web"})
    kept = {(record.name, record.type): record for record in sprint.session.record}
    assert kept["www.example.com", "A"].value == "203.0.113.10" and kept["example.com", "A"].purpose
    assert [(row.name, row.declared) for row in sprint.session.subdomain] == [("app.example.com", False)]
    assert all(row.seen for row in (*sprint.session.record, *sprint.session.subdomain))


async def test_a_run_of_one_family_asks_nothing_more(world: World) -> None:
    world.zone("example.com", {"@": ["A 203.0.113.10", "TXT v=spf1 -all"]})
    async with world.network() as network:
        result = await audit(Sprint.in_memory(session()).subject(), network, only={"spf.missing"})
        assert result.survey is not None and result.survey.subdomains == () and result.survey.redirects == ()
        assert result.counters["connections"] == 0


def record(value: str, name: str = "example.com") -> MapRow:
    return MapRow(name, "A", value, 300, "the site")


def test_what_was_looked_at_again_is_renewed_and_peoples_words_stay() -> None:
    sprint = Sprint.in_memory(session())
    sprint.keep_survey(Survey((record("203.0.113.1"), record("203.0.113.9", "app.example.com")), (), ()))
    sprint.session.record[0].purpose = "old host, gone in May"
    sprint.put(Record(name="example.com", type="A", value="203.0.113.7", purpose="planned"))
    sprint.keep_survey(Survey((record("203.0.113.1"), record("203.0.113.2")), (), ()))
    assert [(row.value, row.purpose) for row in sprint.session.record] == [
        ("203.0.113.1", "old host, gone in May"),
        ("203.0.113.9", "the site"),
        ("203.0.113.7", "planned"),
        ("203.0.113.2", "the site"),
    ]
    sprint.keep_survey(Survey((record("203.0.113.2"),), (), ()))
    assert [row.value for row in sprint.session.record] == ["203.0.113.9", "203.0.113.7", "203.0.113.2"]


def test_redirects_and_subdomains() -> None:
    sprint = Sprint.in_memory(session())
    sprint.put(Subdomain(name="app.example.com", purpose="the app", declared=True))
    assert sprint.subject().subdomains == ("app.example.com",)
    seen = Survey(
        (),
        (RedirectSeen("http://example.com/", "https://example.com/\x1b", 301),),
        (SubdomainSeen("app.example.com", True, "declared"), SubdomainSeen("old.example.com", False, "a certificate")),
    )
    sprint.keep_survey(seen)
    (redirect,) = sprint.session.redirect
    assert isinstance(redirect, Redirect) and "\x1b" not in redirect.to and redirect.status == 301
    assert [(row.name, row.purpose) for row in sprint.session.subdomain] == [
        ("app.example.com", "the app"),
        ("old.example.com", ""),
    ]
    sprint.keep_survey(EMPTY)
    sprint.keep_survey(None)
    assert len(sprint.session.subdomain) == 2
    sprint.keep_survey(Survey((), (), seen.subdomains[:1]))
    assert [row.name for row in sprint.session.subdomain] == ["app.example.com"]


def test_where_it_is_deployed_is_kept_until_another_run_sees_otherwise() -> None:
    sprint = Sprint.in_memory(session())
    sprint.keep_survey(Survey((), (), (), platforms=("Fly.io: fly.toml",)))
    sprint.keep_survey(EMPTY)
    assert sprint.session.deploy.seen == ["Fly.io: fly.toml"]
    sprint.keep_survey(Survey((), (), (), platforms=("Vercel: vercel.json",)))
    assert sprint.session.deploy.seen == ["Vercel: vercel.json"]


async def test_a_run_on_a_repository_tells_where_it_is_deployed(tmp_path: Path) -> None:
    (tmp_path / "fly.toml").write_text("app = 'x'")
    subject = replace(Subject.of("example.com"), deploy=DeployPlan(repo=tmp_path, rollback="make back"))
    async with Network(offline=True) as network:
        result = await audit(subject, network, only={"deploy"})
    assert result.survey is not None
    assert result.survey.platforms == ("Fly.io: fly.toml",)
