"""Keys of services that pages and apps speak to: one for everybody to see and one that is a secret look the same."""

from __future__ import annotations

import re

from checks.repo.secrets.likely import is_hex
from checks.repo.secrets.structure import Judgement, named, random_text_named

_SHIPPED = re.compile(
    rb"(?:NEXT_PUBLIC|NUXT_PUBLIC|EXPO_PUBLIC|PUBLIC|VITE|REACT_APP|VUE_APP|NG_APP|GATSBY)_([A-Z0-9_]{1,60})"
    rb"[\"'`\]]{0,2}[ \t]{0,4}(?:[=:,]|\|\|?|\?\?)[ \t]{0,4}[^\s]{0,80}$"
)
"""A name that a build tool puts into what the browser gets, what is set to it, and no more than the value after it."""
_SEARCHES = re.compile(rb"(?i)^(?:[a-z]+_){0,2}search[_\-]?(?:only[_\-]?)?(?:api[_\-]?)?key$")
_OF_A_PAGE = re.compile(rb"^search(?:Only)?(?:Api)?Key$")
"""How InstantSearch's and DocSearch's own manuals call theirs."""
_DELIVERS = re.compile(rb"(?is)contentful(?!.*(?:preview|management)).*access_?token")
"""How a client of Contentful is made for what is published."""
_OF_NODES = re.compile(rb"(?i)infura|alchemy|quicknode|ankr|etherscan|moralis")
"""Who lends pages a node of a chain, by a key that is limited to their addresses."""


def shipped_name(value: bytes, context: bytes) -> bytes:
    """The rest of the name under which a build tool ships the value to browsers; empty where it does not."""
    name = _SHIPPED.search(context[: context.find(value)].rpartition(b"\n")[2])
    return name[1] if name else b""


def of_a_page(name: bytes, value: bytes, context: bytes) -> Judgement:
    """Whether a name alone says that pages show the value: PUBLIC or WEAK; LIVE where it says no such thing."""
    shipped = shipped_name(value, context)
    if shipped and _OF_NODES.search(shipped):
        return Judgement.WEAK
    if len(value) == 43 and _DELIVERS.search(context):
        return Judgement.WEAK
    if len(value) == 32 and is_hex(value) and _SEARCHES.search(shipped or name):
        return Judgement.PUBLIC if shipped or _OF_A_PAGE.search(name) else Judgement.WEAK
    return Judgement.LIVE


@named("algolia")
def algolia(value: bytes, context: bytes) -> Judgement:
    """A key of Algolia that a page gets is hardly another one than that which may search."""
    told = random_text_named(value, context)
    shipped = shipped_name(value, context)
    return Judgement.WEAK if told is Judgement.LIVE and shipped and b"ADMIN" not in shipped else told


@named("contentful")
def contentful(value: bytes, context: bytes) -> Judgement:
    """Contentful's delivery tokens read what is published; one for previews or for management does more."""
    told = random_text_named(value, context)
    before = context[: context.find(value)].rpartition(b"\n")[2]
    return told if re.search(rb"(?i)preview|management|cma", before) or told is not Judgement.LIVE else Judgement.WEAK


@named("node")
def node(value: bytes, context: bytes) -> Judgement:
    """A key in the address of a node; that of a page is a doubtful one."""
    return Judgement.WEAK if shipped_name(value, context) else Judgement.LIVE
