"""What a person writes down for the handover: whom to call, where secrets live, what was changed, the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.content import Content

from checks.finding import timestamp
from launchready_tui.new_sprint import listed
from launchready_tui.session.model import Change, Contact, SecretEntry, SignOff, Subdomain
from screens.modals.ask import Choose
from screens.modals.form import CONSENTS, Form, GiveConsent, Line

if TYPE_CHECKING:
    from launchready_tui.app import LaunchReady
    from launchready_tui.sprint import Sprint

REGIONS = "aws-eu-central-1, aws-us-east-1, aws-ap-southeast-1"
"""Suggested places, in the probe network's own words."""
Given = dict[str, Any]
"""What a form was given: text by the name of its line, which is the row's own."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that can be written down."""

    title: str
    lines: Callable[[LaunchReady], tuple[Line, ...]]
    keep: Callable[[Sprint, Given], object]
    shows: tuple[str, ...] = ()
    """Parts of the session that it fills: a step that shows one of them suggests it."""
    words: str = ""


def _fixed(*lines: Line) -> Callable[[LaunchReady], tuple[Line, ...]]:
    return lambda app: lines


def _secret(sprint: Sprint, given: Given) -> None:
    name, place, what = given["name"], given["place"], given["what"].lower()
    now = timestamp()
    rotated, created = (now if what.startswith("r") else ""), (now if what.startswith("c") else "")
    sprint.put(SecretEntry(name=name, place=place, rotated=rotated, created=created, note=given["note"]))


def _places(text: str) -> list[str]:
    return [place for place in listed(text, spaces=False) if place != "-"]


def _sign(sprint: Sprint, given: Given) -> None:
    word = "go" if given["decision"].lower().startswith("g") else "no-go"
    sprint.put(SignOff(name=given["name"], role=given["role"], at=timestamp(), decision=word, note=given["note"]))


KINDS: dict[str, Kind] = {
    "contact": Kind(
        "Whom to call",
        _fixed(
            Line("name", "Name"),
            Line("role", "For what"),
            Line("reach", "How to reach them"),
            Line("hours", "When", "first week, any time"),
        ),
        lambda sprint, given: sprint.put(Contact(**given)),
        ("contacts",),
    ),
    "secret": Kind(
        "A secret and its place (never its value)",
        _fixed(
            Line("name", "Name, such as STRIPE_KEY"),
            Line("place", "Where it lives"),
            Line("what", "rotated, created or kept", "rotated"),
            Line("note", "Note"),
        ),
        _secret,
        ("secrets", "environments"),
        "Names and places only. Never type a value here.",
    ),
    "change": Kind(
        "Something that was changed",
        lambda app: (
            Line("what", "What"),
            Line("by", "By whom", app.person),
            Line("before", "Before"),
            Line("after", "After"),
            Line("undo", "How to undo it"),
        ),
        lambda sprint, given: sprint.put(Change(**given)),
        ("redirects", "edge", "records"),
    ),
    "subdomain": Kind(
        "What a subdomain is for",
        _fixed(Line("name", "The whole name"), Line("purpose", "What it is for")),
        lambda sprint, given: sprint.put(Subdomain(name=given["name"], purpose=given["purpose"], declared=True)),
        ("subdomains",),
    ),
    "rollback": Kind(
        "The way back",
        lambda app: (Line("rollback", "A command, or where it is written down", app.sprint.session.deploy.rollback),),
        lambda sprint, given: sprint.edit("deploy", rollback=given["rollback"]),
        ("deployment",),
        "How the version before is brought back. No platform brings back the database.",
    ),
    "destinations": Kind(
        "Who is alerted",
        _fixed(Line("destinations", "Names or addresses, parted by commas")),
        lambda sprint, given: sprint.edit(
            "monitor",
            destinations=[
                *sprint.session.monitor.destinations,
                *listed(given["destinations"], spaces=False),
            ],
        ),
        ("drill", "monitoring"),
        "Never a webhook's address: that is a credential, and belongs in the vault.",
    ),
    "urls": Kind(
        "What is watched",
        _fixed(Line("urls", "Addresses, parted by commas")),
        lambda sprint, given: sprint.edit("monitor", urls=[*sprint.session.monitor.urls, *listed(given["urls"])]),
        ("watch",),
    ),
    "regions": Kind(
        "From where else to measure",
        lambda app: (
            Line("regions", "Places, parted by commas", ", ".join(app.sprint.session.monitor.regions) or REGIONS),
        ),
        lambda sprint, given: sprint.edit("monitor", regions=_places(given["regions"])),
        (),
        "The public network Globalping measures there, as often as its free tests allow (250 an hour, 500 with a token "
        "in the vault). It sends GET and HEAD alone, to this site's addresses alone, and its results are public. It "
        "begins with the next start of the watch; a lone - means nowhere.",
    ),
    "campaigns": Kind(
        "Old campaign addresses",
        _fixed(Line("urls", "Addresses, parted by commas")),
        lambda sprint, given: sprint.edit(
            "site", campaign_urls=[*sprint.session.site.campaign_urls, *listed(given["urls"])]
        ),
    ),
    "sign": Kind(
        "Sign the handover",
        lambda app: (
            Line("name", "Name", app.person),
            Line("role", "Role", "consultant"),
            Line("decision", "go or no-go", app.sprint.decision().word),
            Line("note", "Note"),
        ),
        _sign,
        ("everything",),
    ),
}


def write_down(app: LaunchReady, shows: str = "") -> None:
    """Ask what to write down, the cursor on what fills the part `shows`, and keep it."""
    names = sorted(KINDS, key=lambda name: shows not in KINDS[name].shows or not shows)

    def fill(name: str | None) -> None:
        if name is not None:
            _fill(app, KINDS[name])

    app.push_screen(Choose(Content("Write down"), [(name, Content(KINDS[name].title)) for name in names]), fill)


def write_one(app: LaunchReady, name: str) -> None:
    """Write down one thing of `KINDS`."""
    _fill(app, KINDS[name])


def _fill(app: LaunchReady, kind: Kind) -> None:
    def keep(given: dict[str, str] | None) -> None:
        if given is not None:
            app.keep(lambda: kind.keep(app.sprint, given))

    app.push_screen(Form(kind.title, kind.lines(app), kind.words), keep)


def give_consent(app: LaunchReady) -> None:
    """Ask what the owner agreed to, and keep it with who and when."""
    consent = app.sprint.session.consent

    def keep(given: dict[str, str] | None) -> None:
        if given is not None:
            agreed: Given = {name: bool(given[name]) for name, _ in CONSENTS}
            asked = agreed["ai"] and not consent.ai
            # The test of an AI costs money and may do harm: it is agreed to in a window of its own, typed.
            agreed["ai"] = consent.ai if agreed["ai"] else False
            app.keep(lambda: app.sprint.edit("consent", **agreed, by=given["by"], at=timestamp()))
            if asked:
                from screens.ai import ask_consent

                ask_consent(app)

    given = {name: bool(consent.given(name)) for name, _ in CONSENTS}
    app.push_screen(GiveConsent(given, consent.by), keep)
