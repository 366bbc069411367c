"""The grammar of answers to a submission: refused in plain sight, taken, or sent on to an error."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from checks.network import Response
from checks.web.html import Document, Form, parse
from checks.web.redirects import HTML_TYPES

Outcome = Literal["broken", "refused", "accepted"]

_ERROR_WORD = re.compile(
    r"(?:[\w-]+[-_])?(?:error|errors|fail|failed|failure|fehler|exception|404|500|not-?found|oops|went-?wrong)"
    r"(?:[-_.]?page)?(?:\.\w{2,5})?\Z",
    re.IGNORECASE,
)
_ERROR_NAME = re.compile(r"(?:form|contact|submit|send|mail)?[-_]?(?:error|errors|err|failed|failure)\Z", re.IGNORECASE)
_STATE_NAME = re.compile(r"(?:form|contact|mail)?[-_]?(?:success|sent|ok|submitted)\Z", re.IGNORECASE)
_STATE_VALUE = re.compile(r"(?:form|contact)?[-_]?(?:error|errors|failed|failure|fail)\Z", re.IGNORECASE)
_GOOD = ("ok", "success", "sent", "accepted", "valid")
"""Keys of a JSON answer whose false says that nothing was taken."""
_NO = frozenset({"0", "false", "no"})
_ERROR_CLASS = re.compile(
    r"""class\s*=\s*["']?[^"'>]*\b(?:alert-danger|alert-error|is-invalid|has-error|field_with_errors|errorlist|"""
    r"""form-error|field-error|error-message|error_message|invalid-feedback|validation-error|wpcf7-not-valid-tip)\b|"""
    r"""aria-invalid\s*=\s*["']?true|role\s*=\s*["']?alert""",
    re.IGNORECASE,
)
"""Marks by which frameworks show an error on a page."""
_SORRY = re.compile(
    r"something went wrong|went wrong|an? error (?:has )?occurred|could not be (?:sent|processed|submitted)|"
    r"(?:was|were) not sent|failed to send|sending failed|try again later|"
    r"please (?:correct|fix|fill in|complete|enter)|is required|(?:not|in)(?: a)? ?valid|ist ein fehler|"
    r"fehlgeschlagen|bitte (?:\w+ ){0,3}(?:ausf|korrig)|une erreur|champ obligatoire|ha ocurrido un error|"
    r"campo obligatorio|si è verificato un errore",
    re.IGNORECASE,
)
_ERROR_TITLE = re.compile(r"\A\W*(?:(?:an? |internal |server )*error|oops|sorry|fehler|erreur)\b", re.IGNORECASE)
_THANKS = re.compile(r"thank|received|success|danke|merci|gracias|grazie|obrigad", re.IGNORECASE)
_SHORT = 400
"""Characters of text up to which a page is one message."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a submission was answered. `said` is a clause for people: "answers 500"."""

    outcome: Outcome
    said: str


def judge(answers: Sequence[Response], form: Form, nonce: str, before: str = "") -> Answer:
    """Tell how the site took a submission, from every answer on its way. "accepted" is no proof that it arrived.

    Args:
        before: the page as it was before the form was sent.
    """
    first, last = answers[0], answers[-1]
    sent_on = len(answers) > 1
    if last.status >= 400:
        said = f"sends on to {last.url}, which answers {last.status}" if sent_on else f"answers {last.status}"
        return Answer("broken", said)
    led = [answer.headers.get("location").partition("#")[2] for answer in answers]
    if any(map(_ERROR_WORD.match, led)) or any(names_error(answer.url) for answer in answers[1:]):
        return Answer("broken", f"sends on to an error page ({last.url})")
    if problem := _refusal_in(last, form, nonce, before):
        return Answer("refused", f"answers {first.status}, {problem}")
    return Answer("accepted", f"answers {first.status}" + (f", then {last.status} at {last.url}" if sent_on else ""))


def names_error(url: str) -> bool:
    """Whether an address says by itself that it tells of an error: /error, ?error=1, ?sent=0, ?status=failed."""
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return False
    if any(_ERROR_WORD.match(segment) for segment in parts.path.split("/")):
        return True
    return any(
        (_ERROR_NAME.match(name) and value.lower() not in _NO)
        or (_STATE_NAME.match(name) and value.lower() in _NO)
        or _STATE_VALUE.match(value)
        for name, value in pairs
    )


def has_a_word(response: Response) -> bool:
    """Whether an answer shows its reader anything at all."""
    if response.media_type in HTML_TYPES:
        document = parse(response.text)
        return bool(re.search(r"\w{2}", document.text))
    return bool(re.search(r"[^\W\d_]{2}", response.text))


def _refusal_in(response: Response, form: Form, nonce: str, before: str) -> str:
    """How a page that answers well says that it took nothing; empty where it does not say so."""
    if "json" in response.media_type:
        return _json_refusal(response.text)
    if response.media_type not in HTML_TYPES:
        return ""
    document = parse(response.text)
    if _same_form(document, form) is None:
        return _sorry(document)
    if _marks(response.text) > _marks(before):
        return "with the form shown again and fields marked as wrong"
    if _filled_again(response.text, nonce):
        return "with the form shown again as it was filled in"
    word = _SORRY.search(document.text)
    if word and not _THANKS.search(document.text) and not _SORRY.search(parse(before).text):
        return f"with the form shown again and the words {word[0]!r}"
    return ""


def _marks(page: str) -> int:
    return sum(1 for _ in _ERROR_CLASS.finditer(page))


def _filled_again(page: str, nonce: str) -> bool:
    """Whether what was typed stands in the form again; a word of thanks may quote it elsewhere."""
    value = re.escape(nonce)
    return bool(
        re.search(rf"""value\s*=\s*(?:"[^"<>]*{value}|'[^'<>]*{value}|{value})|<textarea[^>]*>[^<]*{value}""", page)
    )


def _sorry(document: Document) -> str:
    """The words by which a page without the form says that something failed."""
    if _THANKS.search(document.text):
        return ""
    heads = [document.title, *(heading.text for heading in document.headings if heading.tag == "h1")]
    for head in heads:
        if _ERROR_TITLE.search(head) or _SORRY.search(head):
            return f"with the words {head[:80]!r}"
    if len(document.text) <= _SHORT and (word := _SORRY.search(document.text)):
        return f"with the words {word[0]!r}"
    return ""


def _same_form(document: Document, form: Form) -> Form | None:
    names = _shown_names(form)
    return next((other for other in document.forms if names and _shown_names(other) == names), None)


def _shown_names(form: Form) -> frozenset[str]:
    return frozenset(f.get("name") for f in form.fields if f.get("name") and f.get("type").lower() != "hidden")


def _json_refusal(text: str) -> str:
    try:
        told: Any = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(told, dict):
        return ""
    if any(told.get(key) is False or told.get(key) == "false" for key in _GOOD):
        return "and its JSON says no"
    state = told.get("status") or told.get("result")
    if any(told.get(key) for key in ("error", "errors")) or (isinstance(state, str) and _STATE_VALUE.match(state)):
        return "and its JSON tells of an error"
    return ""
