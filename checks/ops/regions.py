"""The outlier rule: which regions see a site worse than the others do."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from checks.subject import RegionSample

METHODS = ("GET", "HEAD", "OPTIONS")
"""What the probe network sends; never with a body."""
SLOWER = 3.0
"""Times the median of all regions from which on one region is apart."""


def typical_seconds(samples: Sequence[RegionSample]) -> float | None:
    """The median over the regions that got an answer; of two, the faster. None where fewer than two did."""
    times = sorted(sample.seconds for sample in samples if sample.ok and sample.seconds is not None)
    if len(times) < 2:
        return None
    # The mean of two can never be three times exceeded by either, so the faster one is the measure.
    return times[0] if len(times) == 2 else statistics.median(times)


def is_apart(sample: RegionSample, typical: float | None) -> bool:
    """Whether a region fails, or is over three times slower than is typical."""
    if sample.ok is None:
        return False
    return not sample.ok or (typical is not None and (sample.seconds or 0.0) > SLOWER * typical)
