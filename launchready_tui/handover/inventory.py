"""The second half of the handover: where everything is, who watches it, and whom to call."""

from __future__ import annotations

from dataclasses import replace

from checks.ops.regions import is_apart, typical_seconds
from launchready_tui.declared_regions import region_sample, why_not_measured
from launchready_tui.exports import EXPORTS, chosen
from launchready_tui.handover.document import Facts, Paragraph, Part, Points, Section, Table, Word, clean, table_or
from launchready_tui.handover.words import count, entry, moment, seconds, status_word
from launchready_tui.ranking import ranked
from launchready_tui.session.model import Alert, Session, Watch

Rows = list[tuple[str | Word, ...]]

UPTIME_TARGET = 0.999
P95_TARGET = 0.3
ANSWER_TARGET = 15 * 60


def dns_map(session: Session) -> Section:
    rows: Rows = [
        (
            clean(r.name),
            clean(r.type),
            clean(r.value),
            "" if r.ttl is None else str(r.ttl),
            clean(r.purpose),
            moment(r.seen),
        )
        for r in sorted(session.record, key=lambda r: (r.name, r.type, r.value))
    ]
    headers = ("Name", "Type", "Value", "TTL", "What it is for", "Seen")
    nothing = "The DNS records were not written down in this sprint."
    note = note_of(session, "S7.1", "D1")
    access = (Facts((("Registrar access", note),)),) if note else ()
    return Section("dns", "DNS map", (*access, table_or(nothing, headers, (22, 8, 32, 8, 16, 14), rows)))


def redirects(session: Session) -> Section:
    rows: Rows = [
        (clean(r.source), clean(r.to), str(r.status) if r.status else "", moment(r.seen)) for r in session.redirect
    ]
    nothing = "The redirect rules were not written down in this sprint."
    return Section(
        "redirects", "Redirect rules", (table_or(nothing, ("From", "To", "Code", "Seen"), (38, 38, 8, 16), rows),)
    )


def subdomains(session: Session) -> Section:
    known = {row.name for row in session.subdomain}
    rows: Rows = [
        (
            clean(r.name),
            "on purpose" if r.declared else Word("not declared", "warn"),
            clean(r.purpose),
            clean(r.found_by),
        )
        for r in session.subdomain
    ]
    rows += [(clean(name), "on purpose", "", "declared") for name in session.site.subdomains if name not in known]
    headers = ("Name", "Meant", "What it is for", "Found by")
    return Section("subdomains", "Subdomains", (table_or("None is known.", headers, (32, 16, 32, 20), rows),))


def of_families(session: Session, id: str, title: str, *families: str) -> Section:  # noqa: A002
    """What the checks of some families say, problems first."""
    rows: Rows = [
        (clean(row.target), status_word(row.status), clean(row.summary), moment(row.observed))
        for row in ranked(session.finding)
        if row.family in families
    ]
    nothing = "These checks have not been run in this sprint."
    return Section(id, title, (table_or(nothing, ("Where", "State", "What was seen", "When"), (26, 16, 42, 16), rows),))


def edge(session: Session) -> Section:
    """What the checks say of the edge network, and its settings as its API told them."""
    section = of_families(session, "edge", "Edge network", "edge")
    rows: Rows = [(clean(row.name), clean(row.value), moment(row.seen)) for row in session.edge]
    if not rows:
        nothing = "The edge's own settings were not read: that takes an API token in the vault (for Cloudflare so far)."
        return replace(section, parts=(*section.parts, Paragraph(nothing, "soft")))
    settings = Table(("Setting", "Value", "Read"), (28, 56, 16), tuple(rows))
    return replace(section, parts=(*section.parts, Paragraph("Its settings, as Cloudflare's API told them:"), settings))


