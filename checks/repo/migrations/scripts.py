"""Migrations written as programs of other languages: Rails, Knex, Sequelize, TypeORM, Laravel. Read by their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.repo.migrations.hazard import Hazard, Kind
from checks.repo.migrations.sql import read_sql

_Rule = tuple[Kind, str, re.Pattern[str], str]


def _rules(*rows: tuple[Kind, str, str, str]) -> tuple[_Rule, ...]:
    return tuple((kind, rule, re.compile(pattern), what) for kind, rule, pattern, what in rows)


@dataclass(frozen=True, slots=True)
class _Framework:
    """`up` and `down` find the heads of the two ways; `creates` finds a table that is new in this migration."""

    up: re.Pattern[str]
    down: re.Pattern[str]
    creates: re.Pattern[str]
    sql: re.Pattern[str]
    rules: tuple[_Rule, ...]
    postgres: tuple[_Rule, ...]
    comment: re.Pattern[str]


_S = r"""['"`:]([\w.]+)"""
_RAILS = _Framework(
    up=re.compile(r"^\s*def\s+(?:self\.)?(?:up|change)\b"),
    down=re.compile(r"^\s*def\s+(?:self\.)?(?:down|change)\b"),
    creates=re.compile(rf"\bcreate_table\s*\(?\s*{_S}"),
    sql=re.compile(r"\bexecute\s*\(?\s*(?:<<[~-]?['\"]?(\w+)['\"]?.*?\n(.*?)\n\s*\1\b|(['\"])(.*?)\3)", re.S),
    rules=_rules(
        (Kind.DESTRUCTIVE, "drop-table", rf"\bdrop_(?:table|join_table)\s*\(?\s*{_S}", "drops the table {0}"),
        (Kind.DESTRUCTIVE, "drop-column", rf"\bremove_columns?\s*\(?\s*{_S}", "removes a column of {0}"),
        (Kind.DESTRUCTIVE, "drop-column", rf"\bremove_(?:reference|belongs_to|timestamps)\s*\(?\s*{_S}",
         "removes columns of {0}"),
        (Kind.DESTRUCTIVE, "rename", rf"\brename_(?:table|column)\s*\(?\s*{_S}", "renames {0} or a column of it"),
        (Kind.DESTRUCTIVE, "truncate", rf"\btruncate(?:_tables)?\s*\(?\s*{_S}", "empties {0}"),
        (Kind.DESTRUCTIVE, "delete-all", r"\b([A-Z]\w*)\.(?:delete_all|destroy_all)\b", "deletes all rows of {0}"),
        (Kind.DESTRUCTIVE, "update-all", r"\b([A-Z]\w*)\.update_all\b", "updates all rows of {0}"),
        (Kind.LOCKING, "type", rf"\bchange_column\s*\(?\s*{_S}", "changes the type of a column of {0}"),
        (Kind.LOCKING, "set-not-null", rf"\bchange_column_null\s*\(?\s*{_S}\s*,\s*\S+?\s*,\s*false",
         "makes a column of {0} not null"),
        (Kind.LOCKING, "not-null-column", rf"\badd_column\s*\(?\s*{_S}(?=.*\bnull:\s*false)(?!.*\bdefault:)",
         "adds a not-null column to {0} without default"),
    ),
    postgres=_rules(
        (Kind.LOCKING, "index", rf"\badd_index\s*\(?\s*{_S}(?!.*\balgorithm:\s*:concurrently)",
         "indexes {0} without CONCURRENTLY"),
        (Kind.LOCKING, "constraint", rf"\badd_(?:foreign_key|check_constraint)\s*\(?\s*{_S}(?!.*\bvalidate:\s*false)",
         "adds a constraint to {0}, validated at once"),
        (Kind.LOCKING,
         "index", rf"\badd_(?:reference|belongs_to)\s*\(?\s*{_S}(?!.*\bindex:\s*(?:false|\{{.*concurrently))",
         "adds a reference to {0} with an index built at once"),
    ),
    comment=re.compile(r"^\s*#"),
)  # fmt: skip

_JAVASCRIPT = _Framework(
    up=re.compile(r"\bup\s*[:=(]|\bfunction\s+up\b|\bexports\.up\b"),
    down=re.compile(r"\bdown\s*[:=(]|\bfunction\s+down\b|\bexports\.down\b"),
    creates=re.compile(rf"\bcreateTable(?:IfNotExists)?\s*\(\s*(?:new\s+Table\(\s*\{{\s*name:\s*)?{_S}"),
    sql=re.compile(r"\.(?:raw|query)\s*\(\s*()()([\"'`])(.*?)\3", re.S),
    rules=_rules(
        (Kind.DESTRUCTIVE, "drop-table", rf"\bdropTable(?:IfExists)?\s*\(\s*{_S}", "drops the table {0}"),
        (Kind.DESTRUCTIVE, "drop-column", rf"\b(?:dropColumns?|removeColumn)\s*\(\s*{_S}", "drops the column {0}"),
        (Kind.DESTRUCTIVE, "rename", rf"\brename(?:Table|Column)\s*\(\s*{_S}", "renames {0}"),
        (Kind.DESTRUCTIVE, "truncate", r"\.(truncate)\s*\(", "empties a table"),
        (Kind.LOCKING, "type", r"\.(alter)\s*\(\s*\)", "redefines a column"),
        (Kind.LOCKING, "type", rf"\bchangeColumn\s*\(\s*{_S}", "redefines a column of {0}"),
        (Kind.LOCKING, "not-null-column",
         rf"\baddColumn\s*\(\s*{_S}(?=[^;]*?(?:allowNull:\s*false|isNullable:\s*false))"
         r"(?![^;]*?default)",
         "adds a not-null column to {0} without default"),
        (Kind.LOCKING, "not-null-column", rf"\btable\.\w+\s*\(\s*{_S}[^;\n]*\.notNullable\(\)(?![^;\n]*\.defaultTo\()",
         "adds the not-null column {0} without default"),
    ),
    postgres=_rules(
        (Kind.LOCKING, "index", rf"\b(?:addIndex|createIndex)\s*\(\s*{_S}(?![^;]*?concurrently)",
         "indexes {0} without CONCURRENTLY"),
        (Kind.LOCKING, "index", r"\btable\.(index|unique)\s*\(", "builds an index at once"),
        (Kind.LOCKING, "constraint", rf"\b(?:addConstraint|createForeignKey)\s*\(\s*{_S}",
         "adds a constraint to {0}, validated at once"),
        (Kind.LOCKING, "constraint", r"\btable\.(foreign)\s*\(|\.(references)\s*\(",
         "adds a foreign key, validated at once"),
    ),
    comment=re.compile(r"^\s*(?://|\*|/\*)"),
)  # fmt: skip

_LARAVEL = _Framework(
    up=re.compile(r"\bfunction\s+up\b"),
    down=re.compile(r"\bfunction\s+down\b"),
    creates=re.compile(rf"\bSchema::create\s*\(\s*{_S}"),
    sql=re.compile(r"\bDB::(?:statement|unprepared)\s*\(\s*()()([\"'])(.*?)\3", re.S),
    rules=_rules(
        (Kind.DESTRUCTIVE, "drop-table", rf"\bSchema::drop(?:IfExists)?\s*\(\s*{_S}", "drops the table {0}"),
        (Kind.DESTRUCTIVE, "drop-column",
         rf"->drop(?:Column|ConstrainedForeignId|Timestamps|SoftDeletes)\s*\(\s*\[?\s*(?:{_S})?",
         "drops a column"),
        (Kind.DESTRUCTIVE, "rename", rf"(?:->renameColumn|\bSchema::rename)\s*\(\s*{_S}", "renames {0}"),
        (Kind.DESTRUCTIVE, "truncate", r"->(truncate)\s*\(", "empties a table"),
        (Kind.LOCKING, "type", r"->(change)\s*\(\s*\)", "redefines a column"),
    ),
    postgres=_rules(
        (Kind.LOCKING, "index", r"->(index|unique)\s*\(", "builds an index at once"),
        (Kind.LOCKING, "constraint", r"->(foreign|constrained)\s*\(", "adds a foreign key, validated at once"),
    ),
    comment=re.compile(r"^\s*(?://|\*|/\*|#)"),
)  # fmt: skip


def read_rails(text: str, dialect: str) -> list[Hazard]:
    """Judge a Rails migration."""
    hazards = _read(text, dialect, _RAILS)
    change = re.search(r"^\s*def\s+change\b", text, re.M)
    up_only = re.search(r"^\s*def\s+(?:self\.)?up\b", text, re.M) and not re.search(
        r"^\s*def\s+(?:self\.)?down\b", text, re.M
    )
    blind = change and re.search(
        r"\bexecute\b|\bchange_column\b|\bremove_column\s*\(?\s*:?['\"]?\w+['\"]?\s*,\s*:?['\"]?\w+['\"]?\s*\)?\s*$",
        text,
        re.M,
    )
    if up_only or "IrreversibleMigration" in text or (blind and "reversible" not in text):
        hazards.append(Hazard(Kind.IRREVERSIBLE, "no-way-down", 1, "cannot be taken back by Rails"))
    return hazards


def read_javascript(text: str, dialect: str) -> list[Hazard]:
    """Judge a Knex, Sequelize or TypeORM migration."""
    hazards = _read(text, dialect, _JAVASCRIPT)
    return hazards + _no_way_down(text, _JAVASCRIPT)


def read_laravel(text: str, dialect: str) -> list[Hazard]:
    """Judge a Laravel migration."""
    hazards = _read(text, dialect, _LARAVEL)
    # Laravel's columns are required unless nullable() or default() says otherwise.
    new = set(_LARAVEL.creates.findall(text))
    for number, line in _way(text, _LARAVEL.up, _LARAVEL.down):
        added = re.search(
            r"\$table->(?!drop|rename|index|unique|foreign|primary|timestamps|softDeletes)\w+\(\s*['\"](\w+)", line
        )
        if added and not new and not re.search(r"->(?:nullable|default|useCurrent|change)\(", line):
            hazards.append(
                Hazard(Kind.LOCKING, "not-null-column", number, f"adds the not-null column {added[1]} without default")
            )
    return hazards + _no_way_down(text, _LARAVEL)


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


def _read(text: str, dialect: str, framework: _Framework) -> list[Hazard]:
    hazards: list[Hazard] = []
    lines = [(n, line) for n, line in _way(text, framework.up, framework.down) if not framework.comment.match(line)]
    new = {name for _, line in lines for name in framework.creates.findall(line)}
    rules = framework.rules + (framework.postgres if dialect == "postgres" else ())
    within_new = _inside_new_table(lines, framework.creates)
    for number, line in lines:
        for kind, rule, pattern, what in rules:
            match = pattern.search(line)
            if match is None or number in within_new:
                continue
            name = next((group for group in match.groups() if group), "a table")
            if name not in new:
                hazards.append(Hazard(kind, rule, number, what.format(name)))
    wanted = {number for number, _ in lines}
    for match in framework.sql.finditer(text):
        start = text.count("\n", 0, match.start()) + 1
        if start in wanted:
            sql = match[2] or match[4] or ""
            hazards += [Hazard(h.kind, h.rule, start, h.what) for h in read_sql(sql, dialect).hazards]
    return hazards


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


def _no_way_down(text: str, framework: _Framework) -> list[Hazard]:
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
