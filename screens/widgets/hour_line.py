"""The 48 hours: five blocks with how far each has come, and the hour it is now."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from screens.text import fitted

HOURS = 48


@dataclass(frozen=True, slots=True)
class Stretch:
    """One block on the line."""

    id: str
    title: str
    begin: int
    """Hour."""
    end: int
    done: int
    """Steps that need nothing more."""
    steps: int
    closed: bool = False
    """Whether the block was closed: a tick ends its bar."""

    @property
    def share(self) -> float:
        return self.done / self.steps if self.steps else 0.0


class HourLine(Widget):
    """Two lines: the blocks by name and progress, and the scale with its mark.

    The blocks are drawn equally wide, so that the names of the short ones fit; the mark moves within its block.
    """

    DEFAULT_CSS = """
    HourLine { height: 2; padding: 0 1; }
    """

    stretches: reactive[tuple[Stretch, ...]] = reactive(())
    current: reactive[str] = reactive("")
    """Id of the block on screen."""
    hour: reactive[float | None] = reactive(None)
    """Hours since the sprint began; None before."""

    class Picked(Message):
        """A block was clicked."""

        def __init__(self, block: str) -> None:
            super().__init__()
            self.block = block

    def render(self) -> Content:
        if not self.stretches:
            return Content("")
        starts = self._starts()
        return Content("\n").join([self._names(starts), self._scale(starts)])

    def _starts(self) -> list[int]:
        """Left edge of every block in cells, and the right edge of the last."""
        width, count = self.content_size.width, len(self.stretches)
        return [width * index // count for index in range(count + 1)]

    def _names(self, starts: list[int]) -> Content:
        parts = []
        for number, stretch in enumerate(self.stretches):
            room = starts[number + 1] - starts[number] - 1
            here = stretch.id == self.current
            name = Content.styled(f"{number + 1} {stretch.title}", "bold $strong" if here else "$quiet")
            name = name.truncate(max(4, room - 4), ellipsis=True)
            tick = " ✓" if stretch.closed else ""
            bar = max(0, room - name.cell_length - 1 - len(tick))
            full = round(bar * stretch.share)
            if stretch.done and not full:
                full = 1
            if full and stretch.done < stretch.steps and full == bar:
                full = bar - 1
            drawn = Content.assemble(
                name,
                " ",
                ("━" * full, "$bar-done"),
                ("╌" * (bar - full), "$bar-open" if not here else "$rule"),
                (tick, "bold $bar-done"),
            )
            parts.append(fitted(drawn, room + 1))
        return Content("").join(parts)

    def _scale(self, starts: list[int]) -> Content:
        line = ["─"] * starts[-1]
        for start, stretch in zip(starts, self.stretches, strict=False):
            line[start : start + len(str(stretch.begin)) + 1] = [*str(stretch.begin), " "]
        last = str(self.stretches[-1].end)
        line[-len(last) - 1 :] = [" ", *last]
        text = Content.styled("".join(line), "$rule")
        for start, stretch in zip(starts, self.stretches, strict=False):
            text = text.stylize("$quiet", start, start + len(str(stretch.begin)))
        text = text.stylize("$quiet", starts[-1] - len(last))
        if self.hour is None:
            return text
        mark = self._position(starts, self.hour)
        return text[:mark].append(Content.styled("▲", "bold $hour")).append(text[mark + 1 :])

    def _position(self, starts: list[int], hour: float) -> int:
        """Cell of the mark."""
        for index, stretch in enumerate(self.stretches):
            if hour < stretch.end or index == len(self.stretches) - 1:
                share = (hour - stretch.begin) / max(1, stretch.end - stretch.begin)
                room = starts[index + 1] - starts[index] - 1
                return starts[index] + round(min(max(share, 0.0), 1.0) * room)
        return 0

    def on_click(self, event: events.Click) -> None:
        starts = self._starts()
        x = event.x - self.gutter.left
        for start, stretch in zip(reversed(starts[:-1]), reversed(self.stretches), strict=True):
            if x >= start:
                self.post_message(self.Picked(stretch.id))
                return
