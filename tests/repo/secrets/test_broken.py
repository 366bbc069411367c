"""What cannot be read of a repository is told, and the rest is looked at all the same."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.errors import CannotTell
from checks.repo.secrets.pack import inflate
from tests.repo.secrets import fakes
from tests.repo.secrets.conftest import MemoryStore, Scan
from tests.repo.secrets.worlds import git

LINE = fakes.of("stripe-secret-key", 9).line


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose first commit holds a secret and whose second does not."""
    folder = tmp_path / "r"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for text in (LINE, "clean"):
        (folder / "a.py").write_text(text)
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", text[:3])
    return folder


def _pack(root: Path) -> Path:
    git(root, "repack", "-adq")
    (pack,) = (root / ".git" / "objects" / "pack").glob("*.pack")
    for path in (pack, pack.with_suffix(".idx")):
        path.chmod(0o600)
    return pack


def _cut(size: int, suffix: str) -> Callable[[Path], None]:
    def cut(root: Path) -> None:
        path = _pack(root).with_suffix(suffix)
        path.write_bytes(path.read_bytes()[:size])

    return cut


def _without_index(root: Path) -> None:
    _pack(root).with_suffix(".idx").unlink()


def _corrupt_index(root: Path) -> None:
    (root / ".git" / "index").write_bytes(b"DIRCxxxx")


def _alternates(content: bytes) -> Callable[[Path], None]:
    def write(root: Path) -> None:
        (root / ".git" / "objects" / "info" / "alternates").write_bytes(content)

    return write


def _elsewhere(root: Path) -> None:
    (root / ".git").rename(root.parent / "moved")
    (root / ".git").write_text("gitdir: ../absent\n")


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (_cut(0, ".pack"), "cannot be read"), (_cut(40, ".pack"), "cannot be unpacked"),
        (_cut(0, ".idx"), "damaged"), (_cut(1100, ".idx"), "damaged"), (_without_index, "has no index"),
        (_corrupt_index, "work tree were not looked at"), (_elsewhere, "git cannot read"),
        (_alternates(b"a\0b\n"), "borrowed"), (_alternates(b'"gone\\nfor good"\n'), "gone\nfor good"),
    ],
)  # fmt: skip
def test_damage_is_told(root: Path, scanned: Scan, damage: Callable[[Path], None], word: str) -> None:
    damage(root)
    assert any(word in gap for gap in scanned(root).gaps)


def test_borrowed_objects_behind_a_quoted_name(root: Path, tmp_path: Path, scanned: Scan) -> None:
    root.rename(tmp_path / "of\nold")
    git(tmp_path, "init", "-q", "borrower")
    _alternates(b'"../../../of\\nold/.git/objects"\n')(tmp_path / "borrower")
    report = scanned(tmp_path / "borrower")
    assert len(report.exposures) == 1 and report.gaps == []


def test_files_among_the_objects_that_are_none(root: Path, scanned: Scan) -> None:
    folder = root / ".git" / "objects" / "ab"
    folder.mkdir(exist_ok=True)
    for length in (3, 38, 39, 50):
        (folder / ("a" * length)).write_text("junk")
    report = scanned(root)
    assert [each.path for each in report.exposures] == ["a.py"] and len(report.gaps) == 1


def test_a_staged_file_whose_content_is_gone_is_told(root: Path, scanned: Scan) -> None:
    (root / "b.py").write_text("new")
    git(root, "add", "b.py")
    name = git(root, "rev-parse", ":b.py").decode().strip()
    (root / ".git" / "objects" / name[:2] / name[2:]).unlink()
    assert any("staged file is not here" in gap for gap in scanned(root, staged=True).gaps)


def test_no_replacement_hides_what_is_staged(root: Path, scanned: Scan) -> None:
    (root / "a.py").write_text(LINE)
    git(root, "add", "a.py")
    git(root, "replace", *(git(root, "rev-parse", name).decode().strip() for name in (":a.py", "HEAD:a.py")))
    assert scanned(root, staged=True).exposures


