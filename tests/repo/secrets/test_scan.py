"""A scan finds what is hidden anywhere in a repository, and says what it could not look at."""

from __future__ import annotations

import os
import shutil
import struct
import threading
from collections import Counter
from pathlib import Path

import pytest

from checks.errors import CannotTell
from checks.repo.secrets.pack import read_index
from tests.repo.secrets import fakes
from tests.repo.secrets.conftest import KEY, MemoryStore, Scan
from tests.repo.secrets.worlds import Planted, World, git, world

LINE = fakes.of("stripe-secret-key", 7).line
OTHER = fakes.of("sendgrid-key", 7).line


def _repository(root: Path, files: dict[str, str], message: str = "x") -> Path:
    if not root.exists():
        root.mkdir()
        git(root, "init", "-q", "-b", "main")
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", message)
    return root


def _missed(made: World, scanned: Scan, **words: object) -> list[Planted]:
    report = scanned(made.root, **words)
    assert report.gaps == []
    found = {(each.rule, each.path) for each in report.exposures} | {(each.rule, "") for each in report.exposures}
    return [each for each in made.planted if (each.fake.rule, each.path) not in found]


def test_all_that_is_planted_is_found(planted: World, scanned: Scan) -> None:
    assert len({each.place for each in planted.planted}) == 23
    assert [(each.place, each.fake.rule) for each in _missed(planted, scanned)] == []


def test_several_processes_find_the_same(planted: World, scanned: Scan) -> None:
    one, two = scanned(planted.root), scanned(planted.root, workers=2)
    assert one.exposures == two.exposures


def test_without_hyperscan_the_same_is_found(tmp_path: Path, scanned: Scan) -> None:
    made = world(tmp_path / "shop", commits=3)
    assert scanned(made.root, stdlib=True).exposures == scanned(made.root).exposures


def test_a_sha256_repository(tmp_path: Path, scanned: Scan) -> None:
    made = world(tmp_path / "shop", commits=40, kind="sha256", seed=2)
    assert [(each.place, each.fake.rule) for each in _missed(made, scanned)] == []


def test_no_alarm_in_the_rest_of_the_repository(planted: World, scanned: Scan) -> None:
    paths = {each.path for each in planted.planted}
    report = scanned(planted.root)
    assert [each.path for each in report.exposures if each.path not in paths and not each.path.startswith("(")] == []


def test_each_find_says_where_since_when_and_whether_it_is_still_there(tmp_path: Path, scanned: Scan) -> None:
    root = _repository(tmp_path / "r", {"a.py": f"\n\n{LINE}\n", "gone.py": OTHER})
    first = git(root, "rev-parse", "HEAD").decode().strip()
    _repository(root, {"a.py": f"\n\n\n\n{LINE}\n"})
    (root / "gone.py").unlink()
    _repository(root, {})
    (root / "new.py").write_text(fakes.of("resend-key", 1).line)
    report = scanned(root)
    now = {each.path: each for each in report.exposures}
    assert (now["a.py"].line, now["a.py"].in_tree, now["a.py"].where) == (5, True, "tree")
    assert now["gone.py"].commit == first and not now["gone.py"].in_tree and now["gone.py"].where == "history"
    assert now["gone.py"].date.startswith("20") and now["gone.py"].line == 1
    assert now["new.py"].commit == "" and now["new.py"].where == "tree"


def test_env_files_are_looked_at_even_where_ignored(tmp_path: Path, scanned: Scan) -> None:
    root = _repository(tmp_path / "r", {".gitignore": ".env\ncache/\n"})
    (root / ".env").write_text(LINE)
    (root / "cache").mkdir()
    (root / "cache" / "x.py").write_text(OTHER)
    (only,) = scanned(root).exposures
    assert only.path == ".env" and only.ignored


def test_a_folder_that_is_no_repository(tmp_path: Path, scanned: Scan) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "a.py").write_text(LINE)
    report = scanned(tmp_path)
    assert [each.path for each in report.exposures] == ["deep/er/a.py"] and not report.history


