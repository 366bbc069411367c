"""A second look at PostgreSQL's migrations by squawk, a linter that comes as a program."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from checks.repo.migrations.hazard import Hazard, Kind

SECONDS = 30.0
"""For one file."""

_RULES = {
    "ban-drop-table": (Kind.DESTRUCTIVE, "drop-table"),
    "ban-drop-column": (Kind.DESTRUCTIVE, "drop-column"),
    "ban-drop-database": (Kind.DESTRUCTIVE, "drop-schema"),
    "renaming-column": (Kind.DESTRUCTIVE, "rename"),
    "renaming-table": (Kind.DESTRUCTIVE, "rename"),
    "ban-truncate-cascade": (Kind.DESTRUCTIVE, "truncate"),
    "adding-required-field": (Kind.LOCKING, "not-null-column"),
    "adding-not-nullable-field": (Kind.LOCKING, "set-not-null"),
    "require-concurrent-index-creation": (Kind.LOCKING, "index"),
    "adding-foreign-key-constraint": (Kind.LOCKING, "constraint"),
    "constraint-missing-not-valid": (Kind.LOCKING, "constraint"),
    "changing-column-type": (Kind.LOCKING, "type"),
    "disallowed-unique-constraint": (Kind.LOCKING, "unique"),
}


def squawk(text: str) -> list[Hazard]:
    """What squawk says of PostgreSQL's statements; nothing where it is not installed or does not answer."""
    beside = Path(sys.executable).with_name("squawk.exe" if sys.platform == "win32" else "squawk")
    program = str(beside) if beside.is_file() else shutil.which("squawk")
    if program is None:
        return []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "migration.sql")
        path.write_text(text, encoding="utf-8")
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program on a file of ours
                [program, "--assume-in-transaction", "--reporter", "json", str(path)],
                capture_output=True,
                cwd=folder,
                timeout=SECONDS,
            )
            rows = json.loads(done.stdout or b"[]")
        except (OSError, ValueError, subprocess.TimeoutExpired):
            return []
    found = []
    for row in rows:
        if (known := _RULES.get(row.get("rule_name", ""))) is not None:
            kind, rule = known
            said = str(row["message"]).split(". ")[0].rstrip(".").lower()
            if "in the same transaction" in said:
                # Whether the tool runs the file in one transaction is not told by the file.
                kind, rule = Kind.NOTED, "validated-together"
            found.append(Hazard(kind, rule, int(row["line"]) + 1, f"is flagged by squawk: {said}"))
    return found
