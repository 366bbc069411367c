"""What the tests of the screens share: a sprint on the disk, the app on it, and patience without sleeping."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from launchready_tui.app import LaunchReady
from launchready_tui.session.model import Site
from launchready_tui.shelf import Shelf
from launchready_tui.sprint import Sprint
from tests.core.make import finding
from tests.screens.settled import settled, settled_screen
from tests.screens.waiting import until

SIZES = [(80, 24), (120, 40)]
OpenApp = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


@pytest.fixture(autouse=True)
def settling(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a key, a click and a pause the app has done what was due."""
    for module in ("textual.app", "textual.pilot"):
        monkeypatch.setattr(f"{module}.wait_for_idle", settled)
    monkeypatch.setattr(Pilot, "_wait_for_screen", settled_screen)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "sprints", tmp_path / "here")


@pytest.fixture
def sprint(tmp_path: Path) -> Iterator[Sprint]:
    """A sprint whose checks have run: three problems, a pass, an error and a skip."""
    made = Sprint.new(
        tmp_path / "example.launch.toml",
        Site(domain="example.com", canonical="https://example.com/"),
        consultant="Mara",
        client="Harbor Tea",
    )
    made.begin_run()
    made.record(finding("dns.www-missing", "www.example.com", summary="www.example.com has no address"))
    made.record(finding("dns.takeover", "files.example.com", risk="data", summary="files can be taken over"))
    made.record(finding("headers.csp", "https://example.com/", "warn", "later", summary="no policy for scripts"))
    made.record(finding("dns.apex-address-missing", "example.com", "pass", summary="the apex has an address"))
    made.record(finding("dns.resolvers-differ", "example.com", "error", summary="could not check: no answer"))
    made.record(finding("edge.rate-limit", "example.com", "skipped", "later", summary="needs consent"))
    made.end_run()
    yield made
    made.close()


@pytest.fixture
def open_app(shelf: Shelf) -> OpenApp:
    """Open the app as `open_app(sprint, size=(80, 24), ...)` and wait until it stands."""

    @asynccontextmanager
    async def opened(
        sprint: Sprint | None = None, *, size: tuple[int, int] = (80, 24), **options: Any
    ) -> AsyncIterator[Pilot[None]]:
        app = LaunchReady(sprint=sprint, shelf=shelf, **options)
        async with app.run_test(size=size, notifications=True) as pilot:
            if sprint is not None:
                await until(
                    pilot, lambda: type(app.screen).__name__ == "BlockScreen" and bool(app.screen.query("#steps"))
                )
            await pilot.pause()
            yield pilot

    return opened
