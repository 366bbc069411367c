"""The command palette: everything that the screen at hand can do, and every screen there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from screens.beside import BESIDE

if TYPE_CHECKING:
    from launchready_tui.app import LaunchReady

Command = tuple[str, str, Callable[[], Any]]


class LaunchCommands(Provider):
    """The bindings of the screen below the palette, then the screens of the sprint."""

    @property
    def _app(self) -> LaunchReady:
        return cast("LaunchReady", self.app)

    def _commands(self) -> Iterator[Command]:
        seen = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            words = binding.tooltip or binding.description
            ours = binding.id is not None and not binding.id.startswith("app.")
            if not ours or not active.enabled or binding.action in seen:
                continue
            seen.add(binding.action)
            title = f"{binding.description[:1].upper()}{binding.description[1:]} ({self.app.get_key_display(binding)})"
            yield title, words, partial(self.app.run_action, binding.action, active.node)
        if self._app.has_sprint:
            for name, screen in BESIDE.items():
                yield f"Show: {screen.title}", screen.words, partial(self._app.open_beside, name)

    async def discover(self) -> Hits:
        for title, words, command in self._commands():
            yield DiscoveryHit(Content(title), command, title, words)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, words, command in self._commands():
            score = max(matcher.match(title), matcher.match(words) * 0.8)
            if score > 0:
                yield Hit(score, matcher.highlight(title), command, title, words)
