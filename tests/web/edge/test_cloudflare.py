"""Cloudflare's API read and written, edge.ssl-mode and edge.rate-limit, against answers that its schema allows."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts
from checks.network import Network
from checks.secret import Secret
from checks.subject import Consent, Route, Subject
from checks.web.edge.cloudflare.client import Client
from checks.web.edge.cloudflare.envelope import Refused, Throttled
from checks.web.edge.cloudflare.records import DnsRecord, apply_record, dns_records
from checks.web.edge.cloudflare.rules import read_page_rule, read_rule
from checks.web.edge.cloudflare.zone import SETTINGS, edge_settings, zone
from launchready_tui.audit import audit as run_audit
from launchready_tui.handover import render
from launchready_tui.lab.web_server import Reply, page
from launchready_tui.lab.world import World
from launchready_tui.session.toml import dumps
from launchready_tui.sprint import Sprint
from tests.core.make import session
from tests.web.edge.conftest import Audit, OpenShop, Shop, only
from tests.web.edge.fake_cloudflare import LIMIT_RULE, REDIRECT_RULE, ZONE_ID, FakeCloudflare, record, refused, rule

TOKEN = secrets.token_urlsafe(30)
API_ADDRESS = "198.18.7.50"
BASE = "https://api.cloudflare.com/client/v4"
LIMIT = {
    "ratelimit": {"characteristics": ["ip.src"], "requests_per_period": 10, "period": 60, "mitigation_timeout": 60}
}
FIELDS = (
    "action", "action_parameters", "actions", "cache", "constraint", "enabled", "expression", "from_list", "from_value",
    "id", "name", "ratelimit", "ssl", "status", "status_code", "target_url", "targets", "url", "value",
)  # fmt: skip
"""Of rules, as far as they are read."""
EVERY_SETTING = {
    "ssl": "strict",
    "always_use_https": "on",
    "min_tls_version": "1.2",
    "tls_1_3": "on",
    "automatic_https_rewrites": "on",
    "security_header": {"strict_transport_security": {"enabled": True, "max_age": 86400, "include_subdomains": False}},
    "http3": "on",
    "brotli": "on",
}

Make = Callable[..., Awaitable[FakeCloudflare]]


@pytest.fixture
async def cloudflare(world: World) -> AsyncIterator[Make]:
    """Start the API at its own name, with a certificate of the world's root."""
    started: list[FakeCloudflare] = []

    async def start(**options: Any) -> FakeCloudflare:
        api = FakeCloudflare(TOKEN, **options)
        started.append(api)
        world.zone("cloudflare.com", {"api": [f"A {API_ADDRESS}"]})
        await world.web(API_ADDRESS, api, world.authority.issue("api.cloudflare.com"))
        return api

    yield start
    assert [violation for api in started for violation in api.violations] == []


@pytest.fixture
def facts(network: Network) -> Facts:
    return Facts(Subject.of("example.com"), network, secrets={"cloudflare": Secret(TOKEN)})


@pytest.fixture
def client(network: Network) -> Client:
    return Client(network, BASE, Secret(TOKEN))


# -------------------------------------------------------------------- the client


async def test_a_users_token_is_verified(cloudflare: Make, client: Client) -> None:
    await cloudflare()
    token = await client.verify()
    assert (token.active, token.owner, token.expires) == (True, "user", "2027-01-01T00:00:00Z")


async def test_a_disabled_token_is_not_active(cloudflare: Make, client: Client) -> None:
    await cloudflare(status="disabled")
    assert not (await client.verify()).active


async def test_a_token_of_an_account_is_verified_there(cloudflare: Make, client: Client) -> None:
    await cloudflare(account_owned=True)
    token = await client.verify()
    assert (token.active, token.owner) == (True, "account")


