"""The codes: hard to guess, easy to read out, used once, and known by a keyed hash alone."""

from __future__ import annotations

import hmac
import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launchready_tui.alerts import codes
from launchready_tui.alerts.codes import ALPHABET, LENGTH, TRIES, Codes, NotACode, normal


def wrong(code: str) -> str:
    return ("B" if code[0] == "A" else "A") + code[1:]


def test_a_code_is_29_bits_of_signs_that_nobody_mixes_up() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 31
    assert not set("0O1IL") & set(ALPHABET)
    assert LENGTH * math.log2(len(ALPHABET)) > 29
    issued = {Codes().issue("a").reveal() for _ in range(500)}
    assert len(issued) == 500
    assert all(normal(code) == code for code in issued)


def test_a_code_is_taken_once() -> None:
    kept = Codes()
    code = kept.issue("phone").reveal()
    assert kept.take(code).channel == "phone"
    assert kept.take(code).channel is None
    assert "phone" not in kept


@given(st.sampled_from(["", " ", "-"]), st.booleans())
def test_it_may_be_typed_as_people_type(gap: str, lower: bool) -> None:
    kept = Codes()
    code = kept.issue("phone").reveal()
    typed = gap.join(code.lower() if lower else code)
    assert kept.take(f"  {typed} ").channel == "phone"


def test_each_channel_has_one_code_and_a_new_one_ends_the_old() -> None:
    kept = Codes()
    first, other = kept.issue("phone").reveal(), kept.issue("mail").reveal()
    second = kept.issue("phone").reveal()
    assert kept.take(first).channel is None
    assert kept.take(other).channel == "mail"
    assert kept.take(second).channel == "phone"


def test_after_five_wrong_tries_no_code_is_taken_any_more() -> None:
    kept = Codes()
    code = kept.issue("phone").reveal()
    for left in range(TRIES - 1, 0, -1):
        taken = kept.take(wrong(code))
        assert (taken.channel, taken.spent, taken.tries_left) == (None, (), left)
    assert kept.take(wrong(code)).spent == ("phone",)
    assert kept.take(code).channel is None
    assert len(kept) == 0


@pytest.mark.parametrize(
    "typed", ["", "ABC", "ABCDEFG", "ABCDE0", "ABCDEO", "ABCDE1", "abcdel", "ABCDÉF", "ＡＢＣＤＥＦ"]
)
def test_what_cannot_be_a_code_counts_as_no_try(typed: str) -> None:
    kept = Codes()
    code = kept.issue("phone").reveal()
    for _ in range(TRIES + 1):
        with pytest.raises(NotACode, match="6 letters and digits"):
            kept.take(typed)
    assert kept.take(code).channel == "phone"


@given(st.text(max_size=40))
def test_anything_may_be_typed(typed: str) -> None:
    kept = Codes()
    kept.issue("phone")
    try:
        assert kept.take(typed).channel is None
    except NotACode as problem:
        assert str(problem).startswith("A code has 6 letters and digits")


def test_only_a_keyed_hash_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, other = Codes(), Codes()
    code = kept.issue("phone").reveal()
    shown = f"{vars(kept)!r} {vars(kept)['_kept']['phone']!r}"
    assert code not in shown
    assert other.take(code).channel is None
    assert code.encode() not in pickle.dumps(vars(kept))
    # Whatever is typed is compared in constant time, with every code that waits.
    compared: list[tuple[bytes, bytes]] = []
    compare = hmac.compare_digest

    def seen(a: bytes, b: bytes) -> bool:
        compared.append((a, b))
        return compare(a, b)

    monkeypatch.setattr(codes.hmac, "compare_digest", seen)
    kept.issue("mail")
    kept.take(code)
    assert [len(a) for a, _ in compared] == [32, 32]
