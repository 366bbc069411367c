"""What a person would fill into a form, marked as a test: values by kind, name and limits of each control."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from checks.web.forms.submission_fields import Control

SENTENCE = "This is a test of the form before launch; it needs no answer."
FILLED_KINDS = frozenset({"text", "textarea", "email"})
"""Kinds of control that can carry the mark."""

_BUTTONS = frozenset({"button", "reset", "submit", "image"})
_AGREES = re.compile(r"agree|accept|consent|terms|privacy|gdpr|dsgvo|policy|opt.?in", re.IGNORECASE)
_BY_NAME: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), value)
    for pattern, value in (
        (r"phone|mobile|\btel", "+12025550123"),
        (r"zip|postal|postcode|plz", "10115"),
        (r"country", "Germany"),
        (r"city|town|ort\b", "Berlin"),
        (r"street|address.?line|\baddress", "1 Test Street"),
        (r"company|organi[sz]ation|firma", "Launch Check"),
        (r"first|given|vorname", "Launch"),
        (r"last|family|surname|nachname", "Check"),
        (r"full.?name|\bname\b|your.?name", "Launch Check"),
    )
)
_NOT_YET = re.compile(r"preview|draft|cancel|delete|remove|reset|back\b|abbrechen", re.IGNORECASE)
_MAIL = re.compile(r"e-?mail", re.IGNORECASE)
_WEB = re.compile(r"website|homepage|\burl\b", re.IGNORECASE)
_PHONES = ("+12025550123", "2025550123", "202-555-0123", "00120255501")


class CannotFill(Exception):
    """A person must fill this form in; the text says why."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The form's data in the order of its controls, and in which control the mark stands."""

    pairs: tuple[tuple[str, str], ...]
    carrier: str
    files: frozenset[str] = frozenset()
    """Names of file controls, which are sent empty."""


