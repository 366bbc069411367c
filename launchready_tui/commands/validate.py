"""`launchready validate`: deployment validation for CI, in one exit status and one JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from launchready_tui.commands.network_options import BadOption, add_network_arguments, complain, network_options

if TYPE_CHECKING:
    from checks.subject import Environment, Subject
    from launchready_tui.audit import Audit

NOT_RUN = 3
DEADLINE = 900.0
"""Seconds for everything but the build, which has a limit of its own."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository, or a session file (.)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, as audit does")
    parser.add_argument("--plain", action="store_true", help="print line by line, without colour or drawing")
    parser.add_argument("--fail-on", choices=("now", "later", "never"), default="now", help="what makes the exit 1")
    parser.add_argument("--build", metavar="COMMAND", help="run this command; it must exit 0 in time")
    parser.add_argument("--build-limit", type=float, default=600.0, metavar="SECONDS", help="its time limit (600)")
    parser.add_argument(
        "--env",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="an environment and its variables: an env file, a list of names, or the output of the platform's own "
        "tool (repeatable); names alone are compared",
    )
    parser.add_argument(
        "--base", default="", metavar="REF", help="what production runs: migrations since then are pending"
    )
    parser.add_argument("--migration", action="append", default=[], metavar="PATH", help="a pending one (repeatable)")
    parser.add_argument("--dialect", choices=("postgres", "mysql", "sqlite"), default="", help="the database")
    parser.add_argument("--route", action="append", default=[], metavar="URL[=STATUS]", help="must answer (repeatable)")
    parser.add_argument("--domain", default="", help="the site's domain, for routes given as a path")
    parser.add_argument("--no-secrets", action="store_true", help="leave the secret scan out")
    parser.add_argument("--print-workflow", choices=("github", "gitlab"), help="print a ready CI job and end")
    add_network_arguments(parser)


def run(args: argparse.Namespace) -> int:
    from checks.subject import BadName

    if args.print_workflow:
        from launchready_tui.workflows import workflow

        print(workflow(args.print_workflow, args.build or ""), end="")
        return 0
    try:
        options = network_options(args)
        subject = _subject(args)
    except (BadOption, BadName) as problem:
        return complain(str(problem))
    if Path(args.path).is_dir() and not (args.domain or subject.routes):
        # A folder has no site: nothing is asked of the network for one that bears its name.
        options = replace(options, offline=True)
    return asyncio.run(_validate(subject, args, options.network))


def _subject(args: argparse.Namespace) -> Subject:
    """What to validate, from a folder or a session file, with what the command line adds. Raises BadOption."""
    from checks.subject import DeployPlan, Subject
    from launchready_tui.commands.audit import parse_route

    path = Path(args.path)
    if path.is_dir():
        domain = args.domain or _site_of(args.route) or _name_of(path)
        subject = replace(Subject.of(domain), deploy=DeployPlan(repo=path.resolve()))
    elif path.is_file():
        subject = _from_file(path)
    else:
        raise BadOption(f"there is no folder or session file {path}")
    environments = (*subject.deploy.environments, *(_environment(text) for text in args.env))
    deploy = replace(
        subject.deploy,
        build=args.build or subject.deploy.build,
        build_limit=args.build_limit,
        environments=environments,
        migrations=(*subject.deploy.migrations, *args.migration),
        base=args.base or subject.deploy.base,
        dialect=args.dialect or subject.deploy.dialect,
    )
    # Who gives the command on the command line wants it run.
    consent = replace(subject.consent, build=subject.consent.build or bool(args.build))
    routes = (*subject.routes, *(parse_route(text, subject.domain) for text in args.route))
    return replace(subject, deploy=deploy, consent=consent, routes=routes)


def _site_of(routes: list[str]) -> str:
    """The host of the first route. Raises BadOption where it is a path, and no domain is named."""
    from urllib.parse import urlsplit

    from launchready_tui.commands.audit import parse_route

    if not routes:
        return ""
    host = urlsplit(parse_route(routes[0], "").url).hostname
    if not host:
        raise BadOption(f"--route {routes[0]}: a path needs --domain, the site that it is on")
    return host


def _name_of(folder: Path) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", folder.resolve().name.lower()).strip("-") or "repository"


def _from_file(path: Path) -> Subject:
    from launchready_tui.session.errors import SessionError
    from launchready_tui.session.store import load
    from launchready_tui.subject import subject_of

    try:
        return subject_of(load(path).session, path.parent)
    except SessionError as problem:
        raise BadOption(problem.reason) from problem


def _environment(text: str) -> Environment:
    from checks.subject import Environment

    name, sign, file = text.partition("=")
    if not (name and sign and file):
        raise BadOption(f"--env {text}: write NAME=FILE, such as production=production.env")
    if not Path(file).is_file():
        raise BadOption(f"--env {text}: there is no file {file}")
    return Environment(name, files=(str(Path(file).resolve()),))


async def _validate(subject: Subject, args: argparse.Namespace, make_network: object) -> int:
    from launchready_tui.audit import audit
    from launchready_tui.report import print_report

    only = {"deploy"} | ({"secrets"} if not args.no_secrets else set()) | ({"web.error"} if subject.routes else set())
    async with make_network(deadline=DEADLINE + subject.deploy.build_limit) as network:  # type: ignore[operator]
        result = await audit(subject, network, only=only)
    if subject.routes:
        # The homepage is the audit's concern; here the routes count.
        wanted = {route.url for route in subject.routes}
        result.findings = [
            f for f in result.findings if f.check != "web.error" or any(url in f.target for url in wanted)
        ]
    if args.json:
        print(json.dumps(result.as_dict()))
    else:
        print_report(result, plain=args.plain)
    return _status(result, args.fail_on)


def _status(result: Audit, fail_on: str) -> int:
    """As of audit; 3 also where a check was kept from its work, since CI takes 0 for "fine"."""
    status = result.exit_status(fail_on)
    if status or fail_on == "never":
        return status
    return NOT_RUN if any(finding.unchecked for finding in result.findings) else status