async def test_a_wrong_token_is_told_and_never_shown(cloudflare: Make, network: Network) -> None:
    await cloudflare()
    wrong = secrets.token_urlsafe(30)
    with pytest.raises(Refused) as told:
        await Client(network, BASE, Secret(wrong)).verify()
    assert "9109 Invalid access token" in told.value.reason
    assert wrong not in told.value.reason


@pytest.mark.parametrize(
    ("headers", "after", "word"),
    [
        ({"retry-after": "30"}, 30, "in 30 s"),
        ({"retry-after": "9" * 5000}, None, "five minutes"),
        ({}, None, "five minutes"),
        ({"retry-after": "soon"}, None, "five minutes"),
    ],
)
async def test_throttling_says_how_long_to_wait(
    cloudflare: Make, client: Client, headers: dict[str, str], after: int | None, word: str
) -> None:
    await cloudflare(throttle=headers)
    with pytest.raises(Throttled) as told:
        await client.call("GET", "/zones")
    assert (told.value.retry_after, word in told.value.reason) == (after, True)


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        (b"", False),
        (b"<html>", False),
        (b"[]", False),
        (b'"text"', False),
        (b"[" * 50_000, False),
        (b'{"result": 7' + b" " * 8_000_000 + b', "success": true}', False),
        (b'{"success": false}', True),
        (b'{"errors": [1, {}]}', True),
        (b'{"success": false, "errors": 5}', True),
        (b"{}", True),
    ],
)
async def test_a_no_and_what_is_no_answer_of_the_api_are_told_apart(
    cloudflare: Make, client: Client, body: bytes, refused: bool
) -> None:
    await cloudflare(instead={"/zones": Reply(200, (), body)})
    with pytest.raises(CannotTell) as told:
        await client.call("GET", "/zones")
    assert isinstance(told.value, Refused) is refused


async def test_what_repeats_the_token_or_would_act_on_a_terminal_is_made_harmless(
    cloudflare: Make, client: Client
) -> None:
    said = json.dumps(refused(1000, f"bad {TOKEN}\x1b[2J" + "!" * 9000)).encode()
    await cloudflare(instead={"/zones": Reply(403, (), said)})
    with pytest.raises(Refused, match="bad \\(the token\\)") as told:
        await client.call("GET", "/zones")
    assert TOKEN not in told.value.reason and "\x1b" not in told.value.reason and len(told.value.reason) < 600


@pytest.mark.parametrize("value", ["", "two words", "line\nend", "“curly”"])
def test_what_cannot_be_a_token_is_not_sent(network: Network, value: str) -> None:
    with pytest.raises(Refused, match="no API token"):
        Client(network, BASE, Secret(value))


async def test_no_token_is_sent_to_a_server_that_does_not_verify(world: World, client: Client) -> None:
    world.zone("cloudflare.com", {"api": [f"A {API_ADDRESS}"]})
    server = await world.web(API_ADDRESS, FakeCloudflare(TOKEN), world.authority.issue("other.example"))
    with pytest.raises(CannotTell):
        await client.call("GET", "/zones")
    assert not server.requests


def test_no_token_is_sent_in_the_clear(network: Network) -> None:
    with pytest.raises(CannotTell):
        Client(network, "http://api.cloudflare.com/client/v4", Secret(TOKEN))
    Client(network, "http://127.0.0.1:8080/client/v4", Secret(TOKEN))


def many(count: int) -> list[dict[str, Any]]:
    return [record(n, "A", f"n{n}.example.com", "192.0.2.1") for n in range(1, count + 1)]


@pytest.mark.parametrize(("count", "calls"), [(0, 1), (99, 1), (100, 1), (101, 2), (250, 3)])
async def test_every_page_is_read_and_no_more(cloudflare: Make, client: Client, count: int, calls: int) -> None:
    api = await cloudflare(records=many(count))
    assert len(await dns_records(client, ZONE_ID)) == count
    assert len(api.calls) == calls


async def test_an_api_that_gives_fewer_rows_than_asked_for_is_read_to_its_end(cloudflare: Make, client: Client) -> None:
    await cloudflare(records=many(120), most_rows=50)
    assert len(await dns_records(client, ZONE_ID)) == 120


