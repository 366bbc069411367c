"""Whether an error tracker is known: given by the user, or found in the page, its scripts or the repository."""

from __future__ import annotations

import asyncio
import re

from checks.catalogue import check
from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts
from checks.finding import Verdict, passed, warned
from checks.repo.env.reads import SOURCES
from checks.repo.project import Project, project
from checks.web.pages import first_party_scripts, homepage

_SIGNS = (
    ("a Sentry DSN", re.compile(r"https://[0-9a-f]{32}(?::[0-9a-f]{32})?@[\w.-]+(?:/[\w-]+)*/\d+", re.I)),
    (
        "Sentry",
        re.compile(r"browser\.sentry-cdn\.com|js\.sentry-cdn\.com|\bSentry\.init\s*\(|@sentry/|sentry[-_]sdk", re.I),
    ),
    ("Rollbar", re.compile(r"\brollbar\.com/|\bRollbar\.init\b|[\"']rollbar[\"']", re.I)),
    ("Bugsnag", re.compile(r"\bbugsnag\b", re.I)),
    ("Honeybadger", re.compile(r"js\.honeybadger\.io|[\"']@?honeybadger", re.I)),
    ("Datadog RUM", re.compile(r"datadog-rum|datadoghq-browser-agent|\bddtrace\b", re.I)),
    ("LogRocket", re.compile(r"cdn\.(?:lr-ingest|logrocket)\.\w+|\bLogRocket\.init\b|[\"']logrocket[\"']", re.I)),
    ("Raygun", re.compile(r"raygun4js|cdn\.raygun\.io", re.I)),
    ("AppSignal", re.compile(r"@appsignal/|[\"']appsignal[\"']", re.I)),
    ("New Relic", re.compile(r"js-agent\.newrelic\.com|\bNREUM\b|[\"']newrelic[\"']", re.I)),
    ("Airbrake", re.compile(r"@airbrake/|[\"']airbrake[\"']", re.I)),
    ("GlitchTip", re.compile(r"\bglitchtip\b", re.I)),
)
_MANIFESTS = (
    "package.json", "requirements*.txt", "pyproject.toml", "Gemfile", "composer.json", "go.mod", "Cargo.toml",
    "mix.exs",
)  # fmt: skip


def tracker_in(text: str) -> str:
    """The name of the tracker that a text shows; empty where there is none."""
    return next((name for name, pattern in _SIGNS if pattern.search(text)), "")


def _in_repository(found: Project) -> tuple[str, str] | None:
    for path, text in found.texts(found.own(*_MANIFESTS, *SOURCES)):
        if name := tracker_in(text):
            return name, path
    return None


@check(
    "errors.none",
    title="Nobody sees the errors of production",
    when="no error tracker is known (no DSN given, none found in the page or the code)",
    status="warn",
    triage="now",
    risk="downtime",
    item=("A6", "S6.3"),
    source="roadmap",
    cost="A page or a payment can fail for every customer, and you learn of it only if one of them writes.",
)
async def none_known(facts: Facts, domain: str) -> Verdict:
    plan = facts.subject.monitor.errors
    if plan.dsn or plan.tracker:
        return passed(domain, f"an error tracker is known: {plan.tracker or 'by its DSN'}")
    unseen: list[CannotTell | NotApplicable] = []
    try:
        page = await homepage(facts)
        texts = [(page.response.url, page.response.text)]
        texts += [(script.url, script.text) for script in await first_party_scripts(facts)]
        for url, text in texts:
            if name := tracker_in(text):
                return passed(domain, f"the site loads an error tracker: {name}", evidence=[f"{name} in {url}"])
    except (CannotTell, NotApplicable) as problem:
        unseen.append(problem)
    if facts.subject.deploy.repo is not None:
        found = await asyncio.to_thread(_in_repository, await project(facts))
        if found is not None:
            return passed(domain, f"the code uses an error tracker: {found[0]}", evidence=[f"{found[0]} in {found[1]}"])
    if unseen:
        # A page that could not be read may well load one.
        raise unseen[0]
    return warned(
        domain,
        "no error tracker is known",
        evidence=["none given, none in the homepage, its scripts or the repository's manifests"],
        fix="Open one project at one tracker (Sentry, GlitchTip or Bugsink do), add its snippet to the site and its "
        "library to the server, and write its DSN under [monitor] errors.",
    )
