"""The short report of an audit on a terminal or in a log: what to mend, in order, and one line of counts."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterable, Iterator
from typing import TextIO

from checks.finding import Finding, Status, Triage
from checks.text import harmless
from launchready_tui.audit import Audit

HEADINGS = ((Triage.NOW, "Must fix now"), (Triage.LATER, "Can wait 30 days"), (Triage.NOTE, "Good to know"))
_COLOURS = {Triage.NOW: "31", Triage.LATER: "33", Triage.NOTE: "36"}
WIDTH = 78


def wants_colour(stream: TextIO, *, plain: bool) -> bool:
    """Whether escape sequences are welcome on this stream (https://no-color.org)."""
    return not plain and stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_report(audit: Audit, *, plain: bool = False, stream: TextIO | None = None) -> None:
    """Print the report of one audit."""
    stream = stream or sys.stdout
    lines = plain_report(audit) if plain else report(audit, colour=wants_colour(stream, plain=plain))
    for line in lines:
        print(line, file=stream)


def report(audit: Audit, *, colour: bool = False) -> Iterator[str]:
    """Yield the report's lines, wrapped to a terminal's width."""

    def painted(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if colour else text

    yield painted(f"{audit.domain}, audited {audit.started}", "1")
    yield from _reach(audit)
    for triage, heading in HEADINGS:
        problems = ranked_problems(audit.findings, triage)
        if not problems:
            continue
        yield ""
        yield painted(f"{heading} · {len(problems)}", f"1;{_COLOURS[triage]}")
        for number, finding in enumerate(problems, 1):
            yield from _wrapped(f"{number:>3}  ", finding.summary)
            yield from _wrapped("     ", f"{finding.check} at {finding.target}")
            for word, text in _advice(finding):
                yield from _wrapped(f"     {word.lower()}: ", text)
    untold = [f for f in audit.findings if f.status is Status.ERROR]
    if untold:
        yield ""
        yield painted(f"Could not be checked · {len(untold)}", "1;35")
        for finding in untold:
            yield from _wrapped("     ", f"{finding.check} at {finding.target}: {finding.summary}")
    yield ""
    yield counts_line(audit)


def plain_report(audit: Audit) -> Iterator[str]:
    """Yield the same with one fact a line, for a screen reader or a log."""
    yield f"Audit of {audit.domain}, started {audit.started}."
    yield from _reach(audit)
    for triage, heading in HEADINGS:
        problems = ranked_problems(audit.findings, triage)
        yield f"{heading}: {len(problems)}."
        for number, finding in enumerate(problems, 1):
            yield f"{number}. {_flat(finding.summary)} ({finding.check}, {finding.target})"
            yield from (f"{word}: {_flat(text)}" for word, text in _advice(finding))
    for finding in audit.findings:
        if finding.status is Status.ERROR:
            yield f"Could not be checked: {finding.check} at {finding.target}: {_flat(finding.summary)}"
    yield counts_line(audit)


def counts_line(audit: Audit) -> str:
    """One line of counts."""
    told = audit.summary
    return (
        f"{told['now']} to fix now, {told['later']} can wait, {told['note']} to note, {told['pass']} passed, "
        f"{told['skipped']} skipped, {told['error']} could not be checked; {audit.seconds:.1f} s."
    )


def ranked_problems(findings: Iterable[Finding], triage: Triage) -> list[Finding]:
    """The problems of one triage in the order of the risk list; notes include what is merely told."""
    from launchready_tui.ranking import ranked

    return [
        finding
        for finding in ranked(findings)
        if finding.triage is triage
        and (finding.is_problem or (triage is Triage.NOTE and finding.status is Status.INFO))
    ]


def _advice(finding: Finding) -> Iterator[tuple[str, str]]:
    """What a problem costs and how to mend it, as far as either is known."""
    if finding.cost:
        yield "Cost", finding.cost
    if finding.fix:
        yield "Fix", finding.fix


def _reach(audit: Audit) -> Iterator[str]:
    if not audit.reached:
        yield "The live checks could not run: there is no network, or no DNS resolver answers."


def _flat(text: str) -> str:
    return harmless(" ".join(text.split()))


def _wrapped(prefix: str, text: str) -> Iterator[str]:
    """A text below its prefix; its own line breaks stay, since a fix may be a record to copy."""
    indent = " " * len(prefix)
    first = True
    for line in harmless(text).splitlines():
        for piece in textwrap.wrap(line, WIDTH - len(prefix), break_long_words=False, break_on_hyphens=False) or [""]:
            yield (prefix if first else indent) + piece
            first = False
