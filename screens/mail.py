"""Mail: which services send for this domain and how each stands, then the three records as trees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from launchready_tui.session.model import StoredFinding
from screens.base import LaunchScreen
from screens.modals.ask import Choose
from screens.signs import DASH
from screens.text import columns, hanging, shown, shown_line
from screens.widgets.detail import finding_text, worst_first

if TYPE_CHECKING:
    from checks.mail.services import Mark, Service
    from launchready_tui.mail_view import Branch, MailView, RecordView

FAMILIES = frozenset({"spf", "dkim", "dmarc", "mx", "mta-sts", "tls-rpt", "mail"})
MARKS = {"right": ("✓", "$status-pass"), "wrong": ("✗", "$status-fail"), "unknown": ("?", "$status-error")}
CELLS = ("SPF", "DKIM", "return", "DMARC")
CELL = 9


class MailScreen(LaunchScreen):
    """What the last look showed; below it, what the checks found about mail, which is there offline as well."""

    CSS_PATH = "mail.tcss"
    HEADING = "Mail"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "look", "look again", id="mail.look", tooltip="Ask DNS for the services and records"),
        Binding("c", "copy_record", "copy record", id="mail.copy", tooltip="Copy the record to publish"),
        Binding("s", "stop", "stop", id="mail.stop", tooltip="Stop asking"),
    ]

    def compose_body(self) -> ComposeResult:
        with VerticalScroll(id="mail"):
            yield Static(id="mail-services")
            yield Static(id="mail-records")
            yield Static(id="mail-findings")

    def on_mount(self) -> None:
        self.query_one("#mail").focus()
        if self.app.fieldwork.mail_view is None and not self.app.fieldwork.offline:
            self.app.fieldwork.look_at_mail()
        self.call_after_refresh(self.draw)

    def _on_changed(self, change: object) -> None:
        super()._on_changed(change)
        self.draw()

    def on_resize(self) -> None:
        self.draw()

    def draw(self) -> None:
        """Bring the three parts up to date."""
        if not self.app.has_sprint or not self.query("#mail"):
            return
        width = max(60, self.query_one("#mail").scrollable_content_region.width - 2)
        view = self.app.fieldwork.mail_view
        table = services_text(view, width) if view else Content.styled(self._no_view(), "$quiet")
        records = Content("\n").join(record_text(record, width) for record in view.records) if view else Content("")
        self.query_one("#mail-services", Static).update(table)
        self.query_one("#mail-records", Static).update(records)
        rows = [row for row in self.app.sprint.session.finding if row.family in FAMILIES]
        self.query_one("#mail-findings", Static).update(findings_text(rows, width))

    def _no_view(self) -> str:
        if self.app.fieldwork.offline:
            return "Offline: the table needs the network. What the checks found is below."
        return "Asking DNS which services send for this domain ..."

    def action_look(self) -> None:
        self.app.fieldwork.look_at_mail()

    def action_stop(self) -> None:
        self.app.fieldwork.stop()

    def action_copy_record(self) -> None:
        """Copy the record to publish; where there are several, the person chooses."""
        choices = [(text, Content(title)) for title, text in self._to_publish()]
        if not choices:
            self.notify("There is no record to change.", markup=False)
        elif len(choices) == 1:
            self.app.copy(choices[0][0], "the record")
        else:
            self.app.push_screen(Choose(Content("Which record?"), choices), self._copy)

    def _copy(self, text: str | None) -> None:
        if text is not None:
            self.app.copy(text, "the record")

    def _to_publish(self) -> list[tuple[str, str]]:
        view = self.app.fieldwork.mail_view
        found = [(record.title, record.publish) for record in view.records if record.publish] if view else []
        rows = [row for row in self.app.sprint.risks() if row.family in FAMILIES and row.fix]
        return found + [(shown_line(row.summary, limit=70).plain, row.fix) for row in rows]


def services_text(view: MailView, width: int) -> Content:
    """The table: a line a service, four marks, and the reasons of what is not right below it."""
    name = max(16, min(30, width // 4))
    kind = max(8, width - name - len(CELLS) * (CELL + 1) - 2)
    header = [("service", name), ("what for", kind), *((cell, CELL) for cell in CELLS)]
    lines = [Content.styled("Who sends in your name", "bold $primary")]
    lines.append(columns([(Content.styled(word, "$quiet"), cells) for word, cells in header]))
    if not view.services:
        lines.append(Content.styled("No service was recognised.", "$quiet"))
    for service in view.services:
        marks = (service.spf, service.dkim, service.return_path, service.dmarc)
        row = [(shown_line(service.name, "bold"), name), (shown_line(service.kind, "$quiet"), kind)]
        lines.append(columns([*row, *((_mark(mark), CELL) for mark in marks)]))
        lines += _reasons(service, width)
    return Content("\n").join([*lines, Content("")])


def _mark(mark: Mark) -> Content:
    sign, colour = MARKS[mark.state]
    return Content.styled(f"{sign} {mark.state.value}", colour)


def _reasons(service: Service, width: int) -> Iterable[Content]:
    for cell, mark in zip(CELLS, (service.spf, service.dkim, service.return_path, service.dmarc), strict=True):
        if mark.state.value == "wrong":
            yield hanging(Content.styled(f"    {cell}", "$quiet"), shown(mark.why, "$quiet"), width, 12)


def record_text(record: RecordView, width: int) -> Content:
    """One record: its text, its tree, and what to publish in its place."""
    lines = [Content.styled(record.title, "bold $primary")]
    if record.problem:
        lines.append(hanging(Content.styled("?", "$status-error"), shown(record.problem), width, 2))
    elif record.record:
        lines.append(hanging(Content(""), shown(record.record, "bold"), width, 0))
    elif not record.branches:
        lines.append(Content.styled(f"{DASH} not published", "$status-warn"))
    lines += [_branch(branch, width) for branch in record.branches]
    if record.advice:
        lines.append(hanging(Content.styled("note", "$quiet"), shown(record.advice, "$quiet"), width, 9))
    if record.publish:
        lines.append(hanging(Content.styled("publish", "$quiet"), shown(record.publish, "$primary"), width, 9))
    return Content("\n").join([*lines, Content("")])


def _branch(branch: Branch, width: int) -> Content:
    twig = Content.styled("  " * branch.depth + "└ ", "$rule")
    sign = Content("")
    if branch.good is not None:
        mark, colour = MARKS["right" if branch.good else "wrong"]
        sign = Content.styled(f"{mark} ", colour)
    text = Content.assemble(sign, shown_line(branch.text, limit=300), "  ", shown_line(branch.note, "$quiet"))
    return hanging(twig, text, width, 2 * branch.depth + 2)


def findings_text(rows: Iterable[StoredFinding], width: int) -> Content:
    """The problems that the checks found about mail."""
    problems = [row for row in worst_first(rows) if row.is_problem]
    lines = [Content.styled(f"What the checks found · {len(problems)}", "bold $primary")]
    lines += [finding_text(row, width) for row in problems] or [
        Content.styled("Nothing is wrong, or nothing was run yet.", "$quiet")
    ]
    return Content("\n").join(lines)
