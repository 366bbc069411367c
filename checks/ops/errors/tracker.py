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
from checks.web.html import Document
from checks.web.pages import first_party_scripts, homepage

_SIGNS = (
    ("a Sentry DSN", re.compile(r"https://[0-9a-f]{32}(?::[0-9a-f]{32})?@[\w.-]+(?:/[\w-]+)*/\d+", re.I)),
    (
        "Sentry",
        re.compile(
            r"browser\.sentry-cdn\.com|js\.sentry-cdn\.com|\bSentry\.init\b|@sentry/|\bsentry[-_](?:sdk|ruby|rails|go|elixir)"
            r"|[\"']sentry/sentry|getsentry/|\bio\.sentry\b|\bSentryLaravel\b",
            re.I,
        ),
    ),
    (
        "Rollbar",
        re.compile(r"\brollbar\.com/|\bRollbar\.(?:init|configure)\b|[\"']rollbar[\"']|^rollbar\b", re.I | re.M),
    ),
    (
        "Bugsnag",
        re.compile(r"\bbugsnag[-.]|\bBugsnag\.(?:start|configure)|[@\"'/]bugsnag[\"'/]|^bugsnag\b", re.I | re.M),
    ),
    ("Honeybadger", re.compile(r"js\.honeybadger\.io|[\"']@?honeybadger", re.I)),
    ("Datadog RUM", re.compile(r"datadog-rum|datadoghq-browser-agent|\bddtrace\b", re.I)),
    ("LogRocket", re.compile(r"cdn\.(?:lr-ingest|logrocket)\.\w+|\bLogRocket\.init\b|[\"']logrocket[\"']", re.I)),
    ("Raygun", re.compile(r"raygun4js|cdn\.raygun\.io", re.I)),
    ("AppSignal", re.compile(r"@appsignal/|[\"']appsignal[\"']", re.I)),
    ("New Relic", re.compile(r"js-agent\.newrelic\.com|\bNREUM\b|[\"']newrelic[\"']", re.I)),
    ("Airbrake", re.compile(r"@airbrake/|[\"']airbrake[\"']", re.I)),
    ("GlitchTip", re.compile(r"[/.]glitchtip\.|glitchtip[_-]dsn", re.I)),
    ("Application Insights", re.compile(r"js\.monitor\.azure\.com|\bappInsights\b|applicationinsights", re.I)),
    ("Elastic APM", re.compile(r"@elastic/apm|elastic-apm-(?:rum|node|agent)|\belasticapm\b", re.I)),
    ("TrackJS", re.compile(r"cdn\.trackjs\.com|[\"']trackjs[\"']", re.I)),
    ("Highlight", re.compile(r"@highlight-run/|\bhighlight\.run\b", re.I)),
    ("Grafana Faro", re.compile(r"@grafana/faro|\bgrafana-faro\b", re.I)),
    ("Sentry", re.compile(r"\bSENTRY_DSN\b")),
)
_MANIFESTS = (
    "package.json", "requirements*.txt", "pyproject.toml", "Gemfile", "composer.json", "go.mod", "Cargo.toml",
    "mix.exs",
)  # fmt: skip


def tracker_in(text: str) -> str:
    """The name of the tracker that a text shows; empty where there is none."""
    return next((name for name, pattern in _SIGNS if pattern.search(text)), "")


_REMARK = re.compile(r"^\s*(?:#|//).*$", re.M)
"""A line that is a comment in manifests and sources."""


def _loaded_by(document: Document) -> str:
    """What a page runs or is told by its head; words that only stand in its text show nothing."""
    parts = [" ".join((*script.attributes.values(), script.text)) for script in document.scripts]
    parts += [meta.get("content") for meta in document.metas]
    return "\n".join(parts)


def _in_repository(found: Project) -> tuple[str, str] | None:
    for path, text in found.texts(found.own(*_MANIFESTS, *SOURCES)):
        if name := tracker_in(_REMARK.sub("", text)):
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
        texts = [(page.response.url, _loaded_by(page.document))]
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