async def test_an_api_that_ignores_the_page_is_not_asked_for_ever(cloudflare: Make, client: Client) -> None:
    api = await cloudflare(records=many(250), ignores_page=True)
    assert len(await dns_records(client, ZONE_ID)) == 100
    assert len(api.calls) == 2


# -------------------------------------------------------------------- the zone


async def test_the_zone_above_a_subdomain_is_found(cloudflare: Make, network: Network) -> None:
    await cloudflare()
    facts = Facts(Subject.of("shop.example.com"), network, secrets={"cloudflare": Secret(TOKEN)})
    assert (await zone(facts)).name == "example.com"


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        ({"status": "pending"}, "pending, Free Website"),
        ({"status": "active", "paused": True}, "active, paused"),
        ({}, "(Free Website)"),
    ],
)
async def test_a_zone_that_does_not_act_yet_is_told(
    cloudflare: Make, audit: Audit, standing: dict[str, Any], said: str
) -> None:
    await cloudflare(settings=EVERY_SETTING, standing=standing, rules={"http_ratelimit": [LIMIT_RULE]})
    given = {"cloudflare": Secret(TOKEN)}
    mode = only(await audit("edge.ssl-mode", secrets=given))
    limit = only(await audit("edge.rate-limit", secrets=given, routes=LOGIN))
    assert mode.status == "pass" and any(said in line for line in mode.evidence)
    idle = bool(standing)
    assert ("the zone" in mode.summary) is idle
    assert limit.status == ("warn" if idle else "pass")


async def test_a_zone_of_another_account_is_told(cloudflare: Make, facts: Facts) -> None:
    await cloudflare(zone="other.example")
    with pytest.raises(CannotTell, match="another account"):
        await zone(facts)


async def test_without_a_token_nothing_is_asked(network: Network) -> None:
    with pytest.raises(NotApplicable, match="launchready vault set"):
        await zone(Facts(Subject.of("example.com"), network))


async def test_the_table_of_the_handover(cloudflare: Make, facts: Facts) -> None:
    await cloudflare(
        settings=EVERY_SETTING,
        rules={"http_ratelimit": [LIMIT_RULE], "http_request_dynamic_redirect": [REDIRECT_RULE]},
        records=[
            record(1, "A", "example.com", "192.0.2.1", proxied=True),
            record(2, "CNAME", "ftp.example.com", "host.example.net"),
            record(3, "TXT", "example.com", '"v=spf1 -all"', proxiable=False),
        ],
    )
    rows = (await edge_settings(facts)).rows()
    assert rows[0] == ("zone", "example.com (active, Free Website)")
    assert dict(rows)["min_tls_version"] == "1.2"
    assert "enabled on, max_age 86400" in dict(rows)["security_header"]
    assert dict(rows)["rate limiting rules"] == 'Log-in: http.request.uri.path eq "/login"'
    assert dict(rows)["redirect rules"] == "To www: true -> the list moved"
    assert dict(rows)["cache rules"] == "none"
    assert dict(rows)["proxied records"] == "example.com A"
    assert dict(rows)["records that show their address"] == "ftp.example.com CNAME"


async def test_what_the_token_may_not_read_is_named(cloudflare: Make, facts: Facts) -> None:
    await cloudflare(settings=EVERY_SETTING, denied=("rulesets", "dns_records"))
    found = await edge_settings(facts)
    assert set(found.settings) == set(SETTINGS)
    assert found.lacking == (
        "Single Redirect Read (Dynamic URL Redirects Read)", "Cache Rules Read (Cache Settings Read)", "Zone WAF Read",
        "Config Rules Read (Config Settings Read)", "DNS Read",
    )  # fmt: skip
    rows = found.rows()
    assert len(found.unread) == 5 and "DNS records: " in found.unread[-1] and "DNS Read, for this zone" in rows[-1][1]
    # Nothing is said of records that were not read.
    assert not {"proxied records", "records that show their address"} & {name for name, _ in rows}


