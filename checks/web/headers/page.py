"""What the homepage's headers keep out: foreign scripts, frames, guessed types and readers of the address."""

from __future__ import annotations

from dataclasses import replace

from checks.catalogue import check
from checks.errors import CannotTell
from checks.facts import Facts
from checks.finding import Verdict, passed, warned
from checks.web.headers.cross_origin import FOREIGN, answer_to
from checks.web.headers.csp import (
    Policy,
    frame_ancestors,
    nonces,
    parse_meta_policy,
    parse_policies,
    script_openings,
    tightened,
)
from checks.web.headers.frame_options import keeps_frames_out, parse_frame_options
from checks.web.headers.referrer_policy import LEAKY, header_policy, meta_policy
from checks.web.pages import Page, homepage, read
from checks.web.site.answers import the_canonical_page
from checks.web.software import sending

CSP = "content-security-policy"


def enforced(page: Page) -> tuple[tuple[Policy, ...], tuple[Policy, ...]]:
    """The Content Security Policies in force: those of the headers, and those of meta elements."""
    by_meta = (parse_meta_policy(text) for text in page.document.policies)
    return parse_policies(page.response.headers.all(CSP)), tuple(policy for policy in by_meta if policy.directives)


@check(
    "headers.csp",
    title="Foreign scripts can run in the page",
    when="no Content-Security-Policy (header or meta), or none of the policies in force keeps script in: script-src "
    "(else default-src) missing, or holding *, a bare scheme (https:, http:, data:, blob:), https://*, a plain "
    "http:// source, 'unsafe-inline' without nonce, hash or strict-dynamic, or 'unsafe-eval'; several policies all "
    "apply, so one that restricts is enough; of a repeated directive the first counts; object-src and "
    "wasm-unsafe-eval are not judged; a report-only policy is none",
    status="warn",
    triage="later",
    risk="data",
    item=("S3.5",),
    source="CSP Level 3, HTTP Observatory",
    cost="One injected script can read what customers type and take over their accounts.",
    each=the_canonical_page,
)
async def csp(facts: Facts, url: str) -> Verdict:
    page = await homepage(facts)
    in_headers, in_meta = enforced(page)
    evidence = [page.response.describe()]
    evidence += [f"Content-Security-Policy: {line}" for line in page.response.headers.all(CSP)]
    evidence += [f"meta Content-Security-Policy: {text}" for text in page.document.policies]
    evidence += [f"report only: {line}" for line in page.response.headers.all(f"{CSP}-report-only")]
    evidence += await _nonces_told_again(facts, page)
    policy = "script-src 'self'; object-src 'none'; base-uri 'none'"
    fix = (
        f"{sending(page.response, 'Content-Security-Policy', policy)}  Begin with Content-Security-Policy-Report-Only, "
        "until nothing of the site is reported, and give each inline script a nonce."
    )
    policies = (*in_headers, *in_meta)
    if not policies:
        return warned(url, "the homepage has no Content-Security-Policy in force", evidence=evidence, fix=fix)
    openings = [script_openings(policy) for policy in policies]
    if not all(openings):
        return passed(url, "the Content-Security-Policy keeps foreign script out", evidence=evidence)
    said = "; ".join(dict.fromkeys(opening for found in openings for opening in found))
    fix = (
        f"Write in the Content-Security-Policy: {tightened(policies[0])}  (with a nonce or hash for each inline "
        "script). Send it first as Content-Security-Policy-Report-Only, until nothing of the site is reported."
    )
    return warned(url, f"the Content-Security-Policy lets foreign script in: {said}", evidence=evidence, fix=fix)


async def _nonces_told_again(facts: Facts, page: Page) -> list[str]:
    """A note on nonces that do not change from one answer to the next (CSP Level 3 s7.1)."""
    first = _nonces(page)
    if not first:
        return []
    try:
        answer = await answer_to(facts, page.url, FOREIGN)
    except CannotTell:
        return []
    again = _nonces(replace(page, response=answer, document=await read(answer)))
    return [
        f"note: {nonce} came twice; whoever has seen it can run script, so make a new one for every answer"
        for nonce in sorted(first & again)
    ]


