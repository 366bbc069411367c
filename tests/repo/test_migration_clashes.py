"""Pending migrations that the tool itself refuses, because of one another."""

from __future__ import annotations

import json

import pytest

from checks.finding import Status
from tests.repo.conftest import Judge, Repository


def alembic(own: str, after: str) -> str:
    return f'revision: str = "{own}"\ndown_revision = {after}\ndef upgrade():\n    pass\ndef downgrade():\n    pass\n'


def django(*pairs: tuple[str, str], replaces: str = "") -> str:
    return (
        "from django.db import migrations\nclass Migration(migrations.Migration):\n"
        f"    {replaces}\n    dependencies = {list(pairs)!r}\n    operations = []\n"
    )


def drizzle(*tags: str) -> str:
    return json.dumps({"entries": [{"idx": place, "tag": tag} for place, tag in enumerate(tags)]})


INITIAL = {"shop/migrations/0001_initial.py": django(), "blog/migrations/0001_initial.py": django()}
ROOT = {"alembic/versions/a1_root.py": alembic("a1", "None"), "alembic/versions/b2_left.py": alembic("b2", "'a1'")}

CLASHING = [
    ({**ROOT, "alembic/versions/c3_right.py": alembic("c3", "'a1'")}, "one of 2 heads (b2_left and c3_right)"),
    ({"alembic/versions/d4_lost.py": alembic("d4", "'ffff'")}, "follows the revision ffff, which no file has"),
    (
        {
            **INITIAL,
            "shop/migrations/0002_a.py": django(("shop", "0001_initial")),
            "shop/migrations/0002_b.py": django(("shop", "0001_initial"), ("blog", "0001_initial")),
        },
        "one of 2 leaves of shop (0002_a and 0002_b)",
    ),
    ({"db/migrate/20240101_add_a.rb": "x", "db/migrate/20240101_add_b.rb": "x"}, "2 of version 20240101"),
    ({"sql/V1_0__a.sql": "SELECT 1;", "sql/V1__b.sql": "SELECT 1;"}, "2 of version 1 (V1_0__a and V1__b)"),
    ({"m/01_a.up.sql": "SELECT 1;", "m/1_b.up.sql": "SELECT 1;"}, "which golang-migrate refuses"),
    (
        {"drizzle/0000_a.sql": "SELECT 1;", "drizzle/0001_b.sql": "SELECT 1;", "drizzle/meta/_journal.json": drizzle("0000_a")},
        "so Drizzle never runs it",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("files", "said"), CLASHING)
async def test_what_the_tool_refuses_is_noted(
    repository: Repository, judge: Judge, files: dict[str, str], said: str
) -> None:
    repository.commit(files)
    notes = [f for f in (await judge("deploy"))["deploy.migration-locking"] if f.status is Status.INFO]
    assert [said in note.summary and bool(note.fix) for note in notes] == [True]


FINE = [
    {
        **ROOT,
        "alembic/versions/c3_right.py": alembic("c3", "'a1'"),
        "alembic/versions/d4_merge.py": alembic("d4", "('b2', 'c3')"),
    },
    {
        **INITIAL,
        "shop/apps.py": "class Shop(AppConfig):\n    label = 'store'\n",
        "shop/migrations/0002_a.py": django(("store", "0001_initial")),
        "shop/migrations/0001_squashed_0002_a.py": django(
            replaces="replaces = [('store', '0001_initial'), ('store', '0002_a')]"
        ),
    },
    {"db/migrate/1_a.rb": "x", "db/migrate/2_b.rb": "x", "other/db/migrate/1_a.rb": "x"},
    {"sql/V1.1__a.sql": "SELECT 1;", "sql/V1.10__b.sql": "SELECT 1;", "sql/R__views.sql": "SELECT 1;"},
    {"drizzle/0000_a.sql": "SELECT 1;", "drizzle/meta/_journal.json": drizzle("0000_a")},
]


@pytest.mark.parametrize("files", FINE)
async def test_what_goes_together_is_not_noted(repository: Repository, judge: Judge, files: dict[str, str]) -> None:
    repository.commit(files)
    found = (await judge("deploy"))["deploy.migration-locking"]
    assert [finding for finding in found if finding.status is Status.INFO] == []


async def test_a_clash_that_is_not_pending_is_not_told(repository: Repository, judge: Judge) -> None:
    repository.commit({"db/migrate/1_a.rb": "x", "db/migrate/1_b.rb": "x"})
    repository.git("tag", "live")
    repository.commit({"db/migrate/2_c.rb": "class C\n  def change\n    add_column :t, :a, :text\n  end\nend\n"})
    found = (await judge("deploy", base="live"))["deploy.migration-locking"]
    assert [finding.status for finding in found] == [Status.PASS]


def typeorm(name: str) -> str:
    return f"export class {name} implements MigrationInterface {{ async up(q) {{ x() }} async down(q) {{ x() }} }}\n"


GOOSE = "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 1;\n"
DBMATE = "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n"
LARAVEL = "<?php\nclass AddNote extends Migration { public function up() { x(); } public function down() { x(); } }\n"
PRISMA = {
    "prisma/migrations/20240101_a/migration.sql": "SELECT 1;",
    "prisma/schema.prisma": 'datasource db {\n  provider = "postgresql"\n}\n',
}
OTHERS = [
    ({"migrations/001_a.sql": GOOSE, "migrations/1_b.sql": GOOSE}, "version 1 (001_a and 1_b), which goose refuses"),
    ({"db/migrations/20240101_a.sql": DBMATE, "db/migrations/20240101_b.sql": DBMATE}, "which dbmate refuses"),
    ({"database/migrations/2024_01_01_000000_add_note.php": LARAVEL, "database/migrations/2024_02_01_000000_add_note.php": LARAVEL},
     "2 of the class AddNote"),
    ({"db/migrate/20240101_a.rb": "class A < ActiveRecord::Migration[7.1]\nend", "db/migrate/20240102_a.rb": "class A < ActiveRecord::Migration[7.1]\nend"},
     "2 of the class A (20240101_a and 20240102_a), which Rails refuses"),
    ({"src/migrations/1-A.ts": typeorm("A1700000000000"), "src/migrations/2-A.ts": typeorm("A1700000000000")}, "which TypeORM refuses"),
    ({"src/migrations/1-A.ts": typeorm("A1700000000000"), "src/migrations/2-B.ts": typeorm("B1700000000000")}, "in no sure order"),
    (PRISMA | {"prisma/migrations/20240102_b/README.md": "x"}, "20240102_b, which has no migration.sql"),
    (PRISMA | {"prisma/migrations/migration_lock.toml": 'provider = "mysql"\n'}, "of mysql by migration_lock.toml and of postgresql"),
    ({"src/main/resources/db/migration/V2__a.sql": "SELECT 1;",
      "src/main/java/db/migration/V2__B.java": 'class V2__B { void migrate(Context c) { s.execute("SELECT 1"); } }'}, "2 of version 2"),
    ({"shop/migrations/0001_initial.py": django(), "shop/migrations/0003_b.py": django(("shop", "0001_initial"), ("shop", "0002_gone"))},
     "depends on 0002_gone of shop"),
    ({"src/db/migrations/0000_a.sql": "SELECT 1;", "src/db/migrations/0001_b.sql": "SELECT 1;", "src/db/migrations/meta/_journal.json": drizzle("0000_a")},
     "so Drizzle never runs it"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "said"), OTHERS)
async def test_what_other_tools_refuse_is_noted(
    repository: Repository, judge: Judge, files: dict[str, str], said: str
) -> None:
    repository.commit(files)
    notes = [f for f in (await judge("deploy"))["deploy.migration-locking"] if f.status is Status.INFO]
    assert [said in note.summary and bool(note.fix) for note in notes] == [True]


@pytest.mark.parametrize(
    "files",
    [
        {"migrations/001_a.sql": GOOSE, "migrations/002_b.sql": GOOSE},
        # Known by their file's name, and run in its order.
        {"migrations/20240101_a.js": "exports.up = x; exports.down = () => x()", "migrations/20240101_b.js": "exports.up = x; exports.down = () => x()"},
        {"prisma/migrations/20240101_a/migration.sql": "SELECT 1;", "prisma/migrations/20240101_b/migration.sql": "SELECT 1;"},
        PRISMA | {"prisma/migrations/migration_lock.toml": 'provider = "postgresql"\n'},
        {"database/migrations/2024_01_01_000000_a.php": LARAVEL.replace("class AddNote", "return new class"),
         "database/migrations/2024_02_01_000000_b.php": LARAVEL.replace("class AddNote", "return new class")},
        {"src/migrations/1-A.ts": typeorm("A1700000000000"), "src/migrations/2-B.ts": typeorm("B1700000000001")},
        {"sql/B2__base.sql": "CREATE TABLE a (id int);", "sql/V2__a.sql": "SELECT 1;"},
    ],
)  # fmt: skip
async def test_what_goes_together_in_other_tools_is_not_noted(
    repository: Repository, judge: Judge, files: dict[str, str]
) -> None:
    repository.commit(files)
    found = (await judge("deploy"))["deploy.migration-locking"]
    assert [finding.summary for finding in found if finding.status is Status.INFO] == []


def dated(*entries: tuple[str, int]) -> str:
    return json.dumps({"entries": [{"tag": tag, "when": when} for tag, when in entries]})


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"sql/V3__a.sql": "SELECT 1;"}, {"sql/V2__b.sql": "SELECT 1;"}, "Flyway refuses it"),
        ({"sql/V3__a.sql": "SELECT 1;"}, {"sql/V3_1__b.sql": "SELECT 1;", "sql/R__c.sql": "SELECT 1;"}, ""),
        ({"m/3_a.up.sql": "SELECT 1;"}, {"m/2_b.up.sql": "SELECT 1;"}, "golang-migrate never runs it"),
        ({"migrations/3_a.sql": GOOSE}, {"migrations/2_b.sql": GOOSE}, "goose refuses it"),
        ({"migrations/3_a.js": "exports.up = x"}, {"migrations/2_b.js": "exports.up = x"}, ""),
        ({"drizzle/0000_a.sql": "SELECT 1;", "drizzle/meta/_journal.json": dated(("0000_a", 20))},
         {"drizzle/0001_b.sql": "SELECT 1;", "drizzle/meta/_journal.json": dated(("0000_a", 20), ("0001_b", 10))}, "Drizzle never runs it"),
        ({"drizzle/0000_a.sql": "SELECT 1;", "drizzle/meta/_journal.json": dated(("0000_a", 20))},
         {"drizzle/0001_b.sql": "SELECT 1;", "drizzle/meta/_journal.json": dated(("0000_a", 20), ("0001_b", 30))}, ""),
    ],
)  # fmt: skip
async def test_a_migration_that_comes_too_late_is_noted(
    repository: Repository, judge: Judge, before: dict[str, str], after: dict[str, str], said: str
) -> None:
    repository.commit(before)
    repository.git("tag", "live")
    repository.commit(after)
    notes = [f for f in (await judge("deploy", base="live"))["deploy.migration-locking"] if f.status is Status.INFO]
    assert [said in note.summary and bool(note.fix) for note in notes] == ([True] if said else [])


