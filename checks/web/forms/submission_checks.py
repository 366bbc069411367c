"""The checks of a consented test submission: whether the site takes it, and whether it arrives."""

from __future__ import annotations

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, errored, failed, passed, skipped
from checks.subject import Submitted
from checks.web.forms.submission import (
    Submission,
    assisted,
    form_targets,
    hand_nonce,
    last_of,
    submission,
    trial_of,
    why_by_hand,
)
from checks.web.forms.submission_arrival import Arrival, ByPerson, arrival, hand_arrival
from checks.web.forms.submission_values import mark
from checks.web.forms.submission_wrong import wrong_inputs

NOTHING = "no form that visitors fill in was found, login and search aside"


@check(
    "form.broken",
    title="A form does not work",
    when="a test submission that the user consented to answers 4xx or 5xx, or a redirect to an error",
    status="fail",
    triage="now",
    risk="onboarding",
    item=("T4", "S6.1"),
    source="roadmap",
    cost="Whoever wants to sign up or write to you gets an error, and goes.",
    each=form_targets,
    nothing=NOTHING,
)
async def broken(facts: Facts, target: str) -> Verdict:
    if reason := await why_by_hand(facts, target):
        trial, row = await trial_of(facts, target), last_of(facts, target)
        if row is not None and row.by_hand and row.word == "yes":
            return passed(target, f"a person sent it, and it arrived, says {row.by}", evidence=[_word(row)])
        raise await assisted(facts, trial, reason)
    sent = await submission(facts, target)
    if sent.answer.outcome == "broken":
        return failed(
            target,
            f"the form on {sent.trial.page} {sent.answer.said}",
            evidence=sent.evidence,
            fix=f"Look into the server's log for the request to {sent.answers[0].url} at this time, mend what handles"
            " it, and run this check again.",
        )
    if sent.answer.outcome == "refused":
        return errored(
            target,
            f"the form {sent.answer.said}: the site did not take the test's values, which may be right",
            evidence=sent.evidence,
            fix="Send it by hand once, with real values.",
        )
    wrong = await wrong_inputs(facts, target)
    told = [entry.said for entry in wrong] or ["no field is required, so wrong input was not tried"]
    # The catalogue has no check of its own for this, so that it is told beside the pass.
    worst = sorted((entry for entry in wrong if entry.what and not entry.good), key=lambda e: e.reception != "broken")
    beside = f"; but {worst[0].said}" if worst else ""
    return passed(target, f"the form {sent.answer.said}{beside}", evidence=(*sent.evidence, *told))


@check(
    "form.silent",
    title="A form says thank you and nothing arrives",
    when="a test submission was accepted and its nonce did not arrive at the destination (seed mailbox, webhook, or a"
    " person's word) within its deadline",
    status="fail",
    triage="now",
    risk="onboarding",
    item=("T4", "S1.6"),
    source="roadmap",
    cost="Customers think that they have written to you, and wait for an answer that never comes.",
    each=form_targets,
    nothing=NOTHING,
)
async def silent(facts: Facts, target: str) -> Verdict:
    if reason := await why_by_hand(facts, target):
        return await by_hand(facts, target, reason)
    sent = await submission(facts, target)
    if sent.answer.outcome == "broken":
        return skipped(target, f"the form {sent.answer.said}: form.broken tells", evidence=sent.evidence)
    try:
        told = await arrival(facts, target)
    except ByPerson as asked:
        row = last_of(facts, target)
        if row is None or not row.word:
            return skipped(target, asked.reason, evidence=sent.evidence)
        return by_word(row, sent.trial.page, [*sent.evidence, f"sent anew: look for {mark(sent.nonce)}"])
    if told.arrived:
        return _arrived(target, told, sent.nonce, sent.evidence)
    if sent.answer.outcome == "refused":
        return skipped(target, f"the form {sent.answer.said}, so nothing had to arrive", evidence=sent.evidence)
    return _lost(sent, told)


async def by_hand(facts: Facts, target: str, reason: str) -> Verdict:
    """Whether what a person sent has arrived. Raises as `hand_arrival`."""
    trial, row = await trial_of(facts, target), last_of(facts, target)
    ask = await assisted(facts, trial, reason)
    if row is None or not row.by_hand:
        raise ask
    try:
        told = await hand_arrival(facts, target)
    except ByPerson:
        if row.word:
            again = [f"to try it anew, write {mark(await hand_nonce(facts, target))} into it"] * (row.word == "no")
            return by_word(row, trial.page, again)
        raise ask from None
    if told is None:
        raise ask
    evidence = [f"sent by hand at {row.sent or 'a time that nobody noted'}, marked {mark(row.nonce)!r}"]
    if told.arrived:
        return _arrived(target, told, row.nonce, evidence)
    return failed(
        target,
        f"a person sent the form on {trial.page}, but nothing arrived at {told.place} within {told.seconds:.0f} s",
        evidence=[*evidence, f"{row.nonce} was not at {told.place} after {told.seconds:.0f} s"],
        fix=f"Follow {row.nonce} from the form's service on to {told.place}, mend what loses it, and send it again.",
    )


def by_word(row: Submitted, page: str, evidence: list[str]) -> Verdict:
    """What a person's word about a submission comes to."""
    if row.word == "yes":
        return passed(row.target, f"the submission arrived, says {row.by}", evidence=[_word(row), *evidence])
    return failed(
        row.target,
        f"the form on {page} was taken, but nothing arrived, says {row.by}",
        evidence=[_word(row), *evidence],
        fix=f"Follow {row.word_of} from the form's handler on: its log, the queue, the mail service's log, the address"
        " it sends to. Then run this check again, and say whether the new one arrived.",
    )


def _word(row: Submitted) -> str:
    seen = "arrived" if row.word == "yes" else "did not arrive"
    return f"{row.by} at {row.at}: {mark(row.word_of)} {seen}"


def _arrived(target: str, told: Arrival, nonce: str, evidence: tuple[str, ...] | list[str]) -> Verdict:
    summary = f"the submission arrived at {told.place}" + (f"; {told.note}" if told.note else "")
    seen = f"{nonce} was at {told.place} after {told.seconds:.0f} s"
    return passed(target, summary, evidence=[*evidence, seen])


def _lost(sent: Submission, told: Arrival) -> Verdict:
    return failed(
        sent.trial.target,
        f"the form on {sent.trial.page} was taken, but nothing arrived at {told.place} within {told.seconds:.0f} s",
        evidence=[*sent.evidence, f"{sent.nonce} was not at {told.place} after {told.seconds:.0f} s"],
        fix=f"Follow {sent.nonce} from the form's handler at {sent.answers[0].url} on: its log, the queue, the mail"
        f" service's log, the address it sends to. Let it deliver to {told.place}, and run this check again.",
    )
