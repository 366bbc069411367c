"""What a person does to a step or a finding, from whichever screen it is at hand."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from textual.content import Content

from launchready_tui.progress import StepState
from launchready_tui.session.model import StoredFinding
from screens.modals.ask import Choose, Confirm
from screens.modals.record import ChangeTriage, Mark, MarkStep, Notes, Triaged, WriteNote
from screens.text import shown, shown_line

if TYPE_CHECKING:
    from launchready_tui.app import LaunchReady
    from launchready_tui.fix_record import FixRecord


def mark_step(app: LaunchReady, step: StepState) -> None:
    """Ask how a step stands, who says so and why, and keep it."""

    def keep(mark: Mark | None) -> None:
        if mark is not None:
            app.remember_name(mark.by)
            app.keep(lambda: app.sprint.mark(step.step.id, mark.state, by=mark.by, note=mark.note))

    by = step.by or app.person
    app.push_screen(MarkStep(step.step.title, step.step.ask, state=step.mark, by=by, note=step.note), keep)


def note_step(app: LaunchReady, step: StepState) -> None:
    """Ask for a step's two notes, and keep them."""

    def keep(notes: Notes | None) -> None:
        if notes is not None:
            by = step.by or app.person
            app.keep(
                lambda: app.sprint.mark(step.step.id, step.mark, by=by, note=notes.note, private_note=notes.private)
            )

    dialog = WriteNote(step.step.title, note=step.note, private=step.private_note, presenter=app.presenter)
    app.push_screen(dialog, keep)


def note_finding(app: LaunchReady, row: StoredFinding) -> None:
    """Ask for a finding's private note, and keep it."""

    def keep(notes: Notes | None) -> None:
        private = notes.private if notes is not None else None
        if private is not None:
            app.keep(lambda: app.sprint.note_finding(row.check, row.target, private))

    app.push_screen(WriteNote(row.summary, note=None, private=row.private_note, presenter=app.presenter), keep)


def change_triage(app: LaunchReady, row: StoredFinding | None) -> None:
    """Ask when a problem must be mended and why, and keep it."""
    if row is None or not row.is_problem:
        app.notify("Only a problem has a triage.", markup=False)
        return

    def keep(triaged: Triaged | None) -> None:
        if triaged is not None:
            app.keep(lambda: app.sprint.triage(row.check, row.target, triaged.triage, triaged.reason, by=app.person))

    app.push_screen(ChangeTriage(row.seen.summary, triage=row.triage, reason=row.triage_reason), keep)


def record_of_fix(app: LaunchReady, row: StoredFinding | None) -> FixRecord | None:
    """The record that a problem's fix says to publish; None where it says anything else."""
    if row is None or not row.is_problem or not row.fix:
        return None
    from launchready_tui.fix_record import record_of

    return record_of(row.check, row.fix, app.sprint.session.site.domain)


def apply_fix(app: LaunchReady, row: StoredFinding | None) -> None:
    """Show what a record would replace at Cloudflare, and put it in place where a person says so."""
    wanted = record_of_fix(app, row)
    if row is None or wanted is None:
        app.notify("Only a fix that is one DNS record can be applied from here.", markup=False)
    elif app.fieldwork.offline:
        app.notify("Offline: Cloudflare cannot be asked.", severity="warning", markup=False)
    else:
        app.run_worker(_apply(app, row.check, wanted), group="apply", exclusive=True, exit_on_error=False)


async def _apply(app: LaunchReady, check: str, wanted: FixRecord) -> None:
    app.notify("Cloudflare is asked what stands there now ...", markup=False)
    agreed = await app.fieldwork.plan_record(wanted)
    # A notice would lie over the very lines that are to be read.
    app.clear_notifications()
    if agreed.holds:
        app.notify("It stands there already. Resolvers may still remember what was before.", markup=False)
        return
    idle = f"; it {agreed.zone.idle}" if agreed.zone.idle else ""
    before = shown(agreed.before.describe()) if agreed.before else Content("nothing of this kind at this name")
    words = Content.assemble(
        "In the zone ", shown_line(agreed.zone.name, "bold"), f" at Cloudflare{idle}.\n\n",
        ("Before  ", "$quiet"), before, "\n\n", ("After   ", "$quiet"), shown(agreed.wanted.describe()),
        "\n\nIt is noted among the changes, with how to undo it.",
    )  # fmt: skip
    if await app.push_screen_wait(Confirm(Content("Change this DNS record now?"), words, yes="Change it")):
        await app.fieldwork.put_record(agreed, check)
        app.notify("Changed, and noted among the changes. r runs the check again.", markup=False)


def mend_fault(app: LaunchReady, at_hand: Collection[str] = ()) -> None:
    """Choose a fault of the demo's lab, put it right, and run its check again.

    Args:
        at_hand: checks of what is under the cursor; the faults that they find come first.
    """
    lab = app.fieldwork.lab
    waiting = [fault for fault in lab.faults if not fault.fixed] if lab else []
    waiting.sort(key=lambda fault: fault.id not in at_hand)
    if not waiting:
        app.notify("Every fault of the lab is mended.", markup=False)
        return

    def mend(fault_id: str | None) -> None:
        if fault_id is not None:
            app.fieldwork.mend_and_check(fault_id)

    choices = [(fault.id, Content.assemble(fault.title, (f"\n  {fault.how}", "$quiet"))) for fault in waiting]
    words = Content("In a real sprint you would do this at the site's own providers.")
    app.push_screen(Choose(Content("Fix which fault in the lab?"), choices, words), mend)
