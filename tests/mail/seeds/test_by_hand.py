"""A message that a person pasted: judged by its receiver's word and ours, and told again by every later run."""

from __future__ import annotations

import html
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.errors import CannotTell, Offline
from checks.facts import Facts
from checks.mail.message import parse_message
from checks.mail.seeds.by_hand import read_by_hand
from checks.mail.seeds.copied import put_right
from checks.subject import Consent, MailPlan, ReadByHand, Seed, Stream, Subject
from launchready_tui.lab.world import World
from tests.mail.auditing import audit
from tests.mail.signing import Key, record, rsa_key, sign, zone_txt

SEED = "seed@inbox.example"
PLAIN = "From: Shop <hello@example.com>\r\nTo: Seed@inbox.example\r\nSubject: secret plans\r\n\r\nHello you\r\n"
RECEIVED = "Received: from a.example by mx.inbox.example with ESMTPS id 1; Tue, 1 Jan 2030 00:00:00 +0000\r\n"
STAMP = (
    "Authentication-Results: mx.inbox.example; dkim=pass header.d=example.com;"
    " spf=pass smtp.mailfrom=x@bounce.mail.example.com; dmarc=pass header.from=example.com\r\n"
)
Read = Callable[..., Awaitable[ReadByHand]]


@pytest.fixture(scope="module")
def key() -> Key:
    return rsa_key(1024)


@pytest.fixture
async def read(world: World, key: Key) -> AsyncIterator[Read]:
    world.zone(
        "example.com",
        {"s1._domainkey": [zone_txt(record(key))], "_dmarc": [zone_txt("v=DMARC1; p=none")], "@": ["A 192.0.2.1"]},
    )

    async def asked(text: str, where: str = "", offline: bool = False, **plan: object) -> ReadByHand:
        mail = replace(MailPlan(seeds=(Seed(SEED),)), **plan)  # type: ignore[arg-type]
        async with world.network(offline=offline) as network:
            facts = Facts(Subject.of("example.com", mail=mail), network)
            try:
                return await read_by_hand(facts, text.encode(), where=where)
            finally:
                await facts.aclose()

    yield asked


async def test_a_whole_message_is_verified_here_as_well(read: Read, key: Key) -> None:
    told = await read("\ufeff\n\n" + RECEIVED + STAMP + sign(PLAIN, key).decode(), "inbox")
    assert (told.mailbox, told.where, told.status) == (SEED, "inbox", "pass")
    assert any("verified again here: dkim=pass" in line for line in told.evidence)
    assert "dkim=pass header.d=example.com" in told.evidence
    assert not any("secret plans" in text or "Hello you" in text for text in (told.summary, *told.evidence, told.fix))


async def test_a_changed_body_is_told_beside_the_receivers_word(read: Read, key: Key) -> None:
    told = await read(RECEIVED + STAMP + sign(PLAIN, key).decode().replace("Hello you", "Hello them"))
    assert told.status == "pass"
    assert any("verified again here: dkim=fail" in line for line in told.evidence)


async def test_the_header_alone_is_judged_by_the_receivers_word(read: Read) -> None:
    told = await read(RECEIVED + STAMP + PLAIN.partition("\r\n\r\n")[0])
    assert told.status == "pass"
    assert any("the header alone" in line for line in told.evidence)


GMAIL_PAGE = (
    "Original Message\nMessage ID\t<1@example.com>\nFrom:\tShop <hello@example.com>\nSPF:\tPASS with IP 192.0.2.1\n\n"
    "Download Original\nCopy to clipboard\n\n"
)
SHOWN = RECEIVED + STAMP.replace("; ", ";\r\n ") + PLAIN


@pytest.mark.parametrize(
    "text",
    [
        GMAIL_PAGE + SHOWN,
        html.escape(SHOWN),
        textwrap.indent(SHOWN.replace("\r", ""), "    "),
        textwrap.indent(SHOWN.replace("\r", ""), "    ").lstrip(),
        textwrap.indent(SHOWN.replace("\r", ""), "> ", lambda line: True),
        SHOWN.replace("\r\n ", "\n"),
        SHOWN.replace("\r\n ", "\n\u00a0"),
        SHOWN.replace("\r\n", "\n\n"),
        SHOWN.replace("\r\n ", "\nFrom:To:Subject\n", 1).replace("\r\n ", "\n"),
    ],
    ids=[
        "page",
        "entities",
        "indented",
        "indented but for the first",
        "quoted",
        "no folds",
        "hard spaces",
        "double breaks",
        "list of names",
    ],
)
async def test_what_was_copied_from_a_page_is_put_right(read: Read, text: str) -> None:
    told = await read(text)
    assert (told.mailbox, told.status) == (SEED, "pass"), told
    assert any("copied from a page" in line for line in told.evidence)


