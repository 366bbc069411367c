"""Text that wants to act on the terminal or on Textual goes through every screen, and stays text."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import pytest

from checks.finding import timestamp
from launchready_tui.session.model import (
    Alert,
    Change,
    Contact,
    Known,
    Monitor,
    Run,
    SecretEntry,
    Session,
    Site,
    SprintTimes,
    StatusChange,
    Step,
    StoredFinding,
    Subdomain,
    Watch,
)
from launchready_tui.session.toml import dumps
from launchready_tui.sprint import Sprint
from tests.screens.conftest import OpenApp
from tests.screens.waiting import text_of, until

PAYLOADS = (
    "\x1b]0;OWNED\x07",
    "\x1b]52;c;T1dORUQ=\x07",
    "\x1b]0;OWNED\x1b\\",
    "\x1b[31mred\x1b[2J\x1b[H",
    "bell\x07 return\r back\x08 nul\x00 del\x7f",
    "\u009b31mC1 \u009d0;OWNED\u009c",
    "rlo\u202egnp.exe lri\u2066x zwsp\u200b",
    "[bold red]markup[/bold red]",
    "[/foo]",
    "[@click=app.quit]click me[/]",
    "[link=https://evil.example]link[/link]",
    "[a:b] $success {x!r} %s",
    "line\u2028separator\u2029",
    "\ud800lone",
    "e\u0301 \u4e2d\u6587 \U0001f469\u200d\U0001f680",
)
ALL = " ".join(PAYLOADS)


def hostile_session() -> Session:
    """Every text of a session that a screen can show, as a hand or an attacker may have left it."""
    findings = [
        StoredFinding(
            check=f"dns.check-{number}",
            target=f"{payload}.example.com",
            status=status,  # type: ignore[arg-type]
            triage="now" if number % 2 else "later",
            triage_reason=payload,
            triage_by=payload,
            summary=payload,
            cost=payload,
            evidence=[payload, ALL],
            fix=payload,
            observed=payload,
            private_note=payload,
            known=Known(status="fail", summary=payload, observed=payload) if status == "error" else None,
        )
        for number, payload in enumerate(PAYLOADS)
        for status in (("fail", "warn", "error", "info", "skipped", "pass")[number % 6],)
    ]
    # The check that a real step shows in its detail.
    findings += [
        StoredFinding(
            check=check, target=ALL, status="fail", triage="now", summary=ALL, cost=ALL, fix=ALL, evidence=[ALL]
        )
        for check in ("dns.www-missing", "spf.missing", "dkim.missing", "dmarc.missing")
    ]
    return Session(
        site=Site(domain="example.com", canonical=ALL),
        # Now: which block opens goes by the hour of the sprint.
        sprint=SprintTimes(started=timestamp(), consultant=ALL, client=ALL),
        monitor=Monitor(urls=[ALL, {"url": ALL}], destinations=[ALL, {"kind": ALL, "name": ALL}]),
        step=[Step(id="S2.2", state="done", by=ALL, at=ALL, note=ALL, private_note=ALL)],
        finding=findings,
        run=[
            Run(number=1, started=ALL, only=[ALL], complete=True, counts={"fail": 1},
                before=[StatusChange(check=ALL, target=ALL, was="fail", now="pass"),
                        StatusChange(check=ALL, target="x", was="", now="fail")])
        ],
        change=[Change(what=ALL, by=ALL, before=ALL, after=ALL, undo=ALL)],
        subdomain=[Subdomain(name=ALL, purpose=ALL)],
        secret=[SecretEntry(name=ALL, place=ALL, note=ALL)],
        alert=[Alert(destination=ALL, fired=ALL, error=ALL)],
        contact=[Contact(name=ALL, role=ALL, reach=ALL)],
        watch=[
            Watch(url=f"https://{ALL}", taken=3, failed=1, p95=0.2, last_ok=False, last_reason=ALL,
                  incidents=[{"begin": ALL, "end": ALL, "reason": ALL}], regions=[{"region": ALL, "ok": None, "reason": ALL}])
        ],
    )  # fmt: skip


def assert_harmless(svg: str) -> None:
    """No character on the screen can act, and the picture is well-formed (an escape would break it)."""
    ElementTree.fromstring(svg)
    for character in text_of(svg):
        if character not in "\n":
            assert unicodedata.category(character)[0] != "C", hex(ord(character))
            assert character not in "\u2028\u2029"


KEYS = [
    "",
    "1",
    "2",
    "3",
    "4",
    "5",
    "m",
    "w",
    "d",
    "b",
    "h",
    "v",
    "space",
    "n",
    "t",
    "i",
    "k",
    "question_mark",
    "enter",
]


@pytest.mark.parametrize("key", KEYS)
async def test_no_screen_lets_it_act(open_app: OpenApp, key: str) -> None:
    sprint = Sprint.in_memory(hostile_session())
    async with open_app(sprint, size=(100, 40)) as pilot:
        steps = pilot.app.screen.query_one("#steps")
        await pilot.press("2")
        steps.highlighted = steps.get_option_index("S2.2")  # type: ignore[attr-defined]
        await pilot.pause()
        if key:
            await pilot.press(key)
            await pilot.pause()
        if key == "h":
            await until(pilot, lambda: bool(pilot.app.screen.query("#section-sign-off")))
        for widget in pilot.app.screen.query("*"):
            if widget.max_scroll_y:
                widget.scroll_end(animate=False)
        await pilot.pause()
        assert_harmless(pilot.app.export_screenshot())
        assert pilot.app.is_running
        assert pilot.app.return_code is None


async def test_every_hostile_finding_can_be_read_and_toasted(open_app: OpenApp) -> None:
    sprint = Sprint.in_memory(hostile_session())
    async with open_app(sprint, size=(100, 40)) as pilot:
        pilot.app.open_finding([row.key for row in sprint.session.finding])  # type: ignore[attr-defined]
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "FindingScreen")
        read = ""
        for _ in sprint.session.finding:
            assert_harmless(pilot.app.export_screenshot())
            read += text_of(pilot.app.export_screenshot())
            await pilot.press("right")
        # It is there to be read, and literally so.
        for literal in (
            "\u241b]0;OWNED\u2407",
            "<U+202E>gnp.exe",
            "[@click=app.quit]click me",
            "[/foo]",
            "<U+009B>31m",
        ):
            assert literal in read
        for payload in PAYLOADS:
            problem = OSError(5, payload)
            pilot.app.complain(problem)  # type: ignore[attr-defined]
        await pilot.pause()
        assert_harmless(pilot.app.export_screenshot())


async def test_the_list_of_sprints_is_no_way_in(open_app: OpenApp, shelf: object) -> None:
    folder: Path = shelf.folder  # type: ignore[attr-defined]
    folder.mkdir(parents=True)
    writable = hostile_session()
    (folder / "good.launch.toml").write_bytes(dumps(writable).replace(b"\xed\xa0\x80", b"?"))
    (folder / "[bold]damaged[|foo].launch.toml").write_text("schema = \x1b]0;OWNED\x07", "utf-8")
    async with open_app(size=(120, 40)) as pilot:
        await until(pilot, lambda: "damaged" in text_of(pilot.app.export_screenshot()))
        assert_harmless(pilot.app.export_screenshot())


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_what_is_typed_and_pasted_is_harmless_too(open_app: OpenApp, sprint: Sprint, payload: str) -> None:
    from textual import events

    async with open_app(sprint) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "WriteNote")
        pilot.app.screen.query_one("#note").post_message(events.Paste(payload))
        await pilot.pause()
        assert_harmless(pilot.app.export_screenshot())
        await pilot.press("escape", "space")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "MarkStep")
        pilot.app.screen.query_one("#by").post_message(events.Paste(payload))
        await pilot.pause()
        assert_harmless(pilot.app.export_screenshot())
