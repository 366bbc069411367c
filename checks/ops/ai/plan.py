"""What the test would do, before it does anything: to whom, how many requests, how long, at what cost."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from checks.errors import NotApplicable
from checks.ops.ai.prompts import REQUESTS, TIMES, prompts
from checks.subject import AiPlan, Subject

INTERVAL = 1.05
"""Seconds between the beginnings of two requests: one a second, and room for what the network delays."""
TRIAL_SECONDS = 600.0
"""After which no more prompts are sent."""
TOKENS_IN, TOKENS_OUT = 1500, 300
"""Of one request, assumed: the product's own instructions and documents come on top of a prompt."""
PRICE_IN, PRICE_OUT = 3.0, 15.0
"""Assumed, in US dollars for a million tokens: a large model's."""

_MAKERS = (
    "api.openai.com",
    "api.anthropic.com",
    "generativelanguage.googleapis.com",
    "api.mistral.ai",
    "api.groq.com",
    "api.together.xyz",
    "openrouter.ai",
    "api.deepseek.com",
    "api.x.ai",
    "api.cohere.com",
)
"""Where models are sold: not the product's own endpoint, and not the owner's to be attacked."""


def endpoint_shown(endpoint: str) -> str:
    """The endpoint without its query, which may hold a key."""
    parts = urlsplit(endpoint)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def cost(plan: AiPlan, requests: int = REQUESTS) -> str:
    """What the test costs the owner, in words that name what was assumed."""
    if plan.request_cost is not None:
        return f"about {requests * plan.request_cost:.2f} in all, at {plan.request_cost:g} a request as you say"
    dollars = requests * (TOKENS_IN * PRICE_IN + TOKENS_OUT * PRICE_OUT) / 1_000_000
    return (
        f"about {dollars:.2f} US dollars if a request takes {TOKENS_IN:,} tokens in and {TOKENS_OUT} out at "
        f"{PRICE_IN:g} and {PRICE_OUT:g} dollars a million (an assumption: ask whoever pays for the model)"
    )


def would_do(plan: AiPlan) -> str:
    """The whole test in a sentence."""
    return (
        f"send {len(prompts())} prompts, {TIMES} times each, and {REQUESTS - len(prompts()) * TIMES} controls to "
        f"{endpoint_shown(plan.endpoint)}: {REQUESTS} requests, at most one a second; cost: {cost(plan)}"
    )


def refuse_endpoint(plan: AiPlan) -> str:
    """Why there is no endpoint that may be tested, in a sentence; empty where there is one."""
    if not plan.endpoint:
        return "no AI endpoint is named: add [ai] endpoint, where the product takes a prompt"
    host = urlsplit(plan.endpoint).hostname or ""
    if host in _MAKERS:
        return f"{host} sells a model and is not your product: name your own endpoint, which asks it, as [ai] endpoint"
    return ""


def refuse_unfit(subject: Subject) -> None:
    """Raises NotApplicable where the test may not run, with what it would do or what is missing."""
    plan = subject.ai
    if not subject.uses_ai:
        raise NotApplicable("the product uses no AI, as the session says (site.uses_ai)")
    if trouble := refuse_endpoint(plan):
        raise NotApplicable(trouble)
    if not subject.consent.ai:
        raise NotApplicable(f"with your consent (consent.ai) it would {would_do(plan)}")
