"""The handover: the document itself as the founder will read it, what is still missing from it, and its export."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.base import LaunchScreen
from screens.modals.ask import Choose, Confirm, SaveInto, SaveTo
from screens.text import hanging, shown_line

if TYPE_CHECKING:
    from launchready_tui.handover import Format
    from launchready_tui.handover.document import Document

FORMATS: tuple[tuple[Format, Content], ...] = (
    ("md", Content("Markdown, for a wiki or a repository")),
    ("html", Content("HTML, one file to open and print anywhere")),
    ("pdf", Content("PDF, to sign and to send")),
)


class HandoverScreen(LaunchScreen):
    """The document on the left, section by section; on the right what is still missing, each line leading to it."""

    CSS_PATH = "handover.tcss"
    HEADING = "Handover"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "export", "export", id="handover.export", tooltip="Write it as Markdown, HTML or PDF"),
        Binding(
            "m",
            "export_monitor",
            "monitor",
            id="handover.monitor",
            tooltip="Write the configuration of a monitor that stays: Prometheus, Gatus, Upptime, a smoke job",
        ),
        Binding("u", "redraw", "update", id="handover.update", tooltip="Put it together again from the session"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._document: Document | None = None

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="handover"):
            with VerticalScroll(id="document"):
                yield Static(Content.styled("Putting it together ...", "$quiet"), id="document-head")
            yield OptionList(id="missing", classes="plain", markup=False)

    def on_mount(self) -> None:
        self.query_one("#document").focus()
        self.put_together()

    @work(exclusive=True, group="handover", exit_on_error=False)
    async def put_together(self) -> None:
        """Put the document together off the event loop, then show it a section at a time."""
        from launchready_tui.handover.build import build
        from screens.widgets.document import document_head, section_text

        document = await asyncio.to_thread(build, self.app.sprint.session)
        self._document = document
        page = self.query_one("#document", VerticalScroll)
        room = max(40, page.scrollable_content_region.width - 2)
        self.query_one("#document-head", Static).update(document_head(document, room))
        await page.query(".section").remove()
        for section in document.sections:
            text = await asyncio.to_thread(section_text, section, room)
            await page.mount(Static(text, classes="section", id=f"section-{section.id}"))
        self._list_missing()

    def _list_missing(self) -> None:
        decision = self.app.sprint.decision()
        listed = self.query_one("#missing", OptionList)
        room = max(20, listed.scrollable_content_region.width - 2)
        options = [Option(Content.styled("What stands in the way", "bold $strong"), disabled=True)]
        for mark, colour, blockers in (("▲", "$status-fail", decision.blockers), ("?", "$hour", decision.unproven)):
            for blocker in blockers:
                text = hanging(Content.styled(mark, colour), shown_line(blocker.text, limit=160), room, 2)
                options.append(Option(text))
        if len(options) == 1:
            options.append(Option(Content.styled("✓ nothing: it can be signed", "$status-pass"), disabled=True))
        listed.set_options(options)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Lead from a blocker to where it is settled."""
        decision = self.app.sprint.decision()
        blockers = [*decision.blockers, *decision.unproven]
        blocker = blockers[event.option_index - 1] if event.option_index <= len(blockers) else None
        if blocker is not None and blocker.kind == "problem":
            self.app.open_finding([(blocker.id, blocker.target)])
        elif blocker is not None:
            self.query_one("#document").scroll_to_widget(self.query_one("#section-bar"))

    def action_redraw(self) -> None:
        self.put_together()

    @work(exclusive=True, group="export", exit_on_error=False)
    async def action_export(self) -> None:
        from launchready_tui.handover import render
        from launchready_tui.session.store import write

        chosen = await self.app.push_screen_wait(Choose(Content("Export the handover as"), FORMATS))
        if chosen is None:
            return
        suggestion = Path(f"{self.app.sprint.session.site.domain}-handover.{chosen}")
        path = await self.app.push_screen_wait(SaveTo(suggestion))
        if path is not None:
            content = await asyncio.to_thread(render, self.app.sprint.session, chosen)
            await asyncio.to_thread(write, path, content)
            self.notify(f"Written: {path.name}", markup=False)

    @work(exclusive=True, group="export", exit_on_error=False)
    async def action_export_monitor(self) -> None:
        from launchready_tui.exports import EXPORTS, record
        from launchready_tui.exports.writing import write_files

        session = self.app.sprint.session
        choices = [(name, Content(export.title)) for name, export in EXPORTS.items() if export.fits(session)]
        name = await self.app.push_screen_wait(Choose(Content("Write the configuration of"), choices))
        if name is None:
            return
        folder = await self.app.push_screen_wait(SaveInto(Path(f"{self.app.sprint.session.site.domain}-{name}")))
        if folder is None:
            return
        export, sprint = EXPORTS[name], self.app.sprint
        files = await asyncio.to_thread(export.files, sprint.session)
        await asyncio.to_thread(write_files, folder, files)
        covered = len(await asyncio.to_thread(export.covered, sprint.session))
        self.notify(f"Written into {folder.name}. Its README.md says how to start it.", markup=False)
        if covered:
            words = Content(
                f"It probes {covered} address{'' if covered == 1 else 'es'}, which then count as monitored."
            )
            question = Content("Will this monitor go on after the sprint?")
            if await self.app.push_screen_wait(Confirm(question, words, yes="It will")):
                self.app.keep(lambda: sprint.edit("monitor", probes=record(sprint.session, name)))
