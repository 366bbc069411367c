"""A table that a pending migration creates is not live for the next pending one; for anything else it is."""

from __future__ import annotations

import pytest

from tests.repo.conftest import Judge, Repository


def django(after: str, operations: str) -> str:
    return (
        "from django.db import migrations, models\nclass Migration(migrations.Migration):\n"
        f"    dependencies = [{after}]\n    operations = [{operations}]\n"
    )


def alembic(own: str, after: str, up: str) -> str:
    return f"revision = '{own}'\ndown_revision = {after}\ndef upgrade():\n    {up}\ndef downgrade():\n    op.x()\n"


def rails(name: str, body: str) -> str:
    return f"class {name} < ActiveRecord::Migration[7.1]\n  def change\n    {body}\n  end\nend\n"


def knex(body: str) -> str:
    return (
        "exports.up = function (knex) {\n  return knex.schema"
        + body
        + ";\n};\nexports.down = function (knex) {\n  return knex.x();\n};\n"
    )


FIRST_THEN = [
    ("prisma/migrations/20240101_a/migration.sql", 'CREATE TABLE "n" (id int);',
     "prisma/migrations/20240102_b/migration.sql", 'CREATE INDEX i ON "n" (id);\nALTER TABLE "n" ADD COLUMN a int NOT NULL;'),
    ("sql/V1__a.sql", "CREATE TABLE n (id int);", "sql/V2__b.sql", "ALTER TABLE n ADD CONSTRAINT c CHECK (id > 0);"),
    ("shop/migrations/0001_initial.py", django("", "migrations.CreateModel(name='New', fields=[])"),
     "shop/migrations/0002_b.py", django("('shop', '0001_initial')", "migrations.AddField('new', 'n', models.IntegerField())")),
    ("alembic/versions/a1_a.py", alembic("a1", "None", "op.create_table('n')"),
     "alembic/versions/b2_b.py", alembic("b2", "'a1'", "op.create_index('i', 'n', ['a']); op.execute('CREATE INDEX j ON n (b)')")),
    ("db/migrate/20240101_a.rb", rails("A", "create_table :n do |t|\n    end"), "db/migrate/20240102_b.rb", rails("B", "add_index :n, :a")),
    ("migrations/20240101_a.js", knex(".createTable('n', (t) => {})"),
     "migrations/20240102_b.js", knex(".alterTable('n', (table) => {\n    table.string('a').notNullable();\n  })")),
]  # fmt: skip


@pytest.mark.parametrize(("first", "creates", "then", "changes"), FIRST_THEN)
async def test_what_is_new_in_this_release_is_not_live(
    repository: Repository, judge: Judge, first: str, creates: str, then: str, changes: str
) -> None:
    repository.commit({"a.txt": ""})
    repository.git("tag", "live")
    repository.commit({first: creates, then: changes})
    both = await judge("deploy.migration-locking", base="live")
    assert [finding.status for finding in both["deploy.migration-locking"]] == ["pass"]
    # Once production has the table, the same change locks it.
    later = await judge("deploy.migration-locking", migrations=(then,))
    assert [finding.status for finding in later["deploy.migration-locking"]] == ["warn"]


async def test_where_nothing_says_what_has_run_every_table_may_be_live(repository: Repository, judge: Judge) -> None:
    repository.commit({"sql/V1__a.sql": "CREATE TABLE n (id int);", "sql/V2__b.sql": "CREATE INDEX i ON n (id);"})
    found = await judge("deploy.migration-locking")
    assert [finding.status for finding in found["deploy.migration-locking"]] == ["warn"]


async def test_a_table_of_another_folder_is_another_table(repository: Repository, judge: Judge) -> None:
    repository.commit({"a.txt": ""})
    repository.git("tag", "live")
    repository.commit({"one/V1__a.sql": "CREATE TABLE n (id int);", "two/V1__b.sql": "CREATE INDEX i ON n (id);"})
    found = await judge("deploy.migration-locking", base="live")
    assert [finding.target for finding in found["deploy.migration-locking"]] == ["two/V1__b.sql:1"]


async def test_a_squashed_migration_is_pending_where_one_that_it_replaces_is(
    repository: Repository, judge: Judge
) -> None:
    drops = "migrations.RemoveField('order', 'note')"
    repository.commit(
        {
            "shop/migrations/0001_initial.py": django("", ""),
            "shop/migrations/0002_b.py": django("('shop', '0001_initial')", drops),
        }
    )
    repository.git("tag", "live")
    squashed = django("", drops).replace(
        "    dependencies", "    replaces = [('shop', '0001_initial'), ('shop', '0002_b')]\n    dependencies"
    )
    repository.commit({"shop/migrations/0001_squashed_0002_b.py": squashed})
    found = (await judge("deploy.migration-destructive", base="live"))["deploy.migration-destructive"]
    assert ["no migration is pending" in finding.summary for finding in found] == [True]
    repository.git("rm", "-q", "shop/migrations/0001_initial.py", "shop/migrations/0002_b.py")
    repository.commit()
    found = (await judge("deploy.migration-destructive", base="live"))["deploy.migration-destructive"]
    assert [finding.status for finding in found] == ["pass"]
    repository.git("checkout", "-q", "live")
    repository.commit({"shop/migrations/0003_c.py": django("('shop', '0002_b')", drops),
                       "shop/migrations/0003_squashed.py": squashed.replace("'0002_b'", "'0003_c'")})  # fmt: skip
    found = (await judge("deploy.migration-destructive", base="live"))["deploy.migration-destructive"]
    assert {finding.target for finding in found} == {
        "shop/migrations/0003_c.py:4",
        "shop/migrations/0003_squashed.py:5",
    }
