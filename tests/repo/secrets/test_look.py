"""Texts that are looked at together: what is found in each is what is found in it alone."""

from __future__ import annotations

import random

import pytest

from checks.repo.secrets import look
from checks.repo.secrets.finder import Finder
from checks.repo.secrets.gates import Gates
from checks.repo.secrets.look import Looker, Text
from checks.repo.secrets.tally import Tally
from tests.repo.secrets import fakes
from tests.repo.secrets.conftest import COMPILED, KEY
from tests.repo.secrets.worlds import FORMS, MORE_FORMS


def _texts() -> list[bytes]:
    """Every fake in some form, every one cut in two texts that follow each other, and texts with nothing in them."""
    rng, texts = random.Random(3), []
    forms = [*(write for _, write in FORMS.values()), *MORE_FORMS.values()]
    for rule in sorted(fakes.rows()):
        fake = fakes.of(rule, 3)
        line = fake.line.encode()
        cut = rng.randrange(1, len(line))
        texts += [rng.choice(forms)(fake), line, line[:cut], line[cut:], b"", b"nothing = 1\n"]
    return texts


@pytest.mark.parametrize("stdlib", [False, True])
def test_several_texts_searched_together_give_what_each_gives_alone(stdlib: bool) -> None:
    finder = Finder(store=COMPILED, stdlib=stdlib)
    texts = _texts()[:: 7 if stdlib else 1]
    alone = [finder.find(text) for text in texts]
    finder.gaps.clear()
    assert list(finder.find_each([(text, None) for text in texts])) == alone
    assert sum(map(bool, alone)) > len(texts) // 6


def test_small_texts_are_searched_together_and_noted_each_at_its_own_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "TOGETHER", 4096)
    finder, tally = Finder(store=COMPILED), Tally(KEY)
    searches: list[int] = []
    finder._gates = _Counting(finder._gates, searches)
    looker = Looker(finder, tally)
    secret = fakes.of("stripe-secret-key", 3).line.encode()
    for number in range(300):
        looker.add(Text(b"x = %d\n" % number + (secret if number % 50 == 7 else b""), number.to_bytes(20, "big")))
    looker.finish()
    assert len(searches) < 10
    tally.forget_values()
    (found,) = tally.founds
    assert found.blobs == {number.to_bytes(20, "big"): 2 for number in range(7, 300, 50)}
    assert tally.objects == 300 and tally.files == 0


class _Counting:
    def __init__(self, gates: Gates, searches: list[int]) -> None:
        self._gates, self._searches = gates, searches

    def passed(self, text: bytes) -> list[tuple[int, int]]:
        self._searches.append(len(text))
        return self._gates.passed(text)
