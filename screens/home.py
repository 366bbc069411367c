"""Home: the sprints on this machine, a line each, and the ways to begin one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.base import LaunchScreen
from screens.text import columns, shown_line
from screens.times import day_and_time

if TYPE_CHECKING:
    from launchready_tui.shelf import Summary

DEMO, NEW, FILE = "home demo", "home new", "home file"
WIDE = 106
"""Cells from which on there is a column for what comes next."""
WAYS = (
    (NEW, "New sprint", "for a site of your own: 48 hours from audit to handover"),
    (DEMO, "Demo", "the whole sprint on a made-up business, without a network"),
    (FILE, "Open a file", "a .launch.toml that lies elsewhere"),
)


class HomeScreen(LaunchScreen):
    """The first frame: shown before anything but Textual is loaded, filled in as soon as the disk was read."""

    HEADING = "Sprints"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", key_display="enter", id="home.open", tooltip="Open what is under the cursor"),
        Binding("n", "new", "new", id="home.new", tooltip="Start a sprint for a site"),
        Binding("o", "open_file", "open a file", id="home.file", tooltip="Open a session file that lies elsewhere"),
        Binding("d", "duplicate", "duplicate", id="home.duplicate", tooltip="Copy what was declared of this site"),
        Binding("a", "archive", "archive", id="home.archive", tooltip="Put this sprint away; nothing is deleted"),
        Binding("x", "demo", "demo", id="home.demo", tooltip="Play the whole sprint on a site in this computer"),
        Binding("q", "app.quit", "quit", id="home.quit", tooltip="Leave Launch Ready"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._sprints: list[Summary] = []
        self._read = False

    def compose_body(self) -> ComposeResult:
        yield Static(
            Content.assemble(
                ("From a finished prototype to a launched product in 48 hours.\n", "bold $strong"),
                ("What must be fixed now, what can wait, and a handover that your client can keep.", "$quiet"),
            ),
            id="home-word",
        )
        yield OptionList(id="home-list", classes="plain", markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()
        self.draw()

    def on_screen_resume(self) -> None:
        self.call_after_refresh(self.read_shelf)

    def on_resize(self) -> None:
        self.draw()

    @work(exclusive=True, group="shelf", exit_on_error=False)
    async def read_shelf(self) -> None:
        """List the sprints that are on this machine."""
        shelf = await self.app.shelf()
        self._sprints = await asyncio.to_thread(shelf.summaries)
        if not self._read:
            # Nobody has chosen anything yet: the sprint saved last is what most people come for.
            self.query_one(OptionList).highlighted = None
        self._read = True
        self.draw()

    def draw(self) -> None:
        """List the sprints, then the ways to another, with the cursor where it was."""
        listed = self.query_one(OptionList)
        place = listed.highlighted_option.id if listed.highlighted_option else None
        options: list[Option] = []
        if self._sprints:
            options.append(Option(self._header(), disabled=True))
            options += [Option(self._row(sprint), id=str(number)) for number, sprint in enumerate(self._sprints)]
            options.append(Option(" ", disabled=True))
        elif not self._read:
            options.append(Option(Content.styled("Looking for sprints ...", "$quiet"), disabled=True))
        for way, title, words in WAYS:
            options.append(Option(Content.assemble((f"{title:<13}", "bold $primary"), (words, "$quiet")), id=way))
        listed.set_options(options)
        ids = [option.id for option in options]
        first = next(number for number, option in enumerate(options) if not option.disabled)
        listed.highlighted = ids.index(place) if place and place in ids else first

    def _widths(self) -> dict[str, int]:
        """Cells of each column; what comes next is told where there is room."""
        width = max(76, self.size.width - 4)
        wide = width >= WIDE
        fixed = {"hour": 7, "block": 9, "to fix": 8, "saved": 12}
        room = width - sum(fixed.values()) - len(fixed) - 2
        names = room // 2 if wide else room
        widths = {"site": names - names // 3, "client": names // 3, **fixed}
        return {**widths, "next": room - names} if wide else widths

    def _header(self) -> Content:
        return columns([(Content(word), width) for word, width in self._widths().items()])

    def _row(self, sprint: Summary) -> Content:
        widths = self._widths()
        name = shown_line(sprint.domain or sprint.name, "bold $strong")
        if sprint.problem:
            said = shown_line(sprint.problem, "$status-fail")
            return columns([(name, widths["site"]), (said, sum(widths.values()) - widths["site"])])
        blockers = Content.styled(f"▲ {sprint.blockers} now", "$status-fail") if sprint.blockers else Content("none")
        cells = {
            "site": name,
            "client": Content.styled("hidden", "$quiet") if self.app.presenter else shown_line(sprint.client),
            "hour": Content(sprint.hour),
            "block": Content(sprint.block),
            "to fix": blockers,
            "saved": Content.styled(day_and_time(sprint.saved), "$quiet"),
            "next": Content.styled(sprint.next_step, "$quiet"),
        }
        return columns([(cells[word], width) for word, width in widths.items()])

    @property
    def current(self) -> Summary | None:
        """The sprint under the cursor."""
        option = self.query_one(OptionList).highlighted_option
        return self._sprints[int(option.id)] if option and option.id and option.id.isdigit() else None

    def on_option_list_option_selected(self) -> None:
        self.action_open()

    def action_open(self) -> None:
        option = self.query_one(OptionList).highlighted_option
        ways: dict[str | None, Callable[[], object]] = {
            NEW: self.action_new,
            DEMO: self.action_demo,
            FILE: self.action_open_file,
        }
        if self.current is not None:
            self.app.open_sprint(self.current.path)
        elif option is not None and option.id in ways:
            ways[option.id]()

    def action_new(self) -> None:
        from screens.new_sprint import NewSprintScreen

        self.app.push_screen(NewSprintScreen())

    def action_demo(self) -> None:
        self.app.open_demo()

    @work(exclusive=True, group="shelf", exit_on_error=False)
    async def action_open_file(self) -> None:
        from screens.modals.ask import AskFile

        path = await self.app.push_screen_wait(AskFile())
        if path is not None:
            self.app.open_sprint(path)

    @work(exclusive=True, group="shelf", exit_on_error=False)
    async def action_duplicate(self) -> None:
        sprint = self.current
        if sprint is not None and not sprint.problem:
            shelf = await self.app.shelf()
            copy = await asyncio.to_thread(shelf.duplicate, sprint.path)
            self.notify(f"Made {copy.name}: what was declared, nothing that was found.", markup=False)
            self.read_shelf()

    @work(exclusive=True, group="shelf", exit_on_error=False)
    async def action_archive(self) -> None:
        from screens.modals.ask import Confirm

        sprint = self.current
        if sprint is None:
            return
        question = Content("Put this sprint away? ").append(shown_line(sprint.domain or sprint.name))
        words = Content("It leaves this list; its file stays where it is, and opening that lists it again.")
        if await self.app.push_screen_wait(Confirm(question, words, yes="Put away")):
            shelf = await self.app.shelf()
            await asyncio.to_thread(shelf.put_away, sprint.path)
            self.read_shelf()

    def action_go_back(self) -> None:
        """There is nothing behind the first screen, and escape is pressed too easily to leave by it."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "go_back"
