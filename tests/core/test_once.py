"""What is made once a process is made once, whoever asks at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from checks.once import made_once
from tests.programs import LONG


def test_threads_that_ask_at_once_get_the_same_thing() -> None:
    asking, made = threading.Barrier(4), []

    @made_once
    def make(name: str) -> object:
        made.append(name)
        return object()

    def ask(_: int) -> object:
        asking.wait(LONG)
        return make("roots")

    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(ask, range(4)))
    assert made == ["roots"]
    assert len(set(map(id, got))) == 1
    assert make("others") is not got[0]


def test_a_failure_is_not_kept() -> None:
    answers = iter([OSError("unreadable"), None])

    @made_once
    def make() -> str:
        if problem := next(answers):
            raise problem
        return "roots"

    with pytest.raises(OSError, match="unreadable"):
        make()
    assert make() == "roots"
