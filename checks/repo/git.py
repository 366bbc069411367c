"""Git, asked without letting a repository run anything: no hooks, no configured commands, no prompts."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from checks.errors import CannotTell

SECONDS = 120.0
"""For one command."""

_SAFE = (
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.pager=cat", "-c", "diff.external=",
    "-c", "core.sshCommand=false", "-c", "protocol.allow=never", "-c", "core.quotePath=false", "-c", "safe.directory=*",
    "-c", "log.showSignature=false", "-c", "gpg.program=false", "-c", "gpg.ssh.program=false",
    "-c", "gpg.x509.program=false", "-c", "log.diffMerges=separate", "-c", "diff.relative=false",
    "-c", "core.commitGraph=false", "-c", "color.ui=never",
    "--no-optional-locks", "--no-pager",
)  # fmt: skip


def environment() -> dict[str, str]:
    """The process environment, less what would make git ask, fetch, read the user's own settings or show history
    other than it is: replaced objects, grafted commits."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",  # unlike protocol.allow, no setting of the repository overrides it
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_GRAFT_FILE": os.devnull,
        "LC_ALL": "C",
    }


def command(folder: Path, *words: str) -> list[str]:
    """The command line that asks git in `folder`. Raises CannotTell where git is not installed."""
    places = os.environ.get("PATH", "")
    git = _found.get(places) or shutil.which("git")
    if git is None:
        raise CannotTell("git is not installed on this machine; install it and run this again")
    _found[places] = git
    return [git, "-C", str(folder), *_SAFE, *words]


_found: dict[str, str] = {}
"""Where git is, by the places that were searched for it: a scan asks it many things."""


class Question:
    """A git that runs while its caller does something else, until it is asked for its answer."""

    def __init__(self, folder: Path, *words: str, index: str = "") -> None:
        """Start git. Raises CannotTell.

        Args:
            index: another index than the repository's own, as a commit hook gets it.
        """
        self._words = words
        self.warnings: list[str] = []
        """What it warned of, a line each, once it has answered."""
        asked = environment() | ({"GIT_INDEX_FILE": index} if index else {})
        try:
            self._process = subprocess.Popen(  # noqa: S603 - fixed words, no shell
                command(folder, *words),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=asked,
            )
        except OSError as error:
            raise CannotTell(f"git cannot be run: {error.strerror}") from error

    def answer(self, *, ok: Sequence[int] = (0,), given: bytes = b"") -> bytes:
        """What it printed, once it has read `given`. Raises CannotTell."""
        try:
            told, said = self._process.communicate(given, timeout=SECONDS)
        except subprocess.TimeoutExpired as error:
            raise CannotTell(f"git took longer than {SECONDS:.0f} s at `git {self._words[0]}`") from error
        finally:
            self.drop()
        lines = said.decode("utf-8", "replace").strip().splitlines()
        self.warnings = [line.removeprefix("warning: ") for line in lines]
        if self._process.returncode not in ok:
            why = next((number for number, line in enumerate(lines) if line.startswith("fatal:")), -1)
            reason = " ".join(line.strip() for line in lines[why:])[:200]
            raise CannotTell(f"git {self._words[0]} failed: {reason or f'status {self._process.returncode}'}")
        return told

    def drop(self) -> None:
        """End it, if it has not ended by itself."""
        if self._process.returncode is None:
            self._process.kill()
            self._process.communicate()


def run(folder: Path, *words: str, ok: Sequence[int] = (0,), given: bytes = b"", index: str = "") -> bytes:
    """Run git and return what it printed; the arguments are those of `Question`. Raises CannotTell."""
    return Question(folder, *words, index=index).answer(ok=ok, given=given)


def names(folder: Path, *words: str, ok: Sequence[int] = (0,), index: str = "") -> list[str]:
    """Run git with `-z` output and return its names."""
    return split(run(folder, *words, ok=ok, index=index))


def split(told: bytes) -> list[str]:
    """The names that git printed with `-z`."""
    return [os.fsdecode(part) for part in told.split(b"\0") if part]


def unquoted(path: bytes) -> bytes:
    """Undo git's C quoting of a path with control characters or quotes."""
    if len(path) < 2 or not path.startswith(b'"') or not path.endswith(b'"'):
        return path
    try:
        return path[1:-1].decode("unicode_escape").encode("latin-1")
    except ValueError:  # no quoting of git's
        return path


def is_repository(folder: Path) -> bool:
    """Whether `folder` lies in a git work tree. Raises CannotTell where git is not installed."""
    try:
        return run(folder, "rev-parse", "--is-inside-work-tree").strip() == b"true"
    except CannotTell:
        # Raised again where git is missing at all; otherwise git's answer is "no".
        command(folder)
        return False
