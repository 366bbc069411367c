"""Repositories of the shapes that cost a scan most: each has one kind of content, and much of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from tests.repo.secrets.worlds import Stream, git

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _word(rng: random.Random) -> str:
    return "".join(rng.choices(_LETTERS, k=rng.randint(2, 9)))


def _functions(rng: random.Random, count: int) -> list[str]:
    """Ordinary code, each part of which sets a token, so that a rule has to look at it."""
    return [
        f"def {_word(rng)}_{_word(rng)}({_word(rng)}, {_word(rng)}=None):\n"
        f'    """{" ".join(_word(rng) for _ in range(8))}."""\n'
        f"    {_word(rng)} = {_word(rng)}.get('{_word(rng)}', {rng.randint(0, 999)})\n"
        f"    token = self.{_word(rng)}('{_word(rng)}-{_word(rng)}')\n"
        f"    return [{_word(rng)} for x in {_word(rng)}]\n\n"
        for _ in range(count)
    ]


def _edited(stream: Stream, rng: random.Random, texts: dict[str, list[str]], commits: int, most: int) -> None:
    """All files in one commit, then commits that each edit up to `most` of them."""
    last = (stream.commit("main", [(path, "".join(text).encode()) for path, text in texts.items()], "begin"),)
    paths = list(texts)
    for number in range(commits):
        files: list[tuple[str, bytes | None]] = []
        for path in rng.choices(paths, k=rng.randint(1, most)):
            text = texts[path]
            text[rng.randrange(len(text))] = _functions(rng, 1)[0]
            files.append((path, "".join(text).encode()))
        last = (stream.commit("main", files, f"change {number}", parents=last),)


def many_files(root: Path) -> None:
    """6,000 small files, each in a folder of its own, and 4,000 commits: 60,000 objects in one pack."""
    rng, stream = random.Random(6), Stream()
    texts = {f"pkg{n % 80}/m{n // 80}/f{n}.py": _functions(rng, rng.randint(1, 8)) for n in range(6000)}
    _edited(stream, rng, texts, 4000, 6)
    stream.load(root)
    git(root, "repack", "-adfq")


def loose_objects(root: Path) -> None:
    """2,500 commits of which no object is packed yet: each lies in a file of its own."""
    rng, stream = random.Random(8), Stream()
    texts = {f"d{n % 20}/f{n}.py": _functions(rng, rng.randint(2, 10)) for n in range(400)}
    _edited(stream, rng, texts, 2500, 1)
    stream.load(root)
    for pack in [*(root / ".git/objects/pack").glob("*.pack")]:
        packed = pack.read_bytes()
        for each in pack.parent.glob(f"{pack.stem}.*"):
            each.unlink()  # what is packed is not unpacked
        git(root, "unpack-objects", "-q", given=packed)


def dumps(root: Path) -> None:
    """Four dumps of a database of 20 MB each."""
    rng, stream, last = random.Random(7), Stream(), ()  # type: tuple[random.Random, Stream, tuple[int, ...]]
    for number in range(4):
        rows = (
            f"{n}\t{_word(rng)}\t{rng.randint(0, 10**9)}\t2024-0{n % 9 + 1}-11\t{_word(rng)}@acme.example"
            for n in range(250_000)
        )
        last = (stream.commit("main", [(f"dump{number}.sql", "\n".join(rows).encode())], parents=last),)
    stream.load(root)
    git(root, "repack", "-adq")


SHAPES: dict[str, Callable[[Path], None]] = {"files": many_files, "loose": loose_objects, "dumps": dumps}
