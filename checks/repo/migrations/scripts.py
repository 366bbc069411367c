"""Migrations written as programs of other languages: Rails, Knex, Sequelize, TypeORM, Laravel. Read by their words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.repo.migrations.frameworks import Framework, javascript, laravel, rails
from checks.repo.migrations.hazard import Hazard, Kind
from checks.repo.migrations.sql import read_sql


def read_rails(text: str, dialect: str) -> list[Hazard]:
    """Judge a Rails migration."""
    hazards = _read(text, dialect, rails())
    change = re.search(r"^\s*def\s+change\b", text, re.M)
    up_only = re.search(r"^\s*def\s+(?:self\.)?up\b", text, re.M) and not re.search(
        r"^\s*def\s+(?:self\.)?down\b", text, re.M
    )
    blind = change and re.search(
        r"\bexecute\b|\bchange_column\b|\bremove_column\s*\(?\s*:?['\"]?\w+['\"]?\s*,\s*:?['\"]?\w+['\"]?\s*\)?\s*$",
        text,
        re.M,
    )
    if change and re.search(r"^\s*(?:drop_table(?!.*\bdo\b)(?!.*\{)|remove_columns(?!.*\btype:))", text, re.M):
        blind = change
    if "disable_ddl_transaction!" not in text and (at := re.search(r"\balgorithm:\s*:concurrently", text)):
        what = "works on an index concurrently without disable_ddl_transaction!, which PostgreSQL refuses"
        hazards.append(Hazard(Kind.NOTED, "in-transaction", text.count("\n", 0, at.start()) + 1, what))
    if up_only or "IrreversibleMigration" in text or (blind and "reversible" not in text):
        hazards.append(Hazard(Kind.IRREVERSIBLE, "no-way-down", 1, "cannot be taken back by Rails"))
    return hazards


def read_javascript(text: str, dialect: str) -> list[Hazard]:
    """Judge a Knex, Sequelize or TypeORM migration."""
    hazards = _read(text, dialect, javascript())
    return hazards + _no_way_down(text, javascript())


def read_laravel(text: str, dialect: str) -> list[Hazard]:
    """Judge a Laravel migration."""
    hazards = _read(text, dialect, laravel())
    # Laravel's columns are required unless nullable() or default() says otherwise.
    new = set(laravel().creates.findall(text))
    for number, line in _way(text, laravel().up, laravel().down):
        added = re.search(
            r"\$table->(?!drop|rename|index|unique|foreign|primary|timestamps|softDeletes)\w+\(\s*['\"](\w+)", line
        )
        if added and not new and not re.search(r"->(?:nullable|default|useCurrent|change)\(", line):
            hazards.append(
                Hazard(Kind.LOCKING, "not-null-column", number, f"adds the not-null column {added[1]} without default")
            )
    return hazards + _no_way_down(text, laravel())


def _way(text: str, head: re.Pattern[str], other: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """The numbered lines between the head of one way and the head of the other (or the end)."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if head.search(line):
            inside = True
        elif other.search(line):
            inside = False
        if inside:
            yield number, line


def _read(text: str, dialect: str, framework: Framework) -> list[Hazard]:
    hazards: list[Hazard] = []
    lines = [(n, line) for n, line in _way(text, framework.up, framework.down) if not framework.comment.match(line)]
    lines = _without_down(lines)
    new = {name for _, line in lines for name in framework.creates.findall(line)}
    rules = framework.rules + (framework.postgres if dialect == "postgres" else ())
    within_new = _inside_new_table(lines, framework.creates)
    for number, line in _whole_calls(lines):
        for kind, rule, pattern, what in rules:
            match = pattern.search(line)
            if match is None or (number in within_new and rule != "drop-table"):
                continue
            name = next((group for group in match.groups() if group), "a table")
            if name not in new or "force:" in match[0]:
                hazards.append(Hazard(kind, rule, number, what.format(name)))
    wanted = {number for number, _ in lines}
    read: set[int] = set()
    for match in framework.sql.finditer(text):
        start = text.count("\n", 0, match.start()) + 1
        read.add(start)
        if start in wanted:
            body = 2 if match[2] else 4
            first = text.count("\n", 0, match.start(body))
            reading = read_sql(re.sub(r"[#$]\{[^}\n]*\}", "given", match[body] or ""), dialect)
            hazards += [Hazard(h.kind, h.rule, first + h.line, h.what, h.rewrite) for h in reading.hazards]
            hazards += [
                Hazard(Kind.UNREAD, "unread", first + n, "runs SQL that cannot be read") for n in reading.unread
            ]
    hazards += [
        Hazard(Kind.UNREAD, "unread", number, "runs SQL that is made at run time")
        for number, line in lines
        if number not in read and framework.runs.search(line)
    ]
    return hazards


def _whole_calls(lines: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Lines, each with those that it goes on in: after a comma, or an opened bracket of arguments."""
    held: tuple[int, str] | None = None
    for number, line in lines:
        held = (held[0], f"{held[1]} {line.strip()}") if held else (number, line)
        if not re.search(r"(?:,|[(\[]|[,(]\s*\{)\s*$", line) or len(held[1]) > 4000:
            yield held
            held = None
    if held:
        yield held


def _without_down(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Lines without the blocks that Rails' `reversible` runs on the way down."""
    kept: list[tuple[int, str]] = []
    depth: int | None = None
    for number, line in lines:
        indent = len(line) - len(line.lstrip())
        if depth is not None:
            if indent <= depth and line.strip():
                depth = None
            continue
        if re.match(r"\s*\w+\.down\b", line):
            depth = indent if re.search(r"(?:\bdo|\{)\s*(?:\|\w*\|)?\s*$", line) else None
            continue
        kept.append((number, line))
    return kept


def _inside_new_table(lines: list[tuple[int, str]], creates: re.Pattern[str]) -> set[int]:
    """Numbers of the lines within the block that creates a table, told by their indentation."""
    inside: set[int] = set()
    depth: int | None = None
    for number, line in lines:
        indent = len(line) - len(line.lstrip())
        if depth is not None and line.strip() and indent <= depth:
            depth = None
        if depth is not None:
            inside.add(number)
        elif creates.search(line):
            depth = indent
            inside.add(number)
    return inside


def _no_way_down(text: str, framework: Framework) -> list[Hazard]:
    down = [line for _, line in _way(text, framework.down, framework.up)]
    work = [
        line
        for line in down[1:]
        if line.strip(" \t{}();,")
        and not framework.comment.match(line)
        and not re.match(r"\s*(?:return;?\s*$|throw\b)", line)
    ]
    one_liner = down and re.search(r"=>\s*[^{\s]|\{\s*\S+.*\}", down[0])
    if work or one_liner:
        return []
    return [Hazard(Kind.IRREVERSIBLE, "no-way-down", 1, "has a down that is missing or does nothing")]
