"""Signs in to a mailbox on another screen: shows the address to open and the code to type there, and waits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Button, Static

from screens import taking
from screens.modals.dialog import Dialog
from screens.text import shown, shown_line

if TYPE_CHECKING:
    from checks.mail.seeds.oauth import DeviceLogin
    from launchready_tui.app import LaunchReady

Begin = Callable[[Callable[["DeviceLogin"], None]], Awaitable[str]]
"""Signs in; calls its argument with the code, and returns where the grant is kept."""


class SignIn(Dialog[bool]):
    """Waits until the person has agreed in a browser; True once the grant is in the vault. Escape stops the wait."""

    HOLDS_SECRETS = True
    ACCEPT = "Copy the code (c)"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy_code", "copy the code", id="sign-in.code", tooltip="Copy the code to type in the browser"),
        Binding("u", "copy_url", "copy the address", id="sign-in.url", tooltip="Copy the address to open"),
    ]

    def __init__(self, mailbox: str, begin: Begin) -> None:
        super().__init__()
        self._mailbox = mailbox
        self._begin = begin
        self._login: DeviceLogin | None = None

    def question(self) -> Content:
        return Content("Sign in to ").append(shown_line(self._mailbox))

    def compose_body(self) -> ComposeResult:
        yield Static(Content("Asking the sign-in service for a code ..."), id="sign-in")

    def on_mount(self) -> None:
        self.query_one("#accept", Button).display = False
        self.query_one("#leave", Button).label = Content("Stop (esc)")
        self._wait()

    @work(exclusive=True, group="sign-in", exit_on_error=False)
    async def _wait(self) -> None:
        from checks.errors import CannotTell
        from launchready_tui.vault import VaultError

        try:
            place = await self._begin(self._show_code)
        except (CannotTell, VaultError) as problem:
            self._login = None
            self.query_one("#accept", Button).display = False
            self.query_one("#leave", Button).label = Content("Back (esc)")
            self._say(Content.styled("? not signed in: ", "$status-error").append(shown(problem.reason)))
            return
        self.notify(f"Signed in. The grant is kept {place}", markup=False)
        self.dismiss(True)

    def _show_code(self, login: DeviceLogin) -> None:
        self._login = login
        self.query_one("#accept", Button).display = True
        self.query_one("#accept", Button).focus()
        self._say(
            Content("\n").join(
                [
                    Content.assemble(("1  Open      ", "$quiet"), shown_line(login.url, "bold $primary")),
                    Content.assemble(("2  Type      ", "$quiet"), shown_line(login.code, "bold $strong")),
                    Content.assemble(("3  Sign in   ", "$quiet"), "as ", shown_line(self._mailbox)),
                    Content(""),
                    Content.styled("Waiting until that is done ... u copies the address, c the code.", "$quiet"),
                ]
            )
        )

    def _say(self, words: Content) -> None:
        self.query_one("#sign-in", Static).update(words)

    def action_accept(self) -> None:
        self.action_copy_code()

    def action_copy_code(self) -> None:
        if self._login is not None:
            taking.copy(cast("LaunchReady", self.app), self._login.code, "the code")

    def action_copy_url(self) -> None:
        if self._login is not None:
            taking.copy(cast("LaunchReady", self.app), self._login.url, "the address")

    def action_leave(self) -> None:
        self.workers.cancel_group(self, "sign-in")
        super().action_leave()
