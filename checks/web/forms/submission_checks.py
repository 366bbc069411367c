"""The checks of a consented test submission: whether the site takes it, and whether it arrives."""

from __future__ import annotations

from checks.catalogue import check
from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts
from checks.finding import Verdict, errored, failed, passed, skipped
from checks.web.forms.submission import form_targets, incomplete, submission
from checks.web.forms.submission_arrival import arrival

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
    try:
        wrong_input = await incomplete(facts, target)
    except (CannotTell, NotApplicable) as problem:
        wrong_input = f"wrong input could not be tried: {problem.reason}"
    return passed(target, f"the form {sent.answer.said}", evidence=(*sent.evidence, wrong_input))


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
    sent = await submission(facts, target)
    if sent.answer.outcome == "broken":
        return skipped(target, f"the form {sent.answer.said}: form.broken tells", evidence=sent.evidence)
    told = await arrival(facts, target)
    if told.arrived:
        evidence = [*sent.evidence, f"{sent.nonce} was at {told.place} after {told.seconds:.0f} s"]
        summary = f"the submission arrived at {told.place}" + (f"; {told.note}" if told.note else "")
        return passed(target, summary, evidence=evidence)
    if sent.answer.outcome == "refused":
        return skipped(target, f"the form {sent.answer.said}, so nothing had to arrive", evidence=sent.evidence)
    return failed(
        target,
        f"the form on {sent.trial.page} was taken, but nothing arrived at {told.place} within {told.seconds:.0f} s",
        evidence=[*sent.evidence, f"{sent.nonce} was not at {told.place} after {told.seconds:.0f} s"],
        fix=f"Follow {sent.nonce} from the form's handler at {sent.answers[0].url} on: its log, the queue, the mail"
        f" service's log, the address it sends to. Let it deliver to {told.place}, and run this check again.",
    )
