"""What "verify all" saw, and where the forms send: the founder's list of what must go on working."""

from __future__ import annotations

from launchready_tui.handover.document import Paragraph, Section, Word, clean, table_or
from launchready_tui.handover.words import moment, seconds, status_word
from launchready_tui.session.model import Form, Session

Rows = list[tuple[str | Word, ...]]


def verified(session: Session) -> Section:
    """The table of the last "verify all": pages, forms and APIs in one run."""
    rows: Rows = [
        (
            clean(row.what),
            clean(row.target),
            clean(row.expected),
            clean(row.seen),
            "" if row.seconds is None else seconds(row.seconds),
            status_word(row.state),
        )
        for row in session.verified
    ]
    times = sorted(row.at for row in session.verified if row.at)
    when = moment(times[-1]) if times else ""
    if times and moment(times[0]) != when:
        # A run that was stopped leaves lines of the one before.
        when = f"seen between {moment(times[0])} and {when}"
    headers = ("What", "Where", "Expected", "Seen", "Time", "State")
    nothing = "Key pages, forms and APIs were not verified together in this sprint."
    table = table_or(nothing, headers, (9, 27, 20, 23, 8, 13), rows)
    head = (Paragraph(f"Key pages, forms and APIs in one run, {clean(when)}."),) if when else ()
    return Section("verified", "Key pages, forms and APIs", (*head, table))


def forms(session: Session) -> Section:
    """Every form with its action, fields and guards, and where its data arrives."""
    rows: Rows = [
        (
            clean(row.page),
            clean(f"{row.method.upper()} {row.action}"),
            clean(", ".join(row.fields)),
            clean(_guards(row)),
            clean(_arrives(row)),
        )
        for row in session.form
    ]
    headers = ("Page", "Sends", "Asks for (* required)", "Guards", "Arrives")
    nothing = "No form was seen, or the forms were not looked at."
    return Section("forms", "Forms and where they send", (table_or(nothing, headers, (22, 27, 20, 14, 17), rows),))


def _guards(row: Form) -> str:
    guards = [f"token {row.csrf}"] if row.csrf else []
    return "; ".join([*guards, *(f"trap {name}" for name in row.traps)])


def _arrives(row: Form) -> str:
    place = row.destination if row.destination not in ("", "person") else ""
    who = f"{row.by} saw it {'arrive' if row.word == 'yes' else 'missing'}, {moment(row.at)}" if row.word else ""
    return "; ".join(part for part in (place or row.sends_to, who) if part)
