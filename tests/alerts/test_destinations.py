"""Who is alerted: the session's entries in one form, new ones as a person types them, and drills recorded by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.subject import BadName
from launchready_tui.alerts.adding import new, without
from launchready_tui.alerts.by_hand import moment, recorded
from launchready_tui.alerts.destinations import KINDS, Destination, destinations, find, read
from launchready_tui.session.model import Monitor, Session, Site

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def session(*entries: Any, errors: Any = None) -> Session:
    monitor = Monitor(destinations=list(entries), errors=errors if errors is not None else {})
    return Session(site=Site(domain="example.com"), monitor=monitor)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("Ada's phone", Destination("Ada's phone")),
        ("ada@example.org", Destination("ada@example.org", "mail", "smtp", "ada@example.org")),
        ({"kind": "slack"}, Destination("slack", "slack", "slack")),
        ({"name": "ops", "kind": "Slack", "vault": "slack-2"}, Destination("ops", "slack", "slack-2")),
        ({"name": "ops", "kind": "slack", "vault": "launchready/example.com/slack-2"},
         Destination("ops", "slack", "slack-2")),
        ({"name": "A", "kind": "twilio", "to": "+15550100123", "from": "+15550100999", "api": "https://x.example"},
         Destination("A", "sms", "twilio", "+15550100123", "+15550100999", "https://x.example")),
        ({"name": "A", "kind": "carrier pigeon"}, Destination("A")),
        ({"name": "A\x1b[31m\n B"}, Destination("A\u241b[31m B")),
        ({"name": 7}, Destination("7")),
        ({}, None),
        ("  ", None),
    ],
)  # fmt: skip
def test_every_form_of_an_entry(entry: Any, expected: Destination | None) -> None:
    assert read(entry) == expected


@given(st.dictionaries(st.text(max_size=8), st.one_of(st.text(), st.integers(), st.none(), st.lists(st.text()))))
def test_any_entry_can_be_read(entry: dict[str, Any]) -> None:
    found = read(entry)
    assert found is None or (found.name and found.name.isprintable())


@pytest.mark.parametrize(
    ("errors", "name"),
    [
        ({"dsn": "https://k@e.example/7", "tracker": "sentry"}, "Error tracker (sentry)"),
        ({"dsn": "https://k@e.example/7"}, "Error tracker"),
        ("https://k@e.example/7", "Error tracker"),
        ("sentry", None),
        ({"tracker": "sentry"}, None),
    ],
)
def test_the_tracker_is_one_of_them(errors: Any, name: str | None) -> None:
    made = session("Ada", "Ada", errors=errors)
    assert [row.name for row in destinations(made)] == ["Ada", *([name] if name else [])]
    assert (find(made, "Error tracker") is not None) == (name == "Error tracker")


def test_new_ones_have_a_credential_of_their_own_where_that_is_not_the_accounts() -> None:
    numbers = {"to": "+1 (555) 010-0123", "from": "+1 555 0100 999"}
    made = session({"name": "a", "kind": "slack"}, {"name": "b", "kind": "slack", "vault": "slack-2"},
                   {"name": "c", "kind": "sms"})  # fmt: skip
    assert new(made, "slack", {"name": "d"}).purpose == "slack-3"
    sms = new(made, "sms", {"name": "e", **numbers})
    assert sms.entry == {"name": "e", "kind": "sms", "vault": "twilio", "to": "+15550100123", "from": "+15550100999"}
    service = new(made, "sms", {"name": "e", **numbers, "from": "MG" + "0" * 32})
    assert service.entry["from"] == "MG" + "0" * 32
    given_mail = {"to": "ada@example.org", "mail-smtp_host": "smtp.example.com", "mail-smtp_user": "me",
                  "mail-from_address": "ops@example.com"}  # fmt: skip
    mail = new(made, "mail", {"name": "f", **given_mail})
    assert mail.entry == {"name": "f", "kind": "mail", "vault": "smtp", "to": "ada@example.org"}
    assert mail.mail == {"smtp_host": "smtp.example.com", "smtp_user": "me", "from_address": "ops@example.com"}


@pytest.mark.parametrize(
    ("kind", "given_", "words"),
    [
        ("slack", {"name": "a"}, "a is there already"),
        ("sms", {"name": "b", "to": "0170 123", "from": "+15550100999"}, "'0170 123' is no number"),
        ("sms", {"name": "b", "to": "+15550100123", "from": "me"}, "'me' is no number"),
        ("mail", {"name": "b", "to": "ada", "mail-smtp_host": "x", "mail-smtp_user": "", "mail-from_address": "a@b.c"},
         "'ada' is no mail address"),
        ("mail", {"name": "b", "to": "a@b.c", "mail-smtp_host": "x", "mail-smtp_user": "", "mail-from_address": ""},
         "'' is no mail address"),
        ("mail", {"name": "b", "to": "a@b.c", "mail-smtp_host": "a b", "mail-smtp_user": "",
                  "mail-from_address": "a@b.c"}, "a b"),
    ],
)  # fmt: skip
def test_what_cannot_be_one(kind: str, given_: dict[str, str], words: str) -> None:
    with pytest.raises(BadName, match=words.replace("'", ".")):
        new(session({"name": "a", "kind": "slack"}), kind, given_)


def test_taking_one_off_leaves_the_others_as_they_were_written() -> None:
    entries = ["Ada", {"name": "ops", "kind": "slack", "more": 1}, {"kind": "ntfy"}]
    made = session(*entries)
    gone = find(made, "ops")
    assert gone is not None
    assert without(made, gone) == [entries[0], entries[2]]


def test_every_kind_says_what_it_needs() -> None:
    for kind in KINDS.values():
        assert kind.title and kind.purpose
        assert bool(kind.secret)


# -------------------------------------------------------------------- by hand


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09:12", "2026-11-24 09:12"),
        ("9:12:30", "2026-11-24 09:12:30"),
        ("23:59", "2026-11-23 23:59"),
        ("2026-11-20 08:00", "2026-11-20 08:00"),
    ],
)
def test_times_as_people_write_them(text: str, expected: str) -> None:
    now = local("2026-11-24 12:00")
    assert moment(f" {text} ", now) == local(expected)
    assert moment("2026-11-24T09:00:00Z", NOON) == datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "25:00", "12:61", "2026-13-01", "9999-99-99"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(BadName, match="is no time"):
        moment(text, NOON)


@given(st.text(max_size=30))
def test_any_text_may_be_typed_as_a_time(text: str) -> None:
    try:
        assert moment(text, NOON) <= NOON
    except BadName as problem:
        assert "time" in str(problem) or "still to come" in str(problem)


@pytest.mark.parametrize(
    ("sent", "read_", "outcome", "seconds"),
    [
        ("2026-11-24T09:00:00Z", "2026-11-24T09:04:00Z", "read", 240.0),
        ("2026-11-24T09:00:00Z", "2026-11-24T09:15:00Z", "read", 900.0),
        ("2026-11-24T09:00:00Z", "2026-11-24T09:15:01Z", "late", 901.0),
        ("2026-11-24T09:00:00Z", " ", "unread", None),
    ],
)
def test_an_alert_of_another_monitor(sent: str, read_: str, outcome: str, seconds: float | None) -> None:
    alert = recorded("Ada", "UptimeRobot", sent, read_, now=NOON)
    assert (alert.outcome, alert.seconds, alert.sent_by) == (outcome, seconds, "UptimeRobot")
    assert alert.fired == alert.accepted == "2026-11-24T09:00:00Z"
    assert bool(alert.acknowledged) == (seconds is not None)


def test_nothing_is_read_before_it_was_sent_or_in_the_future() -> None:
    with pytest.raises(BadName, match="before it was sent"):
        recorded("Ada", "", "2026-11-24T09:00:00Z", "2026-11-24T08:59:00Z", now=NOON)
    with pytest.raises(BadName, match="still to come"):
        recorded("Ada", "", "2026-11-24T13:00:00Z", "", now=NOON)
