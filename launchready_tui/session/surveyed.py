"""What a run saw of the site as rows of the session: measured rows are renewed, and what people wrote stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from checks.text import harmless
from launchready_tui.session.model import EdgeSetting, Form, Record, Redirect, Session, Subdomain, TrackerEvent
from launchready_tui.session.rows import put
from launchready_tui.session.table import Table

if TYPE_CHECKING:
    from checks.ops.errors.trial import SentEvent
    from checks.survey import Survey
    from checks.web.forms.looked_back import FormRow


def keep_survey(session: Session, seen: Survey, at: str) -> list[str]:
    """Put the rows of a survey into the session and return the names of the tables that it touched.

    Records of a name and type that was looked at again, and subdomains, are dropped where an earlier run saw them
    and this one did not. Rows that a person wrote have no `seen` and stay. The edge's settings are those that its API
    told last: a run without a token leaves them. So are the platforms.
    """
    records = [
        Record(name=harmless(r.name), type=r.type, value=harmless(r.value), ttl=r.ttl, purpose=r.purpose, seen=at)
        for r in seen.records
    ]
    redirects = [
        Redirect(source=harmless(r.source), to=harmless(r.to), status=r.status, seen=at) for r in seen.redirects
    ]
    subdomains = [
        Subdomain(name=s.name, declared=s.declared, found_by=harmless(s.found_by), seen=at) for s in seen.subdomains
    ]
    described = {(r.name, r.type, r.value) for r in session.record if r.purpose}
    for record in records:
        if (record.name, record.type, record.value) in described:
            record.purpose = ""  # `put` then keeps the words that are there
    forms = [_form(session, row, at) for row in seen.forms]
    events = [_event(session, seen.event)] if seen.event is not None else []
    rows: list[Table] = [*records, *redirects, *subdomains, *forms, *events]
    for row in rows:
        put(session, row)
    asked = {(row.name, row.type) for row in records}
    still = {(row.name, row.type, row.value) for row in records}
    session.record = [
        r for r in session.record if not r.seen or (r.name, r.type) not in asked or (r.name, r.type, r.value) in still
    ]
    if names := {row.name for row in subdomains}:
        session.subdomain = [s for s in session.subdomain if not s.seen or s.name in names]
    if seen.edge:
        session.edge = [EdgeSetting(name=harmless(name), value=harmless(value), seen=at) for name, value in seen.edge]
    if seen.platforms:
        session.deploy.seen = [harmless(line) for line in seen.platforms]
    if pages := {row.page for row in forms}:
        targets = {row.target for row in forms}
        session.form = [row for row in session.form if row.page not in pages or row.target in targets]
    tables: dict[str, Sequence[object]] = {
        "record": records,
        "redirect": redirects,
        "subdomain": subdomains,
        "edge": session.edge if seen.edge else (),
        "form": forms,
        "event": events,
        "deploy": seen.platforms,
    }
    return [table for table, kept in tables.items() if kept]


def _form(session: Session, row: FormRow, at: str) -> Form:
    """What was seen of a form; what an earlier run sent stays where this one sent nothing, and so does a word."""
    old = next((form for form in session.form if form.target == row.target), Form(target=row.target))
    form = row.seen
    made = Form(
        target=harmless(row.target),
        page=harmless(form.page),
        method=form.method,
        action=harmless(form.action),
        sends_to=harmless(form.sends_to),
        fields=[harmless(name) for name in form.fields],
        csrf=harmless(form.csrf),
        traps=[harmless(name) for name in form.traps],
        tested=row.tested,
        destination=harmless(row.destination),
        by_hand=harmless(row.by_hand),
        nonce=row.nonce or old.nonce,
        sent=row.sent or old.sent,
        answer=row.answer or old.answer,
        wrong_input=[harmless(line) for line in row.wrong_input] or old.wrong_input,
        wrong_input_good=old.wrong_input_good if row.wrong_input_good is None else row.wrong_input_good,
        word=old.word,
        word_of=old.word_of,
        by=old.by,
        at=old.at,
        seen=at,
    )
    if not form.number and old.fields:
        # A run without form.insecure did not read the fields.
        made.fields, made.csrf, made.traps, made.sends_to = old.fields, old.csrf, old.traps, old.sends_to
    return made


def _event(session: Session, sent: SentEvent) -> TrackerEvent:
    """A new event waits for its code; what a person said of the one before stays until then."""
    old = next((row for row in session.event if row.endpoint == sent.dsn.endpoint), None)
    made = TrackerEvent(
        endpoint=sent.dsn.endpoint,
        sent=sent.at,
        event_id=sent.event.id,
        salt=sent.salt,
        code_digest=sent.code_digest,
    )
    if old is not None:
        made.word, made.word_of, made.by, made.at, made.unmasked = old.word, old.word_of, old.by, old.at, old.unmasked
    return made
