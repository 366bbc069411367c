"""What the session declares, as the subject that the checks look at.

A person writes the session, so its forms are many: names with capitals, addresses without a scheme, a bare
string where a table could stand. Here they become one form, or a `BadName` that says which field is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from checks.finding import timestamp
from checks.subject import (
    AiPlan,
    BadName,
    Consent,
    DeployPlan,
    Drill,
    Environment,
    ErrorPlan,
    FormPlan,
    MailPlan,
    MonitorPlan,
    ReadByHand,
    Route,
    Seed,
    SeenEvent,
    Stream,
    Subject,
    Submitted,
    Watched,
    host_name,
)
from launchready_tui import declared
from launchready_tui.declared_regions import region_sample
from launchready_tui.session import model

Entry = str | Mapping[str, Any]

_CONSENTS = ("forms", "rate_limit", "ai", "seeds", "alerts", "errors", "build")


def subject_of(session: model.Session, folder: Path | None = None) -> Subject:
    """Build the subject of a session.

    Raises BadName, whose message begins with the field.

    Args:
        folder: where relative paths of the session start; the working directory where None.
    """
    folder = folder or Path()
    subject = _site(session.site, [row.name for row in session.subdomain if row.declared])
    base = subject.canonical or f"https://{subject.domain}/"
    return replace(
        subject,
        campaign_urls=declared.each(
            "site.campaign_urls", session.site.campaign_urls, lambda text: declared.url(text, base)
        ),
        private_paths=declared.each("site.private_paths", session.site.private_paths, declared.path),
        routes=declared.each("site.routes", session.site.routes, lambda row: _route(_fields(row), base)),
        forms=declared.each("site.forms", session.site.forms, lambda row: _form(row, base)),
        submissions=tuple(_submitted(row) for row in session.form if row.nonce),
        mail=_mail(session.mail),
        deploy=_deploy(session.deploy, folder),
        monitor=_monitor(session, folder, base),
        ai=(ai := ai_plan(session.ai, base)),
        consent=_consent(session.consent, ai.endpoint, base),
    )


def _site(site: model.Site, listed: Iterable[str]) -> Subject:
    domain = declared.one("site.domain", site.domain, host_name)
    wildcards = {f"*.{domain}", "*"}
    declared_names = [*site.subdomains, *listed]
    subdomains = [name for name in declared_names if name.strip().rstrip(".").lower() not in wildcards]
    whole = declared.each("site.subdomains", subdomains, lambda name: Subject.of(domain, subdomains=[name]).subdomains)
    return Subject(
        domain=domain,
        canonical=declared.one("site.canonical", site.canonical, declared.url) if site.canonical.strip() else "",
        variants=declared.each("site.variants", site.variants, host_name),
        subdomains=tuple(dict.fromkeys(name for names in whole for name in names)),
        wildcard=site.wildcard or len(subdomains) < len(declared_names),
        platform=site.platform.strip(),
        receives_mail=site.receives_mail,
        uses_ai=site.uses_ai,
        origin_addresses=declared.each("site.origin_addresses", site.origin_addresses, str.strip),
    )


def _mail(mail: model.Mail) -> MailPlan:
    streams = mail.streams
    if isinstance(streams, dict):
        streams = [{"kind": kind, **declared.table(value, "from_domain")} for kind, value in streams.items()]
    return MailPlan(
        senders=declared.each("mail.senders", mail.senders, str.strip),
        selectors=declared.each("mail.selectors", mail.selectors, declared.selector),
        from_address=mail.from_address.strip(),
        seeds=declared.each("mail.seeds", mail.seeds, _seed),
        streams=declared.each("mail.streams", streams, _stream),
        smtp_host=declared.one("mail.smtp_host", mail.smtp_host, host_name) if mail.smtp_host else "",
        smtp_port=mail.smtp_port,
        smtp_user=mail.smtp_user,
        deadline_minutes=mail.deadline_minutes,
        by_hand=tuple(ReadByHand(**_fields(row) | {"evidence": tuple(row.evidence)}) for row in mail.by_hand),
    )


def _deploy(deploy: model.Deploy, folder: Path) -> DeployPlan:
    environments: Iterable[Entry] = deploy.environments
    if isinstance(deploy.environments, dict):
        environments = [{"name": name, **_environment_table(value)} for name, value in deploy.environments.items()]
    return DeployPlan(
        repo=declared.file(deploy.repo, folder) if deploy.repo else None,
        build=deploy.build,
        build_limit=deploy.build_limit,
        environments=declared.each("deploy.environments", environments, _environment),
        migrations=declared.texts(deploy.migrations),
        base=deploy.base,
        dialect=deploy.dialect.strip().lower(),
        rollback=deploy.rollback,
    )


def _monitor(session: model.Session, folder: Path, base: str) -> MonitorPlan:
    monitor = session.monitor
    return MonitorPlan(
        urls=declared.each("monitor.urls", monitor.urls, lambda entry: _route(declared.table(entry, "url"), base)),
        destinations=declared.each("monitor.destinations", monitor.destinations, _destination),
        probes=declared.each(
            "monitor.probes", monitor.probes, lambda entry: declared.url(declared.table(entry, "url").get("url"), base)
        ),
        regions=declared.one("monitor.regions", monitor.regions, declared.texts),
        errors=replace(
            declared.one("monitor.errors", monitor.errors, lambda entry: _errors(entry, folder)),
            seen=tuple(
                SeenEvent(row.endpoint, row.word, row.by, row.at, row.word_of.partition(" ")[2], row.unmasked)
                for row in session.event
                if row.word
            ),
        ),
        watched=tuple(_watched(row) for row in session.watch),
        drills=tuple(_drill(row) for row in session.alert),
    )


def ai_plan(ai: model.Ai, base: str = "") -> AiPlan:
    """How to speak to the product's AI. Raises BadName, whose message begins with the field."""
    return AiPlan(
        endpoint=declared.one("ai.endpoint", ai.endpoint, lambda text: declared.url(text, base)) if ai.endpoint else "",
        model=ai.model,
        request=declared.one("ai.request", ai.request, declared.json_object),
        answer=ai.answer,
        tools=ai.tools,
        forbidden_tools=declared.texts(ai.forbidden_tools),
        canaries=declared.texts(ai.canaries),
        sink=ai.sink.strip(),
        sink_log=declared.one("ai.sink_log", ai.sink_log, lambda text: declared.url(text, base)) if ai.sink_log else "",
        tool_log=declared.one("ai.tool_log", ai.tool_log, lambda text: declared.url(text, base)) if ai.tool_log else "",
        key_header=ai.key_header.strip(),
        request_cost=ai.request_cost,
    )