async def test_a_file_in_utf_16_is_read(world: World) -> None:
    assert parse_message(put_right(SHOWN.encode("utf-16"))).from_domain == "example.com"


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text(alphabet="Received: >\n\t&lt;ab", max_size=300).map(str.encode))
def test_putting_right_never_raises(raw: bytes) -> None:
    parse_message(put_right(raw))


@pytest.mark.parametrize(
    ("stamp", "status", "word"),
    [
        (STAMP.replace("dkim=pass", "dkim=fail"), "fail", "dkim=fail"),
        (STAMP.replace("mx.inbox.example", "mx.stranger.example"), "error", "no verdict of its own"),
        ("", "error", "no verdict of its own"),
    ],
)
async def test_only_the_receivers_own_field_counts(read: Read, stamp: str, status: str, word: str) -> None:
    told = await read(RECEIVED + stamp + PLAIN)
    assert told.status == status and word in told.summary


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "not the header of a received message"),
        ("hello there", "not the header of a received message"),
        (PLAIN, "not the header of a received message"),
        (RECEIVED + STAMP + PLAIN.replace("hello@example.com", "me@gmail.com"), "from gmail.com and not from"),
        (RECEIVED + STAMP + PLAIN.replace("hello@example.com", "me@notexample.com"), "not from example.com"),
        (RECEIVED + STAMP + PLAIN.replace("Shop <hello@example.com>", "nobody"), "from nobody who can be told"),
    ],
)
async def test_what_is_no_message_of_the_site_is_refused(read: Read, text: str, word: str) -> None:
    with pytest.raises(CannotTell, match=word):
        await read(text)


async def test_a_declared_other_domain_is_ours_too(read: Read) -> None:
    text = RECEIVED + STAMP + PLAIN.replace("hello@example.com", "hello@shop.example")
    assert (await read(text, streams=(Stream("marketing", "shop.example"),))).status == "fail"
    assert (await read(text, from_address="hello@shop.example")).status == "fail"
    assert (await read(RECEIVED + STAMP + PLAIN.replace("hello@", "hello@mail."))).status == "pass"


async def test_a_strangers_mailbox_is_named_by_its_domain_alone(read: Read) -> None:
    told = await read(RECEIVED + STAMP + PLAIN.replace("Seed@", "ann@"))
    assert told.mailbox == "a mailbox at inbox.example"


async def test_offline_nothing_is_judged(read: Read) -> None:
    with pytest.raises(Offline):
        await read(RECEIVED + STAMP + PLAIN, offline=True)


# ---------------------------------------------------------------------- what later runs say of it


def kept(where: str = "", status: str = "fail", mailbox: str = SEED) -> ReadByHand:
    return ReadByHand(mailbox, "2030-01-01T00:00:00Z", where, status, "dkim=fail", ("dkim=fail",), "turn DKIM on")


async def statuses(world: World, *by_hand: ReadByHand, seeds: tuple[Seed, ...] = (Seed(SEED),)) -> dict[str, str]:
    found = await audit(
        world,
        "mail.seed-lost",
        "mail.seed-spam",
        "mail.seed-auth",
        plan=MailPlan(seeds=seeds, by_hand=by_hand),
        consent=Consent(seeds=True),
    )
    return {f"{finding.check} {finding.target}": f"{finding.status}: {finding.summary}" for finding in found}


@pytest.mark.parametrize(
    ("where", "word"),
    [
        ("inbox", "pass: the message lay in the inbox"),
        ("spam", "fail: the message lay in the spam folder"),
        ("other", "pass: the message lay in another folder"),
        ("", "skipped: where the message lay is not known"),
    ],
)
async def test_the_checks_tell_it_again(world: World, where: str, word: str) -> None:
    found = await statuses(world, kept(where))
    assert found[f"mail.seed-lost {SEED}"] == "pass: a message arrived"
    assert found[f"mail.seed-spam {SEED}"].startswith(word)
    assert found[f"mail.seed-auth {SEED}"] == "fail: dkim=fail"


async def test_without_it_the_seed_says_what_is_missing(world: World) -> None:
    found = await statuses(world)
    assert found[f"mail.seed-auth {SEED}"].startswith("skipped: no mail server")


async def test_a_mailbox_that_is_no_seed_is_told_too(world: World) -> None:
    found = await statuses(world, kept(mailbox="a mailbox at inbox.example"), seeds=())
    assert found["mail.seed-auth a mailbox at inbox.example"] == "fail: dkim=fail"
