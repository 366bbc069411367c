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