async def test_a_path_that_is_not_the_apis_is_not_taken_for_no_rules(cloudflare: Make, facts: Facts) -> None:
    gone = json.dumps(refused(7003, "Could not route to /zones/x")).encode()
    await cloudflare(
        settings=EVERY_SETTING,
        instead={"http_ratelimit": Reply(404, (), b"<html>"), "cache_settings": Reply(404, (), gone)},
    )
    found = await edge_settings(facts)
    assert [line.partition(":")[0] for line in found.unread] == ["cache rules", "rate limiting rules"]
    assert not found.lacking


async def test_what_stands_before_a_mail_server_is_told(cloudflare: Make, facts: Facts) -> None:
    await cloudflare(
        records=[
            record(1, "MX", "example.com", "mail.example.com", priority=10),
            record(2, "A", "mail.example.com", "192.0.2.1", proxied=True),
        ]
    )
    rows = dict((await edge_settings(facts)).rows())
    assert rows["mail servers behind the proxy"].startswith("mail.example.com A: ")


# -------------------------------------------------------------------- one record


async def test_a_record_is_created(cloudflare: Make, client: Client) -> None:
    api = await cloudflare()
    applied = await apply_record(client, ZONE_ID, DnsRecord("TXT", "_dmarc.example.com", "v=DMARC1; p=none"))
    assert (applied.before, applied.changed) == (None, True)
    assert api.records[0]["content"] == '"v=DMARC1; p=none"'
    assert applied.after.content == "v=DMARC1; p=none"
    assert applied.undo.startswith("Delete _dmarc.example.com TXT")


async def test_the_record_of_the_same_version_is_replaced(cloudflare: Make, client: Client) -> None:
    others = [
        record(1, "TXT", "example.com", "google-site-verification=x"),
        record(2, "TXT", "example.com", "v=spf1 ?all"),
    ]
    api = await cloudflare(records=others)
    applied = await apply_record(client, ZONE_ID, DnsRecord("TXT", "example.com", "v=spf1 -all"))
    assert [r["content"] for r in api.records] == ["google-site-verification=x", '"v=spf1 -all"']
    assert applied.undo == "Set it back at Cloudflare to: example.com TXT v=spf1 ?all"


async def test_a_record_that_holds_already_is_left_alone(cloudflare: Make, client: Client) -> None:
    api = await cloudflare(records=[record(1, "TXT", "example.com", '"v=spf1 " "-all"')])
    applied = await apply_record(client, ZONE_ID, DnsRecord("TXT", "example.com", "v=spf1 -all"))
    assert not applied.changed
    assert api.calls == [f"GET /zones/{ZONE_ID}/dns_records"]


async def test_the_proxy_stays_as_it_is_unless_asked_for(cloudflare: Make, client: Client) -> None:
    api = await cloudflare(records=[record(1, "A", "example.com", "192.0.2.1", proxied=True)])
    await apply_record(client, ZONE_ID, DnsRecord("A", "example.com", "192.0.2.2"))
    assert api.records[0]["proxied"] is True
    await apply_record(client, ZONE_ID, DnsRecord("A", "example.com", "192.0.2.2", proxied=False))
    assert api.records[0]["proxied"] is False


async def test_nothing_is_changed_where_several_could_be_meant(cloudflare: Make, client: Client) -> None:
    api = await cloudflare(records=[record(n, "A", "example.com", f"192.0.2.{n}") for n in (1, 2)])
    with pytest.raises(CannotTell, match="nothing was changed"):
        await apply_record(client, ZONE_ID, DnsRecord("A", "example.com", "192.0.2.3"))
    assert len(api.calls) == 1


