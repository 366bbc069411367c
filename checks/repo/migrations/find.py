"""Which migrations of a project are pending, and what each of them does."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from checks.errors import CannotTell
from checks.repo import git
from checks.repo.migrations.alembic import is_alembic, read_alembic
from checks.repo.migrations.clashes import class_lists
from checks.repo.migrations.django import Columns, read_django, remember_fields
from checks.repo.migrations.frameworks import javascript, laravel, rails
from checks.repo.migrations.hazard import Hazard, Kind
from checks.repo.migrations.java import read_java
from checks.repo.migrations.places import ONE_WAY, UNREAD, Migration, migrations
from checks.repo.migrations.scripts import read_doctrine, read_javascript, read_laravel, read_rails
from checks.repo.migrations.sql import created_in, read_sql
from checks.repo.migrations.transaction import in_its_transaction
from checks.repo.project import Project, fits


@dataclass(frozen=True, slots=True)
class Judged:
    """A migration and what it may do. `unread` are lines that nobody understood; `one_way` names a tool
    that knows no way down at all."""

    migration: Migration
    hazards: tuple[Hazard, ...] = ()
    unread: tuple[int, ...] = ()
    one_way: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """The migrations that the next release would run, and how that was told."""

    migrations: tuple[Migration, ...]
    told_by: str
    every: tuple[Migration, ...] = ()
    sure: bool = True
    """Whether something says what production has run; where nothing does, every migration counts as pending."""
    edited: tuple[Migration, ...] = ()
    """Those that were there already, and say something else now."""
    compared: str = ""
    """The commit that was compared with."""


def pending(found: Project, named: Iterable[str], base: str) -> Pending:
    """Which migrations are pending. Blocking. Raises CannotTell for a base that git does not know.

    In this order: those that the user names (paths or patterns); those that `base` does not have; those that are
    new since the main branch, on another branch; all, where nothing says what production has run already. What is
    only changed since stands apart, since no tool runs it again, but for Flyway's repeatable ones.
    """
    every = migrations(found)
    listed = [name.rstrip("/") for name in named]
    if listed:
        chosen = [m for m in every if _is_named(m.path, listed)]
        known = {migration.path for migration in chosen}
        extra = [name for name in listed if found.has(name) and name not in known]
        return Pending((*chosen, *(_by_name(found, path) for path in extra)), "as named", tuple(every))
    if not found.is_git:
        return Pending(tuple(every), "no git and no base: every migration counts as pending", tuple(every), sure=False)
    compared = _previous(found, base) if base else _main_branch(found)
    if not compared:
        return Pending(tuple(every), "no base was given: every migration counts as pending", tuple(every), sure=False)
    added, edited = _changed(found, compared, "AR"), _changed(found, compared, "M")
    # What the base got after this branch left it is not this branch's doing.
    left = git.run(found.root, "merge-base", compared, "HEAD", ok=(0, 1)).decode().strip()
    if left:
        added, edited = added & _changed(found, left, "AMR"), edited & _changed(found, left, "M")
    added |= set(git.names(found.root, "ls-files", "-z", "--others", "--exclude-standard"))
    again = {path for path in edited if PurePosixPath(path).name.startswith("R__")}
    chosen = [m for m in every if m.path in added | again and not _has_run_in_parts(found, m, added)]
    other = [migration for migration in every if migration.path in edited - again]
    told_by = f"new since {base or 'the main branch'}"
    return Pending(tuple(chosen), told_by, tuple(every), edited=tuple(other), compared=compared)


def _has_run_in_parts(found: Project, migration: Migration, added: set[str]) -> bool:
    """Whether a migration of Django only stands for others, none of which is new: `migrate` takes it for done."""
    replaced = class_lists(found.read(migration.path))["replaces"] if migration.tool == "Django" else []
    folder = PurePosixPath(migration.path).parent
    return bool(replaced) and not any((folder / f"{name}.py").as_posix() in added for _, name in replaced)


def _changed(found: Project, compared: str, how: str) -> set[str]:
    """Files that differ from a commit: added (A), modified (M) or renamed (R)."""
    return set(git.names(found.root, "diff", "--name-only", "-z", f"--diff-filter={how}", "--relative", compared, "--"))


def _previous(found: Project, base: str) -> str:
    """The base; where a CI service gives zeros because nothing came before, the commit before this one.

    Raises CannotTell for a base that is not in this clone.
    """
    if set(base) != {"0"}:
        if not git.run(found.root, "rev-parse", "--verify", "-q", f"{base}^{{commit}}", ok=(0, 1, 128)):
            raise CannotTell(
                f"git does not know {base!r} in this clone, so what is pending cannot be told; a shallow clone lacks "
                'it: fetch the whole history (GitHub: fetch-depth: 0; GitLab: GIT_DEPTH: "0")'
            )
        return base
    return "HEAD~1" if git.run(found.root, "rev-parse", "--verify", "-q", "HEAD~1", ok=(0, 1)) else ""


def _is_named(path: str, listed: list[str]) -> bool:
    parts = PurePosixPath(path)
    return any(
        path == name or path.startswith(f"{name}/") or fits(path, (name,)) or name in (parts.stem, parts.parent.name)
        for name in listed
    )


def _by_name(found: Project, path: str) -> Migration:
    text = found.read(path)
    if path.endswith(".py"):
        return Migration(path, "Alembic" if is_alembic(text) else "Django")
    tools = {".rb": "Rails", ".php": "Laravel", ".sql": "SQL"}
    return Migration(path, tools.get(PurePosixPath(path).suffix, "Knex, Sequelize or TypeORM"))


def _main_branch(found: Project) -> str:
    """The commit where this branch left the main one; empty on the main branch itself."""
    head = git.run(found.root, "rev-parse", "HEAD", ok=(0, 128)).decode().strip()
    for name in ("origin/HEAD", "origin/main", "origin/master", "main", "master"):
        merged = git.run(found.root, "merge-base", name, "HEAD", ok=(0, 1, 128)).decode().strip()
        if merged and merged != head:
            return merged
    return ""


def dialect_of(found: Project, named: str) -> str:
    """The database that a project uses: as named, else by its settings, else PostgreSQL. Blocking."""
    if named:
        word = named.lower()
        return "mysql" if word in ("mysql", "mariadb") else "sqlite" if word.startswith("sqlite") else "postgres"
    places = found.own(
        "schema.prisma", "drizzle.config.*", "knexfile.*", "database.yml", "database.yaml", "settings*.py",
        "alembic.ini",
        ".env.example", ".env.sample", ".env.template", ".env", "compose.y*ml", "docker-compose*.y*ml", "ormconfig.*",
        "data-source.*", "package.json", "requirements*.txt", "pyproject.toml", "Gemfile", "go.mod", "composer.json",
        "migration_lock.toml", "settings/*.py", "database.php", "flyway.conf",
    )  # fmt: skip
    text = "\n".join(found.read(path) for path in places)
    for dialect, pattern in (
        ("postgres", r"postgres(?:ql)?\b|psycopg|\bpgx?\b|node-postgres|asyncpg"),
        ("mysql", r"\bmysql2?\b|mariadb|pymysql|mysqlclient"),
        ("sqlite", r"\bsqlite3?\b|better-sqlite3|libsql"),
    ):
        if re.search(pattern, text, re.I):
            return dialect
    return "postgres"


def created(found: Project, migration: Migration) -> set[str]:
    """The tables (of Django: the models, in small letters) that a migration creates. Blocking."""
    text = found.read(migration.path)
    if migration.tool == "Django":
        return {name.lower() for name in _MODELS.findall(text)}
    if migration.tool == "Alembic":
        return set(_TABLES.findall(text))
    frameworks = {"Rails": rails, "Laravel": laravel, "Knex, Sequelize or TypeORM": javascript}
    of_calls = set(frameworks[migration.tool]().creates.findall(text)) if migration.tool in frameworks else set()
    return of_calls | created_in(text)


_MODELS = re.compile(r"\bCreateModel\(\s*(?:name\s*=\s*)?['\"](\w+)")
_TABLES = re.compile(r"\bop\.create_table\(\s*['\"](\w+)")


def judge(
    found: Project, migration: Migration, every: Iterable[Migration], dialect: str, fresh: Iterable[str] = ()
) -> Judged:
    """Read one migration. Blocking. Raises CannotTell where the file cannot be read.

    Args:
        fresh: tables that pending migrations before it create, so that they are not live.
    """
    text = found.read(migration.path)
    if not text and (found.root / migration.path).exists() and (found.root / migration.path).stat().st_size:
        raise CannotTell(f"{migration.path} cannot be read")
    if migration.tool == "Django":
        fields: Columns = {}
        folder = PurePosixPath(migration.path).parent
        for other in every:
            if other.tool == "Django" and PurePosixPath(other.path).parent == folder and other.path < migration.path:
                remember_fields(found.read(other.path), fields)
        return _judged(migration, read_django(text, dialect, fields, fresh))
    if migration.tool == "Alembic":
        return _judged(migration, read_alembic(text, dialect, fresh))
    if migration.tool == "Flyway" and not migration.path.endswith(".sql"):
        return replace(_judged(migration, read_java(text, dialect)), one_way="Flyway")
    if migration.tool in UNREAD and not migration.path.endswith(".sql"):
        return Judged(migration, unread=(1,))
    readers = {
        "Rails": read_rails,
        "Doctrine": read_doctrine,
        "Laravel": read_laravel,
        "Knex, Sequelize or TypeORM": read_javascript,
    }
    if migration.tool in readers:
        return _judged(migration, readers[migration.tool](text, dialect, fresh))
    return _judge_sql(found, migration, text, dialect, fresh)


def _judged(migration: Migration, hazards: list[Hazard]) -> Judged:
    unread = sorted({hazard.line for hazard in hazards if hazard.kind is Kind.UNREAD})
    return Judged(migration, tuple(hazard for hazard in hazards if hazard.kind is not Kind.UNREAD), tuple(unread))


_MARK = re.compile(r"^--\s*(?:\+goose\s+|migrate:|\+migrate\s+)(up|down)\b.*$", re.I | re.M)


_ROLLBACK = re.compile(r"^--\s*rollback\b(?!\s*(?:empty|not\s+required)?\s*$)", re.I | re.M)
"""A way down of Liquibase's."""


