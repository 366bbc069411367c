"""The alert drill: who is alerted, what was fired, how it ended, and that a code is never on the screen by itself."""

from __future__ import annotations

import pytest

from launchready_tui.app import LaunchReady
from launchready_tui.commands.network_options import NetworkOptions
from launchready_tui.session.model import Alert
from launchready_tui.sprint import Sprint
from screens.drill import alert_row
from tests.screens.conftest import SIZES, OpenApp
from tests.screens.hostile import ATTACKS, assert_harmless
from tests.screens.waiting import until, words

OFFLINE = NetworkOptions(offline=True)
FIRED = "2026-11-24T09:00:00Z"


class Driller:
    """Stands for what sends alerts: remembers what it was told."""

    def __init__(self) -> None:
        self.fired: list[tuple[str, bool]] = []
        self.codes: list[str] = []

    async def fire(self, name: str, *, announced: bool) -> str:
        self.fired.append((name, announced))
        return f"Taken for {name}."

    async def answer(self, typed: str) -> str:
        self.codes.append(typed)
        return "Read after 3 min 0 s."

    def waiting(self) -> dict[tuple[str, str], float]:
        return {}

    async def run_out(self) -> None: ...

    async def judge(self) -> None: ...

    def close(self) -> None: ...


@pytest.mark.parametrize("width", [74, 114])
@pytest.mark.parametrize(
    ("outcome", "seconds", "told"),
    [
        ("read", 180.0, ("✓ read", "3 min 0 s of 15 min 0 s")),
        ("late", 901.0, ("! late", "15 min 1 s of 15 min 0 s")),
        ("unread", None, ("✗ unread",)),
        ("undelivered", None, ("✗ not sent",)),
        ("unknown", None, ("? not known",)),
        ("", None, ("… waiting",)),
        ("of a later version", None, ("… waiting",)),
    ],
)
def test_how_an_alert_ended(outcome: str, seconds: float | None, told: tuple[str, ...], width: int) -> None:
    row = alert_row(Alert(destination="Ada's phone", fired=FIRED, outcome=outcome, seconds=seconds), width)
    for word in ("Ada's phone", *told):
        assert word in row.plain
    assert max(line.cell_length for line in row.split("\n")) <= width


def test_the_whole_reason_of_a_failure_is_told() -> None:
    error = "the destination answered 410: this address was taken back by its owner, ask for another one"
    row = alert_row(Alert(destination="ops", fired=FIRED, outcome="undelivered", error=error, announced=False), 74)
    assert f"unannounced {error}" in " ".join(row.plain.split())
    assert max(line.cell_length for line in row.split("\n")) <= 74


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("key", "announced"), [("f", True), ("u", False)])
async def test_an_alert_is_fired_only_after_a_yes(
    open_app: OpenApp, sprint: Sprint, size: tuple[int, int], key: str, announced: bool
) -> None:
    sprint.edit(
        "monitor", destinations=[{"name": "Ada's phone", "kind": "sms"}, {"name": "ops channel", "kind": "slack"}]
    )
    sprint.edit("consent", alerts=True)
    async with open_app(sprint, size=size, network=OFFLINE) as pilot:
        assert isinstance(pilot.app, LaunchReady)
        driller = pilot.app.lookout.driller = Driller()
        await pilot.press("d")
        await until(pilot, lambda: "ops channel" in words(pilot))
        await pilot.press(key)
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "Confirm")
        await pilot.press("enter")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "DrillScreen")
        assert driller.fired == [], "the answer that has the focus is no"
        await pilot.press(key)
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "Confirm")
        await pilot.click("#accept")
        await until(pilot, lambda: driller.fired == [("Ada's phone", announced)])


async def test_the_typed_code_is_handed_over_and_the_field_emptied(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        assert isinstance(pilot.app, LaunchReady)
        driller = pilot.app.lookout.driller = Driller()
        await pilot.press("d")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "DrillScreen")
        await pilot.press("c", *"4711", "enter")
        await until(pilot, lambda: driller.codes == ["4711"])
        await until(pilot, lambda: "Read after 3 min 0 s." in words(pilot))
        assert "4711" not in words(pilot)


async def test_without_a_destination_it_says_how_to_add_one(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("d")
        await until(pilot, lambda: "Nobody is named to be alerted yet: a adds them." in words(pilot))
        await pilot.press("f")
        await pilot.pause()
        assert type(pilot.app.screen).__name__ == "DrillScreen"
        assert "No test alert was fired yet." in words(pilot)


@pytest.mark.parametrize("text", ATTACKS)
async def test_hostile_text_stays_text(open_app: OpenApp, sprint: Sprint, text: str) -> None:
    sprint.edit("monitor", destinations=[{"name": f"phone {text}", "kind": "sms", "to": text}])
    sprint.edit("consent", alerts=True)
    sprint.put(Alert(destination=f"phone {text}", fired=FIRED, outcome="undelivered", error=text))
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("d")
        await until(pilot, lambda: "✗ not sent" in words(pilot))
        assert_harmless(pilot)
        await pilot.press("f")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "Confirm")
        assert_harmless(pilot)
