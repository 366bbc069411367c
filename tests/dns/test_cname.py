"""Aliases: where they lead, what stands beside them, and who could claim their end."""

from __future__ import annotations

import pytest
from dns.message import Message

from checks.dns.hosted_services import service_of
from launchready_tui.lab.web_server import Reply, page, redirect
from tests.dns.conftest import APEX, HEALTHY, Dns


async def test_healthy(dns: Dns) -> None:
    await dns.start({**HEALTHY, "app": ["CNAME lb.host.net."]})
    dns.world.zone("host.net", {"lb": ["CNAME lb-1.eu"], "lb-1.eu": [f"A {APEX}"]})
    for check_id in ("dns.cname-broken", "dns.takeover", "dns.cname-conflict"):
        found = await dns.check(check_id, subdomains=["app"])
        assert {finding.status for finding in found.values()} == {"pass"}, found
    assert (
        "app.example.com -> lb.host.net -> lb-1.eu.host.net"
        in (await dns.check("dns.cname-broken", subdomains=["app"]))["app.example.com"].evidence
    )


@pytest.mark.parametrize(
    ("target", "word"),
    [
        ("gone.host.net.", "does not exist"),
        ("mute.host.net.", "has no address"),
        ("gone.nowhere.org.", "does not exist"),
    ],
)
async def test_dangling(dns: Dns, target: str, word: str) -> None:
    await dns.start({**HEALTHY, "www": [f"CNAME {target}"], "app": [f"CNAME {target}"]})
    dns.world.zone("host.net", {"mute": ["TXT nothing"]})
    found = await dns.check("dns.cname-broken", subdomains=["app"])
    for name in ("www.example.com", "app.example.com"):
        assert found[name].status == "fail"
        assert word in found[name].summary
        assert f"{name} -> {target.rstrip('.')}" in found[name].evidence
    # The root cause is reported, not its echoes.
    assert (await dns.check("dns.www-missing"))["www.example.com"].status == "skipped"
    assert (await dns.check("dns.subdomain-broken", subdomains=["app"]))["app.example.com"].status == "skipped"
    assert (await dns.check("dns.takeover", subdomains=["app"]))["app.example.com"].status == "pass"


async def test_dangling_apex(dns: Dns) -> None:
    await dns.start({"@": [*HEALTHY["@"][:2], "CNAME gone.host.net."]})
    assert (await dns.check("dns.cname-broken"))["example.com"].status == "fail"
    assert (await dns.check("dns.apex-address-missing"))["example.com"].status == "skipped"


@pytest.mark.parametrize("follows", [True, False], ids=["SERVFAIL", "as it is"])
async def test_loop(dns: Dns, follows: bool) -> None:
    await dns.start({**HEALTHY, "www": ["CNAME web.example.com."], "web": ["CNAME www.example.com."]})
    if not follows:
        # Some resolvers hand the circle out.
        def whole(query: Message, reply: Message) -> Message:
            reply.set_rcode(0)
            return reply

        for name in ("www.example.com", "web.example.com"):
            dns.world.resolver.twist(name, "A", whole)
            dns.world.resolver.twist(name, "AAAA", whole)
    finding = (await dns.check("dns.cname-broken"))["www.example.com"]
    assert finding.status == "fail"
    assert "leads back" in finding.summary


@pytest.mark.parametrize(("steps", "status"), [(8, "pass"), (9, "fail")])
async def test_length(dns: Dns, steps: int, status: str) -> None:
    chain = {f"s{n}": [f"CNAME s{n + 1}"] for n in range(1, steps)}
    await dns.start({**HEALTHY, "www": ["CNAME s1"], **chain, f"s{steps}": [f"A {APEX}"]})
    assert (await dns.check("dns.cname-broken"))["www.example.com"].status == status


async def test_a_long_chain_that_the_resolver_refuses(dns: Dns) -> None:
    chain = {f"s{n}": [f"CNAME s{n + 1}"] for n in range(1, 12)}
    await dns.start({**HEALTHY, "www": ["CNAME s1"], **chain, "s12": [f"A {APEX}"]})
    for name in ("www", *(f"s{n}" for n in range(1, 12))):
        for rdtype in ("A", "AAAA"):
            dns.world.resolver.says("SERVFAIL", f"{name}.example.com", rdtype)
    assert (await dns.check("dns.cname-broken"))["www.example.com"].status == "fail"


