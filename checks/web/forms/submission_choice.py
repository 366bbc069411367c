"""Which forms a test submission goes to, and which ones a person has to send: one place for each form of the site."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from checks.facts import Facts, fact
from checks.subject import FormPlan
from checks.web.forms.pages import pages_with_forms
from checks.web.forms.reading import Sending, driven_by_script, is_declared, private_fields, sendings
from checks.web.html import Document, Element, Form
from checks.web.pages import canonical, homepage, redirect_chain
from checks.web.url import first_party, host, resolve

_SEARCH_NAME = re.compile(r"(?:q|s|query|search|search_?(?:query|term|text)?|keywords?|term)\Z", re.IGNORECASE)
_SEARCH_PLACE = re.compile(r"search|suche|find\b", re.IGNORECASE)
_TYPED = frozenset({"", "text", "email", "tel", "url", "search", "number"})
_CAPTCHA = re.compile(
    r"recaptcha|hcaptcha|challenges\.cloudflare\.com/turnstile|friendly-?captcha|mcaptcha|altcha|geetest|arkoselabs",
    re.IGNORECASE,
)
_CAPTCHA_FIELD = re.compile(r"g-recaptcha|h-captcha|cf-turnstile|frc-captcha|captcha", re.IGNORECASE)
_EMBEDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("HubSpot", re.compile(r"hsforms\.(?:net|com)|hbspt\.forms|hs-scripts\.com/.*forms", re.IGNORECASE)),
    ("Typeform", re.compile(r"embed\.typeform\.com", re.IGNORECASE)),
    ("Tally", re.compile(r"tally\.so/widgets", re.IGNORECASE)),
    ("Jotform", re.compile(r"form\.jotform\.com", re.IGNORECASE)),
)
_BY_SCRIPT_ONLY = "a script makes or sends it, so a program without a browser cannot"


@dataclass(frozen=True, slots=True)
class FormTrial:
    """One form, where it stands, and where a submission has to arrive."""

    target: str
    """How findings call it: the page's URL, with a number where the page has several."""
    page: str
    sending: Sending | None = None
    """None where the page shows no form without a browser."""
    plan: FormPlan | None = None
    by_hand: str = ""
    """Why a person has to send it; empty where this program can."""
    trouble: str = ""
    """Why its page could not be looked at."""


@fact
async def form_trials(facts: Facts) -> tuple[FormTrial, ...]:
    """Every form of the homepage, of the pages of declared forms and of routes of the kind "form".

    Login and search forms are left out; a form that several pages share is there once. Raises as `homepage`.
    """
    home, base = await homepage(facts), await canonical(facts)
    documents = dict(await pages_with_forms(facts))
    plans: dict[str, list[FormPlan]] = {home.url: []}
    for plan in facts.subject.forms:
        plans.setdefault((await redirect_chain(facts, resolve(plan.page, base))).url, []).append(plan)
    for route in facts.subject.routes:
        if route.kind == "form" and route.method in ("GET", ""):
            plans.setdefault((await redirect_chain(facts, resolve(route.url, base))).url, [])
    found: list[FormTrial] = []
    for url, declared in plans.items():
        chain = await redirect_chain(facts, url)
        if chain.ended and chain.last.ok:
            found += _of_page(facts, url, documents.get(url), declared, base)
        elif declared:
            found.append(FormTrial(url, url, plan=declared[0], trouble=f"its page gives {chain.evidence[-1]}"))
    return _once(found)


def _of_page(facts: Facts, url: str, document: Document | None, plans: list[FormPlan], base: str) -> list[FormTrial]:
    ways = _ways(document, url) if document else []
    if not ways:
        return [FormTrial(url, url, None, plan, _BY_SCRIPT_ONLY) for plan in plans[:1]]
    assert document is not None  # noqa: S101 - ways come from it
    embedded = _on_page(document)
    forms = [FormTrial(url, url, way, None, embedded or _by_hand(facts, way, document, base)) for way in ways]
    if len(plans) == len(forms):
        forms = [replace(form, plan=plan) for form, plan in zip(forms, plans, strict=True)]
    elif plans:
        # The largest form is the one that a page is there for; a newsletter line in the footer is not.
        largest = max(forms, key=lambda form: len(_typed(form.sending.form)) if form.sending else 0)
        forms = [replace(form, plan=plans[0]) if form is largest else form for form in forms]
    if len(forms) == 1:
        return forms
    return [replace(form, target=f"{url} (form {number})") for number, form in enumerate(forms, 1)]


