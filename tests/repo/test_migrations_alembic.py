"""Alembic's revisions as people write them: batches, helpers, loops, connections, several databases."""

from __future__ import annotations

import textwrap

import pytest

from checks.repo.migrations.alembic import read_alembic
from checks.repo.migrations.hazard import REWRITES, Hazard

HEAD = "from alembic import op\nrevision = 'a'\ndown_revision = None\n"


def judged(up: str, down: str = "op.x()", before: str = "", dialect: str = "postgres") -> list[Hazard]:
    ways = "".join(
        f"def {name}():\n{textwrap.indent(body, '    ')}\n" for name, body in (("upgrade", up), ("downgrade", down))
    )
    hazards = read_alembic(f"{HEAD}{before}\n{ways}", dialect)
    assert {hazard.rule for hazard in hazards} <= set(REWRITES)
    return hazards


BATCH = "with op.batch_alter_table('user') as batch_op:\n    batch_op."
NEW = "op.create_table('n')\nwith op.batch_alter_table('n') as batch_op:\n    batch_op."


@pytest.mark.parametrize(
    ("up", "expected"),
    [
        (BATCH + "drop_column('b')", {"drop-column"}),
        (BATCH + "create_foreign_key('f', 'other', ['x'], ['id'])", {"constraint"}),
        (BATCH + "create_index('i', ['a'], unique=True)", {"index"}),
        (NEW + "create_index('i', ['a'])", set()),
        (NEW + "create_foreign_key('f', 'other', ['x'], ['id'])", set()),
        # A connection, a session, a cursor.
        ("op.get_bind().exec_driver_sql('TRUNCATE q')", {"truncate"}),
        ("conn = op.get_bind()\nconn.execute(sa.text('DROP TABLE z'))", {"drop-table"}),
        ("session.query(User).delete()", {"delete-all"}),
        ("session.query(User).filter(User.id == 1).delete()", set()),
        ("names.update(a=1)", set()),
        # Loops.
        ("for name in ('a', 'b'):\n    op.drop_column(name, 'x')", {"drop-column"}),
        ("for made in ['DROP TABLE s1', 'SELECT 1']:\n    op.execute(made)", {"drop-table"}),
        ("for made in statements():\n    op.execute(made)", {"unread"}),
        # Names that a statement is held under.
        ("if dialect == 'mysql':\n    stmt = 'UPDATE t SET a = 1 WHERE b'\nelse:\n    stmt = 'DROP TABLE t'\nop.execute(stmt)", {"drop-table"}),
        ("stmt = sa.text('DELETE FROM t WHERE id = :i')\nconn.execute(stmt.bindparams(i=1))", set()),
        ("stmt = sa.update(t).values(a=1)\nop.execute(stmt)", {"update-all"}),
        ("stmt = sa.update(t)\nop.execute(stmt.where(t.c.a == 1).values(a=2))", set()),
        ("stmt = made()\nop.execute(stmt)", {"unread"}),
        # Where an index is built concurrently.
        ("op.execute('CREATE INDEX CONCURRENTLY i ON t (a)')", {"in-transaction"}),
        ("with op.get_context().autocommit_block():\n    op.execute('CREATE INDEX CONCURRENTLY i ON t (a)')", set()),
        # Columns.
        ("op.add_column('t', sa.Column('a', sa.Integer(), index=True))", {"index"}),
        ("op.add_column('t', sa.Column('a', sa.Integer(), sa.Computed('b * 2', persisted=True)))", {"rewrite"}),
        ("op.add_column('t', sa.Column('a', sa.Integer(), sa.Identity(), nullable=False))", {"rewrite"}),
        ("op.add_column('t', sa.Column('a', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False))", {"rewrite"}),
        ("op.add_column('t', sa.Column('a', sa.DateTime(), server_default=sa.text('now()'), nullable=False))", set()),
        ("op.create_exclude_constraint('e', 't', ('a', '='))", {"unique"}),
        # Types between which no row is looked at.
        ("op.alter_column('t', 'c', existing_type=sa.VARCHAR(length=10), type_=sa.String(20))", set()),
        ("op.alter_column('t', 'c', existing_type=sa.String(10), type_=sa.Text())", set()),
        ("op.alter_column('t', 'c', existing_type=sa.String(10), type_=sa.String(5))", {"type"}),
        ("op.alter_column('t', 'c', existing_type=sa.Integer(), type_=sa.Text())", {"type"}),
        ("op.alter_column('t', 'c', type_=sa.Text())", {"type"}),
    ],
)  # fmt: skip
def test_what_a_revision_does(up: str, expected: set[str]) -> None:
    assert {hazard.rule for hazard in judged(up)} == expected


def test_a_batch_names_its_table() -> None:
    assert [hazard.what for hazard in judged(BATCH + "drop_column('b')")] == ["drops the column b of user"]


def test_mysql_looks_at_every_row_for_a_longer_text() -> None:
    up = "op.alter_column('t', 'c', existing_type=sa.String(10), type_=sa.Text())"
    assert [hazard.rule for hazard in judged(up, dialect="mysql")] == ["type"]


def test_a_helper_is_followed_and_one_that_nothing_calls_is_not() -> None:
    before = "def _gone():\n    op.drop_table('legacy')\ndef _unused():\n    op.drop_table('other')\n"
    assert [(hazard.rule, hazard.line) for hazard in judged("_gone()", before=before)] == [("drop-table", 5)]


@pytest.mark.parametrize(
    "down", ["print('no way')", "log.warning('x')\nraise NotImplementedError", "'''None.'''\nreturn"]
)
def test_a_way_down_that_only_says_so_is_none(down: str) -> None:
    assert [hazard.rule for hazard in judged("op.add_column('t', sa.Column('a'))", down)] == ["no-way-down"]


def test_each_of_several_databases_is_judged() -> None:
    both = "def upgrade(engine_name):\n    globals()[f'upgrade_{engine_name}']()\ndef downgrade(engine_name):\n    globals()[f'downgrade_{engine_name}']()\n"
    one = "def upgrade_one():\n    op.drop_table('a')\ndef downgrade_one():\n    {}\ndef upgrade_two():\n    pass\ndef downgrade_two():\n    pass\n"
    assert [h.rule for h in read_alembic(HEAD + both + one.format("op.create_table('a')"), "postgres")] == [
        "drop-table"
    ]
    assert [h.rule for h in read_alembic(HEAD + both + one.format("pass"), "postgres")] == ["drop-table", "no-way-down"]
