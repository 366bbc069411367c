"""The figures that Prometheus records and the alerts that it fires, with a test of every alert."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from checks.ops.watch import TARGET
from launchready_tui.exports.targets import Target

JOB = "launch-ready"
SLOW_SECONDS = 0.3
"""T2 of the roadmap."""
SOON_DAYS = 14
_MINE = f'{{job="{JOB}"}}'
_P95 = "launch_ready:probe_duration_seconds:p95_1h"
_UPTIME = "launch_ready:probe_success:avg_48h"


def rules() -> dict[str, Any]:
    """The rule file. It holds no text of the session: addresses come in as labels."""
    recorded = [
        {"record": _UPTIME, "expr": f"avg_over_time(probe_success{_MINE}[48h])"},
        {"record": _P95, "expr": f"quantile_over_time(0.95, probe_duration_seconds{_MINE}[1h])"},
    ]
    alerts = [
        _alert("Down", f"probe_success{_MINE} == 0", "2m", "now", "{{ $labels.instance }} does not answer as expected"),
        _alert(
            "UptimeMissed",
            f"{_UPTIME} < {TARGET}",
            "5m",
            "later",
            "{{ $labels.instance }} answered less than 99.9 % of the probes of 48 hours",
        ),
        _alert(
            "Slow",
            f"{_P95} > {SLOW_SECONDS}",
            "15m",
            "later",
            "{{ $labels.instance }} takes longer than 300 ms for one probe in 20",
        ),
        _alert(
            "CertificateEnds",
            f"probe_ssl_earliest_cert_expiry{_MINE} - time() < {SOON_DAYS * 86400}",
            "1h",
            "now",
            f"the certificate of {{{{ $labels.instance }}}} ends within {SOON_DAYS} days",
        ),
        _alert(
            "NotProbed",
            f"up{_MINE} == 0",
            "5m",
            "now",
            "nobody probes {{ $labels.instance }}: blackbox_exporter does not answer",
        ),
    ]
    return {"groups": [{"name": JOB, "rules": [*recorded, *alerts]}]}


def _alert(name: str, expression: str, length: str, severity: str, summary: str) -> dict[str, Any]:
    return {
        "alert": f"LaunchReady{name}",
        "expr": expression,
        "for": length,
        "labels": {"severity": severity},
        "annotations": {"summary": summary},
    }


def rules_test(targets: Sequence[Target]) -> dict[str, Any]:
    """A unit test: every target down is told after two minutes, one failure is not, and a slow one is told."""
    first = targets[0]
    return {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [_series("probe_success", target, "1 1 0x8") for target in targets],
                "alert_rule_test": [
                    {"eval_time": "3m", "alertname": "LaunchReadyDown", "exp_alerts": []},
                    {
                        "eval_time": "5m",
                        "alertname": "LaunchReadyDown",
                        "exp_alerts": [_fired(target, "now", "{} does not answer as expected") for target in targets],
                    },
                ],
            },
            {
                "interval": "1m",
                "input_series": [_series("probe_success", first, "1 0 1x8")],
                "alert_rule_test": [{"eval_time": "5m", "alertname": "LaunchReadyDown", "exp_alerts": []}],
            },
            {
                "interval": "1m",
                "input_series": [_series("probe_duration_seconds", first, "0.9x30")],
                "alert_rule_test": [
                    {"eval_time": "10m", "alertname": "LaunchReadySlow", "exp_alerts": []},
                    {
                        "eval_time": "20m",
                        "alertname": "LaunchReadySlow",
                        "exp_alerts": [_fired(first, "later", "{} takes longer than 300 ms for one probe in 20")],
                    },
                ],
            },
            {
                "interval": "1m",
                "input_series": [_series("up", first, "1 0x10")],
                "alert_rule_test": [
                    {
                        "eval_time": "8m",
                        "alertname": "LaunchReadyNotProbed",
                        "exp_alerts": [_fired(first, "now", "nobody probes {}: blackbox_exporter does not answer")],
                    }
                ],
            },
        ],
    }


def _series(metric: str, target: Target, values: str) -> dict[str, str]:
    labels = {"job": JOB, "instance": target.url, "module": target.name}
    # A JSON string is a PromQL string too: both escape as Go does.
    shown = ", ".join(f"{name}={json.dumps(value)}" for name, value in labels.items())
    return {"series": f"{metric}{{{shown}}}", "values": values}


def _fired(target: Target, severity: str, summary: str) -> dict[str, Any]:
    labels = {"job": JOB, "instance": target.url, "module": target.name, "severity": severity}
    return {"exp_labels": labels, "exp_annotations": {"summary": summary.format(target.url)}}
