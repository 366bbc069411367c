"""For whom a key is that stands in a page: told by its kind and by the name that it has there.

In a repository, a random value under the name of a token is a secret until shown otherwise. In a page it is one where
its name says that it belongs to the server: most of what pages call a key or a token is made for browsers.
"""

from __future__ import annotations

import re
from enum import Enum

from checks.repo.secrets import Hit
from checks.repo.secrets.context import name_at
from checks.repo.secrets.structure import GOOGLE_ON_SERVERS, GOOGLE_REACH


class Purpose(Enum):
    """Who is meant to have a key."""

    SERVER = "the server alone"
    BROWSERS = "every visitor"
    UNKNOWN = "nothing says who"


_BY_NAME = frozenset({
    "generic-secret", "algolia-admin-key", "meilisearch-key", "typesense-key", "aws-appsync-key", "razorpay-key-id",
    "rollbar-token", "alchemy-key", "openweather-key", "etherscan-key", "unleash-token", "gitlab-feature-flag-token",
    "aws-secret-access-key",
})  # fmt: skip
"""Rules for what may stand in a page or may not, as its name says."""
_FOR_PAGES = frozenset({
    "bugsnag-key", "segment-write-key", "airbrake-key", "raygun-key", "loggly-token", "contentful-delivery-token",
    "storyblok-token", "configcat-key", "configcat-old-key", "devcycle-client-key",
})  # fmt: skip
"""Rules for what its service makes for pages, unless its name says otherwise."""
_LOOKALIKES = frozenset({"mollie-key", "lob-key"})
"""Rules whose shape other services' publishable keys have as well."""
_OF_BROWSERS = re.compile(
    rb"(?i)public|publishable|client[_\-. ]?(?:key|token)|search|storefront|anon|site[_\-. ]?key|vapid|"
    rb"application[_\-. ]?server[_\-. ]?key"
)
_PER_VISITOR = re.compile(rb"(?i)csrf|xsrf|nonce|authenticity|verification|form_?token")
"""Names of what every visitor is given anew, to send it back with a form."""
_OF_THE_SERVER = re.compile(
    rb"(?i)secret|passw|passphrase|pwd|private|admin|master|server|service[_\-. ]?(?:role|account|key)|signing|encrypt|"
    rb"webhook|smtp|database|refresh"
)
_PUT_THERE = re.compile(rb"(?i)(?:data-cf-beacon|shopify-features|[\"']_token[\"'])[^<]{0,200}$|\bpk_$")
"""What stands before a key that a service or a framework puts into pages by itself."""
_AWS = re.compile(rb"(?i)aws|amazon|secret|\bs3|bucket")
"""Names of a secret access key; its shape alone is that of many a token."""
_GOOGLE_IN_PAGES = re.compile(rb"(?i)places|geocod|youtube|recaptcha|gapi|bootstrapURLKeys|\bLoader\(")
"""What stands before a Google key for pages, besides Maps and Firebase, whose keys are told as public already."""
_REACH = 300


def purpose_of(hit: Hit, page: bytes) -> Purpose:
    """Say for whom the key is that was found in `page`."""
    before = page[max(0, hit.offset - _REACH) : hit.offset]
    name = name_at(page, hit.offset)
    if hit.rule in _BY_NAME | _LOOKALIKES and _PUT_THERE.search(before):
        return Purpose.BROWSERS
    if hit.rule in _LOOKALIKES:
        return Purpose.BROWSERS if _OF_BROWSERS.search(name) else Purpose.SERVER
    if hit.rule == "google-api-key":
        return _of_google(before[-GOOGLE_REACH:])
    if hit.rule == "jwt" and hit.status == "warn":
        # Of a token that names no role nothing says what it opens.
        return Purpose.UNKNOWN
    if hit.rule not in _BY_NAME | _FOR_PAGES or (hit.rule == "aws-secret-access-key" and _AWS.search(name)):
        return Purpose.SERVER
    if _PER_VISITOR.search(name):
        return Purpose.BROWSERS
    if _OF_THE_SERVER.search(_OF_BROWSERS.sub(b"", name)):
        return Purpose.SERVER
    return Purpose.BROWSERS if hit.rule in _FOR_PAGES or _OF_BROWSERS.search(name) else Purpose.UNKNOWN


def _of_google(before: bytes) -> Purpose:
    if GOOGLE_ON_SERVERS.search(before):
        return Purpose.SERVER
    return Purpose.BROWSERS if _GOOGLE_IN_PAGES.search(before) else Purpose.UNKNOWN
