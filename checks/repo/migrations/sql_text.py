"""SQL judged by its words: blocks of code and what a parser keeps as text only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from checks.repo.migrations.hazard import Hazard, Kind

DIALECTS = ("postgres", "mysql", "sqlite")


@cache
def _harmless() -> re.Pattern[str]:
    return re.compile(
        r"\s*(?:set|begin|start|commit|end|comment|grant|revoke|insert|replace|select|with|create|analyze|vacuum|"
        r"pragma|use|lock|"
        r"reset|notify|refresh|call|explain|show|desc(?:ribe)?|checkpoint|(?:un)?listen|security\s+label|import\s+foreign|"
        r"deallocate|discard|abort|values|flush|load|attach|detach|prepare|signal|"
        r"alter\s+(?:type|domain|sequence|index|(?:materialized\s+)?view|function|procedure|aggregate|"
        r"role|user|group|policy|"
        r"default|extension|database|schema|publication|subscription|server|(?:event\s+)?trigger|event|"
        r"system|statistics|"
        r"operator|collation|tablespace)|"
        r"alter\s+table\s+(?:if\s+exists\s+|only\s+)*\S+\s+(?:enable|disable|(?:no\s+)?force|set\s*\(|"
        r"reset|owner|validate|"
        r"attach|detach|replica|(?:no\s+)?inherit|drop\s+(?:constraint|foreign|index|key|check)|"
        r"rename\s+(?:constraint|index|key)|"
        r"add\s+(?:index|key|unique|fulltext|spatial|partition|constraint)|"
        r"alter\s+(?:column\s+)?\S+\s+(?:set|drop|add)|"
        r"comment|auto_increment|default|character|convert|engine|algorithm|cluster|without|set\s+without)|"
        r"drop\s+(?:index|function|trigger|view|policy|procedure|extension|role|rule|materialized|"
        r"sequence|type)|copy|do|"
        r"delimiter|declare|reindex|cluster|unlock|if|execute|perform|raise|return|savepoint|release)\b",
        re.I,
    )


def is_harmless(sql: str) -> bool:
    """Whether a statement that no rule caught begins like one that cannot lose data or hold a lock for long."""
    return _harmless().match(sql) is not None


def bare_name(name: str) -> str:
    """A table's own name without schema and quotes."""
    return name.rpartition(".")[2].strip('"`[]').lower()


@cache
def _text_rules() -> tuple[tuple[Kind, str, re.Pattern[str], str, tuple[str, ...]], ...]:
    """Kind, rule, words, what they do, and the dialects that have them."""
    return tuple(
        (kind, rule, re.compile(pattern, re.I), what, dialects)
        for kind, rule, pattern, what, dialects in (
            (Kind.DESTRUCTIVE, "drop-table", r"\bdrop\s+(?:foreign\s+)?table\s+(?:if\s+exists\s+)?([^\s;,(]+)",
             "drops the table {0}", DIALECTS),
            (Kind.DESTRUCTIVE, "drop-table", r"\bdrop\s+owned\s+by\s+([^\s;,]+)", "drops all that {0} owns",
             ("postgres",)),
            (Kind.DESTRUCTIVE, "drop-schema", r"\bdrop\s+(?:schema|database)\s+(?:if\s+exists\s+)?([^\s;]+)",
             "drops {0}", DIALECTS),
            (Kind.DESTRUCTIVE, "rename", r"\balter\s+(?:schema|database)\s+([^\s;]+)\s+rename\s+to\b",
             "renames {0} and so every table in it", ("postgres",)),
            (Kind.DESTRUCTIVE, "truncate", r"\b(?:drop|truncate)\s+partition\s+(?:if\s+exists\s+)?([^\s;,]+)",
             "drops the rows of the partition {0}", ("mysql",)),
            (Kind.DESTRUCTIVE, "drop-column", r"\bdrop\s+extension\s+(?:if\s+exists\s+)?([^\s;,]+)[^;]*\bcascade\b",
             "drops the extension {0} and every column of its types", ("postgres",)),
            (Kind.DESTRUCTIVE, "drop-column",
             r"\balter\s+(?:foreign\s+)?table\b.{0,1000}?\bdrop\s+column\s+(?:if\s+exists\s+)?([^\s;,]+)",
             "drops the column {0}", DIALECTS),
            (Kind.DESTRUCTIVE, "rename", r"\brename\s+table\s+([^\s;]+)", "renames the table {0}", ("mysql",)),
            (Kind.DESTRUCTIVE, "rename", r"\balter\s+table\s+([^\s;]+)\s+rename\b(?!\s+(?:constraint|index|key))",
             "renames {0} or a column of it", DIALECTS),
            (Kind.DESTRUCTIVE, "rename", r"\balter\s+table\s+(?:if\s+exists\s+)?([^\s;]+)\s+set\s+schema\b",
             "moves {0} to another schema", ("postgres",)),
            (Kind.DESTRUCTIVE, "truncate", r"\btruncate\s+(?!partition\b)(?:table\s+)?([^\s;]+)",
             "empties {0}", DIALECTS),
            (Kind.DESTRUCTIVE, "delete-all", r"\bdelete\s+from\s+([^\s;]+)(?![^;]*\bwhere\b)",
             "deletes all rows of {0} without a condition", DIALECTS),
            (Kind.DESTRUCTIVE, "update-all", r"\bupdate\s+(?:only\s+)?([^\s;]+)\s+set\b(?![^;]*\bwhere\b)",
             "updates all rows of {0} without a condition", DIALECTS),
            (Kind.LOCKING, "index",
             r"\bcreate\s+(?:unique\s+)?index\s+(?!concurrently)[^;]*?\bon\s+(?:only\s+)?([^\s;(]+)",
             "builds an index on {0} without CONCURRENTLY", ("postgres",)),
            (Kind.LOCKING, "type", r"\balter\s+column\s+([^\s;]+)\s+(?:set\s+data\s+)?type\b",
             "changes the type of {0}",
             ("postgres",)),
            (Kind.LOCKING, "type", r"\b(?:modify|change)\s+(?:column\s+)?([^\s;]+)", "redefines the column {0}",
             ("mysql",)),
            (Kind.LOCKING, "set-not-null", r"\balter\s+column\s+([^\s;]+)\s+set\s+not\s+null",
             "makes {0} NOT NULL at once",
             ("postgres",)),
            (Kind.LOCKING, "constraint",
             r"\balter\s+table\s+(?:only\s+|if\s+exists\s+)*([^\s;]+)\s[^;]{0,1000}?"
             r"\badd\s+(?:constraint\s+[^\s;]+\s+)?(?:foreign\s+key|check)\b(?![^;]*\bnot\s+valid\b)",
             "adds a constraint to {0} and validates it at once", ("postgres", "mysql")),
        )
    )  # fmt: skip


