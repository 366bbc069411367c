"""What Google, Yahoo and Microsoft ask, held against what DNS shows of a domain."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from checks.facts import Facts
from checks.mail.receiver_rules import RECEIVER_RULES, receiver_standings
from checks.network import Network
from checks.subject import MailPlan, Subject
from launchready_tui.lab.world import World
from tests.mail.provider_cases import DMARC, Names, google_and_sendgrid, ses_alone
from tests.mail.signing import public_of_bits, record, rsa_key, zone_txt

Told = dict[tuple[str, str], tuple[str, str]]
EITHER = ("Google", "SPF or DKIM passes")
NAMES = ("Google", "the sending address has a PTR name that leads back to it")
BOTH = ("Microsoft", "SPF and DKIM both pass, with DMARC aligned (p=none is enough)")
DMARC_RULE = ("Google", "a DMARC record (p=none is enough)")
KEYS = ("Google", "DKIM keys of 1024 bits or more")
OWN = {"example.com": ['TXT "v=spf1 ip4:192.0.2.1 -all"']}
POINTER = "1.2.0.192.in-addr.arpa"


@pytest.fixture(scope="module")
def key() -> str:
    return zone_txt(record(rsa_key(2048)))


@pytest.fixture
def standings(world: World, network: Network) -> Callable[..., Awaitable[Told]]:
    async def asked(names: Names, *senders: str, selectors: tuple[str, ...] = ()) -> Told:
        world.zone(".", {f"{name}.": records for name, records in names.items()})
        facts = Facts(Subject.of("example.com", mail=MailPlan(senders=senders, selectors=selectors)), network)
        try:
            found = await receiver_standings(facts)
        finally:
            await facts.aclose()
        return {(s.rule.receiver, s.rule.rule): (s.mark.state.value, s.mark.why) for s in found}

    return asked


def test_the_rules_name_what_only_bulk_senders_need() -> None:
    assert {rule.receiver for rule in RECEIVER_RULES} == {"Google", "Yahoo", "Microsoft"}
    assert {rule.word for rule in RECEIVER_RULES if rule.receiver == "Microsoft"} == {"required only for bulk"}
    assert all(rule.bulk_only for rule in RECEIVER_RULES if "unsubscribe" in rule.rule or "DMARC" in rule.rule)
    assert {rule.word for rule in RECEIVER_RULES if rule.rule == "SPF or DKIM passes"} == {"required"}


async def test_a_domain_in_order(standings: Callable[..., Awaitable[Told]], key: str) -> None:
    told = await standings(google_and_sendgrid(key))
    for rule in (EITHER, BOTH, DMARC_RULE, KEYS):
        assert told[rule][0] == "right", (rule, told[rule])
    assert told[NAMES] == ("unknown", "your services send from addresses of their own, and name those themselves")
    unseen = [why for (_, rule), (state, why) in told.items() if state == "unknown" and "PTR" not in rule]
    assert len(unseen) == 5 and set(unseen) == {"not visible from DNS"}


async def test_nothing_is_set_up(standings: Callable[..., Awaitable[Told]]) -> None:
    told = await standings({"example.com": ['TXT "v=spf1 -all"']}, "SendGrid")
    assert told[EITHER] == ("wrong", "not for SendGrid")
    assert told[BOTH] == told[DMARC_RULE] == ("wrong", "no DMARC policy applies")
    assert told[KEYS] == ("unknown", "no RSA key was found")


async def test_one_of_two_is_enough_for_all_and_not_for_bulk(
    standings: Callable[..., Awaitable[Told]], key: str
) -> None:
    names = {
        "example.com": ['TXT "v=spf1 include:sendgrid.net ~all"'],
        "sendgrid.net": ['TXT "v=spf1 ip4:1.2.3.4 -all"'],
    }
    told = await standings({**names, **DMARC})
    assert told[EITHER][0] == "right"
    assert told[BOTH] == ("wrong", "not for SendGrid")


async def test_what_cannot_be_seen_is_unknown(standings: Callable[..., Awaitable[Told]], key: str) -> None:
    told = await standings(ses_alone(key))
    assert told[BOTH] == ("unknown", "not visible from DNS for Amazon SES")


async def test_nobody_sends(standings: Callable[..., Awaitable[Told]]) -> None:
    assert (await standings({"example.com": ['TXT "x"']}))[EITHER] == ("unknown", "no service was recognised")


async def test_a_small_key(standings: Callable[..., Awaitable[Told]]) -> None:
    names = {"s1._domainkey.example.com": [zone_txt(f"v=DKIM1; p={public_of_bits(768)}")]}
    assert (await standings(names, selectors=("s1",)))[KEYS] == ("wrong", "s1 has 768")


@pytest.mark.parametrize(
    ("names", "state", "word"),
    [
        ({POINTER: ["PTR mail.example.com."], "mail.example.com": ["A 192.0.2.1"]}, "right", "leads back to it"),
        ({POINTER: ["PTR mail.example.com."], "mail.example.com": ["A 192.0.2.9"]}, "wrong", "does not lead back"),
        ({}, "wrong", "192.0.2.1 has no name"),
    ],
)
async def test_names_of_own_addresses(
    standings: Callable[..., Awaitable[Told]], names: dict[str, list[str]], state: str, word: str
) -> None:
    told = (await standings({**OWN, **names}))[NAMES]
    assert told[0] == state and word in told[1]


async def test_silence_is_unknown(standings: Callable[..., Awaitable[Told]], world: World) -> None:
    world.resolver.silent()
    told = await standings({})
    assert {state for state, _ in told.values()} == {"unknown"}
