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
