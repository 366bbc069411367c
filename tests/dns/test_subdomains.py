"""Wildcards and subdomains: declared, found, and made by a wildcard."""

from __future__ import annotations

import dns.message
import pytest
from dns.message import Message
from hypothesis import given
from hypothesis import strategies as st

from checks.dns.lookup import public_names
from checks.dns.names_in_text import names_under
from checks.facts import Facts
from checks.subject import Route, Subject
from launchready_tui.lab.web_server import page
from tests.dns.conftest import APEX, HEALTHY, Dns

OTHER = "93.184.215.77"


def undeclared(found: dict[str, object]) -> set[str]:
    return {target for target, finding in found.items() if finding.status == "warn"}  # type: ignore[attr-defined]


async def test_no_wildcard(dns: Dns) -> None:
    await dns.start()
    assert (await dns.check("dns.wildcard"))["*.example.com"].status == "pass"


@pytest.mark.parametrize("record", [f"A {APEX}", "AAAA 2606:2800:21f::1", "CNAME gone.host.net."])
async def test_wildcard(dns: Dns, record: str) -> None:
    await dns.start({**HEALTHY, "*": [record]})
    finding = (await dns.check("dns.wildcard"))["*.example.com"]
    assert finding.status == "warn"
    assert "*.example.com" in finding.fix
    assert (await dns.check("dns.wildcard", wildcard=True))["*.example.com"].status == "pass"


async def test_a_wildcard_of_text_alone_resolves_nothing(dns: Dns) -> None:
    await dns.start({**HEALTHY, "*": ["TXT hello"]})
    assert (await dns.check("dns.wildcard"))["*.example.com"].status == "pass"


async def test_a_resolver_that_makes_names_up_is_no_wildcard(dns: Dns) -> None:
    await dns.start()
    regular = dns.world.resolver._regular

    def search_page(query: Message) -> Message:
        reply = regular(query)
        if reply.rcode() == 3 and query.question[0].rdtype == 1:
            reply.set_rcode(0)
            text = f"{query.question[0].name} 60 IN A 198.41.0.66"
            reply.answer = dns_rrset(text)
        return reply

    dns.world.resolver._regular = search_page  # type: ignore[method-assign]
    assert (await dns.check("dns.wildcard"))["*.example.com"].status == "pass"
    assert set(await dns.check("dns.subdomain-undeclared")) == {"mail.example.com"}


def dns_rrset(text: str) -> list[dns.rrset.RRset]:
    name, ttl, _, kind, value = text.split()
    return [dns.rrset.from_text(name, int(ttl), "IN", kind, value)]


async def test_wildcard_cannot_be_told(dns: Dns) -> None:
    await dns.start()
    dns.world.resolver.says("SERVFAIL")
    assert (await dns.check("dns.wildcard"))["example.com"].status == "error"


async def test_found_by_usual_labels(dns: Dns) -> None:
    await dns.start({**HEALTHY, "staging": [f"A {OTHER}"], "admin": ["AAAA 2606:2800:21f::1"], "blog": ["TXT x"]})
    found = await dns.check("dns.subdomain-undeclared")
    assert undeclared(found) == {"staging.example.com", "admin.example.com", "mail.example.com"}
    assert found["staging.example.com"].evidence[0] == "met in the usual labels"
    assert "mail.example.com" in {t for t in found if "MX" in found[t].evidence[0]}
    found = await dns.check("dns.subdomain-undeclared", subdomains=["staging", "admin", "mail"])
    assert undeclared(found) == set()
    assert found["example.com"].status in ("pass", "info")


async def test_named_by_the_user_is_declared(dns: Dns) -> None:
    await dns.start({"@": HEALTHY["@"][:3], "app": [f"A {OTHER}"], "shop": [f"A {OTHER}"], "api": [f"A {OTHER}"]})
    found = await dns.check(
        "dns.subdomain-undeclared",
        canonical="https://app.example.com/",
        campaign_urls=("https://shop.example.com/spring",),
        routes=(Route("https://api.example.com/health"),),
    )
    assert undeclared(found) == set()


async def test_found_by_mail_records(dns: Dns) -> None:
    await dns.start(
        {
            "@": [
                *HEALTHY["@"][:3],
                "MX 10 mx9.example.com.",
                'TXT "v=spf1 a:out.example.com include:_spf.example.com -all"',
            ],
            "_dmarc": ['TXT "v=DMARC1; p=reject; rua=mailto:d@reports.example.com,mailto:d@else.example.org"'],
            "_smtp._tls": ['TXT "v=TLSRPTv1; rua=https://tlsrpt.example.com/in"'],
            **{name: [f"A {OTHER}"] for name in ("mx9", "out", "_spf", "reports", "tlsrpt", "unmentioned")},
        }
    )
    found = await dns.check("dns.subdomain-undeclared")
    assert undeclared(found) == {f"{name}.example.com" for name in ("mx9", "out", "reports", "tlsrpt")}
    assert found["reports.example.com"].evidence[0] == "met in the DMARC record"


