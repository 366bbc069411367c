"""Prometheus, blackbox_exporter and Alertmanager: probes every minute, rules, a test of the rules, and who is told."""

from __future__ import annotations

import re
from typing import Any

from launchready_tui.exports.files import readme, yaml_text
from launchready_tui.exports.prometheus_rules import JOB, rules, rules_test
from launchready_tui.exports.targets import Plan, Target, covered, plan
from launchready_tui.session.model import Session

__all__ = ["covered", "files"]

EXPORTER = "127.0.0.1:9115"
ALERTMANAGER = "127.0.0.1:9093"
SECRETS = "/etc/prometheus/launch-ready"
"""Folder of the credentials, a file each."""


def files(session: Session) -> dict[str, str]:
    """The files of the export. Raises BadName."""
    wanted = plan(session)
    return {
        "blackbox.yml": yaml_text({"modules": {t.name: _module(t) for t in wanted.targets}}, "blackbox_exporter."),
        "prometheus.yml": yaml_text(_prometheus(wanted), "Prometheus."),
        "rules.yml": yaml_text(rules(), "Recorded figures and alerts; rules_test.yml shows that they fire."),
        "rules_test.yml": yaml_text(rules_test(wanted.targets), "Run: promtool test rules rules_test.yml"),
        "alertmanager.yml": yaml_text(_alertmanager(wanted, session), f"Credentials are files in {SECRETS}."),
        "README.md": _readme(wanted),
    }


def quoted(text: str) -> str:
    """A text as a regular expression that matches it alone (RE2)."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text)


def _module(target: Target) -> dict[str, Any]:
    route = target.route
    http: dict[str, Any] = {
        "method": route.method,
        "valid_status_codes": target.statuses,
        "follow_redirects": False,
        "preferred_ip_protocol": "ip4",
    }
    if target.url.startswith("https:"):
        http["fail_if_not_ssl"] = True
    if route.contains and route.method != "HEAD":
        http["fail_if_body_not_matches_regexp"] = [quoted(route.contains)]
    if route.body:
        http["headers"] = {"Content-Type": route.content_type}
        http["body"] = route.body
    return {"prober": "http", "timeout": "10s", "http": http}


def _prometheus(wanted: Plan) -> dict[str, Any]:
    return {
        "global": {"scrape_interval": "60s", "scrape_timeout": "15s", "evaluation_interval": "30s"},
        "rule_files": ["rules.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [ALERTMANAGER]}]}]},
        "scrape_configs": [
            {
                "job_name": JOB,
                "metrics_path": "/probe",
                "static_configs": [
                    {"targets": [target.url], "labels": {"module": target.name}} for target in wanted.targets
                ],
                "relabel_configs": [
                    {"source_labels": ["module"], "target_label": "__param_module"},
                    {"source_labels": ["__address__"], "target_label": "__param_target"},
                    {"source_labels": ["__param_target"], "target_label": "instance"},
                    {"target_label": "__address__", "replacement": EXPORTER},
                ],
            }
        ],
    }


def _alertmanager(wanted: Plan, session: Session) -> dict[str, Any]:
    receiver: dict[str, Any] = {"name": "launch-ready"}
    slack = [
        {
            "api_url_file": f"{SECRETS}/slack_webhook_url",
            "send_resolved": True,
            "title": "{{ .CommonAnnotations.summary }}",
        }
        for destination in wanted.destinations
        if destination.kind == "slack"
    ]
    mail = [_mail(destination.name, session) for destination in wanted.destinations if destination.kind == "mail"]
    # One webhook leads to one channel: a second destination of this kind would say everything twice.
    if slack:
        receiver["slack_configs"] = slack[:1]
    if mail:
        receiver["email_configs"] = mail
    return {
        "route": {
            "receiver": "launch-ready",
            "group_by": ["alertname", "instance"],
            "group_wait": "10s",
            "group_interval": "1m",
            "repeat_interval": "30m",
        },
        "receivers": [receiver],
    }


def _mail(address: str, session: Session) -> dict[str, Any]:
    mail = session.mail
    return {
        "to": _literal(address),
        "from": _literal(mail.from_address or f"alerts@{session.site.domain.strip().lower()}"),
        "smarthost": f"{mail.smtp_host or 'smtp.your-provider.invalid'}:{mail.smtp_port}",
        "auth_username": _literal(mail.smtp_user or "your-smtp-user"),
        "auth_password_file": f"{SECRETS}/smtp_password",
        "send_resolved": True,
    }


def _literal(text: str) -> str:
    """A text for a field that Alertmanager takes for a Go template."""
    return text.replace("{{", '{{ "{{" }}')


def _readme(wanted: Plan) -> str:
    steps = [
        "On a machine that is not the site's own (Debian and its kin): sudo apt-get install prometheus "
        "prometheus-blackbox-exporter prometheus-alertmanager",
        f"Make {SECRETS} and put each credential that alertmanager.yml names into a file of its own there, readable "
        "by the user prometheus only.",
        "Copy blackbox.yml, prometheus.yml, rules.yml and alertmanager.yml to /etc/prometheus.",
        "Look at them with the programs themselves: promtool check config /etc/prometheus/prometheus.yml; promtool "
        "test rules rules_test.yml; amtool check-config /etc/prometheus/alertmanager.yml",
        "sudo systemctl restart prometheus-blackbox-exporter prometheus-alertmanager prometheus",
        "See that every probe is there: http://127.0.0.1:9090/graph?g0.expr=probe_success",
        "For more regions, do the same on a second and third small machine elsewhere.",
    ]
    return readme("Monitoring with Prometheus", steps, [*_silent(wanted), *wanted.left_out])


def _silent(wanted: Plan) -> list[str]:
    if not wanted.destinations:
        return ["Nobody is named to be alerted: alerts are shown at http://127.0.0.1:9093 and go nowhere else."]
    return [
        f"{destination.name}: Alertmanager does not send there itself; add a webhook_configs entry for a bridge."
        for destination in wanted.destinations
        if destination.kind not in ("slack", "mail")
    ]
