"""A sample of the production log: what it gives away, and whether an error in it can be followed up."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from checks.catalogue import check
from checks.errors import CannotTell
from checks.facts import Facts, fact
from checks.finding import Verdict, failed, passed, warned
from checks.ops.errors.national_ids import national_ids
from checks.text import decoded

READ_LIMIT = 5_000_000
"""Bytes of a sample that are looked at."""
LINE_LIMIT = 20_000
"""Characters of one line that are looked at."""
MOST = 20
NO_SAMPLE = "no log sample was given; add [monitor.errors] logs with the path of a file"

_MAIL = re.compile(r"(?<![\w.+/-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})*\.[A-Za-z]{2,24}(?![\w-])")
_ENCODED_MAIL = re.compile(r"(?<![\w.%-])[\w.+-]{1,64}%40[\w-]{1,63}(?:\.[\w-]{1,63})*\.[A-Za-z]{2,24}(?![\w-])", re.I)
_USER_OF_URL = re.compile(r"//[^\s/@]*:\Z")
_CARD = re.compile(r"(?<![\d.+-])(?:\d[ -]?){12,18}\d(?!\d|[.-]\d)")
_ISSUER = re.compile(r"^(?:4|5[1-5]|2[2-7]|3[47]|6(?:011|4[4-9]|5)|35|3(?:0[0-5]|[689]))")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2} ?[A-Z0-9]{4}(?: ?[A-Z0-9]{1,4}){1,7}\b")
_FILE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif|ico|css|js|mjs|map|woff2?)$", re.I)
_PHONE = re.compile(r"(?:(?:phone|mobile|msisdn)\w{0,20}|\btel)[\"']?\s*[=:]\s*[\"']?(\+?\d[\d ()/-]{6,18}\d)", re.I)
_PASSWORD = re.compile(
    r"\b\w*(?:password|passwd|passphrase|pwd)(?:[\"']?\s*[=]\s*|[\"']\s*:\s*)[\"']?(?P<value>[^\s\"'&;,*<>{}\[\]]{4,})",
    re.I,
)
_TOKEN = re.compile(
    r"\b(?:\w*(?:token|secret|api_?key|session_?id|csrf)|sid|cookie|set-cookie)[\"']?\s*[=:]\s*[\"']?"
    r"(?P<value>(?=[^\s\"'&;,]*\d)(?=[^\s\"'&;,]*[A-Za-z])[^\s\"'&;,*<>{}\[\]]{12,})",
    re.I,
)
_HARMLESS = re.compile(
    r"(?:\[?(?:redacted|filtered|masked|hidden|removed|secret|none|null|nil|true|false|undefined|missing|invalid|"
    r"expired|required|changed|reset|accepted|failed)\b.*|[x#.•]+|\W+)\Z",
    re.I,
)
_BEARER = re.compile(r"\bBearer\s+[A-Za-z0-9._~+/-]{20,}=*", re.I)
_ERROR = re.compile(
    r"(?<!/)\b(?:ERROR|CRITICAL|FATAL|EMERG(?:ENCY)?|SEVERE)\b|\blevel[\"']?\s*[=:]\s*[\"']?(?:error|fatal|critical)|"
    r"\blevel[\"']?\s*[=:]\s*[56]0\b|\A[EF]\d{4} |\b(?:Uncaught|Unhandled|Traceback|Exception)\b",
    re.I,
)
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\d\d/\w{3}/\d{4}:\d\d:\d\d|\b\w{3} [ \d]?\d \d\d:\d\d:\d\d|"
    r"\b\d\d:\d\d:\d\d\b|\b1[5-9]\d{8,11}\b|\d{4}/\d\d/\d\d \d\d:\d\d"
)
_LEVEL = re.compile(r"\A[EF]\d{4} |(?<!/)\b(?:ERROR|CRITICAL|FATAL|EMERG(?:ENCY)?|SEVERE)\b|\blevel[\"']?\s*[=:]", re.I)
_CORRELATION = re.compile(
    r"(?:request|req|trace|correlation|span|transaction|event)[-_ ]?id[\"']?\s*[=:]|\brid=|"
    r"\btrace(?:parent)?[\"']?\s*[=:]|\bcf-ray\b|(?:req|request|trace)[\"']?\s*:\s*\{[^}]{0,500}[\"']id|\[[0-9a-f]{8,32}\]|"
    r"(?<![=:\"'\w])\[?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|(?<![=:\"'\w])\[?[0-9a-f]{32}\b",
    re.I,
)
"""A named id, or a bare one; one behind another name may be a user's."""
_CALM = re.compile(
    r"\b(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?)\b|\blevel[\"']?\s*[=:]\s*[\"']?(?:trace|debug|info|notice|warn)", re.I
)
"""The level of a line that tells no error, whatever its words are."""