async def test_the_end_cannot_be_asked(dns: Dns) -> None:
    await dns.start({**HEALTHY, "www": ["CNAME lb.host.net."]})
    dns.world.resolver.says("SERVFAIL", "www.example.com", "A")
    dns.world.resolver.says("SERVFAIL", "www.example.com", "AAAA")
    dns.world.resolver.says("SERVFAIL", "lb.host.net", "*")
    assert (await dns.check("dns.cname-broken"))["www.example.com"].status == "error"


async def test_an_alias_of_a_public_name_without_address_is_not_what_is_wrong(dns: Dns) -> None:
    await dns.start({"@": [line for line in HEALTHY["@"] if not line.startswith("A ")], "www": ["CNAME example.com."]})
    assert (await dns.check("dns.apex-address-missing"))["example.com"].status == "fail"
    assert (await dns.check("dns.cname-broken"))["www.example.com"].status == "skipped"
    assert (await dns.check("dns.www-missing"))["www.example.com"].status == "skipped"


async def test_a_name_for_mail_needs_no_address(dns: Dns) -> None:
    await dns.start({**HEALTHY, "send": ["CNAME u1.sender.net."], "bounce": ["MX 10 feedback.sender.net."]})
    dns.world.zone("sender.net", {"u1": ["MX 10 mx.sender.net.", 'TXT "v=spf1 -all"']})
    assert (await dns.check("dns.cname-broken", subdomains=["send"]))["send.example.com"].status == "info"
    assert (await dns.check("dns.subdomain-broken", subdomains=["bounce"]))["bounce.example.com"].status == "info"


async def test_a_name_that_visitors_type_needs_one_whatever_mail_it_has(dns: Dns) -> None:
    await dns.start({**HEALTHY, "www": ["CNAME u1.sender.net."]})
    dns.world.zone("sender.net", {"u1": ["MX 10 mx.sender.net."]})
    assert (await dns.check("dns.cname-broken"))["www.example.com"].status == "fail"


async def test_conflict_at_the_apex(dns: Dns) -> None:
    await dns.start({"@": [*HEALTHY["@"][:2], "CNAME lb.host.net.", "MX 10 mail.example.com."]})
    dns.world.zone("host.net", {"lb": [f"A {APEX}"]})
    finding = (await dns.check("dns.cname-conflict"))["example.com"]
    assert finding.status == "fail"
    assert "MX, NS, SOA" in finding.summary
    assert "ALIAS" in finding.fix


@pytest.mark.parametrize("record", ['TXT "v=spf1 -all"', 'CAA 0 issue "letsencrypt.org"', "HTTPS 1 . alpn=h2"])
async def test_conflict_below(dns: Dns, record: str) -> None:
    await dns.start({**HEALTHY, "www": ["CNAME example.com.", record]})
    finding = (await dns.check("dns.cname-conflict"))["www.example.com"]
    assert finding.status == "fail"
    assert f"({record.partition(' ')[0]})" in finding.summary


async def test_a_server_that_keeps_silent_on_newer_types_has_no_conflict(dns: Dns) -> None:
    await dns.start()
    for server in (dns.first, dns.second):
        server.silent("www.example.com", "HTTPS")
    assert (await dns.check("dns.cname-conflict"))["www.example.com"].status == "pass"


async def test_conflict_cannot_be_told(dns: Dns) -> None:
    await dns.start()
    dns.first.says("REFUSED")
    dns.second.says("REFUSED")
    assert (await dns.check("dns.cname-conflict"))["www.example.com"].status == "error"


async def test_a_name_in_a_zone_of_its_own(dns: Dns) -> None:
    await dns.start({**HEALTHY, "app": ["NS ns1.dns-host.net."]})
    zone = dns.world.zone("app.example.com", {"@": ["NS ns1.dns-host.net.", f"A {APEX}"]})
    dns.first.zones.append(zone)
    assert (await dns.check("dns.cname-conflict", subdomains=["app"]))["app.example.com"].status == "pass"


# -------------------------------------------------------------------- takeover


async def test_unclaimed_by_name(dns: Dns) -> None:
    await dns.start({**HEALTHY, "shop": ["CNAME harbor.azurewebsites.net."]})
    dns.world.zone("azurewebsites.net", {"@": ["TXT x"]})
    finding = (await dns.check("dns.takeover", subdomains=["shop"]))["shop.example.com"]
    assert finding.status == "fail"
    assert "delete shop.example.com CNAME harbor.azurewebsites.net" in finding.fix
    assert (await dns.check("dns.cname-broken", subdomains=["shop"]))["shop.example.com"].status == "skipped"
    assert (await dns.check("dns.subdomain-broken", subdomains=["shop"]))["shop.example.com"].status == "skipped"


