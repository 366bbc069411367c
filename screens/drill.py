"""The alert drill: fire a test alert, and see whether a person reads it, and after how long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from launchready_tui.alerts.destinations import TRACKER, Destination, destinations
from launchready_tui.session.model import Alert
from screens import drilling
from screens.base import LaunchScreen
from screens.keys import key, quiet_key
from screens.modals.ask import Confirm
from screens.signs import Sign
from screens.text import columns, hanging, shown_line
from screens.times import day_and_time, duration
from screens.widgets.fields import Field

if TYPE_CHECKING:
    from launchready_tui.lab.phone import Shown

TARGET_SECONDS = 15 * 60
"""T3 of the roadmap: an alert is answered within 15 minutes in business hours."""
SIGN, WHEN, SERVICE = 11, 13, 24
"""Cells of the columns beside the name."""
MARGIN = 2
"""Cells that a list keeps free beside its rows."""
OUTCOMES = {
    "read": Sign("✓", "read", "$status-pass"),
    "late": Sign("!", "late", "$status-warn"),
    "unread": Sign("✗", "unread", "$status-fail"),
    "undelivered": Sign("✗", "not sent", "$status-fail"),
    "unknown": Sign("?", "not known", "$status-error"),
    "": Sign("…", "waiting", "$primary"),
}
LOST = Sign("✗", "lost", "$status-fail")
"""Undelivered although its service took it."""


class DrillScreen(LaunchScreen):
    """The destinations, and every alert that was fired, newest first. The alert's code is never on this screen."""

    CSS_PATH = "drill.tcss"
    HEADING = "Alert drill"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("f", "fire", "fire", "Send a test alert to the destination under the cursor", "drill.fire"),
        key("u", "fire_unannounced", "unannounced", "Send one that nobody was told of", "drill.surprise"),
        key("c", "type_code", "code", "Type the code that the phone shows", "drill.code"),
        key("a", "add_destination", "add", "Add somebody to alert, and the credential for it", "drill.add"),
        key("h", "record_by_hand", "by hand", "Record an alert that another monitor sent", "drill.by-hand"),
        key("s", "set_credential", "credential", "Set the credential of this destination", "drill.credential"),
        key("o", "open_phone", "phone", "Look at the phones of the demo's lab", "drill.phone"),
        quiet_key("x", "remove_destination", "remove", "Take this destination off the list", "drill.remove"),
    ]  # fmt: skip

    def compose_body(self) -> ComposeResult:
        yield Static(
            Content(
                "An alert that nobody reads is no alert. Each carries a code that this screen never shows: "
                "whoever reads it tells you, and the time until then is measured."
            ),
            id="drill-word",
        )
        yield Static(id="drill-target")
        yield OptionList(id="drill-destinations", classes="plain", markup=False)
        yield Field(placeholder="the code from the phone, then enter; esc leaves", id="drill-code")
        yield OptionList(id="drill-list", classes="plain", markup=False)

    def on_mount(self) -> None:
        self._drawn: dict[str, Sequence[Content]] = {}
        self.query_one("#drill-destinations").focus()
        self.set_interval(1, self.draw)
        self.draw()
        if self.app.fieldwork.lab is not None:
            self.app.fieldwork.lab.phone.rings = self._hear_phone

    def on_unmount(self) -> None:
        if self.app.fieldwork.lab is not None:
            self.app.fieldwork.lab.phone.rings = lambda shown: None

    def _hear_phone(self, shown: Shown) -> None:
        """In the demo the phones lie on the same desk."""
        self.notify("A phone on the desk buzzes: esc, then o looks at it.", markup=False, timeout=10)

    def on_resize(self) -> None:
        self.draw()

    # ---------------------------------------------------------------- drawing

    def draw(self) -> None:
        """Bring everything up to date; what stays as it is keeps its place."""
        if not self.app.has_sprint or not self.query("#drill-list"):
            return
        session = self.app.sprint.session
        self.query_one("#drill-target", Static).update(target_line(session.alert))
        width = max(60, self.query_one("#drill-list", OptionList).scrollable_content_region.width - MARGIN)
        rows = [destination_row(row, width) for row in self.destinations]
        self._fill("#drill-destinations", rows, "Nobody is named to be alerted yet: a adds them.", can_choose=True)
        waiting = self.app.lookout.alerts_waiting()
        fired = [
            alert_row(alert, width, waiting.get((alert.destination, alert.fired))) for alert in reversed(session.alert)
        ]
        self._fill("#drill-list", fired, "No test alert was fired yet.", can_choose=False)

    def _fill(self, name: str, rows: Sequence[Content], nothing: str, *, can_choose: bool) -> None:
        if self._drawn.get(name) == rows:
            return
        self._drawn[name] = rows
        listed = self.query_one(name, OptionList)
        place, scrolled = listed.highlighted or 0, listed.scroll_offset
        none = Option(Content.styled(nothing, "$quiet"), disabled=True)
        listed.set_options([Option(row, disabled=not can_choose) for row in rows] or [none])
        listed.highlighted = min(place, len(rows) - 1) if rows and can_choose else None
        listed.scroll_to(*scrolled, animate=False)

    @property
    def destinations(self) -> list[Destination]:
        """Who is alerted."""
        return destinations(self.app.sprint.session)

    @property
    def current(self) -> Destination | None:
        """The destination under the cursor."""
        highlighted = self.query_one("#drill-destinations", OptionList).highlighted
        every = self.destinations
        return every[highlighted] if highlighted is not None and highlighted < len(every) else None

    # ---------------------------------------------------------------- firing

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
        if not destination.kind:
            words = "The app knows no way to reach them: a adds one, h records what another monitor sent."
            self.notify(words, severity="warning", markup=False)
            return
        if not await drilling.agreed(self.app, destination):
            return
        waiting = destination.name in {name for name, _ in self.app.lookout.alerts_waiting()}
        question, meaning = drilling.firing_words(destination, announced=announced, waiting=waiting)
        if await self.app.push_screen_wait(Confirm(question, meaning, yes="Send it")):
            self.notify(f"Sending to {shown_line(destination.name).plain} ...", markup=False, timeout=3)
            told = await self.app.lookout.fire_alert(destination.name, announced=announced)
            self.notify(shown_line(told, limit=400).plain, markup=False, timeout=10)
            self.draw()
            self.query_one("#drill-code", Field).focus()

    def action_type_code(self) -> None:
        self.query_one("#drill-code", Field).focus()

    def action_go_back(self) -> None:
        """Out of the code's field first: its letters are the keys of this screen."""
        if self.query_one("#drill-code", Field).has_focus:
            self.query_one("#drill-destinations", OptionList).focus()
        else:
            super().action_go_back()

    @work(exclusive=True, group="drill", exit_on_error=False)
    async def on_input_submitted(self, event: Input.Submitted) -> None:
        code = event.value.strip()
        if code:
            event.input.clear()
            told = await self.app.lookout.answer_alert(code)
            self.notify(shown_line(told, limit=400).plain, markup=False, timeout=10)
            self.draw()

    # ---------------------------------------------------------------- what else a person does

    @work(exclusive=True, group="drill", exit_on_error=False)
    async def action_add_destination(self) -> None:
        await drilling.add_destination(self.app)

    @work(exclusive=True, group="drill", exit_on_error=False)
    async def action_set_credential(self) -> None:
        if self.current is not None:
            await drilling.set_credential(self.app, self.current)

    @work(exclusive=True, group="drill", exit_on_error=False)
    async def action_record_by_hand(self) -> None:
        await drilling.record_by_hand(self.app, self.current)

    @work(exclusive=True, group="drill", exit_on_error=False)
    async def action_remove_destination(self) -> None:
        if self.current is not None:
            await drilling.remove_destination(self.app, self.current)

    def action_open_phone(self) -> None:
        from screens.modals.phone import LookAtPhone

        if self.app.fieldwork.lab is not None:
            self.app.push_screen(LookAtPhone(self.app.fieldwork.lab.phone))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the phone in the demo alone."""
        return action != "open_phone" or self.app.fieldwork.lab is not None


def destination_row(destination: Destination, width: int) -> Content:
    """One destination: its name, the service, and where it goes."""
    service = Content.styled(destination.title, "$quiet")
    where = shown_line(destination.to, "$quiet") if destination.to else Content("")
    if destination.kind == TRACKER:
        where = Content.styled("5 test errors", "$quiet")
    room = max(12, (width - SERVICE - 2) * 3 // 5)
    return columns(
        [(shown_line(destination.name, "bold"), room), (service, SERVICE), (where, width - room - SERVICE - 2)]
    )


def alert_row(alert: Alert, width: int, waited: float | None = None) -> Content:
    """One fired alert: how it ended, to whom it went and when; below it how long it took, or why it failed.

    Args:
        waited: seconds that it has waited for its code; None where its code is no longer taken.
    """
    lost = alert.outcome == "undelivered" and bool(alert.accepted)
    sign = LOST if lost else OUTCOMES.get(alert.outcome, OUTCOMES[""])
    first = columns(
        [
            (sign.content, SIGN),
            (shown_line(alert.destination, "bold"), width - SIGN - WHEN - 2),
            (Content.styled(day_and_time(alert.fired), "$quiet"), WHEN),
        ]
    )
    told = [] if alert.seconds is None else [Content(f"{duration(alert.seconds)} of {duration(TARGET_SECONDS)}")]
    if waited is not None and not alert.outcome:
        took = duration(waited) if waited >= 10 else f"{int(waited)} s"
        told.append(Content.styled(f"{took} of {duration(TARGET_SECONDS)}", "$primary"))
    elif waited is not None:
        words = "its code is still taken" if lost else "its code is still taken, and counts as late"
        told.append(Content.styled(words, "$quiet"))
    told += [] if alert.announced else [Content.styled("unannounced", "$quiet")]
    told += [shown_line(f"sent by {alert.sent_by}", "$quiet")] if alert.sent_by else []
    told += [shown_line(alert.error, "$status-fail", limit=300)] if alert.error else []
    told += [shown_line(alert.note, "$quiet", limit=300)] if alert.note else []
    told += [shown_line(f"id {alert.receipt}", "$quiet")] if alert.receipt else []
    below = Content("  ").join(told)
    return Content("\n").join([first, hanging(Content(""), below, width, SIGN + 1)]) if told else first


def target_line(alerts: Sequence[Alert], now: datetime | None = None) -> Content:
    """T3 and how it stands, and what to do next."""
    target = Content.styled("T3: read within 15 minutes in business hours. ", "$quiet")
    last = {alert.destination: alert for alert in alerts}
    ended = [alert for alert in last.values() if alert.outcome]
    if ended:
        met = sum(alert.outcome == "read" for alert in ended)
        mark = "✓" if met == len(ended) else "✗"
        colour = "$status-pass" if met == len(ended) else "$status-fail"
        target = target.append(Content.styled(f"{mark} {met} of {len(ended)} in time. ", colour))
    return target.append(Content.styled(drilling.next_drill(alerts), "$accent"))