def mark(nonce: str) -> str:
    """How a submission says that it is a test."""
    return f"[launch-check] {nonce}"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A mistake that a visitor makes: this value in the control of this name."""

    name: str
    value: str
    what: str
    """The mistake in words: "without its required field mail"."""


def fill(found: Iterable[Control], nonce: str, address: str, *, wrong: Wrong | None = None) -> Filled:
    """Fill in what a person sees, keep what is hidden, leave traps empty.

    Args:
        address: a mail address of the site's own; where nothing else can carry the mark, it does.
        wrong: a mistake to make.

    Raises CannotFill.
    """
    enabled = [control for control in found if "disabled" not in control.attributes]
    every = [control for control in enabled if control.name]
    carrier = carrier_of(every, nonce)
    if carrier is None:
        raise CannotFill("it has no field that could carry the mark of a test")
    pairs: list[tuple[str, str]] = []
    for control in every:
        if control.kind in _BUTTONS:
            continue
        if wrong is not None and control.name == wrong.name and control.kind != "hidden":
            pairs.append((control.name, wrong.value))
        elif control.kind == "radio":
            pairs += _radio(control, every)
        else:
            pairs += [(control.name, value) for value in _values(control, nonce, address, carrier)]
    pairs += _button(enabled)
    return Filled(tuple(pairs), carrier.name, frozenset(c.name for c in every if c.kind == "file"))


def carrier_of(found: Iterable[Control], nonce: str) -> Control | None:
    """The control that takes the mark: a long text, else a free line, else a name, else the mail address."""
    able = [c for c in found if c.name and not c.unseen and c.kind in FILLED_KINDS and _limit(c) >= len(nonce)]

    def rank(control: Control) -> int:
        if control.tag == "textarea":
            return 0
        if _is_mail(control):
            return 3
        special = _named(control) or _WEB.search(control.name) or control.get("pattern")
        return (2 if re.search("name|company", control.name, re.IGNORECASE) else 9) if special else 1

    ranked = sorted((control for control in able if rank(control) < 9), key=rank)
    return ranked[0] if ranked else None


def mistakes(found: Iterable[Control], nonce: str) -> list[Wrong]:
    """What a site must refuse: a required control left empty, and a mail address that is none."""
    fits = ("text", "textarea", "email", "tel", "url", "number", "date", "select")
    every = list(found)
    carrier = carrier_of(every, nonce)
    able = [c for c in every if c.name and c.required and not c.unseen and c.kind in fits]
    made = [Wrong(c.name, "", f"without its required field {c.name}") for c in sorted(able, key=lambda c: c is carrier)]
    asked = [c for c in every if c.name and not c.unseen and _is_mail(c)]
    bad = [Wrong(c.name, f"{nonce}.example", f"with a mail address without an @ in {c.name}") for c in asked]
    return [*made[:1], *bad[:1]]


def _values(control: Control, nonce: str, address: str, carrier: Control) -> list[str]:
    kind = control.kind
    if kind == "hidden":
        return [control.attributes.get("value", "")]
    if control.unseen:
        return [] if kind == "checkbox" else [control.attributes.get("value", "")]
    if kind == "checkbox":
        wanted = "checked" in control.attributes or control.required or _AGREES.search(control.name)
        return [control.attributes.get("value", "on")] if wanted else []
    if kind == "select":
        return _selected(control)
    if kind == "file":
        if control.required:
            raise CannotFill(f"it wants a file ({control.name})")
        return [""]
    return [_fitting(control, _text(control, nonce, address, carrier), nonce)]


def _text(control: Control, nonce: str, address: str, carrier: Control) -> str:
    kind = control.kind
    if _is_mail(control):
        local, _, domain = address.partition("@")
        return f"{local}+{nonce}@{domain}" if control is carrier else address
    if control.tag == "textarea":
        return f"{mark(nonce)} {SENTENCE}" if control is carrier else SENTENCE
    if kind in ("number", "range"):
        return control.get("min") or "1"
    if kind in ("date", "month", "week", "time", "datetime-local"):
        return _moment(control, kind)
    if kind == "color":
        return control.get("value") or "#336699"
    if kind == "tel":
        return _phone(control)
    if kind == "url" or _WEB.search(control.name):
        # A line for a website that nobody must fill in is a common trap.
        return f"https://{address.partition('@')[2]}/" if control.required else ""
    if control is carrier:
        # Rules for names refuse brackets; the word and the letters of the nonce pass.
        named = re.search("name|company", control.name, re.IGNORECASE)
        return f"Launch-check {nonce}" if named else mark(nonce)
    return _named(control) or "Launch check"


def _fitting(control: Control, value: str, nonce: str) -> str:
    """The value within the control's limits. Raises CannotFill."""
    limit, least = _limit(control), _number(control.get("minlength"), 0)
    if len(value) > limit:
        value = nonce if nonce in value and not _is_mail(control) else value[:limit]
    if value and len(value) < least <= limit:
        value = (value + " test" * (least // 5 + 1))[:least]
    pattern = control.get("pattern")
    if value and pattern and _refuses(pattern, value):
        if control.get("value") and not _refuses(pattern, control.get("value")):
            return control.get("value")
        if control.required:
            raise CannotFill(f"it wants {control.name} in a form of its own")
        return ""
    return value


def _refuses(pattern: str, value: str) -> bool:
    """Whether a control's pattern surely refuses the value. One with groups is not run: it may take for ever."""
    if len(pattern) > 100 or "(" in pattern:
        return False
    try:
        return re.fullmatch(pattern, value[:200]) is None
    except (re.error, OverflowError):
        return False


def _phone(control: Control) -> str:
    pattern = control.get("pattern")
    return next((number for number in _PHONES if not pattern or not _refuses(pattern, number)), _PHONES[0])


def _selected(control: Control) -> list[str]:
    open_ones = [option for option in control.options if not option.disabled]
    chosen = [option.value for option in open_ones if option.selected and option.value]
    if chosen:
        return chosen
    first = next((option.value for option in open_ones if option.value), "")
    return [first] if first else ([open_ones[0].value] if open_ones and "multiple" not in control.attributes else [])


def _radio(control: Control, every: list[Control]) -> list[tuple[str, str]]:
    """A group has one value: the checked one, else its first; told at its first member."""
    group = [c for c in every if c.kind == "radio" and c.name == control.name]
    if group[0] is not control or all(c.unseen for c in group):
        return []
    chosen = next((c for c in group if "checked" in c.attributes), group[0])
    return [(chosen.name, chosen.attributes.get("value", "on"))]


def _button(every: list[Control]) -> list[tuple[str, str]]:
    """The button that a visitor means: the first that neither leads elsewhere nor says that nothing is sent yet.

    Where none is such a button, it is the first, which Enter presses (HTML standard, "default button").
    """
    buttons = [control for control in every if control.kind in ("submit", "image")]
    plain = [c for c in buttons if not (c.get("formaction") or c.get("formmethod"))] or buttons
    meant = [c for c in plain if not _NOT_YET.search(f"{c.name} {c.attributes.get('value', '')}")] or plain
    if not meant:
        return []
    button = meant[0]
    if button.kind == "image":
        before = f"{button.name}." if button.name else ""
        return [(f"{before}x", "1"), (f"{before}y", "1")]
    return [(button.name, button.attributes.get("value", ""))] if button.name else []


def _moment(control: Control, kind: str) -> str:
    day = datetime.now(UTC) + timedelta(days=7)
    formats = {"date": "%Y-%m-%d", "month": "%Y-%m", "week": "%G-W%V", "time": "10:00"}
    value = day.strftime(formats.get(kind, "%Y-%m-%dT10:00"))
    least, most = control.get("min"), control.get("max")
    return least if least and value < least else most if most and value > most else value


def _named(control: Control) -> str:
    said = f"{control.name} {control.get('autocomplete')}".replace("_", " ").replace("-", " ")
    return next((value for pattern, value in _BY_NAME if pattern.search(said)), "")


def _is_mail(control: Control) -> bool:
    return control.kind == "email" or (control.kind == "text" and bool(_MAIL.search(control.name)))


def _limit(control: Control) -> int:
    return _number(control.get("maxlength"), 10_000)


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise
