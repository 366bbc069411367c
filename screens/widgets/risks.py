"""The ranked risk list of the whole sprint, split into now and later; it never jumps while a person moves in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from launchready_tui.session.model import StoredFinding
from screens.keys import key
from screens.signs import triage_sign
from screens.text import hanging, shown_line

MOST = 150
"""Problems listed; a list that is longer than this is told by its number, not read to its end."""
INDENT = 4

Key = tuple[str, str]


class RiskList(OptionList):
    """Numbered problems below their headings.

    While it has the focus, its order stands still: what is mended is marked, what is new is counted in the
    heading, and both take their places as soon as the focus leaves.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "select", "open", "Open the finding", "risks.open", "enter"),
    ]

    class Opened(Message):
        """Enter or a click on a problem."""

        def __init__(self, key: Key) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own word
        super().__init__(id=id, classes="plain", markup=False)
        self._ranked: Sequence[StoredFinding] = ()
        self._shown: dict[str, StoredFinding] = {}
        self._empty = "Nothing found yet."

    @property
    def current(self) -> StoredFinding | None:
        """The problem under the cursor."""
        option = self.highlighted_option
        return self._shown.get(option.id or "") if option else None

    @property
    def order(self) -> list[Key]:
        """The problems as listed, first to last."""
        return [row.key for row in self._shown.values()]

    def show(self, ranked: Sequence[StoredFinding], *, empty: str) -> None:
        """List the problems, worst first.

        Args:
            empty: what to say where there is none.
        """
        if list(ranked) == list(self._ranked) and empty == self._empty and self.option_count:
            return
        self._ranked, self._empty = ranked, empty
        if self.has_focus and self._shown:
            self._update_in_place()
        else:
            self._rebuild()

    def redraw(self) -> None:
        """Draw every row anew: what may be shown of them has changed."""
        self._rebuild()

    def _rebuild(self) -> None:
        place = self.highlighted_option.id if self.highlighted_option else None
        top = self.scroll_offset.y
        self._shown = {_id(row): row for row in self._ranked[:MOST]}
        options: list[Option] = []
        for triage in ("now", "later"):
            rows = [row for row in self._ranked if row.triage == triage]
            if triage == "now" or rows:
                options.append(Option(self._heading(triage, len(rows)), id=f"heading {triage}", disabled=True))
            options += [
                Option(self._row(number, row), id=name)
                for number, (name, row) in enumerate(self._shown.items(), 1)
                if row.triage == triage
            ]
            if triage == "now" and not rows:
                options.append(Option(Content.styled(self._empty, "$quiet"), disabled=True))
        if len(self._ranked) > MOST:
            more = f"and {len(self._ranked) - MOST} more, all in the handover"
            options.append(Option(Content.styled(more, "$quiet"), disabled=True))
        self.set_options(options)
        if place in self._shown:
            self.highlighted = self.get_option_index(place)
        elif self._shown and self.has_focus:
            # The keys act on the row under the cursor, so whoever is here has one.
            self.action_first()
        self.scroll_to(y=top, animate=False, immediate=True)

    def _update_in_place(self) -> None:
        now = {_id(row): row for row in self._ranked}
        for number, (name, row) in enumerate(self._shown.items(), 1):
            fresh = now.get(name)
            if fresh is not None and fresh != row:
                self._shown[name] = fresh
                self.replace_option_prompt(name, self._row(number, fresh))
            elif fresh is None:
                self.replace_option_prompt(
                    name,
                    hanging(
                        Content.styled("✓", "$status-pass"), shown_line(row.seen.summary, "$quiet"), self._room, INDENT
                    ),
                )
        for triage in ("now", "later"):
            rows = [row for row in self._ranked if row.triage == triage]
            new = sum(_id(row) not in self._shown for row in rows)
            if any(option.id == f"heading {triage}" for option in self.options):
                self.replace_option_prompt(f"heading {triage}", self._heading(triage, len(rows), new))

    @property
    def _room(self) -> int:
        return max(16, self.scrollable_content_region.width - 2)

    def _heading(self, triage: str, count: int, new: int = 0) -> Content:
        sign = triage_sign(triage)
        words = sign.word[0].upper() + sign.word[1:]
        heading = Content.styled(f"{sign.mark} {words} · {count}", f"bold {sign.colour}")
        return heading.append(Content.styled(f"  +{new} new", "$hour")) if new else heading

    def _row(self, number: int, row: StoredFinding) -> Content:
        sign = triage_sign(row.triage)
        text = hanging(Content.styled(f"{number:>2}", sign.colour), shown_line(row.seen.summary), self._room, INDENT)
        if number > 1 or row.triage != "now":
            return text
        cost = hanging(Content(""), shown_line(row.seen.cost, "$quiet"), self._room, INDENT)
        return Content("\n").join([text, cost])

    def on_blur(self) -> None:
        if {_id(row) for row in self._ranked} != set(self._shown) or self.order != [row.key for row in self._ranked]:
            self._rebuild()

    def on_resize(self, event: events.Resize) -> None:
        self._rebuild()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option.id in self._shown:
            self.post_message(self.Opened(self._shown[event.option.id].key))


def _id(row: StoredFinding) -> str:
    return f"{row.check} {row.target}"
