"""One verdict on a host from what it shows at each of its addresses: part of its visitors meets the worst of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from checks.errors import CannotTell
from checks.facts import Facts
from checks.finding import Status, Verdict
from checks.web.tls.facts import Judgement, judgements, others

Tell = Callable[[Judgement, str], Verdict]
"""The verdict on one address, which the second argument names as it stands in a sentence. May raise CannotTell."""


async def at_every_address(facts: Facts, host: str, tell: Tell) -> Verdict:
    """Judge each address that shows certificates of its own: a problem at one of them is the host's.

    What cannot be told of one address is told only where no other has a problem. Raises as `judgement`.
    """
    every = await judgements(facts, host)
    beside = (await others(facts, host)).evidence
    if len(every) == 1:
        verdict = tell(every[0], host)
        return replace(verdict, evidence=(*verdict.evidence, *beside))
    told: list[tuple[str, Verdict]] = []
    untold: list[CannotTell] = []
    for judged in every:
        address = judged.sent.address
        try:
            told.append((address, tell(judged, f"{host} at {address}")))
        except CannotTell as problem:
            untold.append(problem)
    problems = [(address, verdict) for address, verdict in told if verdict.status.is_problem]
    if untold and not problems:
        raise untold[0]
    seen = [line for _, verdict in told for line in verdict.evidence]
    seen += [*(problem.reason for problem in untold), *beside]
    if not problems:
        verdict = min((verdict for _, verdict in told), key=lambda one: one.status is Status.PASS)
        return replace(verdict, evidence=tuple(seen))
    address, verdict = next((one for one in problems if one[1].status is Status.FAIL), problems[0])
    if len(problems) == len(told) and len({verdict.fix for _, verdict in problems}) == 1:
        return replace(verdict, evidence=tuple(seen))
    steps = [f"On the server at {address}: {verdict.fix}" for address, verdict in problems]
    if len(problems) < len(told):
        gone = ", ".join(f"{'AAAA' if ':' in address else 'A'} {address}" for address, _ in problems)
        steps.append(f"Or, where that server is not meant to serve {host}, take out of its addresses: {gone}.")
    return replace(verdict, evidence=tuple(seen), fix="\n".join(steps))
