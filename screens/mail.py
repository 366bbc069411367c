"""Mail: which services send for this domain and how each stands, then the three records as trees."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from launchready_tui.session.mail_seen import MailSeen
from screens import taking
from screens.base import LaunchScreen
from screens.modals.ask import Choose
from screens.modals.form import Form, Line
from screens.modals.received import Judged, PasteMessage
from screens.modals.sign_in import SignIn
from screens.text import shown, shown_line
from screens.times import day_and_time
from screens.widgets.mail_text import findings_text, record_text, rules_text, seeds_text, services_text

FAMILIES = frozenset({"spf", "dkim", "dmarc", "mx", "mta-sts", "tls-rpt", "mail"})
SIGN_IN_WORDS = "Microsoft takes no passwords here. Register an app once (entra.microsoft.com) and name its client id."
NO_CLIENT = "Without a client id Microsoft lets nobody in. Reading a mail by hand (b) needs none."


class MailScreen(LaunchScreen):
    """What the last look showed; below it, what the checks found about mail, which is there offline as well."""

    CSS_PATH = "mail.tcss"
    HEADING = "Mail"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "look", "look again", id="mail.look", tooltip="Ask DNS for the services and records"),
        Binding("c", "copy_record", "copy record", id="mail.copy", tooltip="Copy the record to publish"),
        Binding("S", "save_record", "save record", id="mail.save", show=False, tooltip="Save the record to a file"),
        Binding("b", "read_by_hand", "by hand", id="mail.by-hand", tooltip="Judge a test mail that you received"),
        Binding("o", "sign_in", "Outlook", id="mail.sign-in", tooltip="Sign in to an Outlook seed mailbox"),
        Binding("s", "stop", "stop", id="mail.stop", tooltip="Stop asking"),
    ]

    def compose_body(self) -> ComposeResult:
        with VerticalScroll(id="mail"):
            yield Static(id="mail-word")
            yield Static(id="mail-services")
            yield Static(id="mail-records")
            yield Static(id="mail-seeds")
            yield Static(id="mail-rules")
            yield Static(id="mail-findings")

    def on_mount(self) -> None:
        self.query_one("#mail").focus()
        if self.app.fieldwork.mail_seen is None and not self.app.fieldwork.offline:
            self.app.fieldwork.look_at_mail()
        self.call_after_refresh(self.draw)

    def on_resize(self) -> None:
        self.draw()

    def draw(self) -> None:
        """Bring the three parts up to date."""
        if not self.app.has_sprint or not self.query("#mail"):
            return
        width = max(60, self.query_one("#mail").scrollable_content_region.width - 2)
        seen = self._seen
        table = services_text(seen, width) if seen else Content("")
        records = Content("\n").join(record_text(record, seen.where, width) for record in seen.records) if seen else ""
        self.query_one("#mail-word", Static).update(shown(self._word(seen), "$quiet"))
        self.query_one("#mail-services", Static).update(table)
        self.query_one("#mail-records", Static).update(records)
        self.query_one("#mail-rules", Static).update(rules_text(seen.rules, width) if seen and seen.rules else "")
        rows = [row for row in self.app.sprint.session.finding if row.family in FAMILIES]
        self.query_one("#mail-seeds", Static).update(seeds_text(rows, width))
        self.query_one("#mail-findings", Static).update(findings_text(rows, width))

    @property
    def _seen(self) -> MailSeen | None:
        """What this session saw last, else what an earlier one did."""
        return self.app.fieldwork.mail_seen or self.app.sprint.session.mail.seen

    def _word(self, seen: MailSeen | None) -> str:
        """How fresh the table is, and why there is none."""
        work = self.app.fieldwork
        why = "Offline." if work.offline else work.mail_word
        if seen is not None:
            when = day_and_time(seen.at)
            return f"{why} This was seen {when}." if why else f"Seen {when}."
        return f"{why} The table needs the network; what the checks found is below." if work.offline else why

    def action_look(self) -> None:
        self.app.fieldwork.look_at_mail()

    def action_stop(self) -> None:
        self.app.fieldwork.stop()

    def action_copy_record(self) -> None:
        self._choose_record(lambda text: taking.copy(self.app, text, "the record"))

    def action_save_record(self) -> None:
        self._choose_record(lambda text: taking.save(self.app, f"{text}\n", "record.txt"))

    def _choose_record(self, use: Callable[[str], object]) -> None:
        """Hand the record to publish to `use`; where there are several, the person chooses."""

        def chosen(text: str | None) -> None:
            if text is not None:
                use(text)

        choices = [(text, Content(title)) for title, text in self._to_publish()]
        if not choices:
            self.notify("There is no record to change.", markup=False)
        elif len(choices) == 1:
            use(choices[0][0])
        else:
            self.app.push_screen(Choose(Content("Which record?"), choices), chosen)

    @work(exclusive=True, group="by-hand", exit_on_error=False)
    async def action_read_by_hand(self) -> None:
        """Take a message that arrived, and show what it comes to."""
        received = await self.app.push_screen_wait(PasteMessage())
        if received is None:
            return
        from launchready_tui.mail_work import read_by_hand

        self.notify("Judging the message ...", markup=False)
        told = await read_by_hand(
            self.app.sprint, self.app.fieldwork, text=received.text, path=received.path, where=received.where
        )
        await self.app.push_screen_wait(Judged(told))

    @work(exclusive=True, group="sign-in", exit_on_error=False)
    async def action_sign_in(self) -> None:
        """Ask for the mailbox and the app registration, then sign in on another screen."""
        from launchready_tui.mail_work import keep_sign_in, outlook_seeds, sign_in

        mail = self.app.sprint.session.mail
        seeds = await asyncio.to_thread(outlook_seeds, self.app.sprint)
        lines = (
            Line("address", "The Outlook mailbox (or: smtp, for your own server)", next(iter(seeds), "")),
            Line("client", "Client id of an app registration that allows public clients", mail.oauth_client_id),
            Line("tenant", "common, consumers, or your organisation's tenant", mail.oauth_tenant),
        )
        given = await self.app.push_screen_wait(Form("Sign in to an Outlook mailbox", lines, SIGN_IN_WORDS))
        if given is None:
            return
        address, client, tenant = given["address"], given["client"], given["tenant"] or "common"
        if address != "smtp" and "@" not in address:
            self.notify("Name the mailbox by its address.", severity="warning", markup=False)
            return
        if not client:
            self.notify(NO_CLIENT, severity="warning", markup=False)
            return
        self.app.keep(lambda: keep_sign_in(self.app.sprint, address, client, tenant))
        fieldwork = self.app.fieldwork
        await self.app.push_screen_wait(
            SignIn(address, lambda shown: sign_in(fieldwork, address, client, tenant, shown))
        )

    def _to_publish(self) -> list[tuple[str, str]]:
        found = (
            [(record.title, record.publish) for record in self._seen.records if record.publish] if self._seen else []
        )
        rows = [row for row in self.app.sprint.risks() if row.family in FAMILIES and row.fix]
        return found + [(shown_line(row.summary, limit=70).plain, row.fix) for row in rows]