async def test_a_long_text_is_cut_into_strings(cloudflare: Make, client: Client) -> None:
    text = "v=DKIM1; p=" + "A" * 400 + '"\\'
    api = await cloudflare()
    applied = await apply_record(client, ZONE_ID, DnsRecord("TXT", "s._domainkey.example.com", text))
    assert applied.after.content == text
    assert api.records[0]["content"].count('" "') == 1


# -------------------------------------------------------------------- edge.ssl-mode


@pytest.mark.parametrize(
    ("mode", "status"), [("off", "fail"), ("flexible", "fail"), ("full", "fail"), ("strict", "pass")]
)
async def test_ssl_mode(cloudflare: Make, audit: Audit, mode: str, status: str) -> None:
    await cloudflare(settings={"ssl": mode})
    finding = only(await audit("edge.ssl-mode", secrets={"cloudflare": Secret(TOKEN)}))
    assert (finding.status, finding.target) == (status, "example.com")
    assert finding.evidence[:2] == ("zone: example.com (active, Free Website)", f"ssl: {mode}")


async def test_all_that_the_edge_is_set_to_is_read_once_and_kept(cloudflare: Make, world: World) -> None:
    token = "only-the-edge-knows"
    hidden = rule(f'http.request.headers["x-pass"][0] eq "{token}" and http.request.uri.path eq "/a"', "block", "Pass")
    api = await cloudflare(
        settings=EVERY_SETTING,
        records=[record(1, "A", "example.com", "203.0.113.9", proxied=True), record(2, "A", "old.example.com", "203.0.113.9")],
        rules={"http_ratelimit": [LIMIT_RULE | LIMIT], "http_request_cache_settings": [hidden],
               "http_request_dynamic_redirect": [REDIRECT_RULE]},
    )  # fmt: skip
    sprint = Sprint.in_memory(session())
    async with world.network() as network:
        result = await run_audit(
            sprint.subject(), network, only={"edge.ssl-mode"}, secrets={"cloudflare": Secret(TOKEN)}
        )
    sprint.record_audit(result, only={"edge.ssl-mode"})
    kept = [(row.name, row.value) for row in sprint.session.edge]
    assert ("ssl", "strict") in kept and ("always_use_https", "on") in kept and ("min_tls_version", "1.2") in kept
    assert ("proxied records", "example.com A") in kept
    assert ("records that show their address", "old.example.com A") in kept
    assert ("rate limiting rules", 'Log-in: http.request.uri.path eq "/login" -> 10 requests in 60 s') in kept
    assert ("redirect rules", "To www: true -> the list moved") in kept
    assert all(row.seen for row in sprint.session.edge)
    assert len(api.calls) == len(set(api.calls))
    document = render(sprint.session, "md").decode()
    assert "always\\_use\\_https" in document and "records that show their address" in document
    written = dumps(sprint.session).decode() + document
    assert token not in written and TOKEN not in written
    # A run without a token leaves what was read.
    async with world.network() as network:
        sprint.record_audit(await run_audit(sprint.subject(), network, only={"edge.ssl-mode"}), only={"edge.ssl-mode"})
    assert [(row.name, row.value) for row in sprint.session.edge] == kept


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (rule("true", "redirect", "R", action_parameters={"from_value": {"status_code": 301, "target_url": {"value": "https://a.example/"}}}), "R: true -> 301 https://a.example/"),
        (rule("true", "redirect", "", action_parameters={"from_value": {"target_url": {"expression": "concat(x)"}}}), "redirect: true -> concat(x)"),
        (rule("true", "set_cache_settings", "C", action_parameters={"cache": False}), "C: true -> not cached"),
        (rule('cookie in {"a" "b"}', "block", "K", enabled=False), 'K (off): cookie in {"(not shown)" "(not shown)"}'),
        ({"expression": 7, "ratelimit": [], "action_parameters": "x"}, ": 7"),
    ],
)  # fmt: skip
def test_a_rule_in_a_line(row: dict[str, Any], said: str) -> None:
    assert read_rule(row).describe() == said


