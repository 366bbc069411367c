"""Migrations of Rails, Knex, TypeORM, Sequelize, Kysely, MikroORM and Laravel as people write them."""

from __future__ import annotations

import textwrap

import pytest

from checks.repo.migrations.hazard import REWRITES, Hazard
from checks.repo.migrations.scripts import read_javascript, read_laravel, read_rails


def rules(hazards: list[Hazard]) -> set[str]:
    assert {hazard.rule for hazard in hazards} <= set(REWRITES)
    return {hazard.rule for hazard in hazards}


def change(body: str) -> str:
    return f"def change\n  {body}\nend"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # Whole tables, however they are named.
        ("def up\n  Shop::Order.unscoped.delete_all\n  Order.all.update_all(a: 1)\nend\ndef down\n  x\nend", {"delete-all", "update-all"}),
        ("def up\n  Order.where(a: 1).delete_all\nend\ndef down\n  x\nend", set()),
        # What locks.
        (change("add_reference :orders, :user, null: false, index: false"), {"not-null-column"}),
        (change("add_reference :orders, :user, index: false"), set()),
        (change("add_exclusion_constraint :orders, 'x WITH &&', using: :gist"), {"unique"}),
        (change("add_unique_constraint :orders, [:a]"), {"unique"}),
        (change("add_unique_constraint :orders, [:a], using_index: 'i'"), set()),
        (change("change_table :orders do |t|\n    t.index [:a, :b]\n  end"), {"index"}),
        (change("add_column :orders, :a, :uuid, default: -> { 'gen_random_uuid()' }"), {"rewrite"}),
        (change("add_column :orders, :a, :virtual, type: :integer, as: 'b * 2', stored: true"), {"rewrite"}),
        (change("add_column :orders, :a, :datetime, default: -> { 'now()' }"), set()),
        # No way back.
        ("def up\n  add_column :orders, :a, :text\nend\n\ndef down; end", {"no-way-down"}),
        ("def up\n  add_column :orders, :a, :text\nend\n\ndef down\n  # nothing\n  raise 'no'\nend", {"no-way-down"}),
        ("def up\n  add_column :orders, :a, :text\nend\n\ndef down\n  remove_column :orders, :a\nend", set()),
        (change("change_table :orders do |t|\n    t.change :a, :bigint\n  end"), {"type", "no-way-down"}),
        (change("change_table :orders do |t|\n    t.remove :a, type: :text\n  end"), {"drop-column"}),
        (change("remove_index :orders, name: 'i'"), {"drop-index", "no-way-down"}),
        (change("remove_index :orders, name: 'i', column: :a"), {"drop-index"}),
        (change("reversible do |dir|\n    dir.up { execute 'SELECT 1' }\n  end"), {"no-way-down"}),
        (change("safety_assured { remove_column :orders, :a }"), {"drop-column", "no-way-down"}),
    ],
)  # fmt: skip
def test_rails(body: str, expected: set[str]) -> None:
    text = f"class A < ActiveRecord::Migration[7.1]\n{textwrap.indent(body, '  ')}\nend\n"
    assert rules(read_rails(text, "postgres")) == expected