async def test_what_has_run_and_was_changed_is_not_pending(repository: Repository, judge: Judge) -> None:
    repository.commit({"sql/V1__a.sql": "DROP TABLE a;", "sql/R__views.sql": "SELECT 1;"})
    repository.git("tag", "live")
    repository.commit({"sql/V1__a.sql": "-- why\nDROP TABLE a;", "sql/R__views.sql": "DELETE FROM t;"})
    found = await judge("deploy", base="live")
    assert [finding.target for finding in found["deploy.migration-destructive"]] == ["sql/R__views.sql:1"]
    notes = [f for f in found["deploy.migration-locking"] if f.status is Status.INFO]
    assert [(note.target, "checksum" in note.summary) for note in notes] == [("sql/V1__a.sql:1", True)]
    repository.commit({"sql/R__views.sql": "SELECT 1;"})
    found = await judge("deploy", base="live")
    assert [finding.status for finding in found["deploy.migration-destructive"]] == [Status.PASS]
    assert [f.status for f in found["deploy.migration-locking"]] == [Status.PASS, Status.INFO]


async def test_flyways_java_is_read_and_its_baseline_is_no_migration(repository: Repository, judge: Judge) -> None:
    body = '  void migrate(Context c) {{\n    jdbc.execute("DROP TABLE " + name);\n    jdbc.update("UPDATE t SET a = 1 WHERE b = 2");\n{}  }}\n}}\n'
    repository.commit({
        "src/main/java/db/migration/V2__Drop.java": "class V2__Drop {\n" + body.format(""),
        "src/main/kotlin/db/migration/V3__Made.kt": "class V3__Made {\n" + body.format("    jdbc.execute(made)\n"),
        "src/main/java/db/migration/V4__Other.java": "class V4__Other { void migrate(Context c) { Work.run(); } }\n",
        "src/main/resources/db/migration/B4__base.sql": "DROP TABLE x;",
    })  # fmt: skip
    found = await judge("deploy")
    by_status = {(f.status, f.target) for f in found["deploy.migration-destructive"]}
    assert by_status == {
        (Status.FAIL, "src/main/java/db/migration/V2__Drop.java:3"),
        (Status.FAIL, "src/main/kotlin/db/migration/V3__Made.kt:3"),
        (Status.ERROR, "src/main/kotlin/db/migration/V3__Made.kt:5"),
        (Status.ERROR, "src/main/java/db/migration/V4__Other.java:1"),
    }
    assert (Status.INFO, "Flyway") in {(f.status, f.target) for f in found["deploy.migration-irreversible"]}
