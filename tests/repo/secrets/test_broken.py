"""What cannot be read of a repository is told, and the rest is looked at all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

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
        (_cut(0, ".pack"), "cannot be read"), (_cut(40, ".pack"), "cannot be read"),
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
