"""Before and after: what each run changed, and what the sprint has changed from its first run to now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from launchready_tui.plan import plan
from launchready_tui.session.model import Run, StatusChange
from screens.base import LaunchScreen
from screens.signs import Sign, status_sign
from screens.text import columns, hanging, shown_line
from screens.times import day_and_time, duration

PROBLEMS = ("fail", "warn")
NOTHING = Sign("·", "not there", "$quiet")
WORD = 11


class CompareScreen(LaunchScreen):
    """The runs on the left, newest first; what the chosen one changed on the right."""

    CSS_PATH = "compare.tcss"
    HEADING = "Before and after"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("R", "run_all", "run all", id="compare.run", tooltip="Run all checks again, to compare with"),
        Binding("s", "stop", "stop", id="compare.stop", tooltip="Stop the checks; what was found stays"),
    ]

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="compare"):
            yield OptionList(id="runs", classes="plain", markup=False)
            with VerticalScroll(id="changes"):
                yield Static(id="changes-text")

    def on_mount(self) -> None:
        self.query_one("#runs").focus()
        self.draw()

    def on_resize(self) -> None:
        self._draw_changes()

    def draw(self) -> None:
        """List the runs, with the cursor where it was."""
        runs = self.query_one("#runs", OptionList)
        place = runs.highlighted or 0
        options = [Option(Content.styled("First run to now", "bold $strong"))]
        options += [Option(_run_row(run)) for run in reversed(self.app.sprint.session.run)]
        runs.set_options(options)
        runs.highlighted = min(place, len(options) - 1)

    def on_option_list_option_highlighted(self) -> None:
        self._draw_changes()

    def _draw_changes(self) -> None:
        if not self.app.has_sprint or not self.query("#runs"):
            return
        session = self.app.sprint.session
        place = self.query_one("#runs", OptionList).highlighted or 0
        changes = together(session.run) if place == 0 else session.run[-place].before
        width = max(40, self.query_one("#changes").scrollable_content_region.width - 2)
        self.query_one("#changes-text", Static).update(changes_text(changes, width))

    def action_run_all(self) -> None:
        self.app.fieldwork.run_checks(None)

    def action_stop(self) -> None:
        self.app.fieldwork.stop()


def _run_row(run: Run) -> Content:
    how = "" if run.complete else " (stopped)"
    what = "all checks" if not run.only else shown_line(", ".join(run.only), limit=24).plain
    problems = sum(run.counts.get(status, 0) for status in PROBLEMS)
    return Content.assemble(
        (f"Run {run.number}{how}", "bold"),
        (f"  {day_and_time(run.started)}\n  {what}, {duration(run.seconds)}\n  {problems} problems", "$quiet"),
    )


def together(runs: Iterable[Run]) -> list[StatusChange]:
    """What the runs changed taken together: the first status of each finding against its last."""
    first: dict[tuple[str, str], str] = {}
    last: dict[tuple[str, str], str] = {}
    looked: set[str] = set()
    for run in runs:
        for change in run.before:
            key = (change.check, change.target)
            # What the first look of its check shows is how it began; what a later look shows first has come since.
            first.setdefault(key, change.was if change.was or change.check in looked else change.now)
            last[key] = change.now
        if run.complete:
            looked |= plan().scope(run.only or None)
    return [
        StatusChange(check=check, target=target, was=was, now=last[check, target])
        for (check, target), was in first.items()
        if was != last[check, target]
    ]


def changes_text(changes: Iterable[StatusChange], width: int) -> Content:
    """The changes under headings: mended, broken, and the rest."""
    groups: dict[str, list[StatusChange]] = {"Mended": [], "New problems": [], "Other changes": []}
    for change in changes:
        was, now = change.was in PROBLEMS, change.now in PROBLEMS
        # A check that could not look, or was skipped, has mended nothing.
        mended = was and change.now in ("pass", "info", "")
        groups["Mended" if mended else "New problems" if now and not was else "Other changes"].append(change)
    parts = []
    for title, colour in (("Mended", "$status-pass"), ("New problems", "$status-fail"), ("Other changes", "$quiet")):
        if groups[title]:
            parts.append(Content.styled(f"{title} · {len(groups[title])}", f"bold {colour}"))
            parts += [_change_row(change, width) for change in groups[title]]
            parts.append(Content(""))
    return Content("\n").join(parts) if parts else Content.styled("Nothing changed.", "$quiet")


def _change_row(change: StatusChange, width: int) -> Content:
    was, now = (status_sign(status) if status else NOTHING for status in (change.was, change.now))
    arrow = Content.styled("→", "$quiet")
    sign = columns([(was.dot, 1), (arrow, 1), (now.content, WORD)])
    what = Content.assemble(shown_line(change.target), "\n", shown_line(change.check, "$quiet"))
    return hanging(sign, what, width, WORD + 6)
