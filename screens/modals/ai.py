"""The windows of the AI test: how the endpoint is spoken to, and the owner's consent, typed."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Label, Static

from checks.ops.ai.mapping import BadMapping, parse_mapping
from checks.ops.ai.plan import cost
from checks.ops.ai.prompts import REQUESTS, TIMES, prompts
from checks.subject import AiPlan, BadName
from launchready_tui.new_sprint import listed
from launchready_tui.session.model import Ai
from launchready_tui.subject import ai_plan
from screens.modals.dialog import Dialog
from screens.modals.form import Form, Line
from screens.text import shown, shown_line
from screens.widgets.fields import Field

_WORDS = "Leave request, answer and tools empty where it speaks as OpenAI's chat completions do."


class DescribeAi(Form):
    """Asks how to speak to the endpoint. What it gives fits `described`; a mapping that cannot work is refused here."""

    def __init__(self, ai: Ai) -> None:
        request = ai.request if isinstance(ai.request, str) else json.dumps(ai.request) if ai.request else ""
        tools = ", ".join(ai.forbidden_tools)
        cost_ = "" if ai.request_cost is None else f"{ai.request_cost:g}"
        super().__init__(
            "The product's AI",
            (
                Line("endpoint", "Address that takes a prompt by POST", ai.endpoint),
                Line("forbidden_tools", "Tools that no visitor may have used, by commas", tools),
                Line("sink", "A host of yours that shows what reaches it", ai.sink),
                Line("request", 'Request, such as {"message": "{{prompt}}"}', request),
                Line("answer", "Where the answer stands, such as data.reply", ai.answer),
                Line("tools", "Where tool calls stand, such as data.tools", ai.tools),
                Line("model", "Model, where the endpoint wants its name", ai.model),
                Line("request_cost", "What one request costs you (a number)", cost_),
            ),
            _WORDS,
        )

    def answer(self) -> dict[str, str] | None:
        given = super().answer()
        if given is None:
            return None
        try:
            plan = ai_plan(Ai(**described(given)), "https://example.com/")
            parse_mapping(request=plan.request, answer=plan.answer, tools=plan.tools, model=plan.model)
        except (BadName, BadMapping) as problem:
            self.refuse(shown_line(str(problem)).plain)
            return None
        except ValueError:
            self.refuse("What one request costs is a number, such as 0.02.")
            return None
        return given


def described(given: dict[str, str]) -> dict[str, Any]:
    """The fields of [ai] that were given. Raises ValueError where the cost is no number."""
    cost_ = float(given["request_cost"].replace(",", ".")) if given["request_cost"] else None
    if cost_ is not None and not 0 <= cost_ < 1e6:
        raise ValueError("no cost")
    return {
        **{name: given[name] for name in ("endpoint", "sink", "request", "answer", "tools", "model")},
        "forbidden_tools": listed(given["forbidden_tools"]),
        "request_cost": cost_,
    }


class AgreeToAi(Dialog[str]):
    """What the test does and costs, and the owner's word, typed: the host of the endpoint. Gives who agreed."""

    QUESTION = "May the product's AI be tested?"
    ACCEPT = "I agree"

    def __init__(self, plan: AiPlan, by: str) -> None:
        super().__init__()
        self._plan = plan
        self._by = by
        self.host = urlsplit(plan.endpoint).hostname or ""

    def compose_body(self) -> ComposeResult:
        controls = REQUESTS - len(prompts()) * TIMES
        yield Static(
            Content(
                f"{len(prompts())} prompts are sent {TIMES} times each, and {controls} controls: {REQUESTS} requests, "
                "at most one a second. They ask for what must not be told and done; what they ask to delete or change "
                "does not exist. Use staging where there is one."
            ),
            classes="dialog-text",
        )
        yield Static(Content("Cost: ").append(shown(cost(self._plan))), id="ai-cost")
        yield Label(Content("To: ").append(shown_line(self._plan.endpoint)), classes="dialog-label")
        yield Label(Content("It is the owner's own and may be tested: type its host"), classes="dialog-label")
        yield Field(id="ai-host", placeholder=self.host)
        yield Label(Content("Who agreed"), classes="dialog-label")
        yield Field(self._by, id="ai-by")

    def on_mount(self) -> None:
        self.query_one("#ai-host", Field).focus()

    def answer(self) -> str | None:
        host, by = (self.query_one(f"#ai-{name}", Field) for name in ("host", "by"))
        if host.value.strip().lower().rstrip(".") != self.host:
            self.refuse("Type the host of the endpoint as it stands above.")
            host.focus()
            return None
        if not by.value.strip():
            self.refuse("Say who agreed.")
            by.focus()
            return None
        return by.value.strip()
