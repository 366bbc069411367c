"""The three checks of pending migrations: what destroys, what locks, what cannot be taken back."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from checks.catalogue import check
from checks.errors import NotApplicable
from checks.facts import Facts, fact
from checks.finding import Status, Verdict, errored, failed, noted, passed, warned
from checks.repo.migrations.clashes import clashes
from checks.repo.migrations.edited import edited
from checks.repo.migrations.find import Judged, Pending, created, dialect_of, judge, pending
from checks.repo.migrations.hazard import Clash, Hazard, Kind
from checks.repo.migrations.order import out_of_order
from checks.repo.migrations.versions import folder_of
from checks.repo.project import Project, project


@fact
async def judged(facts: Facts) -> tuple[Pending, tuple[Judged, ...]]:
    """The pending migrations, read. Raises NotApplicable where the project has none."""
    found = await project(facts)
    plan = facts.subject.deploy

    def read() -> tuple[Pending, tuple[Judged, ...]]:
        waiting = pending(found, plan.migrations, plan.base)
        if not waiting.every and not waiting.migrations:
            raise NotApplicable("the repository has no database migrations of a usual tool")
        dialect = dialect_of(found, plan.dialect)
        read = [*_in_order(found, waiting, dialect), *edited(found, waiting, dialect)]
        return waiting, tuple(_with_clashes(read, [*clashes(found, waiting.every), *out_of_order(found, waiting)]))

    return await asyncio.to_thread(read)


def _in_order(found: Project, waiting: Pending, dialect: str) -> Iterator[Judged]:
    """Each pending migration, judged with what those before it in its folder create."""
    fresh: dict[tuple[str, str], set[str]] = defaultdict(set)
    for migration in waiting.migrations:
        made = fresh[migration.tool, folder_of(migration)]
        yield judge(found, migration, waiting.every, dialect, made)
        if waiting.sure:
            made |= created(found, migration)


def _with_clashes(read: list[Judged], found: list[Clash]) -> list[Judged]:
    """Each clash is told of the last of its migrations that is pending."""
    for clash in found:
        places = [place for place, each in enumerate(read) if each.migration.path in clash.paths]
        if places:
            last = read[places[-1]]
            read[places[-1]] = replace(last, hazards=(*last.hazards, clash.hazard()))
    return read


async def _verdicts(facts: Facts, kind: Kind, fine: str) -> list[Verdict]:
    waiting, read = await judged(facts)
    name = (await project(facts)).root.name
    notes = _noted(read) if kind is Kind.LOCKING else []
    if all(hazard.kind is Kind.NOTED for each in read for hazard in each.hazards) and not waiting.migrations:
        return [passed(name, f"no migration is pending ({waiting.told_by})"), *_untold(read), *notes]
    maker = failed if kind is Kind.DESTRUCTIVE else warned
    verdicts = [
        maker(
            f"{each.migration.path}:{mine[0].line}",
            _summary(mine),
            evidence=[f"{each.migration.path}:{hazard.line} {hazard.what}" for hazard in mine]
            + [_why_pending(waiting, each)],
            fix="\n".join(dict.fromkeys(line for hazard in mine for line in hazard.safe.split("\n"))),
        )
        for each in read
        if (mine := [hazard for hazard in each.hazards if hazard.kind is kind])
    ]
    verdicts += _untold(read)
    verdicts = verdicts or [passed(name, fine, evidence=[each.migration.path for each in read])]
    return verdicts + notes


def _why_pending(waiting: Pending, each: Judged) -> str:
    if each.migration in waiting.edited:
        return f"changed since {waiting.compared[:12]}: it runs wherever it has not run yet"
    return f"pending: {waiting.told_by}"


def _summary(hazards: list[Hazard]) -> str:
    more = f" (and {len(hazards) - 1} more)" if len(hazards) > 1 else ""
    return f"a pending migration {hazards[0].what}{more}"


def _noted(read: Iterable[Judged]) -> list[Verdict]:
    """Steps that lock nothing by themselves, but are worth a word before they run."""
    return [
        noted(
            f"{each.migration.path}:{hazard.line}",
            f"a pending migration {hazard.what}",
            evidence=[f"{each.migration.path}:{hazard.line}"],
            fix=hazard.safe,
        )
        for each in read
        for hazard in each.hazards
        if hazard.kind is Kind.NOTED
    ]


def _untold(read: Iterable[Judged]) -> list[Verdict]:
    """What no parser understood is said, never passed over."""
    return [
        errored(
            f"{each.migration.path}:{each.unread[0]}",
            f"{len(each.unread)} statement(s) of this migration could not be read, so they were not judged",
            evidence=[f"line {line}" for line in each.unread],
            fix="Read these statements yourself; the rest of the file was judged.",
        )
        for each in read
        if each.unread
    ]


@check(
    "deploy.migration-destructive",
    title="A pending migration destroys data",
    when="a pending migration drops or renames a table or column, truncates, or deletes or updates without a condition",
    status="fail",
    triage="now",
    risk="downtime",
    item=("S4.4", "A2"),
    source="squawk and strong_migrations rules",
    cost="The moment it runs, the version that is still live breaks, and the data is gone without a backup.",
)
async def migration_destructive(facts: Facts, domain: str) -> list[Verdict]:
    return await _verdicts(facts, Kind.DESTRUCTIVE, "no pending migration destroys anything")


@check(
    "deploy.migration-locking",
    title="A pending migration locks a live table",
    when="a pending migration takes a long lock on a live table: a not-null column without default, an index built "
    "without CONCURRENTLY, a constraint validated at once, a column type changed",
    status="warn",
    triage="now",
    risk="downtime",
    item=("S4.4", "A2"),
    source="squawk and strong_migrations rules",
    cost="While it runs, sign-ups, orders and forms that need the table wait or fail.",
)
async def migration_locking(facts: Facts, domain: str) -> list[Verdict]:
    return await _verdicts(facts, Kind.LOCKING, "no pending migration holds a long lock")


@check(
    "deploy.migration-irreversible",
    title="A pending migration has no way back",
    when="a pending migration has no way down (empty or missing downgrade, down or reverse)",
    status="warn",
    triage="later",
    risk="downtime",
    item=("S4.4", "S4.5"),
    source="roadmap",
    cost="When the release goes wrong, the code can go back and the database cannot.",
)
async def migration_irreversible(facts: Facts, domain: str) -> list[Verdict]:
    verdicts = await _verdicts(facts, Kind.IRREVERSIBLE, "every pending migration has a way down")
    _, read = await judged(facts)
    one_way = sorted({each.one_way for each in read if each.one_way})
    if read and all(each.one_way for each in read):
        verdicts = [verdict for verdict in verdicts if verdict.status is not Status.PASS]
    if one_way:
        verdicts.append(
            noted(
                ", ".join(one_way),
                f"{' and '.join(one_way)} knows no way down: going back means a new migration forward",
                evidence=[each.migration.path for each in read if each.one_way],
                fix="Write down in ROLLBACK.md, for each of these, the statement that undoes it.",
            )
        )
    return verdicts
