"""The vault: credentials by name and purpose; a value is typed blind, used by its service, and never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.base import LaunchScreen
from screens.modals.ask import Confirm
from screens.modals.credential import SetCredential
from screens.text import columns, shown_line

if TYPE_CHECKING:
    from launchready_tui.vault import Entry

NAME, KEPT = 22, 12


class VaultScreen(LaunchScreen):
    """One line a credential: those that are kept, and those that the app could use."""

    HOLDS_SECRETS = True
    CSS_PATH = "vault.tcss"
    HEADING = "Vault"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "set", "set", key_display="enter", id="vault.set", tooltip="Type this credential, blind"),
        Binding("a", "add", "add", id="vault.add", tooltip="Add a credential under a name of your own"),
        Binding(
            "t",
            "test",
            "test",
            id="vault.test",
            tooltip="Read it, unshown; ask Cloudflare about its token",
        ),
        Binding("d", "delete", "delete", id="vault.delete", tooltip="Forget this credential"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._entries: dict[str, Entry | None] = {}
        self._keyring = True

    def compose_body(self) -> ComposeResult:
        yield Static(id="vault-word")
        yield OptionList(id="vault-list", classes="plain", markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()
        self.read()

    @work(exclusive=True, group="vault", exit_on_error=False)
    async def read(self) -> None:
        """List what is kept. The keyring may ask the user and wait."""
        from launchready_tui.vault import PURPOSES, NoVault

        vault = await self.app.fieldwork.vault()
        try:
            entries, words = await vault.entries(), f"Kept in: {await vault.place()}"
            self._keyring = True
        except NoVault as problem:
            entries, words = vault.entries_of_this_run(), f"{problem.reason} {problem.way_on}"
            self._keyring = False
        kept = {entry.purpose: entry for entry in entries}
        self._entries = {**kept, **{purpose: kept.get(purpose) for purpose in PURPOSES}}
        more = "Names and purposes only: a value is typed blind and never shown again."
        self.query_one("#vault-word", Static).update(
            Content.assemble(shown_line(words, limit=300), "\n", (more, "$quiet"))
        )
        self.draw()

    def draw(self) -> None:
        """List the purposes, with the cursor where it was."""
        from launchready_tui.vault import PURPOSES

        listed = self.query_one(OptionList)
        place = listed.highlighted or 0
        if self.app.presenter:
            hidden = Content.styled("Names are hidden in presenter mode; p shows them.", "$quiet")
            listed.set_options([Option(hidden, disabled=True)])
            return
        # Two cells for the gaps of the row, two for the list's own margin: a longer row would wrap.
        room = max(30, listed.scrollable_content_region.width - NAME - KEPT - 4)
        options = []
        for purpose, entry in self._entries.items():
            kept = Content.styled("· not set", "$quiet")
            if entry is not None:
                kept = Content.styled("✓ keyring" if entry.kept == "keyring" else "✓ this run", "$status-pass")
            what = Content.styled(PURPOSES.get(purpose, "a credential of your own"), "$quiet")
            options.append(Option(columns([(shown_line(purpose, "bold"), NAME), (kept, KEPT), (what, room)])))
        listed.set_options(options)
        if options:
            listed.highlighted = min(place, len(options) - 1)

    @property
    def current(self) -> str | None:
        """The purpose under the cursor; None in presenter mode, where none is shown."""
        highlighted = self.query_one(OptionList).highlighted
        if highlighted is None or self.app.presenter or highlighted >= len(self._entries):
            return None
        return list(self._entries)[highlighted]

    def on_option_list_option_selected(self) -> None:
        self.action_set()

    def action_set(self) -> None:
        if self.current is not None:
            self._set(self.current)

    def action_add(self) -> None:
        self._set("")

    @work(exclusive=True, group="vault", exit_on_error=False)
    async def _set(self, purpose: str) -> None:
        from launchready_tui.vault import PURPOSES

        dialog = SetCredential(purpose, PURPOSES.get(purpose, ""), keyring=self._keyring)
        credential = await self.app.push_screen_wait(dialog)
        if credential is None:
            return
        vault = await self.app.fieldwork.vault()
        entry = await vault.set(credential.purpose, credential.value, this_run_only=credential.this_run_only)
        self.notify(f"Kept: {self._named(entry.purpose)}", markup=False)
        self.read()

    @work(exclusive=True, group="vault", exit_on_error=False)
    async def action_test(self) -> None:
        if self.current is None:
            return
        entry = await (await self.app.fieldwork.vault()).test(self.current)
        if entry.purpose != "cloudflare" or self.app.fieldwork.offline:
            self.notify(f"It is there and can be read: {self._named(entry.purpose)}", markup=False)
            return
        self.notify("It is there and can be read. Cloudflare is asked ...", markup=False)
        told = await self.app.fieldwork.try_cloudflare()
        self.notify(
            shown_line(told.sentence, limit=500).plain,
            severity="information" if told.word == "good" else "warning",
            timeout=12,
            markup=False,
        )

    @work(exclusive=True, group="vault", exit_on_error=False)
    async def action_delete(self) -> None:
        purpose = self.current
        if purpose is None or self._entries.get(purpose) is None:
            return
        question = Content("Forget this credential? ").append(shown_line(purpose))
        if await self.app.push_screen_wait(Confirm(question, yes="Forget it")):
            await (await self.app.fieldwork.vault()).delete(purpose)
            self.notify("Forgotten.", markup=False)
            self.read()

    def _named(self, purpose: str) -> str:
        return "a credential" if self.app.presenter else shown_line(purpose).plain
