"""`launchready export` as a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from launchready_tui.exports import EXPORTS
from launchready_tui.session.store import load
from launchready_tui.sprint import Sprint
from tests.cli.conftest import launchready

SESSION = """schema = 1
[site]
domain = "example.com"
[monitor]
urls = ["https://example.com/", "https://example.com/health"]
destinations = ["#ops"]
[ai]
endpoint = "https://example.com/api/chat"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "site.launch.toml"
    path.write_text(SESSION)
    return path


@pytest.mark.parametrize("name", EXPORTS)
async def test_it_writes_the_files(file: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "made" / name
    done = await launchready("export", str(file), "--format", name, "--output", str(folder))
    assert (done.code, done.out) == (0, "")
    files = EXPORTS[name].files(load(file).session)
    assert {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()} == files
    assert all(f"wrote {folder / path}" in done.err for path in files)
    assert ("--save" in done.err) is EXPORTS[name].is_monitor
    assert file.read_text() == SESSION


async def test_what_it_covers_is_what_is_compared(file: Path, tmp_path: Path) -> None:
    words = ("audit", str(file), "--only", "watch", "--offline", "--json")
    before = [f for f in (await launchready(*words)).json["findings"] if f["check"] == "watch.uncovered"]
    assert [f["status"] for f in before] == ["fail", "fail"]
    done = await launchready("export", str(file), "--format", "gatus", "--output", str(tmp_path / "g"), "--save")
    assert done.code == 0
    noted = load(file).session.monitor.probes
    assert noted == [{"url": url, "monitor": "gatus"} for url in ("https://example.com/", "https://example.com/health")]
    found = [f for f in (await launchready(*words)).json["findings"] if f["check"] == "watch.uncovered"]
    assert [f["status"] for f in found] == ["pass"]
    # A page that is named later is not covered by the file that was written before.
    with Sprint.open(file) as sprint:
        sprint.edit("monitor", urls=[*sprint.session.monitor.urls, "/new"])
    found = [f for f in (await launchready(*words)).json["findings"] if f["check"] == "watch.uncovered"]
    assert [(f["status"], f["target"]) for f in found] == [("fail", "https://example.com/new")]


async def test_a_session_that_another_program_writes_is_left_alone(file: Path, tmp_path: Path) -> None:
    with Sprint.open(file):
        done = await launchready("export", str(file), "--format", "gatus", "--output", str(tmp_path / "g"), "--save")
    assert done.code == 2
    assert (tmp_path / "g" / "config.yaml").exists()
    assert "not noted in the session" in done.err


async def test_what_is_wrong_is_said(file: Path, tmp_path: Path) -> None:
    assert (await launchready("export", str(file), "--format", "nagios", "--output", str(tmp_path))).code == 2
    assert (await launchready("export", str(tmp_path / "gone.toml"), "--format", "gatus", "--output", "x")).code == 2
    bare = tmp_path / "bare.launch.toml"
    bare.write_text('schema = 1\n[site]\ndomain = "example.com"\n')
    done = await launchready("export", str(bare), "--format", "promptfoo", "--output", str(tmp_path / "p"))
    assert (done.code, "no AI endpoint is named" in done.err, (tmp_path / "p").exists()) == (2, True, False)
    done = await launchready("export", str(file), "--format", "gatus", "--output", str(file))
    assert (done.code, "could not be written" in done.err) == (2, True)
    file.write_text(SESSION.replace('"https://example.com/health"', '"ftp://example.com/"'))
    done = await launchready("export", str(file), "--format", "gatus", "--output", str(tmp_path / "g"))
    assert (done.code, "monitor.urls, entry 2" in done.err) == (2, True)
