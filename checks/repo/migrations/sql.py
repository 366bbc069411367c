"""SQL migrations judged statement by statement: sqlglot reads every dialect, squawk looks at PostgreSQL again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from checks.repo.migrations.hazard import Hazard, Kind
from checks.repo.migrations.rewrite import concurrently
from checks.repo.migrations.sql_text import bare_name, is_harmless, judge_text, rewritten
from checks.repo.migrations.sql_tree import Unreadable, judge_tree
from checks.repo.migrations.squawk import squawk
from checks.repo.migrations.statements import (
    INCLUDES,
    ROUTINE,
    altered_within,
    as_the_server_gets_it,
    placeholders,
    statements,
)


@dataclass(slots=True)
class SqlReading:
    """What was found in a text. `unread` are lines of statements that no parser understood."""

    hazards: list[Hazard] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)


_CREATED = re.compile(
    r"\bcreate\s+(?:or\s+replace\s+)?(?:unlogged\s+|(?:global\s+|local\s+)?temp(?:orary)?\s+)?"
    r"(?:table|materialized\s+view)\s+"
    r"(?:if\s+not\s+exists\s+)?([^\s(;]+)",
    re.I,
)
_RENAMED_TO = re.compile(r"\balter\s+table\s+(?:if\s+exists\s+)?([^\s;]+)\s+rename\s+to\s+([^\s;]+)", re.I)
_INDEXED = re.compile(
    r"\bcreate\s+(?:unique\s+)?index\s+(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?([^\s(;]+)\s+on\s+(?:only\s+)?([^\s(;]+)",
    re.I,
)
_ALTERED = re.compile(r"\s*alter\s+table\s+(?:if\s+exists\s+|only\s+)*([^\s;]+)", re.I)
_BEGINS = re.compile(r"\s*(?:begin|start\s+transaction)\b", re.I)
_ENDS = re.compile(r"\s*(?:commit|end|rollback)\b", re.I)
_CONCURRENT = re.compile(r"\s*(?:create\s+(?:unique\s+)?|drop\s+|re)index\b[^;]*?\bconcurrently\b", re.I)
_DROPS_INDEX = re.compile(
    r"\s*drop\s+index\s+(?!concurrently\b)(?:if\s+exists\s+)?((?:[^\s,;]+\s*,\s*)*[^\s,;]+)", re.I
)
_DROPS_TABLES = re.compile(r"\s*drop\s+table\s+(?:if\s+exists\s+)?([^;]+?)(?:\s+(?:cascade|restrict))?\s*\Z", re.I)
_VALIDATES = re.compile(r"\s*alter\s+table\s+(?:if\s+exists\s+|only\s+)*([^\s;]+)\s+validate\s+constraint\b", re.I)
_PUT_BACK = re.compile(r"\s*insert\s+into\s+([^\s(]+)[^;]*?\bselect\b[^;]*?\bfrom\s+([^\s;]+)", re.I)
_SETS_NOT_NULL = re.compile(r"\bset\s+not\s+null\b", re.I)
_IS_BLOCK = re.compile(r"\s*do\b", re.I)
_ONLINE = re.compile(r"\balgorithm\s*=?\s*instant\b|\block\s*=?\s*none\b", re.I)
"""MySQL refuses the statement rather than lock the table."""


def read_sql(text: str, dialect: str, fresh: Iterable[str] = ()) -> SqlReading:
    """Judge SQL of one migration. Blocking (a process for PostgreSQL).

    What happens to a table after the same text created it is no hazard: it holds no rows yet. `fresh` are tables that
    were created before it, and are not live either.
    """
    given = placeholders(text)
    text = as_the_server_gets_it(text, dialect)
    reading = SqlReading(unread=[text.count("\n", 0, match.start()) + 1 for match in INCLUDES.finditer(text)])
    every = list(statements(text, dialect))
    made = {bare_name(name) for _, sql in every for name in _CREATED.findall(sql)}
    rebuilt = _rebuilt(every, made) if dialect == "sqlite" else set()
    new = {bare_name(name) for name in fresh}
    indexes: set[str] = set()
    settled: set[int] = set()
    validated: set[str] = set()
    in_transaction = False
    for line, sql in every:
        if ROUTINE.match(sql):
            continue
        reading.hazards += _judge(sql, line, dialect, new, rebuilt, reading.unread)
        if dialect == "postgres":
            reading.hazards += _of_indexes(sql, line, indexes, in_transaction)
            in_transaction = bool(_BEGINS.match(sql)) or (in_transaction and not _ENDS.match(sql))
        if (proved := _VALIDATES.match(sql)) is not None:
            validated.add(bare_name(proved[1]))
        new |= {bare_name(name) for name in _CREATED.findall(sql)}
        indexes |= {bare_name(name) for name, table in _INDEXED.findall(sql) if bare_name(table) in new}
        if (altered := _ALTERED.match(sql)) and bare_name(altered[1]) in validated and _SETS_NOT_NULL.search(sql):
            # The proof that no row lacks a value is there already: PostgreSQL looks at none again.
            reading.hazards = [h for h in reading.hazards if (h.line, h.rule) != (line, "set-not-null")]
            settled |= set(range(line, line + sql.count("\n") + 1))
        if _works_on(sql) <= new:
            settled |= set(range(line, line + sql.count("\n") + 1))
            new |= {bare_name(to) for _, to in _RENAMED_TO.findall(sql)}
    if dialect == "postgres" and every:
        whole = {number: line for line, sql in every for number in range(line, line + sql.count("\n") + 1)}
        seen = {(whole.get(hazard.line, hazard.line), hazard.kind) for hazard in reading.hazards}
        # Of a statement over many lines, squawk names the line of its part.
        reading.hazards += [
            h for h in squawk(text) if (whole.get(h.line, h.line), h.kind) not in seen and h.line not in settled
        ]
    for name, written in given.items():
        reading.hazards = [
            replace(h, what=h.what.replace(name, written), rewrite=h.rewrite.replace(name, written))
            for h in reading.hazards
        ]
    reading.hazards.sort(key=lambda hazard: hazard.line)
    reading.unread.sort()
    return reading


def _rebuilt(every: list[tuple[int, str]], made: set[str]) -> set[str]:
    """Tables of SQLite that are built anew: a second one takes the name, or keeps the rows until they are put back."""
    rebuilt = {bare_name(to) for _, sql in every for name, to in _RENAMED_TO.findall(sql) if bare_name(name) in made}
    put_back = {
        bare_name(match[1]): bare_name(match[2]) for _, sql in every if (match := _PUT_BACK.match(sql)) is not None
    }
    return rebuilt | {name for name, source in put_back.items() if name in made and source in made}


def created_in(text: str) -> set[str]:
    """The tables that a text of SQL creates."""
    plain = re.sub(r"--[^\n]*|/\*.*?\*/", " ", text, flags=re.S)
    return {bare_name(name) for name in _CREATED.findall(plain)}


def works_concurrently(text: str) -> bool:
    """Whether a text builds or drops an index CONCURRENTLY, for which PostgreSQL wants no transaction."""
    return any(concurrent for _, concurrent in told_apart(text))


def told_apart(text: str) -> list[tuple[int, bool]]:
    """The statements of a text for PostgreSQL up to its first COMMIT: line, and whether each wants no transaction."""
    rows: list[tuple[int, bool]] = []
    for line, sql in statements(as_the_server_gets_it(text, "postgres"), "postgres"):
        if _ENDS.match(sql):
            break
        rows.append((line, _CONCURRENT.match(sql) is not None))
    return rows


def _works_on(sql: str) -> set[str]:
    """The tables that a statement changes, indexes or drops; one that cannot be in any text where it does neither."""
    if (altered := _ALTERED.match(sql)) is not None:
        return {bare_name(altered[1])}
    if (indexed := _INDEXED.match(sql)) is not None:
        return {bare_name(indexed[2])}
    dropped = _DROPS_TABLES.match(sql)
    return {bare_name(name.strip()) for name in dropped[1].split(",")} if dropped is not None else {""}


def _judge(sql: str, line: int, dialect: str, new: set[str], rebuilt: set[str], unread: list[int]) -> list[Hazard]:
    by_rewriting = list(rewritten(sql, line, dialect, new))
    try:
        found = list(judge_tree(sql, line, dialect, new, rebuilt))
    except Unreadable:
        block = dialect == "postgres" and _IS_BLOCK.match(sql) is not None
        made = new | {bare_name(name) for name in _CREATED.findall(sql)} if block else new
        found = list(judge_text(sql, line, dialect, made, rebuilt))
        if block:
            found += _within(sql, line, made, {(hazard.line, hazard.rule) for hazard in found})
        if not found and not by_rewriting and not is_harmless(sql):
            unread.append(line)
    found = found or by_rewriting
    if dialect == "mysql" and _ONLINE.search(sql):
        found = [hazard for hazard in found if hazard.kind is not Kind.LOCKING]
    if dialect == "postgres":
        found = [replace(h, rewrite=concurrently(sql)) if h.rule == "index" and not h.rewrite else h for h in found]
    return found


def _within(block: str, line: int, new: set[str], seen: set[tuple[int, str]]) -> list[Hazard]:
    """What the words of a block of code do not tell of its ALTER TABLE statements."""
    found: list[Hazard] = []
    for before, sql in altered_within(block):
        try:
            found += judge_tree(sql, line + before, "postgres", new, set())
        except Unreadable:
            continue
    return [hazard for hazard in found if (hazard.line, hazard.rule) not in seen]


def _of_indexes(sql: str, line: int, indexes: set[str], in_transaction: bool) -> list[Hazard]:
    """What PostgreSQL makes of an index that is dropped at once, or built concurrently where that cannot be."""
    if in_transaction and _CONCURRENT.match(sql):
        what = "works on an index CONCURRENTLY within a transaction, which PostgreSQL refuses"
        return [Hazard(Kind.NOTED, "in-transaction", line, what)]
    if (dropped := _DROPS_INDEX.match(sql)) is None:
        return []
    names = [name.strip() for name in dropped[1].split(",") if bare_name(name.strip()) not in indexes]
    if not names:
        return []
    safe = "\n".join(f"DROP INDEX CONCURRENTLY IF EXISTS {name};" for name in names)
    what = f"drops the index {', '.join(names)} without CONCURRENTLY, keeping everybody out of its table"
    return [Hazard(Kind.LOCKING, "drop-index", line, what, f"{safe}\n-- outside a transaction, alone in its migration")]
