"""Fixtures of the web room."""

from __future__ import annotations

import pytest

from launchready_tui.lab.world import World
from tests.web.site_under_test import Site


@pytest.fixture
def site(world: World) -> Site:
    return Site(world)
