"""MTA-STS: the record, the policy, and whether it covers every mail exchanger (RFC 8461)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from checks.catalogue import check
from checks.errors import ConnectFailed, DnsFailed, NetworkError
from checks.facts import Facts, fact
from checks.finding import Verdict, failed, passed
from checks.mail.asking import ask, texts
from checks.mail.mx.exchangers import exchangers
from checks.mail.taglist import parse_tags
from checks.text import decoded

POLICY_LIMIT = 65536
"""Bytes of a policy that are read (RFC 8461 s3.3 advises a limit)."""
MODES = ("enforce", "testing", "none")
LONGEST_AGE = 31557600
"""Seconds: one year (RFC 8461 s3.2)."""

_MEANT = re.compile(r"\bv\s*=\s*sts|\A\s*id\s*=", re.IGNORECASE)
_VERSION = re.compile(r"v=STSv1[ \t]*;")
_ID = re.compile(r"[A-Za-z0-9]{1,32}")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
_ID_FIELD = re.compile(r";[ \t]*id=")
_PATTERN = re.compile(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")


@dataclass(frozen=True, slots=True)
class StsPolicy:
    """A policy file as read; of one with errors the fields hold what could be read."""

    mode: str = ""
    """"enforce", "testing" or "none"."""
    max_age: int | None = None
    """Seconds."""
    mx: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()

    def covers(self, host: str) -> bool:
        """Whether a pattern matches an MX host; a wildcard stands for exactly one label (RFC 8461 s4.1)."""
        host = host.lower().rstrip(".")
        parent = host.partition(".")[2]
        patterns = {pattern.lower() for pattern in self.mx}
        return host in patterns or (bool(parent) and f"*.{parent}" in patterns)


def record_errors(text: str) -> tuple[str, ...]:
    """What is wrong with an MTA-STS TXT record (RFC 8461 s3.1). Never raises."""
    tags = parse_tags(text)
    errors = list(tags.errors)
    # The grammar has version and id to the letter, without a space around the sign.
    if not _VERSION.match(text):
        errors.append("it does not begin with v=STSv1;")
    if not (_ID_FIELD.search(text) and _ID.fullmatch(tags.get("id") or "")):
        errors.append("id= is missing, or not 1 to 32 letters and digits")
    return tuple(errors)


def parse_policy(text: str) -> StsPolicy:
    """Read a policy file (RFC 8461 s3.2). Never raises; unknown fields are passed over."""
    fields: dict[str, str] = {}
    mx: list[str] = []
    errors: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if not line.strip():
            continue
        key, colon, value = line.partition(":")
        value = value.strip(" \t")
        if not colon or not _KEY.fullmatch(key):
            errors.append(f"{line[:60]!r} is no 'key: value' line")
        elif key == "mx":
            mx.append(value)
        else:
            fields.setdefault(key, value)
    if fields.get("version") != "STSv1":
        errors.append("version: is not STSv1")
    mode = fields.get("mode", "")
    if mode not in MODES:
        errors.append("mode: is none of enforce, testing, none")
    age = fields.get("max_age", "")
    max_age = int(age) if re.fullmatch(r"[0-9]{1,10}", age) else None
    if max_age is None or max_age > LONGEST_AGE:
        errors.append(f"max_age: is no number of seconds up to {LONGEST_AGE}")
    errors += [f"mx: {pattern[:60]!r} is no host name or *.name" for pattern in mx if not _PATTERN.fullmatch(pattern)]
    if not mx and mode != "none":
        errors.append("no mx: line")
    return StsPolicy(mode, max_age, tuple(mx), tuple(dict.fromkeys(errors)))


@dataclass(frozen=True, slots=True)
class Sts:
    """What a domain has of MTA-STS."""

    name: str
    records: tuple[str, ...]
    """TXT records that are meant as MTA-STS; none means that it is not used."""
    url: str
    policy: StsPolicy | None = None
    said: tuple[str, ...] = ()
    """The policy file's lines, or what came instead."""
    problem: str = ""
    """Why senders get no policy; empty where they do, or none is announced."""

    @property
    def enforced(self) -> bool:
        return not self.problem and self.policy is not None and self.policy.mode == "enforce"


