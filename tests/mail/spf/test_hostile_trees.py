"""Records made to be expensive: names that include each other again and again, and thousands of networks."""

from __future__ import annotations

import ipaddress
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.finding import Status
from checks.mail.spf.fix import proposal
from checks.mail.spf.networks import Coverage, Grant, outermost
from checks.mail.spf.reach import grants
from launchready_tui.mail_view import MOST_BRANCHES, look_at_mail
from tests.growth import assert_linear

LEVELS, AGAIN = 9, 8
"""Eight includes of the next level on each of nine: 134 million ways down to the one network."""


@pytest.fixture
def maze(publish):
    publish(
        {
            "example.com": [f"v=spf1 {'include:l0.example.net ' * AGAIN}-all"],
            **{
                f"l{level}.example.net": [f"v=spf1 {f'include:l{level + 1}.example.net ' * AGAIN}-all"]
                for level in range(LEVELS)
            },
            f"l{LEVELS}.example.net": ["v=spf1 ip4:192.0.2.0/24 -all"],
        }
    )


async def test_a_maze_of_includes_is_walked_once(maze, audit, facts_of):
    found = await audit("ip4:192.0.2.7")
    assert found["lookup-limit"][0].status is Status.FAIL
    assert found["sender-missing"][0].status is Status.PASS
    facts = facts_of()
    assert await grants(facts, "example.com") == (Grant(ipaddress.ip_network("192.0.2.0/24"), True),)
    assert len((await look_at_mail(facts)).records[0].branches) <= MOST_BRANCHES


@pytest.mark.parametrize(
    "term", ["a:x{}.example.com", "include:x{}.example.com", "exists:x{}.example.com", "mx:x{}.example"]
)
async def test_of_thousands_of_terms_few_are_asked(publish, audit, facts_of, world, term):
    publish({"example.com": [f"v=spf1 {' '.join(term.format(n) for n in range(2000))} -all"]})
    found = await audit("ip4:192.0.2.7")
    assert "2000" in found["lookup-limit"][0].summary
    assert "terms that ask DNS" in (await proposal(facts_of())).obstacle
    assert len(set(world.resolver.queries)) < 300


async def test_a_drawn_tree_ends(publish, facts_of):
    publish({"example.com": [f"v=spf1 {' '.join(f'ip4:192.0.{n}.1' for n in range(250))} -all"]})
    assert len((await look_at_mail(facts_of())).records[0].branches) == MOST_BRANCHES


def test_many_networks_are_judged_in_linear_time():
    def work(text: str) -> None:
        networks = [ipaddress.ip_network((number * 512, 24)) for number in range(len(text) // 16)]
        covering = Coverage(Grant(network, bool(at % 3)) for at, network in enumerate(networks))
        assert [covering.covers(network) for network in networks] == [bool(at % 3) for at in range(len(networks))]
        assert outermost(networks) == frozenset(networks)

    assert_linear(work, "ip4:192.0.2.0/24")


async def test_networks_side_by_side_are_joined_where_the_record_is_too_long(publish, facts_of):
    publish({"example.com": [f"v=spf1 mx {' '.join(f'ip4:192.0.{n}.0/24' for n in range(128))} -all"]})
    made = await proposal(facts_of())
    assert made.text == "v=spf1 ip4:192.0.0.0/17 -all" and not made.notes


async def test_a_network_inside_another_stays_where_a_term_keeps_somebody_out(publish, facts_of):
    kept = "ip4:192.0.2.1 ?ip4:192.0.2.0/25 ip4:192.0.2.0/24"
    publish({"example.com": [f"v=spf1 {kept} ?all"]})
    assert (await proposal(facts_of())).text == f"v=spf1 {kept} ~all"


async def test_what_an_included_record_keeps_out_is_not_let_in(publish, facts_of):
    publish(
        {
            "example.com": ["v=spf1 include:a.example.net -all"],
            "a.example.net": ["v=spf1 -ip4:192.0.2.0/25 ip4:192.0.2.0/24 -all"],
        }
    )
    assert await grants(facts_of(), "example.com") == (Grant(ipaddress.ip_network("192.0.2.128/25"), True),)


# ---------------------------------------------------------------------- against the plain reading


def _network(number: int) -> ipaddress.IPv4Network:
    dice = random.Random(number)
    return ipaddress.ip_network((dice.randrange(64), dice.randrange(26, 33)), strict=False)


_GRANTS = st.lists(st.tuples(st.integers(0, 500).map(_network), st.booleans()), max_size=12)


@given(_GRANTS, st.integers(0, 500).map(_network))
def test_the_first_network_that_holds_an_address_decides(pairs, asked):
    def passes(address):
        return next((allowed for network, allowed in pairs if address in network), False)

    covering = Coverage(Grant(network, allowed) for network, allowed in pairs)
    assert covering.covers(asked) == all(map(passes, asked))
    inside = {address for network in covering.networks for address in network}
    assert inside == {address for address in ipaddress.ip_network("0.0.0.0/26") if passes(address)}


@given(st.lists(st.integers(0, 500).map(_network), max_size=12))
def test_the_outermost_networks(networks):
    expected = {one for one in networks if not any(one != other and one.subnet_of(other) for other in networks)}
    assert outermost(networks) == expected
