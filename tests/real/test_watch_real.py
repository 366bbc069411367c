"""The watch over a real network that is lost and found again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.namespace import told_in_namespace

pytestmark = pytest.mark.real


def test_a_lost_network_is_missed_and_a_lost_site_is_down(tmp_path: Path) -> None:
    told = told_in_namespace("tests.ops.network_loss", tmp_path)
    sums, lines = told["sums"], told["lines"]
    assert told["failed_without_network"] == 0
    assert sums["missed"] >= 1
    assert sums["scheduled"] == sums["taken"] + sums["missed"]
    assert (sums["taken"], sums["failed"]) == (len(lines), sum(not line["ok"] for line in lines))
    assert sums["failed"] >= 1
