"""What the regions leave behind: raw measurements in the watch's file, a table of regions in the session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from checks.finding import timestamp
from checks.ops.globalping import Seen
from launchready_tui.session.model import Watch
from launchready_tui.watch.clock import Clock
from launchready_tui.watch.keeping import SAVE_SECONDS, Keeper
from launchready_tui.watch.regions import RegionSeen

RECENT = timedelta(hours=1)
"""What the latencies of a region are read from: how it stands, and not how it stood yesterday."""


@dataclass(slots=True)
class _Last:
    """The last measurement of a region that said something, while it is recent."""

    seen: Seen
    at: datetime


class RegionKeeper:
    """Takes what the regions report. Stands beside a `Keeper`, which owns file and session."""

    def __init__(self, keeper: Keeper, regions: Sequence[str], clock: Clock) -> None:
        self._keeper, self._regions, self._clock = keeper, regions, clock
        self._last: dict[tuple[str, str], _Last] = {}
        self._saved: dict[str, float] = {}

    def took(self, sample: RegionSeen) -> None:
        """Keep one measurement, or that it did not come about."""
        self._keeper.samples.add_region(sample)
        key = (sample.url, sample.region)
        before = self._last.get(key)
        recent = before is not None and before.seen.ok is not None and abs(sample.at - before.at) < RECENT
        if sample.seen.ok is not None or not recent:
            self._last[key] = _Last(sample.seen, sample.at)
        turned = before is None or before.seen.ok is not self._last[key].seen.ok
        if turned or self._clock.elapsed() - self._saved.get(sample.url, float("-inf")) >= SAVE_SECONDS:
            self.save(sample.url)

    def save(self, url: str) -> None:
        """Write the table of regions of an address to the session."""
        self._saved[url] = self._clock.elapsed()
        rows = [self._row(url, region) for region in self._regions if (url, region) in self._last]
        if rows:
            self._keeper.put(replace(self._keeper.row(url) or Watch(url=url), regions=rows))

    def _row(self, url: str, region: str) -> dict[str, Any]:
        last = self._last[url, region]
        figures = self._keeper.samples.region(url, region, timestamp(self._clock.now() - RECENT))
        row: dict[str, Any] = {
            "region": region,
            "probe": last.seen.probe,
            "at": timestamp(last.at),
            "reason": last.seen.reason,
        }
        row |= {"taken": figures.taken, "failed": figures.failed, "unmeasured": figures.unmeasured}
        # TOML has no null: what is not known is left out.
        known = {"ok": last.seen.ok, "seconds": figures.p50, "p95": figures.p95}
        return row | {name: value for name, value in known.items() if value is not None}
