"""Every form of the named pages: what it asks for, how it is guarded, and where it sends what is typed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass

from checks.facts import Facts, fact
from checks.web.forms.pages import pages_with_forms
from checks.web.forms.reading import Sending, is_declared, sendings
from checks.web.forms.submission_fields import Control, controls
from checks.web.html import Document
from checks.web.pages import canonical, redirect_chain, style_sheets
from checks.web.url import first_party, host

_CSRF = re.compile(
    r"csrf|xsrf|authenticity_?token|requestverificationtoken|form_?build_?id|form_?token|^_?token$|^_?wpnonce$",
    re.IGNORECASE,
)
"""Names of fields and metas that carry a token against forged requests."""
_TYPED_KINDS = frozenset({"button", "submit", "reset", "image", "hidden"})


@dataclass(frozen=True, slots=True)
class FormSeen:
    """One way in which a form sends."""

    page: str
    number: int
    """Which form of its page it is, from 1."""
    method: str
    """ "get", "post" or "dialog"."""
    action: str
    """Absolute."""
    sends_to: str
    """Whose place that is, in words."""
    fields: tuple[str, ...]
    """Names of what people fill in, with a star where it is required."""
    csrf: str
    """Where its token against forged requests stands; empty where none was seen."""
    traps: tuple[str, ...]
    """Names of fields that only programs would fill in."""

    def describe(self) -> str:
        """One line of evidence."""
        asks = f"asks for {', '.join(self.fields)}" if self.fields else "asks for nothing by name"
        guards = [f"CSRF token {self.csrf}" if self.csrf else "no CSRF token"] if self.method == "post" else []
        guards += [f"trap for programs: {', '.join(self.traps)}"] if self.traps else []
        return "; ".join([f"{self.method.upper()} to {self.action} ({self.sends_to})", asks, *guards])


@fact
async def form_inventory(facts: Facts) -> tuple[FormSeen, ...]:
    """Every form of the pages that are looked at, page by page. Raises as `homepage`."""
    base = await canonical(facts)
    styles = [sheet.text for sheet in await style_sheets(facts)]
    found: list[FormSeen] = []
    for url, document in await pages_with_forms(facts):
        texts = [*styles, *(style.text for style in document.styles)]
        chain = await redirect_chain(facts, url)
        every = await asyncio.to_thread(controls, chain.last.text, texts) if chain.hops else ()
        found += _of_page(facts, url, document, every, base)
    return tuple(found)


def _of_page(
    facts: Facts, url: str, document: Document, every: tuple[tuple[Control, ...], ...], base: str
) -> Iterable[FormSeen]:
    for sending in sendings(document, url):
        index = next(place for place, form in enumerate(document.forms) if form is sending.form)
        found = every[index] if index < len(every) else ()
        yield FormSeen(
            page=url,
            number=index + 1,
            method=sending.method,
            action=sending.url,
            sends_to=whose(facts, sending, base),
            fields=tuple(_asked(found)),
            csrf=_csrf(found, document),
            traps=tuple(dict.fromkeys(control.name for control in found if control.unseen and control.name)),
        )


def whose(facts: Facts, sending: Sending, base: str) -> str:
    """Whose place a form sends to, in words."""
    if sending.method == "dialog":
        return "nowhere: it closes a window"
    if not sending.url.startswith(("http:", "https:")):
        return "another program"
    if first_party(sending.url, facts.subject, base):
        return "the site itself"
    place = host(sending.url)
    if is_declared(place, facts.subject):
        return f"{place}, declared"
    return f"{place}, not declared"


def _asked(found: Iterable[Control]) -> Iterable[str]:
    """Names in the order of the page, each once."""
    names: dict[str, bool] = {}
    for control in found:
        if control.name and not control.unseen and control.kind not in _TYPED_KINDS:
            names[control.name] = names.get(control.name, False) or control.required
    return (f"{name}*" if required else name for name, required in names.items())


def _csrf(found: Iterable[Control], document: Document) -> str:
    hidden = (control.name for control in found if control.kind == "hidden")
    if name := next((name for name in hidden if _CSRF.search(name)), ""):
        return name
    metas = (meta.get("name") for meta in document.metas)
    return next((f"meta {name}" for name in metas if _CSRF.search(name) and "param" not in name.lower()), "")
