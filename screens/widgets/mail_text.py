"""The parts of the mail screen as text: the services, the three records, the test mails, what the checks found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.content import Content

from launchready_tui.session.model import StoredFinding
from screens.signs import DASH, status_sign
from screens.text import columns, hanging, shown, shown_line
from screens.widgets.detail import finding_text, worst_first

if TYPE_CHECKING:
    from checks.mail.services import Mark, Service
    from launchready_tui.mail_view import Branch, MailView, RecordView

MARKS = {"right": ("✓", "$status-pass"), "wrong": ("✗", "$status-fail"), "unknown": ("?", "$status-error")}
CELLS = ("SPF", "DKIM", "return", "DMARC")
CELL = 9
SEED_CHECKS = (("mail.seed-lost", "arrived"), ("mail.seed-spam", "folder"), ("mail.seed-auth", "trusted"))


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


def seeds_text(rows: Iterable[StoredFinding], width: int) -> Content:
    """The test mails, a line a mailbox: whether it arrived, in which folder, and whether the receiver trusts it."""
    told: dict[str, dict[str, StoredFinding]] = {}
    for row in rows:
        if row.check.startswith("mail.seed-"):
            told.setdefault(row.target, {})[row.check] = row
    seen = {mailbox: each for mailbox, each in told.items() if any(row.standing != "skipped" for row in each.values())}
    lines = [Content.styled("Test mails in mailboxes of your own", "bold $primary")]
    if not seen:
        words = "None was read yet. b judges one that you received; with consent and credentials a run sends one."
        lines.append(hanging(Content(""), Content.styled(words, "$quiet"), width, 0))
    else:
        lines.append(_seed_row(Content.styled("mailbox", "$quiet"), [("$quiet", w) for _, w in SEED_CHECKS], width))
    for mailbox, each in seen.items():
        found = [(each[check], word) for check, word in SEED_CHECKS if check in each]
        signs = [status_sign(each[check].standing) if check in each else None for check, _ in SEED_CHECKS]
        cells = [(sign.colour, f"{sign.mark} {sign.word}") if sign else ("$quiet", DASH) for sign in signs]
        lines.append(_seed_row(shown_line(mailbox, "bold"), cells, width))
        for row, word in found:
            if row.status != "pass":
                lines.append(hanging(Content.styled(f"    {word}", "$quiet"), shown(row.summary, "$quiet"), width, 12))
    return Content("\n").join([*lines, Content("")])


def _seed_row(mailbox: Content, cells: list[tuple[str, str]], width: int) -> Content:
    name = max(20, width - len(cells) * 13)
    return columns([(mailbox, name), *((Content.styled(word, colour), 12) for colour, word in cells)])


def findings_text(rows: Iterable[StoredFinding], width: int) -> Content:
    """The problems that the checks found about mail."""
    problems = [row for row in worst_first(rows) if row.is_problem]
    lines = [Content.styled(f"What the checks found · {len(problems)}", "bold $primary")]
    lines += [finding_text(row, width) for row in problems] or [
        Content.styled("Nothing is wrong, or nothing was run yet.", "$quiet")
    ]
    return Content("\n").join(lines)
