"""Which addresses are watched."""

from __future__ import annotations

from collections.abc import Iterable

from checks.subject import Route, Subject
from launchready_tui import declared


def watched_routes(subject: Subject, more: Iterable[str] = ()) -> list[Route]:
    """The addresses named for monitoring and `more`; the homepage where none is. Raises BadName."""
    base = subject.canonical or f"https://{subject.domain}/"
    routes = [*subject.monitor.urls, *(Route(declared.url(text, base)) for text in more)] or [Route(base)]
    return list({route.url: route for route in reversed(routes)}.values())[::-1]


def left_out(subject: Subject, watched: Iterable[Route]) -> str:
    """What is named for monitoring and not watched, in a sentence: one address has one row. Empty where nothing is."""
    methods = {route.url: route.method for route in watched}
    both = [route for route in subject.monitor.urls if methods.get(route.url, route.method) != route.method]
    told = ", ".join(f"{route.method} {route.url} (watched by {methods[route.url]})" for route in both)
    return f"one address is watched by one method alone; left out: {told}" if told else ""
