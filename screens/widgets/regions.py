"""How the regions of the world see one address, and its incidents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.content import Content

from checks.ops.regions import SLOWER, is_apart, typical_seconds
from checks.subject import RegionSample
from launchready_tui.declared_regions import region_sample
from launchready_tui.session.model import Watch
from screens.text import columns, shown_line
from screens.times import day_and_time

PLACE, TIME, OF = 22, 10, 13
INCIDENTS = 5
"""The latest that are shown."""


def regions_text(row: Watch, width: int, why_not: str = "") -> Content:
    """The address, what is wrong with it now, its regions with those that are apart marked, its latest incidents.

    Args:
        why_not: why it is not measured from elsewhere; empty where it is.
    """
    lines = [shown_line(row.url, "bold $strong")]
    if row.last_reason and row.last_ok is False:
        lines.append(shown_line(row.last_reason, "$status-fail"))
    if row.missed:
        missed = f"{row.missed:,} of {row.scheduled:,} probes were missed: neither up nor down"
        lines.append(Content.styled(missed, "$quiet"))
    for incident in reversed(row.incidents[-INCIDENTS:]):
        begin = day_and_time(str(incident.get("begin", "")))
        end = day_and_time(str(incident.get("end", ""))) or "now"
        lines.append(Content.assemble((f"{begin} to {end}  ", "$quiet"), shown_line(str(incident.get("reason", "")))))
    if why_not:
        lines.append(shown_line(why_not, "$quiet"))
    if row.regions:
        lines += _table(row.regions, width)
    return Content("\n").join(lines)


def _table(rows: list[dict[str, Any]], width: int) -> list[Content]:
    samples = [region_sample(row) for row in rows]
    typical = typical_seconds(samples)
    heads = [(Content("region"), PLACE), (Content("typical"), TIME), (Content("failed"), OF)]
    head = Content.assemble("  ", columns([*heads, (Content("probe, or what is wrong"), max(10, width - 50))]))
    return [head.stylize("$quiet"), *(_row(row, s, typical, width) for row, s in zip(rows, samples, strict=True))]


def _row(row: Mapping[str, Any], sample: RegionSample, typical: float | None, width: int) -> Content:
    if sample.ok is None:
        mark = ("? ", "$status-error")
    elif not sample.ok:
        mark = ("✗ ", "$status-fail")
    else:
        mark = ("! ", "$status-warn") if is_apart(sample, typical) else ("✓ ", "$status-pass")
    took = "" if sample.seconds is None else f"{sample.seconds * 1000:,.0f} ms"
    taken, failed = row.get("taken"), row.get("failed")
    counts = f"{failed:,} of {taken:,}" if isinstance(taken, int) and isinstance(failed, int) and taken else ""
    words = sample.reason or str(row.get("probe", ""))
    if sample.ok and is_apart(sample, typical):
        words = f"over {SLOWER:.0f} times slower; {words}"
    cells = [(shown_line(sample.region), PLACE), (Content(took), TIME), (Content(counts), OF)]
    return Content.assemble(mark, columns([*cells, (shown_line(words, "$quiet"), max(10, width - 50))]))