def _consent(consent: model.Consent, endpoint: str, base: str) -> Consent:
    given = {name: consent.given(name) for name in _CONSENTS}
    tables = [entry for entry in given.values() if isinstance(entry, dict)]
    if isinstance(given["ai"], dict) and (agreed := given["ai"].get("endpoint")):
        # It was given for one endpoint, and holds for no other.
        given["ai"] = declared.one("consent.ai", agreed, lambda text: declared.url(text, base)) == endpoint
    return Consent(
        **{name: entry is True or (isinstance(entry, dict) and entry != {}) for name, entry in given.items()},
        by=consent.by or next((str(entry["by"]) for entry in tables if "by" in entry), ""),
        at=consent.at or next((_moment(entry["at"]) for entry in tables if "at" in entry), ""),
    )


def _moment(value: Any) -> str:
    """A time as text, with or without quotes in the file."""
    return timestamp(value) if isinstance(value, datetime) else str(value)


def _route(row: Mapping[str, Any], base: str) -> Route:
    return Route(
        url=declared.url(row.get("url"), base),
        method=declared.text(row, "method", "GET").upper(),
        status=declared.number(row, "status", None),
        contains=declared.text(row, "contains"),
        kind=declared.text(row, "kind").lower(),
        body=_body(row.get("body", "")),
    )


def _body(value: Any) -> str:
    """What a request sends: text as it stands, a table or a list as JSON."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return declared.text({"body": value}, "body")


def _form(row: Mapping[str, Any], base: str) -> FormPlan:
    return FormPlan(
        page=declared.url(row.get("page") or row.get("url"), base),
        action_hosts=tuple(_receiver(name) for name in declared.texts(row.get("action_hosts", ()))),
        destination=declared.text(row, "destination"),
    )


def _receiver(name: str) -> str:
    """The host of a form's receiver, given by its name or by the whole address that the form sends to."""
    return urlsplit(declared.url(name)).hostname or "" if "/" in name else host_name(name)


def _seed(entry: Entry) -> Seed:
    row = declared.table(entry, "address")
    address = declared.text(row, "address").strip()
    if "@" not in address:
        raise BadName(f"{address!r} is not a mail address")
    return Seed(
        address=address,
        provider=declared.text(row, "provider").lower(),
        imap_host=host_name(declared.text(row, "imap_host")) if row.get("imap_host") else "",
        imap_port=declared.number(row, "imap_port", 993) or 993,
        vault=declared.purpose(declared.text(row, "vault")),
    )


def _stream(entry: Entry) -> Stream:
    row = declared.table(entry, "kind")
    sender = declared.text(row, "from_domain") or declared.text(row, "from_address") or declared.text(row, "from")
    return Stream(
        kind=declared.text(row, "kind").strip().lower(),
        from_domain=host_name(sender.rpartition("@")[2]) if sender else "",
        selector=declared.selector(declared.text(row, "selector")) if row.get("selector") else "",
        service=declared.text(row, "service"),
    )


def _environment(entry: Entry) -> Environment:
    row = declared.table(entry, "name")
    return Environment(
        name=declared.text(row, "name").strip(),
        files=declared.texts(row.get("files", row.get("file", ()))),
        names=declared.texts(row.get("names", row.get("variables", ()))),
    )


def _environment_table(value: Any) -> Mapping[str, Any]:
    """The short forms of an environment: one file, or the names of its variables."""
    return {"names": value} if isinstance(value, list) else declared.table(value, "files")


def _destination(entry: Entry) -> str:
    row = declared.table(entry, "name")
    return (declared.text(row, "name") or declared.text(row, "kind")).strip()


def _errors(entry: Entry, folder: Path) -> ErrorPlan:
    row = declared.table(entry, "dsn" if isinstance(entry, str) and "://" in entry else "tracker")
    return ErrorPlan(
        dsn=declared.text(row, "dsn"),
        tracker=declared.text(row, "tracker").lower(),
        api=declared.text(row, "api"),
        organization=declared.text(row, "organization"),
        project=declared.text(row, "project"),
        logs=tuple(declared.file(text, folder) for text in declared.texts(row.get("logs", ()))),
    )


def _watched(row: model.Watch) -> Watched:
    regions = tuple(map(region_sample, row.regions))
    return Watched(**{**_fields(row), "regions": regions})


def _submitted(row: model.Form) -> Submitted:
    return Submitted(row.target, row.nonce, row.sent, bool(row.by_hand), row.word, row.word_of, row.by, row.at)


def _drill(row: model.Alert) -> Drill:
    return Drill(**{field.name: getattr(row, field.name) for field in fields(Drill)})


def _fields(row: model.Table) -> dict[str, Any]:
    """The fields of a row that the subject has under the same names."""
    skipped = {"unknown", "incidents"}
    return {name: getattr(row, name) for name in row.__struct_fields__ if name not in skipped}
