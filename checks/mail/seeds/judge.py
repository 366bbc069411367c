"""What the receiver's own Authentication-Results say of a message: the same verdict for fetched and pasted ones."""

from __future__ import annotations

from collections.abc import Callable

from checks.finding import Verdict, errored, failed, passed
from checks.mail.auth_results import MethodResult
from checks.mail.message import Message
from checks.mail.seeds.receivers import Receiver, receiver_results

METHODS = ("spf", "dkim", "dmarc")

Aligned = Callable[[MethodResult], bool]
"""Whether the domain that a method authenticated speaks for the author's."""


def judge(message: Message, author: str, target: str, *, mailbox: str, aligned: Aligned, more: list[str]) -> Verdict:
    """The verdict of mail.seed-auth.

    Args:
        author: the From domain.
        more: further lines of evidence.
    """
    receiver = receiver_results(message, mailbox)
    seen = [*(result.describe for result in receiver.results), *more]
    if receiver.untrusted:
        seen.append(f"the topmost Authentication-Results is by {receiver.untrusted}, which is not the receiver")
    shown = [method for method in METHODS if receiver.of(method)]
    if not shown:
        return errored(target, "the receiver wrote no verdict of its own into the message", evidence=seen)
    seen += [f"the receiver says nothing of {method}" for method in METHODS if method not in shown]
    wrong = [best for method in shown if (best := _best(receiver, method)).result != "pass"]
    passing = [result for method in ("spf", "dkim") for result in receiver.of(method) if result.result == "pass"]
    speaking = [result for result in passing if result.domain and aligned(result)]
    confirmed = any(result.result == "pass" and result.domain in ("", author) for result in receiver.of("dmarc"))
    said = [f"{result.method}={result.result}" for result in wrong]
    if not speaking and not confirmed:
        said.append(f"neither SPF nor DKIM passed for {author} or its organisation")
    if said:
        return failed(target, "; ".join(said), evidence=seen, fix=_fix(wrong, author))
    return passed(target, f"{', '.join(f'{method}=pass' for method in shown)}, aligned with {author}", evidence=seen)


def _best(receiver: Receiver, method: str) -> MethodResult:
    """The result that counts: a pass where there is one; of SPF that of the return path, not of the greeting."""
    results = receiver.of(method)
    if method == "spf":
        results = tuple(r for r in results if r.get("smtp.mailfrom") or r.get("smtp.mail")) or results
    return next((result for result in results if result.result == "pass"), results[0])


def _fix(wrong: list[MethodResult], author: str) -> str:
    methods = {result.method for result in wrong}
    steps = []
    if "spf" in methods:
        steps.append("let the SPF record of the return path include the server that sent this")
    if "dkim" in methods:
        steps.append(f"turn DKIM on for {author} at the service that sent this and publish its key")
    if not steps:
        steps.append(
            f"have the service that sent this sign with DKIM as {author}, so that a pass counts for your domain"
        )
    return f"At your DNS host: {'; '.join(steps)}; then send the test again."
