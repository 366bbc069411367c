"""What a person saw with their own eyes: a form's test that arrived, an event in the error tracker's dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.finding import timestamp
from launchready_tui.live import facts_of, record_verdict
from launchready_tui.session.model import Form, Session, TrackerEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from checks.network import Network
    from checks.secret import Secret
    from launchready_tui.sprint import Sprint


def form_of(session: Session, target: str) -> Form | None:
    """The row of a form, by what findings call it."""
    return next((row for row in session.form if row.target == target), None)


def waits_for_a_word(session: Session, form: Form) -> bool:
    """Whether a submission is on its way that only a person can see arrive, and nobody has said so."""
    if not form.nonce or form.word_of == form.nonce or form.answer == "broken":
        return False
    judged = next((row for row in session.finding if (row.check, row.target) == ("form.silent", form.target)), None)
    if judged is None or judged.status in ("skipped", "error"):
        return True
    return judged.status == "fail" and form.word == "no"


def tell_arrival(sprint: Sprint, target: str, *, arrived: bool, by: str) -> None:
    """Keep a person's word about the last submission of a form, and judge form.silent by it.

    Raises KeyError where no submission of that form is known. The checks must be loaded: `live.load_checks`.
    """
    form = form_of(sprint.session, target)
    if form is None or not form.nonce:
        raise KeyError(target)
    form.word, form.word_of, form.by, form.at = "yes" if arrived else "no", form.nonce, by, timestamp()
    if form.by_hand and not form.sent:
        form.sent = form.at
    sprint.put(form)
    from checks.web.forms.submission_checks import by_word

    submitted = next(row for row in sprint.subject().submissions if row.target == target)
    sent = [f"sent at {form.sent}"] if form.sent else []
    record_verdict(sprint, "form.silent", by_word(submitted, form.page, sent))


def tell_sent(sprint: Sprint, target: str) -> None:
    """Keep that a person has sent a form by hand just now. Raises KeyError as `tell_arrival`."""
    form = form_of(sprint.session, target)
    if form is None or not form.nonce:
        raise KeyError(target)
    form.sent = timestamp()
    sprint.put(form)


TRIES = 5
"""Codes that may be typed for one event."""


def event_that_waits(session: Session) -> TrackerEvent | None:
    """The test event whose code nobody has given back, if there is one."""
    waiting = (row for row in session.event if row.code_digest and row.event_id != row.word_of.partition(" ")[0])
    return max(waiting, key=lambda row: row.sent, default=None)


def code_fits(event: TrackerEvent, code: str) -> bool:
    """Whether a typed code is the one of the event. Takes some 50 ms: call it in a thread."""
    from checks.ops.errors.code import is_the_one

    return is_the_one(code, event.salt, event.code_digest)


def tell_wrong_code(sprint: Sprint, event: TrackerEvent) -> int:
    """Count a wrong code, and return how many may still be typed; at none, the event is given up."""
    event.tries += 1
    if event.tries >= TRIES:
        event.code_digest = ""
    sprint.put(event)
    return max(0, TRIES - event.tries)


def tell_event(sprint: Sprint, event: TrackerEvent, *, read: bool, by: str, unmasked: bool | None = None) -> None:
    """Keep a person's word about a test event, and judge errors.lost by it. The checks must be loaded.

    Args:
        read: whether its code was given back; else the person says that it is not there.
        unmasked: whether the made-up card, key or mail address can be read in it.
    """
    from checks.ops.errors.envelope import parse_dsn
    from checks.ops.errors.lost import by_word

    event.word, event.word_of = "read" if read else "missing", f"{event.event_id} {event.sent}"
    event.by, event.at, event.unmasked, event.code_digest = by, timestamp(), unmasked if read else None, ""
    sprint.put(event)
    errors = sprint.subject().monitor.errors
    dsn = parse_dsn(errors.dsn)
    said = next(row for row in errors.seen if row.endpoint == event.endpoint)
    for verdict in by_word(dsn.host if dsn is not None else event.endpoint, said, [f"event {event.event_id}"]):
        record_verdict(sprint, "errors.lost", verdict)


async def look_for_it(
    sprint: Sprint, make_network: Callable[[], Network], target: str, *, secrets: Mapping[str, Secret]
) -> None:
    """Look for what a person sent by hand where it has to arrive, and judge form.silent by it."""
    async with facts_of(sprint, make_network, secrets=secrets) as facts:
        from checks.errors import CannotTell, NotApplicable
        from checks.finding import errored, skipped
        from checks.web.forms.submission import why_by_hand
        from checks.web.forms.submission_checks import by_hand

        try:
            verdict = await by_hand(facts, target, await why_by_hand(facts, target))
        except NotApplicable as problem:
            verdict = skipped(target, problem.reason)
        except CannotTell as problem:
            verdict = errored(target, f"could not check: {problem.reason}", fix="Look again in a minute.")
    record_verdict(sprint, "form.silent", verdict)
