"""Usual set-ups of small businesses as the mail screen shows them, from DNS to the table."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from textual.pilot import Pilot

from launchready_tui.commands.network_options import NetworkOptions
from launchready_tui.lab.world import World
from launchready_tui.sprint import Sprint
from tests.mail.provider_cases import (
    Names,
    google_and_resend,
    google_and_sendgrid,
    microsoft_and_mailchimp,
    ses_alone,
)
from tests.mail.signing import record, rsa_key, zone_txt
from tests.screens.conftest import SIZES, OpenApp
from tests.screens.waiting import until

RIGHT = "✓ right ✓ right ✓ right ✓ right"
CASES: dict[str, tuple[Callable[[str], Names], list[str]]] = {
    "google and sendgrid": (
        google_and_sendgrid,
        [f"Google Workspace mailbox {RIGHT}", f"SendGrid transactional {RIGHT}", "✓ s1 -> s1.domainkey.u123"],
    ),
    "microsoft and mailchimp": (
        microsoft_and_mailchimp,
        [f"Microsoft 365 mailbox {RIGHT}", f"Mailchimp marketing {RIGHT}", "✓ k2 -> dkim2.mcsv.net"],
    ),
    "google and resend": (
        google_and_resend,
        [
            "Google Workspace mailbox ✓ right ? unknown ✓ right ✓ right",
            f"Resend transactional {RIGHT}",
            "seen send.example.com MX feedback-smtp.us-east-1.amazonses.com",
        ],
    ),
    "ses": (ses_alone, ["Amazon SES transactional ✓ right ? unknown ? unknown ? unknown"]),
}


@pytest.fixture(scope="module")
def key() -> str:
    return zone_txt(record(rsa_key(2048)))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World() as made:
        yield made


async def look(pilot: Pilot[None]) -> str:
    """Open the mail screen and wait until it has looked; all that it shows, above and below the edge."""
    await pilot.press("m")
    await until(pilot, lambda: pilot.app.fieldwork.mail_seen is not None)  # type: ignore[attr-defined]
    await until(pilot, lambda: "Seen" in shown(pilot))
    return shown(pilot)


def shown(pilot: Pilot[None]) -> str:
    parts = ("word", "services", "records", "rules")
    texts = (str(pilot.app.screen.query_one(f"#mail-{part}").render()) for part in parts)
    return " ".join(" ".join(texts).split())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", CASES)
async def test_a_right_table(
    open_app: OpenApp, sprint: Sprint, world: World, key: str, name: str, size: tuple[int, int]
) -> None:
    made, expected = CASES[name]
    world.zone(
        ".",
        {f"{owner}.": records for owner, records in made(key).items()}
        | {"example.com.": [*made(key)["example.com"], "NS ns1.ns.cloudflare.com."]},
    )
    network = NetworkOptions(
        nameservers=tuple(world.nameservers), connect_to=tuple(world.connect_to), ca_file=world.ca_file
    )
    async with open_app(sprint, size=size, network=network) as pilot:
        text = await look(pilot)
        for words in expected:
            assert words in text, text
        assert "What Google, Yahoo and Microsoft ask" in text and "only bulk" in text
        assert "of 10 look-ups used" in text and "p=none" in text
        # DMARC at p=none has a next step, and where to make it.
        assert 'At Cloudflare (your DNS host): _dmarc.example.com TXT "v=DMARC1; p=quarantine' in text
    kept = sprint.session.mail.seen
    assert kept is not None and len(kept.services) == sum("✓" in words and ">" not in words for words in expected)
