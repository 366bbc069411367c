"""Migrations written as programs of other languages: Rails, Knex, Sequelize, TypeORM, Laravel. Read by their words."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from checks.repo.migrations.frameworks import Framework, doctrine, javascript, laravel, rails
from checks.repo.migrations.hazard import Hazard, Kind
from checks.repo.migrations.sql import read_sql, works_concurrently


def read_rails(text: str, dialect: str, fresh: Iterable[str] = ()) -> list[Hazard]:
    """Judge a Rails migration. `fresh` are tables that are not live yet, here and below."""
    hazards = _read(text, dialect, rails(), fresh)
    if "disable_ddl_transaction!" not in text and (at := re.search(r"\balgorithm:\s*:concurrently", text)):
        what = "works on an index concurrently without disable_ddl_transaction!, which PostgreSQL refuses"
        hazards.append(Hazard(Kind.NOTED, "in-transaction", text.count("\n", 0, at.start()) + 1, what))
    if _is_one_way(text):
        hazards.append(Hazard(Kind.IRREVERSIBLE, "no-way-down", 1, "cannot be taken back by Rails"))
    return hazards


_DOWN_BODY = re.compile(r"^([ \t]*)def\s+(?:self\.)?down\b(?:[ \t]*;[ \t]*end\b|(.*?)^\1end\b)", re.M | re.S)
_BLIND = re.compile(
    r"\bexecute\b|\bchange_column\b|\bt\.change\b|\bt\.remove\b(?!.*\btype:)|"
    r"^\s*remove_index\s*\(?\s*:?\w+\s*,\s*name:(?!.*\bcolumn:)|"
    r"\bremove_column\s*\(?\s*:?['\"]?\w+['\"]?\s*,\s*:?['\"]?\w+['\"]?\s*\)?\s*(?:\}\s*)?$|"
    r"^\s*remove_columns(?!.*\btype:)",
    re.M,
)
"""Steps of which `change` does not know the reverse."""
_DROPS_BLINDLY = re.compile(r"^\s*drop_table(?!.*\bdo\b)(?!.*\{)", re.M)


def _is_one_way(text: str) -> bool:
    """Whether Rails has no way back: no or an empty `down`, or a step of `change` whose reverse it does not know."""
    if "IrreversibleMigration" in text:
        return True
    if re.search(r"^\s*def\s+(?:self\.)?up\b", text, re.M):
        down = _DOWN_BODY.search(text)
        work = (
            re.sub(r"^\s*(?:#.*|raise\b.*|say\b.*|nil|true)$", "", down[2] or "", flags=re.M)
            if down is not None
            else ""
        )
        return not work.strip()
    if not re.search(r"^\s*def\s+change\b", text, re.M):
        return False
    if re.search(r"\breversible\b", text):
        return re.search(r"\.down\b", text) is None
    return (_BLIND.search(text) or _DROPS_BLINDLY.search(text)) is not None


def read_javascript(text: str, dialect: str, fresh: Iterable[str] = ()) -> list[Hazard]:
    """Judge a Knex, Sequelize or TypeORM migration."""
    hazards = _read(text, dialect, javascript(), fresh)
    return hazards + _no_way_down(text, javascript())


def read_laravel(text: str, dialect: str, fresh: Iterable[str] = ()) -> list[Hazard]:
    """Judge a Laravel migration."""
    hazards = _read(text, dialect, laravel(), fresh)
    # Laravel's columns are required unless nullable() or default() says otherwise.
    lines = [(n, line) for n, line in _way(text, laravel().up, laravel().down) if not laravel().comment.match(line)]
    within_new = _inside_new_table(lines, laravel().creates)
    of_fresh = _inside_new_table(lines, _table_of(fresh))
    for call in _whole_calls(lines):
        for added in _COLUMN.finditer(call.text):
            number = call.line(added.start())
            rest = call.text[added.end() :].partition(";")[0]
            if number not in within_new and number not in of_fresh and not _FILLED.search(rest):
                what = f"adds the not-null column {added[1]} without default"
                hazards.append(Hazard(Kind.LOCKING, "not-null-column", number, what))
    return hazards + _no_way_down(text, laravel())


def _table_of(names: Iterable[str]) -> re.Pattern[str]:
    """The head of a block that works on one of these tables."""
    listed = "|".join(re.escape(name) for name in names)
    return re.compile(
        rf"""(?:\bSchema::table|\b(?:alter|change_)?[tT]able)\s*\(?\s*['"`:](?:{listed})\b""" if listed else r"(?!)"
    )


_COLUMN = re.compile(
    r"\$table->(?!drop|rename|index|unique|foreign\(|primary|timestamps|softDeletes|nullable|comment|engine|charset|"
    r"collation|fullText|spatialIndex|rawIndex|remember)\w+\(\s*['\"](\w+)"
)
_FILLED = re.compile(r"->(?:nullable|default|useCurrent|change|virtualAs|storedAs|generatedAs|autoIncrement)\(")


def read_doctrine(text: str, dialect: str, fresh: Iterable[str] = ()) -> list[Hazard]:
    """Judge a migration of Doctrine."""
    return _read(text, dialect, doctrine(), fresh) + _no_way_down(text, doctrine())


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


def _read(text: str, dialect: str, framework: Framework, fresh: Iterable[str]) -> list[Hazard]:
    hazards: list[Hazard] = []
    lines = [(n, line) for n, line in _way(text, framework.up, framework.down) if not framework.comment.match(line)]
    lines = _without_down(lines)
    new = {name for _, line in lines for name in framework.creates.findall(line)} | set(fresh)
    rules = framework.rules + (framework.postgres if dialect == "postgres" else ())
    within_new = _inside_new_table(lines, framework.creates) | _inside_new_table(lines, _table_of(fresh))
    for call in _whole_calls(lines):
        for kind, rule, pattern, what in rules:
            for match in pattern.finditer(call.text):
                number = call.line(match.start())
                if number in within_new and rule != "drop-table":
                    continue
                names = [group for group in match.groups() if group] or ["a table"]
                told = Hazard(kind, rule, number, what.format(*names))
                if told not in hazards and (names[0] not in new or "force:" in match[0]):
                    hazards.append(told)
    wanted = {number for number, _ in lines}
    read: set[int] = set()
    for match in framework.sql.finditer(text):
        start = text.count("\n", 0, match.start()) + 1
        read.add(start)
        if start in wanted:
            body = 2 if match[2] else 4
            first = text.count("\n", 0, match.start(body))
            sql = (match[body] or "") + _added(text, match.end())
            reading = read_sql(re.sub(r"[#$]\{[^}\n]*\}", "given", sql), dialect, new)
            if framework.apart is not None and works_concurrently(sql) and not framework.apart.search(text):
                hazards.append(Hazard(Kind.NOTED, "in-transaction", start, _REFUSED))
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


@dataclass(slots=True)
class _Call:
    """A line with those that it goes on in. `starts` says where in the text each line begins, and its number."""

    text: str
    starts: list[tuple[int, int]]

    def line(self, place: int) -> int:
        return self.starts[bisect_right(self.starts, (place, 1 << 30)) - 1][1]


def _whole_calls(lines: list[tuple[int, str]]) -> Iterator[_Call]:
    """Lines, each with those that it goes on in: after a comma or an opened bracket, and where a chain goes on."""
    held: _Call | None = None
    goes_on = False
    for number, line in lines:
        joined = held is not None and (goes_on or _CHAINED.match(line)) and len(held.text) < 4000
        goes_on = _GOES_ON.search(line) is not None
        if held is not None and joined:
            held.starts.append((len(held.text), number))
            held.text += f" {line.strip()}"
            continue
        if held is not None:
            yield held
        held = _Call(line, [(0, number)])
    if held is not None:
        yield held


_GOES_ON = re.compile(r"(?:,|[(\[]|[,(]\s*\{)\s*$")
_CHAINED = re.compile(r"\s*(?:\.|->|&\.|\?\.)\s*\w")


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


_REFUSED = "works on an index CONCURRENTLY in the transaction of its tool, which PostgreSQL refuses"
_ADDED = re.compile(r"\s*[+.]\s*(?:([\"'`])(.*?)(?<!\\)\1|([A-Za-z_$][\w.$>()-]*))", re.S)


def _added(text: str, place: int) -> str:
    """What is added to a string with + (PHP: a dot); a value that is no string stands as a name."""
    more = ""
    while (part := _ADDED.match(text, place)) is not None:
        more += part[2] if part[1] else "given"
        place = part.end()
    return more


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
    one_liner = down and re.search(r"=>\s*[^{\s]|\{\s*(?!throw\b|return;?\s*\})\S+.*\}", down[0])
    if work or one_liner:
        return []
    return [Hazard(Kind.IRREVERSIBLE, "no-way-down", 1, "has a down that is missing or does nothing")]
