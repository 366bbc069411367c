"""Pending migrations, judged statement by statement in every usual tool's language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.repo.migrations.alembic import read_alembic
from checks.repo.migrations.django import Columns, read_django, remember_fields
from checks.repo.migrations.hazard import REWRITES, Hazard, Kind
from checks.repo.migrations.scripts import read_javascript, read_laravel, read_rails
from checks.repo.migrations.sql import read_sql
from tests.repo.conftest import Judge, Repository


def rules(hazards: list[Hazard]) -> set[str]:
    assert {hazard.rule for hazard in hazards} <= set(REWRITES)
    return {hazard.rule for hazard in hazards}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("DROP TABLE orders", {"drop-table"}),
        ("drop table if exists a, b cascade", {"drop-table"}),
        ('ALTER TABLE "orders" DROP COLUMN "note"', {"drop-column"}),
        ("ALTER TABLE t RENAME TO u", {"rename"}),
        ("ALTER TABLE t RENAME COLUMN a TO b", {"rename"}),
        ("TRUNCATE t", {"truncate"}),
        ("DELETE FROM t", {"delete-all"}),
        ("DELETE FROM t WHERE true", {"delete-all"}),
        ("UPDATE t SET a = 1", {"update-all"}),
        ("WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", {"delete-all"}),
        ("DO $$ BEGIN\n DELETE FROM t;\nEND $$", {"delete-all"}),
        ("DROP SCHEMA s CASCADE", {"drop-schema"}),
        ("DROP OWNED BY app", {"drop-table"}),
        ("DROP TYPE mood CASCADE", {"drop-column"}),
        ("ALTER TABLE t ADD COLUMN c int NOT NULL", {"not-null-column"}),
        ("CREATE INDEX i ON t (a)", {"index"}),
        ("CREATE UNIQUE INDEX i ON t (a)", {"index"}),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)", {"constraint"}),
        ("ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u (id)", {"constraint"}),
        ("ALTER TABLE t ADD CONSTRAINT c UNIQUE (a)", {"unique"}),
        ("ALTER TABLE t ALTER COLUMN a TYPE bigint", {"type"}),
        ("ALTER TABLE t ALTER COLUMN a SET NOT NULL", {"set-not-null"}),
    ],
)
def test_postgres_hazards(sql: str, expected: set[str]) -> None:
    assert expected <= rules(read_sql(sql, "postgres").hazards)


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE t ADD COLUMN c text",
        "ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 0",
        "CREATE INDEX CONCURRENTLY i ON t (a)",
        "CREATE TABLE n (id int PRIMARY KEY); CREATE INDEX i ON n (id); ALTER TABLE n ADD CONSTRAINT c CHECK (id > 0)",
        "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
        "ALTER TABLE t VALIDATE CONSTRAINT c",
        "COPY t (a) FROM stdin;\nDROP TABLE x;\nDELETE FROM y;\n\\.\nSELECT 1;",
        "\\connect db\n\\set ON_ERROR_STOP on\nSELECT 1;",
        "CREATE MATERIALIZED VIEW m AS SELECT 1; CREATE UNIQUE INDEX i ON m (a)",
        "CREATE TEMP TABLE z (a int); DROP TABLE z",
        "UPDATE t SET a = 1 WHERE id < 100",
        "DELETE FROM t WHERE id = 1",
        "INSERT INTO t (a) VALUES (1)",
        "DROP INDEX CONCURRENTLY i; DROP VIEW v; COMMENT ON TABLE t IS 'drop table x'",
        "-- DROP TABLE t\nSELECT 1",
        "ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i",
        "ALTER TABLE t RENAME CONSTRAINT a TO b",
        "CREATE TYPE e AS ENUM ('a'); ALTER TYPE e ADD VALUE 'b'",
        "GRANT SELECT ON t TO u",
    ],
)
def test_postgres_harmless(sql: str) -> None:
    reading = read_sql(sql, "postgres")
    assert (reading.hazards, reading.unread) == ([], [])


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("mysql", "RENAME TABLE a TO b", {"rename"}),
        ("mysql", "ALTER TABLE t CHANGE a b INT", {"rename", "type"}),
        ("mysql", "ALTER TABLE t MODIFY COLUMN a BIGINT", {"type"}),
        ("mysql", "ALTER TABLE t ADD COLUMN a INT NOT NULL, DROP COLUMN b", {"not-null-column", "drop-column"}),
        ("mysql", "CREATE INDEX i ON t (a)", set()),
        ("sqlite", "ALTER TABLE t DROP COLUMN a", {"drop-column"}),
        (
            "sqlite",
            'CREATE TABLE "new_T" (id int); INSERT INTO "new_T" SELECT * FROM "T"; DROP TABLE "T"; ALTER TABLE "new_T" RENAME TO "T"',
            set(),
        ),
        ("sqlite", "DROP TABLE t", {"drop-table"}),
        ("sqlite", "CREATE INDEX i ON t (a)", set()),
    ],
)
def test_other_dialects(dialect: str, sql: str, expected: set[str]) -> None:
    assert rules(read_sql(sql, dialect).hazards) == expected


def test_lines_are_those_of_the_file() -> None:
    hazards = read_sql("-- first\nSELECT 1;\n\nDROP TABLE a;\nTRUNCATE b;\n", "postgres").hazards
    assert [hazard.line for hazard in hazards] == [4, 5]


def test_what_nobody_reads_is_said() -> None:
    assert read_sql("FROBNICATE the table;\nSELECT 1;", "postgres").unread == [1]


@given(st.text(max_size=300))
def test_no_text_breaks_the_readers(text: str) -> None:
    for reader in (read_rails, read_javascript, read_laravel, read_alembic):
        reader(text, "mysql")
    read_django(text, "mysql", {})
    read_sql(text, "sqlite")


DJANGO = "from django.db import migrations, models\nclass Migration(migrations.Migration):\n    operations = [{}]\n"


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("migrations.RemoveField('order', 'note')", {"drop-column"}),
        ("migrations.DeleteModel(name='Order')", {"drop-table"}),
        ("migrations.RenameField('order', 'a', 'b')", {"rename"}),
        ("migrations.RenameModel('A', 'B')", {"rename"}),
        ("migrations.AddField('order', 'n', models.IntegerField())", {"not-null-column"}),
        ("migrations.AddField('order', 'n', models.IntegerField(default=0))", set()),
        ("migrations.AddField('order', 'n', models.IntegerField(null=True))", set()),
        ("migrations.AddField('order', 'c', models.ForeignKey('x.Y', models.CASCADE, null=True))", {"constraint"}),
        ("migrations.AddIndex('order', models.Index(fields=['a'], name='i'))", {"index"}),
        ("AddIndexConcurrently('order', models.Index(fields=['a'], name='i'))", {"in-transaction"}),
        ("migrations.AlterField('order', 'm', models.IntegerField())", {"set-not-null"}),
        ("migrations.AlterField('order', 'n', models.IntegerField(db_index=True))", {"index"}),
        ("migrations.RemoveIndex('order', 'i')", {"drop-index"}),
        ("migrations.RunSQL(made(), 'SELECT 1')", {"unread"}),
        ("migrations.RunSQL([('DELETE FROM x WHERE i = %s', [1])], 'SELECT 1')", set()),
        ("migrations.AddConstraint('order', models.CheckConstraint(check=1, name='c'))", {"constraint"}),
        ("migrations.AlterField('order', 'n', models.CharField(max_length=9))", {"type"}),
        ("migrations.AlterField('order', 'n', models.IntegerField(help_text='x'))", set()),
        ("migrations.RunPython(forward)", {"no-way-down"}),
        ("migrations.RunPython(forward, migrations.RunPython.noop)", set()),
        ("migrations.RunSQL('DROP TABLE x', 'CREATE TABLE x ()')", {"drop-table"}),
        ("migrations.RunSQL('SELECT 1')", {"no-way-down"}),
        ("migrations.CreateModel('New', fields=[]), migrations.AddField('new', 'n', models.IntegerField())", set()),
        ("migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel('Order')])", set()),
    ],
)
def test_django(operation: str, expected: set[str]) -> None:
    fields: Columns = {}
    remember_fields(
        DJANGO.format(
            "migrations.CreateModel('Order', fields=[('n', models.IntegerField()), ('m', models.IntegerField(null=True))])"
        ),
        fields,
    )
    assert rules(read_django(DJANGO.format(operation), "postgres", fields)) == expected


ALEMBIC = "revision = 'a'\ndown_revision = None\ndef upgrade():\n    {}\n\ndef downgrade():\n    {}\n"


@pytest.mark.parametrize(
    ("up", "down", "expected"),
    [
        ("op.drop_table('x')", "op.create_table('x')", {"drop-table"}),
        ("op.drop_column('x', 'y')", "op.add_column('x')", {"drop-column"}),
        ("op.alter_column('x', 'y', new_column_name='z')", "op.x()", {"rename"}),
        ("op.alter_column('x', 'y', type_=sa.BigInteger())", "op.x()", {"type"}),
        ("op.add_column('x', sa.Column('y', sa.Integer(), nullable=False))", "op.x()", {"not-null-column"}),
        ("op.add_column('x', sa.Column('y', sa.Integer(), nullable=False, server_default='0'))", "op.x()", set()),
        ("op.create_index('i', 'x', ['y'])", "op.drop_index('i')", {"index"}),
        ("op.create_index('i', 'x', ['y'], postgresql_concurrently=True)", "op.drop_index('i')", {"in-transaction"}),
        (
            "with op.get_context().autocommit_block(): op.create_index('i', 'x', ['y'], postgresql_concurrently=True)",
            "op.drop_index('i')",
            set(),
        ),
        ("op.drop_index('i', table_name='x')", "op.x()", {"drop-index"}),
        ("op.execute(f'UPDATE x SET a = {a} WHERE b = {b}')", "op.x()", set()),
        ("op.execute(sa.text('DROP TABLE x'))", "op.x()", {"drop-table"}),
        ("op.execute(x.delete())", "op.x()", {"delete-all"}),
        ("op.execute(made())", "op.x()", {"unread"}),
        ("op.create_table('x'); op.create_index('i', 'x', ['y'])", "op.drop_table('x')", set()),
        ("op.create_foreign_key('f', 'x', 'z', ['a'], ['b'])", "op.x()", {"constraint"}),
        ("op.execute('DELETE FROM x')", "pass", {"delete-all", "no-way-down"}),
        ("op.add_column('x', sa.Column('y', sa.Integer()))", "pass", {"no-way-down"}),
        ("pass", "pass", set()),
    ],
)
def test_alembic(up: str, down: str, expected: set[str]) -> None:
    assert rules(read_alembic(ALEMBIC.format(up, down), "postgres")) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("def change\n    drop_table :orders\n  end", {"drop-table", "no-way-down"}),
        ("def change\n    remove_column :orders, :note, :text\n  end", {"drop-column"}),
        ("def change\n    rename_column :orders, :a, :b\n  end", {"rename"}),
        ("def change\n    add_index :orders, :a\n  end", {"index"}),
        ("def change\n    add_index :orders, :a, algorithm: :concurrently\n  end", {"in-transaction"}),
        ("def change\n    add_column :orders, :a, :string, null: false\n  end", {"not-null-column"}),
        ("def change\n    add_column :orders, :a, :string, null: false, default: ''\n  end", set()),
        (
            "def change\n    create_table :t do |t|\n      t.string :a, null: false\n    end\n    add_index :t, :a\n  end",
            set(),
        ),
        ("def up\n    change_column :orders, :a, :text\n  end", {"type", "no-way-down"}),
        ("def change\n    add_index :orders,\n      :a,\n      algorithm: :concurrently\n  end", {"in-transaction"}),
        ("def change\n    add_column :orders, :a, :string,\n      null: false\n  end", {"not-null-column"}),
        ("def change\n    remove_index :orders, :a\n  end", {"drop-index"}),
        (
            "def change\n    change_table :t do |t|\n      t.remove :a\n      t.string :d, null: false\n    end\n  end",
            {"drop-column", "not-null-column", "no-way-down"},
        ),
        (
            "def change\n    reversible do |dir|\n      dir.up { execute 'SELECT 1' }\n      dir.down do\n"
            "        execute 'DROP TABLE x'\n      end\n    end\n  end",
            set(),
        ),
        ("def up\n    execute 'DELETE FROM orders'\n  end\n  def down\n    x\n  end", {"delete-all"}),
    ],
)
def test_rails(body: str, expected: set[str]) -> None:
    text = f"class A < ActiveRecord::Migration[7.1]\n  {body}\nend\n"
    assert rules(read_rails(text, "postgres")) == expected


@pytest.mark.parametrize(
    ("up", "down", "expected"),
    [
        ("return knex.schema.dropTable('orders');", "return knex.schema.createTable('orders');", {"drop-table"}),
        (
            "return knex.schema.alterTable('o', (table) => { table.dropColumn('a'); });",
            "return knex.x();",
            {"drop-column"},
        ),
        (
            "return knex.schema.alterTable('o', (table) => {\n    table.string('a').notNullable();\n  });",
            "return knex.x();",
            {"not-null-column"},
        ),
        (
            "return knex.schema.createTable('o', (table) => {\n    table.string('a').notNullable();\n  });",
            "return knex.x();",
            set(),
        ),
        ("return knex.raw('DELETE FROM x');", "", {"delete-all", "no-way-down"}),
        ("await knex('t').del();", "return knex.x();", {"delete-all"}),
        ("await knex('t').where({ a: 1 }).update({ b: 2 });", "return knex.x();", set()),
        ("await knex.raw(made);", "return knex.x();", {"unread"}),
        (
            "await q.addColumn('t', 'b', {\n    type: S.STRING,\n    allowNull: false,\n  });",
            "return q.x();",
            {"not-null-column"},
        ),
    ],
)
def test_knex(up: str, down: str, expected: set[str]) -> None:
    text = f"exports.up = function (knex) {{\n  {up}\n}};\n\nexports.down = function (knex) {{\n  {down}\n}};\n"
    assert rules(read_javascript(text, "mysql")) == expected


@pytest.mark.parametrize(
    ("up", "down", "expected"),
    [
        ("Schema::dropIfExists('orders');", "Schema::create('orders');", {"drop-table"}),
        ("$table->dropColumn('a');", "$table->string('a');", {"drop-column"}),
        ("$table->string('a');", "$table->dropColumn('a');", {"not-null-column"}),
        ("$table->string('a')->nullable();", "", {"no-way-down"}),
    ],
)
def test_laravel(up: str, down: str, expected: set[str]) -> None:
    text = f"public function up(): void\n{{\n    {up}\n}}\n\npublic function down(): void\n{{\n    {down}\n}}\n"
    assert rules(read_laravel(text, "mysql")) == expected


SAFE = "ALTER TABLE t ADD COLUMN a int;\n"


async def test_a_destructive_migration_fails_with_its_rewrite(repository: Repository, judge: Judge) -> None:
    repository.commit({"prisma/migrations/1_x/migration.sql": 'ALTER TABLE "o" DROP COLUMN "n";\n'})
    finding = (await judge("deploy.migration-destructive"))["deploy.migration-destructive"][0]
    assert (finding.status, finding.triage) == ("fail", "now")
    assert finding.target == "prisma/migrations/1_x/migration.sql:1"
    assert "release" in finding.fix


async def test_only_what_differs_from_the_base_is_pending(repository: Repository, judge: Judge) -> None:
    repository.commit(
        {"migrations/001_old.up.sql": "DROP TABLE a;", "migrations/001_old.down.sql": "CREATE TABLE a ();"}
    )
    repository.git("checkout", "-q", "-b", "next")
    repository.commit(
        {"migrations/002_new.up.sql": SAFE, "migrations/002_new.down.sql": "ALTER TABLE t DROP COLUMN a;"}
    )
    for plan in ({}, {"base": "main"}, {"migrations": ("migrations/002_new.up.sql",)}):
        found = await judge("deploy", **plan)
        assert found["deploy.migration-destructive"][0].status == "pass"
        assert found["deploy.migration-irreversible"][0].status == "pass"
    named = await judge("deploy", migrations=("migrations/001*",))
    assert named["deploy.migration-destructive"][0].status == "fail"


async def test_what_the_base_got_later_is_not_pending_here(repository: Repository, judge: Judge) -> None:
    repository.commit({"migrations/001_a.up.sql": SAFE})
    repository.git("checkout", "-q", "-b", "next")
    repository.commit({"app.py": ""})
    repository.git("checkout", "-q", "main")
    repository.commit({"migrations/001_a.up.sql": SAFE + "-- told apart\n"})
    repository.git("checkout", "-q", "next")
    found = await judge("deploy.migration-destructive", base="main")
    assert "no migration is pending" in found["deploy.migration-destructive"][0].summary
    zeros = await judge("deploy.migration-destructive", base="0" * 40)
    assert "no migration is pending" in zeros["deploy.migration-destructive"][0].summary


async def test_everything_is_pending_where_nothing_says_otherwise(repository: Repository, judge: Judge) -> None:
    repository.commit(
        {
            "db/migrate/20260101000000_x.rb": "class X < ActiveRecord::Migration[7.1]\n  def change\n    drop_table :a\n  end\nend\n"
        }
    )
    finding = (await judge("deploy.migration-destructive"))["deploy.migration-destructive"][0]
    assert finding.status == "fail"
    assert "every migration" in finding.evidence[-1]


async def test_both_ways_in_one_file(repository: Repository, judge: Judge) -> None:
    text = "-- +goose Up\nALTER TABLE t ADD COLUMN a int;\n\n-- +goose Down\nALTER TABLE t DROP COLUMN a;\n"
    repository.commit({"migrations/001_a.sql": text})
    found = await judge("deploy")
    assert found["deploy.migration-destructive"][0].status == "pass"
    assert found["deploy.migration-irreversible"][0].status == "pass"


async def test_a_missing_way_down(repository: Repository, judge: Judge) -> None:
    repository.commit({"migrations/001_a.up.sql": SAFE})
    finding = (await judge("deploy.migration-irreversible"))["deploy.migration-irreversible"][0]
    assert (finding.status, finding.triage) == ("warn", "later")


async def test_no_migrations_are_skipped_and_a_wrong_base_is_an_error(repository: Repository, judge: Judge) -> None:
    repository.commit({"a.py": ""})
    assert (await judge("deploy.migration-locking"))["deploy.migration-locking"][0].status == "skipped"
    repository.commit({"migrations/001_a.up.sql": SAFE})
    found = await judge("deploy.migration-locking", base="no-such-branch")
    assert found["deploy.migration-locking"][0].status == "error"


async def test_what_knows_no_way_down_is_not_said_to_have_one(repository: Repository, judge: Judge) -> None:
    repository.commit({"migrations/V1__add.sql": "CREATE TABLE t (id int);\n"})
    found = (await judge("deploy.migration-irreversible"))["deploy.migration-irreversible"]
    assert [(each.status, each.target) for each in found] == [("info", "Flyway")]


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgres", "VACUUM FULL t"),
        ("postgres", "CLUSTER t"),
        ("postgres", "REINDEX TABLE t"),
        ("postgres", "REFRESH MATERIALIZED VIEW v"),
        ("postgres", "LOCK TABLE t"),
        ("postgres", "ALTER TABLE t SET TABLESPACE x"),
        ("postgres", "ALTER TABLE t ADD COLUMN a uuid DEFAULT gen_random_uuid()"),
        ("postgres", "ALTER TABLE t ADD COLUMN a bigserial"),
        ("postgres", "ALTER TABLE t ADD COLUMN a int GENERATED ALWAYS AS (b * 2) STORED"),
        ("mysql", "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4"),
        ("mysql", "ALTER TABLE t ENGINE=InnoDB"),
        ("mysql", "OPTIMIZE TABLE t"),
        ("mysql", "ALTER TABLE t DROP PRIMARY KEY"),
        ("mysql", "ALTER TABLE t ADD FULLTEXT INDEX i (a)"),
    ],
)
def test_what_rewrites_a_whole_table_locks_it(dialect: str, sql: str) -> None:
    read = read_sql(sql, dialect)
    assert [hazard.kind for hazard in read.hazards] == [Kind.LOCKING]
    assert not read.unread
    assert all(hazard.rule in REWRITES for hazard in read.hazards)


@pytest.mark.parametrize(
    "sql",
    ["VACUUM t", "REINDEX TABLE CONCURRENTLY t", "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
     "ALTER TABLE t ADD COLUMN a timestamptz DEFAULT now()", "LOCK TABLE t IN ROW SHARE MODE"],
)  # fmt: skip
def test_what_rewrites_nothing_does_not(sql: str) -> None:
    assert read_sql(sql, "postgres").hazards == []


def test_sqlite_may_rebuild_a_table_but_not_rename_one() -> None:
    rebuilt = "CREATE TABLE n (a int); INSERT INTO n SELECT a FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t"
    assert read_sql(rebuilt, "sqlite").hazards == []
    assert [hazard.rule for hazard in read_sql("ALTER TABLE t RENAME TO u", "sqlite").hazards] == ["rename"]


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("postgres", "DROP INDEX i", {"drop-index"}),
        ("postgres", "CREATE TABLE n (a int); CREATE INDEX i ON n (a); DROP INDEX i; ALTER TABLE n RENAME TO m", set()),
        ("postgres", "ALTER TABLE t ADD COLUMN x int CHECK (x > 0)", {"constraint"}),
        ("postgres", "ALTER TABLE t SET SCHEMA x", {"rename"}),
        ("postgres", "CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN DELETE FROM t; RETURN NEW; END $$ LANGUAGE plpgsql", set()),
        ("mysql", "DELIMITER //\nCREATE PROCEDURE p() BEGIN\n DELETE FROM t;\n IF 1 THEN DELETE FROM t; END IF;\nEND//\nDELIMITER ;\nDROP TABLE t;", {"drop-table"}),
        ("sqlite", "CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM u; END; DELETE FROM v;", {"delete-all"}),
        ("mysql", "DROP TABLE IF EXISTS a; CREATE TABLE a (id int)", {"drop-table"}),
        ("mysql", "ALTER TABLE t MODIFY a BIGINT, ALGORITHM=INSTANT", set()),
        ("mysql", "DELETE t FROM t JOIN u ON t.id = u.id", set()),
    ],
)  # fmt: skip
def test_order_routines_and_conditions_count(dialect: str, sql: str, expected: set[str]) -> None:
    reading = read_sql(sql, dialect)
    assert (rules(reading.hazards), reading.unread) == (expected, [])


def test_a_misspelt_statement_and_a_file_that_is_read_elsewhere_are_said() -> None:
    assert read_sql("ALTER TABEL t DROP COLUMN a;\n\\i other.sql\nSELECT 1;", "postgres").unread == [1, 2]


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE UNIQUE INDEX i ON s.t (a)",
        "DROP INDEX i",
        'ALTER TABLE s."T" ADD CONSTRAINT c CHECK (a > 0)',
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (id)",
        "ALTER TABLE t ADD UNIQUE (a, b)",
        "ALTER TABLE t ADD PRIMARY KEY (id)",
        "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
        "ALTER TABLE t ADD COLUMN c int NOT NULL",
    ],
)
def test_the_safe_rewrite_is_itself_safe(sql: str) -> None:
    hazard = read_sql(sql, "postgres").hazards[0]
    assert hazard.kind is Kind.LOCKING
    for migration in hazard.rewrite.split("-- in the next migration"):
        reading = read_sql(migration.partition("\n")[2] if migration[:1] in ":," else migration, "postgres")
        assert migration.strip()
        assert (reading.hazards, reading.unread) == ([], [])


def test_a_constraint_validated_beside_its_addition_is_a_note() -> None:
    found = read_sql(
        "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;\nALTER TABLE t VALIDATE CONSTRAINT c;", "postgres"
    )
    assert {hazard.kind for hazard in found.hazards} <= {Kind.NOTED}


def test_code_in_a_comment_of_mysql_is_code() -> None:
    found = read_sql("/*!40101 SET NAMES utf8 */;\n/*!40000 DROP TABLE IF EXISTS a */;\n/* DROP TABLE b */", "mysql")
    assert [(hazard.rule, hazard.line) for hazard in found.hazards] == [("drop-table", 2)]
