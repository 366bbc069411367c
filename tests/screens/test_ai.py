"""The AI screen: described, planted, agreed to by typing, run, read."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from launchready_tui.commands.network_options import NetworkOptions
from launchready_tui.session.model import Ai
from launchready_tui.sprint import Sprint
from tests.core.make import finding
from tests.screens.conftest import SIZES, OpenApp
from tests.screens.hostile import ATTACKS, assert_harmless
from tests.screens.waiting import until, words

ENDPOINT = "https://app.example.com/api/chat"
OFFLINE = NetworkOptions(offline=True)


async def on_screen(pilot: Pilot[Any], name: str) -> None:
    await until(pilot, lambda: type(pilot.app.screen).__name__ == name, name)


def fill(pilot: Pilot[Any], **lines: str) -> None:
    for name, text in lines.items():
        pilot.app.screen.query_one(f"#line-{name}", Input).value = text


async def described(pilot: Pilot[Any], sprint: Sprint, **more: Any) -> None:
    """Open the screen with an endpoint that is known already."""
    sprint.edit("site", uses_ai=True)
    sprint.edit("ai", endpoint=ENDPOINT, **more)
    await pilot.press("a")
    await on_screen(pilot, "AiScreen")


@pytest.mark.parametrize("size", SIZES)
async def test_it_is_described_and_plants_are_made(open_app: OpenApp, sprint: Sprint, size: tuple[int, int]) -> None:
    async with open_app(sprint, size=size) as pilot:
        await pilot.press("a")
        await on_screen(pilot, "AiScreen")
        assert "e names the address" in words(pilot)
        await pilot.press("e")
        await on_screen(pilot, "DescribeAi")
        fill(pilot, endpoint=ENDPOINT, forbidden_tools="refund, delete_record", request_cost="0,02")
        pilot.app.screen.query_one("#accept").press()  # type: ignore[attr-defined]
        await on_screen(pilot, "AiScreen")
        ai = sprint.session.ai
        assert sprint.session.site.uses_ai
        assert (ai.endpoint, ai.request_cost, ai.forbidden_tools[:2]) == (ENDPOINT, 0.02, ["refund", "delete_record"])
        assert len(ai.canaries) == 4
        await until(pilot, lambda: ai.canaries[0] in words(pilot))
        for text in (ENDPOINT, "75 requests", "about 1.50 in all", "not given"):
            assert text in words(pilot)


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ({"endpoint": "ftp://x"}, "ai.endpoint"),
        ({"endpoint": ENDPOINT, "request": "{"}, "not valid JSON"),
        ({"endpoint": ENDPOINT, "request": '{"q": "hello"}'}, "{{prompt}}"),
        ({"endpoint": ENDPOINT, "answer": "a..b"}, "[ai] answer"),
        ({"endpoint": ENDPOINT, "request_cost": "much"}, "is a number"),
        ({"endpoint": ENDPOINT, "request_cost": "nan"}, "is a number"),
        ({"endpoint": ""}, "this is needed"),
    ],
)
async def test_what_cannot_work_is_refused(open_app: OpenApp, sprint: Sprint, lines: dict[str, str], word: str) -> None:
    async with open_app(sprint, size=(100, 40)) as pilot:
        await pilot.press("a", "e")
        await on_screen(pilot, "DescribeAi")
        fill(pilot, **lines)
        pilot.app.screen.query_one("#accept").press()  # type: ignore[attr-defined]
        await until(pilot, lambda: word in words(pilot), word)
        assert type(pilot.app.screen).__name__ == "DescribeAi"
        assert sprint.session.ai.endpoint == ""


@pytest.mark.parametrize("size", SIZES)
async def test_consent_shows_the_cost_and_is_typed(open_app: OpenApp, sprint: Sprint, size: tuple[int, int]) -> None:
    async with open_app(sprint, size=size, network=OFFLINE) as pilot:
        await described(pilot, sprint)
        await pilot.press("r")
        await on_screen(pilot, "AgreeToAi")
        shown = "\n".join(str(part.content) for part in pilot.app.screen.query(Static))
        for text in ("75 requests", "at most one a second", "0.68 US dollars", ENDPOINT):
            assert text in shown, text
        await pilot.press(*"other.example", "enter")
        await until(pilot, lambda: "as it stands above" in words(pilot))
        assert not sprint.session.consent.ai
        pilot.app.screen.query_one("#ai-host", Input).value = " APP.example.com "
        await pilot.press("enter")
        await until(pilot, lambda: "Say who agreed" in words(pilot))
        assert not sprint.session.consent.ai
        await pilot.press(*"Ann", "enter")
        await until(pilot, lambda: bool(sprint.session.consent.ai))
        consent = sprint.session.consent.ai
        assert isinstance(consent, dict)
        assert (consent["endpoint"], consent["by"]) == (ENDPOINT, "Ann")
        assert consent["at"]
        assert sprint.subject().consent.ai
        await until(pilot, lambda: "given by Ann" in words(pilot))
        assert sprint.flush_now()
        assert sprint.path is not None
        assert tomllib.loads(sprint.path.read_text())["consent"]["ai"]["by"] == "Ann"


async def test_consent_does_not_hold_for_another_endpoint_and_can_be_taken_back(
    open_app: OpenApp, sprint: Sprint
) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        sprint.edit("consent", ai={"endpoint": "https://app.example.com/old", "by": "Ann"})
        await described(pilot, sprint)
        assert "given for another endpoint" in words(pilot)
        sprint.edit("ai", endpoint="https://app.example.com/old")
        await until(pilot, lambda: "given by Ann" in words(pilot))
        await pilot.press("g")
        await until(pilot, lambda: sprint.session.consent.ai is False)
        await until(pilot, lambda: "not given" in words(pilot))


async def test_the_list_of_consents_asks_for_this_one_in_its_own_window(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, size=(100, 40)) as pilot:
        sprint.edit("ai", endpoint=ENDPOINT)
        await pilot.press("k")
        await on_screen(pilot, "GiveConsent")
        pilot.app.screen.query_one("#consent-ai").value = True  # type: ignore[attr-defined]
        pilot.app.screen.query_one("#consent-by", Input).value = "Ann"
        pilot.app.screen.query_one("#accept").press()  # type: ignore[attr-defined]
        await on_screen(pilot, "AgreeToAi")
        assert sprint.session.consent.ai is False, "the tick alone is no consent"
        assert pilot.app.screen.query_one("#ai-by", Input).value == "Ann"
        pilot.app.screen.query_one("#ai-host", Input).value = "app.example.com"
        await pilot.press("enter")
        await until(pilot, lambda: bool(sprint.session.consent.ai))
        # What was agreed to stays as it was when another tick changes.
        await on_screen(pilot, "BlockScreen")
        await pilot.press("k")
        await on_screen(pilot, "GiveConsent")
        pilot.app.screen.query_one("#consent-alerts").value = True  # type: ignore[attr-defined]
        pilot.app.screen.query_one("#accept").press()  # type: ignore[attr-defined]
        await until(pilot, lambda: sprint.session.consent.alerts is True)
        assert isinstance(sprint.session.consent.ai, dict)
        await on_screen(pilot, "BlockScreen")
        await pilot.press("k")
        await on_screen(pilot, "GiveConsent")
        pilot.app.screen.query_one("#consent-ai").value = False  # type: ignore[attr-defined]
        pilot.app.screen.query_one("#accept").press()  # type: ignore[attr-defined]
        await until(pilot, lambda: sprint.session.consent.ai is False)


async def test_without_an_endpoint_there_is_nothing_to_agree_to(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("a", "g")
        await until(pilot, lambda: "Name the AI's address first" in words(pilot))


async def test_plants_are_copied_and_never_made_anew(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        await described(pilot, sprint)
        await pilot.press("c")
        await until(pilot, lambda: "p makes them first" in words(pilot))
        await pilot.press("p")
        await until(pilot, lambda: len(sprint.session.ai.canaries) == 4)
        before = list(sprint.session.ai.canaries)
        await pilot.press("p", "c")
        await until(pilot, lambda: before[0] in pilot.app.clipboard)
        assert sprint.session.ai.canaries == before


async def test_what_was_found_is_shown_harmless_and_first(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        sprint.begin_run(["ai"])
        for check, attack in zip(("ai.leak", "ai.tool-abuse"), ATTACKS, strict=False):
            sprint.record(
                finding(check, ENDPOINT, risk="data", summary=f"gives away {attack}", evidence=(f"S3, {attack}",))
            )
        sprint.end_run()
        await described(pilot, sprint, canaries=["LRC-0a1b2c3d"], sink=ATTACKS[0], forbidden_tools=list(ATTACKS))
        await until(pilot, lambda: "gives away" in words(pilot))
        assert_harmless(pilot)


async def test_progress_counts_requests(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        await described(pilot, sprint)
        sprint.begin_run(["ai"])
        await until(pilot, lambda: "0 requests sent" in words(pilot))
        sprint.end_run(complete=False)
        await until(pilot, lambda: "Nothing was run yet" in words(pilot))


async def test_a_declared_fault_is_told(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        sprint.session.ai = Ai(endpoint=ENDPOINT, request="{")
        await pilot.press("a")
        await until(pilot, lambda: "not valid JSON" in words(pilot))


@pytest.mark.parametrize("size", SIZES)
async def test_block_4_has_a_step_for_it_only_where_there_is_one(
    open_app: OpenApp, sprint: Sprint, size: tuple[int, int]
) -> None:
    def heading() -> str:
        return str(pilot.app.screen.query_one("#steps").border_title)

    async with open_app(sprint, size=size) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "d drill" in heading())
        assert "gives nothing away" not in words(pilot)
        sprint.edit("site", uses_ai=True)
        await until(pilot, lambda: "gives nothing away" in words(pilot))
        # Every key is named whole, at 80 columns too.
        assert "y verify w watch d drill a AI" in words(pilot)
        sprint.edit("site", uses_ai=False)
        await until(pilot, lambda: "gives nothing away" not in words(pilot))
        assert "y verify w watch d drill" in words(pilot)
