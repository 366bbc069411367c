"""An index built CONCURRENTLY in a file of SQL: refused where the tool opens a transaction for the file."""

from __future__ import annotations

import pytest

from checks.finding import Status
from tests.repo.conftest import Judge, Repository

ALONE = "CREATE INDEX CONCURRENTLY i ON t (a);\n"
BESIDE = "SET lock_timeout = '5s';\n" + ALONE
GOOSE = "-- +goose Up\n{}-- +goose Down\nDROP INDEX CONCURRENTLY i;\n"
JOURNAL = {"drizzle/meta/_journal.json": '{"entries": [{"tag": "0000_a"}]}'}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"prisma/migrations/20240101_a/migration.sql": BESIDE}, "Prisma before 7.4"),
        ({"prisma/migrations/20240101_a/migration.sql": ALONE}, ""),
        ({"m/1_a.up.sql": BESIDE, "m/1_a.down.sql": "SELECT 1;"}, "golang-migrate refuses"),
        ({"m/1_a.up.sql": ALONE, "m/1_a.down.sql": "SELECT 1;"}, ""),
        ({"sql/V1__a.sql": BESIDE}, "flyway.mixed"),
        ({"sql/V1__a.sql": ALONE + "DROP INDEX CONCURRENTLY j;\n"}, ""),
        ({"drizzle/0000_a.sql": ALONE} | JOURNAL, "Drizzle"),
        ({"drizzle/0000_a.sql": "COMMIT;--> statement-breakpoint\n" + ALONE} | JOURNAL, ""),
        ({"migrations/1_a.sql": GOOSE.format(ALONE)}, "NO TRANSACTION"),
        ({"migrations/1_a.sql": "-- +goose NO TRANSACTION\n" + GOOSE.format(ALONE)}, ""),
        ({"db/migrations/1_a.sql": "-- migrate:up\n" + ALONE + "-- migrate:down\nSELECT 1;\n"}, "transaction:false"),
        ({"db/migrations/1_a.sql": "-- migrate:up transaction:false\n" + ALONE + "-- migrate:down\nSELECT 1;\n"}, ""),
        # Its tool takes such a statement out by itself.
        ({"supabase/migrations/1_a.sql": BESIDE}, ""),
        ({"migrations/1_a.sql": BESIDE}, ""),
    ],
)  # fmt: skip
async def test_the_transaction_of_the_tool_is_told(
    repository: Repository, judge: Judge, files: dict[str, str], said: str
) -> None:
    repository.commit(files)
    notes = [
        f for f in (await judge("deploy.migration-locking"))["deploy.migration-locking"] if f.status is Status.INFO
    ]
    assert [said in note.summary and "CONCURRENTLY" in note.summary for note in notes] == ([True] if said else [])


async def test_what_the_file_begins_itself_is_told_once(repository: Repository, judge: Judge) -> None:
    repository.commit({"migrations/1_a.sql": GOOSE.format(f"BEGIN;\n{ALONE}")})
    notes = [
        f for f in (await judge("deploy.migration-locking"))["deploy.migration-locking"] if f.status is Status.INFO
    ]
    assert [note.target for note in notes] == ["migrations/1_a.sql:3"]
