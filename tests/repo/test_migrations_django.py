"""Django's migrations as people write them: operations made in odd ways, Python that works on tables, state apart."""

from __future__ import annotations

import pytest

from checks.repo.migrations.django import Columns, read_django, remember_fields
from checks.repo.migrations.hazard import REWRITES

HEAD = "from django.db import migrations, models\n{0}class Migration(migrations.Migration):\n    {1}\n    operations = {2}\n"
FIRST = HEAD.format(
    "", "", "[migrations.CreateModel('Order', [('id', models.BigAutoField(primary_key=True)), ('name', models.CharField(max_length=10)), "
    "('code', models.SlugField()), ('n', models.IntegerField(null=True))])]",
)  # fmt: skip


def told(operations: str, before: str = "", head: str = "", dialect: str = "postgres") -> set[tuple[str, int]]:
    """Rules, each with the line of its operation or function."""
    fields: Columns = {}
    remember_fields(FIRST, fields)
    hazards = read_django(HEAD.format(before, head, operations), dialect, fields)
    assert {hazard.rule for hazard in hazards} <= set(REWRITES)
    return {(hazard.rule, hazard.line) for hazard in hazards}


def rules(operations: str, before: str = "", head: str = "", dialect: str = "postgres") -> set[str]:
    return {rule for rule, _ in told(operations, before, head, dialect)}


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ("[]\n    operations += [migrations.DeleteModel('Post')]", {"drop-table"}),
        ("[*[migrations.RunSQL(s) for s in STATEMENTS]]", {"unread"}),
        ("[*(migrations.RemoveField('order', 'n'),)]", {"drop-column"}),
        ("made()", {"unread"}),
        ("[migrations.DeleteModel('Post')] if settings.OLD else []", {"drop-table"}),
        ("[shop.operations.DropEverything('order')]", {"unread"}),
        ("[TrigramExtension(), CreateCollation('c', 'd'), ValidateConstraint('order', 'c')]", set()),
        ("[made for made in ALL]", {"unread"}),
        # What Django once wrote itself for a new model.
        ("[migrations.CreateModel('New', []), migrations.AlterUniqueTogether(name='new', unique_together={('a', 'b')})]", set()),
        ("[migrations.AlterUniqueTogether(name='order', unique_together={('a', 'b')})]", {"constraint"}),
        ("[migrations.AlterUniqueTogether(name='order', unique_together=set())]", set()),
        ("[migrations.AlterIndexTogether('order', None)]", set()),
        # Indexes that nobody asks for by name, and columns that are worked out.
        ("[migrations.AddField('order', 's', models.SlugField(null=True))]", {"index"}),
        ("[migrations.AddField('order', 's', models.SlugField(null=True, db_index=False))]", set()),
        ("[migrations.AddField('order', 'g', models.GeneratedField(expression=F('n'), output_field=models.TextField(), db_persist=True))]",
         {"rewrite"}),
        # Changes of a field, after its own earlier ones.
        ("[migrations.AlterField('order', 'name', models.TextField())]", set()),
        ("[migrations.AlterField('order', 'code', models.TextField())]", {"type"}),
        ("[migrations.AlterField('order', 'name', models.CharField(max_length=20)), "
         "migrations.AlterField('order', 'name', models.CharField(max_length=15))]", {"type"}),
        ("[migrations.RenameField('order', 'n', 'm'), migrations.AlterField('order', 'm', models.IntegerField(null=True))]", {"rename"}),
        ("[migrations.RenameModel('Order', 'Sale'), migrations.AlterField('sale', 'n', models.IntegerField())]", {"rename", "set-not-null"}),
        ("[migrations.AlterField('order', 'unknown', models.IntegerField())]", {"unread"}),
        ("[migrations.RunSQL('FROBNICATE x', 'SELECT 1')]", {"unread"}),
    ],
)  # fmt: skip
def test_operations(operations: str, expected: set[str]) -> None:
    assert rules(operations) == expected


@pytest.mark.parametrize(("head", "expected"), [("", {"in-transaction"}), ("atomic = False", set())])
def test_an_index_built_concurrently_wants_no_transaction(head: str, expected: set[str]) -> None:
    assert rules("[migrations.RunSQL('CREATE INDEX CONCURRENTLY i ON t (a)', 'SELECT 1')]", head=head) == expected


def test_mysql_takes_its_own_way() -> None:
    assert rules("[migrations.AlterField('order', 'name', models.TextField())]", dialect="mysql") == {"type"}
    assert rules("[migrations.AddField('order', 's', models.SlugField(null=True))]", dialect="mysql") == set()


FUNCTIONS = """def forward(apps, schema_editor):
    Order = apps.get_model('shop', 'Order')
    Order.objects.filter(a=1).delete()
    clean(Order)
    schema_editor.execute('DROP TABLE legacy')
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("DELETE FROM a WHERE id = %s", [1])
        cursor.execute(made())
def clean(model):
    model.objects.using('default').all().delete()
def other(apps, schema_editor):
    Order.objects.all().delete()
"""


def test_what_python_does_is_told_with_what_it_calls() -> None:
    assert told("[migrations.RunPython(forward, migrations.RunPython.noop)]", FUNCTIONS) == {
        ("delete-all", 11), ("drop-table", 6), ("unread", 9),
    }  # fmt: skip
    by_lambda = "[migrations.RunPython(lambda apps, _: apps.get_model('a', 'B').objects.update(c=1), migrations.RunPython.noop)]"
    assert rules(by_lambda) == {"update-all"}


def test_what_django_is_told_apart_is_remembered_for_the_next() -> None:
    fields: Columns = {}
    apart = "[migrations.SeparateDatabaseAndState(database_operations=[], state_operations=[migrations.AddField('order', 'q', models.IntegerField())])]"
    remember_fields(HEAD.format("", "", apart), fields)
    later = HEAD.format("", "", "[migrations.AlterField('order', 'q', models.BigIntegerField())]")
    assert [hazard.rule for hazard in read_django(later, "postgres", fields)] == ["type"]


def test_an_operation_of_the_migrations_own_does_what_the_one_does_that_it_stands_on() -> None:
    own = "class DropQuietly(migrations.RemoveField):\n    pass\nclass Maybe(AddIndexConcurrently):\n    pass\n"
    assert rules("[DropQuietly('order', 'n')]", own) == {"drop-column"}
    assert rules("[Maybe('order', models.Index(fields=['n'], name='i'))]", own) == {"in-transaction"}
    assert rules("[Maybe('order', models.Index(fields=['n'], name='i'))]", own, "atomic = False") == set()
