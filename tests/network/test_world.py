"""The seam against the lab: DNS, TLS and HTTP as every check uses them."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import itertools
import struct
from contextlib import AsyncExitStack

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest
from dns.message import Message
from hypothesis import given
from hypothesis import strategies as st

from checks.errors import ConnectFailed, DnsFailed, HttpFailed, Offline
from checks.network import Network
from checks.network.body import BEYOND, BODIES
from checks.network.dns import RESOLVER_LIMIT
from checks.network.dns_message import read_message
from checks.network.http import PAGE_LIMIT
from launchready_tui.lab.dns_server import DnsServer, Twist
from launchready_tui.lab.web_server import Reply, Request, page
from launchready_tui.lab.world import World

ADDRESS = "93.184.215.14"


async def test_resolves_and_chases_a_cname(world: World, network: Network) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"], "www": ["60 CNAME example.com."]})
    answer = await network.resolve("www.example.com", "A")
    assert answer.texts == (ADDRESS,)
    assert [(link.owner, link.target, link.ttl) for link in answer.chain] == [("www.example.com", "example.com", 60)]
    assert (await network.resolve("nope.example.com", "A")).nxdomain


async def test_a_question_is_asked_once(world: World, network: Network) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"]})
    await asyncio.gather(*(network.resolve("Example.com", "A") for _ in range(5)))
    assert network.counters.dns_queries == network.counters.dns_questions == 1


async def test_truncation_goes_on_over_tcp(world: World, network: Network) -> None:
    world.zone("example.com", {"@": [f'TXT "{n:03d} {"x" * 200}"' for n in range(30)]})
    answer = await network.resolve("example.com", "TXT")
    assert len(answer.texts) == 30
    assert network.counters.dns_queries == 2


def _txt_records(*rdatas: bytes, rdtype: int = 16) -> Twist:
    """An answer made by hand: dnspython writes no TXT record without a string."""

    def how(query: dns.message.Message, reply: dns.message.Message) -> bytes:
        plain = dns.message.make_response(query)
        plain.use_edns(-1)
        wire = plain.to_wire()
        records = (b"\xc0\x0c" + struct.pack("!HHIH", rdtype, 1, 60, len(rdata)) + rdata for rdata in rdatas)
        return wire[:6] + struct.pack("!H", len(rdatas)) + wire[8:] + b"".join(records)

    return how


async def test_a_text_without_strings_hides_no_other(world: World, network: Network) -> None:
    world.resolver.twist("example.com", "TXT", _txt_records(b"\x0bv=spf1 -all", b"", b"\x05hello"))
    assert set((await network.resolve("example.com", "TXT")).texts) == {"v=spf1 -all", "hello"}
    world.resolver.twist("alone.example.com", "TXT", _txt_records(b""))
    alone = await network.resolve("alone.example.com", "TXT")
    assert alone.ok and alone.texts == ()


@pytest.mark.parametrize(
    ("rdtype", "rdatas"), [(16, (b"\x05hello", b"\x09short")), (15, (b"",)), (16, (b"", b"\x09short"))]
)
async def test_other_damage_is_still_no_answer(world: World, rdtype: int, rdatas: tuple[bytes, ...]) -> None:
    name = dns.rdatatype.to_text(dns.rdatatype.RdataType.make(rdtype))
    world.resolver.twist("example.com", name, _txt_records(*rdatas, rdtype=rdtype))
    async with world.network(dns_timeout=0.1) as network:
        with pytest.raises(DnsFailed, match="cannot be read"):
            await network.resolve("example.com", name)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_known_error(wire: bytes) -> None:
    with contextlib.suppress(dns.exception.DNSException, ValueError):
        read_message(wire)


async def test_silence_is_a_failure_that_says_so(world: World) -> None:
    world.resolver.silent()
    async with world.network(dns_timeout=0.1) as network:
        with pytest.raises(DnsFailed) as caught:
            await network.resolve("example.com", "A")
    assert caught.value.timed_out
    assert len(world.resolver.queries) == 2


def losing(*lost: int) -> Twist:
    """A server's way on a link that loses these of its answers, counted from 1."""
    seen = itertools.count(1)
    return lambda query, reply: None if next(seen) in lost else reply


async def test_two_lost_packets_are_no_silence_where_the_network_works(world: World) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"], "www": [f"A {ADDRESS}"]})
    world.resolver.twist("www.example.com", "A", losing(1, 2))
    async with world.network(dns_timeout=0.1) as network:
        await network.resolve("example.com", "A")
        answer = await network.resolve("www.example.com", "A")
    assert answer.texts == (ADDRESS,)
    assert answer.edns


async def test_of_two_resolvers_each_may_lose_one(world: World) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"], "www": [f"A {ADDRESS}"]})
    other = DnsServer(world.resolver.zones, recursive=True)
    await other.start()
    for server in (world.resolver, other):
        server.twist("www.example.com", "A", losing(1))
    places = [f"{server.host}:{server.port}" for server in (world.resolver, other)]
    async with Network(nameservers=places, dns_timeout=0.1) as network:
        await network.resolve("example.com", "A")
        assert (await network.resolve("www.example.com", "A")).texts == (ADDRESS,)
    await other.stop()


async def test_a_server_that_knows_edns_is_not_asked_without_it(world: World) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"], "www": [f"A {ADDRESS}"]})
    world.resolver.twist("www.example.com", "A", losing(1))
    async with world.network(dns_timeout=0.1) as network:
        await network.resolve("example.com", "A")
        assert (await network.resolve("www.example.com", "A")).edns
    assert world.resolver.queries.count(("www.example.com", "A")) == 2