def judge_text(sql: str, line: int, dialect: str, new: set[str], rebuilt: set[str]) -> Iterator[Hazard]:
    """Judge a statement by its words: blocks of code (DO $$ ... $$) and what sqlglot does not know."""
    plain = re.sub(r"--[^\n]*|/\*.*?\*/", " ", sql, flags=re.S)
    for kind, rule, pattern, what, dialects in _text_rules():
        if dialect not in dialects:
            continue
        for match in pattern.finditer(plain):
            if bare_name(match[1]) not in new | rebuilt:
                yield Hazard(kind, rule, line + plain.count("\n", 0, match.start()), what.format(match[1]))


_NAME = r"(?:only\s+|if\s+exists\s+)*([^\s;(,]+)"


@cache
def _rewriting() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    """Words of what rewrites a whole table, what it does, and the dialect that has it."""
    return tuple(
        (re.compile(pattern, re.I), what, dialect)
        for dialect, pattern, what in (
            ("postgres",
             r"^\s*vacuum\s+(?:\(\s*)?full\b[^)\w]*\)?\s*([^\s;(]*)", "rewrites {0} while nobody can read it"),
            ("postgres", r"^\s*cluster\s+(?!on\b)([^\s;(]+)", "rewrites {0} while nobody can read it"),
            ("postgres",
             r"^\s*reindex\s+(?:\([^)]*\)\s*)?(?:table|index|schema|database)\s+(?!concurrently\b)([^\s;]+)",
             "builds the index of {0} anew without CONCURRENTLY"),
            ("postgres", r"^\s*refresh\s+materialized\s+view\s+(?!concurrently\b)([^\s;]+)",
             "fills the view {0} anew while nobody can read it"),
            ("postgres", rf"^\s*alter\s+table\s+{_NAME}\s[^;]*\badd\s+(?:column\s+)?[^;]*\bdefault\s+"
             r"(?:gen_random_uuid|uuid_generate_v\w+|random|clock_timestamp|nextval)\s*\(",
             "adds a column to {0} whose default is worked out row by row"),
            ("postgres", rf"^\s*alter\s+table\s+{_NAME}\s[^;]*\badd\s+(?:column\s+)?[^;]*"
             r"(?:\b(?:small|big)?serial\b|\)\s*stored\b)",
             "adds a column to {0} whose values are worked out row by row"),
            ("postgres", rf"^\s*alter\s+table\s+{_NAME}\s+set\s+(?:tablespace|logged|unlogged|access\s+method)\b",
             "rewrites {0} while nobody can read it"),
            ("postgres", rf"^\s*lock\s+(?:table\s+)?{_NAME}(?![^;]*\b(?:access\s+share|row\s+share|row\s+exclusive)\b)",
             "locks {0} until the transaction ends"),
            ("mysql", r"^\s*lock\s+tables?\s+([^\s;,]+)[^;]*\bwrite\b", "locks {0} until it is unlocked"),
            ("mysql", r"^\s*optimize\s+(?:\w+\s+)?table\s+([^\s;,]+)", "rewrites {0}"),
            ("mysql", rf"^\s*alter\s+table\s+{_NAME}\s[^;]*"
             r"(?:\bconvert\s+to\s+character\s+set\b|\bengine\s*=|\bdrop\s+primary\s+key\b|"
             r"\badd\s+(?:fulltext|spatial)\b|\)\s*stored\b|\bpartition\s+by\b|"
             r"\b(?:remove|reorganize|coalesce|rebuild)\s+partition|\balgorithm\s*=?\s*copy\b|\block\s*=?\s*exclusive\b|\border\s+by\b)",
             "rewrites {0}, or keeps writers out of it, while it runs"),
        )
    )  # fmt: skip


def rewritten(sql: str, line: int, dialect: str, new: set[str]) -> Iterator[Hazard]:
    """Statements that rewrite a whole table or keep everybody out of it."""
    plain = re.sub(r"--[^\n]*|/\*.*?\*/", " ", sql, flags=re.S)
    for pattern, what, of in _rewriting():
        if of == dialect and (match := pattern.search(plain)) and bare_name(match[1]) not in new:
            yield Hazard(Kind.LOCKING, "rewrite", line, what.format(match[1] or "every table"))
            return
