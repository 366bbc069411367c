"""For whom a key is that stands in a page: told by its kind and by the name that it has there.

In a repository, a random value under the name of a token is a secret until shown otherwise. In a page it is one where
its name says that it belongs to the server: most of what pages call a key or a token is made for browsers.
"""

from __future__ import annotations

import re
from enum import Enum

from checks.repo.secrets import Hit
from checks.repo.secrets.context import name_at


class Purpose(Enum):
    """Who is meant to have a key."""

    SERVER = "the server alone"
    BROWSERS = "every visitor"
    UNKNOWN = "nothing says who"


_BY_NAME = frozenset(
    {"generic-secret", "algolia-admin-key", "meilisearch-key", "typesense-key", "aws-appsync-key", "razorpay-key-id"}
)
"""Rules for what may stand in a page or may not, as its name says."""
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
_REACH = 300


def purpose_of(hit: Hit, page: bytes) -> Purpose:
    """Say for whom the key is that was found in `page`."""
    before = page[max(0, hit.offset - _REACH) : hit.offset]
    name = name_at(page, hit.offset)
    if hit.rule in _BY_NAME | _LOOKALIKES and _PUT_THERE.search(before):
        return Purpose.BROWSERS
    if hit.rule in _LOOKALIKES:
        return Purpose.BROWSERS if _OF_BROWSERS.search(name) else Purpose.SERVER
    if hit.rule == "jwt" and hit.status == "warn":
        # Of a token that names no role nothing says what it opens.
        return Purpose.UNKNOWN
    if hit.rule not in _BY_NAME:
        return Purpose.SERVER
    if _PER_VISITOR.search(name):
        return Purpose.BROWSERS
    if _OF_THE_SERVER.search(_OF_BROWSERS.sub(b"", name)):
        return Purpose.SERVER
    return Purpose.BROWSERS if _OF_BROWSERS.search(name) else Purpose.UNKNOWN