@fact
async def mta_sts(facts: Facts) -> Sts:
    """Read the record and, where there is one, the policy. Raises DnsFailed, Offline."""
    domain = facts.subject.domain
    name, host = f"_mta-sts.{domain}", f"mta-sts.{domain}"
    url = f"https://{host}/.well-known/mta-sts.txt"
    found = await texts(facts, name)
    # Senders discard what does not begin right (RFC 8461 s3.1): it harms only where nothing else is there.
    records = tuple(text for text in found if _VERSION.match(text)) or tuple(t for t in found if _MEANT.search(t))
    if not records:
        return Sts(name, (), url)
    if len(records) > 1:
        return Sts(name, records, url, problem="the record is given more than once, so senders ignore it")
    if errors := record_errors(records[0]):
        return Sts(name, records, url, problem=f"the record is not valid: {'; '.join(errors)}")
    # Told apart from a host that does not answer: without DNS nothing can be said of the policy.
    await ask(facts, host, "A")
    policy, said, why = await _fetch(facts, url)
    return Sts(name, records, url, policy, said, why)


async def _fetch(facts: Facts, url: str) -> tuple[StsPolicy | None, tuple[str, ...], str]:
    """The policy, the lines that came, and why senders cannot use it (empty where they can)."""
    try:
        answer = await facts.network.http("GET", url, verify=True, limit=POLICY_LIMIT)
    except NetworkError as problem:
        ours = isinstance(problem, DnsFailed) or (isinstance(problem, ConnectFailed) and problem.kind == "unreachable")
        if ours:
            raise
        return None, (), f"the policy cannot be fetched: {problem.reason}"
    head = (answer.describe(), f"content-type: {answer.media_type or '(none)'}")
    if answer.status != 200:
        why = "redirects are not followed here" if 300 <= answer.status < 400 else "only 200 counts"
        return None, head, f"the policy is answered with {answer.status}; {why}"
    if answer.media_type != "text/plain":
        return None, head, f"the policy is served as {answer.media_type or 'nothing'} and not as text/plain"
    if answer.truncated:
        return None, head, f"the policy is larger than {POLICY_LIMIT} bytes"
    text = decoded(answer.body)
    policy = parse_policy(text)
    why = f"the policy does not parse: {'; '.join(policy.errors)}" if policy.errors else ""
    return policy, (*head, *text.splitlines()[:20]), why


@check(
    "mta-sts.invalid",
    title="The MTA-STS policy is broken",
    when="an MTA-STS record exists and the policy cannot be fetched over valid https, does not parse, or does not cover"
    " every MX",
    status="fail",
    triage="now",
    risk="mail",
    item=("S5.D1",),
    source="RFC 8461",
    cost="Gmail and Outlook may refuse to deliver mail to you, or send it without the protection that you announced.",
)
async def mta_sts_invalid(facts: Facts, domain: str) -> Verdict:
    sts = await mta_sts(facts)
    if not sts.records:
        return passed(sts.name, "MTA-STS is not used", evidence=await _how_to_begin(facts, sts))
    seen = [f'{sts.name} TXT "{text}"' for text in sts.records] + list(sts.said)
    if sts.problem or sts.policy is None:
        return failed(sts.name, sts.problem, evidence=seen, fix=await _fix(facts, sts))
    if sts.policy.mode == "none":
        return passed(sts.name, "the policy says that MTA-STS is switched off (mode: none)", evidence=seen)
    found = await exchangers(facts)
    uncovered = [mx.host for mx in found.real if not sts.policy.covers(mx.host)]
    if uncovered:
        return failed(
            sts.name,
            f"the policy does not cover the exchanger {', '.join(uncovered)}",
            evidence=[*seen, *found.evidence],
            fix=await _fix(facts, sts),
        )
    return passed(sts.name, f"the policy ({sts.policy.mode}) covers every exchanger", evidence=seen)


async def _how_to_begin(facts: Facts, sts: Sts) -> list[str]:
    """What a domain that receives mail may add; nothing where it receives none, or that cannot be told."""
    try:
        receives = bool((await exchangers(facts)).real)
    except DnsFailed:
        receives = False
    return [f"to have senders insist on TLS: {await _fix(facts, sts)}"] if receives else []


async def _fix(facts: Facts, sts: Sts) -> str:
    """The record and the file as they should be."""
    mode = sts.policy.mode if sts.policy and sts.policy.mode in MODES else "testing"
    hosts = [mx.host for mx in (await exchangers(facts)).real]
    lines = ["version: STSv1", f"mode: {mode}", *(f"mx: {host}" for host in hosts), "max_age: 604800"]
    if not hosts and mode != "none":
        return (
            f"The domain names no mail exchanger that a policy could cover: delete {sts.name} TXT, or publish the MX"
            " records first."
        )
    return (
        f"Serve at {sts.url}, with a valid certificate, status 200 and content-type text/plain:\n"
        + "\n".join(lines)
        + f'\nThen publish one record with a new id: {sts.name} TXT "v=STSv1; id={_new_id()}".'
    )


def _new_id() -> str:
    """An id that no record had before, without which senders keep the policy that they know (RFC 8461 s3.1)."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
