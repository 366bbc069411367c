"""`launchready audit`: the live checks without a screen, of one site or of many."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from launchready_tui.commands.network_options import (
    BadOption,
    NetworkOptions,
    add_network_arguments,
    complain,
    network_options,
)

if TYPE_CHECKING:
    from checks.subject import Route, Subject
    from launchready_tui.audit import Audit

DEADLINE = 180.0
"""Seconds that one audit may take in all, the wait for what it sends on purpose aside."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", nargs="*", metavar="DOMAIN|FILE", help="a domain or a session file")
    parser.add_argument("--json", action="store_true", help="print one JSON object a subject, nothing else")
    parser.add_argument("--plain", action="store_true", help="print line by line, without colour or drawing")
    parser.add_argument("--schema", action="store_true", help="print the JSON Schema of --json and end")
    parser.add_argument("--only", metavar="FAMILY[,FAMILY]", help="only these families of checks, such as dns,spf")
    parser.add_argument("--fail-on", choices=("now", "later", "never"), default="now", help="what makes the exit 1")
    parser.add_argument("--jobs", type=_positive, default=8, metavar="N", help="subjects at a time (8)")
    parser.add_argument("--save", action="store_true", help="record the run in the session file")
    parser.add_argument("--vault", action="store_true", help="use the credentials in this machine's keyring")
    site = parser.add_argument_group("the site", "each can be given several times")
    for name, meta, text in (
        ("selector", "NAME", "a DKIM selector in use"),
        ("subdomain", "NAME", "a subdomain that is there on purpose"),
        ("sender", "SERVICE|TERM", "a service (or ip4:, ip6:, include: term) that may send mail"),
        ("campaign-url", "URL", "an old address that must lead to a page"),
        ("route", "URL[=STATUS]", "an address that must answer, with this status where given"),
    ):
        site.add_argument(f"--{name}", action="append", default=[], metavar=meta, help=text)
    add_network_arguments(parser)


@dataclass(frozen=True, slots=True)
class Target:
    """One subject to audit, or why it cannot be; `file` where it came from a session file."""

    subject: Subject | None
    domain: str = ""
    file: Path | None = None
    problem: str = ""


def run(args: argparse.Namespace) -> int:
    if args.schema:
        from launchready_tui.json_schema import audit_schema

        print(json.dumps(audit_schema(), indent=2))
        return 0
    if not args.target:
        return complain("name a domain or a session file to audit, such as: launchready audit example.com")
    try:
        options = network_options(args)
        only = families(args.only)
    except BadOption as problem:
        return complain(str(problem))
    targets = [_target(text, args) for text in args.target]
    return asyncio.run(_audit_all(targets, args, options, only))


def families(text: str | None) -> frozenset[str] | None:
    """Read --only. Raises BadOption for a family that does not exist."""
    if text is None:
        return None
    from checks.catalogue import catalogue

    known = {check.family for check in catalogue().values()} | set(catalogue())
    wanted = frozenset(word.strip() for word in text.split(",") if word.strip())
    if not wanted or not wanted <= known:
        odd = ", ".join(sorted(wanted - known)) or "nothing"
        every = ", ".join(sorted({check.family for check in catalogue().values()}))
        raise BadOption(f"--only: {odd} is no family of checks; there are {every}")
    return wanted


def parse_route(text: str, domain: str) -> Route:
    """Read "[METHOD ]URL[=STATUS][ TEXT]"; a path alone stands on the domain's https address."""
    from checks.subject import Route

    method = "GET"
    first, _, rest = text.strip().partition(" ")
    if first.isalpha() and first.isupper() and rest:
        method, (first, _, rest) = first, rest.strip().partition(" ")
    url, sign, status = first.rpartition("=")
    if not (sign and status.isdigit() and len(status) == 3):
        url, status = first, ""
    if not status and rest[:3].isdigit() and len(rest.split(" ", 1)[0]) == 3:
        status, _, rest = rest.partition(" ")
    if url.startswith("/"):
        url = f"https://{domain}{url}"
    elif "://" not in url:
        url = f"https://{url}"
    # Who gives it on the command line wants it sent.
    return Route(url, method, int(status) if status else None, rest.strip(), agreed=True)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _target(text: str, args: argparse.Namespace) -> Target:
    from checks.subject import BadName, Subject

    path = Path(text)
    looks_like_file = text.endswith(".toml") or "/" in text or "\\" in text or path.is_file()
    if looks_like_file:
        return _from_file(path, args)
    try:
        return Target(_with_flags(Subject.of(text), args), text)
    except BadName as problem:
        return Target(None, text, problem=str(problem))


