"""Liquibase and Doctrine are read as far as they are SQL; what nobody reads is said, and never passed over."""

from __future__ import annotations

import pytest

from tests.repo.conftest import Judge, Repository

DOCTRINE = """<?php
final class Version20240101 extends AbstractMigration
{{
    public function up(Schema $schema): void
    {{
        {0}
    }}

    public function down(Schema $schema): void
    {{
        {1}
    }}
}}
"""
LIQUIBASE = "--liquibase formatted sql\n--changeset a:1\n{0}\n{1}\n"
STATUSES = [
    ({"migrations/Version20240101.php": DOCTRINE.format("$this->addSql('ALTER TABLE t DROP a');", "$this->addSql('SELECT 1');")},
     "fail", "pass"),
    ({"migrations/Version20240101.php": DOCTRINE.format("$this->addSql('ALTER TABLE t ADD a INT DEFAULT NULL');", "")}, "pass", "warn"),
    ({"migrations/Version20240101.php": DOCTRINE.format("$this->addSql($made);", "$this->addSql('SELECT 1');")}, "error", "error"),
    ({"db/changelog/1.sql": LIQUIBASE.format("DROP TABLE x;", "--rollback CREATE TABLE x (id int);")}, "fail", "pass"),
    ({"db/changelog/1.sql": LIQUIBASE.format("SELECT 1;", "--rollback empty")}, "pass", "warn"),
    ({"db/changelog/db.changelog-1.yaml": "databaseChangeLog:\n- changeSet:\n    id: 1\n    changes:\n    - dropTable: {tableName: x}\n"},
     "error", "error"),
    ({"db/changelog/db.changelog-master.xml": '<databaseChangeLog><include file="x"/></databaseChangeLog>'}, "skipped", "skipped"),
    ({"priv/repo/migrations/20240101_a.exs": "defmodule A do\n  use Ecto.Migration\nend\n"}, "error", "error"),
    ({"Data/Migrations/20240101_A.cs": "class A : Migration {}", "Data/Migrations/20240101_A.Designer.cs": "x"}, "error", "error"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "destructive", "irreversible"), STATUSES)
async def test_each_tool_is_read_or_said(
    repository: Repository, judge: Judge, files: dict[str, str], destructive: str, irreversible: str
) -> None:
    repository.commit(files)
    found = await judge("deploy.migration-destructive", "deploy.migration-irreversible", dialect="mysql")
    assert [finding.status for finding in found["deploy.migration-destructive"]] == [destructive]
    assert [finding.status for finding in found["deploy.migration-irreversible"]] == [irreversible]
