"""One consented test submission for each form: sent as a patient visitor does, once, and shared by the checks."""

from __future__ import annotations

import asyncio
import random
import secrets
import string
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts, fact
from checks.finding import timestamp
from checks.network import Response
from checks.subject import Submitted
from checks.web.forms.submission_answer import Answer, judge
from checks.web.forms.submission_choice import FormTrial, form_trials
from checks.web.forms.submission_fields import Control, controls
from checks.web.forms.submission_session import Delivery, Session
from checks.web.forms.submission_values import CannotFill, Wrong, fill, mark
from checks.web.html import Document, Form
from checks.web.pages import read, style_sheets
from checks.web.refusal import refusal

PATIENCE = (3.0, 5.0)
"""Seconds between opening a page and sending its form, at least and at most: what is faster counts as a program's."""
pause: Callable[[float], Awaitable[None]] = asyncio.sleep
"""How that time passes; tests let it pass at once."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A form on its page, as a visitor has it before them."""

    session: Session
    form: Form
    controls: tuple[Control, ...]
    page: str
    """The page's text."""


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
    at: str
    """The same as UTC, RFC 3339."""

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
            f" send it once, and twice more with a mistake in it: {', '.join(places)}"
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
    return _new_nonce()


def _new_nonce() -> str:
    return "lr" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(14))


def last_of(facts: Facts, target: str) -> Submitted | None:
    """What an earlier run knows of a form's test submission."""
    return next((row for row in facts.subject.submissions if row.target == target), None)


def nonce_on_its_way(facts: Facts, target: str) -> str:
    """The word that a person was given in an earlier run to write into the form; empty where a new one is due."""
    last = last_of(facts, target)
    if last is None or not last.by_hand or (last.word == "no" and last.word_of == last.nonce):
        return ""
    return last.nonce


async def hand_nonce(facts: Facts, target: str) -> str:
    """The word that a person writes into a form: the one of an earlier run, which may be on its way."""
    return nonce_on_its_way(facts, target) or await nonce_of(facts, target)


async def assisted(facts: Facts, trial: FormTrial, reason: str) -> NotApplicable:
    """The words for a form that a person has to send."""
    nonce = await hand_nonce(facts, trial.target)
    return NotApplicable(
        f"a person has to send this form: {reason}. Open {trial.page}, write {mark(nonce)} into it, send it, and see"
        f" whether {nonce} arrives at {_destination(trial)}"
    )


def _destination(trial: FormTrial) -> str:
    said = trial.plan.destination if trial.plan else ""
    return said if said and said.lower() != "person" else "the place that you read it in"


@fact
async def why_by_hand(facts: Facts, target: str) -> str:
    """Why a person has to send a form; empty where this program does. Raises as `form_trials`."""
    trial = await trial_of(facts, target)
    if trial.trouble or trial.by_hand:
        return trial.by_hand
    try:
        await _filled_once(facts, target)
    except CannotFill as reason:
        return str(reason)
    return ""


@fact
async def _filled_once(facts: Facts, target: str) -> Opened:
    """The form's page opened for the one submission, and its controls. Raises CannotFill where it cannot be filled."""
    trial = await trial_of(facts, target)
    opened = await _opened(facts, trial)
    fill(opened.controls, await nonce_of(facts, target), _address(facts, trial))
    return opened


@fact
async def submission(facts: Facts, target: str) -> Submission:
    """Send one form once and follow the answers.

    Raises NotApplicable where a person has to send it; CannotTell and its kin where no answer came or an edge
    turned this program away.
    """
    trial = await trial_of(facts, target)
    if trial.trouble:
        raise CannotTell(trial.trouble)
    if reason := await why_by_hand(facts, target):
        raise await assisted(facts, trial, reason)
    return await _send(facts, trial, await nonce_of(facts, target))


async def send_wrong(
    facts: Facts, trial: FormTrial, wrong: Callable[[tuple[Control, ...], str], Wrong | None]
) -> tuple[Wrong, Submission] | None:
    """Send the form once more with a mistake in it, in a session of its own; None where there is none to make.

    It carries a mark of its own, so that it is never taken for the first. Raises as `submission`, and CannotFill.
    """
    nonce = _new_nonce()
    opened = await _opened(facts, trial)
    mistake = wrong(opened.controls, nonce)
    if mistake is None:
        return None
    return mistake, await _deliver(facts, trial, opened, nonce, mistake)


async def _send(facts: Facts, trial: FormTrial, nonce: str) -> Submission:
    told = await _deliver(facts, trial, await _filled_once(facts, trial.target), nonce)
    for response in told.answers:
        if reason := refusal(response):
            raise CannotTell(reason)
    if told.answers[-1].status == 429 and facts.subject.consent.rate_limit:
        raise CannotTell("the site limits requests, and the test of its rate limit runs beside this one")
    return told


async def _opened(facts: Facts, trial: FormTrial) -> Opened:
    """Open the form's page in a session of its own."""
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
    return Opened(session, document.forms[index], every[index], page.text)


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
    opened: Opened,
    nonce: str,
    wrong: Wrong | None = None,
) -> Submission:
    assert trial.sending is not None  # noqa: S101 - a form without one is sent by hand
    form = opened.form
    filled = fill(opened.controls, nonce, _address(facts, trial), wrong=wrong)
    await pause(random.uniform(*PATIENCE))  # noqa: S311 - not for a secret: no two visitors take the same time
    enctype = form.element.get("enctype")
    answers = await opened.session.send(trial.page, Delivery(trial.sending.url, trial.sending.method, enctype, filled))
    told = judge(answers, form, nonce, opened.page)
    return Submission(trial, nonce, filled.carrier, told, answers, time.monotonic(), timestamp())


def _address(facts: Facts, trial: FormTrial) -> str:
    """A mail address of the site's own: nobody else may get mail from a test."""
    destination = trial.plan.destination.removeprefix("mailto:") if trial.plan else ""
    if "@" in destination and "/" not in destination:
        return destination
    return facts.subject.mail.from_address or f"launch-check@{facts.subject.domain}"