def test_a_folder_of_a_repository_stands_for_the_whole_unless_its_history_is_left_out(
    tmp_path: Path, scanned: Scan
) -> None:
    root = _repository(tmp_path / "r", {"a.py": LINE, "below/b.py": OTHER})
    assert {each.path: each.where for each in scanned(root / "below").exposures} == {
        "a.py": "tree",
        "below/b.py": "tree",
    }
    assert [each.path for each in scanned(root / "below", history=False).exposures] == ["below/b.py"]
    assert [each.path for each in scanned(root / "below" / "b.py").exposures] == ["below/b.py"]


def test_staged_content_alone(tmp_path: Path, scanned: Scan) -> None:
    root = _repository(tmp_path / "r", {"old.py": LINE})
    (root / "new.py").write_text(OTHER)
    git(root, "add", "new.py")
    (root / "new.py").write_text("clean")
    report = scanned(root, staged=True)
    assert [(each.path, each.where) for each in report.exposures] == [("new.py", "staged")]


# ------------------------------------------------------------------- what is incomplete
def test_a_shallow_clone_is_told(planted: World, tmp_path: Path, scanned: Scan) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{planted.root}", "c")
    assert any("shallow" in gap for gap in scanned(tmp_path / "c").gaps)


def test_a_partial_clone_is_told(tmp_path: Path, scanned: Scan) -> None:
    root = _repository(tmp_path / "r", {"a.py": LINE})
    _repository(root, {"a.py": "clean"})
    git(root, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{root}", "c")
    gaps = scanned(tmp_path / "c").gaps
    assert any("partial" in gap for gap in gaps) and any("are not here" in gap for gap in gaps)


def test_a_missing_object_is_told(tmp_path: Path, scanned: Scan) -> None:
    root = _repository(tmp_path / "r", {"a.py": LINE})
    _repository(root, {"a.py": "clean"})
    blob = git(root, "rev-parse", "HEAD~1:a.py").decode().strip()
    (root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    report = scanned(root)
    assert report.exposures == [] and any("are not here" in gap for gap in report.gaps)


def test_damaged_objects_are_told(planted: World, tmp_path: Path, scanned: Scan) -> None:
    shutil.copytree(planted.root, tmp_path / "c")
    (pack,) = (tmp_path / "c" / ".git" / "objects" / "pack").glob("*.pack")
    pack.chmod(0o600)
    raw = bytearray(pack.read_bytes())
    for place in (1, 3, 5, 7):  # one may lie in a file that is in the tree, whose content is read there
        raw[len(raw) * place // 8 : len(raw) * place // 8 + 40] = bytes(40)
    pack.write_bytes(raw)
    report = scanned(tmp_path / "c")
    assert any("damaged" in gap for gap in report.gaps)
    assert len(report.exposures) > 300


def test_submodules_and_large_file_storage_are_told(tmp_path: Path, scanned: Scan) -> None:
    inner = _repository(tmp_path / "inner", {"a": "x"})
    root = _repository(tmp_path / "r", {".gitattributes": "*.psd filter=lfs diff=lfs\n"})
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "sub")
    _repository(root, {})
    told = scanned(root).outside
    assert len(told) == 2 and any("submodule sub" in each for each in told) and any("LFS" in each for each in told)
    git(root, "rm", "-q", "-r", "--cached", ".")
    shutil.rmtree(root / "sub")
    (root / ".gitattributes").unlink()
    (root / ".git" / "lfs").mkdir()
    _repository(root, {"a.py": "x"})
    kept = scanned(root).outside
    assert any(str(root / ".git" / "modules" / "sub") in each for each in kept) and any("LFS" in each for each in kept)


def test_pointers_to_large_files_are_told_wherever_they_stand(tmp_path: Path, scanned: Scan) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab12' * 16}\nsize 12345\n"
    root = _repository(tmp_path / "r", {"a.psd": pointer, "b.py": "x = 1\n"})
    git(tmp_path, "clone", "-q", "--mirror", str(root), "mirror.git")
    store = MemoryStore()
    for _ in range(2):  # the second looks at no object
        outside = scanned(tmp_path / "mirror.git", store=store, use_memory=True).outside
        assert len(outside) == 1 and "Git LFS" in outside[0]
    assert len(scanned(root, history=False).outside) == 1
    plain = _repository(tmp_path / "p", {"README": f"# A pointer\n\n{pointer}"})
    assert scanned(plain).outside == []


def test_borrowed_objects_are_looked_at(tmp_path: Path, scanned: Scan) -> None:
    root = _repository(tmp_path / "r", {"a.py": LINE})
    _repository(root, {"a.py": "clean"})
    git(tmp_path, "clone", "-q", "--shared", str(root), "c")
    assert [each.path for each in scanned(tmp_path / "c").exposures] == ["a.py"]
    shutil.rmtree(root)
    assert any("borrowed" in gap for gap in scanned(tmp_path / "c").gaps)


def test_linked_work_trees_and_bare_repositories(tmp_path: Path, scanned: Scan) -> None:
    root = _repository(tmp_path / "r", {"a.py": LINE})
    _repository(root, {"a.py": "clean"})
    git(root, "worktree", "add", "-q", str(tmp_path / "w"), "-b", "w")
    git(tmp_path, "clone", "-q", "--bare", str(root), "b")
    for folder in ("w", "b"):
        assert [each.path for each in scanned(tmp_path / folder).exposures] == ["a.py"]


def test_several_packs(tmp_path: Path, scanned: Scan) -> None:
    root = _repository(tmp_path / "r", {"a.py": LINE})
    git(root, "repack", "-dq")
    _repository(root, {"a.py": OTHER})
    git(root, "repack", "-dq")
    git(root, "multi-pack-index", "write")
    assert {each.rule for each in scanned(root).exposures} == {"stripe-secret-key", "sendgrid-key"}


def test_offsets_beyond_two_gigabytes(tmp_path: Path) -> None:
    names = sorted(os.urandom(20) for _ in range(2))
    raw = b"\xfftOc" + struct.pack(">I", 2) + struct.pack(">256I", *[2] * 256) + b"".join(names) + bytes(8)
    raw += struct.pack(">II", 12, 0x80000000) + struct.pack(">Q", 5 << 30) + bytes(40)
    (tmp_path / "x.idx").write_bytes(raw)
    index = read_index(tmp_path / "x.idx", 20)
    assert index.offsets == [12, 5 << 30] and index.ids == names


# ------------------------------------------------------------------- memory, stopping, allowing
def test_a_second_scan_reads_nothing_and_says_the_same(planted: World, tmp_path: Path, scanned: Scan) -> None:
    shutil.copytree(planted.root, tmp_path / "c")
    store = MemoryStore()
    first = scanned(tmp_path / "c", store=store, use_memory=True)
    second = scanned(tmp_path / "c", store=store, use_memory=True)
    assert (second.objects, second.remembered) == (0, True)
    assert second.exposures == first.exposures and second.gaps == first.gaps
    assert all(fake.value.encode() not in kept for fake in map(_fake, planted.planted) for kept in store.kept.values())
    (tmp_path / "c" / "new.py").write_text(LINE)
    git(tmp_path / "c", "add", "new.py")
    git(tmp_path / "c", "commit", "-q", "-m", "new")
    third = scanned(tmp_path / "c", store=store, use_memory=True)
    assert 0 < third.objects < 80  # what was staged before, and the new
    assert {each.path for each in third.exposures} >= {"new.py"}
    git(tmp_path / "c", "gc", "-q", "--prune=never")
    afresh = scanned(tmp_path / "c", use_memory=False)
    assert scanned(tmp_path / "c", store=store, use_memory=True).exposures == afresh.exposures


def _fake(planted: Planted) -> fakes.Fake:
    return planted.fake


def test_a_scan_can_be_stopped(planted: World, scanned: Scan) -> None:
    stop = threading.Event()
    stop.set()
    report = scanned(planted.root, stop=stop)
    assert report.stopped and report.objects == 0 and report.gaps


def test_progress_is_told(planted: World, scanned: Scan) -> None:
    told: list[tuple[int, int]] = []
    scanned(planted.root, progress=lambda done, total: told.append((done, total)))
    assert told and all(0 <= done <= total for done, total in told)


@pytest.mark.parametrize(
    "text",
    [
        '[[allow]]\nrule = "stripe-secret-key"\npaths = ["**/*.py"]\n',
        '[[allow]]\nrule = "*"\npaths = ["a.py"]\n',
    ],
)
def test_rules_and_paths_are_allowed(tmp_path: Path, scanned: Scan, text: str) -> None:
    root = _repository(tmp_path / "r", {"a.py": LINE, "b.txt": OTHER, ".launchready-scan.toml": text})
    report = scanned(root)
    assert [each.path for each in report.exposures] == ["b.txt"] and report.allowed == 1


def test_fingerprints_are_allowed_everywhere(tmp_path: Path, scanned: Scan) -> None:
    root = _repository(tmp_path / "r", {"a.py": LINE, "b.py": LINE})
    (name,) = {each.fingerprint for each in scanned(root).exposures}
    _repository(root, {".launchready-scan.toml": f'fingerprints = ["{name}"]\n'})
    assert scanned(root).exposures == []
    assert {each.fingerprint for each in scanned(_repository(tmp_path / "s", {"a": LINE}), key=b"o").exposures} != {
        name
    }


def test_a_comment_in_the_tree_allows_the_history_too(tmp_path: Path, scanned: Scan) -> None:
    root = _repository(tmp_path / "r", {"a.py": LINE})
    _repository(root, {"a.py": f"{LINE}  # launchready:allow"})
    report = scanned(root)
    assert report.exposures == [] and report.allowed == 1


@pytest.mark.parametrize("text", ["nonsense", "what = 1", '[[allow]]\nrule = "*"\n', "[[allow]]\npaths = 3\n"])
def test_a_wrong_file_of_what_is_allowed_is_told(tmp_path: Path, scanned: Scan, text: str) -> None:
    (tmp_path / ".launchready-scan.toml").write_text(text)
    with pytest.raises(CannotTell):
        scanned(tmp_path)


def test_the_key_decides_the_fingerprint(tmp_path: Path, scanned: Scan) -> None:
    (tmp_path / "a.py").write_text(LINE)
    seen = Counter(scanned(tmp_path, key=key).exposures[0].fingerprint for key in (KEY, KEY, b"other"))
    assert sorted(seen.values()) == [1, 2]


# ------------------------------------------------------------------- files that the index vouches for
def _aged(root: Path) -> None:
    """Let the index be younger than the files, as it is in a checkout of yesterday."""
    for path in root.glob("*.*"):
        os.utime(path, ns=(10**18, 10**18))
    git(root, "update-index", "-q", "--refresh")


def test_a_file_that_is_an_object_is_read_once_and_named_as_a_file(tmp_path: Path, scanned: Scan) -> None:
    root = _repository(tmp_path / "r", {"a.py": f"\n{LINE}", "b.py": f"\n{LINE}"})
    _aged(root)
    report = scanned(root)
    assert [(each.path, each.line, each.where) for each in report.exposures] == [("a.py", 2, "tree"), ("b.py", 2, "tree")]  # fmt: skip
    assert report.bytes < 1.5 * len(git(root, "cat-file", "commit", "HEAD") + (root / "a.py").read_bytes())
    (blob,) = git(root, "rev-parse", "HEAD:a.py").decode().split()
    (root / ".git" / "objects" / blob[:2] / blob[2:]).chmod(0o600)
    (root / ".git" / "objects" / blob[:2] / blob[2:]).write_bytes(b"damaged")
    assert [each.path for each in scanned(root).exposures] == ["a.py", "b.py"]


def test_a_file_that_a_filter_made_is_read_itself(tmp_path: Path, scanned: Scan) -> None:
    root = _repository(tmp_path / "r", {".gitattributes": "*.vault filter=lock\n", "a.vault": "locked\n"})
    git(root, "config", "filter.lock.clean", "echo locked")
    (root / "a.vault").write_text(LINE)
    git(root, "add", "-A")
    _aged(root)
    assert git(root, "status", "--porcelain") == b""
    assert [each.path for each in scanned(root).exposures] == ["a.vault"]


def test_a_file_changed_behind_the_back_of_the_index_is_read(tmp_path: Path, scanned: Scan) -> None:
    root = _repository(tmp_path / "r", {"a.py": "x" * len(LINE)})
    _aged(root)
    (root / "a.py").write_text(LINE)
    os.utime(root / "a.py", ns=(10**18, 10**18))
    assert [each.path for each in scanned(root).exposures] == ["a.py"]
