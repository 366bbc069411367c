"""The hand-made ClientHello, judged by a real TLS library, and the reader of what servers answer."""

from __future__ import annotations

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.web.tls.client_hello import client_hello
from checks.web.tls.server_hello import Alert, Chosen, NotTls, read_answer
from checks.web.tls.versions import Version, version_of
from launchready_tui.lab.certificates import Authority, Issued

pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")

LABELS = ["TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"]


@pytest.fixture(scope="module", params=["ec", "rsa2048"])
def issued(request: pytest.FixtureRequest, authority: Authority) -> Issued:
    return authority.issue("www.example.com", key=request.param)


def answer_of_openssl(
    hello: bytes, issued: Issued, tmp_path_factory: pytest.TempPathFactory, *, curve: str = "", **bounds: Version
) -> bytes:
    folder = tmp_path_factory.mktemp("tls")
    (folder / "chain.pem").write_bytes(issued.pem)
    (folder / "key.pem").write_bytes(issued.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion(bounds.get("minimum", Version.TLS_1_0))
    context.maximum_version = ssl.TLSVersion(bounds.get("maximum", Version.TLS_1_3))
    context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    if curve:
        context.set_ecdh_curve(curve)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(incoming, outgoing, server_side=True)
    incoming.write(hello)
    try:
        server.do_handshake()
    except ssl.SSLError:
        pass
    return outgoing.read()


@pytest.mark.parametrize("version", Version, ids=LABELS)
def test_openssl_chooses_the_one_version_offered(
    version: Version, issued: Issued, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sent = answer_of_openssl(client_hello(version, "www.example.com"), issued, tmp_path_factory)
    assert read_answer(sent) == Chosen(version)


@pytest.mark.parametrize("version", Version, ids=LABELS)
def test_openssl_refuses_a_version_that_it_does_not_speak(
    version: Version, issued: Issued, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bounds = {"maximum": Version.TLS_1_2} if version is Version.TLS_1_3 else {"minimum": Version(version + 1)}
    sent = answer_of_openssl(client_hello(version, "www.example.com"), issued, tmp_path_factory, **bounds)
    assert read_answer(sent) == Alert("protocol_version")


def test_a_hello_retry_request_counts_as_its_version(issued: Issued, tmp_path_factory: pytest.TempPathFactory) -> None:
    sent = answer_of_openssl(client_hello(Version.TLS_1_3, "x.example"), issued, tmp_path_factory, curve="secp384r1")
    assert read_answer(sent) == Chosen(Version.TLS_1_3)
    assert bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891") in sent


def test_an_address_is_never_sent_as_server_name() -> None:
    assert b"www.example.com" in client_hello(Version.TLS_1_2, "www.example.com")
    assert b"192.0.2.1" not in client_hello(Version.TLS_1_2, "192.0.2.1")


def record(kind: int, body: bytes) -> bytes:
    return bytes([kind, 3, 3]) + len(body).to_bytes(2, "big") + body


def server_hello(version: int, extensions: bytes | None = None) -> bytes:
    body = version.to_bytes(2, "big") + bytes(32) + b"\x00" + b"\xc0\x2f\x00"
    if extensions is not None:
        body += len(extensions).to_bytes(2, "big") + extensions
    return b"\x02" + len(body).to_bytes(3, "big") + body


HELLO = server_hello(0x0303)


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (record(22, HELLO), Chosen(0x0303)),
        (record(22, HELLO[:7]) + record(22, HELLO[7:]), Chosen(0x0303)),
        (record(22, server_hello(0x0303, b"\x00\x2b\x00\x02\x03\x04")), Chosen(0x0304)),
        (record(22, server_hello(0x0303, b"\x00\x17\x00\x00\x00\x2b\x00\x02\x03\x04")), Chosen(0x0304)),
        (record(22, server_hello(0x0300)), Chosen(0x0300)),
        (record(21, b"\x02\x46"), Alert("protocol_version")),
        (record(21, b"\x02\x28"), Alert("handshake_failure")),
        (record(21, b"\x02\xfe"), Alert("alert 254")),
        (record(21, b"\x01\x00"), Alert("close_notify")),
        (record(21, b"\x01\x70") + record(22, HELLO), Chosen(0x0303)),
        (record(21, b"\x01\x70"), None),
        (b"HTTP/1.1 400 Bad Request\r\n", NotTls()),
        (b"220 mail.example.com ESMTP\r\n", NotTls()),
        (record(22, b"\x0b\x00\x00\x04abcd"), NotTls()),
        (record(22, b"\x02\x00\x00\x04abcd"), NotTls()),
        (record(21, b"\x02"), NotTls()),
        (b"\x16\x03\x03\xff\xff", NotTls()),
        (record(22, HELLO)[:-1], None),
        (b"", None),
    ],
)
def test_answers_are_read(data: bytes, answer: object) -> None:
    assert read_answer(data) == answer


@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda body: record(22, server_hello(0x0303, body))))
def test_no_bytes_make_the_reader_raise(data: bytes) -> None:
    read_answer(data)


def test_versions_are_named_as_openssl_and_people_name_them() -> None:
    assert [version.label for version in Version] == LABELS
    assert version_of("TLSv1") is Version.TLS_1_0
    assert version_of("SSLv3") is None