def _from_file(path: Path, args: argparse.Namespace) -> Target:
    from checks.subject import BadName
    from launchready_tui.session.errors import SessionError
    from launchready_tui.session.store import load
    from launchready_tui.subject import subject_of

    domain = ""
    try:
        opened = load(path)
        domain = opened.session.site.domain
        return Target(_with_flags(subject_of(opened.session, path.parent), args), domain, path)
    except (SessionError, BadName) as problem:
        return Target(None, domain, path, str(problem))


def _with_flags(subject: Subject, args: argparse.Namespace) -> Subject:
    """The subject with what the command line adds to it."""
    from checks.subject import Subject as Made

    names = Made.of(subject.domain, subdomains=[*subject.subdomains, *args.subdomain]).subdomains
    mail = replace(
        subject.mail,
        selectors=(*subject.mail.selectors, *args.selector),
        senders=(*subject.mail.senders, *args.sender),
    )
    return replace(
        subject,
        subdomains=names,
        mail=mail,
        campaign_urls=(*subject.campaign_urls, *args.campaign_url),
        routes=(*subject.routes, *(parse_route(text, subject.domain) for text in args.route)),
    )


async def _audit_all(
    targets: list[Target], args: argparse.Namespace, options: NetworkOptions, only: Collection[str] | None
) -> int:
    slots = asyncio.Semaphore(args.jobs)
    first = True

    async def one(target: Target) -> int:
        nonlocal first
        async with slots:
            try:
                status, result = await _audit_one(target, args, options, only)
            except Exception as problem:
                # One subject's trouble costs the others nothing; its kind is said, its text may hold anything.
                status, result = 3, f"the audit broke off ({type(problem).__name__})"
        if args.json:
            print(json.dumps(_json_of(target, result)), flush=True)
        elif isinstance(result, str):
            place = str(target.file or target.domain)
            complain(result if result.startswith(place) else f"{place}: {result}")
        else:
            from launchready_tui.report import print_report

            if not first:
                print()
            print_report(result, plain=args.plain)
        first = False
        return status

    statuses = await asyncio.gather(*(one(target) for target in targets))
    return next((status for status in (2, 3, 1) if status in statuses), 0)


def seconds_for(subject: Subject) -> float:
    """The time for one audit: a seed mail or a form's test may take as long to arrive as the sprint allows, and the
    test of an AI as long as its pace needs.
    """
    consent, mail = subject.consent, subject.mail
    waits = consent.forms or (consent.seeds and mail.seeds)
    waiting = mail.deadline_minutes * 60 if waits else 0.0
    if consent.ai and subject.uses_ai and subject.ai.endpoint:
        from checks.ops.ai.plan import TRIAL_SECONDS

        waiting = max(waiting, TRIAL_SECONDS)
    return DEADLINE + waiting


async def _audit_one(
    target: Target, args: argparse.Namespace, options: NetworkOptions, only: Collection[str] | None
) -> tuple[int, Audit | str]:
    """The exit status with the result, or with a sentence where there is none."""
    from launchready_tui.audit import audit

    if target.subject is None:
        return 2, target.problem
    secrets = {}
    if args.vault:
        from launchready_tui.vault import Vault

        secrets = await Vault(target.subject.domain).reveal_all()
    async with options.network(deadline=seconds_for(target.subject)) as network:
        result = await audit(target.subject, network, only=only, secrets=secrets)
    if args.save and target.file is not None:
        from launchready_tui.session.errors import SessionError

        try:
            await asyncio.to_thread(_save, target.file, result, only)
        except SessionError as problem:
            print(f"launchready: not saved: {problem}", file=sys.stderr)
            return 2, result
    return result.exit_status(args.fail_on), result


def _save(path: Path, result: Audit, only: Collection[str] | None) -> None:
    """Record the run in the session file. Raises SessionError."""
    from launchready_tui.session.errors import NotSaved
    from launchready_tui.sprint import Sprint

    with Sprint.open(path) as sprint:
        sprint.record_audit(result, only=only)
        if not sprint.flush_now():
            raise NotSaved(path, sprint.saved.reason)


def _json_of(target: Target, result: Audit | str) -> dict[str, Any]:
    from launchready_tui.audit import SCHEMA, TOOL

    if not isinstance(result, str):
        return result.as_dict()
    line: dict[str, Any] = {"schema": SCHEMA, "tool": TOOL}
    if target.domain:
        line["domain"] = target.domain
    if target.file is not None:
        line["file"] = str(target.file)
    return line | {"error": result}
