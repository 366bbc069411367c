"""The words of each migration tool that is a program: which step of it does what to a live database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from checks.repo.migrations.hazard import Kind

Rule = tuple[Kind, str, re.Pattern[str], str]


def _rules(*rows: tuple[Kind, str, str, str]) -> tuple[Rule, ...]:
    return tuple((kind, rule, re.compile(pattern), what) for kind, rule, pattern, what in rows)


@dataclass(frozen=True, slots=True)
class Framework:
    """`up` and `down` find the heads of the two ways; `creates` finds a table that is new in this migration."""

    up: re.Pattern[str]
    down: re.Pattern[str]
    creates: re.Pattern[str]
    sql: re.Pattern[str]
    runs: re.Pattern[str]
    """A call that runs SQL, whatever it is given."""
    rules: tuple[Rule, ...]
    postgres: tuple[Rule, ...]
    comment: re.Pattern[str]
    apart: re.Pattern[str] | None = None
    """By which a file says that it wants no transaction, where SQL may say that it works concurrently."""


_S = r"""['"`:]([\w.]+)"""


@cache
def rails() -> Framework:
    """Active Record's migrations."""
    return Framework(
        up=re.compile(r"^\s*def\s+(?:self\.)?(?:up|change)\b"),
        down=re.compile(r"^\s*def\s+(?:self\.)?(?:down|change)\b"),
        creates=re.compile(rf"\bcreate_table\s*\(?\s*{_S}"),
        sql=re.compile(r"\bexecute\s*\(?\s*(?:<<[~-]?['\"]?(\w+)['\"]?.*?\n(.*?)\n\s*\1\b|(['\"])(.*?)\3)", re.S),
        runs=re.compile(r"^\s*(?:\w+\.)?execute[\s(]+[A-Za-z_@]"),
        rules=_rules(
            (Kind.DESTRUCTIVE, "drop-table", rf"\bdrop_(?:table|join_table)\s*\(?\s*{_S}", "drops the table {0}"),
            (Kind.DESTRUCTIVE, "drop-column", rf"\bremove_columns?\s*\(?\s*{_S}", "removes a column of {0}"),
            (Kind.DESTRUCTIVE, "drop-column", rf"\bremove_(?:reference|belongs_to|timestamps)\s*\(?\s*{_S}",
             "removes columns of {0}"),
            (Kind.DESTRUCTIVE, "rename", rf"\brename_(?:table|column)\s*\(?\s*{_S}", "renames {0} or a column of it"),
            (Kind.DESTRUCTIVE, "truncate", rf"\btruncate(?:_tables)?\s*\(?\s*{_S}", "empties {0}"),
            (Kind.DESTRUCTIVE, "delete-all", r"\b([A-Z][\w:]*)(?:\.(?:all|unscoped))*\.(?:delete_all|destroy_all)\b",
             "deletes all rows of {0}"),
            (Kind.DESTRUCTIVE, "update-all", r"\b([A-Z][\w:]*)(?:\.(?:all|unscoped))*\.update_all\b",
             "updates all rows of {0}"),
            (Kind.LOCKING, "not-null-column", rf"\badd_(?:reference|belongs_to)\s*\(?\s*{_S}(?=.*\bnull:\s*false)"
             r"(?!.*\bdefault:)", "adds a not-null reference to {0} without default"),
            (Kind.LOCKING, "type", rf"\bchange_column\s*\(?\s*{_S}", "changes the type of a column of {0}"),
            (Kind.LOCKING, "set-not-null", rf"\bchange_column_null\s*\(?\s*{_S}\s*,\s*\S+?\s*,\s*false",
             "makes a column of {0} not null"),
            (Kind.LOCKING, "not-null-column", rf"\badd_column\s*\(?\s*{_S}(?=.*\bnull:\s*false)(?!.*\bdefault:)",
             "adds a not-null column to {0} without default"),
            (Kind.LOCKING, "not-null-column", rf"\badd_timestamps\s*\(?\s*{_S}(?!.*\b(?:null:\s*true|default:))",
             "adds not-null columns to {0} without default"),
            (Kind.DESTRUCTIVE, "drop-table", rf"\bcreate_table\s*\(?\s*{_S}.*\bforce:\s*(?:true|:cascade)",
             "drops the table {0}, if there is one"),
            (Kind.DESTRUCTIVE, "drop-column", r"\bt\.remove(?:_\w+)?\s*\(?\s*:(\w+)", "removes the column {0}"),
            (Kind.DESTRUCTIVE, "rename", r"\bt\.rename\s*\(?\s*:(\w+)", "renames the column {0}"),
            (Kind.LOCKING, "type", r"\bt\.change\s*\(?\s*:(\w+)", "changes the type of the column {0}"),
            (Kind.LOCKING, "not-null-column", r"\bt\.\w+\s*\(?\s*:(\w+)(?=.*\bnull:\s*false)(?!.*\bdefault:)",
             "adds the not-null column {0} without default"),
        ),
        postgres=_rules(
            (Kind.LOCKING, "index", rf"\badd_index\s*\(?\s*{_S}(?!.*\balgorithm:\s*:concurrently)",
             "indexes {0} without CONCURRENTLY"),
            (Kind.LOCKING, "drop-index", rf"\bremove_index\s*\(?\s*{_S}(?!.*\balgorithm:\s*:concurrently)",
             "drops an index of {0} without CONCURRENTLY"),
            (Kind.LOCKING, "index", r"\bt\.(?:index|references|belongs_to)\s*\(?\s*\[?\s*:(\w+)(?!.*\bindex:\s*false)",
             "indexes {0} without CONCURRENTLY"),
            (Kind.LOCKING, "constraint", 
             rf"\badd_(?:foreign_key|check_constraint)\s*\(?\s*{_S}(?!.*\bvalidate:\s*false)",
             "adds a constraint to {0}, validated at once"),
            (Kind.LOCKING, "unique", rf"\badd_(?:unique|exclusion)_constraint\s*\(?\s*{_S}(?!.*\busing_index:)",
             "adds a constraint to {0} and builds its index at once"),
            (Kind.LOCKING, "rewrite",
             rf"\badd_column\s*\(?\s*{_S}(?=.*(?:\bstored:\s*true|:(?:big)?serial\b|default:\s*->"
             r"\s*\{\s*[\"'](?:gen_random_uuid|uuid_generate_v\w+|random|clock_timestamp|nextval)\())",
             "adds a column to {0} whose values are worked out row by row"),
            (Kind.LOCKING,
             "index", rf"\badd_(?:reference|belongs_to)\s*\(?\s*{_S}(?!.*\bindex:\s*(?:false|\{{.*concurrently))",
             "adds a reference to {0} with an index built at once"),
        ),
        comment=re.compile(r"^\s*#"),
    )  # fmt: skip


@cache
def javascript() -> Framework:
    """Knex, Sequelize, TypeORM and Kysely."""
    return Framework(
        up=re.compile(r"\bup\s*[:=(]|\bfunction\s+up\b|\bexports\.up\b"),
        down=re.compile(r"\bdown\s*[:=(]|\bfunction\s+down\b|\bexports\.down\b"),
        creates=re.compile(rf"\bcreateTable(?:IfNotExists)?\s*\(\s*(?:new\s+Table\(\s*\{{\s*name:\s*)?{_S}"),
        sql=re.compile(r"(?:\.(?:raw|query|addSql|runSql|sql)\s*\(\s*|\bsql(?=`))()()([\"'`])(.*?)(?<!\\)\3", re.S),
        runs=re.compile(
            r"(?:(?:\bschema|\bknex|\btrx|[qQ]ueryRunner|\bsequelize)\s*\.(?:raw|query)|\.(?:addSql|runSql)|\bpgm\.sql)"
            r"\s*\(\s*[A-Za-z_\[]"
        ),
        rules=_rules(
            (Kind.DESTRUCTIVE, "drop-table", rf"\bdropTable(?:IfExists)?\s*\(\s*{_S}", "drops the table {0}"),
            (Kind.DESTRUCTIVE, "drop-table", r"\.(dropAllTables|dropAllSchemas|dropSchema|dropDatabase)\s*\(",
             "drops everything ({0})"),
            (Kind.DESTRUCTIVE, "drop-column", rf"\b(?:dropColumn\s*\(\s*{_S}['\"`]\s*\)|dropColumns\s*\(\s*\[?\s*{_S})",
             "drops the column {0}"),
            (Kind.DESTRUCTIVE, "drop-column",
             rf"\b(?:dropColumn|removeColumn)\s*\(\s*{_S}['\"`]\s*,\s*['\"`]?(\w+)", "drops the column {1} of {0}"),
            (Kind.DESTRUCTIVE, "drop-column", r"\.(dropTimestamps)\s*\(", "drops the columns of times"),
            (Kind.DESTRUCTIVE, "rename", rf"\brename(?:Table|Column)\s*\(\s*{_S}", "renames {0}"),
            (Kind.DESTRUCTIVE, "truncate", r"\.(truncate)\s*\(", "empties a table"),
            (Kind.LOCKING, "type", r"\.(alter)\s*\(\s*\)", "redefines a column"),
            (Kind.LOCKING, "set-not-null", rf"\.dropNullable\s*\(\s*{_S}", "makes the column {0} not null at once"),
            (Kind.LOCKING, "type", rf"\bchangeColumn\s*\(\s*{_S}", "redefines a column of {0}"),
            (Kind.LOCKING, "not-null-column",
             rf"\baddColumn\s*\(\s*{_S}(?=[^;]*?(?:allowNull:\s*false|isNullable:\s*false))"
             r"(?![^;]*?default)",
             "adds a not-null column to {0} without default"),
            (Kind.DESTRUCTIVE, "delete-all",
             rf"\bbulkDelete\s*\(\s*{_S}['\"`]\s*(?:\)|,\s*(?:null|undefined|\{{\s*\}}))",
             "deletes all rows of {0} without a condition"),
            (Kind.DESTRUCTIVE, "update-all", rf"\bbulkUpdate\s*\(\s*{_S}['\"`]\s*,\s*(?:\{{[^{{}}]*\}}|\w+)\s*"
             r"(?:\)|,\s*(?:null|undefined|\{\s*\}))", "updates all rows of {0} without a condition"),
            (Kind.DESTRUCTIVE, "delete-all",
             r"(?:\.delete\(\)\s*\.from|\.deleteFrom)\(\s*['\"`]?(\w+)['\"`]?\s*\)(?![^;]*\.where)",
             "deletes all rows of {0} without a condition"),
            (Kind.DESTRUCTIVE, "update-all",
             r"\.(?:update|updateTable)\(\s*['\"`]?(\w+)['\"`]?\s*\)\s*\.set\((?![^;]*\.where)",
             "updates all rows of {0} without a condition"),
            (Kind.DESTRUCTIVE, "delete-all", rf"[\w>]\(\s*{_S}['\"`]\s*\)(?![^;]*\.where)[^;]*?\.del(?:ete)?\(",
             "deletes all rows of {0} without a condition"),
            (Kind.DESTRUCTIVE, "update-all", rf"[\w>]\(\s*{_S}['\"`]\s*\)(?![^;]*\.where)[^;]*?\.update\(",
             "updates all rows of {0} without a condition"),
            (Kind.LOCKING, "not-null-column", rf"\b(?:table|t|tbl)\.\w+\s*\(\s*{_S}[^;\n]*"
             r"\.notNullable\(\)(?![^;\n]*\.(?:defaultTo|alter)\()",
             "adds the not-null column {0} without default"),
        ),
        postgres=_rules(
            (Kind.LOCKING, "index", rf"\b(?:addIndex|createIndex)\s*\(\s*{_S}['\"`]\s*,(?![^;]*?concurrently)",
             "indexes {0} without CONCURRENTLY"),
            (Kind.LOCKING, "index",
             rf"\bcreateIndex\s*\(\s*['\"`]\w+['\"`]\s*\)[^;]*?\.on\(\s*{_S}(?![^;]*?concurrently)",
             "indexes {0} without CONCURRENTLY"),
            (Kind.LOCKING, "index", r"\b(?:table|t|tbl)\.(index|unique)\s*\(", "builds an index at once"),
            (Kind.LOCKING, "drop-index", rf"\b(?:removeIndex|dropIndex)\s*\(\s*\[?\s*{_S}(?![^;]*?concurrently)",
             "drops an index of {0} without CONCURRENTLY"),
            (Kind.LOCKING, "constraint", rf"\b(?:addConstraint|createForeignKey)\s*\(\s*{_S}",
             "adds a constraint to {0}, validated at once"),
            (Kind.LOCKING, "constraint", r"\b(?:table|t|tbl)\.(foreign)\s*\(|\.(references)\s*\(",
             "adds a foreign key, validated at once"),
        ),
        comment=re.compile(r"^\s*(?://|\*|/\*)"),
        # Of these tools, Sequelize opens no transaction by itself.
        apart=re.compile(r"\btransaction\s*[:=]\s*false\b|\bqueryInterface\b|\bnoTransaction\b"),
    )  # fmt: skip


@cache
def laravel() -> Framework:
    """Laravel's migrations."""
    return Framework(
        up=re.compile(r"\bfunction\s+up\b"),
        down=re.compile(r"\bfunction\s+down\b"),
        creates=re.compile(rf"\bSchema::create\s*\(\s*{_S}"),
        sql=re.compile(
            r"\bDB::(?:statement|unprepared|delete|update)\s*\(\s*"
            r"(?:<<<['\"]?(\w+)['\"]?\n(.*?)\n\s*\1\b|([\"'])(.*?)(?<!\\)\3)",
            re.S,
        ),
        runs=re.compile(r"\bDB::(?:statement|unprepared)\s*\(\s*[$A-Za-z_]"),
        rules=_rules(
            (Kind.DESTRUCTIVE, "drop-table", rf"\bSchema::drop(?:IfExists)?\s*\(\s*{_S}", "drops the table {0}"),
            (Kind.DESTRUCTIVE, "drop-table", r"\bSchema::(dropAllTables)\b", "drops everything ({0})"),
            (Kind.DESTRUCTIVE, "drop-column",
             r"->drop(?:Column|ConstrainedForeignId|Timestamps|SoftDeletes|Morphs|RememberToken)(?:Tz)?\s*\(",
             "drops a column"),
            (Kind.DESTRUCTIVE, "drop-column", rf"\bSchema::dropColumns\s*\(\s*{_S}", "drops columns of {0}"),
            (Kind.DESTRUCTIVE, "delete-all", rf"\bDB::table\(\s*{_S}['\"]\s*\)(?![^;]*->where)[^;]*?->delete\(",
             "deletes all rows of {0} without a condition"),
            (Kind.DESTRUCTIVE, "update-all", rf"\bDB::table\(\s*{_S}['\"]\s*\)(?![^;]*->where)[^;]*?->update\(",
             "updates all rows of {0} without a condition"),
            (Kind.DESTRUCTIVE, "delete-all", r"\b([A-Z]\w*)::query\(\)(?![^;]*->where)[^;]*?->(?:force)?[dD]elete\(",
             "deletes all rows of {0} without a condition"),
            (Kind.DESTRUCTIVE, "update-all", r"\b([A-Z]\w*)::query\(\)(?![^;]*->where)[^;]*?->update\(",
             "updates all rows of {0} without a condition"),
            (Kind.DESTRUCTIVE, "truncate", r"\b([A-Z]\w*)::truncate\s*\(", "empties the table of {0}"),
            (Kind.LOCKING, "rewrite", r"->(storedAs)\s*\(", "adds a column whose values are worked out row by row"),
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


@cache
def doctrine() -> Framework:
    """Doctrine's migrations, which are SQL nearly always."""
    return Framework(
        up=re.compile(r"\bfunction\s+up\b"),
        down=re.compile(r"\bfunction\s+down\b"),
        creates=re.compile(rf"->createTable\s*\(\s*{_S}"),
        sql=re.compile(
            r"->addSql\s*\(\s*(?:<<<['\"]?(\w+)['\"]?\n(.*?)\n\s*\1\b|([\"'])(.*?)(?<!\\)\3)",
            re.S,
        ),
        runs=re.compile(r"->addSql\s*\(\s*[$A-Za-z_]"),
        rules=_rules(
            (Kind.DESTRUCTIVE, "drop-table", rf"->dropTable\s*\(\s*{_S}", "drops the table {0}"),
            (Kind.DESTRUCTIVE, "drop-column", rf"->dropColumn\s*\(\s*{_S}", "drops the column {0}"),
            (Kind.DESTRUCTIVE, "rename", rf"->renameTable\s*\(\s*{_S}", "renames {0}"),
        ),
        postgres=(),
        comment=re.compile(r"^\s*(?://|\*|/\*|#)"),
        apart=re.compile(r"\bfunction\s+isTransactional\b[^}]*\breturn\s+false\b"),
    )
