"""Deployment and rollback: the release checklist of exactly the platform that the session names or was seen on."""

from __future__ import annotations

from checks.repo.platform_table import Platform
from launchready_tui.deployed import platforms_of
from launchready_tui.handover.document import Facts, Paragraph, Part, Section, Table, Word, clean, table_or
from launchready_tui.handover.inventory import Rows, note_of
from launchready_tui.handover.words import count, status_word
from launchready_tui.ranking import ranked
from launchready_tui.session.model import Session

_ROUTES = 8
"""Addresses that are opened after a release; more would not be."""
_UNKNOWN = (
    "Where the product is deployed is not known, so its release checklist is not here. Name the platform or the "
    "repository ([site] platform, [deploy] repo), run the checks of Deploy, and write the handover again."
)
_EMPTY = "☐"


def deployment(session: Session) -> Section:
    """Release steps and the way back, platform by platform, and what the checks say of them."""
    deploy = session.deploy
    told = platforms_of(session)
    parts: list[Part] = [Facts(tuple((label, clean(text)) for label, text in _facts(session, told) if text))]
    for platform in told:
        parts += _checklist(session, platform)
    if not told:
        parts.append(Paragraph(_UNKNOWN, "soft"))
        if deploy.rollback or deploy.build:
            parts.append(Table(_headers("this product"), _WIDTHS, _steps(session, None)))
    rows: Rows = [
        (clean(row.target), status_word(row.status), clean(row.summary), clean(row.fix))
        for row in ranked(session.finding)
        if row.family == "deploy" and row.status != "skipped"
    ]
    headers = ("Where", "State", "What was seen", "What to do")
    parts.append(table_or("The deployment was not checked.", headers, (22, 16, 32, 30), rows))
    return Section("deployment", "Deployment and rollback", tuple(parts))


def _facts(session: Session, told: tuple[Platform, ...]) -> list[tuple[str, str]]:
    deploy, named = session.deploy, session.site.platform
    name = named or " and ".join(platform.name for platform in told)
    seen = f" (seen by {', '.join(line.partition(': ')[2] for line in deploy.seen)})" if told and not named else ""
    facts = [
        ("Platform", f"{name}{seen}" if name else "not named"),
        ("Build", deploy.build or "not named"),
        ("Way back", deploy.rollback or (_ways_back(told) or "not written down")),
    ]
    notes = (("Release", ("S4.D1", "D2")), ("Notes", ("S4.5", "S7.4")))
    return facts + [(label, note_of(session, *ids)) for label, ids in notes]


def _ways_back(told: tuple[Platform, ...]) -> str:
    return "; ".join(
        f"{platform.name}: {platform.rollback}" if len(told) > 1 else platform.rollback
        for platform in told
        if platform.rollback
    )


_WIDTHS = (6, 86, 8)


def _headers(name: str) -> tuple[str, str, str]:
    return ("", f"Release checklist: {name}", "Done")


def _checklist(session: Session, platform: Platform) -> list[Part]:
    back = platform.rollback or "the platform has none of its own: deploy the previous release again"
    given = session.deploy.rollback
    facts = [
        ("Secrets live in", platform.secrets),
        ("Go back with", f"{given} (on the platform itself: {back})" if given else back),
        ("What that does not bring back", platform.keeps),
    ]
    if not platform.sure:
        facts.append(("Try it once", "These steps are generally known and were not read on the vendor's own pages."))
    return [
        Table(_headers(platform.name), _WIDTHS, _steps(session, platform)),
        Facts(tuple((label, clean(text)) for label, text in facts)),
    ]


def _steps(session: Session, platform: Platform | None) -> tuple[tuple[str | Word, ...], ...]:
    steps = [*_before(session), *(platform.release if platform else ()), *_after(session, platform)]
    return tuple((str(number), clean(step), _EMPTY) for number, step in enumerate(steps, 1))


def _before(session: Session) -> list[str]:
    """What must be true before anything is sent to production, with what the session knows of it."""
    deploy = session.deploy
    blocking = [row for row in session.finding if row.family == "deploy" and row.triage == "now" and row.is_problem]
    steps = []
    if blocking:
        steps.append(f"settle {count(len(blocking), 'problem')} of the table below first; they are to be fixed now")
    steps.append(f"{deploy.build} ends with 0, on a clean checkout" if deploy.build else "the build ends with 0 in CI")
    migrating = [row for row in session.finding if row.check.startswith("deploy.migration") and row.status != "skipped"]
    if migrating or not session.finding:
        steps.append("back up the database and note the time: no way back below brings its data back")
        steps.append("run migrations that only add before the release, those that remove days after it")
    return steps


def _after(session: Session, platform: Platform | None) -> list[str]:
    """What shows that the release is good, and what to do at once where it is not."""
    site = session.site
    home = site.canonical or f"https://{site.domain}/"
    routes = [f"{route.method} {route.url} answers {route.status or 'as usual'}" for route in site.routes[:_ROUTES]]
    back = session.deploy.rollback or (platform.rollback if platform else "") or "deploy the previous release again"
    return [
        f"open {home} on a phone, and send the most important form once",
        *routes,
        f"if any of this fails, go back first and look for the cause then: {back}",
    ]