def _nonces(page: Page) -> frozenset[str]:
    return nonces(policy for policies in enforced(page) for policy in policies)


@check(
    "headers.framing",
    title="Other sites can show the page inside theirs",
    when="neither X-Frame-Options DENY or SAMEORIGIN (ALLOW-FROM counts as none) nor a CSP header with "
    "frame-ancestors other than * (in a meta element it counts as none)",
    status="warn",
    triage="later",
    risk="data",
    item=("S3.5",),
    source="HTTP Observatory",
    cost="A stranger's page can lay the site under its own buttons and make customers click what they do not see.",
    each=the_canonical_page,
)
async def framing(facts: Facts, url: str) -> Verdict:
    page = await homepage(facts)
    headers = page.response.headers
    ancestors = frame_ancestors(enforced(page)[0])
    evidence = [page.response.describe(), *(f"X-Frame-Options: {line}" for line in headers.all("x-frame-options"))]
    evidence += [f"frame-ancestors {' '.join(values)}" for values in ancestors]
    if any("*" not in values for values in ancestors):
        return passed(url, "frame-ancestors says who may show the page", evidence=evidence)
    if keeps_frames_out(parse_frame_options(headers.all("x-frame-options"))):
        return passed(url, "X-Frame-Options keeps other sites from showing the page", evidence=evidence)
    return warned(
        url,
        "any other site may show the homepage in a frame",
        evidence=evidence,
        fix=sending(page.response, "X-Frame-Options", "SAMEORIGIN")
        + "  Or add to the Content-Security-Policy: frame-ancestors 'self'",
    )


@check(
    "headers.nosniff",
    title="Browsers may guess what a file is",
    when="no X-Content-Type-Options: nosniff",
    status="warn",
    triage="later",
    risk="data",
    item=("S3.5",),
    source="HTTP Observatory",
    cost="An uploaded picture can be run as a script in a customer's browser.",
    each=the_canonical_page,
)
async def nosniff(facts: Facts, url: str) -> Verdict:
    response = (await homepage(facts)).response
    headers = response.headers
    lines = headers.all("x-content-type-options")
    evidence = [response.describe(), *(f"X-Content-Type-Options: {line}" for line in lines)]
    # Fetch standard, "determine nosniff": of a list the first value counts.
    if headers.joined("x-content-type-options").partition(",")[0].strip(" \t").lower() == "nosniff":
        return passed(url, "browsers take files for what the server says", evidence=evidence)
    return warned(
        url,
        "X-Content-Type-Options: nosniff is not sent",
        evidence=evidence,
        fix=sending(response, "X-Content-Type-Options", "nosniff"),
    )


@check(
    "headers.referrer",
    title="Other sites learn which page a visitor came from",
    when="the policy in force (the last known token of the header, else of the meta element) is unsafe-url, origin, "
    "origin-when-cross-origin or no-referrer-when-downgrade; absent or unknown is safe: browsers default to "
    "strict-origin-when-cross-origin",
    status="warn",
    triage="note",
    risk="data",
    item=("S3.5",),
    source="HTTP Observatory",
    cost="Addresses with tokens or names in them are told to every site that the page links to.",
    each=the_canonical_page,
)
async def referrer(facts: Facts, url: str) -> Verdict:
    page = await homepage(facts)
    lines = page.response.headers.all("referrer-policy")
    metas = page.document.meta("referrer")
    evidence = [page.response.describe(), *(f"Referrer-Policy: {line}" for line in lines)]
    evidence += [f"meta referrer: {text}" for text in metas]
    policy = header_policy(lines) or meta_policy(metas)
    if policy not in LEAKY:
        return passed(url, f"the referrer policy is {policy or 'the safe one of browsers'}", evidence=evidence)
    return warned(
        url,
        f"the referrer policy is {policy}",
        evidence=evidence,
        fix=sending(page.response, "Referrer-Policy", "strict-origin-when-cross-origin"),
    )
