"""Archives are opened to their end, or it is told what was not opened."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import zipfile
from pathlib import Path

import pytest

from checks.repo.secrets.objects import LARGEST
from tests.repo.secrets import fakes
from tests.repo.secrets.conftest import Scan
from tests.repo.secrets.worlds import git

LINE = fakes.of("stripe-secret-key", 13).line.encode()
NOISE = random.Random(1).randbytes(5000)


def _zip(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def _locked() -> bytes:
    """A zip whose only entry says that it is encrypted."""
    raw = bytearray(_zip(("a.txt", LINE)))
    for at in (6, raw.find(b"PK\x01\x02") + 8):
        raw[at] |= 1
    return bytes(raw)


def _nested(times: int) -> bytes:
    data = _zip(("a.txt", LINE))
    for number in range(times):
        data = _zip((f"{number}.zip", data))
    return data


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(NOISE) + gzip.compress(LINE), bz2.compress(NOISE) + bz2.compress(LINE),
        lzma.compress(NOISE) + lzma.compress(b"x = 1\n" * 99 + LINE), b"MZ" + NOISE + _zip(("a.txt", LINE)), _nested(3),
    ],
    ids=["gzip of two", "bzip2 of two", "xz of two", "self-extracting", "nested"],
)  # fmt: skip
def test_an_archive_is_opened_to_its_end(tmp_path: Path, scanned: Scan, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)
    report = scanned(tmp_path)
    assert [each.rule for each in report.exposures] == ["stripe-secret-key"] and report.gaps == []


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (gzip.compress(NOISE + LINE)[:3000], "ends early"), (_locked(), "password"), (_nested(4), "within more than 3"),
        (_zip(("a.txt", LINE))[:-30], "damaged"), (_zip(("a", bytes(60 << 20)), ("b", NOISE * 1000)), "was not read"),
    ],
    ids=["cut gzip", "locked", "nested too deep", "cut zip", "too large"],
)  # fmt: skip
def test_what_is_not_opened_is_told(tmp_path: Path, scanned: Scan, data: bytes, word: str) -> None:
    (tmp_path / "a").write_bytes(data)
    assert any(word in gap for gap in scanned(tmp_path).gaps)


@pytest.mark.parametrize("form", ["zip", "gzip"])
@pytest.mark.parametrize("committed", [False, True])
def test_an_archive_too_large_to_open_is_not_called_damaged(
    tmp_path: Path, scanned: Scan, form: str, committed: bool
) -> None:
    noise = NOISE * ((LARGEST // len(NOISE)) + 1)
    if form == "zip":
        with zipfile.ZipFile(tmp_path / "a", "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("noise", noise)
            archive.writestr("a.txt", LINE)
    else:
        (tmp_path / "a").write_bytes(gzip.compress(noise + LINE, 0))
    if committed:
        git(tmp_path, "init", "-q")
        git(tmp_path, "add", "-A")
        (tmp_path / "a").unlink()
    report = scanned(tmp_path)
    assert report.gaps == ["an archive of more than 64 MB was not opened"]
    assert [each.rule for each in report.exposures] == ["stripe-secret-key"]  # which stands there in the clear