def test_a_staged_submodule_is_no_file(root: Path, tmp_path: Path, scanned: Scan) -> None:
    git(root, "-c", "protocol.file.allow=always", "clone", "-q", str(root), "sub")
    git(root, "add", "sub")
    report = scanned(root, staged=True)
    assert report.gaps == [] and report.files == 0


def test_what_was_mended_is_not_told_any_more(root: Path, tmp_path: Path, scanned: Scan) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root}", "c")
    store = MemoryStore()
    assert scanned(tmp_path / "c", store=store, use_memory=True).gaps
    git(tmp_path / "c", "fetch", "-q", "--unshallow")
    report = scanned(tmp_path / "c", store=store, use_memory=True)
    assert [each.path for each in report.exposures] == ["a.py"] and report.gaps == []


@pytest.mark.parametrize("place", ["", "below", "../bare"])
def test_a_repository_of_a_kind_that_git_does_not_know_is_told_from_wherever(
    root: Path, scanned: Scan, place: str
) -> None:
    (root / "below").mkdir()
    git(root.parent, "clone", "-q", "--bare", str(root), "bare")
    for config in (root / ".git" / "config", root.parent / "bare" / "config"):
        config.write_text("[core]\nrepositoryformatversion = 1\n[extensions]\nrefstorage = of2050\n")
    assert any("refstorage" in gap and "history was not looked at" in gap for gap in scanned(root / place).gaps)
    with pytest.raises(CannotTell, match="refstorage"):
        scanned(root / place, staged=True)


def test_a_file_of_the_index_that_cannot_be_looked_for_is_told(root: Path, scanned: Scan) -> None:
    blob = git(root, "rev-parse", "HEAD:a.py").decode().strip()
    git(root, "update-index", "--add", "--cacheinfo", f"100644,{blob},{'n' * 300}")
    assert any(f"{'n' * 300} cannot be read" in gap for gap in scanned(root).gaps)


def _object(root: Path, name: str) -> Path:
    """The loose object of that name, made writable."""
    found = git(root, "rev-parse", name).decode().strip()
    path = root / ".git" / "objects" / found[:2] / found[2:]
    path.chmod(0o600)
    return path


def test_an_object_that_was_mended_in_its_place_is_looked_at(root: Path, scanned: Scan) -> None:
    path, store = _object(root, "HEAD~:a.py"), MemoryStore()
    sound = path.read_bytes()
    path.write_bytes(b"")
    for _ in range(2):
        report = scanned(root, store=store, use_memory=True)
        assert report.exposures == [] and any("is damaged" in gap for gap in report.gaps)
    path.write_bytes(sound)
    for remembered in (False, True):
        report = scanned(root, store=store, use_memory=True)
        assert len(report.exposures) == 1 and report.gaps == [] and report.remembered is remembered


def test_a_sound_copy_stands_in_for_a_damaged_one(root: Path, scanned: Scan) -> None:
    path = _object(root, "HEAD~:a.py")
    git(root, "repack", "-aq")
    path.write_bytes(b"junk")
    report = scanned(root)
    assert len(report.exposures) == 1 and report.gaps == []


def test_a_header_that_makes_no_sense_costs_its_own_object_alone(root: Path, scanned: Scan) -> None:
    (root / "b.py").write_text(fakes.of("sendgrid-key", 9).line)
    git(root, "add", "b.py")
    git(root, "commit", "-q", "-m", "b")
    pack = _pack(root)
    listed = git(root, "verify-pack", "-v", str(pack)).decode().splitlines()
    name = git(root, "rev-parse", "HEAD:b.py").decode().strip()
    (offset,) = (int(line.split()[4]) for line in listed if line.startswith(name))
    raw = bytearray(pack.read_bytes())
    raw[offset] = 0x55  # a kind of object that is none
    pack.write_bytes(raw)
    (root / "b.py").write_text("x")
    report = scanned(root)
    assert [each.path for each in report.exposures] == ["a.py"]
    assert [gap for gap in report.gaps if "cannot be unpacked" in gap and "times" not in gap]