async def test_a_server_that_complains_about_edns_is_asked_without_it_from_then_on(world: World) -> None:
    def complain(query: Message, reply: Message) -> Message:
        if query.edns < 0:
            return reply
        bare = Message(query.id)
        bare.flags = dns.flags.QR
        bare.set_rcode(dns.rcode.FORMERR)
        return bare

    world.zone("example.com", {"@": [f"A {ADDRESS}"], "www": [f"A {ADDRESS}"]})
    world.resolver.twist(".", "*", complain)
    async with world.network(dns_timeout=0.1) as network:
        for name in ("example.com", "www.example.com"):
            assert (await network.resolve(name, "A")).texts == (ADDRESS,)
    assert len(world.resolver.queries) == 3


async def test_offline_says_so_at_once(world: World) -> None:
    async with world.network(offline=True) as network:
        with pytest.raises(Offline):
            await network.resolve("example.com", "A")


@pytest.mark.parametrize("http2", [True, False])
async def test_one_exchange_shows_everything(world: World, network: Network, http2: bool) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"]})

    def handle(request: Request) -> Reply:
        return page(
            f"hello {request.host} {request.target}",
            ("strict-transport-security", "a"),
            ("strict-transport-security", "b"),
        )

    server = await world.web(ADDRESS, handle, world.authority.issue("example.com"), http2=http2)
    answer = await network.http("GET", "https://example.com/x?y=1", verify=True)
    assert answer.status == 200
    assert answer.text == "hello example.com /x?y=1"
    assert answer.http_version == ("HTTP/2" if http2 else "HTTP/1.1")
    assert answer.headers.all("strict-transport-security") == ("a", "b")
    assert answer.address == ADDRESS
    assert answer.handshake is not None and answer.handshake.version == "TLSv1.3"
    assert answer.seconds.connect > 0 and answer.seconds.first_byte > 0
    again = await network.http("GET", "https://example.com/", verify=True)
    assert again.seconds.connect == 0
    assert server.connections == 1


async def test_many_at_once_share_one_http2_connection(world: World, network: Network) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"]})
    server = await world.web(ADDRESS, lambda request: page("x" * 100_000), world.authority.issue("example.com"))
    answers = await asyncio.gather(*(network.http("GET", f"https://example.com/{n}") for n in range(10)))
    assert {len(answer.body) for answer in answers} == {100_000}
    assert server.connections <= 2


async def test_no_answer_depends_on_those_before_it(world: World, network: Network) -> None:
    def handler(request: Request) -> Reply:
        return page(request.header("cookie"), ("set-cookie", "seen=1; Path=/"))

    world.zone("example.com", {"@": [f"A {ADDRESS}"]})
    await world.web(ADDRESS, handler, world.authority.issue("example.com"))
    url = "https://example.com/"
    answers = [await network.http("GET", url), await network.http("GET", url)]
    answers.append(await network.http("GET", url, headers={"cookie": "own=2"}))
    assert [answer.text for answer in answers] == ["", "", "own=2"]


async def test_a_bomb_is_cut(world: World, network: Network) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"]})
    bomb = gzip.compress(bytes(50_000_000))
    headers = (("content-encoding", "gzip"),)
    await world.web(ADDRESS, lambda request: Reply(200, headers, bomb))
    answer = await network.http("GET", "http://example.com/", limit=100_000)
    assert answer.truncated and len(answer.body) == 100_000


async def test_a_drip_ends_at_the_deadline(world: World, network: Network) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"]})

    async def drip():  # type: ignore[no-untyped-def]
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    await world.web(ADDRESS, lambda request: Reply(200, chunks=drip))
    with pytest.raises(HttpFailed) as caught:
        await network.http("GET", "http://example.com/", seconds=0.2)
    assert caught.value.timed_out


async def test_a_closed_port_is_refused(world: World, network: Network) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"]})
    with pytest.raises(ConnectFailed) as caught:
        await network.http("GET", "https://example.com/")
    assert caught.value.kind == "refused"


async def test_a_handshake_shows_the_chain_as_sent(world: World, network: Network) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"]})
    leaf = world.authority.issue("example.com").sending(world.authority.certificate)
    await world.web(ADDRESS, lambda request: page("x"), leaf)
    shown = await network.handshake("example.com")
    assert shown.alpn == "h2"
    assert shown.chain[0] == leaf.der
    assert len(shown.chain) == 2


async def test_a_run_holds_so_many_bytes_of_bodies_and_no_more(world: World, network: Network) -> None:
    """A site that sends without end must not take the memory of all the others; what was let go makes room again."""
    world.zone("example.com", {"@": [f"A {ADDRESS}"]})
    await world.web(ADDRESS, lambda request: Reply(200, (), bytes(PAGE_LIMIT + 1)))
    held = [await network.http("GET", f"http://example.com/{n}") for n in range(8)]
    assert all(answer.truncated for answer in held)
    assert sum(len(answer.body) for answer in held) < BODIES + 2 * PAGE_LIMIT
    assert len(held[-1].body) < 2 * BEYOND
    held.clear()
    assert len((await network.http("GET", "http://example.com/again")).body) == PAGE_LIMIT


async def test_all_audits_together_spare_the_resolver(world: World) -> None:
    """A burst that its buffer cannot hold would be lost, and every lost question costs seconds."""
    world.zone("example.com", {f"n{n}": [f"A {ADDRESS}"] for n in range(60)})
    async with AsyncExitStack() as stack:
        networks = [await stack.enter_async_context(world.network(dns_timeout=30.0)) for _ in range(4)]

        async def ask(network: Network, number: int) -> None:
            await network.resolve(f"n{number}.example.com", "A")

        world.resolver.silent()
        waiting = [asyncio.create_task(ask(network, n)) for network in networks for n in range(60)]
        while len(world.resolver.queries) < RESOLVER_LIMIT:  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0)
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(world.resolver.queries) == RESOLVER_LIMIT
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
