"""The first line of every screen of a sprint: whose site, is it saved, is the network there, which hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from screens.text import fitted, shown_line

if TYPE_CHECKING:
    from launchready_tui.session.saver import SaveState


FLOOR = (80, 24)
"""Columns and rows that every screen is drawn for; a smaller terminal scrolls."""


class TopLine(Widget):
    """One line; what does not fit is cut from the site's name, never from the states."""

    DEFAULT_CSS = """
    TopLine { height: 1; padding: 0 1; background: $panel; color: $foreground; }
    """

    site: reactive[str] = reactive("")
    title: reactive[str] = reactive("")
    """What is on screen, where it is not a block."""
    saved: reactive[str] = reactive("")
    """ "saved 12:04", "saving", "not saved"; why not is told in a notice of the app."""
    network: reactive[str] = reactive("")
    running: reactive[str] = reactive("")
    """ "34 of 129" while checks run."""
    hour: reactive[float | None] = reactive(None)
    presenter: reactive[bool] = reactive(False)

    def render(self) -> Content:
        width = self.content_size.width
        states = self._states()
        parts = [shown_line(self.site, "bold $strong")] if self.site else []
        # On a narrow screen the site and what is on screen are worth more than our own name.
        if not parts or not self.title or width >= 100:
            parts.insert(0, Content.styled("Launch Ready", "bold $primary"))
        name = Content("  ").join(parts)
        if self.title:
            name = name.append(Content.assemble(("  ·  ", "$quiet"), self.title))
        return fitted(name, max(0, width - states.cell_length - 1)).append(" ").append(states)

    def _states(self) -> Content:
        parts: list[Content] = []
        if self.app.size.width < FLOOR[0] or self.app.size.height < FLOOR[1]:
            parts.append(Content.styled(f"needs {FLOOR[0]}x{FLOOR[1]}", "bold $status-warn"))
        if self.running:
            parts.append(Content.styled(f"checking {self.running}", "$primary"))
        if self.presenter:
            parts.append(Content.styled("presenter", "bold $hour"))
        if self.saved:
            parts.append(Content.styled(self.saved, "bold $status-fail" if self.saved.startswith("not") else "$quiet"))
        if self.network:
            parts.append(Content.styled(self.network, "$hour" if self.network == "offline" else "$quiet"))
        if self.hour is not None:
            parts.append(Content.assemble(("hour ", "$quiet"), (clock(self.hour), "bold $hour")))
        return Content("  ").join(parts)


def clock(hours: float) -> str:
    """Hours as "7:42"."""
    minutes = max(0, int(hours * 60))
    return f"{minutes // 60}:{minutes % 60:02d}"


def saved_words(state: SaveState) -> str:
    """ "saved 12:04"; a state that is no "saved" is named as it is."""
    if state.word == "saved" and state.at is not None:
        return f"saved {state.at.astimezone():%H:%M}"
    return state.word
