"""What a person does at the alert drill: agree, add and remove destinations, give credentials, record by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual.content import Content

from checks.finding import timestamp
from launchready_tui.alerts.destinations import KINDS, TRACKER, Destination
from launchready_tui.session.model import Alert
from screens.modals.ask import Choose, Confirm
from screens.modals.credential import SetCredential
from screens.modals.form import Form, Line
from screens.text import shown_line

if TYPE_CHECKING:
    from launchready_tui.app import LaunchReady

BUSINESS = range(9, 17)
"""Hours of the day, Monday to Friday, at this machine."""


async def agreed(app: LaunchReady, destination: Destination) -> bool:
    """Whether the owner agreed; asked where nobody has said so yet, and kept with who and when."""
    errors = destination.kind == TRACKER
    asked = "errors" if errors else "alerts"
    if getattr(app.sprint.session.consent, asked):
        return True
    what = "test errors are sent to the error tracker" if errors else "test alerts are fired"
    words = "Every one is marked as a test. Escape leaves it: then nothing is sent."
    line = Line("by", "Who of the owner's side agreed", app.sprint.session.sprint.client)
    given = await app.push_screen_wait(Form(f"Has the owner agreed that {what}?", (line,), words))
    if given is None:
        return False
    word: dict[str, Any] = {asked: {"by": given["by"], "at": timestamp()}}
    if app.sprint.session.consent.errors is None:
        # Who was asked for alerts was not asked for test errors.
        word = {"errors": False} | word
    app.keep(lambda: app.sprint.edit("consent", **word))
    return bool(getattr(app.sprint.session.consent, asked))


def firing_words(
    destination: Destination, *, announced: bool, waiting: bool, now: datetime | None = None
) -> tuple[Content, Content]:
    """The question before an alert is fired, and what it means."""
    tracker = destination.kind == TRACKER
    what = "5 test errors to the tracker" if tracker else "a test alert"
    question = Content(f"Send {what}").append("? " if tracker else " to ")
    question = question.append(shown_line(destination.name)).append("" if tracker else "?")
    words = ["It is marked as a test, and carries a code that this app never shows."]
    if tracker:
        words.append("The code stands in the errors: it counts when the tracker's own alert brings it to a person.")
    words.append("Tell them that it comes." if announced else "Tell nobody. Whoever reads it calls you, or does not.")
    if waiting:
        words.append("One still waits for its code there: it ends as unread.")
    if not _in_business_hours(now or datetime.now().astimezone()):
        words.append("It is outside business hours here; T3 counts those alone.")
    return question, Content(" ".join(words))


def _in_business_hours(now: datetime) -> bool:
    return now.weekday() < 5 and now.hour in BUSINESS


def next_drill(alerts: Sequence[Alert]) -> str:
    """What to fire next: one that is announced and in business hours, then one that nobody expects."""
    ours = [alert for alert in alerts if not alert.sent_by]
    if any(not alert.outcome for alert in ours):
        return "Leave the app open until the code is typed."
    if not any(alert.announced and alert.outcome == "read" for alert in ours):
        return "Next: one in business hours, announced (f)."
    if all(alert.announced for alert in ours):
        return "Next: one that nobody was told of (u)."
    return ""


async def add_destination(app: LaunchReady) -> None:
    """Ask for the service, the address and the credential of somebody to alert, and keep them where each belongs."""
    from launchready_tui.alerts.adding import new

    choices = [(kind.id, Content(kind.title)) for kind in KINDS.values()]
    kind_id = await app.push_screen_wait(Choose(Content("Alert somebody by which service?"), choices))
    if kind_id is None:
        return
    kind, mail = KINDS[kind_id], app.sprint.session.mail
    lines = [Line("name", "Name, as this list shows it")]
    lines += [
        Line(line.field, line.label, getattr(mail, line.field[5:]) if line.field.startswith("mail-") else "")
        for line in kind.lines
    ]
    words = "The credential is asked for next, and goes into the vault alone."
    given = await app.push_screen_wait(Form(f"Alert by {kind.title}", tuple(lines), words))
    if given is None:
        return
    made = new(app.sprint.session, kind_id, given)
    destination = Destination(made.entry["name"], kind_id, made.purpose)
    if kind.needed or made.mail.get("smtp_user"):
        if not (kind.shared and await _kept(app, made.purpose)) and not await _ask(app, destination):
            app.notify("Not added: it cannot be used without its credential.", severity="warning", markup=False)
            return
    if made.mail:
        app.keep(lambda: app.sprint.edit("mail", **made.mail))
    listed = [*app.sprint.session.monitor.destinations, made.entry]
    app.keep(lambda: app.sprint.edit("monitor", destinations=listed))


async def _kept(app: LaunchReady, purpose: str) -> bool:
    """Whether the vault holds a credential; without a keyring only those of this run can be known."""
    from launchready_tui.vault import NoVault

    try:
        return bool(await (await app.fieldwork.vault()).get(purpose))
    except NoVault:
        return False


async def _ask(app: LaunchReady, destination: Destination) -> bool:
    """Ask for a destination's credential, typed blind, and put it into the vault. False where none was given."""
    from launchready_tui.vault import NoVault

    vault, keyring = await app.fieldwork.vault(), True
    try:
        await vault.place()
    except NoVault:
        keyring = False
    credential = await app.push_screen_wait(
        SetCredential(destination.vault, KINDS[destination.kind].secret, keyring=keyring)
    )
    if credential is None:
        return False
    await vault.set(credential.purpose, credential.value, this_run_only=credential.this_run_only)
    return True


async def set_credential(app: LaunchReady, destination: Destination) -> None:
    """Set a destination's credential anew."""
    if destination.kind not in KINDS:
        app.notify("This destination needs no credential here.", markup=False)
    elif await _ask(app, destination):
        app.notify("Kept.", markup=False)


async def record_by_hand(app: LaunchReady, destination: Destination | None) -> None:
    """Ask for an alert that another monitor sent, with its times, and keep it as a drill."""
    from launchready_tui.alerts.by_hand import recorded

    lines = (
        Line("destination", "Where it arrived", destination.name if destination else ""),
        Line("sent_by", "Which monitor sent it"),
        Line("sent", "When it was sent, such as 09:12 or 2026-11-24 09:12"),
        Line("read", "When a person read it (empty: nobody did)"),
    )
    words = "For a real or test alert of your monitor: with a code or a word of the person who read it."
    given = await app.push_screen_wait(Form("An alert that another monitor sent", lines, words))
    if given is not None:
        alert = recorded(given["destination"], given["sent_by"], given["sent"], given["read"])
        app.keep(lambda: app.sprint.put(alert))
        await (await app.lookout.drill()).judge()


async def remove_destination(app: LaunchReady, destination: Destination) -> None:
    """Take a destination off the list; what was fired at it stays, and so does its credential."""
    from launchready_tui.alerts.adding import without

    if destination.kind == TRACKER:
        app.notify("The error tracker stands under [monitor.errors] of the session.", markup=False)
        return
    question = Content("No longer alert ").append(shown_line(destination.name)).append("?")
    words = Content("The drills stay in the session. Its credential stays in the vault: v at the blocks deletes it.")
    if await app.push_screen_wait(Confirm(question, words, yes="Take it off")):
        listed = without(app.sprint.session, destination)
        app.keep(lambda: app.sprint.edit("monitor", destinations=listed))
