"""A long SPF record in several: a part of its terms moves to names of the domain's own, which it includes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from checks.mail.spf.grammar import VERSION, Directive, Term
from checks.mail.spf.merge import only_passing, read_term

STRING_LIMIT = 255
"""Bytes of one string of a TXT record (RFC 1035 s3.3.14)."""
NAME_AND_TEXT = 450
"""Bytes of a name and its TXT record with which the answer fits into 512 octets (RFC 7208 s3.4)."""
_END = "-all"
"""How a helper ends: an include only asks whether it passes, and nobody sends from its own name."""


@dataclass(frozen=True, slots=True)
class Split:
    """The terms that are left in the record, and the records that they include, by their names."""

    terms: tuple[Term, ...]
    helpers: dict[str, str]


def room(name: str) -> int:
    """Bytes that the record at a name may have."""
    return NAME_AND_TEXT - len(name)


def strings(text: str) -> str:
    """A text as a TXT record holds it: in quoted strings of at most 255 bytes."""
    return " ".join(f'"{text[at : at + STRING_LIMIT]}"' for at in range(0, len(text), STRING_LIMIT))


def split(
    domain: str, terms: Sequence[Term], rest: Iterable[str] = (), *, most: int, taken: Collection[str] = ()
) -> Split | None:
    """Move terms until the record of `domain` fits; None where that is not possible, or `most` is below zero.

    Every verdict stays as it is: terms side by side with one result become, in their place, one include with it.

    Args:
        rest: words that end the record.
        most: how many includes may be added; each costs a look-up.
        taken: names that hold something else.
    """
    if most < 0:
        return None
    over = len(" ".join((VERSION, *(term.text for term in terms), *rest))) - room(domain)
    left = list(terms)
    if over > 0 and only_passing(left):
        # Where the order says nothing, networks move before the services, which people want to see.
        left.sort(key=lambda term: isinstance(term, Directive) and term.network is not None)
    helpers: dict[str, str] = {}
    made: set[Term] = set()
    names = (name for number in range(1, 1000) if (name := f"_spf{number}.{domain}") not in taken)
    while over > 0:
        name = next(names)
        begin, end = _last_of_longest_run(left, domain, made, room(name) - len(f"{VERSION} {_END}"))
        gone = [_from_elsewhere(term, domain) for term in left[begin:end]]
        gain = sum(len(term.text) + 1 for term in left[begin:end])
        include = read_term(f"{_sign(left[begin])}include:{name}") if gone else None
        if include is None or len(helpers) == most or gain <= len(include.text) + 1:
            return None
        helpers[name] = " ".join((VERSION, *gone, _END))
        made.add(include)
        left[begin:end] = [include]
        over -= gain - len(include.text) - 1
    return Split(tuple(left), helpers)


def _last_of_longest_run(terms: list[Term], domain: str, fixed: Collection[Term], space: int) -> tuple[int, int]:
    """Where the terms stand that move next: the last ones, as many as `space` holds, of the longest run."""
    best, size = (0, 0), 0
    begin = 0
    while begin < len(terms):
        end, bytes_here = begin, 0
        while (
            end < len(terms)
            and _sign(terms[end]) == _sign(terms[begin])
            and _can_move(terms[end])
            and terms[end] not in fixed
        ):
            bytes_here += len(terms[end].text) + 1
            end += 1
        if bytes_here > size:
            best, size = (begin, end), bytes_here
        begin = max(end, begin + 1)
    begin, end = best
    start = end
    while start > begin and (needed := len(_from_elsewhere(terms[start - 1], domain)) + 1) <= space:
        space -= needed
        start -= 1
    return start, end


def _can_move(term: Term) -> bool:
    """Whether a term says the same in another name's record: %{d} and %{p} would not."""
    return isinstance(term, Directive) and not (term.domain and term.domain.letters & {"d", "p"})


def _sign(term: Term) -> str:
    return term.qualifier.removeprefix("+") if isinstance(term, Directive) else ""


def _from_elsewhere(term: Term, domain: str) -> str:
    """The term as it stands in another name's record, without its sign, which the include bears."""
    text = term.text
    if isinstance(term, Directive):
        text = text.removeprefix(term.qualifier)
        if term.mechanism in ("a", "mx") and term.domain is None:
            return f"{term.mechanism}:{domain}{text[len(term.mechanism) :]}"
    return text