async def test_a_forgotten_alias_is_found_by_its_usual_label(dns: Dns) -> None:
    await dns.start({**HEALTHY, "staging": ["CNAME harbor.azurewebsites.net."]})
    assert (await dns.check("dns.takeover"))["staging.example.com"].status == "fail"
    undeclared = await dns.check("dns.subdomain-undeclared")
    assert "staging.example.com" not in undeclared


async def test_a_wildcard_that_leads_to_an_unclaimed_service_hands_over_every_name(dns: Dns) -> None:
    await dns.start({**HEALTHY, "*": ["CNAME harbor.azurewebsites.net."]})
    azure = dns.world.zone("azurewebsites.net", {"@": ["TXT x"]})
    found = await dns.check("dns.takeover", wildcard=True)
    assert {target for target, finding in found.items() if finding.is_problem} == {"*.example.com"}
    assert "delete *.example.com CNAME harbor.azurewebsites.net" in found["*.example.com"].fix
    azure.add("harbor", "A 20.40.202.1")
    assert (await dns.check("dns.takeover", wildcard=True))["*.example.com"].status == "pass"


@pytest.mark.parametrize("secure", [True, False], ids=["https", "http"])
@pytest.mark.parametrize(
    ("body", "status"),
    [("<h1>404</h1><p>There isn&#39;t a GitHub Pages site here.</p>", "fail"), ("<h1>Our shop</h1>", "pass")],
)
async def test_unclaimed_by_page(dns: Dns, secure: bool, body: str, status: str) -> None:
    await dns.start({**HEALTHY, "shop": ["CNAME harbor.github.io."]})
    dns.world.zone("github.io", {"harbor": ["A 185.199.108.153"]})
    certificate = dns.world.authority.issue("*.github.io") if secure else None
    await dns.world.web("185.199.108.153", lambda request: page(body, status=404), certificate)
    finding = (await dns.check("dns.takeover", subdomains=["shop"]))["shop.example.com"]
    assert finding.status == status


async def test_a_common_text_needs_its_status(dns: Dns) -> None:
    await dns.start({**HEALTHY, "status": ["CNAME stats.uptimerobot.com."]})
    dns.world.zone("uptimerobot.com", {"stats": ["A 69.162.124.227"]})
    await dns.world.web("69.162.124.227", lambda request: page("our error page says: page not found"))
    assert (await dns.check("dns.takeover", subdomains=["status"]))["status.example.com"].status == "pass"


@pytest.mark.parametrize(
    ("service", "answer", "status"),
    [
        ("launchrock.com", page("", status=500), "fail"),
        ("launchrock.com", page("Our shop"), "pass"),
        ("helprace.com", redirect("https://helprace.com/", 301), "fail"),
        ("helprace.com", redirect("https://help.example.com/en", 301), "pass"),
        ("helprace.com", redirect("/en", 301), "pass"),
        ("helprace.com", page("Ask us"), "pass"),
    ],
)
async def test_unclaimed_by_status_alone(dns: Dns, service: str, answer: Reply, status: str) -> None:
    await dns.start({**HEALTHY, "help": [f"CNAME harbor.{service}."]})
    dns.world.zone(service, {"harbor": ["A 185.199.108.153"]})
    await dns.world.web("185.199.108.153", lambda request: answer, dns.world.authority.issue("help.example.com"))
    assert (await dns.check("dns.takeover", subdomains=["help"]))["help.example.com"].status == status


async def test_a_page_that_cannot_be_read(dns: Dns) -> None:
    await dns.start({**HEALTHY, "shop": ["CNAME harbor.github.io."]})
    dns.world.zone("github.io", {"harbor": ["A 185.199.108.153"]})
    assert (await dns.check("dns.takeover", subdomains=["shop"]))["shop.example.com"].status == "error"


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("bucket.s3.amazonaws.com", "Amazon S3"),
        ("bucket.s3-website-eu-west-1.amazonaws.com", "Amazon S3"),
        ("bucket.s3-website.eu-central-1.amazonaws.com", "Amazon S3"),
        ("bucket.s3.eu-west-1.amazonaws.com", "Amazon S3"),
        ("Harbor.GitHub.io.", "GitHub Pages"),
        ("shops.myshopify.com", "Shopify"),
        ("x.vercel-dns-016.com", "Vercel"),
        ("github.io.attacker.example", None),
        ("notgithub.io", None),
        ("d111.cloudfront.net", None),
        ("lb.elb.amazonaws.com", None),
        ("io", None),
    ],
)
def test_services_by_suffix(target: str, name: str | None) -> None:
    found = service_of(target)
    assert (found.name if found else None) == name
