"""How it looks in dark, in light and without colour; and that every key is named and explained."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from itertools import product
from types import ModuleType

import pytest
from textual.app import App
from textual.binding import Binding
from textual.color import Color
from textual.dom import DOMNode

import screens
from launchready_tui.app import LaunchReady
from launchready_tui.sprint import Sprint
from screens.glossary import glossary
from screens.modals.form import CONSENTS
from screens.signs import STATUS, STEP, TRIAGE
from screens.theme import BY_WORD, DARK, LIGHT
from tests.screens.conftest import OpenApp
from tests.screens.waiting import until, words


def luminance(colour: Color) -> float:
    """WCAG 2.2, relative luminance."""

    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.r) + 0.7152 * linear(colour.g) + 0.0722 * linear(colour.b)


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_text_colour_can_be_read(theme: object) -> None:
    """4.5 to 1 is what WCAG AA asks for."""
    given = vars(theme)
    texts = {
        name: colour
        for name, colour in given["variables"].items()
        if name.startswith(("status-", "quiet", "strong", "hour"))
    }
    texts |= {name: given[name] for name in ("foreground", "primary", "success", "warning", "error")}
    for (name, text), ground in product(texts.items(), ("background", "surface")):
        assert contrast(text, given[ground]) >= 4.5, (name, ground)
    cursor = given["variables"]["block-cursor-background"]
    assert contrast(given["variables"]["block-cursor-foreground"], cursor) >= 4.5


async def test_the_theme_can_be_chosen_and_changed(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, theme="light") as pilot:
        assert pilot.app.theme == BY_WORD["light"]
        await pilot.press("f2")
        assert pilot.app.theme == BY_WORD["dark"]
        assert set(pilot.app.available_themes) == {DARK.name, LIGHT.name}, "no ANSI theme can be chosen"


async def test_without_colour_every_state_is_a_word_and_a_sign(
    open_app: OpenApp, sprint: Sprint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_app(sprint) as pilot:
        assert pilot.app.no_color
        await pilot.press("2")
        await until(pilot, lambda: "✗ 2 now" in words(pilot) or "✗ 1 now" in words(pilot))
        svg = pilot.app.export_screenshot()
        # The window's own buttons in the picture aside.
        colours = {Color.parse(found) for found in re.findall(r"-r\d+ \{ fill: (#[0-9a-f]{6})", svg)}
        assert len(colours) > 2
        # Grey within the rounding of the picture's own default text colour.
        assert all(max(colour.rgb) - min(colour.rgb) < 5 for colour in colours)


def test_signs_are_one_cell_wide_and_have_words() -> None:
    from rich.cells import cell_len

    for sign in (*STATUS.values(), *TRIAGE.values(), *STEP.values()):
        assert cell_len(sign.mark) == 1
        assert sign.colour.startswith("$")
    assert len({(sign.mark, sign.word) for sign in STATUS.values()}) == len(STATUS)


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(screens.__path__, "screens."):
        yield importlib.import_module(found.name)


def ours() -> list[type[DOMNode]]:
    found = {
        kind
        for module in modules()
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, DOMNode) and kind.__module__.startswith("screens.")
    }
    return [LaunchReady, *sorted(found, key=lambda kind: kind.__name__)]


@pytest.mark.parametrize("kind", ours(), ids=lambda kind: kind.__name__)
def test_every_binding_is_named_described_and_explained(kind: type[DOMNode]) -> None:
    ids = []
    for binding in kind.__dict__.get("BINDINGS", []):
        assert isinstance(binding, Binding)
        assert binding.id
        assert binding.description
        assert binding.tooltip
        ids.append(binding.id)
        name = binding.action.partition("(")[0].removeprefix("app.")
        owner: type = App if binding.action.startswith("app.") else kind
        assert hasattr(owner, f"action_{name}"), binding
        for key in binding.key.split(","):
            modifiers = key.split("+")[:-1]
            assert not {"alt", "super", "meta"} & set(modifiers), "terminals swallow these"
            assert key not in ("ctrl+enter", "ctrl+shift")
    assert len(ids) == len(set(ids))


def test_every_word_of_the_glossary_is_a_sentence() -> None:
    assert len(glossary()) > 50
    for word, meaning in glossary().items():
        assert meaning.endswith("."), word
        assert 20 < len(meaning) < 240, word


def test_styles_know_no_hex() -> None:
    from importlib import resources

    for file in resources.files("screens").iterdir():
        if file.name.endswith(".tcss"):
            assert "#" not in "".join(
                line.partition(":")[2]
                for line in file.read_text("utf-8").splitlines()
                if ":" in line and "#" in line.partition(":")[2]
            ), file.name


async def test_what_the_owner_agrees_to_is_shown_whole_on_a_small_screen(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, size=(80, 24)) as pilot:
        await pilot.press("k")
        await until(pilot, lambda: "Who agreed" in words(pilot))
        assert [label for _, label in CONSENTS if label not in words(pilot)] == []
