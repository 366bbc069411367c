"""What a person saw with their own eyes: that a form's test arrived or did not, and that they sent one by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.finding import timestamp
from launchready_tui.session.model import Form, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from checks.finding import Verdict
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
    _record(sprint, "form.silent", by_word(submitted, form.page, sent))


def tell_sent(sprint: Sprint, target: str) -> None:
    """Keep that a person has sent a form by hand just now. Raises KeyError as `tell_arrival`."""
    form = form_of(sprint.session, target)
    if form is None or not form.nonce:
        raise KeyError(target)
    form.sent = timestamp()
    sprint.put(form)


async def look_for_it(
    sprint: Sprint, make_network: Callable[[], Network], target: str, *, secrets: Mapping[str, Secret]
) -> None:
    """Look for what a person sent by hand where it has to arrive, and judge form.silent by it.

    The checks must be loaded: `live.load_checks`.
    """
    from checks.errors import CannotTell, NotApplicable
    from checks.facts import Facts
    from checks.finding import errored, skipped
    from checks.web.forms.submission import why_by_hand
    from checks.web.forms.submission_checks import by_hand

    async with make_network() as network:
        facts = Facts(sprint.subject(), network, secrets=secrets)
        try:
            verdict = await by_hand(facts, target, await why_by_hand(facts, target))
        except NotApplicable as problem:
            verdict = skipped(target, problem.reason)
        except CannotTell as problem:
            verdict = errored(target, f"could not check: {problem.reason}", fix="Look again in a minute.")
        finally:
            await facts.aclose()
    _record(sprint, "form.silent", verdict)


def _record(sprint: Sprint, check: str, verdict: Verdict) -> None:
    from checks.catalogue import catalogue
    from checks.runner import finding_of

    sprint.record(finding_of(catalogue()[check], verdict))
