"""Harbor Tea: every fault is found by its check, and mended ones are found no more."""

from __future__ import annotations

from pathlib import Path

from checks.finding import Finding
from checks.runner import collect
from launchready_tui.lab.demo import demo_sprint


async def test_the_lab_can_be_played_to_its_end(tmp_path: Path) -> None:
    async with demo_sprint(tmp_path) as (lab, sprint):

        async def problems() -> list[Finding]:
            async with lab.network() as network:
                findings = await collect(sprint.subject(), network)
            assert [f for f in findings if f.status == "error"] == []
            return [f for f in findings if f.is_problem]

        found = {finding.check for finding in await problems()}
        assert {fault.id for fault in lab.faults} <= found
        for fault in lab.faults:
            await lab.mend(fault.id)
        assert {(f.check, f.target, f.summary) for f in await problems()} == set()
