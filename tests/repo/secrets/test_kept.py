"""What a scan keeps for the next one saves time and changes nothing, whatever became of it."""

from __future__ import annotations

import errno
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.errors import CannotTell
from checks.repo.secrets import gates, objects, remembered, rule
from checks.repo.secrets.finder import Finder
from checks.repo.secrets.gates import BRIEF
from tests.repo.secrets import fakes
from tests.repo.secrets.conftest import MemoryStore, Scan
from tests.repo.secrets.worlds import git

LINE = f"{fakes.of('stripe-secret-key', 7).line}\n"
OTHER = f"{fakes.of('sendgrid-key', 7).line}\n"


def _repository(root: Path, files: dict[str, str]) -> Path:
    root.mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    for name, text in files.items():
        (root / name).write_text(text)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "x")
    return root


def _flipped(kept: bytes) -> bytes:
    at = len(kept) // 2
    return kept[:at] + bytes([kept[at] ^ 0x20]) + kept[at + 1 :]


def _emptied_table(kept: bytes) -> bytes:
    return b"[]"


@pytest.mark.parametrize("damage", [_flipped, _emptied_table, lambda kept: kept[: len(kept) // 2], lambda kept: b""])
def test_damage_to_what_is_kept_costs_time_alone(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    noise = random.Random(1).randbytes(60_000).hex()  # enough for a compiled database to be made
    root = _repository(tmp_path / "r", {"a.py": LINE, "b.txt": noise})

    def found() -> object:
        ended = subprocess.run(
            [sys.executable, "-m", "launchready_tui", "scan", str(root), "--json"],
            env=os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 1, ended.stderr
        return json.loads(ended.stdout)["findings"]

    first = found()
    kept = [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and path.name != "fingerprint-key"]
    assert {path.name.partition("-")[0] for path in kept} == {"gates", "rules", "scan"}
    for path in kept:
        path.write_bytes(damage(path.read_bytes()))
    assert found() == first


def test_nothing_is_compiled_for_little_text_and_the_same_is_found(tmp_path: Path, scanned: Scan) -> None:
    root = _repository(tmp_path / "r", {"a.py": LINE, "b.py": OTHER})
    store = MemoryStore()
    assert scanned(root, store=store).exposures == scanned(root).exposures
    assert not [name for name in store.kept if name.startswith("gates-")]


def test_what_unpacks_to_much_text_is_compiled_for_on_the_way(tmp_path: Path, scanned: Scan) -> None:
    rows = "2024-01-01 a request was answered in 12 ms\n" * (BRIEF // 40)
    root = _repository(tmp_path / "r", {f"{name}.log": f"{name}\n{rows}{LINE}" for name in "abc"} | {"d.py": OTHER})
    store = MemoryStore()
    assert scanned(root, store=store).exposures == scanned(root).exposures
    assert [name for name in store.kept if name.startswith("gates-")]


def test_an_object_that_comes_while_a_scan_runs_is_looked_at_by_the_next(tmp_path: Path, scanned: Scan) -> None:
    root = _repository(tmp_path / "r", {"a.py": LINE})
    store = MemoryStore()
    came: list[bytes] = []

    def meanwhile(done: int, total: int) -> None:
        if not came:
            came.append(git(root, "hash-object", "-w", "--stdin", given=OTHER.encode()))

    first = scanned(root, store=store, use_memory=True, progress=meanwhile)
    second = scanned(root, store=store, use_memory=True)
    assert came and {each.rule for each in first.exposures} == {"stripe-secret-key"}
    assert {each.rule for each in second.exposures} == {"stripe-secret-key", "sendgrid-key"}


def test_a_folder_whose_name_has_line_breaks(tmp_path: Path, scanned: Scan) -> None:
    root = _repository(tmp_path / "a\nb\n\nc", {"a.py": LINE})
    (root / "a.py").unlink()
    git(root, "commit", "-qam", "gone")
    report = scanned(root)
    assert [(each.rule, each.path) for each in report.exposures] == [("stripe-secret-key", "a.py")]
    assert report.history and report.gaps == []


def test_a_folder_of_the_index_that_became_a_link_is_not_followed(tmp_path: Path, scanned: Scan) -> None:
    outside = tmp_path / "outside"
    (outside / "deep").mkdir(parents=True)
    (outside / "deep" / "a.py").write_text(OTHER)
    root = tmp_path / "r"
    (root / "in" / "deep").mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    (root / "in" / "deep" / "a.py").write_text("x = 1\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "x")
    (root / "in" / "deep" / "a.py").unlink()
    (root / "in" / "deep").rmdir()
    (root / "in").rmdir()
    (root / "in").symlink_to(outside)
    assert scanned(root).exposures == []


def test_no_place_for_a_temporary_file_is_told(tmp_path: Path, scanned: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    root = _repository(tmp_path / "r", {"a.py": LINE})

    def full(*_args: object, **_words: object) -> object:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(CannotTell, match="No space left on device"):
        scanned(root)


def test_kept_rules_are_the_very_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    monkeypatch.setattr(rule, "_every", ())
    built = rule.rules(store)
    monkeypatch.setattr(rule, "_every", ())
    monkeypatch.setattr(rule, "_built", lambda: pytest.fail("they were kept"))
    assert rule.rules(store) == built and len(built) == rule.count()


def test_little_text_is_looked_at_without_compiling_what_it_does_not_need(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[object] = []
    compile_ = re.compile

    def counted(pattern: Any, *flags: Any) -> Any:
        compiled.append(pattern)
        return compile_(pattern, *flags)

    monkeypatch.setattr(gates.re, "compile", counted)
    finder = Finder(stdlib=True)
    assert finder.find(b"hello = 'world'\n") == [] and len(compiled) < 50
    assert len(finder.find(LINE.encode())) == 1


@pytest.mark.parametrize("change", [["branch", "b"], ["branch", "-D", "a"], ["pack-refs", "--all"], ["tag", "t"]])
def test_a_change_of_the_refs_is_seen_without_asking_git(tmp_path: Path, change: list[str]) -> None:
    root = _repository(tmp_path / "r", {"a.py": LINE})
    git(root, "branch", "a")
    git(root, "worktree", "add", "-q", "--detach", str(tmp_path / "w"))
    where = objects.place(root)
    assert where is not None
    before = remembered.refs_of(where)
    assert remembered.refs_of(where) == before
    git(root, *change)
    assert remembered.refs_of(where) != before
    before = remembered.refs_of(where)
    git(tmp_path / "w", "commit", "-q", "--allow-empty", "-m", "in the other work tree")
    assert remembered.refs_of(where) != before


def test_a_ref_of_the_form_of_a_table_is_seen(tmp_path: Path) -> None:
    root = _repository(tmp_path / "r", {"a.py": LINE})
    (root / ".git" / "reftable").mkdir()
    table = root / ".git" / "reftable" / "tables.list"
    table.write_text("0x000000000001-0x000000000001-00000000.ref\n")
    where = objects.place(root)
    assert where is not None
    before = remembered.refs_of(where)
    lock = table.with_suffix(".list.lock")
    lock.write_text("0x000000000001-0x000000000002-00000000.ref\n")
    lock.replace(table)  # as git does
    assert remembered.refs_of(where) != before
