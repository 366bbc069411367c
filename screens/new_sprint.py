"""A new sprint: one question at a time, each with a plain why; what can be told by itself is filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from screens.base import LaunchScreen
from screens.text import shown_line
from screens.widgets.fields import Field, Tick


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Only the domain and the permission must be answered."""

    id: str
    asks: str
    why: str
    hint: str = ""


QUESTIONS = (
    Question("domain", "Which domain?", "The name that your customers type, without www.", "example.com"),
    Question(
        "canonical",
        "Which address should every visitor end up at?",
        "One address, so that search engines and visitors see one site. Everything else leads to it.",
        "https://www.example.com/",
    ),
    Question(
        "subdomains",
        "Which names below it are there on purpose?",
        "Names that nobody remembers are how sites get taken over. Separate them by commas.",
        "app, help, status",
    ),
    Question(
        "senders",
        "Which services may send mail in your name?",
        "Everyone else must not be able to. Leave it empty if you do not know: then senders are not judged.",
        "Google Workspace, SendGrid",
    ),
    Question(
        "consultant", "Who does this sprint?", "Your name stands by what you confirm, and in the handover.", "Mara"
    ),
    Question(
        "client",
        "For whom?",
        "The name on the handover; hidden from other clients.",
        "Harbor Tea",
    ),
    Question("permission", "May this site be tested?", "", ""),
)
PERMISSION = "The owner of this site agreed that it is looked at and tested."
PERMISSION_WHY = (
    "Looking at a site is what every visitor does. Even so: check only what you are allowed to check. "
    "Tests that do more than look (forms, floods, mails, alerts) ask again, one by one, later."
)