def _judge_sql(found: Project, migration: Migration, text: str, dialect: str, fresh: Iterable[str]) -> Judged:
    """SQL, of which only the way up runs at a release; goose, dbmate and sql-migrate mark both ways in one file."""
    up, down = text, None
    marks = list(_MARK.finditer(text))
    if migration.tool == "Liquibase":
        down = "written" if _ROLLBACK.search(text) else None
    elif marks:
        up, down = "", ""
        for mark, after in zip(marks, [*marks[1:], None], strict=True):
            piece = text[mark.end() : after.start() if after else len(text)]
            if mark[1].lower() == "up":
                # Lines keep their numbers.
                up += "\n" * (text.count("\n", 0, mark.end()) - up.count("\n")) + piece
            else:
                down += piece
    else:
        down = _beside(found, migration.path)
    reading = read_sql(up, dialect, fresh)
    hazards = list(reading.hazards)
    if dialect == "postgres":
        noted = {hazard.line for hazard in hazards if hazard.rule == "in-transaction"}
        hazards += [h for h in in_its_transaction(found, migration, text, up) if h.line not in noted]
    does_something = bool(re.sub(r"--[^\n]*|/\*.*?\*/|\s|;", "", up, flags=re.S))
    empty = down is not None and not re.sub(r"--[^\n]*|/\*.*?\*/|\s|;", "", down, flags=re.S)
    one_way = migration.tool if migration.tool in ONE_WAY and down is None else ""
    if does_something and (empty or (down is None and not one_way)):
        hazards.append(Hazard(Kind.IRREVERSIBLE, "no-way-down", 1, "has no way down, or an empty one"))
    return Judged(migration, tuple(hazards), tuple(reading.unread), one_way)


def _beside(found: Project, path: str) -> str | None:
    """The text of the file that takes an SQL migration back; None where there is none."""
    whole = PurePosixPath(path)
    name = whole.name
    guesses = [
        name.replace(".up.sql", ".down.sql"),
        name.removesuffix(".sql") + ".down.sql",
        name.removesuffix(".sql") + "_down.sql",
        "down.sql",
        re.sub(r"^V", "U", name),
        re.sub(r"(^|[._-])up\.sql$", r"\1down.sql", name),
    ]
    for guess in guesses:
        other = (whole.parent / guess).as_posix()
        if guess != name and found.has(other):
            return found.read(other)
    return None