@pytest.mark.parametrize(
    ("row", "said", "mode"),
    [
        ({"actions": [{"id": "forwarding_url", "value": {"url": "https://b.example/$1", "status_code": 301}}]}, "-> forwarding_url 301 https://b.example/$1", ""),
        ({"actions": [{"id": "cache_level", "value": "bypass"}, {"id": "ssl", "value": "flexible"}]}, "-> cache_level bypass, ssl flexible", "flexible"),
        ({"actions": [{"id": "ssl", "value": ["off"]}, 7]}, "-> ssl", ""),
        ({"actions": "x", "targets": [1, {"target": "url"}], "status": "disabled"}, "page rule (off): ", ""),
    ],
)  # fmt: skip
def test_a_page_rule_in_a_line(row: dict[str, Any], said: str, mode: str) -> None:
    target = {"target": "url", "constraint": {"operator": "matches", "value": "a.example/*"}}
    rule = read_page_rule({"targets": [target], "status": "active"} | row)
    assert said in rule.describe()
    assert rule.ssl_mode == mode


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_no_rule_breaks_the_reading(row: dict[str, Any]) -> None:
    for read in (read_rule(row), read_page_rule(row)):
        assert isinstance(read.describe(), str) and isinstance(read.restrains, bool)


@pytest.mark.parametrize(("enabled", "status"), [(True, "fail"), (False, "pass")])
async def test_a_rule_that_sets_another_mode_is_found(
    cloudflare: Make, audit: Audit, enabled: bool, status: str
) -> None:
    setting = {"action_parameters": {"ssl": "flexible"}, "enabled": enabled}
    overruling = rule('http.host eq "shop.example.com"', "set_config", "Old shop", **setting)
    api = await cloudflare(rules={"http_config_settings": [overruling]})
    finding = only(await audit("edge.ssl-mode", secrets={"cloudflare": Secret(TOKEN)}))
    assert (finding.status, "shop.example.com" in finding.summary) == (status, enabled)
    # The schema is older than this kind of rule.
    api.violations.clear()


@pytest.mark.parametrize("value", ["", "quantum", None, 7])
async def test_a_mode_that_nobody_knows_is_neither_good_nor_bad(cloudflare: Make, audit: Audit, value: Any) -> None:
    api = await cloudflare(settings={"ssl": value})
    assert only(await audit("edge.ssl-mode", secrets={"cloudflare": Secret(TOKEN)})).status == "error"
    api.violations.clear()


async def test_ssl_mode_without_a_token_is_skipped(audit: Audit) -> None:
    assert only(await audit("edge.ssl-mode")).status == "skipped"


@pytest.mark.parametrize("options", [{"denied": ("settings",)}, {"throttle": {}}, {"zone": "other.example"}])
async def test_ssl_mode_that_cannot_be_read_is_an_error(
    cloudflare: Make, audit: Audit, options: dict[str, Any]
) -> None:
    await cloudflare(**options)
    assert only(await audit("edge.ssl-mode", secrets={"cloudflare": Secret(TOKEN)})).status == "error"


# -------------------------------------------------------------------- edge.rate-limit

LOGIN = (Route("https://example.com/login", kind="login"),)
AGREED = Consent(rate_limit=True)


async def test_without_consent_and_token_it_says_what_it_would_do(audit: Audit) -> None:
    finding = only(await audit("edge.rate-limit", routes=LOGIN))
    assert finding.status == "skipped"
    assert "up to 40 requests" in finding.summary


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        ({"http_ratelimit": [LIMIT_RULE]}, "pass"),
        ({"http_ratelimit": [LIMIT_RULE | {"enabled": False}]}, "warn"),
        ({"http_ratelimit": [LIMIT_RULE | {"action": "log"}]}, "warn"),
        ({"http_ratelimit": []}, "warn"),
        ({}, "warn"),
    ],
)
async def test_cloudflares_rules_are_read(cloudflare: Make, audit: Audit, rules: dict[str, Any], status: str) -> None:
    await cloudflare(rules=rules)
    finding = only(await audit("edge.rate-limit", routes=LOGIN, secrets={"cloudflare": Secret(TOKEN)}))
    assert finding.status == status