class NewSprintScreen(LaunchScreen):
    """Enter goes on, escape goes back a question."""

    CSS_PATH = "new_sprint.tcss"
    HEADING = "New sprint"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "go_back", "back", id="new.back", tooltip="The question before; from the first: leave"),
        Binding("enter", "go_on", "go on", key_display="enter", id="new.on", tooltip="The next question"),
        Binding("ctrl+r", "start", "start", show=False, id="new.start", tooltip="Start the sprint"),
    ]

    def __init__(self, domain: str = "") -> None:
        super().__init__()
        self._domain = domain
        self._place = 0
        self._answers: dict[str, str] = {}
        self._suggested: dict[str, str] = {}
        self._looked_at = ""

    def compose_body(self) -> ComposeResult:
        with VerticalScroll(id="new", can_focus=False):
            yield Static(id="new-answered")
            yield Static(id="new-question")
            yield Static(id="new-why")
            yield Field(id="new-answer")
            yield Tick(PERMISSION, value=False, id="new-permission")
            yield Static(id="new-told")
            with Horizontal(id="new-buttons"):
                yield Button("Go on (enter)", variant="primary", id="new-on", compact=True)
                yield Button("Back (esc)", id="new-back", compact=True)

    def on_mount(self) -> None:
        self._ask()
        if self._domain:
            # It was typed already, on the command line.
            self.query_one("#new-answer", Field).value = self._domain
            self.action_go_on()

    @property
    def question(self) -> Question:
        """The one that is asked now."""
        return QUESTIONS[self._place]

    def _ask(self) -> None:
        question = self.question
        permission = question.id == "permission"
        number = Content.styled(f"{self._place + 1} of {len(QUESTIONS)}  ", "$quiet")
        self.query_one("#new-question", Static).update(number.append(Content.styled(question.asks, "bold $strong")))
        self.query_one("#new-why", Static).update(Content(PERMISSION_WHY if permission else question.why))
        answer = self.query_one("#new-answer", Field)
        box = self.query_one("#new-permission", Tick)
        answer.display, box.display = not permission, permission
        self.query_one("#new-on", Button).label = Content("Start the sprint" if permission else "Go on (enter)")
        self._show_answered()
        if permission:
            self._tell("")
            box.focus()
            return
        answer.placeholder = question.hint
        answer.value = self._answers.get(question.id) or self._suggested.get(
            question.id, answer.value if not self._place else ""
        )
        answer.cursor_position = len(answer.value)
        answer.focus()
        self._show_told()

    def _show_answered(self) -> None:
        lines = [
            Content.assemble(
                (f"{question.id:<12}", "$quiet"), shown_line(self._answers.get(question.id) or "not given")
            )
            for question in QUESTIONS[: self._place]
        ]
        self.query_one("#new-answered", Static).update(Content("\n").join(lines))

    def _show_told(self) -> None:
        filled_in = self.question.id in self._suggested and not self._answers.get(self.question.id)
        self._tell("Filled in from what the site itself shows; change it as you like." if filled_in else "")

    def _tell(self, words: str, *, wrong: bool = False) -> None:
        """Say something below the answer, where it covers nothing."""
        told = shown_line(f"✗ {words}" if wrong else words, "bold $status-fail" if wrong else "$quiet")
        self.query_one("#new-told", Static).update(told)

    # ---------------------------------------------------------------- going on and back

    def on_input_submitted(self) -> None:
        self.action_go_on()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "new-on":
            self.action_go_on()
        else:
            self.action_go_back()

    def action_go_on(self) -> None:
        """Take the answer and ask the next question; at the last one, start."""
        if self.question.id == "permission":
            self.action_start()
            return
        text = self.query_one("#new-answer", Field).value.strip()
        if self.question.id == "domain":
            domain = self._domain_of(text)
            if domain is None:
                return
            text = domain
        elif problem := self._problem_with(text):
            self._tell(problem, wrong=True)
            return
        self._answers[self.question.id] = text
        self._place += 1
        self._ask()
        domain = self._answers["domain"]
        if domain != self._looked_at:
            self._looked_at, self._suggested = domain, {}
            self._look(domain)

    def _problem_with(self, text: str) -> str:
        """Why the answer to the present question cannot be; empty where it can, or is left empty."""
        from checks.subject import BadName, Subject
        from launchready_tui.declared import url
        from launchready_tui.new_sprint import listed

        try:
            if self.question.id == "canonical" and text:
                url(text)
            elif self.question.id == "subdomains":
                Subject.of(self._answers["domain"], subdomains=listed(text))
        except BadName as problem:
            return str(problem)
        return ""

    def action_go_back(self) -> None:
        if self._place == 0:
            self.app.pop_screen()
            return
        self._place -= 1
        self._ask()

    def action_start(self) -> None:
        """Start the sprint, once the permission is given."""
        if not self.query_one("#new-permission", Tick).value:
            self._tell("A sprint starts only with the owner's permission: space ticks the box.", wrong=True)
            return
        self.app.create_sprint(dict(self._answers))

    def _domain_of(self, text: str) -> str | None:
        """The domain in what was typed: a URL or a name with www will do. None where there is none."""
        from checks.subject import BadName, host_name

        name = text.removeprefix("https://").removeprefix("http://").partition("/")[0]
        try:
            host = host_name(name)
        except BadName as problem:
            self._tell(str(problem), wrong=True)
            return None
        host = host.removeprefix("www.")
        if "." not in host:
            self._tell("A domain has a dot in it, such as example.com.", wrong=True)
            return None
        return host

    @work(exclusive=True, group="detect", exit_on_error=False)
    async def _look(self, domain: str) -> None:
        """Look at the domain while the person answers; a suggestion never takes the place of what was typed."""
        self._tell("Looking at the public DNS and the home page ...")
        found = await self.app.fieldwork.detect(domain)
        self._suggested = {
            name: text
            for name, text in (
                ("canonical", found.canonical),
                ("subdomains", ", ".join(found.subdomains)),
                ("senders", ", ".join(found.senders)),
            )
            if text
        }
        answer = self.query_one("#new-answer", Field)
        if self.question.id in self._suggested and not answer.value:
            answer.value = self._suggested[self.question.id]
            answer.cursor_position = len(answer.value)
        if found.offline:
            self._tell("There is no network, so nothing could be filled in.")
        else:
            self._show_told()
