"""However deep its deltas are built on each other and whatever they are made of, a pack makes no undue work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.repo.secrets import delta, walk
from checks.repo.secrets.batch import Batch
from checks.repo.secrets.look import Looker
from checks.repo.secrets.pack import Pack
from checks.repo.secrets.tally import Tally
from checks.repo.secrets.walk import Walker
from tests.repo.secrets import fakes
from tests.repo.secrets.conftest import KEY
from tests.repo.secrets.packs import Made, changed, encode, pack_of
from tests.repo.secrets.test_delta import _finder, _places, by_deltas, by_whole_objects
from tests.repo.secrets.worlds import git

DEEPEST = 4095
"""The longest chain that git makes (git-pack-objects(1), --depth)."""
ROWS = b"".join(b"row %d\n" % number for number in range(30))


@pytest.fixture
def applied(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """A number for each delta that is followed."""
    followed: list[int] = []
    apply = delta.apply

    def counted(told: bytes, base: bytes) -> delta.Rebuilt:
        followed.append(len(told))
        return apply(told, base)

    monkeypatch.setattr(delta, "apply", counted)
    yield followed


def _version(number: int) -> bytes:
    secret = fakes.of("stripe-secret-key", number // 1000).line.encode() if number % 1000 > 500 else b""
    return ROWS + b"version %d\n" % number + secret + b"\n" + ROWS


def _found_in_versions(pack: Pack, versions: list[Made]) -> set[tuple[object, ...]]:
    tally, finder = Tally(KEY), _finder()
    for each in versions:
        for match in finder.find(each.data):
            tally.add(match, each.data, blob=each.name)
    return _places(tally)


@pytest.mark.parametrize("limit", [1 << 40, 4000])
def test_the_longest_chain_is_read_at_the_cost_of_its_length(tmp_path: Path, applied: list[int], limit: int) -> None:
    versions = [Made(_version(0))]
    for number in range(DEEPEST):
        data = _version(number + 1)
        versions.append(Made(data, number, changed(versions[-1].data, data)))
    pack = pack_of(versions, tmp_path)
    assert len(pack.chain(DEEPEST)) == DEEPEST + 1
    found = by_deltas([pack], limit=limit)
    assert found == _found_in_versions(pack, versions) and len(found) > 1900
    assert DEEPEST <= len(applied) < 2.5 * DEEPEST


@pytest.mark.parametrize("chain_first", [False, True])
def test_little_is_held_along_a_chain_with_something_else_built_on_each_of_it(
    tmp_path: Path, applied: list[int], monkeypatch: pytest.MonkeyPatch, chain_first: bool
) -> None:
    versions, last = [Made(_version(0))], 0
    for number in range(300):
        above = versions[last].data
        chained, other = _version(number + 1), above + b"%d\n" % number
        pair = [Made(chained, last, changed(above, chained)), Made(other, last, changed(above, other))]
        last = len(versions) + (not chain_first)
        versions += pair if chain_first else pair[::-1]
    monkeypatch.setattr(walk, "HELD", 3 * len(versions[0].data))
    pack = pack_of(versions, tmp_path)
    assert by_deltas([pack]) == _found_in_versions(pack, versions)
    assert len(applied) == len(versions) - 1


def _bomb(tmp_path: Path, copies: int, times: int) -> tuple[Pack, list[bytes]]:
    """A pack, in a repository, of deltas that copy little and often, to which a few bytes compress."""
    root = tmp_path / "r"
    root.mkdir()
    git(root, "init", "-q")
    base = ROWS * 20
    made = [Made(base)]
    for number in range(times):
        line = f"{number}: {fakes.of('stripe-secret-key', number).line}\n".encode()[:127]
        order = b"\x91" + bytes((number % 200, 3))
        told = encode(len(base)) + encode(3 * copies + len(line)) + order * copies + bytes((len(line),)) + line
        made.append(Made(base[number % 200 :][:3] * copies + line, 0, told))
    return pack_of(made, root / ".git" / "objects" / "pack"), [each.name for each in made]


def test_many_small_copies_are_left_to_git(tmp_path: Path, applied: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "FOLLOWED", 1 << 16)
    pack, _ = _bomb(tmp_path, 5000, 60)
    batch, asked = Batch(tmp_path / "r"), []

    def ask(name: bytes, size: int) -> bytes | None:
        asked.append(batch.content(name, size))
        return asked[-1]

    found = by_deltas([pack], ask=ask)
    batch.close()
    assert sum(applied) < (1 << 16) + 8 * pack.length + 20_000 < 60 * 15_000 // 2
    assert len(asked) > 30 and None not in asked
    assert found == by_whole_objects([pack]) and len(found) == 60


def test_many_small_copies_that_git_does_not_follow_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "FOLLOWED", 1 << 16)
    pack, _ = _bomb(tmp_path, 5000, 60)
    tally = Tally(KEY)
    looker = Looker(_finder(), tally)
    Walker(pack, looker, lambda name: None).walk(0)
    looker.finish()
    assert set(tally.unread.values()) == {walk._BOMB} and len(tally.unread) > 30
    assert tally.objects + len(tally.unread) == len(pack.ids)


def test_what_brings_far_more_to_search_than_it_holds_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "SEARCHED", 1 << 18)
    monkeypatch.setattr(walk, "SEARCHED_TIMES", 10)
    pack, _ = _bomb(tmp_path, 5000, 60)
    tally = Tally(KEY)
    looker = Looker(_finder(), tally)
    Walker(pack, looker, lambda name: None).walk(0)
    looker.finish()
    assert set(tally.unread.values()) == {walk._BOMB}


def test_a_delta_that_claims_to_be_longer_than_any_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "LONGEST", 10_000)
    pack, names = _bomb(tmp_path, 5000, 2)
    tally = Tally(KEY)
    looker = Looker(_finder(), tally)
    Walker(pack, looker, lambda name: None).walk(0)
    looker.finish()
    assert set(tally.unread) == set(names[1:])


def test_what_a_long_delta_copies_is_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list would take up a hundred times the delta; all that the delta makes is searched instead."""
    base = fakes.of("stripe-secret-key", 1).line.encode() + b"\n" + b"filler\n" * 10_000
    orders = (b"\x97" + at.to_bytes(3, "little") + b"\x01" for at in range(60_000))
    made = [Made(base), Made(base[:60_000], 0, encode(len(base)) + encode(60_000) + b"".join(orders))]
    monkeypatch.setattr(delta, "copies", lambda told: pytest.fail("listed"))
    assert len(by_deltas([pack_of(made, tmp_path)])) == 2