@pytest.mark.parametrize(
    ("up", "expected"),
    [
        # Knex.
        ("await knex.schema.alterTable('o', (table) => {\n    table.string('a').notNullable().alter();\n  });", {"type"}),
        ("await knex.schema.alterTable('o', (table) => {\n    table.dropNullable('a');\n    table.dropTimestamps();\n  });", {"set-not-null", "drop-column"}),
        ("await knex('users')\n    .where('a', 1)\n    .del();", set()),
        ("await knex('users')\n    .del();", {"delete-all"}),
        ("await knex<User>('users').update({ a: 1 });", {"update-all"}),
        ("await knex.schema.dropTable('a').dropTable('b');", {"drop-table"}),
        ("await knex.schema.raw('CREATE INDEX CONCURRENTLY i ON t (a)');", {"in-transaction"}),
        ("await knex.raw('ALTER TABLE t ' +\n    'DROP COLUMN a');", {"drop-column"}),
        ("await knex.raw(`DELETE FROM t WHERE a = ${x}`);", set()),
        ("await knex.raw(['DROP TABLE', name].join(' '));", {"unread"}),
        # TypeORM, Sequelize, Kysely, MikroORM, db-migrate.
        ("await queryRunner.dropColumn('user', 'w');", {"drop-column"}),
        ("await queryRunner.manager.createQueryBuilder().delete().from(User).execute();", {"delete-all"}),
        ("await queryRunner.manager.createQueryBuilder()\n    .update(User)\n    .set({ a: 1 })\n    .where('b = 1').execute();", set()),
        ("await queryInterface.bulkDelete('users', null, {});\n  await queryInterface.bulkUpdate('users', { a: 1 }, {});", {"delete-all", "update-all"}),
        ("await queryInterface.bulkDelete('users', { id: 1 });\n  await queryInterface.bulkUpdate('users', { a: 1 }, { id: 1 });", set()),
        ("await queryInterface.dropAllTables();", {"drop-table"}),
        ("await queryInterface.sequelize.query('CREATE INDEX CONCURRENTLY i ON t (a)');", set()),
        ("await db.deleteFrom('t').execute();\n  await db.updateTable('t').set({ a: 1 }).where('b', '=', 1).execute();", {"delete-all"}),
        ("await db.schema.createTable('n').addColumn('a', 'text').execute();\n  await db.schema.createIndex('i').on('n').column('a').execute();", set()),
        ("await db.schema.createIndex('i').on('t').column('a').execute();", {"index"}),
        ("this.addSql('alter table \"t\" drop column \"a\";');", {"drop-column"}),
        ("this.addSql(made);", {"unread"}),
        ("return db.runSql('DROP TABLE a');", {"drop-table"}),
    ],
)  # fmt: skip
def test_javascript(up: str, expected: set[str]) -> None:
    text = f"exports.up = async function (knex) {{\n  {up}\n}};\n\nexports.down = async function (knex) {{\n  return knex.x();\n}};\n"
    assert rules(read_javascript(text, "postgres")) == expected


def test_a_file_may_say_that_it_wants_no_transaction() -> None:
    text = "exports.up = (knex) => knex.raw('CREATE INDEX CONCURRENTLY i ON t (a)');\nexports.down = (knex) => knex.x();\nexports.config = { transaction: false };\n"
    assert rules(read_javascript(text, "postgres")) == set()


@pytest.mark.parametrize(
    "down", ["function () { throw new Error('no') }", "async function (knex) {}", "() => {}", "function () { return; }"]
)
def test_a_way_down_on_one_line_that_does_nothing_is_none(down: str) -> None:
    text = f"exports.up = function (knex) {{\n  return knex.x();\n}};\nexports.down = {down};\n"
    assert rules(read_javascript(text, "postgres")) == {"no-way-down"}


def test_a_column_is_told_with_its_table_and_at_its_own_line() -> None:
    text = "exports.up = async (q) => {\n  await q\n    .removeColumn('users', 'a');\n  await q.removeColumn('users', 'b');\n};\nexports.down = (q) => q.x();\n"
    assert [(hazard.what, hazard.line) for hazard in read_javascript(text, "mysql")] == [
        ("drops the column a of users", 3), ("drops the column b of users", 4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("up", "expected"),
    [
        ("$table->string('a')\n      ->nullable();", set()),
        ("$table->string('a')\n      ->after('b');", {"not-null-column"}),
        ("Schema::create('n', function ($table) {\n      $table->string('a');\n    });\n    $table->string('b');", {"not-null-column"}),
        ("$table->comment('x');\n    $table->nullableMorphs('a');\n    $table->dropForeign(['a']);", set()),
        ("$table->integer('a')->storedAs('b * 2');", {"rewrite"}),
        ("$table->dropMorphs('a');", {"drop-column"}),
        ("DB::table('users')->delete();", {"delete-all"}),
        ("DB::table('users')\n      ->where('a', 1)\n      ->update(['b' => 2]);", set()),
        ("User::query()->update(['a' => 1]);\n    Post::truncate();", {"update-all", "truncate"}),
        ("DB::statement(<<<SQL\n      ALTER TABLE t DROP COLUMN a\n    SQL);", {"drop-column"}),
        ("DB::delete('delete from t');\n    DB::statement('ALTER TABLE t ' . 'DROP COLUMN a');", {"delete-all", "drop-column"}),
    ],
)  # fmt: skip
def test_laravel(up: str, expected: set[str]) -> None:
    text = f"public function up(): void\n{{\n    {up}\n}}\n\npublic function down(): void\n{{\n    x();\n}}\n"
    assert rules(read_laravel(text, "mysql")) == expected
