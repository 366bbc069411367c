"""Whether a submission arrived where the form's data is said to go: a seed mailbox, a webhook, or a person."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from checks.errors import CannotTell, NetworkError, NotApplicable
from checks.facts import Facts, fact
from checks.mail.seeds.delivery import LOOKS, look
from checks.mail.seeds.mailbox import Mailbox
from checks.subject import Seed
from checks.web.forms.submission import last_of, submission, trial_of
from checks.web.forms.submission_choice import FormTrial
from checks.web.forms.submission_values import mark
from checks.web.pages import canonical
from checks.web.url import host, resolve

REFUSED_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of the mark; `place` is where it was, or was looked for."""

    arrived: bool
    place: str
    seconds: float
    """From the site's answer until the mark was seen, or until the deadline."""
    note: str = ""


class ByPerson(NotApplicable):
    """Only a person can tell whether a submission arrived."""


@fact
async def arrival(facts: Facts, target: str) -> Arrival:
    """Look for the mark of a submission until the deadline (`MailPlan.deadline_minutes`).

    Raises ByPerson where only a person can tell; CannotTell and its kin where the place could not be looked
    into; and as `submission`.
    """
    sent = await submission(facts, target)
    seconds = facts.subject.mail.deadline_minutes * 60
    # What the site refused may arrive all the same; that shows at once or not at all.
    ends = sent.sent + (seconds if sent.answer.outcome == "accepted" else min(seconds, REFUSED_SECONDS))
    return await look_for(facts, sent.trial, sent.nonce, sent.sent, ends)


@fact
async def hand_arrival(facts: Facts, target: str) -> Arrival | None:
    """Look for what a person sent by hand; None where nobody has sent it yet, and it has not arrived either.

    Raises as `arrival`, and NotApplicable where no nonce was given out yet.
    """
    row = last_of(facts, target)
    if row is None or not row.by_hand or not row.nonce:
        raise NotApplicable("nobody was asked to send it yet")
    began = time.monotonic() - _seconds_since(row.sent)
    ends = began + facts.subject.mail.deadline_minutes * 60 if row.sent else time.monotonic()
    told = await look_for(facts, await trial_of(facts, target), row.nonce, began, ends)
    return told if told.arrived or row.sent else None


def _seconds_since(sent: str) -> float:
    try:
        then = datetime.fromisoformat(sent)
    except ValueError:
        return 0.0
    return max(0.0, (datetime.now(UTC) - then.astimezone(UTC)).total_seconds())


async def look_for(facts: Facts, trial: FormTrial, nonce: str, began: float, ends: float) -> Arrival:
    """Look for a nonce at the form's destination until `ends`; both times are of time.monotonic.

    Raises as `arrival`.
    """
    destination = trial.plan.destination.strip() if trial.plan else ""
    if not destination or destination.lower() == "person":
        raise ByPerson(_by_person(trial, nonce, declared=bool(destination)))
    address = destination.removeprefix("mailto:")
    if "@" in address and "/" not in address:
        return await _in_mailbox(facts, address, nonce, began, ends)
    url = resolve(destination, await canonical(facts))
    if not url.startswith(("http:", "https:")):
        raise CannotTell(f"{destination!r} is no destination: a seed mailbox, the URL of a webhook, or person")
    return await _at_webhook(facts, url, nonce, began, ends)


def _by_person(trial: FormTrial, nonce: str, *, declared: bool) -> str:
    missing = "" if declared else "; declare the destination (site.forms) to have it looked for"
    return f"sent, and the site took it; a person must confirm that {mark(nonce)} from {trial.page} arrived{missing}"


def _seed_of(facts: Facts, address: str) -> Seed | None:
    """The seed mailbox of an address; what stands behind a plus sign does not matter."""

    def plain(text: str) -> str:
        local, _, domain = text.lower().partition("@")
        return f"{local.partition('+')[0]}@{domain}"

    seeds = facts.subject.mail.seeds
    exact = next((seed for seed in seeds if seed.address.lower() == address.lower()), None)
    return exact or next((seed for seed in seeds if plain(seed.address) == plain(address)), None)


async def _in_mailbox(facts: Facts, address: str, nonce: str, began: float, ends: float) -> Arrival:
    seed = _seed_of(facts, address)
    if seed is None:
        raise ByPerson(
            f"{address} is not among the seed mailboxes (mail.seeds), so a person must look there for {mark(nonce)}"
        )
    mailbox = Mailbox(facts, seed)
    try:
        found = await look(mailbox, nonce, ends, "TEXT")
    finally:
        await mailbox.close(polite=False)
    if found is None:
        return Arrival(False, address, time.monotonic() - began)
    where = f"{address}, folder {found.folder}"
    note = "it lies in the spam folder: mail.seed-spam and the checks of SPF, DKIM and DMARC tell why"
    return Arrival(True, where, time.monotonic() - began, note if found.where == "spam" else "")


async def _at_webhook(facts: Facts, url: str, nonce: str, began: float, ends: float) -> Arrival:
    """Only a readable page without the mark, at the end, says that it did not arrive. The URL may hold a key."""
    place = host(url)
    looks = 0
    while True:
        trouble = ""
        try:
            response = await facts.network.http("GET", url, verify=True, headers={"cache-control": "no-cache"})
            if response.ok and nonce.encode() in response.body:
                return Arrival(True, place, time.monotonic() - began)
            if not response.ok:
                trouble = f"it answers {response.status}"
            elif response.truncated:
                trouble = "it shows more than can be read"
        except NetworkError as problem:
            trouble = problem.reason.replace(url, place)
        left = ends - time.monotonic()
        if left <= 0:
            if trouble:
                raise CannotTell(f"the webhook at {place} could not be read: {trouble}")
            return Arrival(False, place, time.monotonic() - began)
        await asyncio.sleep(min(LOOKS[min(looks, len(LOOKS) - 1)], left))
        looks += 1
