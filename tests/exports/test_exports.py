"""What the exports hold: every named address, the session's text as data alone, and never a credential."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from checks.subject import BadName
from launchready_tui.exports import EXPORTS, chosen, record
from launchready_tui.exports.files import yaml_text
from launchready_tui.exports.gatus import pattern
from launchready_tui.exports.github_actions import literal
from launchready_tui.exports.prometheus import quoted
from launchready_tui.exports.targets import encoded, plan
from launchready_tui.session.model import Monitor, Session, Site, SiteRoute
from tests.exports.sessions import HOSTILE, hostile, ordinary

MONITORS = [name for name, export in EXPORTS.items() if export.is_monitor]
BARE = Session(site=Site(domain="example.com"))
VAULT = "launchready/example.com/" + "slack"


def read(session: Session, name: str) -> dict[str, Any]:
    """The YAML files of an export."""
    return {file: yaml.safe_load(text) for file, text in EXPORTS[name].files(session).items() if file.endswith("ml")}


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("session", [ordinary(), hostile(), BARE], ids=["ordinary", "hostile", "bare"])
def test_every_file_is_text_that_can_be_read(name: str, session: Session) -> None:
    if name == "promptfoo" and session is BARE:
        with pytest.raises(BadName, match="no AI endpoint is named"):
            EXPORTS[name].files(session)
        return
    files = EXPORTS[name].files(session)
    assert "README.md" in files
    assert read(session, name)
    assert all(text.isascii() for file, text in files.items() if file != "README.md")


@pytest.mark.parametrize("name", MONITORS)
def test_a_monitor_covers_all_that_was_named(name: str) -> None:
    assert EXPORTS[name].covered(ordinary()) == [
        "https://www.example.com/",
        "https://www.example.com/api/health",
        "https://www.example.com/api/order",
    ]


def test_without_anything_named_the_homepage_is_probed() -> None:
    assert [target.url for target in plan(Session(site=Site(domain="example.com"))).targets] == ["https://example.com/"]


def test_what_would_act_on_each_probe_is_left_out_unless_it_is_watched() -> None:
    session = ordinary()
    session.site.routes = [
        SiteRoute(url="/login", kind="login"),
        SiteRoute(url="/contact", method="POST"),
        SiteRoute(url="/api/order", method="POST"),
    ]
    made = plan(session)
    assert "https://www.example.com/login" in [target.url for target in made.targets]
    assert [text.partition(":")[0] for text in made.left_out] == ["POST www.example.com/contact"]
    assert "https://www.example.com/contact" not in EXPORTS["gatus"].covered(session)
    assert "POST www.example.com/contact" in EXPORTS["gatus"].files(session)["README.md"]


def test_the_smoke_job_is_no_monitor() -> None:
    assert EXPORTS["github-actions"].covered(ordinary()) == []


def test_what_a_monitor_covers_takes_the_place_of_what_it_covered() -> None:
    session = ordinary(probes=["https://other.example.com/", {"url": "https://old.example.com/", "monitor": "gatus"}])
    session.monitor.probes = record(session, "gatus")  # type: ignore[assignment]
    assert session.monitor.probes[0] == "https://other.example.com/"
    assert [entry["monitor"] for entry in session.monitor.probes[1:]] == ["gatus"] * 3  # type: ignore[index]
    assert "old" not in str(session.monitor.probes)
    assert chosen(session) == ["gatus"]


def test_the_ordinary_export_says_what_is_probed() -> None:
    endpoints = read(ordinary(), "gatus")["config.yaml"]["endpoints"]
    assert endpoints[1]["conditions"][:2] == ["[STATUS] == 200", '[BODY] == pat(*"ok": true*)']
    assert (endpoints[2]["method"], json.loads(endpoints[2]["body"])) == ("POST", {"probe": True})
    assert endpoints[2]["headers"] == {"Content-Type": "application/json"}
    modules = read(ordinary(), "prometheus")["blackbox.yml"]["modules"]
    assert modules["post-www-example-com-api-order"]["http"]["valid_status_codes"] == [201]
    sites = read(ordinary(regions=["aws-eu-west-1"]), "upptime")[".upptimerc.yml"]["sites"]
    assert [site.get("location") for site in sites] == [None, "aws-eu-west-1", None, "aws-eu-west-1", None]


def test_credentials_are_places_to_fill() -> None:
    destinations = [{"kind": kind, "name": "Ann", "vault": VAULT} for kind in ("slack", "sms", "ntfy", "mail")]
    for name in EXPORTS:
        text = "".join(EXPORTS[name].files(ordinary(destinations=destinations)).values())
        assert VAULT not in text
    gatus = read(ordinary(destinations=destinations), "gatus")["config.yaml"]["alerting"]
    assert gatus["slack"] == {"webhook-url": "${SLACK_WEBHOOK_URL}"}
    assert (gatus["twilio"]["token"], gatus["ntfy"]["topic"]) == ("${TWILIO_AUTH_TOKEN}", "${NTFY_TOPIC}")
    assert gatus["email"]["password"] == "${SMTP_PASSWORD}"
    receiver = read(ordinary(), "prometheus")["alertmanager.yml"]["receivers"][0]
    assert set(receiver["slack_configs"][0]) == {"api_url_file", "send_resolved", "title"}


@pytest.mark.parametrize("name", EXPORTS)
def test_who_cannot_be_told_is_named(name: str) -> None:
    text = EXPORTS[name].files(ordinary(destinations=["carrier pigeon"]))["README.md"]
    assert ("carrier pigeon" in text) is (name in ("prometheus", "gatus"))


# ---------------------------------------------------------------- hostile text stays data


def test_prometheus_takes_hostile_text_for_data() -> None:
    made = read(hostile(), "prometheus")
    for number, text in enumerate(HOSTILE):
        http = list(made["blackbox.yml"]["modules"].values())[number]["http"]
        assert http["body"] == text
        assert re.search(http["fail_if_body_not_matches_regexp"][0], f"<p>{text}</p>")
    for row in made["prometheus.yml"]["scrape_configs"][0]["static_configs"]:
        assert re.fullmatch(r"https://www\.example\.com/[\w/%:@!$&'()*+,;=.~?-]*", row["targets"][0])
        assert re.fullmatch(r"[a-z0-9-]+", row["labels"]["module"])
    mail = made["alertmanager.yml"]["receivers"][0]["email_configs"][0]
    assert mail["to"] == '{{ "{{" }}evil}}@example.com'


def test_gatus_takes_hostile_text_for_data() -> None:
    text = EXPORTS["gatus"].files(hostile())["config.yaml"]
    # As Gatus does it: doubled ones are kept, all others are variables.
    names = set(re.findall(r"\$.[A-Z_]*.?", text.replace("$$", "")))
    assert names == {"${SLACK_WEBHOOK_URL}", "${SMTP_HOST}", "${SMTP_PASSWORD}"}
    endpoints = yaml.safe_load(text.replace("$$", "$"))["endpoints"]
    for number, told in enumerate(HOSTILE):
        assert endpoints[number]["body"] == told
        body = next(c for c in endpoints[number]["conditions"] if c.startswith("[BODY]"))
        assert len(body.split(" == ")) == 2


def test_upptime_sees_no_variable() -> None:
    made = EXPORTS["upptime"].files(hostile())
    assert "$" not in made[".upptimerc.yml"]
    assert made["README.md"].count("would be taken for a secret's name") >= 2


def test_actions_see_no_expression() -> None:
    workflow = next(iter(read(hostile(), "github-actions").values()))
    steps = workflow["jobs"]["smoke"]["steps"]
    for step, text in zip(steps, HOSTILE, strict=False):
        assert evaluated(step["env"]["BODY"]) == evaluated(step["env"]["CONTAINS"]) == text
        assert "${{" not in step["run"]
        assert step["run"] == steps[0]["run"]


def evaluated(text: str) -> str:
    """What GitHub makes of a value: each expression here is a literal text."""
    return re.sub(r"\$\{\{ '((?:[^']|'')*)' \}\}", lambda found: found[1].replace("''", "'"), text)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(TEXT)
def test_any_text_comes_back_from_yaml_and_is_ascii(text: str) -> None:
    made = yaml_text({"key": [text, {"k": text}]})
    assert made.isascii()
    assert yaml.safe_load(made) == {"key": [text, {"k": text}]}


@given(TEXT)
def test_any_text_is_its_own_regular_expression(text: str) -> None:
    assert re.fullmatch(quoted(text), text)


@given(TEXT)
def test_any_text_comes_out_of_an_expression(text: str) -> None:
    assert evaluated(literal(text)) == text


@given(TEXT)
def test_a_pattern_of_gatus_has_one_operator_and_no_sign_of_its_own(text: str) -> None:
    condition = f"[BODY] == pat(*{pattern(text)}*)"
    assert len(condition.split(" == ")) == 2
    assert not re.search(r"[*\[\]\\\n]", pattern(text))
    assert "/" not in text or "/" in pattern(text)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_path_becomes_ascii_without_quotes_or_braces(text: str) -> None:
    url = encoded(f"https://example.com/{text.replace('?', '').replace('#', '')}")
    assert re.fullmatch(r"https://example\.com/[\w/%:@!$&'()*+,;=.~-]*", url, re.ASCII)
    assert encoded(url) == url


def test_names_are_unique() -> None:
    urls = ["https://example.com/a-b", "https://example.com/a/b", "https://example.com/a b"]
    names = [
        target.name
        for target in plan(Session(site=Site(domain="example.com"), monitor=Monitor(urls=list(urls)))).targets
    ]
    assert len(set(names)) == len(names) == 4