def test_deltas_on_each_other_in_a_circle_are_told(root: Path, scanned: Scan) -> None:
    one, two, told = bytes([0xAA] * 20), bytes([0xBB] * 20), zlib.compress(bytes([5, 5, 0x90, 5]))
    entries = [bytes([0x74]) + base + told for base in (two, one)]
    raw = b"PACK" + struct.pack(">II", 2, 2) + b"".join(entries)
    index = b"\xfftOc" + struct.pack(">I", 2) + struct.pack(">256I", *(([0] * 0xAA) + [1] * 0x11 + [2] * 0x45))
    index += one + two + bytes(8) + struct.pack(">II", 12, 12 + len(entries[0])) + bytes(40)
    pack = root / ".git" / "objects" / "pack" / "pack-x.pack"
    pack.write_bytes(raw + bytes(20))
    pack.with_suffix(".idx").write_bytes(index)
    report = scanned(root)
    assert len(report.exposures) == 1 and any("(2 times)" in gap for gap in report.gaps)


@pytest.mark.parametrize("size", [10, 1 << 20])
def test_what_is_longer_than_it_says_is_not_unpacked_to_its_end(size: int) -> None:
    assert len(inflate(zlib.compress(bytes(90 << 20), 9), size)) == size + 1


@pytest.mark.parametrize("workers", [1, 2])
def test_packs_may_be_made_anew_during_the_scan(root: Path, scanned: Scan, workers: int) -> None:
    told: list[int] = []

    def repack(done: int, total: int) -> None:
        if not told:
            git(root, "repack", "-adfq")
        told.append(done)

    git(root, "gc", "-q")
    (root / "large.txt").write_text("".join(f"{number}\n" for number in range(2_000_000)))
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", LINE)
    report = scanned(root, workers=workers, progress=repack)
    assert {each.path for each in report.exposures} == {"a.py", "(commit message)"} and report.gaps == [] and told


def test_what_is_committed_during_a_scan_is_seen_by_the_next(root: Path, scanned: Scan) -> None:
    store, told = MemoryStore(), list[int]()

    def commit(done: int, total: int) -> None:
        if not told:
            git(root, "commit", "-q", "--allow-empty", "-m", f"use {fakes.of('sendgrid-key', 9).line}")
        told.append(done)

    scanned(root, store=store, use_memory=True, progress=commit)
    assert len(scanned(root, store=store, use_memory=True).exposures) == 2 and told


def test_what_comes_into_borrowed_objects_is_seen(root: Path, tmp_path: Path, scanned: Scan) -> None:
    git(tmp_path, "clone", "-q", "--shared", str(root), "c")
    store = MemoryStore()
    assert len(scanned(tmp_path / "c", store=store, use_memory=True).exposures) == 1
    git(root, "commit", "-q", "--allow-empty", "-m", f"use {fakes.of('sendgrid-key', 9).line}")
    assert len(scanned(tmp_path / "c", store=store, use_memory=True).exposures) == 2


@pytest.mark.parametrize("at", [0, 40, -1])
def test_a_damaged_memory_is_no_memory(root: Path, scanned: Scan, at: int) -> None:
    store = MemoryStore()
    first = scanned(root, store=store, use_memory=True)
    (name,) = (name for name in store.kept if name.startswith("scan-"))
    kept = bytearray(store.kept[name])
    kept[at] ^= 1
    store.kept[name] = bytes(kept)
    second = scanned(root, store=store, use_memory=True)
    assert second.exposures == first.exposures and second.objects == first.objects > 0


def test_a_large_object_is_looked_at_in_parts(root: Path, scanned: Scan) -> None:
    (root / "dump.sql").write_bytes(b"insert into t values (1);\n" * (3 << 20) + f"{LINE}\n".encode())
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "dump")
    (root / "dump.sql").unlink()
    for pack in (False, True):
        if pack:
            git(root, "-c", "core.bigFileThreshold=1m", "repack", "-adq")
        report = scanned(root)
        assert [each.line for each in report.exposures if each.path == "dump.sql"] == [(3 << 20) + 1]
        assert report.gaps == []
