"""Deltas that git would hardly make: a secret put together at the border of what is copied and what is brought in."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from checks.repo.secrets.pack import Pack
from tests.repo.secrets import fakes
from tests.repo.secrets.packs import Made, changed, pack_of
from tests.repo.secrets.test_delta import by_deltas, by_whole_objects

RULES = ("stripe-secret-key", "generic-secret", "private-key", "datadog-api-key", "postgres-url", "basic-auth-header")
GAPS = (b"junk", b"\n", b"\n" * 5, b" = ", b'"', b"a1" * 40, b"# launchready:allow\n", b"filler " * 500, b"row\n" * 700)
BEGIN = b"".join(b"setting_%d = %d\n" % (number, number * 7) for number in range(40))

Splice = tuple[int, int, bytes]
"""Where in the text, how many bytes go, and what comes instead."""


def _apart(line: bytes, cut: int, gap: bytes) -> list[Splice]:
    """A secret whose second half is brought to the first, and then parted from it again."""
    return [(0, 0, line[:cut]), (cut, 0, line[cut:] + b"\n"), (cut, 0, gap)]


def _together(line: bytes, cut: int, gap: bytes) -> list[Splice]:
    """A secret that is there once the text between its halves is gone; its end is then written anew."""
    return [(0, 0, line[:cut] + gap + line[cut:] + b"\n"), (cut, len(gap), b""), (len(line) - 2, 2, b"Zq")]


@st.composite
def histories(draw: st.DrawFn) -> list[bytes]:
    """The versions of one text."""
    versions = [BEGIN]
    for _ in range(draw(st.integers(1, 4))):
        line = fakes.of(draw(st.sampled_from(RULES)), draw(st.integers(0, 5))).line.encode()
        cut, gap = draw(st.integers(1, len(line) - 1)), draw(st.sampled_from(GAPS))
        text = versions[-1]
        lines = [at + 1 for at, byte in enumerate(text) if byte == 10]
        place = draw(st.sampled_from([0, *lines, len(text)]))
        for at, gone, new in draw(st.sampled_from((_apart, _together)))(line, cut, gap):
            versions.append(versions[-1][: place + at] + new + versions[-1][place + at + gone :])
    return versions


def _pack(versions: list[bytes], folder: Path) -> Pack:
    """A pack with the first version whole, and each other one as a delta on the one before."""
    changes = [Made(new, at, changed(old, new)) for at, (old, new) in enumerate(itertools.pairwise(versions))]
    return pack_of([Made(versions[0]), *changes], folder)


@settings(max_examples=60)
@given(histories())
def test_a_secret_at_a_border_is_seen_as_in_the_whole_object(versions: list[bytes]) -> None:
    versions = list(dict.fromkeys(versions))
    with tempfile.TemporaryDirectory() as folder:
        packs = [_pack(versions, Path(folder))]
        assert len(packs[0].parents) == len(versions) - 1
        assert by_deltas(packs) == by_whole_objects(packs)
