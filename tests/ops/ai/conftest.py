"""Fixtures of the AI room: a product on the Internet of the test, and a clock that nobody waits for."""

from __future__ import annotations

import pytest

from checks.ops.ai import trial
from launchready_tui.lab.world import World
from tests.ops.ai.product import Product, Turned, place


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Turned:
    """The test's clock, in place of the real one."""
    turned = Turned()
    monkeypatch.setattr(trial, "CLOCK", turned)
    return turned


@pytest.fixture
async def product(world: World, clock: Turned) -> Product:
    """A hardened product; a test gives it its faults."""
    made = Product(clock)
    await place(world, made)
    return made
