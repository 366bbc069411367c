"""One consented test submission for each form: sent as a patient visitor does, once, and shared by the checks."""

from __future__ import annotations

import asyncio
import secrets
import string
import time
from dataclasses import dataclass

from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts, fact
from checks.network import Response
from checks.web.forms.submission_answer import Answer, judge
from checks.web.forms.submission_choice import FormTrial, form_trials
from checks.web.forms.submission_fields import Control, controls
from checks.web.forms.submission_session import Delivery, Session
from checks.web.forms.submission_values import CannotFill, fill, mark, missing_candidate
from checks.web.html import Document, Form
from checks.web.pages import read, style_sheets
from checks.web.refusal import refusal

PATIENCE = 3.0
"""Seconds between opening a page and sending its form; what is sent faster counts as a program's."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that was sent, and how the site answered."""

    trial: FormTrial
    nonce: str
    carrier: str
    """The control that the mark stands in."""
    answer: Answer
    answers: tuple[Response, ...]
    sent: float
    """Of time.monotonic, when the answer was there."""

    @property
    def evidence(self) -> tuple[str, ...]:
        return (
            f"sent once, marked {mark(self.nonce)!r} in the field {self.carrier}",
            *(answer.describe() for answer in self.answers),
        )


async def form_targets(facts: Facts) -> list[str]:
    """The forms to test. Raises NotApplicable without consent, and says what would be sent; else as `homepage`."""
    trials = await form_trials(facts)
    if trials and not facts.subject.consent.forms:
        places = [f"{trial.target} ({_where(trial)})" for trial in trials]
        raise NotApplicable(
            "without consent no form is sent; it would fill in each form as a visitor does, marked [launch-check], and"
            f" send it once, and once more without a required field: {', '.join(places)}"
        )
    return [trial.target for trial in trials]


def _where(trial: FormTrial) -> str:
    if not trial.sending or trial.by_hand:
        return trial.trouble or f"by hand: {trial.by_hand}"
    return f"{trial.sending.method.upper()} to {trial.sending.url}"


async def trial_of(facts: Facts, target: str) -> FormTrial:
    """The form that a finding's target names."""
    return next(trial for trial in await form_trials(facts) if trial.target == target)


@fact
async def nonce_of(facts: Facts, target: str) -> str:
    """The word that marks the submission of one form: letters alone, so that no field refuses it."""
    return "lr" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(14))


async def assisted(facts: Facts, trial: FormTrial, reason: str) -> NotApplicable:
    """The words for a form that a person has to send."""
    nonce = await nonce_of(facts, trial.target)
    return NotApplicable(
        f"a person has to send this form: {reason}. Open {trial.page}, write {mark(nonce)} into it, send it, and see"
        f" whether {nonce} arrives at {_destination(trial)}"
    )


def _destination(trial: FormTrial) -> str:
    said = trial.plan.destination if trial.plan else ""
    return said if said and said.lower() != "person" else "the place that you read it in"


@fact
async def submission(facts: Facts, target: str) -> Submission:
    """Send one form once and follow the answers.

    Raises NotApplicable where a person has to send it; CannotTell and its kin where no answer came or an edge
    turned this program away.
    """
    trial = await trial_of(facts, target)
    if trial.trouble:
        raise CannotTell(trial.trouble)
    if trial.by_hand:
        raise await assisted(facts, trial, trial.by_hand)
    nonce = await nonce_of(facts, target)
    try:
        return await _send(facts, trial, nonce)
    except CannotFill as reason:
        raise await assisted(facts, trial, str(reason)) from None


@fact
async def incomplete(facts: Facts, target: str) -> str:
    """Send the form once more without a required field, in a session of its own; what became of it, as a line.

    It carries a mark of its own, so that it is never taken for the first. Raises as `submission`.
    """
    nonce = "lr" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(14))
    trial = await trial_of(facts, target)
    session, form, found = await _opened(facts, trial)
    name = missing_candidate(found, nonce)
    if not name:
        return "no field is required, so wrong input was not tried"
    told = await _deliver(facts, trial, session, form, found, nonce, without=name)
    if told.answer.outcome == "accepted":
        return f"without its required field {name} the form {told.answer.said}: the site does not visibly refuse it"
    return f"without its required field {name} the form {told.answer.said}: wrong input is refused"


async def _send(facts: Facts, trial: FormTrial, nonce: str) -> Submission:
    session, form, found = await _opened(facts, trial)
    told = await _deliver(facts, trial, session, form, found, nonce)
    for response in told.answers:
        if reason := refusal(response):
            raise CannotTell(reason)
    if told.answers[-1].status == 429 and facts.subject.consent.rate_limit:
        raise CannotTell("the site limits requests, and the test of its rate limit runs beside this one")
    return told


async def _opened(facts: Facts, trial: FormTrial) -> tuple[Session, Form, tuple[Control, ...]]:
    """A session on the form's page, with the form and its controls as they are there now."""
    session = Session(facts)
    page = await session.open(trial.page)
    if not page.ok:
        raise CannotTell(refusal(page) or f"{page.url} answers {page.status} when the form is opened")
    document = await read(page)
    styles = [style.text for style in document.styles]
    styles += [sheet.text for sheet in await style_sheets(facts)]
    every = await asyncio.to_thread(controls, page.text, styles)
    index = _index(document, trial)
    if index is None or index >= len(every):
        raise CannotTell(f"the form is not on {trial.page} any more when it is opened again")
    return session, document.forms[index], every[index]


def _index(document: Document, trial: FormTrial) -> int | None:
    """Which form of a page that was got again is the one: by the names of its fields."""
    assert trial.sending is not None  # noqa: S101 - a form without one is sent by hand
    wanted = _names(trial.sending.form)
    return next((index for index, form in enumerate(document.forms) if _names(form) == wanted), None)


def _names(form: Form) -> list[str]:
    """Hidden fields aside: their names may change from visit to visit."""
    return [field.get("name") for field in form.fields if field.get("type").lower() != "hidden"]


async def _deliver(
    facts: Facts,
    trial: FormTrial,
    session: Session,
    form: Form,
    found: tuple[Control, ...],
    nonce: str,
    *,
    without: str = "",
) -> Submission:
    assert trial.sending is not None  # noqa: S101 - a form without one is sent by hand
    filled = fill(found, nonce, _address(facts, trial), without=without)
    await asyncio.sleep(PATIENCE)
    enctype = form.element.get("enctype")
    answers = await session.send(trial.page, Delivery(trial.sending.url, trial.sending.method, enctype, filled))
    return Submission(trial, nonce, filled.carrier, judge(answers, form, nonce), answers, time.monotonic())


def _address(facts: Facts, trial: FormTrial) -> str:
    """A mail address of the site's own: nobody else may get mail from a test."""
    destination = trial.plan.destination.removeprefix("mailto:") if trial.plan else ""
    if "@" in destination and "/" not in destination:
        return destination
    return facts.subject.mail.from_address or f"launch-check@{facts.subject.domain}"