async def test_found_by_the_certificate_the_page_and_its_policy(dns: Dns) -> None:
    await dns.start({**HEALTHY, **{name: [f"A {OTHER}"] for name in ("secret", "img", "track")}})
    names = ("example.com", "www.example.com", "secret.example.com", "*.wild.example.com")
    html = '<title>x</title><img src="//img.example.com/a.png"><a href="https://gone.example.com/">gone</a>'
    policy = ("content-security-policy", "default-src 'self' https://track.example.com *.example.com")
    await dns.world.web(APEX, lambda request: page(html, policy), dns.world.authority.issue(*names))
    found = await dns.check("dns.subdomain-undeclared", subdomains=["mail"])
    assert undeclared(found) == {f"{name}.example.com" for name in ("secret", "img", "track")}
    assert "the certificate of example.com" in found["secret.example.com"].evidence[0]
    assert "the homepage" in found["img.example.com"].evidence[0]
    assert "its content security policy" in found["track.example.com"].evidence[0]


async def test_names_that_a_wildcard_makes_are_not_found(dns: Dns) -> None:
    await dns.start({"@": HEALTHY["@"][:3], "*": [f"A {OTHER}"], "staging": ["A 93.184.215.99"]})
    assert undeclared(await dns.check("dns.subdomain-undeclared", wildcard=True)) == {"staging.example.com"}


async def test_aliases_that_a_wildcard_makes_are_not_found(dns: Dns) -> None:
    await dns.start({"@": HEALTHY["@"][:3], "*": ["CNAME lb.host.net."], "docs": ["CNAME docs.host.net."]})
    dns.world.zone("host.net", {"lb": [f"A {OTHER}"], "docs": [f"A {OTHER}"]})
    assert undeclared(await dns.check("dns.subdomain-undeclared")) == {"docs.example.com"}


async def test_a_declared_wildcard_sets_its_names_aside(dns: Dns) -> None:
    await dns.start({"@": HEALTHY["@"], "*": [f"A {OTHER}"], "app": ["A 93.184.215.99"], "www": [f"A {OTHER}"]})
    async with dns.world.network() as network:
        subject = Subject.of("example.com", subdomains=["tenant", "app"], wildcard=True)
        assert await public_names(Facts(subject, network)) == ("example.com", "www.example.com", "app.example.com")
        subject = Subject.of("example.com", subdomains=["tenant", "app"])
        assert "tenant.example.com" in await public_names(Facts(subject, network))


async def test_a_missing_domain_is_another_check(dns: Dns) -> None:
    await dns.start()
    dns.world.resolver.zones.remove(dns.zone)
    dns.com.set("example", "NS")
    (finding,) = (await dns.check("dns.subdomain-undeclared")).values()
    assert finding.status == "skipped"
    assert (await dns.check("dns.subdomain-broken", subdomains=["app"]))["app.example.com"].status == "skipped"


async def test_usual_labels_cost_one_question_each(dns: Dns) -> None:
    await dns.start()
    async with dns.world.network() as network:
        await dns.check("dns.subdomain-undeclared", network=network)
        asked = [name for name, rdtype in dns.world.resolver.queries if rdtype == "AAAA"]
        assert "staging.example.com" not in asked
        assert network.counters.dns_queries == network.counters.dns_questions


@pytest.mark.parametrize("records", [{}, {"app": ["TXT hello"]}])
async def test_declared_and_broken(dns: Dns, records: dict[str, list[str]]) -> None:
    await dns.start({**HEALTHY, **records})
    finding = await dns.check("dns.subdomain-broken", subdomains=["app", "mail"])
    assert finding["app.example.com"].status == "fail"
    assert finding["mail.example.com"].status == "pass"


async def test_an_https_record_yields_an_address(dns: Dns) -> None:
    await dns.start({**HEALTHY, "app": ["HTTPS 1 . ipv4hint=93.184.215.14"]})
    assert (await dns.check("dns.subdomain-broken", subdomains=["app"]))["app.example.com"].status == "pass"


async def test_nothing_declared(dns: Dns) -> None:
    await dns.start()
    assert (await dns.check("dns.subdomain-broken"))["example.com"].status == "skipped"


async def test_declared_and_unknown(dns: Dns) -> None:
    await dns.start()
    dns.world.resolver.says("SERVFAIL", "app.example.com", "*")
    assert (await dns.check("dns.subdomain-broken", subdomains=["app"]))["app.example.com"].status == "error"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("https://API.example.com/x", {"api.example.com"}),
        ("a.b.example.com.", {"a.b.example.com"}),
        ("see x.example.com, y.example.com", {"x.example.com", "y.example.com"}),
        ("mailto:me@news.example.com", {"news.example.com"}),
        ("notexample.com example.com www-example.com", set()),
        ("x.example.com.evil.org x.example.community x.example.com-mart.org", set()),
        ("_dmarc.example.com -x.example.com x-.example.com", set()),
        ("..x.example.com", {"x.example.com"}),
        (f"{'a' * 64}.example.com", set()),
    ],
)
def test_names_in_text(text: str, names: set[str]) -> None:
    assert names_under("example.com", text) == names


@given(st.text(alphabet="ab.-_ %/example.com", max_size=300))
def test_names_in_any_text(text: str) -> None:
    assert all(name.endswith(".example.com") for name in names_under("example.com", text))


def test_names_in_a_hostile_text_take_linear_time() -> None:
    assert names_under("example.com", "a." * 500_000 + ".example.com" * 20_000) == set()
    assert names_under("example.com", "x.example.com " * 50_000) == {"x.example.com"}
