"""The grammar of a form: where it sends what is filled in, how, and what it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.subject import Subject
from checks.web.html import Document, Element, Form
from checks.web.url import resolve

_SUBMITS = frozenset({"submit", "image"})
_MAIL_NAME = re.compile(r"(?:^|[^a-z])e?-?mail(?:$|[^a-z])|email", re.IGNORECASE)
_MAIL_WORD = re.compile(
    r"\A(?:(?:enter )?(?:your|work|business) )?e-?mail(?:[ -]?add?ress\w*)?\s*(?:\*|:|\Z)|\A\S+@\S+\.\w{2,}\Z",
    re.IGNORECASE,
)
"""What a field says beside itself where it asks for a mail address."""
_SENT_BY_SCRIPT = re.compile(
    r"hx-(?:post|put|patch)\Z|data-hx-(?:post|put|patch)\Z|@submit|v-on:submit|x-on:submit|\(?ng-?submit|data-remote|"
    r"wire:submit|phx-submit|data-ajax|data-wf-|data-hs-",
    re.IGNORECASE,
)
"""Attributes by which a script sends the form, whatever method is written."""
_MAYBE_BY_SCRIPT = re.compile(
    r"hx-|data-hx-|data-netlify|netlify|data-controller|data-action|up-submit|data-turbo", re.IGNORECASE
)
"""Attributes of scripts that often do, where no method is written."""
_HELD_BACK = re.compile(r"preventDefault|return\s+false|return\s*!\s*1", re.IGNORECASE)
_ONLY_LOOKS = re.compile(r"valid|check|verify|confirm|required", re.IGNORECASE)
"""Names of handlers that look at what was typed, and then let the form go its way."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One way in which a form sends: by itself, or by a button that says otherwise."""

    url: str
    """Absolute; may be of another scheme than http and https."""
    method: str
    """ "get", "post" or "dialog"."""
    form: Form


def sendings(document: Document, url: str) -> tuple[Sending, ...]:
    """Every place that the forms of the page at `url` send to (HTML standard, "form submission algorithm")."""
    found = {
        (sending.url, sending.method, index): sending
        for index, form in enumerate(document.forms)
        for sending in _of_form(form, url, document.base_url(url))
    }
    return tuple(found.values())


def _of_form(form: Form, url: str, base: str) -> Iterator[Sending]:
    written = form.element.get("action")
    action = resolve(written, base) if written else url
    submits = [f for f in form.fields if _submits(f)]
    overriding = [b for b in submits if b.get("formaction") or b.get("formmethod")]
    if len(overriding) < len(submits) or not submits:
        yield Sending(action, form.method, form)
    for button in overriding:
        target = resolve(button.get("formaction"), base) if button.get("formaction") else action
        method = button.get("formmethod").lower() or form.method
        yield Sending(target, method if method in ("post", "dialog") else "get", form)


def _submits(element: Element) -> bool:
    kind = element.get("type").lower()
    return kind in _SUBMITS or (element.tag == "button" and kind not in ("button", "reset"))


def private_fields(form: Form) -> tuple[str, ...]:
    """The fields that ask for a password or a mail address, as they are called."""
    return tuple(
        field.get("name") or field.get("id") or field.get("type")
        for field in form.fields
        if field.tag in ("input", "textarea") and _is_private(field)
    )


def _is_private(field: Element) -> bool:
    kind = field.get("type").lower()
    if kind in ("password", "email"):
        return True
    if kind in ("hidden", "checkbox", "radio", "submit", "button", "image", "reset", "file"):
        return False
    said = (field.get("placeholder"), field.get("aria-label"))
    return (
        bool(_MAIL_NAME.search(field.get("name")))
        or "email" in field.words("autocomplete")
        or any(_MAIL_WORD.search(text) for text in said)
    )


def driven_by_script(form: Form, document: Document) -> bool:
    """Whether a script is likely to send the form, so that its attributes say nothing of how.

    That is so where an attribute says it, and where it names neither an action nor a method on a page with scripts. A
    method that is written holds unless a script surely stops the form.
    """
    attributes = form.element.attributes
    handler = form.element.get("onsubmit")
    if any(_SENT_BY_SCRIPT.match(name) for name in attributes) or _HELD_BACK.search(handler):
        return True
    if "method" in attributes:
        return False
    if any(_MAYBE_BY_SCRIPT.match(name) for name in attributes) or (handler and not _ONLY_LOOKS.search(handler)):
        return True
    return "action" not in attributes and bool(document.scripts)


def is_declared(place: str, subject: Subject) -> bool:
    """Whether a host is of another organisation that the user named as a receiver of the site's forms."""
    declared = {name.lower() for plan in subject.forms for name in plan.action_hosts}
    return any(place == name or place.endswith(f".{name}") for name in declared)
