"""The tree of includes: what it costs, how it is drawn and explained, and that it is read level by level."""

from __future__ import annotations

import asyncio

import pytest

from checks.mail.spf.fix import proposal
from checks.mail.spf.meaning import meanings
from checks.mail.spf.tree import Trouble, draw, published, tree
from checks.network import Network

NAMES = {
    "example.com": ["v=spf1 include:one.example include:two.example mx -all", "MX 10 mail.example.com.", "A 192.0.2.1"],
    "mail.example.com": ["A 192.0.2.25"],
    "one.example": ["v=spf1 include:three.example include:three.example a:mail.example.com ?all"],
    "two.example": ["v=spf1 include:three.example redirect=four.example"],
    "three.example": ["v=spf1 a:mail.example.com -all"],
    "four.example": ["v=spf1 ip4:198.51.100.0/24 ~all"],
}


class Rounds:
    """Holds every new question back until all that are under way have been answered, and counts such rounds."""

    def __init__(self, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self._asked: set[object] = set()
        self._waiting: list[asyncio.Future[None]] = []
        self._running = 0
        self._resolve = network.resolve
        monkeypatch.setattr(network, "resolve", self._held)

    async def _held(self, name, rdtype, **options):
        if (str(name).rstrip(".").lower(), rdtype) in self._asked:
            return await self._resolve(name, rdtype, **options)
        self._asked.add((str(name).rstrip(".").lower(), rdtype))
        gate = asyncio.get_running_loop().create_future()
        self._waiting.append(gate)
        await gate
        self._running += 1
        try:
            return await self._resolve(name, rdtype, **options)
        finally:
            self._running -= 1

    async def during(self, work):
        """Run `work`; what it asks goes out in rounds."""
        task = asyncio.ensure_future(work)
        while not task.done():
            # Enough turns of the loop for every answer's consequences to have been drawn.
            for _ in range(30):
                await asyncio.sleep(0)
            if self._waiting and not self._running:
                self.count += 1
                held, self._waiting = self._waiting, []
                for gate in held:
                    gate.set_result(None)
        return task.result()


async def test_every_repetition_costs_again(publish, facts_of):
    publish(NAMES)
    root = await tree(facts_of(), "example.com")
    assert root is not None
    # example.com: 3; one: 3 with twice three (1 each); two: 2 with three and four.
    assert root.lookups == 3 + (3 + 2) + (2 + 1)
    assert [node.domain for node in root.walk()].count("three.example") == 1


async def test_drawing(publish, facts_of):
    publish(NAMES)
    root = await tree(facts_of(), "example.com")
    assert root is not None
    assert draw(root) == [
        "example.com: 11 look-ups",
        "├─ include:one.example  [6 look-ups]",
        "│  ├─ include:three.example  [2 look-ups]",
        "│  │  ├─ a:mail.example.com",
        "│  │  └─ -all",
        "│  ├─ include:three.example  [2 look-ups, as above]",
        "│  ├─ a:mail.example.com",
        "│  └─ ?all",
        "├─ include:two.example  [4 look-ups]",
        "│  ├─ include:three.example  [2 look-ups, as above]",
        "│  └─ redirect=four.example",
        "│     └─ ~all",
        "├─ mx",
        "└─ -all",
    ]
    assert len(draw(root, limit=5)) == 6


async def test_each_level_is_asked_at_once(publish, facts_of, impatient, monkeypatch):
    publish(NAMES)
    facts = facts_of()
    rounds = Rounds(impatient, monkeypatch)
    root = await rounds.during(tree(facts, "example.com"))
    assert root is not None
    assert rounds.count == 3


async def test_the_whole_proposal_needs_few_rounds(publish, facts_of, impatient, monkeypatch):
    publish(NAMES)
    rounds = Rounds(impatient, monkeypatch)
    made = await rounds.during(proposal(facts_of("ip4:192.0.2.99")))
    assert made.text.startswith("v=spf1 ")
    assert rounds.count <= 3 + 3


async def test_a_tree_that_doubles_at_every_level_is_counted_and_drawn_at_once(publish, facts_of):
    names = {f"l{n}.example": [f"v=spf1 include:l{n + 1}.example include:l{n + 1}.example -all"] for n in range(30)}
    publish({"example.com": ["v=spf1 include:l0.example -all"], **names})
    root = await tree(facts_of(), "example.com")
    assert root is not None
    assert root.lookups > 1000
    assert len(draw(root)) <= 61


async def test_at_most_so_many_records_are_read(publish, facts_of, world):
    includes = " ".join(f"include:i{n}.example" for n in range(300))
    publish({"example.com": [f"v=spf1 {includes} -all"]})
    root = await tree(facts_of(), "example.com")
    assert root is not None
    assert root.lookups == 300
    assert len(set(world.resolver.queries)) == 64
    assert {branch.trouble for branch in root.branches} == {Trouble.NONE, Trouble.BEYOND}


async def test_what_a_name_publishes(publish, facts_of):
    publish({"example.com": ["v=spf1 -all", 'TXT "v=spf1;-all"', 'TXT "v=DMARC1; p=none"']})
    found = await published(facts_of(), "example.com")
    assert [record.text for record in found.records] == ["v=spf1 -all"]
    assert found.near == ("v=spf1;-all",)
    nothing = await published(facts_of(), "gone.example")
    assert nothing.void
    assert not nothing.exists
    assert not (await published(facts_of(), "a..b")).exists


async def test_what_each_term_authorises(publish, facts_of):
    publish(
        {
            "example.com": [
                "v=spf1 a mx ip4:198.51.100.0/24 ip6:2001:db8::/32 include:_spf.google.com include:list.example"
                " include:gone.example exists:%{i}.x.example ptr ?a:other.example ~all",
                "A 192.0.2.1",
                "MX 1 smtp.google.com.",
            ],
            "smtp.google.com": ["A 192.0.2.2"],
            "_spf.google.com": ["v=spf1 include:list.example -all"],
            "list.example": ["v=spf1 ip4:192.0.2.3 -all"],
            "other.example": ["A 192.0.2.4"],
        }
    )
    told = {meaning.term: (meaning.who, meaning.lookups) for meaning in await meanings(facts_of(), "example.com")}
    assert told == {
        "a": ("own servers (192.0.2.1)", 1),
        "mx": ("Google Workspace (192.0.2.2)", 1),
        "ip4:198.51.100.0/24": ("256 addresses", 0),
        "ip6:2001:db8::/32": ("2^96 addresses", 0),
        "include:_spf.google.com": ("Google Workspace", 2),
        "include:list.example": ("whoever list.example lists", 1),
        "include:gone.example": ("no SPF record", 1),
        "exists:%{i}.x.example": ("whom a look-up for each message names", 1),
        "ptr": ("hosts whose reverse DNS name is the domain's", 1),
        "?a:other.example": ("gives neutral, not pass, to servers of other.example (192.0.2.4)", 1),
        "~all": ("marks everybody else as suspicious", 0),
    }