async def test_rules_that_cannot_be_read_are_an_error(cloudflare: Make, audit: Audit) -> None:
    await cloudflare(denied=("rulesets",))
    assert only(await audit("edge.rate-limit", routes=LOGIN, secrets={"cloudflare": Secret(TOKEN)})).status == "error"


def limited(shop: Shop, after: int, answer: Reply) -> list[str]:
    """Let the log-in page answer so many times, then otherwise. Returns the growing list of its requests."""
    asked: list[str] = []
    good = page("<title>Log in</title>")

    class Table(dict[str, Reply]):
        def get(self, path: str, default: Any = None) -> Any:
            if path != "/login":
                return super().get(path, default)
            asked.append(path)
            return good if len(asked) <= after else answer

    shop.table = Table(shop.table)
    return asked


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (page("slow down", status=429), "pass"),
        (page("slow down", ("retry-after", "60"), status=503), "pass"),
        (page("<h1>503 Service Temporarily Unavailable</h1><hr>nginx", status=503), "pass"),
        (page("banned", status=403), "pass"),
        (page("no such field", status=400), "warn"),
        (page("checking you", ("cf-mitigated", "challenge"), status=403), "pass"),
        (page("<title>Log in</title>", ("ratelimit", '"default";r=0;t=30')), "pass"),
        (page("<title>Log in</title>", status=401), "warn"),
    ],
)
async def test_the_probe_stops_at_a_limit_and_at_forty(
    open_shop: OpenShop, shop: Shop, audit: Audit, answer: Reply, status: str
) -> None:
    asked = limited(shop, 12, answer)
    await open_shop()
    finding = only(await audit("edge.rate-limit", routes=LOGIN, consent=AGREED))
    assert finding.status == status
    assert len(asked) < 25 if status == "pass" else len(asked) == 40
    assert any("GET https://example.com/login" in line for line in finding.evidence)


@pytest.mark.parametrize(
    "answer", [page("down", status=500), page("no bots", ("cf-mitigated", "challenge"), status=403)]
)
async def test_a_page_that_does_not_answer_well_is_not_probed(
    open_shop: OpenShop, shop: Shop, audit: Audit, answer: Reply
) -> None:
    asked = limited(shop, 0, answer)
    await open_shop()
    assert only(await audit("edge.rate-limit", routes=LOGIN, consent=AGREED)).status == "error"
    assert len(asked) == 1


async def test_the_homepages_own_form_is_probed_by_get_where_none_is_declared(
    open_shop: OpenShop, shop: Shop, audit: Audit
) -> None:
    shop.table["/"] = page("<title>T</title><form method=post action=/login><input name=mail></form>")
    asked = limited(shop, 99, page(""))
    server = await open_shop()
    finding = only(await audit("edge.rate-limit", consent=AGREED))
    assert (finding.status, len(asked)) == ("warn", 40)
    assert {request.method for request in server.requests} == {"GET"}


async def test_a_site_without_forms_has_nothing_to_limit(open_shop: OpenShop, audit: Audit) -> None:
    await open_shop()
    assert only(await audit("edge.rate-limit", consent=AGREED)).status == "skipped"


async def test_token_and_consent_together_look_twice(
    cloudflare: Make, open_shop: OpenShop, shop: Shop, audit: Audit
) -> None:
    await cloudflare()
    limited(shop, 5, page("slow down", status=429))
    await open_shop()
    given = {"cloudflare": Secret(TOKEN)}
    finding = only(await audit("edge.rate-limit", routes=LOGIN, consent=AGREED, secrets=given))
    assert finding.status == "pass"
    assert any("no enabled rule" in line for line in finding.evidence)
