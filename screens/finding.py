"""One finding, whole: what it costs, how to mend it, what was seen, and what a person decided about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from launchready_tui.plan import plan
from launchready_tui.session.model import StoredFinding
from screens import deeds, taking
from screens.base import LaunchScreen
from screens.signs import status_sign, triage_sign
from screens.text import fitted, hanging, shown, shown_line
from screens.times import day_and_time

Key = tuple[str, str]
LABEL = 17


class FindingScreen(LaunchScreen):
    """Walks through `keys`, in the order of the list that it was opened from."""

    CSS_PATH = "finding.tcss"
    HEADING = "Finding"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy_fix", "copy fix", id="finding.copy", tooltip="Copy the exact change to the clipboard"),
        Binding("s", "save_fix", "save fix", id="finding.save", tooltip="Save the exact change to a file"),
        Binding(
            "a",
            "apply_fix",
            "apply",
            id="finding.apply",
            show=False,
            tooltip="Put the record in place with the Cloudflare token, after a look at what it replaces",
        ),
        Binding("e", "copy_evidence", "copy seen", id="finding.evidence", tooltip="Copy what was seen"),
        Binding("t", "triage", "triage", id="finding.triage", tooltip="Decide when it must be mended, with a reason"),
        Binding("n", "note", "note", id="finding.note", tooltip="Write a private note"),
        Binding("r", "run_again", "run again", id="finding.run", tooltip="Run this check again"),
        Binding("left", "step(-1)", "before", id="finding.before", show=False, tooltip="The finding before"),
        Binding("right", "step(1)", "next", key_display="←→", id="finding.next", tooltip="The next finding"),
    ]

    def __init__(self, keys: Sequence[Key], index: int = 0) -> None:
        super().__init__()
        self._keys = list(keys)
        self._index = index

    def compose_body(self) -> ComposeResult:
        yield Static(id="finding-title")
        with VerticalScroll(id="finding-scroll"):
            yield Static(id="finding-text")

    def on_mount(self) -> None:
        self.query_one("#finding-scroll").focus()
        self.draw()

    def on_resize(self) -> None:
        self.draw()

    @property
    def row(self) -> StoredFinding | None:
        """The finding; None where a later run no longer reports it."""
        return self.app.sprint.finding(*self._keys[self._index])

    def draw(self) -> None:
        """Bring the text up to date."""
        row = self.row
        width = max(40, self.size.width - 6)
        place = f"{self._index + 1} of {len(self._keys)}" if len(self._keys) > 1 else ""
        if row is None:
            self.query_one("#finding-title", Static).update(Content("This is no longer reported."))
            self.query_one("#finding-text", Static).update(Content(""))
            return
        status = status_sign(row.standing).content
        if row.is_problem:
            status = status.append(Content.assemble((" · ", "$quiet"), triage_sign(row.triage).content))
        right = status.append(Content.styled(f"  {place}", "$quiet")) if place else status
        check = shown_line(row.check, "$quiet")
        room = max(20, width - right.cell_length)
        self.query_one("#finding-title", Static).update(fitted(check, room).append(right))
        self.query_one("#finding-text", Static).update(
            Content("\n\n").join(
                finding_page(
                    row, width, presenter=self.app.presenter, applicable=deeds.record_of_fix(self.app, row) is not None
                )
            )
        )

    def action_step(self, by: int) -> None:
        self._index = (self._index + by) % len(self._keys)
        self.query_one("#finding-scroll").scroll_home(animate=False)
        self.draw()

    def action_copy_fix(self) -> None:
        taking.copy_fix(self.app, self.row)

    def action_save_fix(self) -> None:
        taking.save_fix(self.app, self.row)

    def action_apply_fix(self) -> None:
        deeds.apply_fix(self.app, self.row)

    def action_copy_evidence(self) -> None:
        if self.row is not None and self.row.evidence:
            taking.copy(self.app, "\n".join(self.row.evidence), "what was seen")

    def action_run_again(self) -> None:
        self.app.fieldwork.run_checks([self._keys[self._index][0]])

    def action_triage(self) -> None:
        deeds.change_triage(self.app, self.row)

    def action_note(self) -> None:
        if self.row is not None:
            deeds.note_finding(self.app, self.row)


def finding_page(row: StoredFinding, width: int, *, presenter: bool, applicable: bool = False) -> list[Content]:
    """The paragraphs of the page.

    Args:
        applicable: whether the fix is a record that can be put in place from here.
    """
    parts = [hanging(Content(""), shown_line(row.summary, "bold $strong", limit=400), width, 0)]
    parts.append(_part("Where", shown(row.target, "bold"), width))
    if row.is_problem:
        parts.append(_part("What it costs", shown(row.cost), width))
    if row.fix:
        keys = "c copy   s save to a file" + ("   a apply with the Cloudflare token" if applicable else "")
        how = Content.assemble(shown(row.fix, "$primary"), "\n", (keys, "$quiet"))
        parts.append(_part("How to mend it", how, width))
    seen = [shown(line) for line in row.evidence] or [Content.styled("nothing but the sentence above", "$quiet")]
    when = Content.styled(f"at {day_and_time(row.observed)}, run {row.run}", "$quiet")
    parts.append(_part("What was seen", Content("\n").join([when, *seen]), width))
    if row.known is not None:
        known = Content.assemble(
            f"The last look came to no answer. Before, at {day_and_time(row.known.observed)}: ",
            shown(row.known.summary),
        )
        parts.append(_part("Known before", known, width))
    parts.append(_part("Why we ask", _why(row), width))
    if row.is_problem:
        parts.append(_part("Triage", _triage(row), width))
    if presenter:
        parts.append(_part("Private note", Content.styled("hidden in presenter mode", "$quiet"), width))
    else:
        note = shown(row.private_note, "italic") if row.private_note else Content.styled("n to write one", "$quiet")
        parts.append(_part("Private note", note, width))
    return parts


def _part(label: str, text: Content, width: int) -> Content:
    return hanging(Content.styled(label, "$quiet"), text, width, LABEL)


def _why(row: StoredFinding) -> Content:
    steps = plan().steps_of(row.check)
    ids = [*(f"bar {bar.id}" for bar in plan().bars_of(row.check)), *(step.id for step in steps)]
    line = Content(" · ").join([shown_line(row.check), *map(Content, ids)])
    return Content("\n").join([line, Content.styled(steps[0].why, "$quiet")]) if steps else line


def _triage(row: StoredFinding) -> Content:
    sign = triage_sign(row.triage).content
    if not row.triage_reason:
        return sign.append(Content.styled(" by rule · t to change, with a reason", "$quiet"))
    who = f", {row.triage_by}" if row.triage_by else ""
    return Content.assemble(sign, ": ", shown(row.triage_reason), shown_line(who, "$quiet"))
