"""One audit by the command line against real servers together: NSD and unbound, nginx with TLS, postfix."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from launchready_tui.json_schema import audit_schema
from tests.namespace import told_in_namespace
from tests.programs import need, need_root
from tests.real.internet import BAD, GOOD

pytestmark = pytest.mark.real

LIVE = {"dns", "tls", "web", "edge", "headers", "exposure", "spf", "dkim", "dmarc", "mx", "mta-sts", "tls-rpt"}
"""The families that look at what a site's servers say."""
NOT_LOOKED_AT = {
    "dns.resolvers-differ": "a resolver was given, so no other one is asked",
    "edge.rate-limit": "with your consent (consent.rate_limit)",
    "edge.ssl-mode": "it needs a Cloudflare API token",
}
"""What an audit without consent and credentials leaves out of them, and how it says so."""
FAULTS = {
    ("dns.address-not-public", f"shop.{BAD}", "fail"),
    ("dns.cname-broken", f"blog.{BAD}", "fail"),
    ("dns.ns-single", BAD, "warn"),
    ("dns.registration-expiring", BAD, "fail"),
    ("dns.registration-unlocked", BAD, "warn"),
    ("dns.takeover", f"promo.{BAD}", "fail"),
    ("dns.ttl-high", BAD, "warn"),
    ("dns.www-missing", f"www.{BAD}", "fail"),
    ("tls.cert-expired", BAD, "fail"),
    ("tls.cert-name", f"app.{BAD}", "fail"),
    ("tls.version-modern", BAD, "warn"),
    ("tls.version-old", BAD, "warn"),
    ("web.campaign-broken", f"https://{BAD}/spring", "fail"),
    ("web.canonical-tag", f"https://{BAD}/", "warn"),
    ("web.dev-url", f"https://{BAD}/", "fail"),
    ("web.error", f"https://{BAD}/health", "fail"),
    ("web.http-open", BAD, "fail"),
    ("web.mixed-content", f"https://{BAD}/", "warn"),
    ("edge.no-compression", f"https://{BAD}/", "warn"),
    ("edge.no-http2", BAD, "warn"),
    ("edge.none", BAD, "fail"),
    ("edge.static-uncached", f"https://{BAD}/", "warn"),
    ("headers.cookies", BAD, "warn"),
    ("headers.cors", f"https://{BAD}/", "fail"),
    ("headers.csp", f"https://{BAD}/", "warn"),
    ("headers.framing", f"https://{BAD}/", "warn"),
    ("headers.hsts", f"https://{BAD}/", "warn"),
    ("headers.nosniff", f"https://{BAD}/", "warn"),
    ("exposure.directory-listing", f"https://{BAD}/assets/", "warn"),
    ("exposure.env-file", f"https://{BAD}/.env", "fail"),
    ("exposure.git", f"https://{BAD}/.git/HEAD", "fail"),
    ("exposure.source-map", f"https://{BAD}/assets/app.js", "warn"),
    ("spf.all-permissive", BAD, "fail"),
    ("spf.include-broken", BAD, "fail"),
    ("dkim.missing", BAD, "fail"),
    ("dmarc.no-reports", f"_dmarc.{BAD}", "warn"),
    ("dmarc.policy-none", BAD, "warn"),
    ("mx.starttls", f"mail.{BAD}", "warn"),
    ("mta-sts.invalid", f"_mta-sts.{BAD}", "fail"),
    ("tls-rpt.syntax", f"_smtp._tls.{BAD}", "warn"),
}
"""All that is wrong with the faulty site."""


@pytest.fixture(scope="module")
def told() -> Iterator[Any]:
    """How both audits ended, by domain."""
    need("nsd", "unbound", "nginx", "postfix", "dovecot", "opendkim", "opendkim-genkey")
    need_root("postfix, dovecot and opendkim change users")
    # Not below the folder of all tests, which others than its owner may not enter.
    with tempfile.TemporaryDirectory(prefix="launchready-internet-") as name:
        Path(name).chmod(0o755)
        yield told_in_namespace("tests.real.internet", Path(name))


def findings(told: Any, domain: str) -> list[dict[str, Any]]:
    """The findings of the live families. How fast the pages come is the test machine's own affair."""
    assert told[domain]["err"] == ""
    found = [f for f in json.loads(told[domain]["out"])["findings"] if f["check"] != "web.slow"]
    return [finding for finding in found if finding["check"].partition(".")[0] in LIVE]


def test_a_healthy_site_has_no_problem_and_nothing_is_left_out_but_what_says_why(told: Any) -> None:
    found = findings(told, GOOD)
    assert {finding["check"].partition(".")[0] for finding in found} == LIVE
    assert [finding for finding in found if finding["status"] not in ("pass", "skipped")] == []
    skipped = {finding["check"]: finding["summary"] for finding in found if finding["status"] == "skipped"}
    assert skipped.keys() == NOT_LOOKED_AT.keys()
    assert all(skipped[check].startswith(reason) for check, reason in NOT_LOOKED_AT.items())


def test_of_a_faulty_site_every_fault_is_found_and_nothing_else(told: Any) -> None:
    found = findings(told, BAD)
    problems = {(f["check"], f["target"], f["status"]) for f in found if f["status"] in ("warn", "fail")}
    assert problems == FAULTS
    # No server can be asked at a private address.
    assert {finding["target"] for finding in found if finding["status"] == "error"} == {f"shop.{BAD}"}


def test_every_fault_says_what_it_costs_and_how_to_mend_it(told: Any) -> None:
    for finding in findings(told, BAD):
        if finding["status"] in ("warn", "fail"):
            assert finding["cost"] and finding["fix"] and finding["evidence"], finding["check"]


@pytest.mark.parametrize("domain", [GOOD, BAD])
def test_the_output_keeps_to_its_schema_and_no_question_is_asked_twice(told: Any, domain: str) -> None:
    result = json.loads(told[domain]["out"])
    jsonschema.validate(result, audit_schema(), format_checker=jsonschema.FormatChecker())
    # The healthy site too has something left to do: nobody watches it, and no error tracker is known.
    assert told[domain]["code"] == 1 and result["summary"]["now"] > 0
    assert result["counters"]["dns_queries"] == result["counters"]["dns_questions"]
