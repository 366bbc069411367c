"""Flyway's migrations written in Java or Kotlin: the SQL that stands in their calls."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.repo.env.comments import without_comments
from checks.repo.migrations.hazard import Hazard, Kind
from checks.repo.migrations.sql import read_sql

_RUNS = re.compile(
    r"\.(?:execute(?:Update|Query|LargeUpdate)?|update|batchUpdate|addBatch|prepareStatement|prepareCall|query\w*)\(\s*"
    r"(?:(?P<text>\"\"\".*?\"\"\"|\"(?:\\.|[^\"\\\n])*\"(?:\s*\+\s*(?:\"(?:\\.|[^\"\\\n])*\"|[\w.()]+))*)|(?P<made>[A-Za-z_]))",
    re.S,
)
_PART = re.compile(r"\"\"\"(?P<block>.*?)\"\"\"|\"(?P<line>(?:\\.|[^\"\\\n])*)\"|(?P<name>[\w.()]+)", re.S)


def read_java(text: str, dialect: str) -> list[Hazard]:
    """Judge a migration of Java or Kotlin; what it runs and does not write out is unread, and so is one without SQL."""
    hazards = list(_judged(without_comments(text, "/"), dialect))
    return hazards or ([] if _RUNS.search(text) else [Hazard(Kind.UNREAD, "unread", 1, "is a program without SQL")])


def _judged(code: str, dialect: str) -> Iterator[Hazard]:
    for call in _RUNS.finditer(code):
        line = code.count("\n", 0, call.start()) + 1
        if call["made"]:
            yield Hazard(Kind.UNREAD, "unread", line, "runs SQL that is made at run time")
            continue
        # A value that is put into a statement stands as a name in it.
        sql = "".join(
            part["block"] or part["line"] or ("given" if part["name"] else "") for part in _PART.finditer(call["text"])
        )
        reading = read_sql(sql, dialect)
        for hazard in reading.hazards:
            yield Hazard(hazard.kind, hazard.rule, line + hazard.line - 1, hazard.what, hazard.rewrite)
        for unread in reading.unread:
            yield Hazard(Kind.UNREAD, "unread", line + unread - 1, "runs SQL that cannot be read")
