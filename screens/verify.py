"""Verify all: key pages, forms and APIs in one table, and a person's word about what only a person can see."""

from __future__ import annotations

import asyncio
import importlib
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from launchready_tui.session.model import Form, Verified
from launchready_tui.witness import (
    code_fits,
    event_that_waits,
    form_of,
    tell_arrival,
    tell_event,
    tell_sent,
    tell_wrong_code,
    waits_for_a_word,
)
from screens import taking
from screens.base import LaunchScreen
from screens.keys import key
from screens.modals.arrival import Arrival, AskArrival, AskEvent, EventSeen
from screens.signs import status_sign
from screens.text import columns, hanging, shown, shown_line
from screens.times import day_and_time, duration

STATE, WHAT, TIME = 11, 11, 7
WIDE = 130
"""Cells from which on a line has room for what was expected and seen."""


class VerifyScreen(LaunchScreen):
    """A line for each page, form and API; below it all that is known of the one under the cursor."""

    CSS_PATH = "verify.tcss"
    HEADING = "Verify all"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("r", "verify", "verify all", "Try all pages, forms and APIs, in one run", "verify.run"),
        key("s", "stop", "stop", "Stop; what was found stays", "verify.stop"),
        key("a", "arrived", "arrived?", "Say whether the test of a form arrived", "verify.arrived"),
        key("g", "sent", "I sent it", "You have sent this form by hand: look for it", "verify.sent"),
        key("e", "event_code", "error code", "Type the code of the test event in the error tracker", "verify.event"),
        key("c", "copy_mark", "copy the mark", "Copy what to type into a form that you send by hand", "verify.copy"),
        key("k", "consent", "consent", "What the owner agreed to have tested actively", "verify.consent"),
    ]

    def compose_body(self) -> ComposeResult:
        yield Static(id="verify-word")
        yield OptionList(id="verify-list", classes="plain", markup=False)
        with VerticalScroll(id="verify-below"):
            yield Static(id="verify-detail")

    def on_mount(self) -> None:
        self.query_one("#verify-list").focus()
        self.draw()

    def on_resize(self) -> None:
        self.draw()

    @property
    def rows(self) -> list[Verified]:
        """The table of the last run; before the first one, the forms that were seen by other runs."""
        session = self.app.sprint.session
        if session.verified:
            return session.verified
        return [Verified(what="form", target=row.target, seen="not verified yet") for row in session.form]

    @property
    def current(self) -> Verified | None:
        place = self.query_one("#verify-list", OptionList).highlighted
        rows = self.rows
        return rows[place] if place is not None and place < len(rows) else None

    @property
    def form(self) -> Form | None:
        """The form under the cursor."""
        row = self.current
        return form_of(self.app.sprint.session, row.target) if row and row.what in ("form", "wrong input") else None

    def draw(self) -> None:
        """Bring the table up to date, the cursor where it was."""
        if not self.app.has_sprint or not self.query("#verify-list"):
            return
        listed = self.query_one("#verify-list", OptionList)
        place = listed.highlighted or 0
        width = max(70, listed.scrollable_content_region.width - 2)
        rows = self.rows
        options = [Option(verified_row(row, width)) for row in rows]
        if not rows:
            words = "Nothing was verified yet: r tries all pages, forms and APIs in one run."
            options = [Option(Content.styled(words, "$quiet"), disabled=True)]
        listed.set_options(options)
        if rows:
            listed.highlighted = min(place, len(rows) - 1)
        self.query_one("#verify-word", Static).update(self._word())
        self._draw_detail()
        self.refresh_bindings()

    def _word(self) -> Content:
        if self.app.fieldwork.running:
            return Content.styled(f"… verifying: {self.app.fieldwork.progress} checks have reported", "$primary")
        rows = self.app.sprint.session.verified
        if not rows:
            return Content.styled("Key pages, forms and APIs, in one run, with one table.", "$quiet")
        states = [row.state for row in rows]
        counted = Content("   ").join(
            Content.assemble(status_sign(state).dot, f" {states.count(state)} {status_sign(state).word}")
            for state in ("pass", "fail", "warn", "error", "skipped")
            if state in states
        )
        return counted.append(Content.styled(f"   {day_and_time(rows[0].at)}", "$quiet"))

    def on_option_list_option_highlighted(self) -> None:
        self._draw_detail()
        self.refresh_bindings()

    def _draw_detail(self) -> None:
        row = self.current
        width = max(60, self.size.width - 6)
        form = self.form
        asks = form is not None and waits_for_a_word(self.app.sprint.session, form)
        text = detail_text(row, form, width, asks=asks) if row is not None else Content("")
        self.query_one("#verify-detail", Static).update(text)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done with the line at hand."""
        if action == "stop":
            return self.app.fieldwork.running
        if action == "event_code":
            return event_that_waits(self.app.sprint.session) is not None
        if action in ("arrived", "sent", "copy_mark"):
            form = self.form if self.query("#verify-list") else None
            if form is None:
                return False
            if action == "arrived":
                return waits_for_a_word(self.app.sprint.session, form)
            return bool(form.by_hand and form.nonce)
        return True

    def action_verify(self) -> None:
        self.app.fieldwork.verify()

    def action_stop(self) -> None:
        self.app.fieldwork.stop()

    def action_consent(self) -> None:
        from screens.writing import give_consent

        give_consent(self.app)

    def action_copy_mark(self) -> None:
        if self.form is not None:
            taking.copy(self.app, mark_of(self.form), "the mark")

    @work(exclusive=True, group="verify", exit_on_error=False)
    async def action_arrived(self) -> None:
        form = self.form
        if form is None:
            return
        told: Arrival | None = await self.app.push_screen_wait(
            AskArrival(form.page, mark_of(form), form.destination, by=self.app.person)
        )
        if told is not None:
            live = await asyncio.to_thread(importlib.import_module, "launchready_tui.live")
            await asyncio.to_thread(live.load_checks)
            self.app.remember_name(told.by)
            self.app.keep(lambda: tell_arrival(self.app.sprint, form.target, arrived=told.arrived, by=told.by))
            self.notify("Written down." if told.arrived else "Written down as lost.", markup=False)
            self.draw()

    @work(exclusive=True, group="verify", exit_on_error=False)
    async def action_event_code(self) -> None:
        event = event_that_waits(self.app.sprint.session)
        if event is None:
            return
        told: EventSeen | None = await self.app.push_screen_wait(AskEvent(day_and_time(event.sent), by=self.app.person))
        if told is None:
            return
        self.app.remember_name(told.by)
        live = await asyncio.to_thread(importlib.import_module, "launchready_tui.live")
        await asyncio.to_thread(live.load_checks)
        if told.code and not await asyncio.to_thread(code_fits, event, told.code):
            left = tell_wrong_code(self.app.sprint, event)
            more = f"{left} more tries." if left else "Send a new one: r on the step of the error logs."
            self.notify(f"That is not the code of this event. {more}", severity="warning", markup=False)
            return
        self.app.keep(
            lambda: tell_event(self.app.sprint, event, read=bool(told.code), by=told.by, unmasked=told.unmasked)
        )
        self.notify("Written down.", markup=False)
        self.draw()

    def action_sent(self) -> None:
        form = self.form
        if form is None:
            return
        self.app.keep(lambda: tell_sent(self.app.sprint, form.target))
        if form.destination in ("", "person"):
            self.action_arrived()
        else:
            self.notify("Looking for it where it has to arrive ...", markup=False)
            self.app.fieldwork.look_for_sent(form.target)


def mark_of(form: Form) -> str:
    """What stands in the test submission of a form, or has to be typed into it."""
    return f"[launch-check] {form.nonce}"


def verified_row(row: Verified, width: int) -> Content:
    """One line of the table; two on a narrow screen, the second with what was expected and seen."""
    took = Content(_took(row.seconds))
    state, what = status_sign(row.state).content, shown_line(row.what, "$quiet")
    name = shown_line(row.target.replace("https://", "", 1), "bold", limit=300)
    expected = shown_line(f"aim: {row.expected}", "$quiet") if row.expected else Content("")
    if width >= WIDE:
        room = width - STATE - WHAT - TIME - 5
        cells = [(state, STATE), (what, WHAT), (name, room * 2 // 5), (expected, room * 3 // 10)]
        return columns([*cells, (shown_line(row.seen), room * 3 // 10), (took, TIME)])
    first = columns([(state, STATE), (what, WHAT), (name, width - STATE - WHAT - TIME - 3), (took, TIME)])
    room = width - STATE - 1
    below = [(Content(""), STATE), (shown_line(row.seen), room * 3 // 5), (expected, room - room * 3 // 5 - 1)]
    return Content("\n").join([first, columns(below)])


def _took(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return duration(seconds) if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def detail_text(row: Verified, form: Form | None, width: int, *, asks: bool = False) -> Content:
    """All that is known of a line: what was expected and seen, and of a form how it is made and where it sends."""
    lines = [shown_line(row.target, "bold $strong", limit=300)]
    lines += _person_lines(form, width, asks=asks) if form is not None else []
    for word, text in (("expected", row.expected), ("seen", row.seen)):
        if text:
            lines.append(_labelled(word, shown(text), width))
    lines += _form_lines(form, width) if form is not None else []
    return Content("\n").join(lines)


def _labelled(word: str, text: Content, width: int) -> Content:
    return hanging(Content.styled(word, "$quiet"), text, width, 10)


def _person_lines(form: Form, width: int, *, asks: bool) -> list[Content]:
    """What a person is asked to do, and what one said."""
    told, mark = [], mark_of(form)
    if form.by_hand and form.nonce:
        way = f"{form.by_hand}. Open the page, type {mark} into it (c copies it), send it, then press g."
        told.append(("by hand", way))
    elif asks:
        place = form.destination if form.destination not in ("", "person") else "the place that you read it in"
        told.append(("asks you", f"Did {mark} arrive at {place}? a tells."))
    if form.word:
        outcome = "it arrived" if form.word == "yes" else "it did not arrive"
        told.append(("word", f"{form.by}, {day_and_time(form.at)}: {outcome}"))
    return [_labelled(word, shown(text), width) for word, text in told]


def _form_lines(form: Form, width: int) -> list[Content]:
    """How a form is made, and where it sends."""
    told = [("sends", f"{form.method.upper()} {form.action} ({form.sends_to})")] if form.action else []
    told += [("asks for", ", ".join(form.fields)), ("token", form.csrf), ("traps", ", ".join(form.traps))]
    return [_labelled(word, shown(text), width) for word, text in told if text]
