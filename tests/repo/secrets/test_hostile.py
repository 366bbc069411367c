"""A hostile repository makes the scan neither run its commands, nor leave its folder, nor fill the memory."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from pathlib import Path

import pytest

from tests.repo.secrets import fakes
from tests.repo.secrets.conftest import Scan
from tests.repo.secrets.worlds import git

LINE = fakes.of("stripe-secret-key", 8).line


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "r"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "a.txt").write_text("x")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "x")
    return folder


def test_no_configured_command_is_run(root: Path, tmp_path: Path, scanned: Scan) -> None:
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch '{tmp_path}/sprung'\n")
    trap.chmod(0o755)
    # A signed commit would be verified by a program of the repository's choice.
    head, _, message = git(root, "cat-file", "commit", "HEAD").decode().partition("\n\n")
    (tmp_path / "signed").write_text(
        f"{head}\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n{message}\n"
    )
    name = git(root, "hash-object", "-t", "commit", "-w", str(tmp_path / "signed")).decode().strip()
    git(root, "update-ref", "HEAD", name)
    git(root, "config", "log.showSignature", "true")
    for name in ("core.fsmonitor", "diff.external", "core.pager", "core.sshCommand", "gpg.program", "core.editor",
                 "filter.x.clean", "filter.x.smudge", "filter.x.process", "diff.x.textconv", "uploadpack.packObjectsHook"):  # fmt: skip
        git(root, "config", name, str(trap))
    git(root, "config", "core.hooksPath", str(tmp_path))
    (root / ".gitattributes").write_text("* filter=x diff=x\n")
    (root / "a.txt").write_text(LINE)
    assert [each.path for each in scanned(root).exposures] == ["a.txt"]
    scanned(root, staged=True)
    assert not (tmp_path / "sprung").exists()


def test_links_are_not_followed_out_of_the_folder(root: Path, tmp_path: Path, scanned: Scan) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "key.txt").write_text(LINE)
    (root / "inner").mkdir()
    (root / "inner" / "key.txt").write_text("x")
    git(root, "add", "-A")
    (root / "link.txt").symlink_to(outside / "key.txt")
    (root / "inner" / "key.txt").unlink()
    (root / "inner").rmdir()
    (root / "inner").symlink_to(outside)
    assert scanned(root).exposures == []


def test_another_folder_named_as_work_tree_is_not_read(root: Path, tmp_path: Path, scanned: Scan) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "key.txt").write_text(LINE)
    git(root, "config", "core.worktree", str(outside))
    assert scanned(root).exposures == []


def test_pipes_and_strange_names(root: Path, scanned: Scan) -> None:
    os.mkfifo(root / "pipe")
    name = "a\x1b[31m\n\"'\\.py"
    (root / name).write_text(LINE)
    git(root, "add", "--", name)
    git(root, "commit", "-q", "-m", "x")
    (root / name).unlink()
    (only,) = scanned(root).exposures
    assert only.path == name


def test_bombs_end_at_their_limit_and_it_is_told(tmp_path: Path, scanned: Scan) -> None:
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(bytes(300 << 20), 9))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big", bytes(100 << 20))
        archive.writestr("small", LINE)
    (tmp_path / "bomb.zip").write_bytes(out.getvalue())
    report = scanned(tmp_path)
    assert [each.path for each in report.exposures] == ["bomb.zip"]
    assert any("gzip" in gap for gap in report.gaps) and any("zip entry" in gap for gap in report.gaps)


def test_a_large_file_is_read_in_parts(tmp_path: Path, scanned: Scan) -> None:
    with (tmp_path / "dump.sql").open("wb") as file:
        file.write(b"-- dump\n" + b"insert into t values (1);\n" * (3 << 20))
        file.write(f"{LINE}\n".encode())
    (only,) = scanned(tmp_path).exposures
    assert only.line == (3 << 20) + 2


def test_a_repository_git_cannot_read_is_told(root: Path, scanned: Scan) -> None:
    (root / ".git" / "config").write_text("[core\n")
    assert any("cannot read" in gap for gap in scanned(root).gaps)
