"""Every sample of a watch, raw, in an SQLite file beside the session; all figures are read from it."""

from __future__ import annotations

import math
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checks.finding import timestamp
from launchready_tui.watch.schedule import Sample

if TYPE_CHECKING:
    from launchready_tui.watch.regions import RegionSeen

_COLUMNS = "run, url, at, ok, status, reason, attempts, dns, connect, tls, first_byte, total"
_MISSED = "run, url, at, slots"
_REGION = "run, url, region, at, ok, status, reason, probe, dns, connect, tls, first_byte, total"
_KINDS = ("sample", "missed", "region")
_TABLES = f"""
CREATE TABLE IF NOT EXISTS main.sample ({_COLUMNS});
CREATE TABLE IF NOT EXISTS main.missed ({_MISSED});
CREATE TABLE IF NOT EXISTS main.region ({_REGION});
CREATE INDEX IF NOT EXISTS main.sample_by_time ON sample (url, ok, total);
CREATE INDEX IF NOT EXISTS main.region_by_place ON region (url, region, at);
CREATE TEMP TABLE unwritten_sample ({_COLUMNS});
CREATE TEMP TABLE unwritten_missed ({_MISSED});
CREATE TEMP TABLE unwritten_region ({_REGION});
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one address. Latencies in seconds, of the probes that were answered as expected."""

    url: str
    taken: int = 0
    missed: int = 0
    failed: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    since: str = ""
    until: str = ""

    @property
    def scheduled(self) -> int:
        return self.taken + self.missed

    @property
    def uptime(self) -> float | None:
        """Share of the probes taken that did not fail; None where none was taken."""
        return (self.taken - self.failed) / self.taken if self.taken else None

    def as_dict(self) -> dict[str, Any]:
        """The form that the command line prints at the end."""
        names = ("url", "scheduled", "taken", "missed", "failed", "uptime", "p50", "p95", "p99")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class RegionFigures:
    """What one region saw of an address. Latencies in seconds, of the answers that were as expected."""

    taken: int
    failed: int
    unmeasured: int
    """Measurements that did not come about."""
    p50: float | None
    p95: float | None


def beside(session: Path) -> Path:
    """The file of samples of a session file."""
    return session.with_name(session.name.removesuffix(".toml").removesuffix(".launch") + ".watch.sqlite")


