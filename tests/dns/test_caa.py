"""CAA: the grammar, the climbing, and whether the issuer in use may go on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.dns.caa_grammar import Property, permission
from launchready_tui.lab.certificates import Authority
from launchready_tui.lab.web_server import page
from tests.dns.conftest import APEX, HEALTHY, Dns

ENCRYPT = "Let's Encrypt"


@pytest.fixture(scope="module")
def encrypt(authority: Authority) -> Authority:
    return Authority(ENCRYPT, parent=authority)


async def site(dns: Dns, issuer: Authority, *caa: str, names: tuple[str, ...] = (), **records: list[str]) -> None:
    await dns.start({**HEALTHY, "@": [*HEALTHY["@"], *caa], **records})
    issued = issuer.issue(*(names or ("example.com", "www.example.com")))
    await dns.world.web(APEX, lambda request: page("<title>x</title>"), issued)


async def test_no_caa(dns: Dns, encrypt: Authority) -> None:
    await site(dns, encrypt)
    found = await dns.check("dns.caa-blocks")
    assert {target: finding.status for target, finding in found.items()} == {
        "example.com": "pass",
        "www.example.com": "pass",
    }


@pytest.mark.parametrize(
    ("records", "status"),
    [
        (['CAA 0 issue "letsencrypt.org"'], "pass"),
        (['CAA 0 issue "LetsEncrypt.org; validationmethods=dns-01"'], "pass"),
        (['CAA 0 issue "digicert.com"', 'CAA 0 issue "letsencrypt.org"'], "pass"),
        (['CAA 0 issue "digicert.com"'], "fail"),
        (['CAA 0 ISSUE "digicert.com"'], "fail"),
        (['CAA 0 issue ";"'], "fail"),
        (['CAA 0 iodef "mailto:x@example.com"'], "pass"),
        (['CAA 0 issuewild "digicert.com"'], "pass"),
        (['CAA 128 futuretag "x"', 'CAA 0 issue "letsencrypt.org"'], "fail"),
        (['CAA 0 futuretag "x"'], "pass"),
    ],
)
async def test_apex(dns: Dns, encrypt: Authority, records: list[str], status: str) -> None:
    await site(dns, encrypt, *records)
    found = await dns.check("dns.caa-blocks")
    assert found["example.com"].status == status
    assert found["www.example.com"].status == status
    if status == "fail" and "future" not in records[0]:
        assert found["www.example.com"].fix.endswith('add: example.com CAA 0 issue "letsencrypt.org"')


@pytest.mark.parametrize(
    ("issuer", "identity"),
    [("DigiCert Inc", "digicert.com"), ("Sectigo Limited", "sectigo.com"), ("Amazon", "amazon.com")],
)
async def test_the_fix_names_the_authority_and_none_of_its_brands(
    dns: Dns, authority: Authority, issuer: str, identity: str
) -> None:
    await site(dns, Authority(issuer, parent=authority), 'CAA 0 issue "letsencrypt.org"')
    finding = (await dns.check("dns.caa-blocks"))["example.com"]
    assert finding.fix.endswith(f'add: example.com CAA 0 issue "{identity}"')


async def test_the_nearest_set_speaks(dns: Dns, encrypt: Authority) -> None:
    records = {"www": [f"A {APEX}", 'CAA 0 issue "letsencrypt.org"']}
    await site(dns, encrypt, 'CAA 0 issue "digicert.com"', **records)
    found = await dns.check("dns.caa-blocks")
    assert (found["example.com"].status, found["www.example.com"].status) == ("fail", "pass")


async def test_the_target_of_an_alias_speaks_and_is_not_climbed(dns: Dns, encrypt: Authority) -> None:
    await site(
        dns,
        encrypt,
        www=["CNAME lb.host.net."],
        app=["CNAME lb.other.net."],
        names=("www.example.com", "app.example.com"),
    )
    dns.world.zone("host.net", {"lb": [f"A {APEX}", 'CAA 0 issue "digicert.com"']})
    dns.world.zone("other.net", {"@": ['CAA 0 issue "digicert.com"'], "lb": [f"A {APEX}"]})
    found = await dns.check("dns.caa-blocks", subdomains=["app"])
    assert found["www.example.com"].status == "fail"
    assert found["app.example.com"].status == "pass"


@pytest.mark.parametrize(
    ("records", "status"),
    [
        (['CAA 0 issue "letsencrypt.org"', 'CAA 0 issuewild ";"'], "fail"),
        (['CAA 0 issue "digicert.com"', 'CAA 0 issuewild "letsencrypt.org"'], "pass"),
        (['CAA 0 issue "letsencrypt.org"'], "pass"),
    ],
)
async def test_a_wildcard_certificate(dns: Dns, encrypt: Authority, records: list[str], status: str) -> None:
    await site(dns, encrypt, *records, names=("*.example.com",))
    assert (await dns.check("dns.caa-blocks"))["www.example.com"].status == status


async def test_an_unknown_issuer_is_told_not_judged(dns: Dns, authority: Authority) -> None:
    await site(dns, authority, 'CAA 0 issue "digicert.com"')
    finding = (await dns.check("dns.caa-blocks"))["example.com"]
    assert finding.status == "info"
    assert "Launch Ready Lab Root" in finding.summary


async def test_cannot_tell(dns: Dns, encrypt: Authority) -> None:
    await site(dns, encrypt)
    dns.world.resolver.says("SERVFAIL", "example.com", "CAA")
    found = await dns.check("dns.caa-blocks")
    assert {finding.status for finding in found.values()} == {"error"}


async def test_no_certificate_no_verdict(dns: Dns) -> None:
    await dns.start()
    found = await dns.check("dns.caa-blocks")
    assert {finding.status for finding in found.values()} == {"skipped"}


@pytest.mark.parametrize(
    ("value", "issuer"),
    [
        ("ca.example", "ca.example"),
        ("  CA.example  ; policy=ev", "ca.example"),
        (";", ""),
        ("", ""),
        ("%%%%%", ""),
        ("-bad.example", ""),
        ("ca.example policy=ev", ""),
    ],
)
def test_issue_values(value: str, issuer: str) -> None:
    assert Property(0, "issue", value).issuer == issuer


@given(st.lists(st.builds(Property, st.integers(0, 255), st.text(max_size=12), st.text(max_size=40)), max_size=5))
def test_any_records_give_a_permission(records: list[Property]) -> None:
    for wildcard in (True, False):
        made = permission(records, wildcard=wildcard)
        assert not (made.allows(frozenset()) and made.restricted)
