"""What a run saw of the site's forms and did with them, for the session: asks nothing itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts import Facts
from checks.web.forms.inventory import FormSeen, form_inventory
from checks.web.forms.reading import Sending
from checks.web.forms.submission import nonce_of, nonce_on_its_way, submission, why_by_hand
from checks.web.forms.submission_choice import FormTrial, form_trials
from checks.web.forms.submission_wrong import wrong_inputs
from checks.web.url import host


@dataclass(frozen=True, slots=True)
class FormRow:
    """One form, and the test submission that went through it in this run."""

    target: str
    """How findings call it; for one that is not tested, its page and place on it."""
    seen: FormSeen
    """What it asks for and where it sends; blank but for its page and way where that was not read."""
    tested: bool = False
    """Whether it is one that a test submission is for: no login, no search."""
    destination: str = ""
    """Where a submission has to arrive, as declared; a webhook without its path, which may be a key."""
    by_hand: str = ""
    """Why a person has to send it; empty where this program does, or did not try."""
    nonce: str = ""
    """Of this run; empty where none was given out."""
    sent: str = ""
    """RFC 3339; empty where nothing was sent."""
    answer: str = ""
    """How the site took it: "accepted", "refused", "broken" or empty."""
    wrong_input: tuple[str, ...] = ()
    """How it took wrong input, a sentence each."""
    wrong_input_good: bool | None = None
    """Whether it refused all of it with a word; None where that was not tried."""


def form_rows(facts: Facts) -> Iterator[FormRow]:
    """Every form that this run has seen."""
    seen = facts.known(form_inventory) or ()
    trials = facts.known(form_trials) or ()
    for trial in trials:
        form = next((form for form in seen if trial.sending and _is(form, trial.page, trial.sending)), None)
        yield _of_trial(facts, trial, form)
    tested = [(trial.page, trial.sending.url, trial.sending.method) for trial in trials if trial.sending]
    for form in seen:
        if (form.page, form.action, form.method) not in tested:
            name = form.page if form.number == 1 else f"{form.page} (form {form.number})"
            yield FormRow(f"{name}: {form.method.upper()} {form.action}", form)


def _is(form: FormSeen, page: str, sending: Sending) -> bool:
    return (form.page, form.action, form.method) == (page, sending.url, sending.method)


def _of_trial(facts: Facts, trial: FormTrial, form: FormSeen | None) -> FormRow:
    target = trial.target
    agreed = facts.subject.consent.forms
    by_hand = trial.by_hand or facts.known(why_by_hand, target) or ""
    sent = facts.known(submission, target) if agreed else None
    wrong = (facts.known(wrong_inputs, target) or ()) if agreed else ()
    tried = [entry for entry in wrong if entry.what]
    given_out = (by_hand and nonce_on_its_way(facts, target)) or facts.known(nonce_of, target)
    return FormRow(
        target=target,
        seen=form or _unread(trial),
        tested=True,
        destination=_place(trial.plan.destination if trial.plan else ""),
        by_hand=by_hand if agreed else "",
        nonce=(given_out or "") if agreed and (sent or by_hand) else "",
        sent=sent.at if sent else "",
        answer=sent.answer.outcome if sent else "",
        wrong_input=tuple(entry.said for entry in wrong),
        wrong_input_good=all(entry.good for entry in tried) if tried else None,
    )


def _unread(trial: FormTrial) -> FormSeen:
    """A form of which no more is known than that it is tried."""
    way = trial.sending
    return FormSeen(trial.page, 0, way.method if way else "", way.url if way else "", "", (), "", ())


def _place(destination: str) -> str:
    return host(destination) if destination.startswith(("http:", "https:")) else destination
