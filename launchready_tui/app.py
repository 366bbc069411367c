"""The app: opens the screens, owns the sprint and the run of its checks, and little else.

Nothing but Textual is imported before the first frame; the rest comes in threads and inside methods.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import importlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.signal import Signal
from textual.theme import Theme
from textual.worker import Worker, WorkerState

from launchready_tui.fieldwork import Fieldwork, Lab
from launchready_tui.garbage import SECONDS, collect_where_due, collected_by_hand
from launchready_tui.lookout import Lookout
from screens.beside import screen_beside
from screens.commands import LaunchCommands
from screens.home import HomeScreen
from screens.text import hide_folders
from screens.theme import BY_WORD, STYLES, THEMES

if TYPE_CHECKING:
    from launchready_tui.commands.network_options import NetworkOptions
    from launchready_tui.events import Event
    from launchready_tui.shelf import Shelf
    from launchready_tui.sprint import Sprint
    from screens.widgets.top_line import TopLine

Key = tuple[str, str]
"""(check, target) of a finding."""
REDRAW_SECONDS = 0.08
"""Changes that come within this time are drawn together."""


class Changed:
    """What is on screen may be out of date."""


class LaunchReady(App[None]):
    """The app.

    Args:
        path: a session file to open at the start.
        sprint: a sprint that is open already, instead of `path`.
        network: resolvers, connect map and roots to use, and whether to stay off the network.
        lab: the demo's lab; with it there is a key that mends its faults.
        theme: "dark" or "light".
        shelf: where sprints are kept and listed.
        new: start a sprint for this domain: ask what it needs.
        demo: start the lab and open its sprint; `demo_folder` is where its file goes (None: a temporary folder).
    """

    TITLE = "Launch Ready"
    CSS_PATH: ClassVar = [STYLES / "base.tcss", STYLES / "home.tcss"]
    COMMANDS = App.COMMANDS | {LaunchCommands}
    COMMAND_PALETTE_DISPLAY = "^p"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "show_help", "help", key_display="?", id="app.help", tooltip="Keys and words"),
        Binding("p", "toggle_presenter", "presenter", show=False, id="app.presenter",
                tooltip="Presenter mode: hide private notes, vault names, local paths and other clients"),
        Binding("f2", "toggle_theme", "dark or light", show=False, id="app.theme", tooltip="Dark or light"),
    ]  # fmt: skip

    def __init__(
        self,
        *,
        path: Path | None = None,
        sprint: Sprint | None = None,
        network: NetworkOptions | None = None,
        lab: Lab | None = None,
        theme: str = "",
        shelf: Shelf | None = None,
        new: str = "",
        demo: bool = False,
        demo_folder: Path | None = None,
    ) -> None:
        super().__init__()
        for known in THEMES:
            self.register_theme(known)
        self._our_themes = {theme.name: theme for theme in THEMES}
        self.theme = BY_WORD.get(theme or os.environ.get("LAUNCHREADY_THEME", ""), BY_WORD["dark"])
        self.changed: Signal[Changed] = Signal(self, "changed")
        self.presenter = False
        hide_folders(())
        self.fieldwork = Fieldwork(self, network, lab)
        self.lookout = Lookout(self, self.fieldwork)
        self._shelf = shelf
        self._path = path
        self._new = new
        self._demo = demo
        self._demo_folder = demo_folder
        self._sprint: Sprint | None = None
        self._first = sprint
        self._lab_of_our_own = contextlib.AsyncExitStack()
        self._demo_runs = False
        self._unsubscribe: Callable[[], None] = lambda: None
        self._name = ""
        self._redraw_due = False
        self._unsaved = ""
        self._main_loop: asyncio.AbstractEventLoop | None = None
        self._app_context = contextvars.copy_context()
        self._garbage = contextlib.ExitStack()

    # ---------------------------------------------------------------- what screens ask

    @property
    def sprint(self) -> Sprint:
        """The open sprint; only screens of a sprint ask."""
        assert self._sprint is not None, "no sprint is open"  # noqa: S101 - a fault of ours, not of a user
        return self._sprint

    @property
    def has_sprint(self) -> bool:
        return self._sprint is not None

    @property
    def person(self) -> str:
        """Who sits here: the name last given to a mark, else the consultant's."""
        return self._name or (self._sprint.session.sprint.consultant if self._sprint else "")

    def remember_name(self, name: str) -> None:
        """Suggest this name for the next mark."""
        self._name = name or self._name

    def fill_top_line(self, line: TopLine) -> None:
        """Bring the first line of a screen up to date."""
        from screens.widgets.top_line import saved_words

        line.presenter = self.presenter
        line.network = self.fieldwork.network_word if self._sprint else ""
        line.running = self.fieldwork.progress
        line.site = self._sprint.session.site.domain if self._sprint else ""
        line.hour = self._sprint.hour if self._sprint else None
        line.saved = saved_words(self._sprint.saved) if self._sprint else ""

    # ---------------------------------------------------------------- beginning and end

    @property
    def available_themes(self) -> dict[str, Theme]:
        """Ours alone: others lack our colours, and ANSI ones are black on black under NO_COLOR."""
        # Asked for hundreds of times a frame; while Textual sets itself up, ours are not registered yet.
        return getattr(self, "_our_themes", None) or super().available_themes

    def get_default_screen(self) -> Screen[None]:
        return HomeScreen()

    def on_ready(self) -> None:
        # Callbacks from other threads need to know the app that they belong to.
        self._main_loop, self._app_context = asyncio.get_running_loop(), contextvars.copy_context()
        self._garbage.enter_context(collected_by_hand())
        self.set_interval(SECONDS, collect_where_due)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """After the first frame: open what was asked for."""
        if self._first is not None:
            self._show_sprint(self._first)
        elif self._path is not None:
            self.open_sprint(self._path)
        elif self._new:
            from screens.new_sprint import NewSprintScreen

            self.push_screen(NewSprintScreen(self._new))
        elif self._demo:
            self.open_demo()

    def flush(self) -> None:
        """Write what is not written yet; also called by signal handlers."""
        if self._sprint is not None:
            self._sprint.flush_now()

    def leave_by_signal(self, number: int) -> None:
        """End because the system says so. Called by a signal handler, in the midst of anything."""
        if self._main_loop is not None:
            self._main_loop.call_soon_threadsafe(lambda: self.exit(return_code=128 + number), context=self._app_context)

    async def action_quit(self) -> None:
        self.fieldwork.stop()
        await self._close_sprint()
        self.exit()

    async def on_unmount(self) -> None:
        await self._close_sprint()
        await self._lab_of_our_own.aclose()
        self._garbage.close()

    async def _close_sprint(self) -> None:
        await self.lookout.end()
        sprint, self._sprint = self._sprint, None
        if sprint is None:
            return
        self._unsubscribe()
        # The next sprint is a real one: nothing of the lab may answer for it.
        if self._demo_runs:
            self._demo_runs, self.fieldwork.lab = False, None
            await self._lab_of_our_own.aclose()
        if not await asyncio.to_thread(sprint.close):
            kept = await asyncio.to_thread(sprint.rescue)
            self.exit(message=f"{sprint.saved.reason} A copy is kept in {kept}", return_code=1)

    def _handle_exception(self, error: Exception) -> None:
        """As Textual's; but a screen that opens while the app ends is given no widgets, and may miss them."""
        if not isinstance(error, NoMatches) or (self._running and not self._exit):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """As Textual's, without local variables: one of them may hold a credential."""
        from rich.segment import Segments
        from rich.traceback import Traceback

        self.flush()
        self.bell()
        trace = Traceback(show_locals=False, width=None, suppress=["textual"])
        self._exit_renderables.append(Segments(self.console.render(trace, self.console.options)))
        self._close_messages_no_wait()

    # ---------------------------------------------------------------- sprints

    @work(exclusive=True, group="open", exit_on_error=False)
    async def open_sprint(self, path: Path) -> None:
        """Open a session file, offering the backup of a damaged one and a look at one that another holds."""
        from screens.opening import open_file

        sprint = await open_file(self, path)
        if sprint is not None:
            await asyncio.to_thread((await self.shelf()).remember, path)
            self._show_sprint(sprint)

    @work(exclusive=True, group="open", exit_on_error=False)
    async def open_demo(self) -> None:
        """Start the lab in this process and open its sprint."""
        self.notify("Starting the lab in this computer ...", markup=False)
        from launchready_tui.lab.demo import demo_sprint

        self.fieldwork.lab, sprint = await self._lab_of_our_own.enter_async_context(demo_sprint(self._demo_folder))
        self._demo_runs = True
        self.clear_notifications()
        self._show_sprint(sprint)

    @work(exclusive=True, group="open", exit_on_error=False)
    async def create_sprint(self, answers: Mapping[str, str]) -> None:
        """Start a sprint with what was answered, and open it."""
        new = await asyncio.to_thread(importlib.import_module, "launchready_tui.new_sprint")
        shelf = await self.shelf()
        sprint: Sprint = await asyncio.to_thread(new.start, shelf.path_for(answers["domain"]), answers)
        if sprint.path is not None:
            await asyncio.to_thread(shelf.remember, sprint.path)
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        self._show_sprint(sprint)

    def _show_sprint(self, sprint: Sprint) -> None:
        from screens.block import BlockScreen

        self._sprint = sprint
        self.fieldwork.begin()
        self.lookout.begin()
        self._unsubscribe = sprint.subscribe(self._on_sprint_event)
        self.push_screen(BlockScreen(sprint.block_now.id))
        if sprint.word:
            self.notify(sprint.word, markup=False, timeout=12)

    @work(exclusive=True, group="open", exit_on_error=False)
    async def go_home(self) -> None:
        """Close the sprint and go to the list."""
        self.fieldwork.stop()
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        await self._close_sprint()

    async def shelf(self) -> Shelf:
        """The list of sprints on this machine; loads what reads them."""
        if self._shelf is None:
            module = await asyncio.to_thread(importlib.import_module, "launchready_tui.shelf")
            self._shelf = module.Shelf()
        return self._shelf

    # ---------------------------------------------------------------- news

    def _on_sprint_event(self, event: Event) -> None:
        """Listen to the sprint: in this thread, but for what its saver says."""
        from launchready_tui.events import SavedChanged

        if not isinstance(event, SavedChanged):
            self.fieldwork.note(event)
            self.touch()
        elif self._main_loop is not None:
            self._main_loop.call_soon_threadsafe(self.touch, context=self._app_context)

    def touch(self) -> None:
        """Tell all screens soon that something changed; a burst of changes is one piece of news."""
        if not self._redraw_due and self.is_running:
            self._redraw_due = True
            self.set_timer(REDRAW_SECONDS, self._publish)

    def _publish(self) -> None:
        self._redraw_due = False
        self.changed.publish(Changed())
        self._tell_unsaved()

    def _tell_unsaved(self) -> None:
        """Say once why the sprint cannot be saved, and once that it can again."""
        saved = self._sprint.saved if self._sprint is not None else None
        reason = saved.reason if saved is not None and saved.word == "not saved" else ""
        if reason and reason != self._unsaved:
            words = f"{reason} Nothing is lost: it is kept in memory, and saved as soon as that works."
            self.notify(words, severity="error", markup=False, timeout=12)
        elif self._unsaved and not reason and saved is not None:
            self.notify("The sprint is saved again.", markup=False)
        self._unsaved = reason

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """The one place where what went wrong in the background is told."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.touch()
            self.complain(event.worker.error)

    def complain(self, problem: BaseException) -> None:
        """Tell a problem, and go on."""
        from launchready_tui.complaint import words_of

        words = words_of(problem)
        self.log.error(words)
        self.notify(words, severity="error", markup=False, timeout=10)

    # ---------------------------------------------------------------- screens and keys

    def open_beside(self, name: str) -> None:
        """Open one of the screens that belong to a sprint, by its name."""
        self.push_screen(screen_beside(name))

    def open_finding(self, keys: Sequence[Key], index: int = 0) -> None:
        """Open a finding, with the others of its list a key away."""
        from screens.finding import FindingScreen

        self.push_screen(FindingScreen(keys, index))

    def keep(self, change: Callable[[], object]) -> None:
        """Make a change of the sprint, or say why it cannot be made."""
        from launchready_tui.session.errors import SessionError

        try:
            change()
        except SessionError as problem:
            self.complain(problem)
        except KeyError:
            self.notify("This is no longer there; a later run has taken it away.", severity="warning", markup=False)

    def action_show_help(self) -> None:
        from screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen.active_bindings))

    def action_toggle_presenter(self) -> None:
        self.presenter = not self.presenter
        hide_folders(self._folders() if self.presenter else ())
        self.notify(f"Presenter mode is {'on' if self.presenter else 'off'}.", markup=False)
        self.touch()

    def _folders(self) -> list[str]:
        """Folders of this computer that a client on the call need not see."""
        folders = [str(Path.home()), str(Path.cwd())]
        if self._sprint is not None:
            repo = self._sprint.session.deploy.repo
            folders += [repo, str(Path(repo).parent)] if repo else []
            folders += [str(self._sprint.path.parent)] if self._sprint.path else []
        return folders

    def action_toggle_theme(self) -> None:
        self.theme = BY_WORD["light" if self.current_theme.dark else "dark"]

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        yield SystemCommand("Dark or light", "Change between the two themes", self.action_toggle_theme)
        yield SystemCommand("Presenter mode", "Hide what is private on a shared screen", self.action_toggle_presenter)
        yield SystemCommand("Help", "The keys of this screen, and words explained", self.action_show_help)
        yield SystemCommand("Quit", "Save and leave", self.action_quit)
        if not getattr(screen, "HOLDS_SECRETS", False):
            yield SystemCommand("Screenshot", "Save a picture (SVG) of this screen", self.deliver_screenshot)


def run_app(app: LaunchReady, *, mouse: bool = True) -> int:
    """Run the app to its end and return the exit status; what is not saved is saved however it ends."""
    from launchready_tui.session.saver import flushed_on_signals

    with flushed_on_signals(app.flush, app.leave_by_signal):
        app.run(mouse=mouse)
    return app.return_code or 0
