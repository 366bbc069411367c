"""Whether an answer is the one that a route must give."""

from __future__ import annotations

from checks.subject import Route
from checks.text import one_line


def mismatch(route: Route, status: int, text: str | None, *, whole: bool = True) -> str:
    """What is wrong with an answer; empty where it is as expected.

    Args:
        text: the body; None where it is not known, so that it is not judged.
        whole: whether that is all of the body.
    """
    if route.status is not None:
        if status != route.status:
            return f"status {status} instead of {route.status}"
    elif not 200 <= status < 400:
        return f"status {status}"
    if route.contains and text is not None and route.contains not in text:
        where = "is missing" if whole else "is not in the first part of an answer that is too long to read"
        return one_line(f"the text {route.contains!r} {where}")
    return ""
