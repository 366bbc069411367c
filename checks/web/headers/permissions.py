"""Whether the list of browser features that the site allows has any effect."""

from __future__ import annotations

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, passed, warned
from checks.web.headers.permissions_policy import parse_permissions
from checks.web.headers.structured import Malformed
from checks.web.pages import homepage
from checks.web.site.answers import the_canonical_page

HEADER = "permissions-policy"


@check(
    "headers.permissions",
    title="The list of allowed browser features has no effect",
    when="a Permissions-Policy header that is no dictionary of structured fields, so that browsers ignore all of it; "
    "absent is no problem",
    status="warn",
    triage="note",
    risk="data",
    item=("S3.5",),
    source="W3C Permissions Policy, RFC 9651",
    cost="Camera, microphone and location stay open to frames though somebody meant to shut them.",
    each=the_canonical_page,
)
async def permissions(facts: Facts, url: str) -> Verdict:
    lines = (await homepage(facts)).response.headers.all(HEADER)
    evidence = [f"Permissions-Policy: {line}" for line in lines]
    policy = parse_permissions(lines)
    if isinstance(policy, Malformed):
        return warned(
            url,
            f"browsers ignore the Permissions-Policy from {policy.rest!r} on, and with it all of it",
            evidence=evidence,
            fix="Write it as a dictionary: Permissions-Policy: camera=(), microphone=(), geolocation=(self)",
        )
    shut = [feature for feature, allowed in policy.items() if not allowed]
    word = f"the Permissions-Policy shuts {', '.join(shut)}" if shut else "no browser feature is shut"
    return passed(url, word, evidence=evidence)
