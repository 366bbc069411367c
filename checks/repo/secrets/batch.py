"""Ask git itself for the content of an object, where to rebuild it here would take longer."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Collection, Iterator
from pathlib import Path

from checks.errors import CannotTell
from checks.repo import git
from checks.repo.secrets.objects import LARGEST


class Batch:
    """A `git cat-file --batch`, started with the first question; it keeps what the next may be built on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._broken = False

    def content(self, name: bytes, size: int) -> bytes | None:
        """The content of an object that is `size` bytes long; None where git does not give just that."""
        told = None if self._broken else self.any(name, size)
        self._broken = told is None
        return told[1] if told else None

    def any(self, name: bytes, size: int | None = None) -> tuple[str, bytes] | None:
        """Kind and content of an object; None where git does not give it, or none of that size, or a very large one."""
        try:
            told = self._ask(name, size)
        except (OSError, CannotTell):
            told = None
        if told is None:
            self.close()  # what is left of the answer would be taken for the next one
        return told

    def _ask(self, name: bytes, wanted: int | None) -> tuple[str, bytes] | None:
        process = self._process = self._process or self._start()
        if process.stdin is None or process.stdout is None:
            return None
        process.stdin.write(name.hex().encode() + b"\n")
        process.stdin.flush()
        match process.stdout.readline(200).split():
            case [_, kind, told] if (size := int(told)) <= LARGEST and wanted in (None, size):
                data = process.stdout.read(size)
                return (kind.decode(), data) if len(data) == size and process.stdout.read(1) else None
        return None

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - fixed words, no shell
            git.command(self._folder, "cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=git.environment(),
        )

    def kill(self) -> None:
        """Let a question that is not answered yet have no answer."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End the process, whatever it still has to say."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with contextlib.suppress(OSError):
                process.communicate()


def contents(folder: Path, names: Collection[str]) -> Iterator[tuple[str, tuple[str, bytes] | None]]:
    """Kind and content of each named object, in the same order; None where git cannot give it. Raises CannotTell."""
    waiting = list(names)
    while waiting:
        given = "".join(f"{name}\n" for name in waiting).encode()
        answer, at, told = git.run(folder, "cat-file", "--batch", given=given, ok=(0, 128)), 0, 0
        while (end := answer.find(b"\n", at)) >= 0:
            match answer[at:end].split():
                case [_, kind, size]:
                    at = end + 1 + int(size) + 1
                    yield waiting[told], (kind.decode(), answer[end + 1 : at - 1])
                case _:
                    at = end + 1
                    yield waiting[told], None
            told += 1
        if told < len(waiting):  # at a damaged object git ends
            yield waiting[told], None
        waiting = waiting[told + 1 :]
