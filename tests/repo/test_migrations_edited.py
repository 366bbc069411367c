"""A migration that the base has already and that was edited since: only what the edit brought in is told."""

from __future__ import annotations

from tests.repo.conftest import Judge, Repository

PATH = "db/migration/V2__b.sql"
DESTRUCTIVE, LOCKING = "deploy.migration-destructive", "deploy.migration-locking"
OLD = "ALTER TABLE orders DROP COLUMN note;\n"


async def test_what_an_edit_brings_in_is_told(repository: Repository, judge: Judge) -> None:
    repository.commit({"db/migration/V1__a.sql": "CREATE TABLE orders (id int);\n", PATH: OLD})
    repository.git("tag", "live")
    repository.commit({PATH: f"-- why\n{OLD}DROP TABLE customers;\n"})
    found = await judge(DESTRUCTIVE, LOCKING, base="live")
    (told,) = found[DESTRUCTIVE]
    assert (told.status, told.target) == ("fail", f"{PATH}:3")
    assert "customers" in told.summary and not any("orders" in line for line in told.evidence)
    assert "changed since live: it runs wherever it has not run yet" in told.evidence
    assert any("was changed: Flyway refuses it" in finding.summary for finding in found[LOCKING])


async def test_an_edit_that_brings_nothing_in_is_a_note(repository: Repository, judge: Judge) -> None:
    repository.commit({PATH: OLD})
    repository.git("tag", "live")
    repository.commit({PATH: f"-- a comment of three\n-- lines, so that\n-- all moves\n{OLD}"})
    found = await judge(DESTRUCTIVE, LOCKING, base="live")
    assert [(f.status, f.summary) for f in found[DESTRUCTIVE]] == [("pass", "no migration is pending (new since live)")]
    assert sorted(f.status for f in found[LOCKING]) == ["info", "pass"]


async def test_a_statement_more_that_nobody_can_read_is_said(repository: Repository, judge: Judge) -> None:
    repository.commit({PATH: "SELECT 1;\n"})
    repository.git("tag", "live")
    repository.commit({PATH: "SELECT 1;\nALTER TABLE orders FROBNICATE ALL THE (;\n"})
    found = await judge(DESTRUCTIVE, base="live")
    assert "error" in {finding.status for finding in found[DESTRUCTIVE]}
