"""SQL as the tools keep it: placeholders, breakpoints, blocks of code, partitions, tables that are built anew."""

from __future__ import annotations

import pytest

from checks.repo.migrations.hazard import REWRITES, Kind
from checks.repo.migrations.sql import read_sql


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        # What holds tables.
        ("postgres", "ALTER SCHEMA a RENAME TO b", {"rename"}),
        ("postgres", "ALTER DATABASE a RENAME TO b", {"rename"}),
        ("postgres", "ALTER SCHEMA a OWNER TO b", set()),
        ("postgres", "DROP EXTENSION postgis CASCADE", {"drop-column"}),
        ("postgres", "DROP EXTENSION postgis", set()),
        ("postgres", "DROP FOREIGN TABLE f", {"drop-table"}),
        ("postgres", "ALTER FOREIGN TABLE f DROP COLUMN a", {"drop-column"}),
        ("mysql", "ALTER TABLE t DROP PARTITION p0", {"truncate"}),
        ("mysql", "ALTER TABLE t TRUNCATE PARTITION p0", {"truncate"}),
        ("mysql", "CREATE OR REPLACE TABLE z (id int)", {"drop-table"}),
        # What MySQL rewrites or locks.
        ("mysql", "ALTER TABLE t PARTITION BY HASH(id) PARTITIONS 4", {"rewrite"}),
        ("mysql", "ALTER TABLE t ADD COLUMN g INT AS (a * 2) STORED", {"rewrite"}),
        ("mysql", "LOCK TABLES t WRITE", {"rewrite"}),
        ("mysql", "LOCK TABLES t READ; UNLOCK TABLES", set()),
        # Blocks of code.
        ("postgres", "DO $$ BEGIN\n ALTER TABLE t ADD COLUMN z int NOT NULL;\n ALTER TABLE t DROP y;\nEND $$", {"not-null-column", "drop-column"}),
        ("postgres", "DO $$ BEGIN ALTER TABLE t ADD CONSTRAINT u UNIQUE (a); END $$", {"unique"}),
        ("postgres", "CREATE TABLE u (a int); DO $$ BEGIN ALTER TABLE u ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES b (id); END $$", set()),
        ("postgres", "DO $$ BEGIN CREATE TABLE u (a int); ALTER TABLE u ADD COLUMN z int NOT NULL; END $$", set()),
        ("postgres", "DO $$ BEGIN ALTER TABLE v ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES b (id); END $$", {"constraint"}),
        ("postgres", "DO $$ BEGIN UPDATE t SET a = 1 WHERE b = 1; END $$", set()),
        # Tables of SQLite that are built anew.
        ("sqlite", "CREATE TEMPORARY TABLE kept (a); INSERT INTO kept SELECT a FROM t; DROP TABLE t; CREATE TABLE t (a); "
         "INSERT INTO t SELECT a FROM kept; DROP TABLE kept;", set()),
        ("sqlite", "ALTER TABLE t RENAME TO t_old; CREATE TABLE t (a); INSERT INTO t SELECT a FROM t_old; DROP TABLE t_old;", set()),
        ("sqlite", "DROP TABLE t; CREATE TABLE t (a); INSERT INTO t SELECT a FROM other;", {"drop-table"}),
        # Placeholders and breakpoints.
        ("postgres", "CREATE TABLE ${schema}.t (id int); ALTER TABLE ${schema}.t ADD COLUMN x int NOT NULL", set()),
        ("mysql", "ALTER TABLE `u` MODIFY COLUMN `a` int;--> statement-breakpoint\nDROP TABLE x\n--> statement-breakpoint\nSELECT 1;",
         {"type", "drop-table"}),
    ],
)  # fmt: skip
def test_what_a_statement_does(dialect: str, sql: str, expected: set[str]) -> None:
    reading = read_sql(sql, dialect)
    assert ({hazard.rule for hazard in reading.hazards}, reading.unread) == (expected, [])
    assert expected <= set(REWRITES)


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgres", "EXPLAIN SELECT 1; SHOW x; DISCARD ALL; CHECKPOINT; LISTEN x; VALUES (1); DEALLOCATE x; ABORT"),
        (
            "mysql",
            "SHOW TABLES; DESCRIBE t; FLUSH TABLES; REPLACE INTO t VALUES (1); LOAD DATA INFILE 'x' INTO TABLE t",
        ),
        ("sqlite", "ATTACH 'x' AS y; DETACH y; REINDEX t; SAVEPOINT a; RELEASE a"),
    ],
)
def test_what_does_no_harm_is_no_riddle(dialect: str, sql: str) -> None:
    reading = read_sql(sql, dialect)
    assert (reading.hazards, reading.unread) == ([], [])


@pytest.mark.parametrize("sql", ["FROBNICATE x", "${everything}", "a + b"])
def test_two_words_that_are_no_statement_are_not_taken_for_one(sql: str) -> None:
    assert read_sql(sql, "postgres").unread == [1]


def test_a_placeholder_is_told_as_it_is_written() -> None:
    (hazard,) = read_sql("ALTER TABLE ${flyway:user}.t ADD COLUMN x int NOT NULL;", "postgres").hazards
    assert "${flyway:user}.t" in hazard.what
    assert "ALTER TABLE ${flyway:user}.t ADD COLUMN x" in hazard.rewrite


def test_a_column_is_renamed_with_and_without_its_word() -> None:
    for sql in ("ALTER TABLE t RENAME a TO b", "ALTER TABLE t RENAME COLUMN a TO b"):
        assert [hazard.what for hazard in read_sql(sql, "postgres").hazards] == ["renames the column a of t"]


def test_each_part_of_a_long_statement_is_told_once() -> None:
    sql = "ALTER TABLE a\n  DROP COLUMN b,\n  ADD COLUMN c int NOT NULL;\nALTER TABLE a\n  ALTER COLUMN d\n  TYPE bigint;\n"
    assert [(hazard.rule, hazard.line) for hazard in read_sql(sql, "postgres").hazards] == [
        ("drop-column", 1), ("not-null-column", 1), ("type", 4),
    ]  # fmt: skip


def test_the_lines_of_a_block_are_those_of_the_file() -> None:
    found = read_sql("SELECT 1;\nDO $$\nBEGIN\n  ALTER TABLE t\n    DROP y;\nEND $$;", "postgres").hazards
    assert [(hazard.kind, hazard.line) for hazard in found] == [(Kind.DESTRUCTIVE, 4)]
