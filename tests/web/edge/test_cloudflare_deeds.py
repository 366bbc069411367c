"""What a person does with the Cloudflare token: ask whether it is good, put a record of a fix in place, on the screen too."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from checks.errors import CannotTell
from checks.network import Network
from checks.secret import Secret
from launchready_tui.app import LaunchReady
from launchready_tui.cloudflare import carry_out, change_of, plan, try_token
from launchready_tui.commands.network_options import NetworkOptions
from launchready_tui.commands.vault import _try_token
from launchready_tui.fix_record import FixRecord, record_of
from launchready_tui.lab.web_server import Reply
from launchready_tui.lab.world import World
from launchready_tui.session.model import Site
from launchready_tui.shelf import Shelf
from launchready_tui.sprint import Sprint
from launchready_tui.vault import Vault
from tests.core.make import finding
from tests.core.test_vault import InMemory
from tests.screens.waiting import until, words
from tests.web.edge.fake_cloudflare import record, refused
from tests.web.edge.test_cloudflare import EVERY_SETTING, TOKEN, Make, cloudflare

__all__ = ["cloudflare"]
DOMAIN = "example.com"
ELSEWHERE = "Cannot use the access token from location: 203.0.113.7"
WWW = FixRecord("CNAME", "www.example.com", "example.com")


@pytest.mark.parametrize(
    ("check", "fix", "wanted"),
    [
        ("dns.www-missing", "At Cloudflare, publish: www.example.com CNAME example.com. Then add www.example.com", WWW),
        ("dmarc.missing", 'Publish: _dmarc.example.com TXT "v=DMARC1; p=none"', FixRecord("TXT", "_dmarc.example.com", "v=DMARC1; p=none")),
        ("spf.missing", 'publish: example.com TXT "v=spf1 a" " -all"', FixRecord("TXT", "example.com", "v=spf1 a -all")),
        ("spf.missing", 'example.com TXT "v=spf1 include:<your provider> ~all"', None),
        ("spf.missing", 'a.example.com TXT "v=spf1 -all" and b.example.com TXT "v=spf1 -all"', None),
        ("spf.missing", 'other.example TXT "v=spf1 -all"', None),
        ("spf.missing", 'notexample.com TXT "v=spf1 -all"', None),
        ("dmarc.multiple", 'Delete _dmarc.example.com TXT "v=DMARC1; p=none"', None),
        ("dns.takeover", "delete files.example.com CNAME x.s3.amazonaws.com", None),
        ("dns.cname-broken", "replace www.example.com CNAME gone.example.net by another name", None),
        ("headers.hsts", "Send the header", None),
    ],
)  # fmt: skip
def test_only_a_fix_that_is_one_record_is_one(check: str, fix: str, wanted: FixRecord | None) -> None:
    assert record_of(check, fix, DOMAIN) == wanted


async def test_a_new_record_follows_the_edge_and_can_be_undone(cloudflare: Make, network: Network) -> None:
    api = await cloudflare(records=[record(1, "A", DOMAIN, "203.0.113.9", proxied=True)])
    agreed = await plan(network, Secret(TOKEN), DOMAIN, WWW)
    assert (agreed.before, agreed.wanted.proxied, agreed.holds) == (None, True, False)
    assert not any(call.startswith(("POST", "PATCH")) for call in api.calls)
    change = change_of(await carry_out(network, Secret(TOKEN), DOMAIN, agreed), by="Ann", check="dns.www-missing")
    assert api.records[-1]["name"] == "www.example.com"
    assert (change.before, change.undo.startswith("Delete www.example.com CNAME")) == ("no such record", True)
    assert (await plan(network, Secret(TOKEN), DOMAIN, WWW)).holds


async def test_what_changed_since_it_was_shown_is_left_alone(cloudflare: Make, network: Network) -> None:
    api = await cloudflare(records=[record(1, "TXT", DOMAIN, '"v=spf1 -all"')])
    agreed = await plan(network, Secret(TOKEN), DOMAIN, FixRecord("TXT", DOMAIN, "v=spf1 a -all"))
    assert agreed.before is not None and agreed.before.content == "v=spf1 -all"
    api.records[0]["content"] = '"v=spf1 mx -all"'
    with pytest.raises(CannotTell, match="another one than was shown"):
        await carry_out(network, Secret(TOKEN), DOMAIN, agreed)
    assert not any(call.startswith(("POST", "PATCH")) for call in api.calls)


async def test_a_cname_beside_other_records_is_refused_before_anything_is_sent(
    cloudflare: Make, network: Network
) -> None:
    await cloudflare(records=[record(1, "A", "www.example.com", "203.0.113.9")])
    with pytest.raises(CannotTell, match="beside no other record"):
        await plan(network, Secret(TOKEN), DOMAIN, WWW)


@pytest.mark.parametrize(
    ("options", "word", "said"),
    [
        ({"settings": EVERY_SETTING}, "good", "active until 2027-01-01 and reads the zone example.com"),
        ({"settings": EVERY_SETTING, "account_owned": True}, "good", "reads the zone example.com"),
        ({"settings": EVERY_SETTING, "status": "expired"}, "bad", "expired"),
        ({"settings": EVERY_SETTING, "status": "disabled"}, "bad", "disabled"),
        ({"settings": EVERY_SETTING, "begins": "2999-01-01T00:00:00Z"}, "bad", "not valid before 2999-01-01"),
        ({"settings": EVERY_SETTING, "denied": ("dns_records",)}, "bad", "Give it, for this zone: DNS Read."),
        (
            {"settings": EVERY_SETTING, "denied": ("/settings/", "pagerules")},
            "bad",
            "Zone Settings Read, Page Rules Read.",
        ),
        ({"settings": EVERY_SETTING, "zone": "other.example"}, "bad", "Give the token Zone Read"),
        ({"settings": EVERY_SETTING, "standing": {"status": "moved"}}, "good", "acts no more"),
        ({"settings": {"ssl": "strict"}}, "good", "not all was told: always_use_https"),
        ({"instead": {"tokens": Reply(502, (), b"<html>")}}, "unasked", "no JSON"),
        ({"instead": {"tokens": Reply(500, (), json.dumps(refused(1, "oops")).encode())}}, "unasked", "500 (1 oops)"),
        (
            {"instead": {"": Reply(403, (), json.dumps(refused(9109, ELSEWHERE)).encode())}},
            "bad",
            "other addresses only",
        ),
        ({"throttle": {"retry-after": "60"}}, "unasked", "in 60 s"),
    ],
)
async def test_a_token_is_tried(
    cloudflare: Make, network: Network, options: dict[str, Any], word: str, said: str
) -> None:
    await cloudflare(**options)
    told = await try_token(network, Secret(TOKEN), DOMAIN)
    assert (told.word, said in told.sentence) == (word, True), told
    assert TOKEN not in told.sentence


async def test_a_wrong_token_and_no_network(cloudflare: Make, world: World, network: Network) -> None:
    await cloudflare()
    told = await try_token(network, Secret("wrong" * 8), DOMAIN)
    assert (told.word, "does not take this token" in told.sentence) == ("bad", True)
    async with world.network(offline=True) as nowhere:
        assert (await try_token(nowhere, Secret(TOKEN), DOMAIN)).word == "unasked"


def _options(world: World) -> NetworkOptions:
    return NetworkOptions(tuple(world.nameservers), tuple(world.connect_to), world.ca_file)


async def test_the_command_exits_by_what_cloudflare_says(
    cloudflare: Make, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    api = await cloudflare(settings=EVERY_SETTING)
    vault = Vault(DOMAIN, backend=InMemory())
    await vault.set("cloudflare", Secret(TOKEN))
    assert await _try_token(vault, _options(world)) == 0
    assert "The token is active" in capsys.readouterr().out
    api.status = "expired"
    assert await _try_token(vault, _options(world)) == 1
    assert await _try_token(vault, NetworkOptions(offline=True)) == 3


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_record_is_applied_from_the_screen_after_a_yes(
    cloudflare: Make, world: World, tmp_path: Path, size: tuple[int, int]
) -> None:
    api = await cloudflare(settings=EVERY_SETTING, records=[record(1, "A", DOMAIN, "203.0.113.9")])
    sprint = Sprint.new(tmp_path / "example.launch.toml", Site(domain=DOMAIN), consultant="Mara", client="Tea")
    sprint.begin_run()
    fix = "At Cloudflare, publish: www.example.com CNAME example.com. Then add it at your web host."
    sprint.record(finding("dns.www-missing", "www.example.com", summary="www has no address", fix=fix))
    sprint.end_run()
    app = LaunchReady(sprint=sprint, network=_options(world), shelf=Shelf(tmp_path / "s", tmp_path / "h"))
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: type(app.screen).__name__ == "BlockScreen")
        vault = Vault(DOMAIN, backend=InMemory())
        app.fieldwork._vault = vault
        app.open_finding([("dns.www-missing", "www.example.com")])
        await until(pilot, lambda: "a apply with the Cloudflare token" in words(pilot))
        await pilot.press("a")
        await until(pilot, lambda: "no Cloudflare token in the vault" in words(pilot))
        await vault.set("cloudflare", Secret(TOKEN))
        await _asked(pilot)
        assert "After www.example.com CNAME example.com" in words(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: type(app.screen).__name__ == "FindingScreen")
        assert len(api.records) == 1 and not sprint.session.change
        await _asked(pilot)
        await pilot.click("#accept")
        await until(pilot, lambda: bool(sprint.session.change))
        (change,) = sprint.session.change
        assert (change.by, change.before, change.undo) == (
            "Mara", "no such record", "Delete www.example.com CNAME example.com at Cloudflare.",
        )  # fmt: skip
        assert [row["name"] for row in api.records] == [DOMAIN, "www.example.com"]
    await asyncio.to_thread(sprint.close)
    assert TOKEN not in (tmp_path / "example.launch.toml").read_text()


async def _asked(pilot: Pilot[None]) -> None:
    await pilot.press("a")
    await until(pilot, lambda: "Change this DNS record now?" in words(pilot))
