"""Verify all: the key pages, forms and APIs of a sprint in one run, as one table that stays in the session."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from checks.finding import timestamp
from checks.text import one_line
from launchready_tui.session.model import Form, Session, StoredFinding, Verified
from launchready_tui.session.words import WORST_FIRST, Status

if TYPE_CHECKING:
    from checks.finding import Finding
    from checks.network import Network
    from checks.secret import Secret
    from checks.subject import Route, Subject
    from checks.web.addresses_seen import AddressSeen
    from launchready_tui.sprint import Sprint
    from launchready_tui.watch.probe import Prober

CHECKS = (
    "web.unreachable",
    "web.error",
    "web.http-open",
    "web.canonical-split",
    "web.redirect-loop",
    "web.campaign-broken",
    "form.insecure",
    "form.broken",
    "form.silent",
)
"""What runs: the answers of pages, routes and variants, and the forms."""
_KINDS = {"api": "API", "login": "login", "form": "page"}


async def verify(
    sprint: Sprint, make_network: Callable[[], Network], *, secrets: Mapping[str, Secret] | None = None
) -> list[Verified]:
    """Run it all and keep the table, which fills line by line: a line of the run before stands until it is seen anew.

    Raises as `live.check`.
    """
    live = await asyncio.to_thread(importlib.import_module, "launchready_tui.live")
    subject = sprint.subject()

    def fill(finding: Finding) -> None:
        if (row := _as_it_came(subject, finding)) is not None:
            sprint.keep_verified([*(old for old in sprint.session.verified if not _same_line(old, row)), row])

    result = await live.check(sprint, make_network, only=CHECKS, secrets=secrets, told=fill)
    seen = result.survey.addresses if result.survey else ()
    rows = [*table(sprint.session, subject, seen)]
    rows += await _watched(subject, make_network)
    sprint.keep_verified(rows)
    return rows


def table(session: Session, subject: Subject, seen: Iterable[AddressSeen]) -> Iterator[Verified]:
    """The lines of a run: pages and APIs, variants, campaign addresses, forms."""
    at = timestamp()
    findings = {row.key: row for row in session.finding}
    answers = list(seen)
    yield from _pages(subject, answers, findings, at)
    yield from _variants(answers, at)
    for address in answers:
        if address.kind == "campaign":
            found = findings.get(("web.campaign-broken", address.target))
            yield _row("campaign", address.target, "a page that answers", _status(address), _state(found), address, at)
    for form in session.form:
        yield from _form(form, findings, at)
    for row in session.finding:
        if row.check == "errors.lost" and subject.monitor.errors.dsn:
            yield _row(
                "errors", row.target, "a test error is kept and masked", row.summary, row.status, None, row.observed
            )


def _as_it_came(subject: Subject, finding: Finding) -> Verified | None:
    """The line that one finding already tells, in place of which the whole table has one with its time."""
    target, status = finding.target, finding.status
    if finding.check == "web.campaign-broken":
        what, expected = "campaign", "a page that answers"
    elif finding.check in ("form.broken", "form.silent"):
        what, expected = "form", "sends safely, is taken"
    elif finding.check == "web.error":
        route = next((route for route in subject.routes if _target(route) == target), None)
        what, expected = (_kind(route), expectation(route)) if route else ("page", "200")
    else:
        return None
    # What was not looked at has its line, and its reason, in the whole table.
    if status == "skipped" or (finding.check == "form.broken" and status == "pass"):
        # A form that was taken is right only once its test has arrived, too.
        return None
    told = finding.summary.removeprefix(target).strip()
    return _row(what, target, expected, told, status, None, finding.observed)


def _same_line(one: Verified, other: Verified) -> bool:
    return (one.what, one.target) == (other.what, other.target)


def _target(route: Route) -> str:
    """How findings call a route."""
    return route.url if route.method == "GET" else f"{route.method} {route.url}"


def _kind(route: Route) -> str:
    return _KINDS.get(route.kind, "page" if route.method == "GET" else "API")


def _row(
    what: str, target: str, expected: str, seen: str, state: str, address: AddressSeen | None, at: str
) -> Verified:
    took = round(address.seconds, 4) if address is not None and address.seconds is not None else None
    return Verified(
        what=what,
        target=one_line(target, limit=300),
        expected=one_line(expected),
        seen=one_line(seen),
        state=state,  # type: ignore[arg-type] # a status of a finding
        seconds=took,
        at=at,
    )


def _state(*findings: StoredFinding | None) -> Status:
    """The worst of some findings; what no check has looked at is skipped."""
    states = [row.status for row in findings if row is not None]
    return min(states, key=WORST_FIRST.index, default="skipped")


def _status(address: AddressSeen | None) -> str:
    if address is None:
        return "not asked"
    if address.status is None:
        return f"no answer from {address.end}"
    return str(address.status) if address.end == address.target else f"{address.status} at {address.end}"


Findings = Mapping[tuple[str, str], StoredFinding]


def _pages(subject: Subject, answers: list[AddressSeen], findings: Findings, at: str) -> Iterator[Verified]:
    by_target = {address.target: address for address in answers if address.kind in ("homepage", "route")}
    for address in answers:
        if address.kind == "homepage":
            found = [findings.get((check, address.target)) for check in ("web.unreachable", "web.error")]
            yield _row("page", address.target, "200", _status(address), _state(*found), address, at)
    for route in subject.routes:
        target, kind = _target(route), _kind(route)
        if not subject.may_send(route):
            yield _row(kind, target, expectation(route), _unsent(route), "skipped", None, at)
            continue
        found_ = findings.get(("web.error", target))
        seen = by_target.get(target)
        told = found_.summary.removeprefix(target).strip() if found_ and found_.status != "pass" else _status(seen)
        yield _row(kind, target, expectation(route), told, _state(found_), seen, at)


def expectation(route: Route) -> str:
    """What a route must answer, in words."""
    status = "2xx or 3xx" if route.status is None else str(route.status)
    return f"{status} with {route.contains!r}" if route.contains else status


def _variants(answers: list[AddressSeen], at: str) -> Iterator[Verified]:
    home = next((address.end for address in answers if address.kind == "homepage"), "")
    for address in answers:
        if address.kind == "variant":
            good = address.status is not None and address.status < 400 and address.end == home
            state = "pass" if good else "fail" if address.status is not None or address.seconds else "error"
            told = "serves a page itself" if not good and address.status == 200 else _status(address)
            yield _row("variant", address.target, f"leads to {home}", told, state, address, at)


def _form(form: Form, findings: Findings, at: str) -> Iterator[Verified]:
    unsafe = findings.get(("form.insecure", form.page))
    broken, silent = (findings.get((check, form.target)) for check in ("form.broken", "form.silent"))
    if not form.tested:
        told = unsafe.summary if unsafe and unsafe.is_problem else f"{form.method.upper()} to {form.sends_to}"
        yield _row("form", form.target, "sends safely", told, _state(unsafe), None, at)
        return
    place = "a person confirms" if form.destination in ("", "person") else f"arrives at {form.destination}"
    said = next((row for row in (broken, unsafe, silent) if row is not None and row.is_problem), None)
    said = said or silent or broken
    told = said.summary if said else "not sent"
    state = said.status if said else "skipped"
    yield _row("form", form.target, f"sends safely, is taken, {place}", told, state, None, at)
    if form.wrong_input and broken is not None and broken.status == "pass":
        good = {True: "pass", False: "warn", None: "skipped"}[form.wrong_input_good]
        yield _row("wrong input", form.target, "refused with a word", "; ".join(form.wrong_input), good, None, at)


async def _watched(subject: Subject, make_network: Callable[[], Network]) -> list[Verified]:
    """The watched addresses that are not among the routes, each probed as the watch does."""
    from launchready_tui.watch.probe import NetworkProber

    known = {(route.url, route.method) for route in subject.routes}
    base = subject.canonical or f"https://{subject.domain}/"
    routes = [r for r in subject.monitor.urls if (r.url, r.method) not in known and r.url != base]
    prober = NetworkProber(make_network)
    return list(await asyncio.gather(*(_probed(prober, route, subject.may_send(route)) for route in routes)))


def _unsent(route: Route) -> str:
    return f"{route.method} is sent only with consent to test forms"


async def _probed(prober: Prober, route: Route, may_send: bool) -> Verified:
    at = timestamp()
    target = _target(route)
    if not may_send:
        return _row("watched", target, expectation(route), _unsent(route), "skipped", None, at)
    outcome = await prober(route)
    row = _row(
        "watched",
        target,
        expectation(route),
        outcome.reason or str(outcome.status),
        {True: "pass", False: "fail", None: "error"}[outcome.ok],
        None,
        at,
    )
    row.seconds = round(outcome.seconds.total, 4) if outcome.status is not None else None
    return row