class Samples:
    """Keeps samples. What the disk refuses waits in memory for the next try; `problem` says why.

    Args:
        path: the SQLite file; None keeps everything in memory.
    """

    def __init__(self, path: Path | None) -> None:
        self.problem = ""
        """Why samples are not on the disk; empty while they are."""
        self._kept = path is not None
        try:
            self._db = _connected(str(path) if path else ":memory:")
        except sqlite3.Error as problem:
            self.problem, self._kept = f"{_why(problem)}; until the watch ends they are kept in memory", False
            self._db = _connected(":memory:")
        self._waiting = False
        last = self._db.execute("SELECT max(coalesce(s, 0), coalesce(m, 0)) FROM (SELECT (SELECT max(run) FROM sample)"
                                " AS s, (SELECT max(run) FROM missed) AS m)").fetchone()[0]  # fmt: skip
        self.run = (last or 0) + 1
        """Number of this run of the watch."""

    def close(self) -> None:
        self._db.close()

    def add(self, sample: Sample) -> None:
        """Keep one probe that was taken."""
        s, o = sample.outcome.seconds, sample.outcome
        row = (o.ok, o.status, o.reason, o.attempts, s.dns, s.connect, s.tls, s.first_byte, s.total)
        self._write("sample", (self.run, sample.url, timestamp(sample.at), *row))

    def miss(self, url: str, at: str, slots: int) -> None:
        """Keep that `slots` probes were due and not taken."""
        self._write("missed", (self.run, url, at, slots))

    def add_region(self, sample: RegionSeen) -> None:
        """Keep what a region saw, or that no measurement came about there."""
        s, o = sample.seen.seconds, sample.seen
        row = (o.ok, o.status, o.reason, o.probe, s.dns, s.connect, s.tls, s.first_byte, s.total)
        self._write("region", (self.run, sample.url, sample.region, timestamp(sample.at), *row))

    def _write(self, table: str, row: tuple[Any, ...]) -> None:
        marks = ", ".join("?" * len(row))
        try:
            if self._waiting:
                self._catch_up()
            self._db.execute(f"INSERT INTO main.{table} VALUES ({marks})", row)  # noqa: S608 - our own table's name
        except sqlite3.Error as problem:
            self.problem, self._waiting = f"{_why(problem)}; they wait in memory", True
            self._db.execute(f"INSERT INTO temp.unwritten_{table} VALUES ({marks})", row)  # noqa: S608
            return
        if self._kept:
            self.problem = ""

    def _catch_up(self) -> None:
        with self._db:
            self._db.execute("BEGIN")
            for table in _KINDS:
                self._db.execute(f"INSERT INTO main.{table} SELECT * FROM temp.unwritten_{table}")  # noqa: S608
                self._db.execute(f"DELETE FROM temp.unwritten_{table}")  # noqa: S608
        self._waiting = False

    def figures(self, url: str, *, run: int | None = None) -> Figures:
        """What was measured of an address, in one run or (None) in all of them."""
        where, values = ("url = ? AND run = ?", (url, run)) if run is not None else ("url = ?", (url,))
        taken, failed, since, until = self._one(
            f"SELECT count(*), sum(NOT ok), min(at), max(at) FROM {self._source('sample')} WHERE {where}",  # noqa: S608
            values,
        )
        (missed,) = self._one(f"SELECT sum(slots) FROM {self._source('missed')} WHERE {where}", values)  # noqa: S608
        failed = failed or 0
        p50, p95, p99 = (self._percentile(p, taken - failed, where, values) for p in (50, 95, 99))
        return Figures(url, taken, missed or 0, failed, p50, p95, p99, since or "", until or "")

    def _percentile(self, percent: int, count: int, where: str, values: tuple[Any, ...]) -> float | None:
        """Nearest rank: the smallest latency that `percent` of all are not above."""
        if not count:
            return None
        rank = math.ceil(percent * count / 100)
        query = f"SELECT total FROM {self._source('sample')} WHERE {where} AND ok = 1 ORDER BY total LIMIT 1 OFFSET ?"  # noqa: S608
        found: float = self._one(query, (*values, rank - 1))[0]
        return found

    def last_hour(self, url: str, since: str) -> list[float | None]:
        """Seconds of each probe from `since` on, oldest first; None for a failure."""
        query = f"SELECT ok, total FROM {self._source('sample')} WHERE url = ? AND at >= ? ORDER BY at"  # noqa: S608
        return [total if ok else None for ok, total in self._db.execute(query, (url, since))]

    def region(self, url: str, region: str, since: str) -> RegionFigures:
        """What a region saw of an address: counts of all time, latencies of the measurements from `since` on."""
        source, values = self._source("region"), (url, region)
        taken, failed, unmeasured = self._one(
            f"SELECT count(ok), sum(ok = 0), sum(ok IS NULL) FROM {source} WHERE url = ? AND region = ?",  # noqa: S608
            values,
        )
        query = f"SELECT total FROM {source} WHERE url = ? AND region = ? AND at >= ? AND ok = 1 ORDER BY total"  # noqa: S608
        times = [total for (total,) in self._db.execute(query, (*values, since))]
        p50, p95 = (times[math.ceil(p * len(times) / 100) - 1] if times else None for p in (50, 95))
        return RegionFigures(taken, failed or 0, unmeasured or 0, p50, p95)

    def _source(self, table: str) -> str:
        if not self._waiting:
            return f"main.{table}"
        return f"(SELECT * FROM main.{table} UNION ALL SELECT * FROM temp.unwritten_{table})"  # noqa: S608

    def _one(self, query: str, values: tuple[Any, ...]) -> Any:
        return self._db.execute(query, values).fetchone()


def _why(problem: sqlite3.Error) -> str:
    """An error of SQLite, in a founder's words."""
    words = {
        "SQLITE_FULL": "the disk is full",
        "SQLITE_CANTOPEN": "their file cannot be made (a full disk, or no permission to write in this folder)",
        "SQLITE_READONLY": "you have no permission to write in this folder",
    }
    name = getattr(problem, "sqlite_errorname", "")
    return next((said for known, said in words.items() if name.startswith(known)), str(problem))


def _connected(name: str) -> sqlite3.Connection:
    db = sqlite3.connect(name, isolation_level=None, timeout=1.0)
    try:
        # With a log beside it one sample costs no wait for the disk, and a power cut costs the last ones at most.
        for setting in ("temp_store = MEMORY", "journal_mode = WAL", "synchronous = NORMAL"):
            db.execute(f"PRAGMA {setting}")
        db.executescript(_TABLES)
    except sqlite3.Error:
        db.close()
        raise
    return db
