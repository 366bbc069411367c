"""What a scan found, put together by secret: where each stands, and nothing of its value."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from checks.repo.secrets.hit import Match, fingerprint, masked
from checks.repo.secrets.rule import rules

PLACES = 200_000
"""Places of one secret that are remembered: a secret in a file of many revisions stands in each of them."""


@dataclass(slots=True)
class Found:
    """One secret, judged in one way, and every place where it stands."""

    rule: str
    fingerprint: str
    masked: str
    status: str
    public: bool
    allowed: bool
    layer: str
    blobs: dict[bytes, int] = field(default_factory=dict)
    """Id of each object that holds it, with the line."""
    files: dict[str, int] = field(default_factory=dict)
    """Path of each file of the working tree that holds it, with the line."""

    @property
    def key(self) -> tuple[str, str, str, bool, bool, str]:
        """What makes it the same secret, judged in the same way."""
        return self.rule, self.fingerprint, self.status, self.public, self.allowed, self.layer

    def only(self, *, blobs: Container[bytes] | None = None, files: Container[str] | None = None) -> Found:
        """A copy that stands only in some objects and files; None means all of them."""
        return replace(
            self,
            blobs={name: line for name, line in self.blobs.items() if blobs is None or name in blobs},
            files={path: line for path, line in self.files.items() if files is None or path in files},
        )


_Key = tuple[int, bytes, str, bool, bool, str]


class Tally:
    """Gathers matches. After `forget_values` it holds none."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._found: dict[_Key, Found] = {}
        self.founds: list[Found] = []
        """The secrets, once the values are forgotten."""
        self.gaps: dict[str, int] = {}
        """What was not looked at within objects, and how often."""
        self.unread: dict[bytes, str] = {}
        """Objects that could not be read, and why."""
        self.file_gaps: dict[str, int] = {}
        """The same in files of the tree."""
        self.pointers = False
        """What Git LFS keeps elsewhere has been met."""
        self.objects = self.files = self.bytes = 0

    def add(self, match: Match, data: bytes, *, blob: bytes = b"", path: str = "", lines: int = 0) -> None:
        """Note a match in an object or a file whose content is `data`, after `lines` other lines."""
        key = (match.rule, match.value, match.status, match.public, match.allowed, match.layer)
        found = self._found.get(key)
        if found is None:
            rule = rules()[match.rule]
            found = self._found[key] = Found(
                rule.id,
                fingerprint(self._key, match.value),
                masked(match.value),
                match.status,
                match.public,
                match.allowed,
                match.layer,
            )
        line = lines + data.count(b"\n", 0, match.start) + 1
        if path:
            found.files.setdefault(path, line)
        elif len(found.blobs) < PLACES:
            found.blobs.setdefault(blob, line)

    def gap(self, reason: str, times: int = 1, *, file: bool = False) -> None:
        gaps = self.file_gaps if file else self.gaps
        gaps[reason] = gaps.get(reason, 0) + times

    def forget_values(self) -> None:
        """Keep what is safe to hand on."""
        self.founds = list(self._found.values())
        self._found = {}
        self._key = b""


def said(gaps: Mapping[str, int]) -> list[str]:
    """What was not looked at, a sentence each."""
    return [gap if times == 1 else f"{gap} ({times} times)" for gap, times in gaps.items()]


def merged(founds: Iterable[Found]) -> list[Found]:
    """The same secret, judged in the same way, once."""
    every: dict[tuple[object, ...], Found] = {}
    for found in founds:
        known = every.get(found.key)
        if known is None:
            every[found.key] = found.only()
        else:
            known.blobs |= found.blobs
            known.files |= found.files
    return list(every.values())


def in_files(founds: Iterable[Found], objects_of: Mapping[str, bytes]) -> Iterator[Found]:
    """What was found in files, and in objects that hold the content of files."""
    paths: dict[bytes, list[str]] = {}
    for path, name in objects_of.items():
        paths.setdefault(name, []).append(path)
    for found in founds:
        files = dict(found.files)
        for name, line in found.blobs.items():
            files.update(dict.fromkeys(paths.get(name, ()), line))
        if files:
            yield replace(found, blobs={}, files=files)


def summed(every: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """What was not looked at in several, together."""
    total: dict[str, int] = {}
    for gaps in every:
        for gap, times in gaps.items():
            total[gap] = total.get(gap, 0) + times
    return total
