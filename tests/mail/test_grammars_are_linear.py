"""No text that a stranger publishes makes a grammar slow: its time grows as the text does, and not as its square."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checks.mail import bimi, mta_sts, tls_rpt
from checks.mail.auth_results import parse_auth_results
from checks.mail.dkim import canonical
from checks.mail.dkim.key import foreign, parse_key
from checks.mail.dkim.signature import parse_signature
from checks.mail.dmarc.record import meant_as_dmarc, parse_record
from checks.mail.message import parse_message
from checks.mail.seeds.imap import Folder
from checks.mail.spf import parse as parse_spf
from checks.mail.spf.grammar import parse_explanation
from tests.growth import assert_linear
from tests.mail.seeds.pasted import judge_pasted

PIECES = [" ", "=", ";", ":", "a=b;", "v=DMARC1;", "p=", "mailto:a@b,", "a.", "-", "\r\n", "\r\n ", "\\", '"', "(", "@"]


def _bodies(text: str) -> None:
    message = parse_message(text.encode())
    for method in ("simple", "relaxed"):
        canonical.body(text.encode(), method)
        for field in message.fields:
            canonical.header(field.raw, method)
            canonical.without_signature(field.raw)


GRAMMARS: dict[str, Callable[[str], object]] = {
    "dkim key": lambda text: (parse_key(f"v=DKIM1; p={text}"), foreign(text)),
    "dkim signature": parse_signature,
    "dmarc": lambda text: (parse_record(f"v=DMARC1; p=none; rua={text}"), meant_as_dmarc(text)),
    "mta-sts record": mta_sts.record_errors,
    "mta-sts policy": lambda text: mta_sts.parse_policy(f"version: STSv1\nmx: {text}\n{text}: x").covers(text),
    "spf": lambda text: (parse_spf(f"v=spf1 {text}"), parse_spf(f"v=spf1 exists:{text}")),
    "spf explanation": parse_explanation,
    "authentication-results": parse_auth_results,
    "tls-rpt": lambda text: tls_rpt.record_errors(f"v=TLSRPTv1; rua={text}"),
    "bimi": bimi.record_errors,
    "message": _bodies,
    "pasted": lambda text: judge_pasted(f"Received: by {text}\nFrom: {text}\nTo: {text}", "example.com"),
    "imap name": lambda text: Folder(text, frozenset()).shown,
}


@pytest.mark.parametrize("name", GRAMMARS)
@pytest.mark.parametrize("piece", PIECES)
def test_grammar(name: str, piece: str) -> None:
    assert_linear(GRAMMARS[name], piece)