def _ways(document: Document, url: str) -> list[Sending]:
    """One sending for each form that takes something in; login and search forms aside."""
    chosen: dict[int, Sending] = {}
    for sending in sendings(document, url):
        chosen.setdefault(id(sending.form), sending)
    return [way for way in chosen.values() if not _is_login(way.form) and not _is_search(way) and _typed(way.form)]


def _once(found: Iterable[FormTrial]) -> tuple[FormTrial, ...]:
    """Each form once, by where it sends and what it asks for; the place that has a destination goes first."""
    kept: dict[object, FormTrial] = {}
    for form in found:
        way = form.sending
        key = (way.url, way.method, tuple(f.get("name") for f in _typed(way.form))) if way else form.target
        if key not in kept or (form.plan and not kept[key].plan):
            kept[key] = form
    return tuple(kept.values())


def _typed(form: Form) -> list[Element]:
    """The fields that a person types into."""
    return [
        field
        for field in form.fields
        if field.tag == "textarea" or (field.tag == "input" and field.get("type").lower() in _TYPED)
    ]


def _is_login(form: Form) -> bool:
    return any(field.get("type").lower() == "password" for field in form.fields)


def _is_search(way: Sending) -> bool:
    """Whether a form only finds or filters: it says so, or asks one line by GET."""
    element, typed = way.form.element, _typed(way.form)
    if element.get("role").lower() == "search" or any(field.get("type").lower() == "search" for field in typed):
        return True
    if len(typed) == 1 and (_SEARCH_NAME.match(typed[0].get("name")) or _SEARCH_PLACE.search(urlsplit(way.url).path)):
        return True
    asks = any(f.tag == "textarea" or f.get("type").lower() in ("email", "tel") for f in typed)
    return way.method == "get" and not asks and not private_fields(way.form)


def _on_page(document: Document) -> str:
    """Why no form of the page can be sent by a program: a captcha, or a service's own form."""
    loaded = [f"{script.get('src')} {script.text}" for script in document.scripts]
    loaded += [frame.get("src") for frame in document.frames]
    for text in loaded:
        if match := _CAPTCHA.search(text):
            return f"a captcha guards it ({match[0]})"
        if name := next((name for name, pattern in _EMBEDS if pattern.search(text)), ""):
            return f"{name} makes and sends it"
    return ""


def _by_hand(facts: Facts, way: Sending, document: Document, base: str) -> str:
    """Why a person has to send this form; empty where a program can."""
    form = way.form
    attributes = form.element.attributes
    if any(_CAPTCHA_FIELD.search(f"{field.get('name')} {field.get('class')}") for field in form.fields):
        return "a captcha guards it"
    if any(name.startswith("data-wf-") for name in attributes) or "w-form" in form.element.words("class"):
        return "Webflow's script sends it"
    if any(name.startswith("data-hs-") for name in attributes):
        return "HubSpot makes and sends it"
    if any("cc-" in field.get("autocomplete").lower() for field in form.fields):
        return "it asks for a card"
    if any(f.get("name") == "_method" and f.get("value").upper() == "DELETE" for f in form.fields):
        return "it deletes something"
    if way.method == "dialog":
        return _BY_SCRIPT_ONLY
    if not way.url.startswith(("http:", "https:")):
        return f"it opens another program ({way.url.partition(':')[0]}:) instead of sending"
    # A form with an address and POST works without the script that makes it nicer.
    plain = form.element.get("action") and way.method == "post"
    if driven_by_script(form, document) and not plain:
        return _BY_SCRIPT_ONLY
    if not any(field.get("name") for field in _typed(form)):
        return _BY_SCRIPT_ONLY
    if not first_party(way.url, facts.subject, base):
        place = host(way.url)
        if not is_declared(place, facts.subject):
            return f"it sends to {place}, which is not declared (action_hosts), so no test goes there"
    return ""
