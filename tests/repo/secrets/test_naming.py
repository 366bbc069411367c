"""Each find is named: every path it had, the first commit that brought it there, and whether anything leads to it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from checks.repo.secrets.exposure import Exposure
from tests.repo.secrets import fakes
from tests.repo.secrets.conftest import Scan
from tests.repo.secrets.worlds import git

LINE = fakes.of("stripe-secret-key", 12).line
OTHER = fakes.of("sendgrid-key", 12).line


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main", "r")
    return tmp_path / "r"


def _commit(root: Path, files: dict[str, str | None], date: str = "1700000000 +0000") -> str:
    """A commit with that author and committer date, whatever git thinks of it."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).unlink() if text is None else (root / name).write_text(text)
    git(root, "add", "-A")
    tree = git(root, "write-tree").decode().strip()
    parent = git(root, "rev-parse", "--revs-only", "HEAD").decode().strip()
    who = f"T <t@acme.io> {date}"
    raw = f"tree {tree}\n" + (f"parent {parent}\n" if parent else "") + f"author {who}\ncommitter {who}\n\nx\n"
    name = git(root, "hash-object", "-t", "commit", "-w", "--literally", "--stdin", given=raw.encode()).decode().strip()
    git(root, "update-ref", "HEAD", name)
    return name


def _told(exposures: list[Exposure]) -> dict[str, tuple[str, str, bool]]:
    return {each.path: (each.commit, each.where, each.in_tree) for each in exposures}


def test_a_file_that_was_moved_and_copied_has_each_of_its_paths(root: Path, scanned: Scan) -> None:
    first = _commit(root, {"old.py": LINE, "copy.py": LINE})
    second = _commit(root, {"old.py": None, "new.py": LINE})
    assert _told(scanned(root).exposures) == {
        "old.py": (first, "history", True), "copy.py": (first, "tree", True), "new.py": (second, "tree", True),
    }  # fmt: skip


def test_the_first_commit_is_the_ancestor_whatever_its_clock_said(root: Path, scanned: Scan) -> None:
    first = _commit(root, {"a.py": LINE}, "1700000900 +0000")
    git(root, "branch", "old")
    for number, text in enumerate(("gone", LINE)):
        _commit(root, {"a.py": text}, f"160000000{number} +0000")
    assert _told(scanned(root).exposures) == {"a.py": (first, "tree", True)}


@pytest.mark.parametrize(
    ("date", "told"),
    [
        ("1700000000 +1400", "2023-11-14T22:13:20Z"), ("1700000000 -1230", "2023-11-14T22:13:20Z"),
        ("99999999999999 +0000", ""), ("253402300900 +0000", ""), ("of yesterday", ""), ("-5 +0000", ""),
    ],
)  # fmt: skip
def test_an_author_date_of_any_kind(root: Path, scanned: Scan, date: str, told: str) -> None:
    commit = _commit(root, {"a.py": LINE}, date)
    (only,) = scanned(root).exposures
    assert (only.commit, only.date) == (commit, told)


@pytest.mark.parametrize(
    "setting", [("log.diffMerges", "off"), ("diff.relative", "true"), ("diff.orderFile", "/absent"), ("color.ui", "always")]
)  # fmt: skip
def test_no_setting_of_the_repository_changes_the_names(root: Path, scanned: Scan, setting: tuple[str, str]) -> None:
    _commit(root, {"a.py": "x", "below/x": "x"})
    git(root, "checkout", "-q", "-b", "side")
    _commit(root, {"b.py": "x"})
    git(root, "checkout", "-q", "main")
    git(root, "merge", "-q", "--no-ff", "--no-commit", "side")
    (root / "evil.py").write_text(LINE)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "merge")
    merge = git(root, "rev-parse", "HEAD").decode().strip()
    _commit(root, {"evil.py": None})
    git(root, "config", *setting)
    assert _told(scanned(root / "below").exposures) == {"evil.py": (merge, "history", False)}


@pytest.mark.parametrize("way", ["replace", "graft"])
def test_history_is_told_as_it_is_not_as_it_is_shown(root: Path, scanned: Scan, way: str) -> None:
    first = _commit(root, {"a.py": LINE})
    second = _commit(root, {"a.py": "x"})
    shutil.rmtree(root / ".git" / "logs")
    if way == "graft":
        (root / ".git" / "info" / "grafts").write_text(f"{second}\n")
    else:
        clean = git(root, "commit-tree", "-m", "clean", f"{second}^{{tree}}").decode().strip()
        git(root, "replace", first, clean)
    (only,) = scanned(root).exposures
    assert (only.path, only.commit, only.reachable) == ("a.py", first, True)


def test_a_tag_within_a_tag_is_reachable_and_its_line_is_that_of_the_message(root: Path, scanned: Scan) -> None:
    commit = _commit(root, {"a.py": "x"})
    git(root, "tag", "-a", "-m", f"release\n\n{LINE}", "inner")
    git(root, "tag", "-a", "-m", "signed off", "outer", "inner")
    git(root, "tag", "-d", "inner")
    git(root, "tag", "-a", "-m", OTHER, "gone")
    git(root, "tag", "-d", "gone")
    kept, gone = sorted(scanned(root).exposures, key=lambda each: each.line, reverse=True)
    assert (kept.place, kept.commit, kept.reachable) == ("(tag message):3", commit, True)
    assert (gone.place, gone.reachable) == ("(tag message):1", False)


def test_what_another_work_tree_has_staged_is_named(root: Path, tmp_path: Path, scanned: Scan) -> None:
    _commit(root, {"a.py": "x"})
    git(root, "worktree", "add", "-q", str(tmp_path / "w"), "-b", "w")
    (tmp_path / "w" / "s.py").write_text(LINE)
    git(tmp_path / "w", "add", "s.py")
    assert _told(scanned(root).exposures) == {"s.py": ("", "staged", False)}


def test_what_stands_behind_a_missing_commit_is_named_all_the_same(root: Path, scanned: Scan) -> None:
    first = _commit(root, {"a.py": LINE})
    lost = _commit(root, {"a.py": "x"})
    _commit(root, {"a.py": "y"})
    (root / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    report = scanned(root)
    assert _told(report.exposures) == {"a.py": (first, "history", False)}
    assert report.exposures[0].reachable and any("history to its end" in gap for gap in report.gaps)


def test_a_folder_whose_name_holds_a_line_end(tmp_path: Path, scanned: Scan) -> None:
    git(tmp_path, "init", "-q", "a\nb")
    _commit(tmp_path / "a\nb", {"a.py": LINE})
    assert len(scanned(tmp_path / "a\nb").exposures) == 1
