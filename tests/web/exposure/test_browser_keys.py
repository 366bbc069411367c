"""For whom the keys in pages are: the same values that are secrets in a repository."""

from __future__ import annotations

import hashlib

import pytest

from checks.repo.secrets import find_in_text
from checks.web.exposure.browser_keys import Purpose, purpose_of
from tests.web.site_under_test import REAL_PAGE, Site, html

HEX = hashlib.md5(b"a key", usedforsecurity=False).hexdigest()
MIXED = "".join(f"{chr(97 + n * 7 % 26)}{chr(65 + n * 11 % 26)}{n * 3 % 10}" for n in range(14))
"""Random enough for the rules, and the same in every run."""
GOOGLE = "AI" + "za" + MIXED[:35]
"""One kind of key for maps in pages and for what only servers may call."""


@pytest.mark.parametrize(
    ("code", "purpose"),
    [
        (f'JWT_SECRET:"{MIXED}"', Purpose.SERVER),
        (f'NEXT_PUBLIC_ADMIN_TOKEN:"{MIXED}"', Purpose.SERVER),
        (f'algolia={{adminApiKey:"{HEX}"}}', Purpose.SERVER),
        (f'k="live_{MIXED[:30]}"', Purpose.SERVER),
        (f'siteSearchApiKey:"{HEX}"', Purpose.BROWSERS),
        (f'applicationServerKey:"{MIXED}"', Purpose.BROWSERS),
        (f'storefrontAccessToken:"{HEX}"', Purpose.BROWSERS),
        (f'window.__CSRF_TOKEN__="{MIXED}"', Purpose.BROWSERS),
        (f'<input type="hidden" name="_token" value="{MIXED}">', Purpose.BROWSERS),
        (f'<script data-cf-beacon=\'{{"token": "{HEX}"}}\'></script>', Purpose.BROWSERS),
        (f'clientKey:"live_{MIXED[:30]}"', Purpose.BROWSERS),
        (f'Bugsnag.start({{apiKey:"{HEX}"}})', Purpose.UNKNOWN),
        (f'acmeToken:"{HEX}"', Purpose.UNKNOWN),
        (f'bugsnagApiKey:"{HEX}"', Purpose.BROWSERS),
        (f'NEXT_PUBLIC_ROLLBAR_ACCESS_TOKEN:"{HEX}"', Purpose.BROWSERS),
        (f'rollbarToken:"{HEX}"', Purpose.UNKNOWN),
        (f'accessToken:"{MIXED[:40]}"', Purpose.UNKNOWN),
        (f'awsSecretAccessKey:"{MIXED[:40]}"', Purpose.SERVER),
        (f'googlePlacesKey:"{GOOGLE}"', Purpose.BROWSERS),
        (f'new GoogleGenerativeAI("{GOOGLE}")', Purpose.SERVER),
        (f'apiKey:"{GOOGLE}"', Purpose.UNKNOWN),
    ],
)
def test_the_name_says_for_whom_a_key_is(code: str, purpose: Purpose) -> None:
    page = f"(()=>{{{code}}})();".encode()
    hits = find_in_text(page)
    assert hits, "without the page it would be a secret"
    assert {purpose_of(hit, page) for hit in hits} == {purpose}


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (f'<input type="hidden" name="_token" value="{MIXED}">', "pass"),
        (f'<script>Bugsnag.start({{apiKey:"{HEX}"}})</script>', "info"),
        (f'<script>Bugsnag.start({{apiKey:"{HEX}"}});const dbPassword="{MIXED}"</script>', "fail"),
    ],
)
async def test_what_the_page_is_said_to_hold(site: Site, code: str, status: str) -> None:
    await site.serve(lambda request: html(REAL_PAGE + code))
    finding = (await site.look("exposure.bundle-secret")).only
    assert finding.status == status
    assert (HEX[:4] in "".join(finding.evidence)) == (status == "info")