def environments(session: Session) -> Section:
    """Names of variables and where they live; never a value."""
    declared = session.deploy.environments
    named = declared.items() if isinstance(declared, dict) else ((entry(e, "name"), e) for e in declared)
    rows: Rows = [(clean(name), clean(_variables(value)), clean(_files(value))) for name, value in named]
    nothing = "No environments were declared."
    parts: list[Part] = [table_or(nothing, ("Environment", "Variables (names only)", "Kept in"), (20, 48, 32), rows)]
    note = note_of(session, "S1.5", "S4.2", "S4.3")
    if note:
        parts.append(Paragraph(note))
    return Section("environments", "Environment variables", tuple(parts))


def _variables(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(name).partition("=")[0] for name in value)
    names = value.get("names", value.get("variables", [])) if isinstance(value, dict) else []
    return _variables(names) if isinstance(names, list) else str(names).partition("=")[0]


def _files(value: object) -> str:
    if isinstance(value, dict):
        files = value.get("files", value.get("file", value.get("place", "")))
        return ", ".join(map(str, files)) if isinstance(files, list) else str(files)
    return value if isinstance(value, str) and "=" not in value else ""


def secrets(session: Session) -> Section:
    """Names and places; the vault's own entry names stay out as well."""
    rows: Rows = [
        (clean(s.name), clean(s.place), moment(s.created), moment(s.rotated), clean(s.note)) for s in session.secret
    ]
    headers = ("Name", "Place", "Created", "Changed", "Note")
    intro = Paragraph("Names and places of the secrets that were made or changed, never a value.")
    return Section(
        "secrets", "Secrets inventory", (intro, table_or("None was listed.", headers, (24, 28, 15, 15, 18), rows))
    )


def monitoring(session: Session) -> Section:
    monitor = session.monitor
    urls = tuple(clean(entry(url, "method", "url", "status")) for url in monitor.urls)
    told = tuple(clean(entry(d, "kind", "name")) for d in monitor.destinations)
    probes = tuple(clean(entry(p, "url", "name")) for p in monitor.probes)
    facts = [
        ("Checked addresses", "; ".join(urls) or "none was named"),
        ("Alerts go to", "; ".join(told) or "nobody was named"),
        ("Goes on after the sprint", "; ".join(probes) or "no monitor was named"),
    ]
    facts += [(f"Start {name}", f"{EXPORTS[name].title}. {EXPORTS[name].start}") for name in chosen(session)]
    if not probes:
        facts.append(("Start one", "launchready export FILE --format prometheus --output monitor (or gatus, upptime)"))
    rows: Rows = [_watch_row(row) for row in session.watch]
    headers = ("Address", "Uptime observed (aim: 99.9 %)", "p95 (aim: 300 ms)", "Probes", "Incidents")
    parts: list[Part] = [Facts(tuple(facts)), table_or("No watch was run.", headers, (32, 24, 16, 14, 14), rows)]
    parts += _regions(session)
    return Section("monitoring", "Monitoring", tuple(parts))


def _regions(session: Session) -> list[Part]:
    """What other parts of the world saw, and why some addresses were not measured there."""
    if not session.monitor.regions:
        return []
    rows: Rows = [row for watch in session.watch for row in _region_rows(watch)]
    words = [f"{watch.url}: {why}" for watch in session.watch if (why := why_not_measured(session, watch.url))]
    headers = ("Address", "Region", "State", "Typical time", "Failed", "Probe, or what is wrong")
    intro = "From other regions, by the public probe network Globalping (GET and HEAD alone):"
    table = table_or("No region has measured yet.", headers, (26, 16, 14, 12, 12, 20), rows)
    return [Paragraph(intro), table, *(Paragraph(clean(text), "soft") for text in words)]


def _region_rows(watch: Watch) -> Rows:
    samples = [region_sample(row) for row in watch.regions]
    typical = typical_seconds(samples)
    rows: Rows = []
    for row, sample in zip(watch.regions, samples, strict=True):
        if sample.ok is None:
            state = Word("not measured", "soft")
        elif is_apart(sample, typical):
            state = Word("over 3 times slower" if sample.ok else "fails", "warn" if sample.ok else "bad")
        else:
            state = Word("as the others", "good")
        counts = f"{row.get('failed', 0)} of {row.get('taken', 0)}"
        words = sample.reason or str(row.get("probe", ""))
        rows.append(
            (clean(watch.url), clean(sample.region), state, seconds(sample.seconds), clean(counts), clean(words))
        )
    return rows


