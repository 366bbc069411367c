"""The alert drill: fire a test alert, and see whether a person reads it, and after how long."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from launchready_tui.session.model import Alert
from screens.base import LaunchScreen
from screens.keys import key
from screens.modals.ask import Confirm
from screens.signs import Sign
from screens.text import columns, hanging, shown_line
from screens.times import day_and_time, duration
from screens.widgets.fields import Field

TARGET_SECONDS = 15 * 60
"""T3 of the roadmap: an alert is answered within 15 minutes in business hours."""
SIGN, WHEN = 11, 13
"""Cells of the first and the last column."""
MARGIN = 2
"""Cells that a list keeps free beside its rows."""
OUTCOMES = {
    "read": Sign("✓", "read", "$status-pass"),
    "late": Sign("!", "late", "$status-warn"),
    "unread": Sign("✗", "unread", "$status-fail"),
    "undelivered": Sign("✗", "not sent", "$status-fail"),
    "": Sign("…", "waiting", "$primary"),
}


class DrillScreen(LaunchScreen):
    """The destinations, and every alert that was fired, newest first. The alert's code is never on this screen."""

    CSS_PATH = "drill.tcss"
    HEADING = "Alert drill"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("f", "fire", "fire", "Send a test alert to the destination under the cursor", "drill.fire"),
        key(
            "u",
            "fire_unannounced",
            "fire unannounced",
            "Send one that nobody knows of",
            "drill.surprise",
        ),
        key("c", "type_code", "type the code", "Type the code that the phone shows", "drill.code"),
        key("a", "add_destination", "add destination", "Name who is alerted", "drill.add"),
    ]

    def compose_body(self) -> ComposeResult:
        yield Static(
            Content.assemble(
                "An alert that nobody reads is no alert. Each test alert carries its own code: ",
                "whoever reads it tells you the code, and the time until then is your real answer time. ",
                ("Target: 15 minutes in business hours.", "$quiet"),
            ),
            id="drill-word",
        )
        yield OptionList(id="drill-destinations", classes="plain", markup=False)
        yield Field(placeholder="the code from the phone, then enter", id="drill-code")
        yield OptionList(id="drill-list", classes="plain", markup=False)

    def on_mount(self) -> None:
        self.query_one("#drill-destinations").focus()
        self.set_interval(1, self.draw)
        self.draw()

    def _on_changed(self, change: object) -> None:
        super()._on_changed(change)
        self.draw()

    @property
    def destinations(self) -> list[str]:
        """Who is alerted, by name or address."""
        return [name for entry in self.app.sprint.session.monitor.destinations if (name := _destination(entry))]

    def draw(self) -> None:
        """Bring both lists up to date."""
        if not self.app.has_sprint or not self.query("#drill-list"):
            return
        listed = self.query_one("#drill-destinations", OptionList)
        if listed.option_count != max(1, len(self.destinations)) or not listed.highlighted:
            place = listed.highlighted or 0
            options = [Option(shown_line(name, "bold")) for name in self.destinations]
            none = Option(
                Content.styled("Nobody is named to be alerted yet: a adds them.", "$quiet"),
                disabled=True,
            )
            listed.set_options(options or [none])
            listed.highlighted = min(place, len(options) - 1) if options else None
        log = self.query_one("#drill-list", OptionList)
        width = max(60, log.scrollable_content_region.width - MARGIN)
        fired = [Option(alert_row(alert, width), disabled=True) for alert in reversed(self.app.sprint.session.alert)]
        none = Option(Content.styled("No test alert was fired yet.", "$quiet"), disabled=True)
        log.set_options(fired or [none])

    @property
    def current(self) -> str | None:
        """The destination under the cursor."""
        highlighted = self.query_one("#drill-destinations", OptionList).highlighted
        destinations = self.destinations
        return destinations[highlighted] if highlighted is not None and highlighted < len(destinations) else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if event.option_list.id == "drill-destinations":
            self.action_fire()

    def action_fire(self) -> None:
        self._fire(announced=True)

    def action_fire_unannounced(self) -> None:
        self._fire(announced=False)

    @work(exclusive=True, group="drill", exit_on_error=False)
    async def _fire(self, *, announced: bool) -> None:
        destination = self.current
        if destination is None:
            return
        question = Content("Send a test alert to ").append(shown_line(destination)).append("?")
        words = Content("It is marked as a test. The owner must have agreed that alerts are tested.")
        if await self.app.push_screen_wait(Confirm(question, words, yes="Send it")):
            await self.app.fieldwork.fire_alert(destination, announced=announced)
            self.query_one("#drill-code", Field).focus()

    def action_add_destination(self) -> None:
        from screens.writing import write_one

        write_one(self.app, "destinations")

    def action_type_code(self) -> None:
        self.query_one("#drill-code", Field).focus()

    @work(exclusive=True, group="drill", exit_on_error=False)
    async def on_input_submitted(self, event: Input.Submitted) -> None:
        code = event.value.strip()
        if code:
            told = await self.app.fieldwork.answer_alert(code)
            event.input.clear()
            self.notify(told, markup=False)


def _destination(entry: str | dict[str, Any]) -> str:
    if isinstance(entry, str):
        return entry
    return str(entry.get("name") or entry.get("kind") or "")


def alert_row(alert: Alert, width: int) -> Content:
    """One fired alert: how it ended, to whom it went and when; below it how long it took, or why it failed."""
    sign = OUTCOMES.get(alert.outcome, OUTCOMES[""])
    first = columns(
        [
            (sign.content, SIGN),
            (shown_line(alert.destination, "bold"), width - SIGN - WHEN - 2),
            (Content.styled(day_and_time(alert.fired), "$quiet"), WHEN),
        ]
    )
    told = [] if alert.seconds is None else [Content(f"{duration(alert.seconds)} of {duration(TARGET_SECONDS)}")]
    told += [] if alert.announced else [Content.styled("unannounced", "$quiet")]
    told += [shown_line(alert.error, "$status-fail")] if alert.error else []
    below = Content("  ").join(told)
    return Content("\n").join([first, hanging(Content(""), below, width, SIGN + 1)]) if told else first
