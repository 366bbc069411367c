"""What the delta reader tells is what git tells, and its finds are those of a search of every whole object."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.repo.secrets import delta, objects, walk
from checks.repo.secrets.batch import Batch
from checks.repo.secrets.finder import Finder
from checks.repo.secrets.look import Looker
from checks.repo.secrets.pack import BadPack, Pack
from checks.repo.secrets.tally import Found, Tally
from checks.repo.secrets.walk import Ask, Walker, content
from tests.repo.secrets import fakes
from tests.repo.secrets.conftest import COMPILED, KEY
from tests.repo.secrets.packs import encode
from tests.repo.secrets.worlds import Stream, World, git, world


def _packed(root: Path, *words: str) -> objects.Objects:
    git(root, "reflog", "expire", "--expire=now", "--all")
    git(root, "repack", "-adfq", *words)
    where = objects.place(root)
    assert where is not None
    return objects.read(where)


@functools.cache
def _finder() -> Finder:
    return Finder(store=COMPILED)


def _nobody(name: bytes, size: int) -> bytes | None:
    return None


def by_deltas(packs: Iterable[Pack], limit: int = 1 << 40, ask: Ask = _nobody) -> set[tuple[object, ...]]:
    tally = Tally(KEY)
    looker = Looker(_finder(), tally)
    for pack in packs:
        walker = Walker(pack, looker, lambda name: None, ask)
        tops = {top for root in pack.roots() for top, _, _ in pack.branches(root, limit)}
        for top in tops:
            walker.walk(top, cuts=tops)
    looker.finish()
    return _places(tally)


def by_whole_objects(packs: Iterable[Pack]) -> set[tuple[object, ...]]:
    tally, finder = Tally(KEY), _finder()
    for pack in packs:
        for root in pack.roots():
            for number in pack.subtree(root):
                data = content(pack, number)
                for match in finder.find(data):
                    tally.add(match, data, blob=pack.ids[number])
    return _places(tally)


def _places(tally: Tally) -> set[tuple[object, ...]]:
    tally.forget_values()
    return {(*_told(found), blob, line) for found in tally.founds for blob, line in found.blobs.items()}


def _told(found: Found) -> tuple[object, ...]:
    return found.rule, found.fingerprint, found.status, found.public, found.allowed, found.layer


def test_the_finds_are_those_of_every_whole_object(planted: World, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--mirror", str(planted.root), "copy")
    store = _packed(tmp_path / "copy", "--depth=200", "--window=40")
    assert sum(map(len, store.packs[0].children.values())) > 150
    found = by_deltas(store.packs)
    assert len(found) > 500
    assert found == by_whole_objects(store.packs)
    assert found == by_deltas(store.packs, limit=2000)


@pytest.mark.parametrize("seed", range(6))
def test_edits_around_a_secret(tmp_path: Path, seed: int) -> None:
    """Lines are inserted, cut, doubled and joined around secrets, which come, move, change their meaning and go."""
    rng = fakes.random.Random(seed)
    names = ["stripe-secret-key", "google-api-key", "generic-secret", "private-key", "datadog-api-key", "postgres-url"]
    lines = [f"line {number} {rng.random()}" for number in range(60)]
    stream, last = Stream(), ()
    for number in range(120):
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(lines))
            match rng.randrange(7):
                case 0:
                    lines.insert(at, fakes.of(rng.choice(names), rng.randrange(5)).line)
                case 1:
                    lines[at] = lines[at][: len(lines[at]) // 2] + "+" + lines[at][len(lines[at]) // 2 :]
                case 2:
                    lines.insert(at, lines[rng.randrange(len(lines))])
                case 3:
                    del lines[at]
                case 4:
                    lines[at] += rng.choice((" # launchready:allow", ' authDomain: "x"', " authorization", "\\"))
                case 5:
                    lines.insert(at, f'client_secret = "{fakes.password(rng, 300)}"')
                case 6 if at:
                    lines[at - 1 : at + 1] = [lines[at - 1] + lines[at]]
        lines = lines or ["begin"]
        last = (stream.commit("main", [("a.txt", "\n".join(lines).encode())], f"{number}", parents=last),)
    stream.load(tmp_path / "edits")
    store = _packed(tmp_path / "edits", "--depth=250", "--window=100")
    assert sum(map(len, store.packs[0].children.values())) > 60
    assert by_deltas(store.packs) == by_whole_objects(store.packs)


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_every_object_is_rebuilt_as_git_rebuilds_it(tmp_path: Path, kind: str) -> None:
    made = world(tmp_path / "shop", commits=30, kind=kind)
    store = _packed(made.root)
    (pack,) = store.packs
    told = git(made.root, "cat-file", "--batch", given="".join(f"{name.hex()}\n" for name in pack.ids).encode())
    for number, name in enumerate(pack.ids):
        head, _, told = told.partition(b"\n")
        assert head.split()[0].decode() == name.hex()
        size = int(head.split()[2])
        assert content(pack, number) == told[:size]
        told = told[size + 1 :]


def test_git_is_asked_for_what_a_long_delta_makes(
    planted: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "HEAVY", 64)
    monkeypatch.setattr(walk, "_PACE", 1 << 20)
    root = tmp_path / "copy"
    git(tmp_path, "clone", "-q", "--mirror", str(planted.root), "copy")
    store = _packed(root, "--depth=200", "--window=40")
    (pack,) = store.packs
    replaced, other = (pack.ids[number].hex() for number in list(pack.parents)[:2])
    git(root, "replace", "-f", replaced, other)
    batch, asked = Batch(root), []

    def ask(name: bytes, size: int) -> bytes | None:
        asked.append(batch.content(name, size))
        return asked[-1]

    found = by_deltas(store.packs, ask=ask)
    batch.close()
    assert len(asked) > 50 and None not in asked
    assert found == by_whole_objects(store.packs)


def test_git_that_gives_something_else_is_not_asked_again(tmp_path: Path) -> None:
    stream = Stream()
    stream.commit("main", [("a.txt", b"one"), ("b.txt", b"three")], "begin")
    stream.load(tmp_path / "small")
    one, three = (bytes.fromhex(git(tmp_path / "small", "rev-parse", f"main:{n}.txt").decode()) for n in "ab")
    with contextlib.closing(Batch(tmp_path / "small")) as batch:
        assert batch.content(one, 3) == b"one"
        assert batch.content(three, 5) == b"three"
        assert batch.content(one, 5) is None
        assert batch.content(three, 5) is None
    for folder, name in ((tmp_path / "small", bytes(20)), (tmp_path / "absent", one)):
        with contextlib.closing(Batch(folder)) as batch:
            assert batch.content(name, 3) is None


@given(st.binary(min_size=1, max_size=400), st.lists(st.tuples(st.booleans(), st.integers(0, 399), st.binary(min_size=1, max_size=127)), max_size=12))  # fmt: skip
def test_any_sound_delta(base: bytes, orders: list[tuple[bool, int, bytes]]) -> None:
    told, made = b"", b""
    for copy, at, text in orders:
        if copy:
            at %= len(base)
            size = min(len(text), len(base) - at)
            told += bytes((0x93, at & 0xFF, at >> 8, size)) if at & 1 else bytes((0xB3, at & 0xFF, at >> 8, size, 0))
            made += base[at : at + size]
        else:
            told += bytes((len(text),)) + text
            made += text
    whole = encode(len(base)) + encode(len(made)) + told
    rebuilt = delta.apply(whole, base)
    assert rebuilt.data == made
    for low, high, to in delta.copies(whole):
        assert base[low:high] == made[to : to + high - low]
    spans = delta.windows(made, rebuilt.seams)
    assert all(a <= b for a, b in spans) and all(b < c for (_, b), (c, _) in itertools.pairwise(spans))
    for low, high in rebuilt.seams:
        assert any(a <= low and high <= b for a, b in spans)


@given(st.binary(max_size=60))
def test_a_damaged_delta_is_told(data: bytes) -> None:
    try:
        delta.apply(data, b"base")
    except BadPack:
        pass