def _watch_row(row: Watch) -> tuple[str | Word, ...]:
    if not row.taken:
        return (clean(row.url), Word("not measured", "soft"), "", f"0 of {row.scheduled}", "")
    uptime = 1 - row.failed / row.taken
    figures = f"{uptime:.3%}, {count(row.failed, 'failure')} of {row.taken:,}"
    slow = row.p95 is not None and row.p95 > P95_TARGET
    return (
        clean(row.url),
        Word(figures, "good" if uptime >= UPTIME_TARGET else "bad"),
        Word(seconds(row.p95), "" if row.p95 is None else "warn" if slow else "good"),
        f"{row.taken:,} of {row.scheduled:,}",
        str(len(row.incidents)),
    )


def drills(session: Session) -> Section:
    rows: Rows = [
        (clean(alert.destination), moment(alert.fired), _sort_of(alert), moment(alert.acknowledged), _answer(alert))
        for alert in session.alert
    ]
    headers = ("Sent to", "Fired", "Kind", "Code read back", "Answer (aim: 15 minutes)")
    nothing = "No test alert was fired, so it is not known whether anybody would read a real one."
    parts: list[Part] = [table_or(nothing, headers, (26, 18, 14, 18, 24), rows)]
    ended = [alert for alert in session.alert if alert.outcome or alert.acknowledged]
    if ended:
        met = sum(bool(alert.acknowledged) and (alert.seconds or 0) <= ANSWER_TARGET for alert in ended)
        parts.insert(
            0, Paragraph(f"{met} of {len(ended)} were read within 15 minutes. Each carried a code of its own.")
        )
        words = (
            "A drill proves the way to a person. The alerts themselves come from the monitor that goes on afterwards."
        )
        parts.append(Paragraph(words))
    return Section("drill", "Alert drill", tuple(parts))


def _sort_of(alert: Alert) -> str:
    if alert.sent_by:
        return f"sent by {clean(alert.sent_by)}"
    return "announced" if alert.announced else "unannounced"


def _answer(alert: Alert) -> Word:
    if alert.acknowledged:
        late = alert.seconds is not None and alert.seconds > ANSWER_TARGET
        return Word(f"read after {seconds(alert.seconds)}{', too late' if late else ''}", "bad" if late else "good")
    if alert.error:
        return Word(f"not taken: {clean(alert.error)}", "bad")
    if alert.outcome == "unknown":
        return Word(f"not known: {clean(alert.note)}", "warn")
    return Word("nobody read it", "bad") if alert.outcome or not alert.accepted else Word("waits for its code", "warn")


def contacts(session: Session) -> Section:
    rows: Rows = [(clean(c.name), clean(c.role), clean(c.reach), clean(c.hours)) for c in session.contact]
    nothing = "Nobody was named. Fill this in before the launch."
    headers = ("Name", "Role", "How to reach", "When")
    return Section("contacts", "Whom to call in the first week", (table_or(nothing, headers, (26, 24, 30, 20), rows),))


def what_to_watch(session: Session) -> Section:
    """The first week in a list, for the founder."""
    hosts = session.site.canonical or f"https://{session.site.domain}/"
    points = (
        f"Every morning: open {clean(hosts)} on a phone, and send the most important form once.",
        "Once this week: ask for a password reset with a Gmail address, and see that it reaches the inbox.",
        "When an alert comes: answer it within 15 minutes, then follow 'Deployment and rollback' above.",
        "After every change of DNS, mail or hosting: run the checks again (launchready audit).",
        "In 30 days: come back to 'Can wait 30 days'.",
    )
    return Section("watch", "What to watch in the first week", (Points(points),))


def note_of(session: Session, *steps: str) -> str:
    """What people wrote at some steps; private notes never."""
    return clean(" ".join(step.note for step in session.step if step.id in steps and step.note))
