"""The grammar of DMARC records."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.mail.dmarc.advice import changed
from checks.mail.dmarc.record import begins_dmarc, meant_as_dmarc, parse_record, parse_report_uri, repaired_uris

RUA = "rua=mailto:d@example.com"


@pytest.mark.parametrize(
    "text",
    [
        "v=DMARC1; p=none",
        "v=DMARC1;p=none;",
        f"v = DMARC1 ; p = Reject ; {RUA} ; ",
        f"v=DMARC1; {RUA}; p=quarantine; sp=none; np=reject; adkim=s; aspf=R; psd=n; t=y; fo=1:d:s",
        f"v=DMARC1; {RUA}",
        "v=DMARC1; p=none; pct=50; rf=afrf; ri=86400; xyz=what ever; Q=",
        "v=DMARC1; p=none; fo=d:0; ruf=mailto:a@x.example!10m,https://report.example/in",
        "v=DMARC1; p=none; fo=s",
        "v=DMARC1; p=none; x-note=1; 2=3",
        "v=DMARC1; p=none; psd=x; t=maybe",
        "v=DMARC1; p=none;; sp=none",
        "v=DMARC1; p=none; rua=mailto:a@x.example , mailto:b%2Cc@y.example?subject=x",
    ],
)
def test_valid(text: str) -> None:
    record = parse_record(text)
    assert record.problems == ()
    assert record.identified and record.applies


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("v=dmarc1; p=none", "v"),
        ("V=DMARC1; p=none", "v"),
        ("v=DMARC1.0; p=none", "v"),
        ("v=DMARC10; p=none", "v"),
        ("v=DMARC1 p=none", "v"),
        (" v=DMARC1; p=none", "v"),
        ('"v=DMARC1; p=none"', "v"),
        ("p=none; v=DMARC1", "v"),
        ("p=reject; rua=mailto:a@b.example", "v"),
        ("v=DMARC1; p", ""),
        ("v=DMARC1; p=none; mailto:a@b.example", ""),
        ("v=DMARC1; p=none; p=reject", "p"),
        ("v=DMARC1; v=DMARC1; p=none", "v"),
        ("v=DMARC1", "p"),
        ("v=DMARC1; sp=none", "p"),
        ("v=DMARC1; p=block", "p"),
        ("v=DMARC1; p=", "p"),
        ("v=DMARC1; P=none", "p"),
        (f"v=DMARC1; p=block; {RUA}", "p"),
        ("v=DMARC1; p=none; sp=x", "sp"),
        ("v=DMARC1; p=none; np=", "np"),
        ("v=DMARC1; p=none; adkim=relaxed", "adkim"),
        ("v=DMARC1; p=none; aspf=x", "aspf"),
        ("v=DMARC1; p=none; fo=2", "fo"),
        ("v=DMARC1; p=none; fo=0:1", "fo"),
        ("v=DMARC1; p=none; fo=d:d", "fo"),
        ("v=DMARC1; p=none; fo=", "fo"),
        ("v=DMARC1; p=none; rua=dmarc@example.com", "rua"),
        ("v=DMARC1; p=none; rua=", "rua"),
        ("v=DMARC1; p=none; rua=mailto:", "rua"),
        ("v=DMARC1; p=none; rua=mailto:nobody", "rua"),
        ("v=DMARC1; p=none; rua=mailto:a@x.example,b@x.example", "rua"),
        ("v=DMARC1; p=none; rua=mailto:a@x.example mailto:b@x.example", "rua"),
        ("v=DMARC1; p=none; ruf=nonsense", "ruf"),
    ],
)
def test_faults(text: str, tag: str) -> None:
    record = parse_record(text)
    assert meant_as_dmarc(text)
    assert tag in {name for name, _ in record.problems}, record.problems


@pytest.mark.parametrize("text", ["v=spf1 -all", "hello", "", "google-site-verification=p", "v=BIMI1; l=https://x/"])
def test_foreign_records(text: str) -> None:
    assert not meant_as_dmarc(text)


def test_beginning() -> None:
    assert begins_dmarc("v=DMARC1") and begins_dmarc("v = DMARC1;p=none") and begins_dmarc("v=DMARC1 p=none")
    assert not begins_dmarc("v=DMARC12") and not begins_dmarc(" v=DMARC1") and not begins_dmarc("v=dmarc1")


@pytest.mark.parametrize(
    ("text", "below", "gone", "policy"),
    [
        ("p=reject; sp=quarantine; np=none", False, False, "reject"),
        ("p=reject; sp=quarantine; np=none", True, False, "quarantine"),
        ("p=reject; sp=quarantine; np=none", True, True, "none"),
        ("p=reject; sp=quarantine", True, True, "quarantine"),
        ("p=reject; np=none", True, False, "reject"),
        ("p=reject", True, True, "reject"),
        (f"p=rejekt; {RUA}", False, False, "none"),
        (f"p=reject; sp=x; {RUA}", False, False, "none"),
        (RUA, False, False, "none"),
    ],
)
def test_requested_policy(text: str, below: bool, gone: bool, policy: str) -> None:
    record = parse_record(f"v=DMARC1; {text}")
    assert record.applies
    assert record.requested(below=below, missing_name=gone)[0] == policy


def test_record_without_any_use_does_not_apply() -> None:
    assert not parse_record("v=DMARC1; p=rejekt").applies
    assert not parse_record("v=DMARC1; p=reject; sp=rejekt").applies
    assert not parse_record("v=dmarc1; p=reject").applies


@pytest.mark.parametrize(("policy", "lower"), [("reject", "quarantine"), ("quarantine", "none"), ("none", "none")])
def test_test_mode_lowers_by_one(policy: str, lower: str) -> None:
    assert parse_record(f"v=DMARC1; p={policy}; t=y").lowered(policy) == lower
    assert parse_record(f"v=DMARC1; p={policy}; t=n").lowered(policy) == policy


def test_report_uris() -> None:
    assert parse_report_uri("mailto:A@Example.COM!5m").domain == "example.com"  # type: ignore[union-attr]
    assert parse_report_uri("HTTPS://x.example/").scheme == "https"  # type: ignore[union-attr]
    assert parse_report_uri("mailto:a b@x.example") is None
    assert repaired_uris("a@x.example, mailto:b@y.example, nonsense") == "mailto:a@x.example,mailto:b@y.example"


def test_changed_records_are_valid_and_tidy() -> None:
    record = parse_record("v=DMARC1; rua=mailto:a@x.example; pct=20; p=none; ri=1; sp=none; sp=reject")
    text = changed(record, {"p": "quarantine", "t": None})
    assert text == "v=DMARC1; p=quarantine; rua=mailto:a@x.example; sp=none"
    assert parse_record(text).problems == ()


@given(st.text(max_size=300) | st.from_regex(r"v=DMARC1;( ?[a-z]{1,4}=[a-z0-9:@,!. ]{0,20};?){0,8}", fullmatch=True))
def test_never_raises(text: str) -> None:
    record = parse_record(text)
    meant_as_dmarc(text)
    if record.applies:
        assert record.requested()[0] in ("none", "quarantine", "reject")
    changed(record, {})
