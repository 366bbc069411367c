"""Repositories with a long history and a made-up credential of every rule hidden in it, made with git's fast import."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import random
import subprocess
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.repo.secrets import fakes
from tests.repo.secrets.fakes import Fake

BEGIN = 1_700_000_000


def git(root: Path, *words: str, given: bytes | None = None) -> bytes:
    """Run git as nobody in particular."""
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER")
           for part, value in (("NAME", "Test"), ("EMAIL", "test@acme.io"))}  # fmt: skip
    done = subprocess.run(["git", *words], cwd=root, env=os.environ | alone | who, input=given, capture_output=True)
    if done.returncode:
        raise AssertionError(f"git {words[0]}: {done.stderr.decode()}")
    return done.stdout


class Stream:
    """A stream for `git fast-import`."""

    def __init__(self) -> None:
        self._out = io.BytesIO()
        self._mark = 0

    def commit(
        self,
        branch: str,
        files: Iterable[tuple[str, bytes | None]],
        message: str = "change",
        *,
        parents: tuple[int, ...] = (),
    ) -> int:
        """Add a commit and return its mark. A content of None deletes the file."""
        self._mark += 1
        who = f"Test <test@acme.io> {BEGIN + self._mark * 60} +0000"
        text = message.encode()
        self._out.write(f"commit refs/heads/{branch}\nmark :{self._mark}\nauthor {who}\ncommitter {who}\n".encode())
        self._out.write(b"data %d\n%s\n" % (len(text), text))
        for word, parent in zip(("from", *["merge"] * 9), parents, strict=False):
            self._out.write(f"{word} :{parent}\n".encode())
        for path, content in files:
            if content is None:
                self._out.write(f"D {path}\n".encode())
            else:
                self._out.write(f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n")
        self._out.write(b"\n")
        return self._mark

    def tag(self, name: str, mark: int, message: str) -> None:
        text = message.encode()
        who = f"Test <test@acme.io> {BEGIN} +0000"
        self._out.write(f"tag {name}\nfrom :{mark}\ntagger {who}\ndata {len(text)}\n".encode() + text + b"\n")

    def load(self, root: Path, *, kind: str = "sha1") -> None:
        root.mkdir(parents=True)
        git(root, "init", "-q", "-b", "main", f"--object-format={kind}")
        git(root, "fast-import", "--quiet", given=self._out.getvalue())
        git(root, "checkout", "-q", "-f", "main")


# ------------------------------------------------------------------- ways of hiding
def _plain(fake: Fake) -> bytes:
    return f"# settings\n{fake.line}\nend = 1\n".encode()


def _notebook(fake: Fake) -> bytes:
    cell = {"cell_type": "code", "source": ["import os\n", f"{fake.line}\n"], "outputs": []}
    return json.dumps({"cells": [cell], "nbformat": 4}, indent=1).encode()


def _base64(fake: Fake) -> bytes:
    return b"data:\n  blob: " + base64.b64encode(f"# settings of the shop\n{fake.line}\n".encode()) + b"\n"


def _utf16(fake: Fake) -> bytes:
    return f"[settings]\r\n{fake.line}\r\n".encode("utf-16")


def _zip(fake: Fake) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner/settings.txt", f"# settings\n{fake.line}\n")
    return out.getvalue()


def _minified(fake: Fake) -> bytes:
    noise = "".join(f"function f{n}(a,b){{return a*{n}+b}};" for n in range(200))
    return f"!function(){{{noise}var c={{v:1}};\n{fake.line}\n;{noise}}}();".replace("\n", " ").encode()


def _binary(fake: Fake) -> bytes:
    rng = random.Random(fake.line)
    return rng.randbytes(3000) + b"\0" + fake.line.encode() + b"\0" + rng.randbytes(3000)


def _gzip(fake: Fake) -> bytes:
    return gzip.compress(_plain(fake), mtime=0)


def _wrapped_base64(fake: Fake) -> bytes:
    """As `base64` on a command line writes it."""
    return base64.encodebytes(f"# settings of the shop\n{fake.line}\nmore = 1\n".encode())


def _json_text(fake: Fake) -> bytes:
    return json.dumps({"file": f"# settings\n{fake.line}\nend = 1\n"}).encode()


def _crlf(fake: Fake) -> bytes:
    return _plain(fake).replace(b"\n", b"\r\n")


def _latin1(fake: Fake) -> bytes:
    return "# für den Händler\n".encode("latin-1") + _plain(fake)


FORMS: dict[str, tuple[str, Callable[[Fake], bytes]]] = {
    "plain": ("py", _plain),
    "notebook": ("ipynb", _notebook),
    "base64": ("yaml", _base64),
    "utf16": ("reg", _utf16),
    "zip": ("zip", _zip),
    "minified": ("js", _minified),
    "binary": ("bin", _binary),
}
MORE_FORMS: dict[str, Callable[[Fake], bytes]] = {
    "gzip": _gzip,
    "wrapped base64": _wrapped_base64,
    "json text": _json_text,
    "crlf": _crlf,
    "latin-1": _latin1,
}
MULTILINE = ("private-key",)


@dataclass(slots=True)
class Planted:
    """One fake and where it was put."""

    fake: Fake
    place: str
    path: str
    """Empty where it is in no file."""


@dataclass(slots=True)
class World:
    root: Path
    planted: list[Planted] = field(default_factory=list)

    def put(self, rule: str, seed: int, place: str, path: str = "") -> Fake:
        fake = fakes.of(rule, seed)
        self.planted.append(Planted(fake, place, path))
        return fake


PLACES = (
    *(f"tree-{form}" for form in FORMS), *(f"deleted-{form}" for form in FORMS),
    "merge", "commit-message", "tag-message", "stash", "reflog", "amended", "staged", "restaged", "side-branch",
)  # fmt: skip


def world(root: Path, *, commits: int, kind: str = "sha1", seed: int = 1) -> World:
    """A shop's repository: a lock file of many revisions, sources, and a fake of every rule somewhere."""
    made = World(root)
    spread: dict[str, list[str]] = {place: [] for place in PLACES}
    for number, rule in enumerate(sorted(fakes.rows())):
        place = PLACES[number % len(PLACES)]
        form = place.partition("-")[2]
        if rule in MULTILINE and form in ("minified", "notebook"):
            place = "tree-plain"
        spread[place].append(rule)
    stream = Stream()
    lock = LockFile(random.Random(seed), 120)
    last = stream.commit("main", [("README.md", b"# Shop\n"), (".gitignore", b"ignored/\n.env\n")], "begin")
    waiting = [(place, rule) for place in PLACES for rule in spread[place] if place.startswith(("tree", "deleted"))]
    removals: list[tuple[int, str]] = []
    for number in range(commits):
        files: list[tuple[str, bytes | None]] = [("package-lock.json", lock.next())]
        if number % 3 == 0:
            files.append((f"src/module{number % 40}.py", _source(random.Random(number))))
        if waiting and number % max(1, commits // (len(waiting) + 50)) == 0:
            place, rule = waiting.pop()
            where, _, form = place.partition("-")
            ending, write = FORMS[form]
            path = f"{where}/{form}/{rule}.{ending}"
            files.append((path, write(made.put(rule, seed, place, path))))
            if where == "deleted":
                removals.append((number + 3, path))
        while removals and removals[0][0] <= number:
            files.append((removals.pop(0)[1], None))
        last = stream.commit("main", files, f"change {number}", parents=(last,))
    rest = [(path, None) for _, path in removals]
    for place, rule in waiting:
        where, _, form = place.partition("-")
        ending, write = FORMS[form]
        path = f"{where}/{form}/{rule}.{ending}"
        content = write(made.put(rule, seed, place, path))
        last = stream.commit("main", [(path, content)], "late", parents=(last,))
        if where == "deleted":
            rest.append((path, None))
    last = stream.commit("main", rest, "clean up", parents=(last,))
    for rule in spread["commit-message"]:
        last = stream.commit("main", [], f"use\n{made.put(rule, seed, 'commit-message').line}\n", parents=(last,))
    for number, rule in enumerate(spread["merge"]):
        side = stream.commit(f"m{number}", [(f"m{number}", b"x")], parents=(last,))
        path = f"merge/{rule}.py"
        content = _plain(made.put(rule, seed, "merge", path))
        last = stream.commit("main", [(path, content)], "merge", parents=(last, side))
        last = stream.commit("main", [(path, None)], "after", parents=(last,))
    for rule in spread["side-branch"]:
        path = f"side/{rule}.py"
        stream.commit(f"side-{rule}", [(path, _plain(made.put(rule, seed, "side-branch", path)))], parents=(last,))
    for rule in spread["tag-message"]:
        stream.tag(f"v-{rule}", last, f"release\n{made.put(rule, seed, 'tag-message').line}\n")
    stream.load(root, kind=kind)
    _by_hand(made, spread, seed)
    return made


def _by_hand(made: World, spread: dict[str, list[str]], seed: int) -> None:
    """What fast import cannot make: the stash, the reflog, amended and staged objects."""
    root = made.root

    def write(place: str) -> list[str]:
        paths = []
        for rule in spread[place]:
            path = f"{place}/{rule}.py"
            (root / place).mkdir(exist_ok=True)
            (root / path).write_bytes(_plain(made.put(rule, seed, place, path)))
            paths.append(path)
        return paths

    write("stash")
    git(root, "add", "stash")
    git(root, "stash", "-q")
    git(root, "checkout", "-q", "-b", "doomed")
    write("reflog")
    git(root, "add", "reflog")
    git(root, "commit", "-q", "-m", "doomed")
    git(root, "checkout", "-q", "main")
    git(root, "branch", "-q", "-D", "doomed")
    write("amended")
    git(root, "add", "amended")
    git(root, "commit", "-q", "-m", "oops")
    git(root, "rm", "-q", "-r", "amended")
    git(root, "commit", "-q", "--amend", "--allow-empty", "-m", "better")
    for place in ("staged", "restaged"):
        paths = write(place)
        git(root, "add", place)
        for path in paths:
            (root / path).write_text("edited = True\n")
    git(root, "add", "restaged")
    for planted in made.planted:
        if planted.place == "restaged":  # nothing leads to these objects, so nothing tells their path
            planted.path = ""


def _source(rng: random.Random) -> bytes:
    lines = [f"def part_{rng.randint(0, 10**6)}(x):\n    return x * {rng.randint(1, 99)}\n" for _ in range(40)]
    return "".join(lines).encode()


class LockFile:
    """An npm lock file in which some packages change with every revision."""

    def __init__(self, rng: random.Random, packages: int) -> None:
        self._rng = rng
        self._entries = [self._entry(number) for number in range(packages)]

    def _entry(self, number: int) -> str:
        digest = base64.b64encode(hashlib.sha512(self._rng.randbytes(8)).digest()).decode()
        version = ".".join(str(self._rng.randint(0, 30)) for _ in range(3))
        return (
            f'    "node_modules/package-{number}": {{\n      "version": "{version}",\n'
            f'      "resolved": "https://registry.example/package-{number}/-/package-{number}-{version}.tgz",\n'
            f'      "integrity": "sha512-{digest}",\n      "dev": true,\n      "engines": {{ "node": ">=18" }}\n    }}'
        )

    def next(self) -> bytes:
        for _ in range(self._rng.randint(1, 8)):
            number = self._rng.randrange(len(self._entries))
            self._entries[number] = self._entry(number)
        return ('{\n  "packages": {\n' + ",\n".join(self._entries) + "\n  }\n}\n").encode()
