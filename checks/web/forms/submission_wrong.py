"""What a form does with wrong input: a site must refuse it, and say so to whoever made the mistake."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts, fact
from checks.web.forms.submission import Submission, send_wrong, trial_of
from checks.web.forms.submission_answer import has_a_word
from checks.web.forms.submission_fields import Control
from checks.web.forms.submission_values import CannotFill, Wrong, mistakes

Reception = Literal["refused", "wordless", "broken", "taken", "unknown"]

_SAID: dict[Reception, str] = {
    "refused": "wrong input is refused with a word that can be seen",
    "wordless": "wrong input is refused without a word that tells the visitor why",
    "broken": "wrong input breaks the form instead of being refused",
    "taken": "the site does not visibly refuse it",
}
MOST = 2
"""Mistakes that are tried: a required field left empty, and a mail address that is none."""


@dataclass(frozen=True, slots=True)
class WrongInput:
    """One mistake, and how the site took it."""

    what: str
    """ "without its required field mail"."""
    reception: Reception
    said: str
    """A sentence."""

    @property
    def good(self) -> bool:
        return self.reception == "refused"


@fact
async def wrong_inputs(facts: Facts, target: str) -> tuple[WrongInput, ...]:
    """Send the form with each mistake, in sessions of their own. Empty where no mistake can be made.

    Raises as `form_trials`.
    """
    tried = await asyncio.gather(*(_try(facts, target, number) for number in range(MOST)))
    return tuple(told for told in tried if told is not None)


async def _try(facts: Facts, target: str, number: int) -> WrongInput | None:
    def choose(found: tuple[Control, ...], nonce: str) -> Wrong | None:
        able = mistakes(found, nonce)
        return able[number] if number < len(able) else None

    try:
        sent = await send_wrong(facts, await trial_of(facts, target), choose)
    except (CannotTell, NotApplicable) as problem:
        return WrongInput("", "unknown", f"wrong input could not be tried: {problem.reason}")
    except CannotFill as problem:
        return WrongInput("", "unknown", f"wrong input could not be tried: {problem}")
    if sent is None:
        return None
    wrong, told = sent
    reception = _reception(told)
    return WrongInput(wrong.what, reception, f"{wrong.what} the form {told.answer.said}: {_SAID[reception]}")


def _reception(told: Submission) -> Reception:
    last = told.answers[-1]
    if told.answer.outcome == "accepted":
        return "taken"
    if last.status >= 500:
        return "broken"
    return "refused" if has_a_word(last) else "wordless"
