"""The watch: every watched address with its state, its last hour, its uptime and its response time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from launchready_tui.declared_regions import why_not_measured
from launchready_tui.session.model import Watch
from screens.base import LaunchScreen
from screens.keys import key
from screens.text import columns, shown_line
from screens.times import day_and_time, duration, moment
from screens.widgets.regions import regions_text

UPTIME_TARGET = 0.999
"""T1 of the roadmap."""
P95_TARGET = 0.300
"""Seconds: T2 of the roadmap."""
BARS = "▁▂▃▄▅▆▇█"
STATE, UPTIME, P95, INCIDENT = 7, 32, 17, 24
NARROW_P95, NARROW_SPARK = 10, 20
WIDE = 150
"""Cells from which on an address takes one line."""


class WatchScreen(LaunchScreen):
    """A line an address; below it the regions that saw the one under the cursor."""

    CSS_PATH = "watch.tcss"
    HEADING = "Watch"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("w", "toggle_watch", "start or stop", "Probe every minute, or stop it", "watch.toggle"),
        key("r", "choose_regions", "regions", "Choose from where else in the world to measure", "watch.regions"),
        key("a", "add_address", "add address", "Name an address to watch", "watch.add"),
    ]

    def compose_body(self) -> ComposeResult:
        yield Static(id="watch-word")
        yield OptionList(id="watch-list", classes="plain", markup=False)
        with VerticalScroll(id="watch-regions"):
            yield Static(id="watch-detail")

    def on_mount(self) -> None:
        self.query_one("#watch-list").focus()
        self.set_interval(5, self.draw)
        self.draw()

    def on_resize(self) -> None:
        self.draw()

    @property
    def rows(self) -> list[Watch]:
        """What is watched: addresses with figures, then those that were only named."""
        session = self.app.sprint.session
        known = {row.url: row for row in session.watch}
        named = [entry if isinstance(entry, str) else str(entry.get("url", "")) for entry in session.monitor.urls]
        return [*known.values(), *(Watch(url=url) for url in named if url and url not in known)]

    def draw(self) -> None:
        """Bring the figures up to date."""
        if not self.app.has_sprint or not self.query("#watch-list"):
            return
        listed = self.query_one("#watch-list", OptionList)
        place = listed.highlighted or 0
        # Without the list's own margin: a longer row would wrap.
        width = max(70, listed.scrollable_content_region.width - 2)
        rows = self.rows
        options = [Option(_header(width), disabled=True)]
        options += [Option(watch_row(row, self.app.lookout.samples(row.url), width)) for row in rows]
        if not rows:
            words = "No address is watched yet: a adds one."
            options = [Option(Content.styled(words, "$quiet"), disabled=True)]
        listed.set_options(options)
        if rows:
            listed.highlighted = min(max(place, 1), len(rows))
        self.query_one("#watch-word", Static).update(self._word())
        self._draw_regions()

    def _word(self) -> Content:
        state = ("● probing", "$status-pass") if self.app.lookout.watching else ("○ not probing: w starts it", "$quiet")
        words = Content.assemble(state, ("   targets: 99.9 % answered, p95 under 300 ms", "$quiet"))
        return Content("\n").join([words, Content.styled(self._regions_word(), "$quiet")])

    def _regions_word(self) -> str:
        """How measurements from elsewhere go."""
        if not self.app.sprint.session.monitor.regions:
            return "seen from this machine alone: r chooses regions"
        return f"regions: {self.app.lookout.regions_word or 'measured while the watch runs'}"

    def on_option_list_option_highlighted(self) -> None:
        self._draw_regions()

    def _draw_regions(self) -> None:
        place = self.query_one("#watch-list", OptionList).highlighted
        rows = self.rows
        row = rows[place - 1] if place and place <= len(rows) else None
        text = regions_text(row, self.size.width - 6, self._why_not(row)) if row else Content("")
        self.query_one("#watch-detail", Static).update(text)

    def _why_not(self, row: Watch) -> str:
        """Why an address is not seen from the regions that were chosen; empty where it is or none were."""
        session = self.app.sprint.session
        return why_not_measured(session, row.url) if session.monitor.regions else ""

    def action_add_address(self) -> None:
        from screens.writing import write_one

        write_one(self.app, "urls")

    def action_choose_regions(self) -> None:
        from screens.writing import write_one

        write_one(self.app, "regions")

    def action_toggle_watch(self) -> None:
        self.app.lookout.toggle_watch()


def _widths(width: int) -> dict[str, int]:
    """Cells of each column of a wide screen."""
    fixed = {"state": STATE, "last hour": 30, "uptime": UPTIME, "p95": P95, "last incident": INCIDENT}
    return {"state": STATE, "address": width - sum(fixed.values()) - len(fixed), **fixed}


def _header(width: int) -> Content:
    if width < WIDE:
        return Content("each address with its last hour; below it uptime, p95, last incident")
    return columns([(Content(word), cells) for word, cells in _widths(width).items()])


def watch_row(row: Watch, samples: Sequence[float | None], width: int) -> Content:
    """One address, in two lines where the screen is narrow.

    Args:
        samples: seconds of the last hour, oldest first, None for a failure.
    """
    name = shown_line(row.url.removeprefix("https://"), "bold")
    if width < WIDE:
        room = width - STATE - NARROW_SPARK - 4
        first = columns([(_state(row), STATE), (name, room), (sparkline(samples, NARROW_SPARK), NARROW_SPARK)])
        # The target of p95 stands above the list; there is no room for it in every row.
        p95 = _p95(row, target=False)
        rest = width - STATE - UPTIME - NARROW_P95 - 3
        below = columns([(Content(""), STATE), (uptime(row), UPTIME), (p95, NARROW_P95), (_last_incident(row), rest)])
        return Content("\n").join([first, below])
    widths = _widths(width)
    cells = {
        "state": _state(row),
        "address": name,
        "last hour": sparkline(samples, widths["last hour"]),
        "uptime": uptime(row),
        "p95": _p95(row),
        "last incident": _last_incident(row),
    }
    return columns([(cells[word], room) for word, room in widths.items()])


def _state(row: Watch) -> Content:
    if row.last_ok is None:
        return Content.styled("· new", "$quiet")
    return Content.styled("✓ up", "$status-pass") if row.last_ok else Content.styled("✗ down", "$status-fail")


def uptime(row: Watch) -> Content:
    """ "99.93 % observed, 2 of 2,880": failures of probes taken, so that nobody reads more into it."""
    if not row.taken:
        return Content.styled("no probe yet", "$quiet")
    share = 1 - row.failed / row.taken
    # Rounded down: 99.999 % of many probes is not 100 %.
    percent = int(share * 10_000) / 100
    met = share >= UPTIME_TARGET
    mark = ("✓ ", "$status-pass") if met else ("✗ ", "$status-fail")
    return Content.assemble(mark, f"{percent:.2f} %", (f" observed, {row.failed:,} of {row.taken:,}", "$quiet"))


def _p95(row: Watch, *, target: bool = True) -> Content:
    if row.p95 is None:
        return Content("")
    met = row.p95 < P95_TARGET
    mark = ("✓ ", "$status-pass") if met else ("! ", "$status-warn")
    return Content.assemble(mark, f"{row.p95 * 1000:,.0f}", (" of 300 ms" if target else " ms", "$quiet"))


def _last_incident(row: Watch) -> Content:
    if not row.incidents:
        return Content.styled("none", "$quiet")
    last = row.incidents[-1]
    begin, end = moment(str(last.get("begin", ""))), moment(str(last.get("end", "")))
    length = f", {duration((end - begin).total_seconds())}" if begin and end else ", not over"
    return Content.styled(f"{day_and_time(str(last.get('begin', '')))}{length}", "$quiet" if end else "$status-fail")


def sparkline(samples: Sequence[float | None], width: int) -> Content:
    """The samples in `width` cells, the highest bar for the slowest; a failure is a cross."""
    if not samples:
        return Content("")
    size = max(1, -(-len(samples) // width))
    groups = [samples[start : start + size] for start in range(0, len(samples), size)]
    slowest = max((value for value in samples if value is not None), default=0.0) or 1.0
    text = Content("")
    for group in groups:
        times = [value for value in group if value is not None]
        if len(times) < len(group):
            text = text.append(Content.styled("✗", "$status-fail"))
        else:
            height = round(max(times) / slowest * (len(BARS) - 1))
            text = text.append(Content.styled(BARS[height], "$bar-done"))
    return text
