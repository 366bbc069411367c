"""A record that is too long for one answer: what is published in its place, and that no verdict changes."""

from __future__ import annotations

import asyncio
import ipaddress
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.mail.spf import parse
from checks.mail.spf.fix import proposal
from checks.mail.spf.proof import same_verdicts
from checks.mail.spf.split import NAME_AND_TEXT, split

ASKING = ("a", "a/24//64", "mx", "a:a.example", "include:b.example", "exists:%{i}.c.example", "exists:%{d}.d.example")


def _words(dice):
    """Terms of a long record: mostly networks, some that ask DNS, some that keep somebody out."""
    words = []
    for _ in range(dice.randrange(20, 70)):
        four = ipaddress.ip_network((dice.getrandbits(32), dice.randrange(20, 33)), strict=False)
        six = ipaddress.ip_network((dice.getrandbits(128), dice.randrange(40, 129)), strict=False)
        words.append(
            dice.choice(["", "", "", "-", "~", "?"]) + dice.choice([f"ip4:{four}", f"ip4:{four}", f"ip6:{six}"])
        )
    for word in dice.sample(ASKING, dice.randrange(3)):
        words.insert(dice.randrange(len(words)), word)
    return words


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["-all", "~all", "redirect=r.example"]), st.booleans())
def test_a_split_gives_every_verdict_of_the_whole(seed, end, passing):
    words = _words(random.Random(seed))
    words = [word.lstrip("-~?") for word in words] if passing else words
    terms = parse(f"v=spf1 {' '.join(words)}").terms
    whole = " ".join(("v=spf1", *words, end))
    asking = sum(word in ASKING for word in words) + end.startswith("r")
    found = split("example.com", terms, [end], most=10 - asking)
    assert found is not None or not passing
    if found is not None:
        text = " ".join(("v=spf1", *(term.text for term in found.terms), end))
        records = {"example.com": text, **found.helpers}
        assert all(
            len(name) + len(each) <= NAME_AND_TEXT and not parse(each).problems for name, each in records.items()
        )
        assert asyncio.run(same_verdicts("example.com", whole, records))


def test_a_lost_network_and_a_turned_order_are_seen():
    whole = "v=spf1 -ip4:192.0.2.128/25 ip4:192.0.2.0/24 ~all"
    include = "v=spf1 -include:x.example ip4:192.0.2.0/24 ~all"

    def same(**records):
        return asyncio.run(same_verdicts("example.com", whole, {k.replace("_", "."): v for k, v in records.items()}))

    assert same(example_com=include, x_example="v=spf1 ip4:192.0.2.128/25 -all")
    assert not same(example_com=include, x_example="v=spf1 ip4:192.0.2.128/26 -all")
    assert not same(
        example_com="v=spf1 ip4:192.0.2.0/24 -include:x.example ~all", x_example="v=spf1 ip4:192.0.2.128/25 -all"
    )


async def test_a_long_record_is_published_as_several(publish, audit, facts_of, check_host):
    networks = [f"192.0.{2 * n}.0/24" for n in range(100)]
    names = {
        "mail.example.com": ["A 198.51.100.7"],
        "_spf.google.com": ["v=spf1 ip4:203.0.113.0/24 -all"],
    }
    own = f"v=spf1 a:mail.example.com {' '.join(f'ip4:{n}' for n in networks)} include:_spf.google.com ~all"
    publish({"example.com": [own], **names})
    made = await proposal(facts_of())
    assert not made.obstacle and made.lookups == 2 + len(made.helpers) <= 10
    assert list(made.helpers) == [f"_spf{n}.example.com" for n in range(1, len(made.helpers) + 1)]
    assert len(made.record.splitlines()) == 1 + len(made.helpers)
    assert all(len(string) <= 255 for string in made.record.split('"')[1::2])
    publish({"example.com": [made.text], **{name: [text] for name, text in made.helpers.items()}, **names})
    for address, result in {
        **{n.replace("0/24", "255"): "pass" for n in networks},
        "192.0.1.0": "softfail",
        "198.51.100.7": "pass",
        "203.0.113.9": "pass",
        "203.0.114.0": "softfail",
    }.items():
        assert (await check_host("me@example.com", address)).result == result
    # Once it is published nothing is left to change.
    assert (await proposal(facts_of())).text == made.text
    assert not {name for name, found in (await audit()).items() for f in found if f.is_problem}


async def test_between_255_and_450_bytes_it_is_one_record_in_two_strings(publish, facts_of):
    own = f"v=spf1 {' '.join(f'ip4:192.0.{2 * n}.0/24' for n in range(20))} +all"
    publish({"example.com": [own]})
    made = await proposal(facts_of())
    assert made.record == f'example.com TXT "{made.text[:255]}" "{made.text[255:]}"'
    assert "Route 53" in made.instruction


async def test_what_keeps_somebody_out_keeps_its_place(publish, facts_of, check_host):
    terms = [f"-ip4:192.0.{2 * n}.128/25 ip4:192.0.{2 * n}.0/24" for n in range(4)]
    terms += [f"-ip4:198.51.{2 * n}.0/24" for n in range(40)] + ["ip4:198.51.0.0/16"]
    publish({"example.com": [f"v=spf1 {' '.join(terms)} -all"]})
    made = await proposal(facts_of())
    assert made.helpers and not made.obstacle
    publish({"example.com": [made.text], **{name: [text] for name, text in made.helpers.items()}})
    for address, result in {
        "192.0.6.1": "pass",
        "192.0.6.129": "fail",
        "198.51.78.1": "fail",
        "198.51.79.1": "pass",
    }.items():
        assert (await check_host("me@example.com", address)).result == result


async def test_flattened_addresses_are_split_and_tell_that_they_go_stale(publish, facts_of):
    lists = {f"s{n}.example": [f"v=spf1 a:h{n}.example ip4:198.51.{n}.0/24 -all"] for n in range(5)}
    hosts = {f"h{n}.example": [f"A 203.0.{2 * n}.1"] for n in range(5)}
    big = {"sendgrid.net": [f"v=spf1 exists:x.example {' '.join(f'ip4:167.{2 * n}.0.0/16' for n in range(30))} -all"]}
    includes = " ".join(f"include:{name}" for name in (*lists, *big))
    publish({"example.com": [f"v=spf1 {includes} -all"], **lists, **hosts, **big})
    made = await proposal(facts_of())
    assert not made.obstacle and made.lookups <= 10
    assert "go stale" in made.instruction


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (
            " ".join(f"exists:%{{i}}.e{n}.example" for n in range(11)),
            "no addresses can stand for (exists:%{i}.e0.example",
        ),
        (
            " ".join(f"ip4:192.{n % 250}.{2 * (n // 250)}.0/24" for n in range(0, 900, 2)),
            "only 9 more can be included",
        ),
    ],
)
async def test_what_is_impossible_says_why_and_what_to_do(publish, audit, facts_of, terms, said):
    publish({"example.com": [f"v=spf1 {terms} include:sendgrid.net +all"], "sendgrid.net": ["v=spf1 -all"]})
    made = await proposal(facts_of())
    assert said in made.obstacle
    assert "no longer sends for you (SendGrid)" in made.obstacle
    assert "let SendGrid send with the return path em.example.com" in made.obstacle
    assert (await audit())["all-permissive"][0].fix == made.obstacle
