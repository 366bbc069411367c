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
    r"(?:error|errors|fail|failed|failure|fehler|exception|404|500|not-?found)(?:[-_.]?page)?(?:\.\w{2,5})?\Z",
    re.IGNORECASE,
)
_ERROR_NAME = re.compile(r"(?:form|contact|submit|send|mail)?[-_]?(?:error|errors|err|failed|failure)\Z", re.IGNORECASE)
_STATE_NAME = re.compile(r"(?:form|contact|mail)?[-_]?(?:success|sent|ok|submitted)\Z", re.IGNORECASE)
_STATE_VALUE = re.compile(r"(?:form|contact)?[-_]?(?:error|errors|failed|failure|fail)\Z", re.IGNORECASE)
_NO = frozenset({"0", "false", "no"})


@dataclass(frozen=True, slots=True)
class Answer:
    """How a submission was answered. `said` is a clause for people: "answers 500"."""

    outcome: Outcome
    said: str


def judge(answers: Sequence[Response], form: Form, nonce: str) -> Answer:
    """Tell how the site took a submission, from every answer on its way. "accepted" is no proof that it arrived."""
    first, last = answers[0], answers[-1]
    sent_on = len(answers) > 1
    if last.status >= 400:
        said = f"sends on to {last.url}, which answers {last.status}" if sent_on else f"answers {last.status}"
        return Answer("broken", said)
    if sent_on and any(names_error(answer.url) for answer in answers[1:]):
        return Answer("broken", f"sends on to an error page ({last.url})")
    if problem := _refusal_in(last, form, nonce):
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


def _refusal_in(response: Response, form: Form, nonce: str) -> str:
    """How a page that answers well says that it took nothing; empty where it does not say so."""
    if "json" in response.media_type:
        return _json_refusal(response.text)
    if response.media_type not in HTML_TYPES:
        return ""
    document = parse(response.text)
    again = _same_form(document, form)
    if again is None:
        return ""
    marked = any(field.get("aria-invalid").lower() == "true" for field in again.fields)
    if marked or nonce in response.text:
        return "with the form shown again" + (" and fields marked as wrong" if marked else " as it was filled in")
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
    if any(told.get(key) is False for key in ("ok", "success", "sent", "accepted", "valid")):
        return "and its JSON says no"
    if any(told.get(key) for key in ("error", "errors")):
        return "and its JSON tells of an error"
    return ""
