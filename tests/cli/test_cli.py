"""The command line as a whole: what it imports, its help, the demo line by line."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from launchready_tui.cli import COMMANDS
from tests.cli.conftest import launchready
from tests.repo.conftest import Repository

HEAVY = ("textual", "dns", "httpx", "keyring", "cryptography")


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    code = f"import sys, launchready_tui.cli; print([n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", ["plan", "checks"])
def test_reading_the_plan_and_the_catalogue_needs_no_textual(command: str) -> None:
    code = (
        "import sys; from launchready_tui.cli import main; main([sys.argv[1], '--json']);"
        "print([n for n in ('textual', 'keyring') if n in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, command], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("command", list(COMMANDS))
async def test_every_command_has_help(command: str) -> None:
    done = await launchready(command, "--help")
    assert done.code == 0
    assert "usage" in done.out


async def test_the_demo_without_a_terminal_plays_line_by_line(tmp_path: Path) -> None:
    done = await launchready("demo", "--into", str(tmp_path))
    assert "line by line" in done.err
    assert done.code == 1
    assert "Must fix now" in done.out
    assert (tmp_path / "harbor-tea.launch.toml").is_file()
    assert "Harbor Tea" in (tmp_path / "harbor-tea-handover.md").read_text()


async def test_the_app_without_a_terminal_says_what_to_do(tmp_path: Path) -> None:
    done = await launchready()
    assert (done.code, done.out) == (2, "")
    assert "terminal" in done.err
    done = await launchready("open", str(tmp_path / "gone.launch.toml"))
    assert done.code == 2
    assert "launchready new" in done.err


def test_a_closed_pipe_is_no_traceback() -> None:
    done = subprocess.run(
        ["sh", "-c", f"{shlex.quote(sys.executable)} -m launchready_tui checks --json | head -c 10"],
        capture_output=True,
        text=True,
    )
    assert (len(done.stdout), done.stderr) == (10, "")


async def test_validate_prints_a_workflow() -> None:
    done = await launchready("validate", "--print-workflow", "github")
    assert done.code == 0
    assert "launchready validate" in done.out


async def test_validate_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    done = await launchready("validate", str(tmp_path), "--json")
    assert done.code in (0, 1)
    assert {f["check"].partition(".")[0] for f in done.json["findings"]} <= {"deploy", "secrets"}
    assert (await launchready("validate", str(tmp_path / "gone"))).code == 2


async def test_validate_says_by_its_status_that_a_check_could_not_run(tmp_path: Path) -> None:
    Repository(tmp_path).commit({"ROLLBACK.md": "Roll back: deploy the previous tag."})
    fine = await launchready("validate", str(tmp_path), "--json")
    assert (fine.code, fine.json["counters"]["dns_queries"]) == (0, 0), "nothing is asked of a site that nobody named"
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "1.sql").write_text("SELECT 1;")
    unknown = await launchready("validate", str(tmp_path), "--base", "gone", "--plain")
    assert unknown.code == 3 and "git does not know 'gone'" in unknown.out
    assert (await launchready("validate", str(tmp_path), "--base", "gone", "--fail-on", "never")).code == 0
    offline = await launchready("validate", str(tmp_path), "--offline", "--route", "https://example.com/health")
    assert offline.code == 3
    assert (await launchready("validate", str(tmp_path), "--route", "/health")).code == 2


async def test_scan_says_by_its_status_that_it_could_not_run(tmp_path: Path) -> None:
    Repository(tmp_path).commit({"a.txt": "x"})
    (tmp_path / ".git" / "index").write_bytes(b"no index at all")
    assert (await launchready("scan", str(tmp_path), "--staged")).code == 3
