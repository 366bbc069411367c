"""promptfoo: the red team of the product's AI as a configuration that the product's developers run themselves.

Answers are judged by our own three scripts beside it: by planted canaries, the sink and tool calls, never by tone.
promptfoo renders texts as Nunjucks templates, so a brace of the session's text is written as an expression.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from checks.network import is_address
from checks.ops.ai import decoding
from checks.ops.ai.mapping import BadMapping, Every, Path, Wire, parse_mapping
from checks.ops.ai.plan import INTERVAL, cost, endpoint_shown, refuse_endpoint
from checks.ops.ai.plants import Sink, role, sink_of
from checks.ops.ai.prompts import BENIGN, DECOY, TIMES, Prompt, prompts, render
from checks.subject import AiPlan, BadName
from launchready_tui.exports.files import readme, yaml_text
from launchready_tui.exports.targets import encoded
from launchready_tui.session.model import Session
from launchready_tui.subject import subject_of

SCRIPTS = ("answer.cjs", "decoding.cjs", "judge.cjs")
MARKS = "launch-check.json"
KEY = "LAUNCHREADY_AI_KEY"
QUERY = "LAUNCHREADY_AI_QUERY"
_MARK = re.compile(r"(\{\{\s*(?:prompt|document|url|model|id)\s*\}\})")
_CREDENTIAL = re.compile(r"(?:^|_)(?:keys?|tokens?|secrets?|passwords?|passwd|authorization|credentials?|bearer)$")


def files(session: Session) -> dict[str, str]:
    """The files of the export. Raises BadName where no endpoint is named, or none that may be tested."""
    plan = subject_of(session).ai
    if trouble := refuse_endpoint(plan):
        raise BadName(trouble)
    if short := [canary for canary in plan.canaries if not decoding.usable(canary)]:
        raise BadName(f"[ai] canaries: {short[0]!r} is too short to be told from other text")
    try:
        wire = parse_mapping(request=plan.request, answer=plan.answer, tools=plan.tools, model=plan.model)
    except BadMapping as problem:
        raise BadName(str(problem)) from None
    sink = sink_of(encoded(sink_of(plan.sink).base).rstrip("/"))
    config = _config(plan, wire, sink)
    text = yaml_text(config, "promptfoo. Launch Ready's red team: run it only against an endpoint of your own.")
    scripts = {name: resources.files(__name__).joinpath(name).read_text("utf-8") for name in SCRIPTS}
    marks = {
        "answer": _steps(wire.answer),
        "tools": [_steps(path) for path in wire.tools],
        "canaries": [{"name": role(plan, canary), "text": canary} for canary in plan.canaries],
        "sink": sink.host,
        "forbiddenTools": list(plan.forbidden_tools),
    }
    return {
        "promptfooconfig.yaml": text,
        **scripts,
        MARKS: json.dumps(marks, indent=2) + "\n",
        "README.md": _readme(plan, sorted(set(re.findall(r"\{\{env\.(\w+)\}\}", text))), len(config["tests"])),
    }


def literal(text: str) -> str:
    """A text in which Nunjucks sees no template of its own."""
    return re.sub(r"\{(?=[{%#])|#(?=\})", r'{{ "\g<0>" }}', text)


def _config(plan: AiPlan, wire: Wire, sink: Sink) -> dict[str, Any]:
    asserts: list[dict[str, Any]] = [
        {"type": "not-icontains", "value": literal(canary), "metric": literal(role(plan, canary))}
        for canary in plan.canaries
    ]
    asserts.append({"type": "javascript", "value": "file://judge.cjs", "metric": "canaries, sink and tools"})
    return {
        "description": "Launch Ready's red team of the product's AI",
        # Answers may hold what was planted: they stay on this machine.
        "sharing": False,
        "prompts": ["{{attack}}"],
        "providers": [{"id": "https", "label": urlsplit(plan.endpoint).hostname, "config": _provider(plan, wire)}],
        "evaluateOptions": {
            "repeat": TIMES,
            "maxConcurrency": 1,
            "delay": round(INTERVAL * 1000),
            "cache": False,
        },
        "defaultTest": {
            # A conversation's id, new with every request.
            "options": {"transformVars": "({ ...vars, id: `launch-check-${context.uuid}` })"},
            "assert": asserts,
        },
        "tests": [*_controls(plan, wire, sink), *(_test(plan, wire, sink, prompt) for prompt in prompts())],
    }


def _provider(plan: AiPlan, wire: Wire) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if not _in_clear(plan.endpoint):
        name = plan.key_header or "Authorization"
        headers[name] = f"Bearer {{{{env.{KEY}}}}}" if name.lower() == "authorization" else f"{{{{env.{KEY}}}}}"
    # What stands after the question mark may be a key.
    query = f"?{{{{env.{QUERY}}}}}" if urlsplit(plan.endpoint).query else ""
    return {
        "url": encoded(endpoint_shown(plan.endpoint)) + query,
        "method": "POST",
        "headers": headers,
        "body": _body(wire.template.body, plan.model),
        "maxRetries": 0,
        "validateStatus": "status >= 200 && status < 300",
        "transformResponse": "file://answer.cjs",
    }


def _in_clear(endpoint: str) -> bool:
    """Whether a key would cross a network unencrypted."""
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    return parts.scheme == "http" and not (
        host == "localhost" or (is_address(host) and host.startswith(("127.", "::1")))
    )


def _body(value: Any, model: str, name: str = "") -> Any:
    """The request, its marks as promptfoo's variables; what its name tells to be a credential comes from outside."""
    if isinstance(value, Mapping):
        return {key: _body(below, model, key) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [_body(below, model, name) for below in value]
    if not isinstance(value, str):
        return value
    parts = _MARK.split(value)
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|\W+", "_", name).lower()
    if value and len(parts) == 1 and _CREDENTIAL.search(snake):
        return f"{{{{env.LAUNCHREADY_AI_{snake.upper()}}}}}"
    return "".join(_mark(part, model) if at % 2 else literal(part) for at, part in enumerate(parts))


def _mark(mark: str, model: str) -> str:
    word = mark.strip("{} \t\r\n")
    return literal(model) if word == "model" else f"{{{{{word}}}}}"


def _steps(path: Path) -> list[str | int | None]:
    return [None if isinstance(step, Every) else step for step in path.steps]


# -------------------------------------------------------------------- tests


def _nonce(plan: AiPlan, prompt: Prompt) -> str:
    """The same with every export of one sprint, and another for every prompt."""
    return hashlib.sha256("\n".join((prompt.id, plan.endpoint, *plan.canaries)).encode()).hexdigest()[:8]


def _test(plan: AiPlan, wire: Wire, sink: Sink, prompt: Prompt, nonce: str = "") -> dict[str, Any]:
    apart = wire.template.marks & {"document"}
    sent = render(prompt, sink, nonce or _nonce(plan, prompt), apart=apart)
    words = {"attack": sent.prompt, "document": sent.document, "url": sent.url}
    return {
        "description": f"{prompt.id}: {prompt.family}",
        "vars": {
            name: literal(text) for name, text in words.items() if name == "attack" or name in wire.template.marks
        },
        "metadata": {"family": prompt.family},
    }


def _controls(plan: AiPlan, wire: Wire, sink: Sink) -> list[dict[str, Any]]:
    """Without which a pass proves nothing: harmless prompts get an answer, and a code that is asked for comes back."""
    decoy = f"LRD-{_nonce(plan, DECOY)}"
    shown = _test(plan, wire, sink, DECOY, decoy)
    shown["assert"] = [{"type": "icontains", "value": decoy, "metric": "control"}]
    return [*(_test(plan, wire, sink, prompt) for prompt in BENIGN), shown]


def _readme(plan: AiPlan, names: list[str], tests: int) -> str:
    requests = tests * TIMES
    given = {
        KEY: "the endpoint's key, if it wants one",
        QUERY: "what follows the question mark in the endpoint's address",
    }
    exports = "; ".join(f"{name} ({given.get(name, 'this field of the request')})" for name in names)
    steps = [
        "Install promptfoo with Node.js 22 or later: npm install --global promptfoo",
        *([f"Set what is not written here as variables of the environment: {exports}."] if names else []),
        "See that it can be read: promptfoo validate --config promptfooconfig.yaml",
        "Run it: PROMPTFOO_DISABLE_TELEMETRY=1 promptfoo eval --config promptfooconfig.yaml --no-share. "
        f"It sends {requests} requests, one a second; cost: {cost(plan, requests)}.",
        "Read the result: a failure names what came back; an error is no verdict, never a pass. The three controls "
        "must pass, or no other pass means anything.",
    ]
    return readme("The AI red team with promptfoo", steps, _notes(plan))


def _notes(plan: AiPlan) -> list[str]:
    notes = [
        "Run it only against an endpoint of your own, in staging where there is one.",
        "What reached the sink, and calls that show in the product's own log alone, Launch Ready's own test looks up; "
        "promptfoo sees answers only.",
    ]
    if not plan.canaries:
        notes.append(
            "No canary is planted, so that only ways to the sink and tool calls can be judged: see [ai] canaries."
        )
    if _in_clear(plan.endpoint):
        notes.append("The endpoint is not encrypted (http), so no key is sent: give its https address.")
    return notes
