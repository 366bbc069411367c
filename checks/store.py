"""Where something small outlives the process. `checks` has no disk of its own; who runs it may lend one."""

from __future__ import annotations

import hashlib
import os
from typing import Protocol


class Store(Protocol):
    """Keeps bytes by name. What is lost costs time and nothing else."""

    def get(self, name: str) -> bytes | None: ...

    def put(self, name: str, value: bytes) -> None: ...

    def key(self) -> bytes:
        """A key for keyed hashes, the same at every run on this machine where it can be kept."""
        ...


class NoStore:
    """Remembers nothing; its key is of this object alone."""

    def __init__(self) -> None:
        self._key = os.urandom(32)

    def get(self, name: str) -> bytes | None:
        return None

    def put(self, name: str, value: bytes) -> None:
        """Forget it."""

    def key(self) -> bytes:
        return self._key


_DIGEST = 32


def sealed(value: bytes) -> bytes:
    """A value with its SHA-256 before it, by which damage to what was kept is told."""
    return hashlib.sha256(value).digest() + value


def unsealed(kept: bytes | None) -> bytes | None:
    """The value of a form that `sealed` made; None where nothing was kept or it is damaged."""
    if kept is None or hashlib.sha256(kept[_DIGEST:]).digest() != kept[:_DIGEST]:
        return None
    return kept[_DIGEST:]
