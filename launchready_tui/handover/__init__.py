"""The handover: what the founder keeps. Built from the session alone, written as Markdown, HTML or PDF."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from launchready_tui.session.model import Session

Format = Literal["md", "html", "pdf"]
FORMATS: tuple[Format, ...] = ("md", "html", "pdf")


def render(session: Session, format: Format, now: datetime | None = None) -> bytes:  # noqa: A002 - the option's own word
    """The handover as the content of a file.

    Args:
        now: the time that it says it was made; the present where None.
    """
    from launchready_tui.handover.build import build

    document = build(session, now)
    if format == "pdf":
        from launchready_tui.handover.pdf import to_pdf

        return to_pdf(document)
    if format == "html":
        from launchready_tui.handover.html import to_html

        return to_html(document).encode()
    from launchready_tui.handover.markdown import to_markdown

    return to_markdown(document).encode()