_SECRETS = frozenset({"a bearer token", "a token", "a password"})
"""Kinds that the secret scan may have told of already."""


def luhn(digits: str) -> bool:
    """Whether the check digit of a card number fits (ISO/IEC 7812)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if place % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def iban(text: str) -> bool:
    """Whether an account number's check digits fit (ISO 13616)."""
    plain = text.replace(" ", "")
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def _account(text: str) -> str | None:
    """The account number that a text begins with: words in capitals may follow it without a break."""
    parts = text.split(" ")
    candidates = (" ".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((candidate for candidate in candidates if iban(candidate)), None)


def leaks(line: str) -> Iterator[tuple[str, str]]:
    """What a log line gives away: (kind, masked form)."""
    for match in _MAIL.finditer(line):
        if not _FILE.search(match[0]) and not _USER_OF_URL.search(line[: match.start()]):
            yield "a mail address", f"{match[0][0]}***@{match[0].rpartition('@')[2]}"
    for match in _ENCODED_MAIL.finditer(line):
        yield "a mail address", f"{match[0][0]}***@{re.split('%40', match[0])[1]}"
    for match in _CARD.finditer(line):
        digits = re.sub(r"\D", "", match[0])
        if _ISSUER.match(digits) and luhn(digits) and len(set(digits)) > 1:
            yield "a payment card number", f"***{digits[-4:]}"
    for match in _IBAN.finditer(line):
        if (number := _account(match[0])) is not None:
            yield "a bank account number", f"{number[:2]}***{number[-2:]}"
    yield from national_ids(line)
    for match in _PHONE.finditer(line):
        yield "a telephone number", f"***{match[1][-2:]}"
    for kind, pattern in (("a password", _PASSWORD), ("a token", _TOKEN)):
        for match in pattern.finditer(line):
            if not _HARMLESS.match(match["value"]):
                yield kind, f"{match[0][: match.start('value') - match.start()]}***"
    if _BEARER.search(line):
        yield "a bearer token", "Bearer ***"


def lacks(line: str) -> list[str]:
    """What an error line lacks to be followed up."""
    parts = (("a time", _TIME), ("a level", _LEVEL), ("a request or correlation id", _CORRELATION))
    return [name for name, pattern in parts if not pattern.search(line)]


def is_error(line: str) -> bool:
    """Whether a line tells an error; the indented lines of a trace below it do not count."""
    error, calm = _ERROR.search(line), _CALM.search(line)
    return error is not None and not line[:1].isspace() and not (calm and calm.start() < error.start())


@dataclass(frozen=True, slots=True)
class Sample:
    """A log sample as far as it is looked at."""

    lines: tuple[str, ...]
    whole: bool

    @property
    def told(self) -> str:
        """How much was looked at: "1,200 lines", and that it was not all where there is more."""
        count = f"{len(self.lines):,} line{'' if len(self.lines) == 1 else 's'}"
        return count if self.whole else f"the first {count} ({READ_LIMIT // 1_000_000} MB; the rest was not read)"


@fact
async def sample(facts: Facts, path: str) -> Sample:
    """The lines of a log sample, each cut at LINE_LIMIT. Raises CannotTell."""

    def read() -> Sample:
        name = Path(path).name
        try:
            # A pipe would be waited for without end.
            if not Path(path).is_file():
                missing = "it is no file" if Path(path).exists() else "there is no such file"
                raise CannotTell(f"the log sample {name} cannot be read: {missing}")
            with Path(path).open("rb") as file:
                raw = file.read(READ_LIMIT + 1)
        except OSError as error:
            raise CannotTell(f"the log sample {name} cannot be read: {error.strerror}") from error
        lines = decoded(raw[:READ_LIMIT]).splitlines()
        return Sample(tuple(line[:LINE_LIMIT] for line in lines), len(raw) <= READ_LIMIT)

    return await asyncio.to_thread(read)


async def samples(facts: Facts) -> list[str]:
    return [str(path) for path in facts.subject.monitor.errors.logs]


@check(
    "errors.log-leak",
    title="The log gives away what it must not",
    when="a log sample that the user gave holds a secret, a payment card number, a mail address or another "
    "personal datum",
    status="fail",
    triage="now",
    risk="data",
    item=("S6.3",),
    source="CWE-532",
    cost="Everyone who can read the log, and every service that it is sent to, has your customers' data.",
    each=samples,
    nothing=NO_SAMPLE,
)
async def log_leak(facts: Facts, path: str) -> Verdict:
    given = await sample(facts, path)
    seen = await asyncio.to_thread(_found, given.lines)
    name = Path(path).name
    if not seen:
        return passed(name, f"nothing is given away in {given.told}")
    return failed(
        f"{name}:{seen[0][0]}",
        f"the log holds {seen[0][1]} (and {len(seen) - 1} more)" if len(seen) > 1 else f"the log holds {seen[0][1]}",
        evidence=[f"{name}:{line} {kind}: {masked}" for line, kind, masked in seen[:MOST]],
        fix="Mask these fields where the line is written (a filter of the logger), delete the old files, and change "
        "every secret that stood in them.",
    )


def _found(lines: Sequence[str]) -> list[tuple[int, str, str]]:
    from checks.repo.secrets import find_in_text

    rows = [(hit.line, f"a secret ({hit.title})", hit.masked) for hit in find_in_text("\n".join(lines))]
    told = {line for line, _, _ in rows}
    for number, line in enumerate(lines, 1):
        found = leaks(line)
        rows += [(number, kind, masked) for kind, masked in found if number not in told or kind not in _SECRETS]
    return sorted(rows)


def _thin(lines: Sequence[str]) -> tuple[int, list[tuple[int, list[str]]]]:
    """How many lines tell an error, and which of them lack what."""
    errors = [(number, line) for number, line in enumerate(lines, 1) if is_error(line)]
    return len(errors), [(number, missing) for number, line in errors if (missing := lacks(line))]


@check(
    "errors.log-thin",
    title="An error in the log cannot be followed up",
    when="error lines of the log sample lack a time, a level, or a request or user-free correlation id",
    status="warn",
    triage="later",
    risk="downtime",
    item=("S6.3",),
    source="roadmap",
    cost="When a customer reports a failure, nobody can find what happened to exactly that request.",
    each=samples,
    nothing=NO_SAMPLE,
)
async def log_thin(facts: Facts, path: str) -> Verdict:
    given = await sample(facts, path)
    name = Path(path).name
    errors, thin = await asyncio.to_thread(_thin, given.lines)
    if not errors:
        return passed(name, f"there is no error line in {given.told}")
    if not thin:
        return passed(name, f"all {errors} error lines have a time, a level and an id, in {given.told}")
    return warned(
        f"{name}:{thin[0][0]}",
        f"{len(thin)} of {errors} error lines lack {' and '.join(thin[0][1])}",
        evidence=[f"{name}:{number} lacks {', '.join(missing)}" for number, missing in thin[:MOST]],
        fix="Let the logger write a time in UTC, the level and a request id (not a user's name) on every line.",
    )
