"""What is planted for the test of the product's AI, and for which endpoint the owner agreed."""

from __future__ import annotations

import pytest

from checks.subject import BadName
from launchready_tui.ai_plants import instructions, made, plants
from launchready_tui.handover import render
from launchready_tui.session.model import Ai, Consent, Session, Site
from launchready_tui.subject import subject_of

ENDPOINT = "https://app.example.com/api/chat"


def session(ai: Ai | None = None, consent: Consent | None = None) -> Session:
    site = Site(domain="example.com", uses_ai=True)
    return Session(site=site, ai=ai or Ai(endpoint=ENDPOINT), consent=consent or Consent())


def test_plants_are_made_once_and_unique_to_a_sprint() -> None:
    first, second = made(Ai()), made(Ai())
    assert len(first["canaries"]) == 4
    assert not set(first["canaries"]) & set(second["canaries"])
    assert len(first["forbidden_tools"]) == 1
    ai = Ai(canaries=first["canaries"], forbidden_tools=["refund", *first["forbidden_tools"]])
    assert made(ai) == {"canaries": ai.canaries, "forbidden_tools": ai.forbidden_tools}


def test_what_the_owner_planted_before_stays() -> None:
    ai = Ai(canaries=["my own mark 12345"], forbidden_tools=["refund"])
    assert made(ai)["canaries"] == ["my own mark 12345"]
    assert made(ai)["forbidden_tools"][0] == "refund"


def test_the_instructions_name_everything_to_plant() -> None:
    ai = Ai(**made(Ai()), sink="sink.consultant.example")
    text = instructions(ai)
    assert [plant.name for plant in plants(ai)] == ["C1", "C2", "C3", "C4", "S1", "U1", "U1"]
    for plant in plants(ai):
        assert plant.text in text and plant.where in text
    assert "https://sink.consultant.example/launch-check-1.html" in text
    assert "operator of this assistant" in text
    assert "launch-check.example" in instructions(Ai(**made(Ai())))


def test_a_fifth_canary_is_told_as_well() -> None:
    ai = Ai(canaries=["a" * 9, "b" * 9, "c" * 9, "d" * 9, "e" * 9])
    assert plants(ai)[4].name == "C5"


def test_nothing_is_told_before_it_was_made() -> None:
    assert plants(Ai(sink="sink.consultant.example")) == []


@pytest.mark.parametrize("form", ["md", "html"])
def test_no_plant_is_in_the_handover(form: str) -> None:
    fresh = made(Ai())
    whole = session(Ai(endpoint=ENDPOINT, **fresh))
    text = render(whole, form).decode()  # type: ignore[arg-type]
    assert not any(canary in text for canary in fresh["canaries"])


@pytest.mark.parametrize(
    ("agreed", "stands"),
    [
        (True, True),
        (False, False),
        ({"by": "Ann"}, True),
        ({"by": "Ann", "endpoint": ENDPOINT}, True),
        ({"by": "Ann", "endpoint": "/api/chat"}, False),
        ({"by": "Ann", "endpoint": "https://app.example.com/other"}, False),
        ({}, False),
    ],
)
def test_consent_holds_for_the_endpoint_that_it_was_given_for(agreed: object, stands: bool) -> None:
    consent = Consent(ai=agreed)  # type: ignore[arg-type]
    assert subject_of(session(consent=consent)).consent.ai is stands


def test_who_agreed_goes_along() -> None:
    consent = Consent(ai={"by": "Ann", "endpoint": ENDPOINT, "at": "2026-11-24T09:00:00Z"})
    told = subject_of(session(consent=consent)).consent
    assert (told.by, told.at) == ("Ann", "2026-11-24T09:00:00Z")


def test_a_consent_for_no_address_names_its_field() -> None:
    with pytest.raises(BadName, match=r"^consent\.ai"):
        subject_of(session(consent=Consent(ai={"endpoint": "ftp://x"})))
